package system_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/github/githubtest"
)

// served are the hostile repositories whose changes a server is sent as well: they
// end the judge by its limits, or leave code that nobody can read.
var served = []string{"H23", "H32", "H36", "H45", "H49", "H52", "H57"}

// TestHostileServer sends a server changes that exhaust the judge or cannot be
// read, and an honest one behind them. What was not read is never green, the honest is
// judged as ever, and at no time is a secret of the server's in the arguments or
// the environment of a judge, nor afterwards in its log.
func TestHostileServer(t *testing.T) {
	t.Parallel()
	w := newKilled(t)
	// The honest change has to be judged in this time, too, ten times of what it takes.
	w.server.env = append(w.server.env, "BARRAISER_JUDGE_TIMEOUT=6s", "BARRAISER_JUDGE_MEMORY="+hostileMemory, "PLANTED="+secretText)
	app := w.hub.App()
	secrets := []string{app.WebhookSecret, strings.Split(string(app.PrivateKeyPEM()), "\n")[3], secretText}
	w.start()
	watch := watchJudges(t, w.server.program, w.server.data, secrets)
	var hostiles []*opened
	unread := map[int]bool{} // numbers of those whose code nobody can read
	for _, h := range all() {
		if !strings.Contains(strings.Join(served, " "), h.id) {
			continue
		}
		files := map[string]string{}
		for name, text := range h.files {
			files["hostile/"+name] = text
		}
		head, err := w.hub.Commit(repo, githubtest.Commit{Branch: h.id, Pusher: "ann-k", Message: h.what, Parents: []string{w.base}, Files: files})
		must(t, err)
		number, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "ann-k", Title: h.what, Head: h.id})
		must(t, err)
		hostiles = append(hostiles, &opened{number: number, head: head})
		unread[number] = slices.Equal(h.exits, incomplete)
	}
	if len(hostiles) != len(served) {
		t.Fatalf("%d of %d hostile changes are there", len(hostiles), len(served))
	}
	w.open(0)
	w.settled()
	for _, p := range hostiles {
		eventually(t, "a hostile change is judged", func() bool { return w.check(p).Conclusion != "" })
		if c := w.check(p); unread[p.number] && c.Conclusion == githubtest.ConclusionSuccess {
			t.Errorf("#%d is green, and was not read", p.number)
		}
	}
	judges, found := watch()
	if judges == 0 && runtime.GOOS == "linux" {
		t.Error("no judge was seen")
	}
	for _, f := range found {
		t.Error(f)
	}
	resp, err := http.Get(w.server.url + "/healthz")
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		t.Errorf("/healthz = %s", resp.Status)
	}
	said := w.server.log.tail(100_000)
	for _, secret := range secrets {
		if strings.Contains(said, secret) {
			t.Errorf("a secret is in the log: %.8s…", secret)
		}
	}
	w.server.stop()
	w.nothingLeft()
}

// watchJudges looks at the processes of a server's judges, where there is a /proc,
// until the function that it returns is called. That one tells how many were seen
// and which secrets were found.
func watchJudges(t *testing.T, program, data string, secrets []string) (stop func() (judges int, found []string)) {
	t.Helper()
	seen, found := map[string]bool{}, map[string]bool{}
	look := func() {
		dirs, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well-formed
		for _, dir := range dirs {
			args, err := os.ReadFile(filepath.Join(dir, "cmdline"))
			if err != nil || !bytes.Contains(args, []byte(program)) || !bytes.Contains(args, []byte("judge")) {
				continue
			}
			env, err := os.ReadFile(filepath.Join(dir, "environ"))
			if err != nil || !bytes.Contains(env, []byte(data)) {
				continue
			}
			seen[dir] = true
			for _, secret := range secrets {
				if bytes.Contains(args, []byte(secret)) || bytes.Contains(env, []byte(secret)) {
					found["a judge was told a secret: "+secret[:8]+"…"] = true
				}
			}
		}
	}
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				look()
			}
		}
	})
	return func() (int, []string) {
		close(done)
		watching.Wait()
		var all []string
		for f := range found {
			all = append(all, f)
		}
		return len(seen), all
	}
}
