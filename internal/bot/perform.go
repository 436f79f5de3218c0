package bot

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/barraiser/barraiser/internal/crash"
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
	return b.postCheck(ctx, e.Subject.Installation, repo, check, brief.Record)
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
// with the head, and the effect's own, which may just have ended there.
func (b *Bot) sharers(ctx context.Context, e signoff.Effect, own report.Brief) ([]report.Brief, error) {
	rows, err := b.Store.AtHead(ctx, e.Subject.Repository, e.Commit)
	if err != nil {
		return nil, err
	}
	var briefs []report.Brief
	if own.Record.Head == e.Commit {
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
	return briefs, nil
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

// sending stands where the hash of a posted check does while another is on its
// way. It is the hash of nothing.
const sending = "sending"

// postCheck puts a check, unless it is there as it is to be.
func (b *Bot) postCheck(ctx context.Context, installation int64, repo signoff.Repo, check signoff.Check, rec signoff.Record) error {
	scope := checkScope(repo.ID, check.Commit)
	posted, err := b.posted(ctx, store.PostedCheck, scope, check.Name)
	if err != nil {
		return err
	}
	by, err := b.repairing(ctx, installation, repo, posted, check)
	if err != nil {
		return err
	}
	if by != "" {
		check = report.Contested(check, by)
	}
	hash, err := hashOf(check)
	if err != nil || posted.Hash == hash {
		return err
	}
	known, err := strconv.ParseInt(cmp.Or(posted.Remote, "0"), 10, 64)
	if err != nil {
		return fmt.Errorf("posted check %q: %w", posted.Remote, err)
	}
	if posted.Remote != "" && posted.Hash != sending {
		// From here until it is noted what came of it, nobody knows which of the two
		// GitHub shows: the answer may be lost, or we die. If the state then goes back
		// to what was posted before, it has to be posted all the same.
		unsure := posted
		unsure.Hash = sending
		if err := b.Store.PutPosted(ctx, unsure); err != nil {
			return err
		}
	}
	shown, err := b.Host.PutCheck(ctx, installation, repo, check, known)
	if err != nil {
		return err
	}
	crash.At("check sent, not saved")
	err = b.Store.PutPosted(ctx, store.Posted{
		Kind: store.PostedCheck, Scope: scope, Name: check.Name, Remote: strconv.FormatInt(shown.ID, 10), Hash: hash, Version: shown.Mark(), At: b.Now(),
	})
	crash.At("check saved")
	return err
}

func (b *Bot) putConfigCheck(ctx context.Context, e signoff.Effect, brief report.Brief) error {
	if brief.Record.Head != e.Commit {
		return nil
	}
	return b.postCheck(ctx, e.Subject.Installation, brief.Pull.Repo, report.ConfigCheck(brief.Problems, e.Commit), brief.Record)
}

func (b *Bot) putComment(ctx context.Context, e signoff.Effect, brief report.Brief) error {
	body, show := report.Comment(brief)
	scope := e.Subject.Key()
	posted, err := b.posted(ctx, store.PostedComment, scope, "")
	if err != nil {
		return err
	}
	if !show && posted.Remote == "" {
		return nil
	}
	hash, err := hashOf(body)
	if err != nil || posted.Hash == hash {
		return err
	}
	known, err := strconv.ParseInt(cmp.Or(posted.Remote, "0"), 10, 64)
	if err != nil {
		return fmt.Errorf("posted comment %q: %w", posted.Remote, err)
	}
	id, err := b.Host.PutComment(ctx, e.Subject.Installation, brief.Pull.Repo, brief.Pull.Number, github.Comment{
		Marker: report.Marker(e.Subject), Body: body, Known: known, Again: show && worse(posted, brief.Record),
	})
	if err != nil {
		return err
	}
	crash.At("comment sent, not saved")
	remote := posted.Remote
	if id != 0 {
		remote = strconv.FormatInt(id, 10)
	}
	err = b.Store.PutPosted(ctx, store.Posted{
		Kind: store.PostedComment, Scope: scope, Remote: remote, Hash: hash, Version: gravity(brief.Record.State), At: b.Now(),
	})
	crash.At("comment saved")
	return err
}

// worse reports whether a comment that a person deleted is made again: only where
// the state has become graver than it was when it was written.
func worse(posted store.Posted, rec signoff.Record) bool { return gravity(rec.State) > posted.Version }

// gravity orders the states in which a comment asks for something.
func gravity(s signoff.State) int64 {
	switch s {
	case signoff.RecommendedAgainst, signoff.ChangesRequestedBy, signoff.MergedUndeclared:
		return 3
	case signoff.Unassigned, signoff.Awaiting:
		return 2
	case signoff.Incomplete, signoff.OverrideDeclared, signoff.Undescribed:
		return 1
	}
	return 0
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

// posted is what was posted, the zero value where nothing was.
func (b *Bot) posted(ctx context.Context, kind store.PostedKind, scope, name string) (store.Posted, error) {
	p, err := b.Store.Posted(ctx, kind, scope, name)
	if errors.Is(err, store.ErrNotFound) {
		return store.Posted{}, nil
	}
	return p, err
}

// hashOf names what is shown.
func hashOf(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}
