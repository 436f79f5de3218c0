package engine

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// printer is a change whose findings need facts of the standard library:
// Logf wraps fmt.Sprintf, log.Fatal does not return, ioutil.ReadAll is
// deprecated.
const printer = `
-- base/go.mod --
module ex.com/m

go 1.25
-- base/m.go --
package m
-- head/go.mod --
module ex.com/m

go 1.25
-- head/m.go --
package m

import (
	"errors"
	"io"
	"io/ioutil"
	"log"
)

func F(r io.Reader, p *int) error {
	if p == nil {
		log.Fatal("no p")
	}
	log.Printf("%d", "not a number", *p)
	_, err := ioutil.ReadAll(r)
	return errors.Join(err)
}
`

// TestCache: with the facts of the standard library at hand a job finds what it
// finds without, also where an entry was cut or changed.
func TestCache(t *testing.T) {
	t.Parallel()
	archive := txtar.Parse([]byte(printer))
	cache := t.TempDir()
	judge := func(cache string) string {
		o := testOptions(t, "judge")
		o.Cache = cache
		res, err := Judge(t.Context(), job(t, archive), o)
		if err != nil {
			t.Fatal(err)
		}
		return render(res)
	}
	want := judge("")
	if diff := cmp.Diff(want, judge(cache)); diff != "" {
		t.Errorf("filling the cache changes the result (-without +with):\n%s", diff)
	}
	entries := func() map[string][]byte {
		found := map[string][]byte{}
		files, err := filepath.Glob(filepath.Join(cache, "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if found[f], err = os.ReadFile(f); err != nil {
				t.Fatal(err)
			}
		}
		return found
	}
	filled := entries()
	if len(filled) < 50 {
		t.Fatalf("the cache has %d entries, want those of the standard library", len(filled))
	}
	if diff := cmp.Diff(want, judge(cache)); diff != "" {
		t.Errorf("using the cache changes the result (-without +with):\n%s", diff)
	}

	damage := []func([]byte) []byte{
		func([]byte) []byte { return nil },
		func(b []byte) []byte { return b[:len(b)/2] },
		func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		func(b []byte) []byte { b[0] ^= 1; return b },
	}
	i := 0
	for f, data := range filled {
		if err := os.WriteFile(f, damage[i%len(damage)](data), 0o600); err != nil {
			t.Fatal(err)
		}
		i++
	}
	if diff := cmp.Diff(want, judge(cache)); diff != "" {
		t.Errorf("a damaged cache changes the result (-without +with):\n%s", diff)
	}
	mended := entries()
	for f := range filled {
		if _, err := os.Stat(f); err != nil || len(mended[f]) < 32 {
			t.Errorf("the damaged entry %s was not made again", filepath.Base(f))
		}
	}
}

// TestCacheOfImpact: a job that looks at the impact alone makes no facts, and
// leaves nothing behind that others would take for some.
func TestCacheOfImpact(t *testing.T) {
	t.Parallel()
	j := job(t, txtar.Parse([]byte(printer)))
	judge := func(j Job, cache string) string {
		o := testOptions(t, "judge")
		o.Cache = cache
		res, err := Judge(t.Context(), j, o)
		if err != nil {
			t.Fatal(err)
		}
		return render(res)
	}
	want, cache := judge(j, ""), t.TempDir()
	impact := j
	impact.ImpactOnly = true
	judge(impact, cache)
	if files, err := filepath.Glob(filepath.Join(cache, "*", "*")); err != nil || len(files) < 50 {
		t.Errorf("an impact-only job left %d entries, %v; want those of the standard library's types", len(files), err)
	}
	if diff := cmp.Diff(want, judge(j, cache)); diff != "" {
		t.Errorf("a job after an impact-only one (-alone +after):\n%s", diff)
	}
}

func TestAdopt(t *testing.T) {
	outbox, cache := t.TempDir(), t.TempDir()
	name := "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	for _, f := range []string{name, "..", "short", name + "00", "zz" + name[2:]} {
		if f != ".." {
			if err := os.WriteFile(filepath.Join(outbox, f), []byte(f), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(outbox, "ff"+name[2:])); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if n, err := adopt(outbox, cache); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	files, err := filepath.Glob(filepath.Join(cache, "*", "*"))
	if err != nil || len(files) != 1 || filepath.Base(files[0]) != name {
		t.Errorf("adopted %v, %v; want %s alone", files, err, name)
	}
}

func TestPrune(t *testing.T) {
	cache := t.TempDir()
	now := time.Now()
	for i, name := range []string{"a", "b", "c", "d"} {
		file := filepath.Join(cache, name)
		if err := os.WriteFile(file, make([]byte, 100), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, now, now.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		limit int64
		want  int
	}{{400, 4}, {399, 3}, {250, 2}} {
		if err := prune(cache, tt.limit); err != nil {
			t.Fatal(err)
		}
		left, err := os.ReadDir(cache)
		if err != nil || len(left) != tt.want || left[len(left)-1].Name() != "d" {
			t.Errorf("prune to %d leaves %v, %v; want the %d newest", tt.limit, left, err, tt.want)
		}
	}
}
