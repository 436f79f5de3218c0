// Command mutate-signoff plants each of the bugs of
// internal/signoff/testdata/mutants and says which test finds it:
//
//	go run ./scripts/mutate-signoff [-histories N] [NAME…]
//
// Nothing in the tree is changed: the go command is given the changed files as an
// overlay. A bug that no test finds ends the command with 1.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const pkg = "internal/signoff"

func main() {
	histories := flag.Int("histories", 3000, "random histories that each bug has to live through")
	flag.Parse()
	if err := run(*histories, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "mutate-signoff:", err)
		os.Exit(1)
	}
}

func run(histories int, only []string) error {
	files, err := filepath.Glob(filepath.Join(pkg, "testdata", "mutants", "*.txtar"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no mutants below %s: run it at the root of the module", pkg)
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	alive := 0
	fmt.Println("| bug | invariant | planted | found by | seconds |\n|---|--:|---|---|--:|")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		if len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		m, err := read(file)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		start := time.Now()
		by, err := m.test(dir, histories)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if by == "" {
			by, alive = "**nothing**", alive+1
		}
		fmt.Printf("| %s | %s | %s | %s | %.0f |\n", name, m.invariant, m.what, by, time.Since(start).Seconds())
	}
	if alive > 0 {
		return fmt.Errorf("%d bugs were not found", alive)
	}
	return nil
}

// A mutant is a bug: files with an old text that is there once, and a new one.
type mutant struct {
	invariant, what string
	files           map[string]string // as they become, by name
}

// read makes a mutant of its file. That is a txtar of one line, and for each
// change a section with the name of a file, "old" and "new".
func read(path string) (mutant, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return mutant{}, err
	}
	m := mutant{files: map[string]string{}}
	parts := regexp.MustCompile(`(?m)^-- (.*) --\n`).Split(string(data), -1)
	names := regexp.MustCompile(`(?m)^-- (.*) --\n`).FindAllStringSubmatch(string(data), -1)
	m.invariant, m.what, _ = strings.Cut(strings.TrimSpace(strings.TrimPrefix(parts[0], "invariant ")), ": ")
	for i := 0; i+2 < len(names); i += 3 {
		name, old, now := names[i][1], strings.TrimSuffix(parts[i+2], "\n"), strings.TrimSuffix(parts[i+3], "\n")
		text := m.files[name]
		if text == "" {
			source, err := os.ReadFile(filepath.Join(pkg, name))
			if err != nil {
				return m, err
			}
			text = string(source)
		}
		if n := strings.Count(text, old); n != 1 {
			return m, fmt.Errorf("%s holds the old text %d times", name, n)
		}
		m.files[name] = strings.Replace(text, old, now, 1)
	}
	return m, nil
}

var failed = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)

// test returns the first tests that fail with the bug, empty where all pass. A
// bug that does not compile is an error.
func (m mutant) test(dir string, histories int) (by string, err error) {
	overlay := map[string]map[string]string{"Replace": {}}
	for name, text := range m.files {
		path, err := filepath.Abs(filepath.Join(pkg, name))
		if err != nil {
			return "", err
		}
		changed := filepath.Join(dir, name)
		if err := os.WriteFile(changed, []byte(text), 0o666); err != nil {
			return "", err
		}
		overlay["Replace"][path] = changed
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o666); err != nil {
		return "", err
	}
	out, err := exec.Command("go", "test", "-vet=off", "-count=1", "-timeout=5m", "-overlay", file, "-run", "Invariants|Scenarios|Fold|Conclusions",
		"./"+pkg, "-histories", strconv.Itoa(histories)).CombinedOutput()
	switch {
	case err == nil:
		return "", nil
	case strings.Contains(string(out), "[build failed]"):
		return "", fmt.Errorf("it does not compile:\n%s", out)
	}
	return found(string(out)), nil
}

// found names the tests that failed, scenarios by their file.
func found(out string) string {
	var names []string
	scenarios := 0
	for _, m := range failed.FindAllStringSubmatch(out, -1) {
		switch depth := strings.Count(m[1], "/"); {
		case depth == 0 && m[1] != "TestScenarios":
			names = append(names, strings.TrimPrefix(m[1], "Test"))
		case depth == 1:
			if scenarios++; scenarios <= 2 {
				names = append(names, strings.TrimPrefix(m[1], "TestScenarios/"))
			}
		}
	}
	if scenarios > 2 {
		names = append(names, fmt.Sprintf("%d more", scenarios-2))
	}
	if len(names) == 0 {
		return "a crash, or no end"
	}
	return strings.Join(names, ", ")
}
