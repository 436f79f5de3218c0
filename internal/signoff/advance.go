package signoff

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// DESIGN
//
// What people said is read anew from all facts at each look, and never from what
// an earlier look made of them: so late, doubled and reordered deliveries come to
// the same. The record holds what cannot be read again: which changes were looked
// at, which proofs were found, who was asked and when, and what was granted or
// refused to whom at the time (overrides, demands, declines), since who may do so
// changes.
//
// A look goes: snapshot, verdicts, requirements, standings, assignments,
// commands, overrides, state, end, effects. Each step has a file.

// Advance says where a pull request stands. A new Record has only its Subject.
//
// It is a function of its arguments, which it does not change. Looking twice at
// the same does nothing the second time.
func Advance(in Input, rec Record) Outcome {
	l := begin(in, rec)
	switch {
	case rec.State.merged() && !rec.Reopened && !l.news():
		l.frozen, l.rec.Verdicts = true, rec.Verdicts
		l.answer()
	case !in.OptedIn:
		return l.unseen("no policy asks for anything here")
	case !in.Governed && !rec.State.merged():
		return l.unseen("the bar does not guard " + in.Pull.BaseRef)
	default:
		l.evaluate()
	}
	return l.finish()
}

// A look is one Advance under way.
type look struct {
	in  Input
	was Record // as it was stored
	rec Record // as it becomes
	out Outcome

	facts []Fact          // each once
	fresh map[string]bool // ids of those that were not answered yet
	end   *ending         // nil: it is not merged
	// frozen says that the end is written and that nothing is to be added to it.
	frozen bool
	// followed says that the steps that follow overrides were taken.
	followed bool

	head, base string
	judged     *Judged // nil: not there for head and base
	involved   map[int64]bool
	said       []said // as rec.Verdicts
	needs      []need // as rec.Requirements
}

// ending is a merge.
type ending struct {
	at     time.Time
	by     Account
	commit string // that the base got
	head   string
}

func begin(in Input, rec Record) *look {
	l := &look{in: in, was: rec, fresh: map[string]bool{}}
	l.rec = clone(rec)
	seen := map[string]bool{}
	for i, f := range in.Facts {
		if seen[f.ID] {
			continue
		}
		seen[f.ID] = true
		l.facts = append(l.facts, f)
		if i >= rec.Facts || slices.Contains(rec.Pending, f.ID) {
			l.fresh[f.ID] = true
		}
	}
	l.rec.Facts, l.rec.Pending = max(rec.Facts, len(in.Facts)), nil
	l.end = l.merge()
	l.head, l.base = in.Pull.Head, in.MergeBase
	if l.end != nil {
		l.head = l.end.head
		if rec.Head == l.head && rec.BaseRef == in.Pull.BaseRef && rec.Compared() {
			l.base = rec.MergeBase // after the merge, git has another one
		}
	}
	if j := in.Judged; j != nil && j.Head == l.head && j.Base == l.base && l.base != "" {
		l.judged = j
	}
	l.involved = l.insiders()
	return l
}

// clone copies what a look changes in place.
func clone(r Record) Record {
	r.Requirements = slices.Clone(r.Requirements)
	for i := range r.Requirements {
		s := &r.Requirements[i]
		s.Asked = maps.Clone(s.Asked)
		if s.Assigned != nil {
			a := *s.Assigned
			s.Assigned = &a
		}
	}
	r.Overrides = cloneOverrides(r.Overrides)
	r.Numbers = maps.Clone(r.Numbers)
	r.Dismissals = slices.Clone(r.Dismissals)
	r.Verdicts = nil
	for _, list := range []*[]string{&r.Entered, &r.Pending} {
		*list = slices.Clip(*list)
	}
	r.Described = slices.Clip(r.Described)
	r.Proofs, r.Snapshots = slices.Clip(r.Proofs), slices.Clip(r.Snapshots)
	r.Required, r.Declined, r.History = slices.Clip(r.Required), slices.Clip(r.Declined), slices.Clip(r.History)
	return r
}

