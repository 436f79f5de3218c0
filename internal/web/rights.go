package web

import (
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// rights is what somebody may say about a pull request, as it is known here. It
// decides which forms are shown and taken; what is said is ruled on again, by
// what is known then, where comments are.
type rights struct{ sign, override, second, take bool }

func (r rights) has(who role) bool {
	switch who {
	case signer:
		return r.sign
	case overrider:
		return r.override || r.second
	case taker:
		return r.take
	}
	return false
}

func (s *site) rights(v *visit) rights {
	b := v.brief
	if !v.seen || b.Record.State.Ended() {
		return rights{}
	}
	rules, may := b.Review.Policy.Overrides, rights{}
	for _, q := range b.Record.Requirements {
		may.sign = may.sign || signs(b, q, v.who)
	}
	if observes(b.Record) {
		return may // there is nothing to override
	}
	allowed := s.among(v, rules.Allowed)
	o, standing := declared(b.Record)
	switch {
	case standing && o.NeedsSecond && o.Second == nil:
		may.second = v.who.ID != o.By.ID && v.who.ID != b.Pull.Author.ID && s.among(v, rules.Second)
	case !standing:
		may.override = allowed && unsettled(b.Record.State)
	}
	may.take = standing && (allowed || v.who.ID == o.By.ID)
	return may
}

// observes says that nobody is asked: so it is where no mode is said.
func observes(r signoff.Record) bool { return r.Mode != review.Enforce && r.Mode != review.Warn }

// declared is the override that stands, if one does.
func declared(r signoff.Record) (signoff.Override, bool) {
	for _, o := range slices.Backward(r.Overrides) {
		if o.Declared && o.Void == "" {
			return o, true
		}
	}
	return signoff.Override{}, false
}

// unsettled says that somebody has to act before the merge.
func unsettled(s signoff.State) bool {
	return slices.Contains([]signoff.State{
		signoff.Unassigned, signoff.Awaiting, signoff.Undescribed, signoff.ChangesRequestedBy, signoff.RecommendedAgainst, signoff.Incomplete,
	}, s)
}

// signs reports whether somebody may meet a requirement.
func signs(b report.Brief, q signoff.Standing, who signoff.Account) bool {
	return slices.ContainsFunc(choice(b, q).Candidates, func(c review.Candidate) bool { return strings.EqualFold(c.Login, who.Login) })
}

// choice is what a requirement's assignee was chosen by: of the assignment, or of
// the judgement where nobody was assigned.
func choice(b report.Brief, q signoff.Standing) review.Assignment {
	if q.Assigned != nil && len(q.Assigned.Choice.Pool) > 0 {
		return q.Assigned.Choice
	}
	for _, r := range b.Review.Requirements {
		if r.Domain == q.Domain {
			return r.Assignment
		}
	}
	for _, h := range b.Review.AwayHomes {
		if signoff.HomeDomain(h.Owner) == q.Domain {
			return h.Assignment
		}
	}
	return review.Assignment{}
}

// among reports whether the viewer is meant by the principals. A team that could
// not be read has nobody in it.
func (s *site) among(v *visit, principals []review.Principal) bool {
	return slices.ContainsFunc(principals, func(p review.Principal) bool {
		if !p.IsTeam() {
			return strings.EqualFold(string(p), v.who.Login)
		}
		ok, err := s.Visible.InTeam(v.ctx(), v.repo.Installation, p, v.who)
		if err != nil {
			s.log.Warn("ask who is in a team", "team", string(p), "account", v.who.ID, "error", err)
		}
		return ok && err == nil
	})
}
