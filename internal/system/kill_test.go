package system_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/github/githubtest"
)

var (
	kills = flag.Int("kills", 13, "how often TestKill kills the server; from 13 on at all points")
	seed  = flag.Uint64("seed", 1, "order and times of the kills")
)

const repo = owner + "/" + name

// points are the moments at which the server is killed: about a request of it to
// GitHub, or a delivery of GitHub to it.
var points = []point{
	{"before a delivery arrives", "POST", "/webhook/github", false, 0},
	{"after the 202", "POST", "/webhook/github", true, 0},
	{"pull request read", "GET", "/repos/acme/pay/pulls/*", true, 0},
	{"before the fetch", "POST", "/acme/pay.git/git-upload-pack", false, 0},
	{"fetched", "POST", "/acme/pay.git/git-upload-pack", true, 0},
	{"in the judgement", "POST", "/acme/pay.git/git-upload-pack", true, time.Second},
	{"before the check is sent", "POST", "/repos/acme/pay/check-runs", false, 0},
	{"check sent and not saved", "POST", "/repos/acme/pay/check-runs", true, 0},
	{"check completed and not saved", "PATCH", "/repos/acme/pay/check-runs/*", true, 0},
	{"comment sent and not saved", "POST", "/repos/acme/pay/issues/*/comments", true, 0},
	{"somebody asked and not saved", "POST", "/repos/acme/pay/pulls/*/requested_reviewers", true, 0},
	{"remarks sent and not saved", "POST", "/repos/acme/pay/pulls/*/reviews", true, 0},
	{"reaction sent and not saved", "POST", "/repos/acme/pay/issues/comments/*/reactions", true, 0},
}

// inOneLife is how often one server is killed. Each kill comes with a pull request
// more, and the requests that five of them take are about what the server allows
// itself at once.
const inOneLife = 4

// TestKill kills servers again and again, each time with a pull request more on
// their hands. What one has begun it has to end: each pull request gets its one
// check, its one comment and its answers, turns green, and not before somebody who
// may has signed it off.
func TestKill(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(*seed, 0))
	order := chance.Perm(len(points))
	var all []point
	for i := range *kills {
		p := points[order[i%len(order)]]
		if i >= len(points) { // somewhere near it, from the second round on
			p.wait += time.Duration(chance.Int64N(int64(2 * time.Second)))
		}
		all = append(all, p)
	}
	for life := range slices.Chunk(all, inOneLife) {
		var names []string
		for _, p := range life {
			names = append(names, p.name)
		}
		t.Run(strings.Join(names, ","), func(t *testing.T) {
			t.Parallel()
			w := newKilled(t)
			for i, p := range life {
				w.start()
				met := w.tap.arm(p, w.server)
				w.open(i)
				w.untilKilled(p, met)
			}
			w.start()
			w.open(len(life))
			w.settled()
			w.server.stop()
			w.nothingLeft()
		})
	}
}

// killed is a server that is killed, and its GitHub.
type killed struct {
	t      *testing.T
	hub    *githubtest.Server
	tap    *tap
	server *server
	base   string
	pulls  []*opened
	token  string // of somebody who reads what GitHub shows
}

// opened is a pull request of the story.
type opened struct {
	number   int
	head     string
	command  int64 // comment
	approved bool
}

func newKilled(t *testing.T) *killed {
	t.Helper()
	hub, err := githubtest.New(githubtest.Options{Dir: t.TempDir()})
	must(t, err)
	t.Cleanup(func() { must(t, hub.Close()) })
	w := &killed{t: t, hub: hub}
	for _, login := range people {
		_, err := hub.AddUser(githubtest.User{Login: login, Name: login, Email: address(login)})
		must(t, err)
	}
	_, err = hub.AddOrg(owner, people...)
	must(t, err)
	_, err = hub.AddRepository(githubtest.Repository{Owner: owner, Name: name})
	must(t, err)
	for _, login := range people {
		must(t, hub.SetCollaborator(repo, login, githubtest.PermissionWrite))
	}
	w.base, err = hub.Commit(repo, githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Begin", Files: begin})
	must(t, err)
	must(t, hub.Protect(repo, githubtest.Rule{RequiredChecks: []githubtest.RequiredCheck{{Name: "bar-raiser", AppID: hub.App().ID}}}))
	_, err = hub.Install(owner)
	must(t, err)
	w.token, err = hub.UserToken("sam-r")
	must(t, err)
	app := hub.App()
	w.tap = newTap(t, hub.URL())
	hub.SetWebhook(w.tap.hook.URL + "/webhook/github")
	w.server = newServer(t, map[string]string{
		"GITHUB_APP_ID": fmt.Sprint(app.ID), "GITHUB_PRIVATE_KEY": string(app.PrivateKeyPEM()), "GITHUB_WEBHOOK_SECRET": app.WebhookSecret,
		"GITHUB_API_URL": w.tap.api.URL + "/", "GITHUB_GIT_URL": w.tap.api.URL + "/", "GITHUB_WEB_URL": hub.URL() + "/",
		"SWEEP_INTERVAL": "2s",
	})
	return w
}

func (w *killed) start() {
	w.t.Helper()
	w.server.start()
	w.tap.aim(w.server.url)
}

// begin starts a server that may be dead before it is ready.
func (w *killed) begin() {
	w.t.Helper()
	if w.server.begin() {
		w.tap.aim(w.server.url)
	}
}

// open opens a pull request that needs a sign-off, and its author tries to give
// it.
func (w *killed) open(i int) {
	w.t.Helper()
	branch := "edge-" + strconv.Itoa(i)
	head, err := w.hub.Commit(repo, githubtest.Commit{Branch: branch, Pusher: "ann-k", Message: "Use the store", Parents: []string{w.base}, Files: map[string]string{
		fmt.Sprintf("pay/use%d.go", i): fmt.Sprintf("package pay\n\nimport \"acme.example/pay/store\"\n\n// Use%[1]d uses.\nfunc Use%[1]d() int { return store.Get() }\n", i),
	}})
	must(w.t, err)
	number, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "ann-k", Title: "Use the store", Head: branch})
	must(w.t, err)
	command, err := w.hub.Comment(repo, number, "ann-k", "/bar signoff "+head[:8])
	must(w.t, err)
	w.pulls = append(w.pulls, &opened{number: number, head: head, command: command})
}

