package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// TestDescription: the policy asks for a press release. It is missed, written by an
// edit and quoted, and no code is analysed again for that.
func TestDescription(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Ask for a press release", Files: map[string]string{
		".github/barraiser.yml": policy + "description: {press-release: required}\n",
	}})
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	w.approve(number, w.asked(number))
	row := w.state(number, signoff.Undescribed)
	analysis := row.Record.Analysis
	w.until("the check says what the description needs", func() bool {
		check := w.concludes(head, "action_required")
		return strings.Contains(check.Output.Title, `The description needs "Press release"`)
	})
	body := "## Press release\n\n<img src=x> Customers can pay from the store, and no longer have to go back to their basket.\n"
	must(t, w.hub.EditPull(repo, number, "ann-k", githubtest.Edit{Body: &body}))
	w.concludes(head, "success")
	row = w.state(number, signoff.SignedOff)
	if row.Record.Analysis != analysis {
		t.Errorf("analysis = %s, want %s, which was there before the edit", row.Record.Analysis, analysis)
	}
	brief, err := w.bot.Brief(t.Context(), row.Subject)
	must(t, err)
	if comment, _ := report.Comment(brief); !strings.Contains(comment, "> &lt;img src=x&gt; Customers can pay from the store") {
		t.Errorf("the comment does not quote it:\n%s", comment)
	}
	body = "Never mind."
	must(t, w.hub.EditPull(repo, number, "ann-k", githubtest.Edit{Body: &body}))
	w.concludes(head, "action_required")
}

// TestAwayTeam: who changes another team's code needs one of that team, who says
// so by a command; the work is counted when it is merged.
func TestAwayTeam(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Name the teams", Files: map[string]string{
		".github/barraiser.yml": policy + "away-team: accept\nteams:\n  payments: {members: [ann-k], owns: [\"pay/**\"]}\n  stores: {members: [jo-b], owns: [\"store/**\"]}\n",
	}})
	head := w.commit(githubtest.Commit{Branch: "guest", Pusher: "ann-k", Message: "Get two", Parents: []string{w.base}, Files: map[string]string{
		"store/store.go": "package store\n\n// Get gets.\nfunc Get() int { return 2 }\n",
	}})
	number, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "ann-k", Title: "Get two", Head: "guest"})
	must(t, err)
	w.concludes(head, "action_required")
	if asked := w.asked(number); asked != "jo-b" {
		t.Errorf("asked %s, want one of the owning team", asked)
	}
	w.refused(w.comment(number, "maria-k", "/bar accept "+head[:8]))
	w.comment(number, "jo-b", "/bar accept "+head[:8])
	w.concludes(head, "success")
	_, err = w.hub.MergePull(repo, number, "ann-k", githubtest.Merge{})
	must(t, err)
	w.state(number, signoff.MergedClean)
	got, err := w.db.Contributions(t.Context(), time.Now().Add(-time.Hour), time.Now().Add(time.Hour), "", nil)
	must(t, err)
	if want := []store.Contribution{{From: "payments", Home: "stores", Changes: 1, Files: 1}}; !slices.Equal(got, want) {
		t.Errorf("contributions = %+v, want %+v", got, want)
	}
}
