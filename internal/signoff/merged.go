package signoff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/review"
)

// merge is the end of a merged pull request. A signed payload that tells of it
// goes before what the host shows, which may lag.
func (l *look) merge() *ending {
	p := l.in.Pull
	i := slices.IndexFunc(l.facts, func(f Fact) bool { return f.Kind == Merged })
	switch {
	case p.Merged:
		e := &ending{p.MergedAt, p.MergedBy, cmp.Or(p.MergeCommit, p.Head), p.Head}
		if i >= 0 {
			e.head = cmp.Or(l.facts[i].Commit, e.head)
		}
		return e
	case i >= 0:
		f := l.facts[i]
		return &ending{told(f), f.Actor, cmp.Or(f.Commit, p.Head), cmp.Or(f.Commit, p.Head)}
	}
	return nil
}

// patience is how long a merge may wait for its judgement, from when it was first
// seen: the merges of days on which no server ran are judged as well. Then it is
// one of which nobody knows what it was.
const patience = 24 * time.Hour

// news reports whether something was heard about a merge that was said before it
// and after its end was written. Only that opens an end again: who is in which
// team today bears on nothing that was merged yesterday.
func (l *look) news() bool {
	if l.was.State == MergedUnverified && l.was.Why == unheard {
		return false
	}
	return slices.ContainsFunc(l.facts, func(f Fact) bool {
		if !l.fresh[f.ID] {
			return false
		}
		switch f.Kind {
		case ReviewDismissed, Merged:
			return true
		case ReviewSubmitted:
			return l.inTime(f) && f.State != Commented
		case Commanded:
			return l.inTime(f) && f.Command != nil && bearing[f.Command.Verb]
		}
		return l.inTime(f)
	})
}

// bearing are the commands that decide how a merge ended.
var bearing = map[Verb]bool{
	VerbSignOff: true, VerbRequestChanges: true, VerbRecommendAgainst: true,
	VerbOverride: true, VerbOverrideCancel: true, VerbRequire: true,
}

// conclude ends what has ended on the host.
func (l *look) conclude() {
	r := &l.rec
	if l.end == nil {
		r.Left, r.MergeSeen = "", time.Time{}
		if !l.in.Pull.Open {
			r.Left, r.State, r.Why = r.State, Closed, ""
			if l.was.State != Closed && l.was.State != "" {
				l.closing("closed:" + l.in.Now.UTC().Format(time.RFC3339))
			}
		}
		return
	}
	if r.MergeSeen.IsZero() {
		r.MergeSeen = l.in.Now
	}
	state, why := l.ended()
	if l.was.State.merged() && l.unjudged() && !l.in.Absent && state != MergedOverridden {
		l.hold()
		return
	}
	r.Reopened = false
	if !state.Ended() {
		l.again(r.MergeSeen.Add(patience))
		r.Why = why
		return
	}
	if state == l.was.State {
		l.keep()
		return
	}
	r.Left, r.State, r.Why = r.State, state, why
	if l.was.State.merged() {
		r.Left = l.was.Left
	}
	l.settle()
	l.detect()
	l.landed()
	l.deviated()
	l.closing(fmt.Sprintf("%s:%d", state, l.rec.Facts))
}

// hold leaves an end as it was written while something may still be found out.
// What was heard since and bears on it is ruled on then: what this look made of it
// is gone with all else, and so nobody is told of that.
func (l *look) hold() {
	var held []string
	for _, f := range l.facts {
		if l.fresh[f.ID] && l.inTime(f) && f.Kind == Commanded && f.Command != nil && bearing[f.Command.Verb] {
			held = append(held, f.ID)
		}
	}
	l.rec.Pending = slices.DeleteFunc(l.rec.Pending, func(id string) bool { return slices.Contains(held, id) })
	want := l.out.Wanted
	l.keep()
	l.rec.Pending, l.rec.Reopened, l.out.Wanted = held, true, want
	l.out.Effects = slices.DeleteFunc(l.out.Effects, func(e Effect) bool {
		return slices.ContainsFunc(held, func(id string) bool {
			return e.Fact == id || e.Fact == id+" "+reactDone || e.Fact == id+" "+reactRefused
		})
	})
}

