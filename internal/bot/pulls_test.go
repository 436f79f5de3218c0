package bot_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// TestShared opens two pull requests with one head, for two branches: the check that
// they share is green only while both may go in. One that is closed, or made for a
// branch that nothing guards, or moves on to another head, holds up the other no more.
func TestShared(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.base = w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Guard the releases too", Files: map[string]string{
		".github/barraiser.yml": strings.Replace(policy, "mode:", "governed: [main, release]\nmode:", 1),
	}})
	w.commit(githubtest.Commit{Branch: "release", Pusher: "sam-r", Message: "Release", Parents: []string{w.base}, Files: map[string]string{"RELEASE": "1\n"}})
	number, head := w.forbidden()
	other, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "ann-k", Title: "Use the store in the release", Head: "edge", Base: "release"})
	must(t, err)
	signer, otherSigner := w.asked(number), w.asked(other)
	w.done()

	w.approve(number, signer)
	w.state(number, signoff.SignedOff)
	w.done()
	if c := w.check(head); c.Conclusion != "action_required" || !strings.Contains(c.Output.Summary, "#1") || !strings.Contains(c.Output.Summary, "#2") {
		t.Errorf("one of two is signed off, and the check is %s: %s", c.Conclusion, c.Output.Summary)
	}
	w.approve(other, otherSigner)
	w.concludes(head, "success")
	_, err = w.hub.AddReview(repo, other, githubtest.Review{Author: otherSigner, State: githubtest.ReviewChangesRequested, Body: "not in a release"})
	must(t, err)
	w.concludes(head, "failure")
	open := false
	must(t, w.hub.EditPull(repo, other, "ann-k", githubtest.Edit{Open: &open}))
	w.state(other, signoff.Closed)
	w.concludes(head, "success")

	must(t, w.hub.Push(repo, "ann-k", "twin", head, false))
	w.commit(githubtest.Commit{Branch: "wip", Pusher: "sam-r", Message: "Try", Parents: []string{w.base}, Files: map[string]string{"WIP": "1\n"}})
	third, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "ann-k", Title: "Use the store in the release", Head: "twin", Base: "release"})
	must(t, err)
	w.concludes(head, "action_required")
	for _, base := range []string{"wip", "release"} {
		must(t, w.hub.EditPull(repo, third, "ann-k", githubtest.Edit{Base: &base}))
		w.concludes(head, map[string]githubtest.Conclusion{"wip": "success", "release": "action_required"}[base])
	}
	w.commit(githubtest.Commit{Branch: "twin", Pusher: "ann-k", Message: "Mend", Files: map[string]string{"NOTES": "mended\n"}})
	w.concludes(head, "success")
}

// TestFastForward moves the guarded branch to the head of a pull request that was
// signed off, so that it is the branch's own. Whoever has its check run again then, or
// writes over it, does not have the branch asked where it stands.
func TestFastForward(t *testing.T) {
	t.Parallel()
	w := newOpenWorld(t)
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost)) // from here on the branch is accounted for
	number, head := w.forbidden()
	w.approve(number, w.asked(number))
	w.concludes(head, "success")
	w.done()
	must(t, w.hub.Push(repo, "sam-r", "main", head, false))
	s := w.state(number, signoff.MergedClean).Subject
	s.Kind, s.Number, s.Ref = signoff.Branch, 0, "main"
	w.until("the branch is looked at", func() bool {
		w.ahead.Add(int64(time.Minute)) // GitHub may not know yet which pull request it was
		must(t, w.bot.Sweep(t.Context(), bot.SweepHost))
		row, _, err := w.db.Load(t.Context(), s)
		return err == nil && row.Record.Head == head
	})
	w.done()
	// What was done is not remembered for ever. Then it is found out anew who is asked.
	_, err := w.db.Prune(t.Context(), time.Now().Add(60*24*time.Hour), store.DefaultRetention)
	must(t, err)
	must(t, w.hub.Rerequest(repo, w.check(head).ID, "ann-k"))
	must(t, w.hub.Wait(t.Context()))
	w.done()
	if c := w.check(head); c.Conclusion != "success" || c.Output.Title == "" {
		t.Errorf("the check is %s: %s", c.Conclusion, c.Output.Title)
	}
}

