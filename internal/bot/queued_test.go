package bot_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/github/githubtest"
)

// group builds a commit that merges a head, as a merge queue does, and says so.
func (w *world) group(number int, head string) string {
	w.t.Helper()
	row := w.pull(number)
	branch := fmt.Sprintf("gh-readonly-queue/main/pr-%d-%s", number, w.base)
	sha := w.commit(githubtest.Commit{Branch: branch, Pusher: "sam-r", Message: "Merge", Parents: []string{w.base, head}, Files: edge})
	body, err := json.Marshal(map[string]any{
		"action": "checks_requested",
		"merge_group": map[string]any{
			"head_sha": sha, "head_ref": "refs/heads/" + branch, "base_sha": w.base, "base_ref": "refs/heads/main",
		},
		"repository":   map[string]any{"id": row.Subject.Repository, "name": "pay", "full_name": repo, "default_branch": "main"},
		"installation": map[string]any{"id": row.Subject.Installation},
		"sender":       map[string]any{"id": 1, "login": "github-merge-queue[bot]", "type": "Bot"},
	})
	must(w.t, err)
	header := http.Header{"Content-Type": {"application/json"}, "X-Github-Event": {"merge_group"}, "X-Github-Delivery": {"group-" + sha[:12]}}
	d, err := github.Decode(header, body, github.Self{}, time.Now())
	must(w.t, err)
	if fresh, err := w.bot.Receive(w.t.Context(), d, body); err != nil || !fresh {
		w.t.Fatalf("Receive() = %v, %v", fresh, err)
	}
	return sha
}

// TestMergeQueue puts a pull request into a merge queue before it may go in: the
// group waits with it, turns green with it, and red where the word is taken back.
// After a push the group is nobody's.
func TestMergeQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	asked := w.asked(number)
	group := w.group(number, head)
	check := w.concludes(group, "action_required")
	if !strings.Contains(check.Output.Title, fmt.Sprintf("#%d", number)) {
		t.Errorf("the title of the group's check is %q, want it to name #%d", check.Output.Title, number)
	}
	w.approve(number, asked)
	w.concludes(head, "success")
	w.concludes(group, "success")
	_, err := w.hub.AddReview(repo, number, githubtest.Review{Author: asked, State: githubtest.ReviewChangesRequested, Body: "It leaks."})
	must(t, err)
	w.concludes(group, "failure")

	pushed := w.commit(githubtest.Commit{Branch: "edge", Pusher: "ann-k", Message: "Mend", Files: map[string]string{
		"pay/more.go": "package pay\n\n// Give gives.\nfunc Give() int { return 1 }\n",
	}})
	w.until("the new head was looked at", func() bool { return w.pull(number).Record.Head == pushed && w.check(pushed).Conclusion != "" })
	w.comment(number, asked, "/bar signoff "+pushed[:8])
	w.concludes(pushed, "success")
	w.done()
	if c := w.check(group); c.Conclusion != "failure" {
		t.Errorf("the group of the old head is %s after the new one was signed off", c.Conclusion)
	}
}