// keep leaves an end as it was written.
func (l *look) keep() {
	l.settle()
	facts := l.rec.Facts
	l.rec = clone(l.was) // what follows an override is noted in it
	l.rec.Verdicts = l.was.Verdicts
	l.rec.Facts, l.rec.Pending, l.rec.Reopened = facts, nil, false
	l.out.Entries, l.out.Wanted, l.out.Next = nil, nil, time.Time{}
	l.out.Effects = slices.DeleteFunc(l.out.Effects, func(e Effect) bool { return e.Kind == TellNotice })
}

// settle answers what waited for an answer that will not come any more.
func (l *look) settle() {
	for _, f := range l.facts {
		if slices.Contains(l.rec.Pending, f.ID) {
			l.react(f, reactRefused)
			l.reply(f, "it is merged")
		}
	}
	l.rec.Pending = nil
}

func (l *look) closing(key string) { l.notice(key, Notice{Kind: NoticeClosed}) }

// unheard ends a merge for good: what was said meanwhile, nobody heard.
const unheard = "merged while the host did not answer us"

// ended says how it ended; where that is not known yet, the state in which it
// waits.
func (l *look) ended() (State, string) {
	late := !l.in.Now.Before(l.rec.MergeSeen.Add(patience))
	switch state := l.rec.State; {
	case l.in.Absent:
		return MergedUnverified, unheard
	case state == SignedOff || state == NotRequired:
		return MergedClean, l.rec.Why
	case state == OverrideDeclared:
		return MergedOverridden, l.rec.Why
	case state == Undescribed && l.rec.Mode != review.Enforce:
		return MergedClean, l.rec.Why // it was signed where it had to be, and nothing stood in the way
	case l.unjudged() && !late:
		return state, cmp.Or(l.rec.Why, "merged, and being analysed")
	case l.unjudged():
		return MergedUnverified, cmp.Or(l.rec.Why, "merged, and could not be analysed")
	case state == Incomplete && l.rec.Mode != review.Enforce:
		return MergedUnverified, l.rec.Why
	}
	return MergedUndeclared, cmp.Or(l.rec.Why, "merged without the sign-off")
}

// unjudged reports whether something may still be found out that decides.
func (l *look) unjudged() bool {
	return l.in.PolicyFailure != "" || l.judged == nil || l.judged.Failure != "" || l.rec.State == CarryOver
}

// detect records a merge without the sign-off, and takes that back where news
// shows that it was there. In observe nobody was told that one is needed.
func (l *look) detect() {
	prefix := "merge:" + l.end.commit
	stands, rows := -1, 0
	for i, o := range l.rec.Overrides {
		if strings.HasPrefix(o.ID, prefix) {
			if rows++; o.Void == "" {
				stands = i
			}
		}
	}
	switch undeclared := l.rec.State == MergedUndeclared; {
	case undeclared && stands < 0 && l.rec.Mode != review.Observe:
		o := Override{ID: prefix, At: l.end.at, By: l.end.by, Commit: l.head, BaseRef: l.in.Pull.BaseRef, Against: l.opposed()}
		if rows > 0 {
			o.ID += fmt.Sprintf(":%d", rows+1)
		}
		l.rec.Overrides = append(l.rec.Overrides, o)
		l.record(EntryOverrideDetected, o, o.By)
		l.notice("override:"+o.ID, Notice{Kind: NoticeOverride, Override: o.ID})
	case !undeclared && stands >= 0:
		o := &l.rec.Overrides[stands]
		o.Void = "what allowed the merge was said before it, and heard after"
		if !o.settled() {
			l.record(EntryOverrideVoided, *o, l.allowed())
			l.out.Entries[len(l.out.Entries)-1].Reason = o.Void
		}
	}
}

// allowed is who allowed the merge; where it needed nobody, who made it.
func (l *look) allowed() Account {
	for _, n := range l.needs {
		for _, v := range n.covering {
			return l.said[v].Actor
		}
	}
	if i := slices.IndexFunc(l.rec.Overrides, l.grants); i >= 0 {
		return l.rec.Overrides[i].By
	}
	return l.end.by
}
