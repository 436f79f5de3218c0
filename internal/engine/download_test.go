package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/goproxytest"
	"golang.org/x/tools/txtar"
)

// TestDownload runs the go command against a real module proxy. Each case is a
// tree of module files with, in its comment, what is to be had afterwards and
// what is to be said.
func TestDownload(t *testing.T) {
	proxy, err := goproxytest.NewServer("testdata/proxy", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	found, err := FindToolchain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/download/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tree := t.TempDir()
			for _, f := range archive.Files {
				name := filepath.Join(tree, filepath.FromSlash(f.Name))
				if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, f.Data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			toolchain := found
			toolchain.ModCache = filepath.Join(t.TempDir(), "mod")
			t.Cleanup(func() { writable(t, toolchain.ModCache) })
			failures, err := Download(t.Context(), tree, DownloadOptions{Toolchain: toolchain, Scratch: t.TempDir(), Proxy: proxy.URL, Timeout: 10 * time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(failures, "\n")
			for line := range strings.Lines(string(archive.Comment)) {
				verb, want, _ := strings.Cut(strings.TrimSpace(line), " ")
				switch verb {
				case "has":
					if _, err := os.Stat(filepath.Join(toolchain.ModCache, filepath.FromSlash(want))); err != nil {
						t.Errorf("Download did not bring %s: %v\n%s", want, err, got)
					}
				case "lacks":
					if _, err := os.Stat(filepath.Join(toolchain.ModCache, filepath.FromSlash(want))); err == nil {
						t.Errorf("Download brought %s", want)
					}
				case "says":
					if !strings.Contains(got, want) {
						t.Errorf("failures = %q, want %q among them", got, want)
					}
				case "silent":
					if got != "" {
						t.Errorf("failures = %q, want none", got)
					}
				default:
					t.Fatalf("unknown line %q", line)
				}
			}
		})
	}
}

// writable lets the test's cleanup remove what the go command made read-only.
func writable(t *testing.T, dir string) {
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(name, 0o700)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Error(err)
	}
}

func TestDownloadRefusesDirect(t *testing.T) {
	for _, proxy := range []string{"direct", "https://proxy.example,direct", "https://proxy.example|direct"} {
		_, err := Download(context.Background(), t.TempDir(), DownloadOptions{Proxy: proxy})
		if err == nil || !strings.Contains(err.Error(), "direct") {
			t.Errorf("Download(proxy %q) = %v, want an error that names direct", proxy, err)
		}
	}
}
