package system_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const policy = `version: 1
mode: enforce
components:
  pay:   {paths: ["pay/**"], may: []}
  store: {paths: ["store/**"]}
domains:
  architecture: {pool: [maria-k, jo-b, ann-k]}
`

// begin is what the repository holds before anybody changes it.
var begin = map[string]string{
	".github/barraiser.yml": policy,
	"go.mod":                "module acme.example/pay\n\ngo 1.24\n",
	"pay/pay.go":            "package pay\n\n// Pay pays.\nfunc Pay(cents int) int { return cents }\n",
	"store/store.go":        "package store\n\n// Get gets.\nfunc Get() int { return 1 }\n",
}

// An emulated is the server on the emulated GitHub.
type emulated struct {
	*emulator
	tree   *tree
	host   *standIn
	relay  *relay
	server *server
	base   string // commit
}

// newEmulated starts one with settings beside the usual ones, and a policy.
func newEmulated(t *testing.T, policy string, more map[string]string) *emulated {
	t.Helper()
	r := newRelay(t)
	g := &emulated{emulator: newEmulator(t, r.URL), relay: r}
	g.tree = newTree(t, g.emulator)
	g.host = newStandIn(t, g.emulator, g.tree)
	settings := map[string]string{
		"GITHUB_APP_ID": fmt.Sprint(appID), "GITHUB_PRIVATE_KEY": string(g.key), "GITHUB_WEBHOOK_SECRET": hookSecret,
		"GITHUB_API_URL": g.host.URL + "/", "GITHUB_GIT_URL": g.host.URL + "/", "GITHUB_WEB_URL": g.url + "/",
	}
	maps.Copy(settings, more)
	g.server = newServer(t, settings)
	g.server.start()
	r.aim(g.server.url + "/webhook/github")
	for _, login := range people { // members may administer there, and not write
		if status := g.by("sam-r", "PUT", "/collaborators/"+login, map[string]any{"permission": "push"}, nil); status != http.StatusCreated {
			t.Fatalf("let %s write: %d", login, status)
		}
	}
	var main struct{ Object struct{ SHA string } }
	g.by("sam-r", "GET", "/git/ref/heads/main", nil, &main)
	files := maps.Clone(begin)
	files[".github/barraiser.yml"] = policy
	g.base = g.tree.commit("main", "sam-r", "Begin", main.Object.SHA, files)
	g.protect()
	return g
}

// protect requires the check on main.
func (g *emulated) protect() {
	g.t.Helper()
	status := g.by("sam-r", "PUT", "/branches/main/protection", map[string]any{
		"required_status_checks": map[string]any{"strict": false, "contexts": []string{"bar-raiser"}},
		"enforce_admins":         true, "required_pull_request_reviews": nil, "restrictions": nil,
	}, nil)
	if status != http.StatusOK {
		g.t.Fatalf("protect main: %d", status)
	}
}

// unprotect lets anybody merge.
func (g *emulated) unprotect() {
	g.t.Helper()
	if status := g.by("sam-r", "DELETE", "/branches/main/protection", nil, nil); status >= 300 {
		g.t.Fatalf("take the protection of main away: %d", status)
	}
}

type checkRun struct {
	Name, Status, Conclusion string
	Output                   struct{ Title, Summary string }
}

// check is what GitHub shows as the newest check of ours.
func (g *emulated) check(head string) checkRun {
	g.t.Helper()
	var list struct {
		CheckRuns []checkRun `json:"check_runs"`
	}
	g.by("sam-r", "GET", "/commits/"+head+"/check-runs?check_name=bar-raiser", nil, &list)
	if len(list.CheckRuns) == 0 {
		return checkRun{}
	}
	return list.CheckRuns[0]
}

func (g *emulated) concludes(head, want string) checkRun {
	g.t.Helper()
	eventually(g.t, "the check is "+want, func() bool { return g.check(head).Conclusion == want })
	return g.check(head)
}

