package signoff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// asks reports whether people are asked at all. In observe nobody is, and not
// before a draft is ready.
func (l *look) asks() bool {
	return l.end == nil && l.in.Pull.Open && !l.in.Pull.Draft && l.rec.Mode != review.Observe
}

// assign gives each open requirement its one assignment.
func (l *look) assign() {
	for i := range l.needs {
		l.assignTo(i)
	}
}

// assignTo keeps the present assignee while that person may still sign, has not
// declined and has not answered already; a review that a person requested goes
// before our own choice.
func (l *look) assignTo(i int) {
	n, s := &l.needs[i], &l.rec.Requirements[i]
	if !l.asks() {
		s.Assigned = nil
		if s.State == Awaiting && len(n.eligible) == 0 {
			s.State, s.Why = Unassigned, cmp.Or(n.why, "nobody of the pool may sign")
		}
		return
	}
	if s.State != Awaiting {
		// Nobody is asked anew now. Who was asked is still the one.
		if s.State == SignedOff {
			s.First, s.Told = time.Time{}, false
		}
		if s.Assigned != nil && !l.may(n, s.Assigned.To.ID) {
			s.Assigned = nil
		}
		return
	}
	free := l.free(n)
	kept := s.Assigned != nil && !l.answered(n, s.Assigned) && has(free, s.Assigned.To)
	requested := l.requested(free, s)
	switch {
	case requested.ID != 0 && !(kept && (s.Assigned.By.ID != 0 || s.Assigned.Requested)):
		l.offer(i, requested, Account{})
		s.Assigned.Requested = true
	case kept:
		s.Assigned.Backup = l.backup(n, free, s.Assigned.To)
	case len(free) > 0:
		l.offer(i, l.preferred(n, free, s.Assigned), Account{})
	default:
		s.Assigned = nil
		s.State, s.Why = Unassigned, l.nobody(n)
		if s.First.IsZero() {
			s.First = l.in.Now
		}
	}
}

func has(list []Account, who Account) bool {
	return slices.ContainsFunc(list, func(a Account) bool { return a.ID == who.ID })
}

func (l *look) may(n *need, id int64) bool { _, ok := n.eligible[id]; return ok }

// keeps reports whether somebody who is not free any more stays the assignee: one
// who has much to do, perhaps by this very request.
func (l *look) keeps(n *need, who Account) bool {
	return l.may(n, who.ID) && !l.declined(n, who) && !l.signed(n, who) && slices.ContainsFunc(n.choice.Excluded, func(e review.Exclusion) bool {
		return e.Rule == "at-capacity" && l.in.Accounts[e.Who].ID == who.ID
	})
}

// free are those who can be asked, in the order in which to ask them.
func (l *look) free(n *need) []Account {
	var out []Account
	for _, c := range n.choice.Candidates {
		who := l.in.Accounts[c.Login]
		if l.may(n, who.ID) && !l.declined(n, who) && !l.signed(n, who) {
			out = append(out, who)
		}
	}
	for i := range l.rec.Requirements {
		// Who has been chosen is still there though the load counts this request.
		if s := l.rec.Requirements[i]; s.Domain == n.domain && s.Assigned != nil && !has(out, s.Assigned.To) && l.keeps(n, s.Assigned.To) {
			out = append(out, s.Assigned.To)
		}
	}
	return out
}

func (l *look) signed(n *need, who Account) bool {
	return slices.ContainsFunc(n.covering, func(v int) bool { return l.said[v].Actor.ID == who.ID })
}

func (l *look) declined(n *need, who Account) bool {
	return slices.ContainsFunc(l.rec.Declined, func(r Refusal) bool {
		return r.Who.ID == who.ID && (r.Domain == "" || r.Domain == n.domain)
	})
}

// answers counts the sign-offs that there ever were in a domain.
func (l *look) answers(n *need) int {
	count := 0
	for _, s := range l.said {
		if s.Kind == SignOff && slices.Contains(s.Domains, n.domain) {
			count++
		}
	}
	return count
}

// answered reports whether an assignment was answered by a sign-off that holds
// no longer. Where it was the first of two, the other one is still asked.
func (l *look) answered(n *need, a *Assigned) bool {
	return l.answers(n) > a.Answers && (len(n.covering) == 0 || len(n.stale) > 0)
}

// preferred is who is asked anew: whose sign-off a push voided knows the change.
func (l *look) preferred(n *need, free []Account, last *Assigned) Account {
	for _, v := range slices.Backward(n.stale) {
		if who := l.said[v].Actor; has(free, who) {
			return who
		}
	}
	if last != nil && has(free, last.To) {
		return last.To
	}
	return free[0]
}

// requested is somebody whom a person asked on the host. Whom we asked ourselves
// is listed there as well.
func (l *look) requested(free []Account, s *Standing) Account {
	for _, who := range free {
		if has(l.in.Pull.Requested, who) && s.Asked[who.ID] == 0 {
			return who
		}
	}
	return Account{}
}

func (l *look) backup(n *need, free []Account, to Account) Account {
	for _, who := range free {
		if who.ID != to.ID {
			return who
		}
	}
	return Account{}
}