// TestFork proposes from a fork of somebody who may not write here: it is one like
// others, also when the fork is deleted.
func TestFork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.hub.AddUser(githubtest.User{Login: "mallory", Email: "mallory@elsewhere.example"})
	must(t, err)
	_, err = w.hub.Fork(repo, "mallory")
	must(t, err)
	head, err := w.hub.Commit("mallory/pay", githubtest.Commit{Branch: "edge", Pusher: "mallory", Message: "Use the store", Parents: []string{w.base}, Files: edge})
	must(t, err)
	number, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "mallory", Title: "Use the store", Head: "mallory:edge"})
	must(t, err)
	w.concludes(head, "action_required")
	w.refused(w.comment(number, "mallory", "/bar signoff "+head[:8]))
	signer := w.asked(number)
	must(t, w.hub.DeleteRepository("mallory/pay"))
	w.approve(number, signer)
	w.concludes(head, "success")
	_, err = w.hub.MergePull(repo, number, "sam-r", githubtest.Merge{})
	must(t, err)
	w.state(number, signoff.MergedClean)
}

// TestBotProposes has a bot propose what the policy forbids, which somebody has to
// look at, and what changes nothing that matters, which nobody has.
func TestBotProposes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.hub.AddBot(githubtest.User{Login: "renovate[bot]", Email: "49699333+renovate[bot]@users.noreply.github.com"})
	must(t, err)
	must(t, w.hub.SetCollaborator(repo, "renovate[bot]", githubtest.PermissionWrite))
	propose := func(branch string, files map[string]string) (number int, head string) {
		t.Helper()
		head = w.commit(githubtest.Commit{Branch: branch, Pusher: "renovate[bot]", Message: "Update", Parents: []string{w.base}, Files: files})
		number, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "renovate[bot]", Title: "Update", Head: branch})
		must(t, err)
		return number, head
	}
	_, plain := propose("plain", map[string]string{"store/store.go": "package store\n\n// Get gets.\nfunc Get() int { return 2 }\n"})
	number, head := propose("edge", edge)
	w.concludes(plain, "success")
	w.concludes(head, "action_required")
	w.refused(w.comment(number, "sam-r", "/bar signoff "+head[:8]))
	w.approve(number, w.asked(number))
	w.concludes(head, "success")
}

// TestMany proposes more commits, and more files, than GitHub compares: 250 and
// 300. One of the first commits has a co-author, who may not sign then, and the
// file that matters is behind all others.
func TestMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var history strings.Builder // by one git
	for i := range 260 {
		message := "Go on\n"
		if i == 1 {
			message = "Take a suggestion\n\nCo-authored-by: maria-k <7+maria-k@users.noreply.github.com>\n"
		}
		fmt.Fprintf(&history, "commit refs/heads/long\ncommitter ann-k <ann-k@acme.example> %d +0000\ndata %d\n%s", 1_700_000_000+i, len(message), message)
		if i == 0 {
			fmt.Fprintf(&history, "from %s\n", w.base)
		}
		text := fmt.Sprintf("%d\n", i)
		fmt.Fprintf(&history, "M 100644 inline a/%03d\ndata %d\n%s", i, len(text), text)
	}
	for i := range 310 {
		fmt.Fprintf(&history, "M 100644 inline a/wide/%04d\ndata 2\n1\n", i)
	}
	for name, text := range edge {
		fmt.Fprintf(&history, "M 100644 inline %s\ndata %d\n%s", name, len(text), text)
	}
	dir := t.TempDir()
	for _, args := range [][]string{
		{"init", "--quiet", "--bare"}, {"fetch", "--quiet", w.hub.CloneURL(repo), "main:main"}, {"fast-import", "--quiet"},
	} {
		c := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir}, args...)...)
		c.Stdin = strings.NewReader(history.String())
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	must(t, w.hub.Import(repo, dir))
	number, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "ann-k", Title: "Use the store", Head: "long"})
	must(t, err)
	if signer := w.asked(number); signer != "jo-b" {
		t.Errorf("%s is asked, want jo-b", signer)
	}
	head := w.pull(number).Record.Head
	w.refused(w.comment(number, "maria-k", "/bar signoff "+head[:8]))
	w.concludes(head, "action_required")
	w.approve(number, "jo-b")
	w.concludes(head, "success")
}