// cloneOverrides copies overrides with the steps that followed them.
func cloneOverrides(list []Override) []Override {
	list = slices.Clone(list)
	for i := range list {
		list[i].Steps = slices.Clone(list[i].Steps)
		list[i].Reminded = slices.Clip(list[i].Reminded)
	}
	return list
}

// insiders are people who cannot sign whatever the decision says: they opened
// the pull request, or pushed to it.
func (l *look) insiders() map[int64]bool {
	all := map[int64]bool{l.in.Pull.Author.ID: true, 0: true}
	for _, f := range l.facts {
		if f.Kind == Pushed {
			all[f.Actor.ID] = true
		}
	}
	return all
}

// evaluate finds out where the change stands.
func (l *look) evaluate() {
	r := &l.rec
	r.Mode = l.mode()
	if r.Head != l.head || r.BaseRef != l.in.Pull.BaseRef {
		r.Analysis = ""
	}
	r.Head, r.MergeBase, r.BaseRef = l.head, l.base, l.in.Pull.BaseRef
	r.Draft = l.in.Pull.Draft && l.end == nil
	if l.judged != nil {
		r.Analysis = l.judged.ID
		l.number()
	}
	l.snapshot()
	l.demands()
	l.require()
	l.listen()
	l.describe()
	l.away()
	state, why := l.general()
	for i := range l.needs {
		l.stand(i)
	}
	l.assign()
	l.answer()
	l.remind()
	l.tellHomes()
	l.overrides()
	all := []State{state}
	for _, s := range r.Requirements {
		all = append(all, s.State)
	}
	if len(l.needs) > 0 && state == NotRequired {
		all = all[1:]
	}
	if l.known() && !l.lagging() && len(r.Undescribed()) > 0 {
		all = append(all, Undescribed)
	}
	r.State = gravest(all...)
	r.Why = l.because(state, why)
	l.override()
	l.enter()
	l.conclude()
}

// mode is how far the bar goes here. While the policy cannot be read it is what
// it was, and before it was ever read, the strictest: unknown is never success.
func (l *look) mode() review.Mode {
	if l.in.PolicyFailure != "" {
		return cmp.Or(l.was.Mode, review.Enforce)
	}
	return cmp.Or(l.in.Policy.Mode, review.Observe)
}

