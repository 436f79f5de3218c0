package signoff

import (
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// DESIGN. Where a team changes another team's code, one of the owning team accepts
// it. That is a requirement beside those of the domains and lives by the same
// rules: it is bound to a commit, is carried by proof, is held up by a no, has one
// assignee, and is met by a review or a command. What differs is who may: a member
// of the team who did not make the change, where a bar raiser must not be of that
// team. So nobody may speak for both, and a sign-off needs no word for what it is.

// homePrefix begins what the requirement of a home is called where domains are
// told apart. No domain has a space in it.
const homePrefix = "home of "

// HomeOf returns the owner whose acceptance a requirement is; empty: it is the
// sign-off of a domain.
func HomeOf(d impact.Domain) string {
	owner, ok := strings.CutPrefix(string(d), homePrefix)
	if !ok {
		return ""
	}
	return owner
}

// HomeDomain is what the requirement of an owner is called among the domains.
func HomeDomain(owner string) impact.Domain { return impact.Domain(homePrefix + owner) }

// Away is the code of a team in which another team works.
type Away struct {
	Home    string   `json:"home"`           // the owner
	From    []string `json:"from,omitempty"` // teams of the authors
	Files   int      `json:"files"`
	Minutes float64  `json:"minutes"` // net debt left there
	// Accept says that one of the home has to accept, and Told that it was told.
	Accept bool `json:"accept,omitempty"`
	Told   bool `json:"told,omitempty"`
}

// Rises reports whether more debt is left in the home than there was.
func (a Away) Rises() bool { return a.Minutes >= 0.5 }

// homes lists those who have to accept the change, as needs.
func (l *look) homes() {
	for _, h := range l.judged.Decision.AwayHomes {
		if h.Accept {
			second := len(l.judged.Decision.Unattributed) > 0 // it may be of the very one who accepts
			l.needs = append(l.needs, l.need(HomeDomain(h.Owner), second, h.Assignment, h.Why))
		}
	}
}

// away notes in whose code the change works. What is noted when it is merged
// stays: teams change, and who worked for whom does not.
func (l *look) away() {
	if !l.known() || l.end != nil && l.was.State != "" && l.was.Head == l.head {
		return
	}
	l.rec.Away = nil
	for _, h := range l.judged.Decision.AwayHomes {
		a := Away{Home: h.Owner, From: l.judged.Decision.Ownership.AuthorTeams, Files: h.Files, Minutes: h.Minutes, Accept: h.Accept}
		if i := slices.IndexFunc(l.was.Away, func(old Away) bool { return old.Home == h.Owner }); i >= 0 {
			a.Told = l.was.Away[i].Told
		}
		l.rec.Away = append(l.rec.Away, a)
	}
}

// tellHomes tells each home once that others work in its code: who leads the team,
// else who would be asked of it. Whoever was asked knows already.
func (l *look) tellHomes() {
	if !l.asks() || !l.known() || l.lagging() {
		return
	}
	for _, h := range l.judged.Decision.AwayHomes {
		i := slices.IndexFunc(l.rec.Away, func(a Away) bool { return a.Home == h.Owner })
		who := l.host(h)
		if i < 0 || l.rec.Away[i].Told || who.ID == 0 || l.involved[who.ID] {
			continue
		}
		l.rec.Away[i].Told = true
		if slices.ContainsFunc(l.rec.Requirements, func(s Standing) bool { return s.Asked[who.ID] > 0 }) {
			continue
		}
		l.notice("away:"+h.Owner, Notice{Kind: NoticeAway, To: []Account{who}, Domains: []impact.Domain{HomeDomain(h.Owner)}})
	}
}

// host is who is told for a home.
func (l *look) host(h review.AwayHome) Account {
	for _, login := range []string{h.Lead, h.Assignee} {
		if who, ok := l.in.Accounts[strings.ToLower(login)]; ok && login != "" && !who.Bot {
			return who
		}
	}
	return Account{}
}