// untilKilled goes on with the story until the server is dead.
func (w *killed) untilKilled(p point, met <-chan struct{}) {
	w.t.Helper()
	defer w.server.kill()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		select {
		case <-met:
			w.t.Logf("killed: %s", p.name)
			return
		default:
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("not killed %s: the moment does not come", p.name)
		}
		w.approve()
	}
}

// approve signs off what waits for it.
func (w *killed) approve() {
	w.t.Helper()
	for _, p := range w.pulls {
		if p.approved || w.check(p).Conclusion != githubtest.ConclusionActionRequired {
			continue
		}
		w.tap.allow(p.head) // before anybody can know of it
		_, err := w.hub.AddReview(repo, p.number, githubtest.Review{Author: "maria-k", State: githubtest.ReviewApproved})
		must(w.t, err)
		p.approved = true
	}
}

// check is the newest of a pull request.
func (w *killed) check(p *opened) githubtest.Check {
	w.t.Helper()
	all, err := w.hub.Checks(repo, p.head)
	must(w.t, err)
	var newest githubtest.Check
	for _, c := range all {
		if c.Name == "bar-raiser" {
			newest = c
		}
	}
	return newest
}

// settled waits until nothing is left to do, and looks at what is there then.
func (w *killed) settled() {
	t := w.t
	t.Helper()
	eventually(t, "all are green", func() bool {
		w.approve()
		for _, p := range w.pulls {
			if w.check(p).Conclusion != githubtest.ConclusionSuccess {
				return false
			}
		}
		return true
	})
	// A delivery that nobody took is asked for again by the next sweep.
	eventually(t, "all commands are answered", func() bool {
		return !slices.ContainsFunc(w.pulls, func(p *opened) bool {
			reactions, err := w.hub.Reactions(repo, p.command)
			must(t, err)
			return !strings.Contains(strings.Join(reactions, ", "), "confused")
		})
	})
	w.idle()
	for _, wrong := range w.tap.wrong() {
		t.Error(wrong)
	}
	for _, p := range w.pulls {
		w.complete(p)
	}
}

// idle waits until all is looked at and performed.
func (w *killed) idle() {
	w.t.Helper()
	eventually(w.t, "nothing waits", func() bool {
		_, metrics, err := ask(w.t.Context(), "GET", w.server.url+"/metrics", "", nil)
		return err == nil && strings.Contains(string(metrics), `barraiser_waiting{kind="effects"} 0`) &&
			strings.Contains(string(metrics), `barraiser_waiting{kind="subjects"} 0`)
	})
}

// complete says what a pull request has too little or too much of.
func (w *killed) complete(p *opened) {
	t := w.t
	t.Helper()
	checks, err := w.hub.Checks(repo, p.head)
	must(t, err)
	if n := len(checks); n > 2 { // one that was in progress may have ended before
		t.Errorf("#%d has %d checks", p.number, n)
	}
	reactions, err := w.hub.Reactions(repo, p.command)
	must(t, err)
	if got := strings.Join(reactions, ", "); strings.Count(got, "confused") != 1 {
		t.Errorf("#%d: reactions to the command = %s, want that it is refused", p.number, got)
	}
	_, text, err := ask(t.Context(), "GET", fmt.Sprintf("%s/repos/%s/issues/%d/comments?per_page=100", w.hub.URL(), repo, p.number), w.token, nil)
	must(t, err)
	var comments []struct {
		Body string
		User struct{ Type string }
	}
	must(t, json.Unmarshal(text, &comments))
	var ours []string
	answers := 0
	for _, c := range comments {
		if c.User.Type == "Bot" {
			ours = append(ours, c.Body)
			if strings.Contains(c.Body, "<!-- barraiser-reply:") {
				answers++
			}
		}
	}
	// The answer to the command, and where the pull request stands: at most once,
	// since there is nothing to say any more where the sign-off came first.
	if stands := len(ours) - answers; answers != 1 || stands > 1 {
		t.Errorf("#%d has %d answers and %d comments of ours:\n%s", p.number, answers, stands, strings.Join(ours, "\n----\n"))
	}
}

// nothingLeft finds the processes and the files of judgements that nobody waits
// for any more.
func (w *killed) nothingLeft() {
	t := w.t
	t.Helper()
	jobs, err := filepath.Glob(filepath.Join(w.server.data, "jobs", "*"))
	must(t, err)
	if len(jobs) > 0 {
		t.Errorf("%d folders of jobs are left: %v", len(jobs), jobs)
	}
	if runtime.GOOS != "linux" {
		return
	}
	eventually(t, "no process is left", func() bool {
		programs, err := filepath.Glob("/proc/[0-9]*/exe")
		must(t, err)
		for _, p := range programs {
			// Those of others cannot be read.
			if target, err := os.Readlink(p); err == nil && target == w.server.program && w.ours(filepath.Dir(p)) {
				return false
			}
		}
		return true
	})
}

// ours reports whether a process works for our server and not for that of another
// test.
func (w *killed) ours(process string) bool {
	env, err := os.ReadFile(filepath.Join(process, "environ"))
	return err == nil && strings.Contains(string(env), w.server.data)
}