// general is the state of the change as a whole, before anybody's word. Without
// requirements it is the pull request's.
func (l *look) general() (State, string) {
	switch {
	case l.in.PolicyFailure != "":
		return Incomplete, "the policy could not be read: " + l.in.PolicyFailure
	case l.lagging():
		return Evaluating, "the host does not show the newest push yet"
	case l.judged == nil:
		return Evaluating, ""
	case l.judged.Failure != "":
		return Incomplete, l.judged.Failure
	}
	d := l.judged.Decision
	switch {
	case d.Outcome == review.Clear:
		return NotRequired, ""
	case d.Outcome != review.SignOffNeeded:
		return Incomplete, first(d.Reasons)
	case len(l.needs) == 0 && !l.in.Pull.Author.Bot:
		return Unassigned, "a sign-off is needed, and no domain says by whom"
	}
	return NotRequired, ""
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// because is the sentence of the whole: that of the gravest part.
func (l *look) because(state State, why string) string {
	if l.rec.State == Undescribed {
		return l.rec.undescribed()
	}
	if l.rec.State == state && (why != "" || len(l.needs) == 0) {
		return why
	}
	for _, s := range l.rec.Requirements {
		if s.State == l.rec.State && s.Why != "" {
			return string(s.Domain) + ": " + s.Why
		}
	}
	return why
}

// The host may show an old head for a moment after it told of a push.
const lag = 2 * time.Minute

// lagging reports whether the host still shows the head from before the newest
// push. When that lasts, it was the push that is out of date.
func (l *look) lagging() bool {
	if l.end != nil {
		return false
	}
	for _, f := range slices.Backward(l.facts) {
		if f.Kind != Pushed {
			continue
		}
		old := f.Commit != l.head && f.Before == l.head && l.in.Now.Before(f.At.Add(lag))
		if old {
			l.again(f.At.Add(lag))
		}
		return old
	}
	return false
}

// again has the pull request looked at once more, at the time or earlier.
func (l *look) again(at time.Time) {
	if !at.IsZero() && at.After(l.in.Now) && (l.out.Next.IsZero() || at.Before(l.out.Next)) {
		l.out.Next = at
	}
}

// need is a requirement as this look sees it. The rest of it is in the Standing
// with the same index.
type need struct {
	domain impact.Domain
	second bool
	choice review.Assignment
	why    string // what is lacking
	// eligible may sign; pool are all whose no counts.
	eligible, pool map[int64]Account
	covering       []int // who signed for this very change, by index of the verdicts
	stale          []int // signed for another one
	wanted         bool  // some of stale wait for a proof
}

// require lists what has to be signed.
func (l *look) require() {
	old := l.rec.Requirements
	l.rec.Requirements = nil
	if l.judged == nil || l.judged.Failure != "" || l.in.PolicyFailure != "" {
		// Not known: what was, stays, so that nobody is asked twice.
		for _, s := range old {
			s.State, s.Why, s.SignedBy = Evaluating, "", nil
			if l.in.PolicyFailure != "" || l.judged != nil {
				s.State = Incomplete
			}
			l.rec.Requirements = append(l.rec.Requirements, s)
		}
		return
	}
	d := l.judged.Decision
	if d.Outcome != review.Clear {
		for _, q := range d.Requirements {
			if !l.in.Pull.Author.Bot || !onlyRank(d.Impact, q.Domain) {
				l.needs = append(l.needs, l.need(q.Domain, q.NeedsSecond, q.Assignment, q.Why))
			}
		}
	}
	l.homes()
	for _, demand := range l.rec.Required {
		if slices.ContainsFunc(l.needs, func(n need) bool { return n.domain == demand.Domain }) {
			continue
		}
		choice, ok := l.judged.Demanded[demand.Domain]
		why := ""
		if !ok {
			why = "who may sign was not found out yet"
		}
		l.needs = append(l.needs, l.need(demand.Domain, len(d.Unattributed) > 0, choice, why))
	}
	for _, n := range l.needs {
		s := Standing{Domain: n.domain}
		if i := slices.IndexFunc(old, func(s Standing) bool { return s.Domain == n.domain }); i >= 0 {
			s = old[i]
		}
		s.Second, s.SignedBy, s.Why = n.second, nil, ""
		l.rec.Requirements = append(l.rec.Requirements, s)
	}
}

// onlyRank reports whether a domain was reached by a rank alone, which is no fact
// of the change: a bot's pull request is not sent for that.
func onlyRank(a impact.Assessment, d impact.Domain) bool {
	i := slices.IndexFunc(a.Domains, func(in impact.DomainImpact) bool { return in.Domain == d })
	return i >= 0 && len(a.Domains[i].Triggers) == 1 && a.Domains[i].Triggers[0].Name == impact.RiskScore
}

// available are the reasons for which a person is not asked that do not keep the
// same person from signing: who signs is there. All others do.
var available = map[string]bool{"absent": true, "busy": true, "at-capacity": true}

func (l *look) need(d impact.Domain, second bool, a review.Assignment, why string) need {
	n := need{domain: d, second: second, choice: a, why: why, eligible: map[int64]Account{}, pool: map[int64]Account{}}
	add := func(to map[int64]Account, login string) {
		if who, ok := l.in.Accounts[login]; ok && who.ID != 0 && !who.Bot {
			to[who.ID] = who
		}
	}
	for _, c := range a.Candidates {
		add(n.eligible, c.Login)
		add(n.pool, c.Login)
	}
	for _, e := range a.Excluded {
		if available[e.Rule] {
			add(n.eligible, e.Who)
		}
		add(n.pool, e.Who)
	}
	maps.DeleteFunc(n.eligible, func(id int64, _ Account) bool { return l.involved[id] })
	delete(n.pool, l.in.Pull.Author.ID)
	return n
}