// comments are those of the App.
func (g *emulated) comments(number int) []string {
	g.t.Helper()
	var all []struct {
		Body string
		User struct{ Login string }
	}
	g.by("sam-r", "GET", fmt.Sprintf("/issues/%d/comments", number), nil, &all)
	var ours []string
	for _, c := range all {
		if c.User.Login == appSlug+"[bot]" {
			ours = append(ours, c.Body)
		}
	}
	return ours
}

// said reports whether the App wrote it in a comment.
func (g *emulated) said(number int, text string) bool {
	g.t.Helper()
	return slices.ContainsFunc(g.comments(number), func(c string) bool { return strings.Contains(c, text) })
}

// TestEmulated is the main road, on a GitHub that others wrote: opened, sent,
// refused by the merge gate, refused to who is not independent, signed off by who
// is asked, merged.
func TestEmulated(t *testing.T) {
	t.Parallel()
	g := newEmulated(t, policy, nil)
	head := g.tree.commit("edge", "ann-k", "Use the store\n\nCo-authored-by: jo-b <"+address("jo-b")+">", g.base, map[string]string{
		"pay/pay.go": "package pay\n\nimport \"acme.example/pay/store\"\n\n// Pay pays.\nfunc Pay(cents int) int { return cents + store.Get() }\n",
	})
	var pull struct{ Number int }
	g.by("ann-k", "POST", "/pulls", map[string]any{"title": "Use the store", "head": "edge", "base": "main"}, &pull)
	merge := fmt.Sprintf("/pulls/%d/merge", pull.Number)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%+v\n%s", g.check(head), strings.Join(g.comments(pull.Number), "\n----\n"))
		}
	})

	check := g.concludes(head, "action_required")
	if !strings.Contains(check.Output.Title, "Sign-off needed") {
		t.Errorf("title = %q", check.Output.Title)
	}
	eventually(t, "maria-k is asked: all others wrote it", func() bool {
		var p struct {
			Requested []struct{ Login string } `json:"requested_reviewers"`
		}
		g.by("sam-r", "GET", fmt.Sprintf("/pulls/%d", pull.Number), nil, &p)
		return len(p.Requested) == 1 && p.Requested[0].Login == "maria-k"
	})
	if status := g.by("ann-k", "PUT", merge, map[string]any{}, nil); status != http.StatusUnprocessableEntity {
		t.Fatalf("merge without a sign-off: %d", status)
	}

	// Who wrote a part of it may not sign, be it by a command or a review.
	var command struct{ ID int64 }
	g.by("jo-b", "POST", fmt.Sprintf("/issues/%d/comments", pull.Number), map[string]any{"body": "/bar signoff " + head[:8]}, &command)
	eventually(t, "the command is refused", func() bool { return g.host.reacted(fmt.Sprintf("%d confused", command.ID)) })
	eventually(t, "the reason is in a comment", func() bool { return g.said(pull.Number, "pushed some of the change") })
	approve := map[string]any{"event": "APPROVE", "commit_id": head}
	g.by("jo-b", "POST", fmt.Sprintf("/pulls/%d/reviews", pull.Number), approve, &struct{}{})
	eventually(t, "the reason is in the check", func() bool { return strings.Contains(g.check(head).Output.Summary, "jo-b") })
	if check := g.check(head); check.Conclusion != "action_required" {
		t.Fatalf("signed off by who wrote it: %+v", check)
	}

	g.by("maria-k", "POST", fmt.Sprintf("/pulls/%d/reviews", pull.Number), approve, &struct{}{})
	g.concludes(head, "success")
	var merged struct{ SHA string }
	g.by("ann-k", "PUT", merge, map[string]any{"sha": head}, &merged)
	var c gitCommit
	g.by("ann-k", "GET", "/git/commits/"+merged.SHA, nil, &c)
	g.tree.take(c)
	for _, event := range g.relay.passed() {
		if !strings.HasSuffix(event, " 202") {
			t.Errorf("delivery: %s", event)
		}
	}
	t.Logf("not found: %q", g.host.missing())
	g.server.stop()
}
