package signoff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// lifetime is how long a declared override holds.
const lifetime = 7 * 24 * time.Hour

// declare answers "/bar override". The answer to a second person's is the same
// command.
func (l *look) declare(f Fact) ruling {
	c, rules := f.Command, l.in.Policy.Overrides
	commit, err := l.resolve(c.Commit)
	switch {
	case l.rec.Mode == review.Observe:
		return refuse("this repository only observes: there is nothing to override")
	case l.in.PolicyFailure != "":
		return wait
	case err != "":
		return refuse(err)
	case commit != l.head:
		return refuse("the head is another commit now: `/bar override " + brief(l.head) + " REASON`")
	case l.within():
		return refuse("no sign-off is needed: there is nothing to override")
	}
	for i := 0; i < len(l.rec.Overrides); i++ { // they may become more
		l.lapse(i)
		o := &l.rec.Overrides[i]
		if o.Declared && o.Void == "" && !o.complete() && l.seconds(f.Actor, o.By) {
			second := f.Actor
			o.Second, o.Agreed = &second, f.ID
			return granted
		}
	}
	switch least := max(rules.Reason, 1); {
	case len(rules.Allowed) == 0:
		return refuse("nobody may override here: `overrides.allowed` in `" + review.PolicyPath + "` names who may")
	case !l.among(f.Actor, rules.Allowed):
		return refuse("who may override: " + principals(rules.Allowed))
	case utf8.RuneCountInString(strings.TrimSpace(c.Text)) < least:
		return refuse(fmt.Sprintf("say why in at least %d characters: it is told to management and kept", least))
	}
	l.rec.Overrides = append(l.rec.Overrides, Override{
		ID: f.ID, Declared: true, At: told(f), By: f.Actor, Commit: commit, BaseRef: l.in.Pull.BaseRef,
		Reason: strings.TrimSpace(c.Text), Data: c.Data, FollowUp: c.FollowUp, Due: c.Due, Expires: told(f).Add(lifetime),
		NeedsSecond: l.high(),
	})
	if !l.high() {
		return granted
	}
	who := "nobody: `overrides.second` in `" + review.PolicyPath + "` names who may"
	if len(rules.Second) > 0 {
		who = principals(rules.Second) + ", but not the author"
	}
	return ruling{ok: true, reply: "the debt is over the ceiling, or not known: it holds when a second person says the same; who may: " + who}
}

// within reports whether it is known that the change needs no sign-off.
func (l *look) within() bool {
	return l.known() && len(l.needs) == 0 && l.judged.Decision.Outcome == review.Clear
}

// seconds reports whether somebody may agree to another's override.
func (l *look) seconds(who, first Account) bool {
	return who.ID != first.ID && who.ID != l.in.Pull.Author.ID && l.among(who, l.in.Policy.Overrides.Second)
}

// high reports whether the debt is above the ceiling. Debt that is not known is.
func (l *look) high() bool {
	ceiling := l.in.Policy.Overrides.Ceiling
	if ceiling == nil {
		return false
	}
	known := l.judged != nil && l.judged.Failure == "" && l.judged.Decision.Outcome != review.Incomplete
	return !known || l.judged.Minutes > *ceiling
}

// cancel answers "/bar override-cancel": it takes back what stands and may be
// taken back by that person.
func (l *look) cancel(f Fact) ruling {
	stands, done := false, false
	for i := range l.rec.Overrides {
		o := &l.rec.Overrides[i]
		if !o.Declared || o.Void != "" || o.At.After(told(f)) {
			continue
		}
		stands = true
		if !l.cancels(f, *o) {
			continue
		}
		done = true
		o.Void = "withdrawn by " + f.Actor.Login
		if o.Entry > 0 && !o.settled() {
			l.record(EntryOverrideWithdrawn, *o, f.Actor)
		}
	}
	switch {
	case done:
		return granted
	case stands:
		return refuse("who declared it may withdraw it, or one of " + principals(l.in.Policy.Overrides.Allowed))
	}
	return refuse("there is no override to withdraw")
}

// cancels reports whether a fact is a withdrawal by somebody who may.
func (l *look) cancels(f Fact, o Override) bool {
	return f.Kind == Commanded && f.Command != nil && f.Command.Verb == VerbOverrideCancel && genuine(f) &&
		(f.Actor.ID == o.By.ID || l.among(f.Actor, l.in.Policy.Overrides.Allowed))
}

// overrides ends those that hold no longer, and enters the new ones.
func (l *look) overrides() {
	l.dismissals()
	for i := 0; i < len(l.rec.Overrides); i++ {
		l.lapse(i)
		o := &l.rec.Overrides[i]
		if o.Void != "" {
			continue
		}
		if o.Declared {
			l.again(o.Expires)
			if l.in.PolicyFailure != "" {
				continue // nothing new is granted
			}
			if o.Entry == 0 {
				o.NeedsSecond = l.high()
			}
		}
		if o.Entry == 0 && o.complete() {
			kind := EntryOverrideDetected
			if o.Declared {
				kind = EntryOverrideDeclared
			}
			o.Against = l.opposed()
			l.record(kind, *o, o.By)
			l.notice("override:"+o.ID, Notice{Kind: NoticeOverride, Override: o.ID})
		}
	}
}

// when is the moment that counts: now, or that of the merge.
func (l *look) when() time.Time {
	if l.end != nil {
		return l.end.at
	}
	return l.in.Now
}

