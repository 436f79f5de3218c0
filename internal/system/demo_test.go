package system_test

import (
	"bufio"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// TestDemo goes the way that "bot demo" tells its visitors: open a pull request, see
// who is asked, try the author's word, sign off, see it green, merge. It knows no more
// than what is printed and what the pages show. The demo asks nothing of any other
// machine.
func TestDemo(t *testing.T) {
	t.Parallel()
	program, err := build()
	must(t, err)
	demo := exec.Command(program, "demo", "--listen", "127.0.0.1:0", "--github", "127.0.0.1:0", "--slack", "127.0.0.1:0")
	demo.Env = append(os.Environ(), outside(t)...)
	demo.Stderr = os.Stderr // it prints nothing there unless something is wrong
	out, err := demo.StdoutPipe()
	must(t, err)
	must(t, demo.Start())
	t.Cleanup(func() {
		must(t, demo.Process.Signal(os.Interrupt))
		if err := demo.Wait(); err != nil {
			t.Errorf("the demo ended with %v when it was told to", err)
		}
	})
	steps := printed(t, out)
	step := regexp.MustCompile(`On (http://\S+) be (\S+), whom you\n.* from the branch (\w+)\.`).FindStringSubmatch(steps)
	if step == nil {
		t.Fatalf("the steps do not say how a pull request is opened:\n%s", steps)
	}
	repository, author, branch := step[1], step[2], step[3]

	as := map[string]*visitor{}
	visit := func(login string) *visitor {
		if as[login] == nil {
			as[login] = newVisitor(t, repository, login)
		}
		return as[login]
	}
	page := visit(author).post("/pulls", url.Values{"title": {"Write statements"}, "head": {branch}, "body": {""}})
	address := regexp.MustCompile(`action="/acme/pay(/pull/\d+)/comment"`).FindStringSubmatch(page)
	if address == nil {
		t.Fatalf("no pull request was opened:\n%s", page)
	}
	pull := address[1]
	var asked, signoff string
	// The check, the comment and the request come one after the other.
	eventually(t, "the page says who is asked, and why", func() bool {
		page = visit(author).get(pull)
		m := regexp.MustCompile(`Sign-off needed from @([\w-]+):`).FindStringSubmatch(page)
		ready := regexp.MustCompile(`/bar signoff [0-9a-f]{7,}`).FindString(page)
		if m == nil || ready == "" {
			return false
		}
		asked, signoff = m[1], ready
		for _, part := range []string{"Merging is blocked", `<span class="tag">` + asked + `</span>`, "forbidden by"} {
			if !strings.Contains(page, part) {
				return false
			}
		}
		return true
	})
	visit(author).post(pull+"/comment", url.Values{"body": {signoff}})
	eventually(t, "the author is refused", func() bool { return strings.Contains(visit(author).get(pull), "confused") })
	if page = visit(author).get(pull); !strings.Contains(page, "Merging is blocked") {
		t.Errorf("an author's word opens the gate:\n%s", page)
	}
	visit(asked).post(pull+"/review", url.Values{"state": {"APPROVED"}, "body": {""}})
	eventually(t, "it can be merged", func() bool {
		page = visit(author).get(pull)
		return strings.Contains(page, "This can be merged")
	})
	head := regexp.MustCompile(`name="sha" value="([0-9a-f]{40})"`).FindStringSubmatch(page)
	if head == nil {
		t.Fatalf("no head to merge:\n%s", page)
	}
	if page = visit(author).post(pull+"/merge", url.Values{"sha": {head[1]}, "method": {"merge"}}); !strings.Contains(page, "Merged.") {
		t.Errorf("not merged:\n%s", page)
	}
}

// outside is the environment of a program whose requests to other machines are refused
// and fail the test. What is on this machine is reached without a proxy.
func outside(t *testing.T) (env []string) {
	t.Helper()
	var mu sync.Mutex
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.Method+" "+r.Host)
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(func() {
		proxy.Close()
		if len(asked) > 0 {
			t.Errorf("other machines are asked: %q", asked)
		}
	})
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		env = append(env, name+"="+proxy.URL, strings.ToLower(name)+"="+proxy.URL)
	}
	return append(env, "NO_PROXY=localhost,127.0.0.1,::1", "no_proxy=localhost,127.0.0.1,::1")
}

// printed is what the demo prints until it waits for visitors.
func printed(t *testing.T, out io.Reader) string {
	t.Helper()
	var all strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		all.WriteString(lines.Text() + "\n")
		if strings.HasSuffix(all.String(), "made up.\n") {
			go func() { _, _ = io.Copy(io.Discard, out) }() // it says no more
			return all.String()
		}
	}
	t.Fatalf("the demo ends before it is ready:\n%s", all.String())
	return ""
}

// A visitor opens pages of the simulated GitHub as one person.
type visitor struct {
	t          *testing.T
	repository string
	client     http.Client
}

func newVisitor(t *testing.T, repository, login string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	v := &visitor{t: t, repository: repository, client: http.Client{Jar: jar}}
	at, err := url.Parse(repository)
	must(t, err)
	v.read(v.client.PostForm(at.Scheme+"://"+at.Host+"/you", url.Values{"login": {login}, "here": {at.Path}}))
	return v
}

func (v *visitor) get(path string) string {
	v.t.Helper()
	return v.read(v.client.Get(v.repository + path))
}

func (v *visitor) post(path string, form url.Values) string {
	v.t.Helper()
	return v.read(v.client.PostForm(v.repository+path, form))
}

func (v *visitor) read(resp *http.Response, err error) string {
	v.t.Helper()
	must(v.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(v.t, err)
	if resp.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %d\n%s", resp.Request.URL, resp.StatusCode, text)
	}
	return string(text)
}
