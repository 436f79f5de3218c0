package engine

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// packJob packs the trees of a job into a folder. Its own folders are then new
// ones, which do not exist.
func packJob(t *testing.T, job Job, dir string) Job {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "trees"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	at := int64(0)
	pack := func(root string) (files []PackedFile) {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			files = append(files, PackedFile{filepath.ToSlash(rel), at, int64(len(data))})
			at += int64(len(data))
			_, err = f.Write(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	job.Packed = &Packed{File: f.Name(), Base: pack(job.Base), Head: pack(job.Head)}
	job.Base, job.Head = filepath.Join(dir, "base"), filepath.Join(dir, "head")
	return job
}

// TestPacked: what is found does not depend on how the trees come, and they are
// written out for the go command alone.
func TestPacked(t *testing.T) {
	t.Parallel()
	o := testOptions(t, "judge")
	o.Cache = t.TempDir()
	folders := job(t, txtar.Parse([]byte(printer)))
	judge := func(job Job) string {
		res, err := Judge(t.Context(), job, o)
		if err != nil {
			t.Fatal(err)
		}
		return render(res)
	}
	packed := packJob(t, folders, o.Scratch)
	want := judge(packed)
	if _, err := os.Stat(filepath.Join(packed.Head, "m.go")); err != nil {
		t.Errorf("the first time the go command was to be asked, in the head's folder: %v", err)
	}
	o.Scratch = t.TempDir()
	if diff := cmp.Diff(want, judge(folders)); diff != "" {
		t.Errorf("trees in folders (-packed +in folders):\n%s", diff)
	}
	o.Scratch = t.TempDir()
	again := packJob(t, folders, o.Scratch)
	if diff := cmp.Diff(want, judge(again)); diff != "" {
		t.Errorf("packed trees with a known listing (-first +second time):\n%s", diff)
	}
	if _, err := os.Stat(again.Head); err == nil {
		t.Error("the head was written out, though the go command had nothing to say")
	}

	o.Scratch = t.TempDir()
	broken := packJob(t, folders, o.Scratch)
	if err := os.Remove(broken.Packed.File); err != nil {
		t.Fatal(err)
	}
	if res, err := Judge(t.Context(), broken, o); err == nil {
		t.Errorf("Judge without the packed file = %+v, want an error", res)
	}
	o.Scratch = t.TempDir()
	if res, err := Judge(t.Context(), again, o); err == nil {
		t.Errorf("Judge with trees packed outside of its scratch folder = %+v, want an error", res)
	}
}
