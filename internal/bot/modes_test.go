package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/signoff"
)

// requested are those who are asked for a review on GitHub.
func (w *world) requested(number int) (logins []string) {
	w.t.Helper()
	var asked struct{ Users []struct{ Login string } }
	w.shown(fmt.Sprintf("pulls/%d/requested_reviewers", number), &asked)
	for _, u := range asked.Users {
		logins = append(logins, u.Login)
	}
	return logins
}

// remarks is how many of ours stand on lines of a pull request.
func (w *world) remarks(number int) int {
	w.t.Helper()
	var all []struct{}
	w.shown(fmt.Sprintf("pulls/%d/comments?per_page=100", number), &all)
	return len(all)
}

// TestModes proposes the same in each mode, and as a draft: what blocks, and who hears
// of it.
func TestModes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mode       string
		draft      bool
		conclusion githubtest.Conclusion
		signed     githubtest.Conclusion
		told       bool // by a comment, a request and remarks
	}{
		{"observe", false, "neutral", "neutral", false},
		{"warn", false, "neutral", "success", true},
		{"enforce", true, "action_required", "success", false},
	} {
		t.Run(fmt.Sprintf("%s, draft %t", test.mode, test.draft), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.base = w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Set the mode", Files: map[string]string{
				".github/barraiser.yml": strings.Replace(policy, "mode: enforce", "mode: "+test.mode, 1),
			}})
			head := w.commit(githubtest.Commit{Branch: "edge", Pusher: "ann-k", Message: "Use the store", Parents: []string{w.base}, Files: edge})
			number, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "ann-k", Title: "Use the store", Head: "edge", Draft: test.draft})
			must(t, err)
			w.concludes(head, test.conclusion)
			w.state(number, signoff.Awaiting)
			w.done()
			told := func() bool {
				t.Helper()
				comment, asked, remarks := w.sticky(number), w.requested(number), w.remarks(number)
				if n := len(asked); n > 1 || remarks > 5 || (comment == "") != (n == 0) || (comment == "") != (remarks == 0) {
					t.Errorf("%d are asked, with %d remarks and the comment %q", n, remarks, comment)
				}
				return comment != ""
			}
			if got := told(); got != test.told {
				t.Errorf("told is %t, want %t", got, test.told)
			}
			if test.draft {
				ready := false
				must(t, w.hub.EditPull(repo, number, "ann-k", githubtest.Edit{Draft: &ready}))
				w.until("somebody is asked when it is ready", func() bool { return len(w.requested(number)) > 0 })
				w.done()
				if !told() {
					t.Error("nobody is told when it is ready")
				}
			}
			w.approve(number, "maria-k")
			w.state(number, signoff.SignedOff)
			w.concludes(head, test.signed)
			w.done()
			if asked := w.requested(number); len(asked) > 0 {
				t.Errorf("%q are asked still, though it is signed off", asked)
			}
		})
	}
}

// TestPolicyEdited edits the policy while pull requests are open, and nothing else
// happens: they are looked at by the new one, also where nobody told us of the edit.
// What is pushed elsewhere is no reason to look.
func TestPolicyEdited(t *testing.T) {
	t.Parallel()
	w := newOpenWorld(t)
	edit := func(text string) {
		t.Helper()
		w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Edit the policy", Files: map[string]string{".github/barraiser.yml": text}})
	}
	edit(strings.Replace(policy, "mode: enforce", "mode: observe", 1))
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost)) // from here on the branch is accounted for
	number, head := w.forbidden()
	w.concludes(head, "neutral")
	w.state(number, signoff.Awaiting)
	w.done()

	edit(policy)
	w.concludes(head, "action_required")
	w.approve(number, "maria-k")
	w.concludes(head, "success")
	w.done()
	looks := w.pull(number).Wanted
	w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Elsewhere", Files: map[string]string{"README": "Payments.\n"}})
	w.commit(githubtest.Commit{Branch: "topic", Pusher: "sam-r", Message: "Try a policy", Files: map[string]string{".github/barraiser.yml": policy + "budget: 1h\n"}})
	must(t, w.hub.Wait(t.Context()))
	w.done()
	if got := w.pull(number).Wanted; got != looks {
		t.Errorf("%d looks more, though its policy is the same", got-looks)
	}

	w.hub.SetFaults(githubtest.Faults{Drop: 1})
	edit(strings.Replace(policy, "pool: [maria-k, jo-b, ann-k]", "pool: [jo-b]", 1))
	must(t, w.hub.Wait(t.Context()))
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost))
	w.concludes(head, "action_required")
}

// TestLeaves takes who signed out of the team that may. Nothing happens to the pull
// request, and within the hour it asks another.
func TestLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.hub.AddTeam("acme", "bar", "maria-k", "jo-b")
	must(t, err)
	w.base = w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Let the team sign", Files: map[string]string{
		".github/barraiser.yml": strings.Replace(policy, "pool: [maria-k, jo-b, ann-k]", `pool: ["@acme/bar"]`, 1),
	}})
	number, head := w.forbidden()
	w.asked(number)
	w.approve(number, "maria-k")
	w.concludes(head, "success")
	w.done()
	must(t, w.hub.RemoveTeamMember("acme", "bar", "maria-k"))
	must(t, w.hub.Wait(t.Context()))
	w.ahead.Store(int64(time.Hour))
	must(t, w.bot.Sweep(t.Context(), bot.SweepStore))
	w.concludes(head, "action_required")
	if asked := w.asked(number); asked != "jo-b" {
		t.Errorf("%s is asked, want jo-b", asked)
	}
}
