// Metamorph rewrites the Go files of a checkout so that they say the same as
// before:
//
//	go run ./scripts/metamorph KIND DIR
//
// KIND is blank, comments, reorder, crlf, unformat, rename (of the files) or
// functions (each unexported one gets another name); see package rewrite. Vendored and generated files and those under testdata stay as they
// are. A review of the checkout against its HEAD must then find nothing
// introduced and nothing repaid: docs/metamorphic.md.
package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/barraiser/barraiser/scripts/metamorph/rewrite"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: metamorph KIND DIR")
	}
	kind, dir := os.Args[1], os.Args[2]
	if kind == "functions" {
		if err := renameFunctions(goFiles(dir)); err != nil {
			log.Fatal(err)
		}
		return
	}
	var changed, kept int
	// The list comes first: a walk would meet the renamed files again.
	for _, file := range goFiles(dir) {
		done, err := rewriteFile(kind, file)
		if err != nil {
			log.Fatalf("%s: %v", file, err)
		}
		if done {
			changed++
		} else {
			kept++
		}
	}
	fmt.Printf("%s: %d files rewritten, %d kept\n", kind, changed, kept)
}

func goFiles(dir string) []string {
	var files []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch base := filepath.Base(name); {
		case err != nil:
			return err
		case d.IsDir() && (base == ".git" || base == "vendor" || base == "testdata"):
			return filepath.SkipDir
		case d.Type().IsRegular() && strings.HasSuffix(base, ".go"):
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	return files
}

func rewriteFile(kind, file string) (done bool, err error) {
	src, err := os.ReadFile(file)
	if err != nil || rewrite.Generated(src) {
		return false, err
	}
	if kind == "rename" {
		dir, base := filepath.Split(file)
		to := dir + rewrite.Rename(base)
		if to == file {
			return false, nil
		}
		if _, err := os.Lstat(to); err == nil {
			return false, fmt.Errorf("%s is there already", to)
		}
		return true, os.Rename(file, to)
	}
	out, err := rewrite.File(kind, src)
	if err != nil {
		return false, err
	}
	if bytes.Equal(out, src) {
		return false, nil
	}
	return true, os.WriteFile(file, out, 0o666)
}

func renameFunctions(names []string) error {
	folders := map[string]map[string][]byte{}
	kept := map[string]bool{}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		dir := filepath.Dir(name)
		if folders[dir] == nil {
			folders[dir] = map[string][]byte{}
		}
		folders[dir][name] = src
		kept[name] = rewrite.Generated(src)
	}
	changed := 0
	for dir, files := range folders {
		out, err := rewrite.RenameFunctions(files, kept)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		for name, src := range out {
			changed++
			if err := os.WriteFile(name, src, 0o666); err != nil {
				return err
			}
		}
	}
	fmt.Printf("functions: %d files rewritten, %d kept\n", changed, len(names)-changed)
	return nil
}
