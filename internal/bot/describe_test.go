package bot_test

import (
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
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
