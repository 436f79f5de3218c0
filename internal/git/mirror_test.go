package git

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const mirrorToken = "ghs_0123456789abcdefghijABCDEFGHIJ012345"

// A host serves repositories as GitHub does: every reachable commit by its hash,
// to who has the token.
type host struct {
	*httptest.Server
	fetches atomic.Int64 // requests for a pack
	before  atomic.Pointer[func(http.ResponseWriter, *http.Request) bool]
}

// first makes a function answer requests before git does, and instead of it
// where it returns true. Requests that git made and gave up may still run.
func (h *host) first(answer func(http.ResponseWriter, *http.Request) bool) { h.before.Store(&answer) }

func serveGit(t *testing.T, f *fixture) *host {
	t.Helper()
	path, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(path)), "git-http-backend"),
		Env: []string{
			"GIT_PROJECT_ROOT=" + filepath.Dir(f.dir), "GIT_HTTP_EXPORT_ALL=1", "HOME=" + os.Getenv("HOME"), "GIT_CONFIG_NOSYSTEM=1",
			// Set for the host, and not in the repository, which several hosts may serve at once.
			"GIT_CONFIG_COUNT=2",
			"GIT_CONFIG_KEY_0=uploadpack.allowAnySHA1InWant", "GIT_CONFIG_VALUE_0=true",
			"GIT_CONFIG_KEY_1=http.receivepack", "GIT_CONFIG_VALUE_1=false",
		},
		InheritEnv: []string{"GIT_CONFIG_GLOBAL", "PATH"},
	}
	h := &host{}
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("x-access-token:"+mirrorToken))
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if before := h.before.Load(); before != nil && *before != nil && (*before)(w, r) {
			return
		}
		if r.Header.Get("Authorization") != want {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/git-upload-pack") {
			h.fetches.Add(1)
		}
		if v := r.Header.Get("Git-Protocol"); v != "" {
			backend := *backend
			backend.Env = append(append([]string(nil), backend.Env...), "GIT_PROTOCOL="+v)
			backend.ServeHTTP(w, r)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *host) address() string { return h.URL + "/repo/.git" }

func openMirror(t *testing.T, dir, address string) *Mirror {
	t.Helper()
	m, err := OpenMirror(t.Context(), dir, address)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mirrorRepo(t *testing.T, m *Mirror) *Repo {
	t.Helper()
	r, err := m.Repo(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func withToken() (string, error) { return mirrorToken, nil }

func TestMirror(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	base := f.commit(files{"go.mod": "module x\n", "x.go": "package x\n"})
	head := f.commit(files{"x.go": "package x\n\nvar A = 1\n"})
	f.git("reset", "--quiet", "--hard", base) // the head is nobody's branch any more
	h := serveGit(t, f)
	dir := filepath.Join(realTempDir(t), "m")
	m := openMirror(t, dir, h.address())

	if err := m.Fetch(t.Context(), []string{head, base, head}, withToken); err != nil {
		t.Fatal(err)
	}
	fetched := h.fetches.Load()
	if fetched == 0 {
		t.Fatal("nothing was fetched: the test proves nothing")
	}
	r := mirrorRepo(t, m)
	tree, err := r.TreeOf(t.Context(), head)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, r, tree)["x.go"]; got != "package x\n\nvar A = 1\n" {
		t.Errorf("x.go = %q", got)
	}
	if written, err := r.WriteTree(t.Context(), tree, t.TempDir(), nil); err != nil || written.Files != 2 {
		t.Errorf("WriteTree() = %+v, %v", written, err)
	}
	if mb, err := r.MergeBase(t.Context(), base, head); mb != base || err != nil {
		t.Errorf("MergeBase() = %s, %v", mb, err)
	}
	if is, err := r.IsAncestor(t.Context(), base, head); !is || err != nil {
		t.Errorf("IsAncestor(base, head) = %v, %v", is, err)
	}
	if is, err := r.IsAncestor(t.Context(), head, base); is || err != nil {
		t.Errorf("IsAncestor(head, base) = %v, %v", is, err)
	}

	// What is there costs neither network nor credential, also after a restart.
	m = openMirror(t, dir, h.address())
	err = m.Fetch(t.Context(), []string{head}, func() (string, error) { return "", errors.New("asked") })
	if err != nil || h.fetches.Load() != fetched {
		t.Errorf("Fetch() again = %v, with %d requests", err, h.fetches.Load()-fetched)
	}

	// A later commit is seen through the open repository.
	next := f.commit(files{"x.go": "package x\n\nvar B = 1\n"})
	if err := m.Fetch(t.Context(), []string{next}, withToken); err != nil {
		t.Fatal(err)
	}
	if _, err := r.TreeOf(t.Context(), next); err != nil {
		t.Errorf("TreeOf(next) = %v", err)
	}

	// The token is nowhere on the disk, and no ref but ours was made.
	for name, text := range onDisk(t, dir, false) {
		if strings.Contains(text, mirrorToken) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte("x-access-token:"+mirrorToken))) {
			t.Errorf("%s holds the token", name)
		}
	}
	refs, err := m.command("for-each-ref", "--format=%(refname)").text(t.Context(), maxLine)
	if want := 3; err != nil || strings.Count(refs, keptRefs) != want || strings.Count(refs, "\n") != want {
		t.Errorf("refs %q, %v", refs, err)
	}
}