// offer makes an assignment in place of any that there was, and tells of it.
func (l *look) offer(i int, to, by Account) {
	n, s := &l.needs[i], &l.rec.Requirements[i]
	s.Assigned = &Assigned{
		To: to, By: by, Offered: l.in.Now,
		Due: l.worktime(strings.ToLower(to.Login)).after(l.in.Now, reassignAfter), Choice: n.choice, Answers: l.answers(n),
	}
	s.Assigned.Backup = l.backup(n, l.free(n), to) // who was asked before may not be free any more
	if s.First.IsZero() {
		s.First = l.in.Now
	}
	people := []Account{to}
	if n.second && s.Assigned.Backup.ID != 0 && len(n.covering) == 0 {
		people = append(people, s.Assigned.Backup)
	}
	for _, who := range people {
		l.ask(i, NoticeAsked, who)
	}
}

// ask tells one person of a request.
func (l *look) ask(i int, kind NoticeKind, who Account) {
	s := &l.rec.Requirements[i]
	if s.Asked == nil {
		s.Asked = map[int64]int{}
	}
	s.Asked[who.ID]++
	l.about(i, kind, who)
}

// about tells somebody of a requirement. The key has the time and the count, so
// that the same person can be asked again.
func (l *look) about(i int, kind NoticeKind, to ...Account) {
	s := l.rec.Requirements[i]
	d := s.Domain
	key := fmt.Sprintf("%s:%s:%d", kind, d, l.in.Now.Unix())
	for _, who := range to {
		key += fmt.Sprintf(":%d:%d", who.ID, s.Asked[who.ID])
	}
	l.notice(key, Notice{Kind: kind, To: to, Domains: []impact.Domain{d}})
}

func (l *look) nobody(n *need) string {
	switch {
	case n.why != "":
		return n.why
	case len(n.choice.Candidates) > 0 && len(n.eligible) > 0:
		return "all who may sign declined or did not answer; they still may"
	case len(n.choice.Candidates) > 0:
		return "those who may sign have no account on the host, or are involved"
	}
	return "nobody of the pool may sign"
}

// The stages of not answering, in working hours of the person.
const (
	remindAfter   = 4 * time.Hour
	offerAfter    = 8 * time.Hour
	reassignAfter = 24 * time.Hour
	ownerAfter    = 48 * time.Hour
)

// remind goes on where somebody does not answer. Any act of theirs ends it.
func (l *look) remind() {
	if !l.asks() {
		return
	}
	for i := range l.needs {
		s := &l.rec.Requirements[i]
		switch {
		case s.State == Unassigned:
			l.owner(i, l.worktime("").after(s.First, remindAfter))
		case s.State == Awaiting && s.Assigned != nil && !l.acted(s.Assigned):
			l.remindOne(i)
		}
	}
}

// acted reports whether the assignee did anything here since being asked.
func (l *look) acted(a *Assigned) bool {
	return slices.ContainsFunc(l.facts, func(f Fact) bool {
		return f.Actor.ID == a.To.ID && !f.At.Before(a.Offered) && (f.Kind == ReviewSubmitted || f.Kind == Commanded)
	})
}

func (l *look) remindOne(i int) {
	n, s := &l.needs[i], &l.rec.Requirements[i]
	w := l.worktime(strings.ToLower(s.Assigned.To.Login))
	l.owner(i, w.after(s.First, ownerAfter))
	due := func(d time.Duration) (time.Time, bool) {
		at := w.after(s.Assigned.Offered, d)
		return at, !at.IsZero() && !at.After(l.in.Now)
	}
	if _, passed := due(reassignAfter); passed && s.Assigned.Backup.ID != 0 {
		l.pass(i, "did not answer for 24 working hours")
		if a := s.Assigned; a != nil {
			l.again(l.worktime(strings.ToLower(a.To.Login)).after(a.Offered, remindAfter))
		}
		return
	}
	backup, offered := due(offerAfter)
	remind, reminded := due(remindAfter)
	switch {
	case offered && s.Assigned.Step != BackupOffered:
		s.Assigned.Step = BackupOffered
		if s.Assigned.Backup.ID != 0 && !(n.second && s.Asked[s.Assigned.Backup.ID] > 0) {
			l.ask(i, NoticeBackup, s.Assigned.Backup)
		}
	case reminded && s.Assigned.Step == "":
		s.Assigned.Step = Reminded
		l.about(i, NoticeReminder, s.Assigned.To)
	}
	for _, at := range []time.Time{remind, backup, w.after(s.Assigned.Offered, reassignAfter)} {
		l.again(at)
	}
}

// owner tells the owner of the pool, once, that nobody answers.
func (l *look) owner(i int, at time.Time) {
	s := &l.rec.Requirements[i]
	switch {
	case s.Told || at.IsZero():
	case at.After(l.in.Now):
		l.again(at)
	default:
		s.Told = true
		l.about(i, NoticeOwner)
	}
}

// pass asks the next one in place of the assignee, who may still sign.
func (l *look) pass(i int, why string) {
	s := &l.rec.Requirements[i]
	l.rec.Declined = append(l.rec.Declined, Refusal{Who: s.Assigned.To, Why: why, Domain: s.Domain})
	l.assignTo(i)
}
