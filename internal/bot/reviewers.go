package bot

import (
	"context"
	"errors"
	"strings"

	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// putReviewers asks for the reviews that are wanted, and takes back requests of
// ours that are not wanted any more. Whom the host does not ask is remembered and
// excluded by the next look.
func (b *Bot) putReviewers(ctx context.Context, e signoff.Effect, brief report.Brief) error {
	scope := e.Subject.Key()
	all, err := b.Store.PostedIn(ctx, store.PostedReviewer, scope)
	if err != nil {
		return err
	}
	before := map[string]string{}
	for _, p := range all {
		before[p.Name] = p.Hash
	}
	wanted := wantedReviewers(brief)
	var ask, withdraw []string
	for login := range wanted {
		if s := before[login]; s == "" || s == sending {
			ask = append(ask, login)
		}
	}
	for login, state := range before {
		if (state == store.Asked || state == sending) && !wanted[login] && requested(brief.Pull, login) {
			withdraw = append(withdraw, login)
		}
	}
	if len(withdraw) > 0 && brief.Pull.Open {
		if err := b.Host.WithdrawReviewers(ctx, e.Subject.Installation, brief.Pull.Repo, brief.Pull.Number, withdraw); err != nil {
			return err
		}
		for _, login := range withdraw {
			if err := b.Store.RemovePosted(ctx, store.PostedReviewer, scope, login); err != nil {
				return err
			}
		}
	}
	return b.askReviewers(ctx, e.Subject, brief, ask)
}

func (b *Bot) askReviewers(ctx context.Context, s signoff.Subject, brief report.Brief, ask []string) error {
	if len(ask) == 0 || !brief.Pull.Open {
		return nil
	}
	for _, login := range ask { // so that it is taken back also where nobody hears that it was done
		if err := b.Store.PutPosted(ctx, store.Posted{Kind: store.PostedReviewer, Scope: s.Key(), Name: login, Hash: sending, At: b.Now()}); err != nil {
			return err
		}
	}
	err := b.Host.RequestReviewers(ctx, s.Installation, brief.Pull.Repo, brief.Pull.Number, ask)
	refused, some := errors.AsType[*github.ReviewersRefusedError](err)
	if err != nil && !some {
		return err
	}
	states := map[string]string{}
	for _, login := range ask {
		states[login] = store.Asked
	}
	if some {
		for _, r := range refused.Refused {
			states[strings.ToLower(r.Login)] = store.Refused
		}
	}
	for login, state := range states {
		if err := b.Store.PutPosted(ctx, store.Posted{Kind: store.PostedReviewer, Scope: s.Key(), Name: login, Hash: state, At: b.Now()}); err != nil {
			return err
		}
	}
	if some {
		return b.Store.Raise(ctx, b.Jobs, b.Now(), s) // somebody else has to be asked
	}
	return nil
}

// wantedReviewers are the logins, in lower case, of those whose answer is waited
// for.
func wantedReviewers(brief report.Brief) map[string]bool {
	out := map[string]bool{}
	if brief.Record.Mode == review.Observe || brief.Pull.Draft {
		return out
	}
	for _, s := range brief.Record.Requirements {
		if s.State != signoff.Awaiting || s.Assigned == nil {
			continue
		}
		out[strings.ToLower(s.Assigned.To.Login)] = true
		if s.Second && s.Assigned.Backup.Login != "" {
			out[strings.ToLower(s.Assigned.Backup.Login)] = true
		}
	}
	delete(out, "")
	return out
}

func requested(p signoff.Pull, login string) bool {
	for _, a := range p.Requested {
		if strings.EqualFold(a.Login, login) {
			return true
		}
	}
	return false
}
