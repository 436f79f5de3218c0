package bot

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/barraiser/barraiser/internal/crash"
	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// DESIGN
//
// What stands on GitHub and changes with the state, the check and the comment, is
// noted with a hash of what it shows, and put only where that is another one. The
// note and the request cannot be one step. So the note is given up before something
// else is sent: until it is noted what came of it, nobody knows which of the two
// GitHub shows, since the answer may be lost, or we die. If the state then goes back
// to what was noted, it is put all the same.
//
// One request can come late: we stand still after the lane was ours, another takes
// us for dead and shows what is newer, and then we go on. Of all that we write only
// a green check does harm, and so we look once more after each.

// sending stands where the hash of what is posted does while something else is on
// its way. It is the hash of nothing.
const sending = "sending"

// unsure notes that something else may be shown from now on than what is noted.
func (b *Bot) unsure(ctx context.Context, posted store.Posted) error {
	if posted.Hash == sending {
		return nil
	}
	posted.Hash, posted.At = sending, b.Now()
	return b.Store.PutPosted(ctx, posted)
}

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
	if posted.Remote != "" { // else it is put in any case
		if err := b.unsure(ctx, posted); err != nil {
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

// secondLook is how long the look after a green check may take. It reads the store.
const secondLook = 10 * time.Second

// stillGreen looks at the records once more after a green check was sent, whatever
// came of it. Where they do not come to green any more the check is put once more,
// after ours. It looks also where we are told to stop: that our lane was given to
// another is just when it matters.
func (b *Bot) stillGreen(ctx context.Context, e signoff.Effect) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), secondLook)
	defer stop()
	rows, err := b.Store.AtHead(ctx, e.Subject.Repository, e.Commit)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Subject.Kind != signoff.PullRequest || row.Record.State == signoff.NotGoverned || row.Record.Conclusion() == signoff.Success {
			continue
		}
		return b.Store.Doubt(ctx, b.Jobs, b.Now(), store.Doubt{
			Kind: store.PostedCheck, Scope: checkScope(e.Subject.Repository, e.Commit), Name: report.CheckName, Put: e,
		})
	}
	return nil
}

func (b *Bot) putComment(ctx context.Context, e signoff.Effect, brief report.Brief) error {
	body, show := report.Comment(brief)
	scope := e.Subject.Key()
	posted, err := b.posted(ctx, store.PostedComment, scope, "")
	if err != nil {
		return err
	}
	first := posted.Remote == ""
	if !show && first && posted.Hash != sending {
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
	posted.Kind, posted.Scope = store.PostedComment, scope
	if err := b.unsure(ctx, posted); err != nil {
		return err
	}
	id, err := b.Host.PutComment(ctx, e.Subject.Installation, brief.Pull.Repo, brief.Pull.Number, github.Comment{
		Marker: report.Marker(e.Subject), Body: body, Known: known, Make: first && show, Again: show && worse(posted, brief.Record),
	})
	if err != nil {
		return err
	}
	crash.At("comment sent, not saved")
	if first && id == 0 { // the one that was on its way did not arrive, and is not needed any more
		return b.Store.RemovePosted(ctx, store.PostedComment, scope, "")
	}
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
