package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// A HeldError was not sent, since its reader does not work now. It is no failure.
type HeldError struct {
	Login string
	Until time.Time
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("%s does not work before %s", e.Login, e.Until.UTC().Format(time.RFC3339))
}

// HoldUntil is when to send it.
func (e *HeldError) HoldUntil() time.Time { return e.Until }

// held is an error where an audience is a person who does not work now: by the
// hours and absences of the policy, in the zone of the policy, else of the profile
// in Slack, else UTC. Channels are not asked: nothing in them calls anybody.
func (s *Slack) held(ctx context.Context, brief report.Brief, to audience) error {
	if !to.direct() {
		return nil
	}
	p, err := s.Store.Person(ctx, to.person)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	login := strings.ToLower(cmp.Or(to.login, p.Login))
	policy := brief.Review.Policy
	zone, err := time.LoadLocation(cmp.Or(policy.People[login].Timezone, p.Timezone))
	if err != nil {
		zone = nil // one that this machine does not know
	}
	now := s.Now()
	next := signoff.WorktimeOf(policy, login, zone).Next(now)
	if next.IsZero() || !next.After(now) { // who never works again is told now
		return nil
	}
	return &HeldError{Login: login, Until: next}
}

// zoneAge is for how long a time zone is believed: people travel.
const zoneAge = 12 * time.Hour

// learnZone notes the time zone of a member's profile, where the policy says
// none. That Slack does not tell keeps no message back.
func (s *Slack) learnZone(ctx context.Context, brief report.Brief, who signoff.Account, member string) {
	if brief.Review.Policy.People[strings.ToLower(who.Login)].Timezone != "" {
		return
	}
	now := s.Now()
	s.mu.Lock()
	fresh := now.Sub(s.zones[member]) < zoneAge
	if len(s.zones) >= most {
		clear(s.zones)
	}
	s.zones[member] = now
	s.mu.Unlock()
	if fresh {
		return
	}
	zone := ""
	err := s.call("users.info", "", func() error {
		user, err := s.api.GetUserInfoContext(ctx, member)
		if err == nil {
			zone = user.TZ
		}
		return err
	})
	if err == nil && zone != "" {
		err = s.Store.PutTimezone(ctx, who.ID, who.Login, zone)
	}
	if err != nil {
		s.log.WarnContext(ctx, "time zone not learned", "login", who.Login, "error", err)
	}
}
