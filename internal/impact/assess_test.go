package impact

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the want sections of testdata")

func readCases(t testing.TB, file string) (*txtar.Archive, []testCase) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return archive, parseCases(t, archive)
}

// TestTriggers: each trigger has a file of cases, of which some make it fire
// and some are near misses, and each case fires what it wants to and no more.
func TestTriggers(t *testing.T) {
	for _, trigger := range Triggers {
		t.Run(trigger.Name, func(t *testing.T) {
			file := filepath.Join("testdata", trigger.Name+".txtar")
			archive, cases := readCases(t, file)
			fires, silent := 0, 0
			for i, c := range cases {
				assessment := Assess(c.change)
				got := format(assessment)
				if *update {
					setWant(archive, c.name, got)
					cases[i].want = got
				} else if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("Assess(%s) (-want +got):\n%s", c.name, diff)
				}
				if assessment.High != (got != "") {
					t.Errorf("Assess(%s).High = %t, want %t", c.name, assessment.High, got != "")
				}
				if strings.Contains(got, string(trigger.Domain)+" "+trigger.Name) {
					fires++
				} else {
					silent++
				}
			}
			if fires == 0 || silent == 0 {
				t.Errorf("%s has %d cases that fire and %d that do not, want both", file, fires, silent)
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// setWant puts the want section of a case at the case's end.
func setWant(archive *txtar.Archive, name, want string) {
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == name+"/want" })
	if want == "" {
		return // nothing fires
	}
	at := len(archive.Files)
	for i, f := range archive.Files {
		if strings.HasPrefix(f.Name, name+"/") {
			at = i + 1
		}
	}
	archive.Files = slices.Insert(archive.Files, at, txtar.File{Name: name + "/want", Data: []byte(want)})
}

// allCases are those of all triggers.
func allCases(t testing.TB) []testCase {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata has no cases: %v", err)
	}
	var all []testCase
	for _, file := range files {
		if !slices.ContainsFunc(Triggers, func(tr Trigger) bool { return file == filepath.Join("testdata", tr.Name+".txtar") }) {
			t.Errorf("%s is of no trigger", file)
		}
		_, cases := readCases(t, file)
		all = append(all, cases...)
	}
	return all
}