// Granted is the override that the state is by: declared, agreed to, stored and
// not void. Detected ones are in the record as well, and grant nothing.
func (r Record) Granted() (Override, bool) {
	for _, o := range slices.Backward(r.Overrides) {
		if o.Declared && o.Void == "" && o.complete() && o.Entry > 0 {
			return o, true
		}
	}
	return Override{}, false
}

// complete reports whether all who have to agree did.
func (o Override) complete() bool { return !o.NeedsSecond || o.Second != nil }

// lapse ends the override with an index, if it holds no longer. What a second
// person said after that which ended it, and was heard before, was about the
// change as it came to be: it is their own declaration.
func (l *look) lapse(i int) {
	o := &l.rec.Overrides[i]
	if !o.Declared || o.Void != "" {
		return
	}
	cause, by := l.lapsed(*o)
	if cause == "" {
		return
	}
	l.void(o, cause)
	agreed := l.indexOf(o.Agreed)
	if agreed >= 0 && by >= 0 && after(l.facts[agreed], agreed, l.facts[by], by) {
		l.declare(l.facts[agreed])
	}
}

// lapsed says why an override holds no longer: it was for one commit, one branch
// and seven days. by is the index of the fact that ended it, or -1.
func (l *look) lapsed(o Override) (why string, by int) {
	at := l.indexOf(o.ID)
	for i, f := range l.facts {
		if at < 0 || !after(f, i, l.facts[at], at) || !l.inTime(f) {
			continue
		}
		switch {
		case f.Kind == Pushed && f.Commit != o.Commit:
			return "pushed " + brief(f.Commit), i
		case f.Kind == Retargeted && f.BaseRef != o.BaseRef:
			return "the change is for another branch", i
		case i < at && l.cancels(f, o):
			return "withdrawn", i // which was heard before the override was
		}
	}
	switch {
	case o.Commit != l.head:
		return "the head is " + brief(l.head), -1
	case o.BaseRef != l.in.Pull.BaseRef:
		return "the change is for another branch", -1
	case !l.when().Before(o.Expires):
		return "expired", -1
	}
	return "", -1
}

// void ends a declared override by itself.
func (l *look) void(o *Override, cause string) {
	if !o.Declared || o.Void != "" {
		return
	}
	o.Void = cause
	if o.Entry > 0 && !o.settled() {
		l.record(EntryOverrideLapsed, *o, Account{})
	}
}

func (l *look) indexOf(fact string) int {
	return slices.IndexFunc(l.facts, func(f Fact) bool { return f.ID == fact })
}

// after reports whether one fact happened after another.
func after(a Fact, i int, b Fact, j int) bool {
	if told(a).Equal(told(b)) {
		return i > j
	}
	return told(a).After(told(b))
}

func (l *look) record(kind EntryKind, o Override, by Account) {
	e := Entry{Kind: kind, Subject: l.rec.Subject, At: l.in.Now, Actor: by, Commit: o.Commit, Override: o.ID, Domains: l.domains(),
		Second: o.Second, Expires: o.Expires, Cause: o.Void, Reason: o.Reason, Data: o.Data, Due: o.Due, Minutes: l.minutes()}
	l.out.Entries = append(l.out.Entries, e)
}

func (l *look) domains() []impact.Domain {
	var out []impact.Domain
	for _, n := range l.needs {
		out = append(out, n.domain)
	}
	return out
}

// opposed are those whose no is overridden, as "domain: login".
func (l *look) opposed() []string {
	var out []string
	for _, n := range l.needs {
		if no := l.against(n); len(no) > 0 {
			out = append(out, string(n.domain)+": "+l.names(no))
		}
	}
	return out
}

// override has a granted one stand for what is missing. A sign-off that is there
// goes before it.
func (l *look) override() {
	if l.rec.State == SignedOff || l.rec.State == NotRequired {
		return
	}
	if i := slices.IndexFunc(l.rec.Overrides, l.grants); i >= 0 {
		l.rec.State, l.rec.Why = OverrideDeclared, "overridden by "+l.rec.Overrides[i].By.Login
	}
}

// grants reports whether an override holds now. One that the ledger does not
// have, and does not get with this very record, grants nothing.
func (l *look) grants(o Override) bool {
	entered := o.Entry > 0 || slices.ContainsFunc(l.out.Entries, func(e Entry) bool {
		return e.Kind == EntryOverrideDeclared && e.Override == o.ID
	})
	return o.Declared && o.Void == "" && o.complete() && entered && l.rec.Mode != review.Observe
}

// dismissals finds reviews with a no that somebody else dismissed. The no stands
// all the same: that a button was pressed on the host convinced nobody.
func (l *look) dismissals() {
	if l.rec.Mode == review.Observe {
		return
	}
	for _, f := range l.facts {
		if f.Kind != ReviewDismissed || !l.inTime(f) {
			continue
		}
		for _, s := range l.said {
			id := "dismissed:" + strconv.FormatInt(f.Review, 10)
			if s.Review != f.Review || s.Kind == SignOff || s.Actor.ID == f.Actor.ID || len(s.Domains) == 0 || l.hasOverride(id) {
				continue
			}
			l.rec.Overrides = append(l.rec.Overrides, Override{ID: id, At: told(f), By: f.Actor, Commit: l.head, Reason: f.Text})
		}
	}
}

func (l *look) hasOverride(id string) bool {
	return slices.ContainsFunc(l.rec.Overrides, func(o Override) bool { return o.ID == id })
}