// The token is in the environment of git alone: an argument is read by everybody.
func TestMirrorArguments(t *testing.T) {
	t.Parallel()
	m := openMirror(t, t.TempDir(), "https://github.com/acme/pay.git")
	for _, arg := range m.command("fetch", m.remote.String()).args {
		if strings.Contains(arg, mirrorToken) {
			t.Errorf("argument %q", arg)
		}
	}
	env := strings.Join(m.network(mirrorToken), "\n")
	for _, want := range []string{
		"GIT_ALLOW_PROTOCOL=https\n", "=fetch.fsckObjects\n", "=safe.bareRepository\n",
		"=http.https://github.com/acme/pay.git.extraHeader\n",
	} {
		if !strings.Contains(env+"\n", want) {
			t.Errorf("the environment of a fetch lacks %q:\n%s", want, env)
		}
	}
	// Plain http only where the address is of it, and never where it is of https.
	plain := openMirror(t, t.TempDir(), "http://git.example/acme/pay.git").network(mirrorToken)
	if !slices.Contains(plain, "GIT_ALLOW_PROTOCOL=http") {
		t.Errorf("the environment of a fetch by plain http allows another protocol:\n%s", strings.Join(plain, "\n"))
	}
}

// Many who want the same wait for one fetch, also in other processes: a Mirror
// knows of another one only by the lock.
func TestMirrorShared(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	head := f.commit(files{"x.go": "package x\n"})
	h := serveGit(t, f)
	dir := t.TempDir()
	openMirror(t, dir, h.address())
	if err := openMirror(t, t.TempDir(), h.address()).Fetch(t.Context(), []string{head}, withToken); err != nil {
		t.Fatal(err)
	}
	one := h.fetches.Load()

	var asked atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		m := openMirror(t, dir, h.address())
		group.Go(func() {
			err := m.Fetch(t.Context(), []string{head}, func() (string, error) { asked.Add(1); return mirrorToken, nil })
			if err != nil {
				t.Errorf("Fetch() = %v", err)
			}
		})
	}
	group.Wait()
	if asked.Load() != 1 || h.fetches.Load() != 2*one {
		t.Errorf("the credential was asked for %d times, with %d requests of %d for one", asked.Load(), h.fetches.Load()-one, one)
	}

	m := openMirror(t, dir, h.address())
	unlock, err := m.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := m.Fetch(ctx, []string{strings.Repeat("a", 40)}, withToken); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Fetch() of a locked mirror = %v", err)
	}
}

func TestMirrorTidy(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	old := f.commit(files{"x.go": "package x\n"})
	f.git("checkout", "--quiet", "--orphan", "other")
	kept := f.commit(files{"x.go": "package y\n"})
	h := serveGit(t, f)
	m := openMirror(t, t.TempDir(), h.address())
	for _, sha := range []string{old, kept} {
		if err := m.Fetch(t.Context(), []string{sha}, withToken); err != nil {
			t.Fatal(err)
		}
	}
	r := mirrorRepo(t, m)
	if err := m.Tidy(t.Context(), []string{kept}); err != nil {
		t.Fatal(err)
	}
	missing, err := m.missing(t.Context(), []string{old, kept})
	if err != nil || len(missing) != 1 || missing[0] != old {
		t.Errorf("missing() = %q, %v", missing, err)
	}
	// Who reads it still can.
	if _, err := r.TreeOf(t.Context(), old); err != nil {
		t.Errorf("TreeOf(old) = %v", err)
	}
	if err := m.Fetch(t.Context(), []string{old}, withToken); err != nil {
		t.Errorf("Fetch() of what was let go = %v", err)
	}
}

// What a killed git left does not stand in the way for ever.
func TestMirrorSweeps(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	head := f.commit(files{"x.go": "package x\n"})
	h := serveGit(t, f)
	m := openMirror(t, t.TempDir(), h.address())
	lock := filepath.Join(m.gitDir(), filepath.FromSlash(keptRefs), head+".lock")
	pack := filepath.Join(m.gitDir(), "objects", "pack", "tmp_pack_abc")
	ago := time.Now().Add(-time.Hour)
	for _, file := range []string{lock, pack} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Fetch(t.Context(), []string{head}, withToken); err == nil {
		t.Error("Fetch() succeeded past a fresh lock: the test proves nothing")
	}
	for _, file := range []string{lock, pack} {
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, ago, ago); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Fetch(t.Context(), []string{head}, withToken); err != nil {
		t.Errorf("Fetch() = %v", err)
	}
}
