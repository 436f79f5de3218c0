package bot

import (
	"context"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
)

// DESIGN
//
// A merge queue builds a commit of the branch and the pull requests before and up
// to one, a merge group, and waits for the required checks of that commit. Nobody
// signs off a group: what is asked is whether its last pull request may go in, and
// GitHub takes a pull request out of the queue when its head moves. So the group
// shows what the pull request shows. Should a sign-off be taken back while it is in
// the queue, the group turns red with it.
//
// Those before it have groups of their own, with checks of their own.

// queued puts the check of the merge group that waits for the pull request, with
// each look, so that what changes reaches it.
func (l *look) queued() []signoff.Effect {
	if !l.in.Pull.Open || !l.in.Governed || !l.in.OptedIn {
		return nil
	}
	group := ""
	for _, f := range l.in.Facts {
		switch f.Kind {
		case signoff.Queued:
			group = f.Commit
		case signoff.Pushed, signoff.Retargeted: // out of the queue
			group = ""
		}
	}
	if group == "" {
		return nil
	}
	return []signoff.Effect{{Kind: signoff.PutGroupCheck, Subject: l.subject, Commit: group, Head: l.in.Pull.Head}}
}

// putGroupCheck shows on a merge group where its pull request stands.
func (b *Bot) putGroupCheck(ctx context.Context, e signoff.Effect, brief report.Brief) error {
	if brief.Record.Head != e.Head || brief.Record.State == signoff.NotGoverned {
		return nil // it is not what is in the queue
	}
	check := report.GroupCheck(brief, e.Commit)
	if check.Conclusion == signoff.Success {
		fresh, err := b.stillThere(ctx, []report.Brief{brief})
		if err != nil || !fresh {
			return err
		}
	}
	return b.postCheck(ctx, e.Subject.Installation, brief.Pull.Repo, check, brief.Record)
}
