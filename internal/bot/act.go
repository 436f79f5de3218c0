package bot

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// Act takes what a person said on a page or by a button, through the same door
// as a webhook. When it returns without an error the fact is stored; one whose id
// is there already changes nothing.
func (b *Bot) Act(ctx context.Context, s signoff.Subject, f signoff.Fact) error {
	_, err := b.Store.Receive(ctx, b.Jobs, store.Delivery{
		GUID: f.ID, Event: "page", Action: string(f.Kind), Installation: s.Installation, Repository: s.Repository, At: b.Now(),
		Raised: []store.Raised{{Subject: s, Facts: []signoff.Fact{f}}},
	})
	return err
}

// Resend has an effect that fails tried again at once.
func (b *Bot) Resend(ctx context.Context, key string) error { return b.Store.Resend(ctx, b.Jobs, key) }

// Sight says what people may see on the pages, by what GitHub says of them. An
// answer is at most five minutes old.
type Sight struct {
	host Host
	now  func() time.Time

	mu   sync.Mutex
	read map[sightKey]sighted
}

type sightKey struct{ repository, account int64 }

type sighted struct {
	can bool
	at  time.Time
}

const (
	sightAge  = 5 * time.Minute
	mostSight = 100_000
)

// NewSight asks the host.
func NewSight(host Host, now func() time.Time) *Sight {
	return &Sight{host: host, now: now, read: map[sightKey]sighted{}}
}

// CanRead reports whether an account may read a repository. Everybody may read a
// public one on GitHub; on our pages only those whom it knows there.
func (s *Sight) CanRead(ctx context.Context, installation int64, repo signoff.Repo, who signoff.Account) (bool, error) {
	key := sightKey{repo.ID, who.ID}
	s.mu.Lock()
	known, ok := s.read[key]
	s.mu.Unlock()
	if ok && s.now().Sub(known.at) < sightAge {
		return known.can, nil
	}
	asked := s.now()
	level, err := s.host.Permission(ctx, installation, repo, who)
	if err != nil {
		return false, err
	}
	can := level != github.CanNothing
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.read) >= mostSight {
		clear(s.read)
	}
	s.read[key] = sighted{can, asked}
	return can, nil
}

// InTeam reports whether an account is in a team.
func (s *Sight) InTeam(ctx context.Context, installation int64, team review.Principal, who signoff.Account) (bool, error) {
	org, slug, ok := strings.Cut(strings.TrimPrefix(string(team), "@"), "/")
	if !ok {
		return false, nil
	}
	members, err := s.host.TeamMembers(ctx, installation, org, slug)
	if gone(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, m := range members {
		if m.ID == who.ID {
			return true, nil
		}
	}
	return false, nil
}
