package signoff

import (
	"slices"
	"strings"
)

// stand says where one requirement stands.
func (l *look) stand(i int) {
	n, s := &l.needs[i], &l.rec.Requirements[i]
	var whys []string
	var want []Proof
	who, hope := map[int64]bool{}, map[int64]bool{}
	for v, verdict := range l.said {
		if _, ok := n.eligible[verdict.Actor.ID]; !ok || !l.counts(v) {
			continue
		}
		switch c, proofs, why := l.covered(verdict); c {
		case covers:
			n.covering = append(n.covering, v)
			who[verdict.Actor.ID] = true
		case unknown:
			n.stale = append(n.stale, v)
			hope[verdict.Actor.ID] = true
			want = append(want, proofs...)
		case uncovers:
			n.stale = append(n.stale, v)
			whys = append(whys, why)
		}
	}
	for id := range who {
		hope[id] = true
	}
	needed := 1
	if n.second {
		needed = 2
	}
	no := l.against(*n)
	switch {
	case l.lagging():
		s.State = Evaluating
	case len(no) > 0:
		s.State, s.Why = l.refused(no)
	case len(who) >= needed:
		s.State, s.SignedBy = SignedOff, n.covering
		s.Why = "signed by " + l.names(n.covering)
	case len(hope) >= needed:
		s.State, n.wanted = CarryOver, true
		l.want(want)
	default:
		s.State, s.Why = Awaiting, l.lacking(*n, whys)
	}
}

// refused is the gravest no.
func (l *look) refused(no []int) (State, string) {
	state, text := ChangesRequestedBy, "changes were requested by "
	if slices.ContainsFunc(no, func(v int) bool { return l.said[v].Kind == RecommendAgainst }) {
		state, text = RecommendedAgainst, "recommended against by "
		no = slices.DeleteFunc(slices.Clone(no), func(v int) bool { return l.said[v].Kind != RecommendAgainst })
	}
	return state, text + l.names(no)
}

// names are the logins of those who said something.
func (l *look) names(verdicts []int) string {
	var out []string
	for _, v := range verdicts {
		if name := l.said[v].Actor.Login; !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, " and ")
}

// lacking says why a requirement is not met though somebody said something.
func (l *look) lacking(n need, whys []string) string {
	if len(n.covering) > 0 {
		return "signed by " + l.names(n.covering) + ", and two have to sign"
	}
	if len(whys) > 0 {
		return whys[len(whys)-1]
	}
	for v := range slices.Backward(l.said) {
		s := l.said[v]
		_, pool := n.pool[s.Actor.ID]
		_, eligible := n.eligible[s.Actor.ID]
		switch {
		case s.Kind != SignOff || !pool && !slices.Contains(s.Domains, n.domain):
		case s.Revoked != "":
			return "the sign-off of " + s.Actor.Login + " counts no longer: " + s.Revoked
		case !eligible:
			return s.Actor.Login + " signed, and may not: " + l.exclusion(n, s.Actor)
		}
	}
	return l.unconfirmed(n)
}

// exclusion says why somebody of the pool may not sign.
func (l *look) exclusion(n need, who Account) string {
	for _, e := range n.choice.Excluded {
		if l.in.Accounts[e.Who].ID == who.ID {
			return e.Why
		}
	}
	if l.involved[who.ID] {
		return "opened the change, or pushed to it"
	}
	return "is not in the pool any more"
}

// unconfirmed names an approval that the host lists and that no signed payload
// told of: it has to be said again.
func (l *look) unconfirmed(n need) string {
	for _, r := range slices.Backward(l.in.Pull.Reviews) {
		_, eligible := n.eligible[r.Author.ID]
		heard := slices.ContainsFunc(l.facts, func(f Fact) bool { return f.Kind == ReviewSubmitted && f.Review == r.ID })
		if r.State == Approved && eligible && !heard {
			return "the host shows an approval of " + r.Author.Login +
				" of which no signed event came: please confirm it with /bar signoff " + brief(l.head)
		}
	}
	return ""
}
