package git

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestMirrorRefuses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "/tmp/repo", "file:///tmp/repo", "ssh://git@github.com/a/b", "git@github.com:a/b", "ext::sh -c id", "https://",
		"https://user:pw@github.com/a/b", "https://token@github.com/a/b", "https://github.com/a b", "https://github.com/a?x=1",
		"--upload-pack=id", "https://github.com/a\n",
	} {
		if m, err := OpenMirror(t.Context(), t.TempDir(), address); err == nil {
			t.Errorf("OpenMirror(%q) = %v", address, m)
		}
	}
	m := openMirror(t, t.TempDir(), "https://127.0.0.1:1/acme/pay.git")
	for _, sha := range []string{
		"", "main", "HEAD", strings.Repeat("a", 39), strings.Repeat("A", 40), strings.Repeat("a", 40) + "\n", "^" + strings.Repeat("a", 39),
		"--upload-pack=id", strings.Repeat("a", 40) + ":refs/heads/x", strings.Repeat("a", 64),
	} {
		err := m.Fetch(t.Context(), []string{sha}, func() (string, error) { t.Errorf("%q: the credential was asked for", sha); return "", nil })
		if err == nil || !strings.Contains(err.Error(), "no full commit hash") {
			t.Errorf("Fetch(%q) = %v", sha, err)
		}
	}
}

func TestMirrorFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	head := f.commit(files{"x.go": "package x\n"})
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("a redirect was followed to %s, with Authorization %q", r.URL, r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	absent := strings.Repeat("ab", 20)

	for _, test := range []struct {
		name   string
		sha    string
		token  func() (string, error)
		before func(http.ResponseWriter, *http.Request) bool
		change func(*Mirror)
		want   func(error) bool
	}{
		{name: "a commit that is not there", sha: absent, want: func(err error) bool {
			lacking, ok := errors.AsType[*NotOnRemoteError](err)
			return ok && lacking.Commit == absent
		}},
		{name: "no token", token: func() (string, error) { return "", nil }, want: saying("terminal prompts disabled")},
		{name: "the wrong token", token: func() (string, error) { return "ghs_wrongwrongwrong", nil }, want: saying("")},
		{name: "no credential to be had", token: func() (string, error) { return "", errors.New("suspended") }, want: saying("suspended")},
		{name: "a redirect elsewhere", before: func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusFound)
			return true
		}, want: saying("")},
		{name: "an error of the server", before: func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusBadGateway)
			return true
		}, want: saying("502")},
		{name: "a server that is silent", change: func(m *Mirror) { m.FetchTime = 300 * time.Millisecond }, before: func(_ http.ResponseWriter, r *http.Request) bool {
			select {
			case <-r.Context().Done():
			case <-time.After(2 * time.Second): // what git started outlives it for a while
			}
			return true
		}, want: saying("not done after 300ms")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := serveGit(t, f)
			h.first(test.before)
			m := openMirror(t, t.TempDir(), h.address())
			if test.change != nil {
				test.change(m)
			}
			sha, token := test.sha, test.token
			if sha == "" {
				sha = head
			}
			if token == nil {
				token = withToken
			}
			err := m.Fetch(t.Context(), []string{sha}, token)
			if err == nil || !test.want(err) || strings.Contains(err.Error(), mirrorToken) {
				t.Fatalf("Fetch() = %v", err)
			}
			if left := m.unfinished(); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
			// The mirror is as good as before.
			h.first(nil)
			m.FetchTime = time.Minute
			if err := m.Fetch(t.Context(), []string{head}, withToken); err != nil {
				t.Errorf("Fetch() after that = %v", err)
			}
		})
	}
}

func saying(words string) func(error) bool {
	return func(err error) bool { return strings.Contains(err.Error(), words) }
}

// A commit that git would refuse to make, as an attacker can.
func TestMirrorChecksObjects(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	good := f.commit(files{"x.go": "package x\n"})
	blob := f.blob("x")
	tree := f.gitIn("100644 blob "+blob+"\t.git\x00", "mktree", "-z")
	bad := f.git("commit-tree", "-m", "m", tree)
	h := serveGit(t, f)
	m := openMirror(t, t.TempDir(), h.address())
	if err := m.Fetch(t.Context(), []string{bad}, withToken); err == nil {
		t.Error("Fetch() of a tree with .git in it succeeded")
	}
	if err := m.Fetch(t.Context(), []string{good}, withToken); err != nil {
		t.Errorf("Fetch() after that = %v", err)
	}
}

func TestMirrorTooLarge(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	// Bytes that do not compress.
	noise := make([]byte, 0, 8<<20)
	for x := uint64(88172645463325252); len(noise) < cap(noise); {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		noise = append(noise, byte(x>>32))
	}
	head := f.commit(files{"noise": string(noise)})
	h := serveGit(t, f)
	given := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.Config.Handler.ServeHTTP(&drip{ResponseWriter: w, until: given}, r)
	}))
	t.Cleanup(slow.Close)
	m := openMirror(t, t.TempDir(), slow.URL+"/repo/.git")
	m.FetchBytes = 1 << 20
	err := m.Fetch(t.Context(), []string{head}, withToken)
	close(given)
	if large, ok := errors.AsType[*TooLargeError](err); !ok || large.Limit != 1<<20 {
		t.Errorf("Fetch() = %v", err)
	}
	if left := m.unfinished(); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// A drip sends two megabytes, and no more until it is told to: whoever looks at what
// has come has the time that it takes.
type drip struct {
	http.ResponseWriter
	until <-chan struct{}
	sent  int
}

func (d *drip) Write(p []byte) (int, error) {
	n, err := d.ResponseWriter.Write(p)
	if d.sent += n; err != nil || d.sent <= 2<<20 {
		return n, err
	}
	if err := http.NewResponseController(d.ResponseWriter).Flush(); err != nil {
		return n, err
	}
	<-d.until
	return n, errors.New("it was given up")
}
