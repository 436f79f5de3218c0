package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// Notifier tells people. Told twice of one effect it tells once, and of one week a
// channel once.
type Notifier interface {
	Notify(ctx context.Context, brief report.Brief, e signoff.Effect) error
	Digest(ctx context.Context, installation int64, channel string, d report.Digest) error
}

// performers has a row for each kind of effect.
var performers = map[signoff.EffectKind]func(b *Bot, ctx context.Context, e signoff.Effect, brief report.Brief) error{
	signoff.PutCheck:       (*Bot).putCheck,
	signoff.PutConfigCheck: (*Bot).putConfigCheck,
	signoff.PutGroupCheck:  (*Bot).putGroupCheck,
	signoff.PutComment:     (*Bot).putComment,
	signoff.PutReviewers:   (*Bot).putReviewers,
	signoff.PutInline:      (*Bot).putInline,
	signoff.TellReaction:   (*Bot).tellReaction,
	signoff.TellReply:      (*Bot).tellReply,
	signoff.TellNotice:     (*Bot).tellNotice,
}

// Perform does one effect. Done twice, nothing changes the second time.
func (b *Bot) Perform(ctx context.Context, e signoff.Effect) error {
	perform, ok := performers[e.Kind]
	if !ok {
		return fmt.Errorf("perform %q: no such effect", e.Kind)
	}
	if e.Kind != signoff.TellNotice {
		access, err := b.Store.Access(ctx, e.Subject)
		if err != nil {
			return fmt.Errorf("perform %s of %s: %w", e.Kind, e.Subject.Key(), err)
		}
		switch access {
		case store.Withdrawn:
			return nil
		case store.Suspended:
			return &suspendedError{until: b.Now().Add(suspension)}
		}
	}
	brief, err := b.Brief(ctx, e.Subject)
	if err != nil {
		return fmt.Errorf("perform %s of %s: %w", e.Kind, e.Subject.Key(), err)
	}
	err = perform(b, ctx, e, brief)
	if gone(err) { // the pull request, the repository or our access to it
		b.log.Warn("nothing to perform on any more", "effect", e.Kind, "subject", e.Subject.Key(), "error", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("perform %s of %s: %w", e.Kind, e.Subject.Key(), err)
	}
	return nil
}

// suspension is how long an effect waits until it is looked whether the App is
// still suspended.
const suspension = 5 * time.Minute

// A suspendedError holds an effect back.
type suspendedError struct{ until time.Time }

func (e *suspendedError) Error() string        { return "the App is suspended there" }
func (e *suspendedError) HoldUntil() time.Time { return e.until }

// putCheck shows where all pull requests stand that have the commit as their
// head. Its lane is the lock under which they are folded.
func (b *Bot) putCheck(ctx context.Context, e signoff.Effect, brief report.Brief) error {
	repo := brief.Pull.Repo
	briefs, err := b.sharers(ctx, e, brief)
	if err != nil {
		return err
	}
	if len(briefs) == 0 {
		return nil // the head has moved on, and the new one has a check of its own
	}
	for i := range briefs {
		if briefs[i].Checkpoint, err = b.covering(ctx, briefs[i].Record); err != nil {
			// That the check is right matters more than the copy that it carries.
			b.log.Error("a check is posted without a checkpoint", "subject", briefs[i].Record.Subject.Key(), "error", err)
		}
	}
	check := report.FoldChecks(briefs)
	if check.Conclusion == signoff.Success {
		fresh, err := b.stillThere(ctx, briefs)
		if err != nil || !fresh {
			return err
		}
	}
	err = b.postCheck(ctx, e.Subject.Installation, repo, check, brief.Record)
	if check.Conclusion == signoff.Success {
		err = errors.Join(err, b.stillGreen(ctx, e))
	}
	return err
}

// covering is the first signed checkpoint over all that the ledger has of a
// record's overrides, so that the check carries a copy out of the machine; empty
// where there is no override.
func (b *Bot) covering(ctx context.Context, rec signoff.Record) (string, error) {
	var entries int64
	for _, o := range rec.Overrides {
		entries = max(entries, o.Entry)
		for _, s := range o.Steps {
			entries = max(entries, s.Entry)
		}
	}
	if entries == 0 {
		return "", nil
	}
	c, err := b.Store.CheckpointOver(ctx, entries)
	if errors.Is(err, store.ErrNotFound) {
		return b.Checkpoint(ctx)
	}
	return c.Note, err
}

// sharers are the briefs of all pull requests that show this check: the open ones
// with the head, for branches that are guarded. Where there is none, the effect's own,
// which has just ended there: what it ended with holds up nobody else.
func (b *Bot) sharers(ctx context.Context, e signoff.Effect, own report.Brief) ([]report.Brief, error) {
	rows, err := b.Store.AtHead(ctx, e.Subject.Repository, e.Commit)
	if err != nil {
		return nil, err
	}
	var briefs []report.Brief
	if own.Record.Head == e.Commit && !own.Record.State.Ended() && own.Record.State != signoff.NotGoverned {
		briefs = append(briefs, own)
	}
	for _, row := range rows {
		if row.Subject == e.Subject || row.Subject.Kind != signoff.PullRequest {
			continue
		}
		brief, err := b.Brief(ctx, row.Subject)
		if errors.Is(err, store.ErrNotFound) {
			// It was not looked at yet, so nobody knows: unknown is never success.
			brief = report.Brief{Record: signoff.Record{Subject: row.Subject, Head: e.Commit, State: signoff.Evaluating, Mode: own.Record.Mode}, Pull: own.Pull}
		} else if err != nil {
			return nil, err
		}
		if brief.Record.State == signoff.NotGoverned {
			continue
		}
		briefs = append(briefs, brief)
	}
	if len(briefs) == 0 && own.Record.Head == e.Commit {
		briefs = append(briefs, own)
	}
	return briefs, nil
}

// movedOff puts the check of the commit that was the head before. It may be that of
// other pull requests, whom this one holds up no more; where it is not, nothing is put.
func (l *look) movedOff(now signoff.Record) []signoff.Effect {
	before := l.row.Record.Head
	if before == "" || before == now.Head {
		return nil
	}
	return []signoff.Effect{{Kind: signoff.PutCheck, Subject: l.subject, Commit: before}}
}

// stillThere reads the pull requests once more before a check turns green. Where
// one is not as it was decided on, it calls for another look.
func (b *Bot) stillThere(ctx context.Context, briefs []report.Brief) (bool, error) {
	for _, brief := range briefs {
		s := brief.Record.Subject
		now, err := b.Host.Pull(ctx, s.Installation, brief.Pull.Repo, s.Number, "")
		if err != nil {
			return false, err
		}
		then := brief.Pull
		edited := len(brief.Record.Described) > 0 && now.Body != then.Body
		if now.Head != then.Head || now.BaseRef != then.BaseRef || now.Open != then.Open || edited {
			return false, b.Store.Raise(ctx, b.Jobs, b.Now(), s)
		}
	}
	return true, nil
}

func (b *Bot) putConfigCheck(ctx context.Context, e signoff.Effect, brief report.Brief) error {
	if brief.Record.Head != e.Commit {
		return nil
	}
	return b.postCheck(ctx, e.Subject.Installation, brief.Pull.Repo, report.ConfigCheck(brief.Problems, e.Commit), brief.Record)
}

func (b *Bot) putInline(ctx context.Context, e signoff.Effect, brief report.Brief) error {
	comments := report.Inline(brief)
	scope := e.Subject.Key()
	var fresh []signoff.InlineComment
	for _, c := range comments {
		posted, err := b.posted(ctx, store.PostedInline, scope, c.Mark)
		if err != nil {
			return err
		}
		if posted.Hash == "" {
			fresh = append(fresh, c)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	became := "there"
	err := b.Host.PutInline(ctx, e.Subject.Installation, brief.Pull.Repo, brief.Pull.Number, brief.Record.Head, fresh)
	if status, ok := errors.AsType[*github.StatusError](err); ok && status.Code == http.StatusUnprocessableEntity {
		// One is on no line of the host's difference. All of them stand in the
		// check as well, so that nothing is lost with these.
		b.log.Warn("remarks on lines refused", "subject", e.Subject.Key(), "error", err)
		became = "refused"
	} else if err != nil {
		return err
	}
	for _, c := range fresh {
		if err := b.Store.PutPosted(ctx, store.Posted{Kind: store.PostedInline, Scope: scope, Name: c.Mark, Hash: became, At: b.Now()}); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bot) tellReaction(ctx context.Context, e signoff.Effect, brief report.Brief) error {
	if e.Comment == 0 {
		return nil // said on a page
	}
	return b.Host.React(ctx, e.Subject.Installation, brief.Pull.Repo, e.Comment, e.Text)
}

func (b *Bot) tellReply(ctx context.Context, e signoff.Effect, brief report.Brief) error {
	_, err := b.Host.Reply(ctx, e.Subject.Installation, brief.Pull.Repo, brief.Pull.Number,
		report.ReplyMarker(e.Subject, e.Fact), report.Reply(brief, e))
	return err
}

func (b *Bot) tellNotice(ctx context.Context, e signoff.Effect, brief report.Brief) error {
	if b.Notifier == nil || e.Notice == nil {
		return nil
	}
	return b.Notifier.Notify(ctx, brief, e)
}
