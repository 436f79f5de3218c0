package signoff

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/barraiser/barraiser/internal/review"
)

// A follow is the follow-up of one subject's overrides at one look.
type follow struct {
	directory
	now     time.Time
	subject Subject
	policy  review.Policy
	// unknown says that the policy or the people are not known now: nothing is
	// decided.
	unknown bool
	quiet   bool    // nobody is told, and nothing is late: observe
	author  Account // of the pull request
	// used is the id of the override that a merge went in by.
	used      string
	overrides []Override // changed in place
	entries   []Entry    // of this look, so far
	effects   []Effect
	next      time.Time
}

// run takes the steps that are heard for the first time, each by a call of answer
// with what rules over it, and notes what is late.
func (f *follow) run(facts []Fact, fresh func(Fact) bool, answer func(Fact, func(Fact) ruling)) {
	for i := range f.overrides {
		f.begin(&f.overrides[i])
	}
	for _, fact := range facts {
		if follows(fact) && fresh(fact) && !fact.Actor.Bot {
			answer(fact, f.rule)
		}
	}
	for i := range f.overrides {
		f.deadline(&f.overrides[i])
		f.enter(&f.overrides[i])
	}
}

// follows reports whether a fact is a step of the follow-up.
func follows(f Fact) bool {
	return f.Kind == Commanded && f.Command != nil && steps[f.Command.Verb] != nil
}

// begin has an override followed up that was found out or used, and finds who has
// to do with it.
func (f *follow) begin(o *Override) {
	used := !o.Declared || o.ID == f.used
	switch {
	case o.did(Voided):
		return
	case o.Void != "" || !used || !f.entered(*o):
		o.Since = time.Time{}
		return
	case f.unknown || !o.Since.IsZero() && o.Stage().Closed():
		return
	}
	f.people(o)
	if !o.Since.IsZero() {
		return
	}
	o.Since = f.now
	if !o.justified() && len(o.Doers) > 0 {
		f.notice(*o, NoticeJustify, "", "", o.Doers)
	}
	if to := f.present(*o, 0); len(to) > 0 {
		f.notice(*o, NoticeAcknowledge, "", "", to)
	}
}

// entered reports whether the ledger has an override, or gets it with this look.
func (f *follow) entered(o Override) bool {
	return o.Entry > 0 || slices.ContainsFunc(f.entries, func(e Entry) bool {
		return e.Override == o.ID && (e.Kind == EntryOverrideDeclared || e.Kind == EntryOverrideDetected)
	})
}

// present are those of a level who are there today; where nobody is, of the next
// one that has somebody. Nobody: the policy's channel.
func (f *follow) present(o Override, level int) []Account {
	today := review.Date(f.now.UTC().Format(time.DateOnly))
	for ; level < len(o.Line); level++ {
		var here []Account
		for _, a := range o.Line[level] {
			if !f.policy.AbsentOn(f.login(a), today) {
				here = append(here, a)
			}
		}
		if len(here) > 0 {
			return here
		}
	}
	return nil
}

// rule answers one step.
func (f *follow) rule(fact Fact) ruling {
	c := fact.Command
	switch {
	case c.Wrong != "":
		return refuse(c.Wrong)
	case fact.Edited:
		return refuse("an edited comment counts for nothing: write a new one")
	case !genuine(fact):
		return refuse("only who wrote a comment can say something with it")
	case len(f.overrides) == 0:
		return refuse("there is no override to follow up here")
	case f.unknown:
		return wait
	}
	o, why := f.meant(fact)
	if why == "" {
		why = o.refuses(c.Verb, fact.Actor)
	}
	if why == "" {
		why = steps[c.Verb](f, o, fact)
	}
	if why != "" {
		return refuse(why)
	}
	f.notice(*o, NoticeStep, c.Verb, fact.ID, nil)
	return granted
}

// meant is the override that a step is about.
func (f *follow) meant(fact Fact) (o *Override, wrong string) {
	var open []*Override
	for i := range f.overrides {
		o := &f.overrides[i]
		if fact.Command.Object != "" && o.named(fact.Command.Object) {
			return o, ""
		}
		if !o.Stage().Closed() {
			open = append(open, o)
		}
	}
	switch {
	case fact.Command.Object != "":
		return nil, "there is no override of that name here"
	case len(open) == 0:
		return nil, "there is no override to follow up here"
	case len(open) == 1:
		return open[0], ""
	}
	var names []string
	for _, o := range open {
		if name := o.Name(); name != "" {
			names = append(names, name)
		}
	}
	return nil, "name the override: " + strings.Join(names, ", ")
}

// steps has a row for each verb of the follow-up: it takes the step, or says what
// is wrong with it. Who may is found out before.
var steps = map[Verb]func(*follow, *Override, Fact) string{
	VerbJustify:     (*follow).justify,
	VerbAcknowledge: (*follow).acknowledge,
	VerbAccept:      (*follow).accept,
	VerbPromise:     (*follow).promise,
	VerbKept:        (*follow).keep,
	VerbVoid:        (*follow).void,
}

func (f *follow) take(o *Override, kind StepKind, fact Fact) *Followed {
	o.Steps = append(o.Steps, Followed{Kind: kind, Fact: fact.ID, At: f.now, By: fact.Actor, Text: strings.TrimSpace(fact.Command.Text)})
	return &o.Steps[len(o.Steps)-1]
}

func (f *follow) justify(o *Override, fact Fact) string {
	least := max(f.policy.Overrides.Reason, 1)
	if utf8.RuneCountInString(strings.TrimSpace(fact.Command.Text)) < least {
		return fmt.Sprintf("say why in at least %d characters: it is told to management and kept", least)
	}
	f.take(o, Justified, fact)
	if to := f.present(*o, 0); len(to) > 0 && !o.did(Acknowledged) {
		f.notice(*o, NoticeAcknowledge, VerbJustify, fact.ID, to) // now there is something to acknowledge
	}
	return ""
}

// acknowledge is that somebody above has seen it. What was promised when the
// override was declared is a promise from here on.
func (f *follow) acknowledge(o *Override, fact Fact) string {
	f.take(o, Acknowledged, fact).Text = ""
	if o.FollowUp != "" && o.Due != "" && !o.did(Promised) {
		o.Steps = append(o.Steps, Followed{Kind: Promised, Fact: o.ID, At: f.now, By: o.By, Text: o.FollowUp, Due: o.Due})
	}
	return ""
}

// seen has whoever decides over an override acknowledge it with that.
func (f *follow) seen(o *Override, fact Fact) {
	if !o.did(Acknowledged) {
		f.take(o, Acknowledged, fact).Text = ""
	}
}

func (f *follow) accept(o *Override, fact Fact) string {
	if !o.justified() && strings.TrimSpace(fact.Command.Text) == "" {
		return "nobody said why it went in: say why it is accepted all the same"
	}
	f.seen(o, fact)
	f.take(o, Accepted, fact)
	return ""
}

func (f *follow) promise(o *Override, fact Fact) string {
	c := fact.Command
	switch today := review.Date(f.now.UTC().Format(time.DateOnly)); {
	case strings.TrimSpace(c.FollowUp) == "" || c.Due == "":
		return "name the issue, and the day by which it will be done"
	case c.Due < today:
		return "the day has passed"
	}
	s := f.take(o, Promised, fact)
	s.Text, s.Due = strings.TrimSpace(c.FollowUp), c.Due
	return ""
}

// keep is that a promise is said to be kept, or that somebody above has checked
// that it is.
func (f *follow) keep(o *Override, fact Fact) string {
	at := slices.IndexFunc(o.Steps, func(s Followed) bool { return s.Kind == Kept })
	promise, _ := o.step(Promised)
	checks := fact.Actor.ID != promise.By.ID && !has(o.Doers, fact.Actor)
	link := strings.TrimSpace(fact.Command.Data)
	if link == "" && !(checks && at >= 0) {
		return "give the address that shows it"
	}
	if checks {
		f.seen(o, fact)
	}
	switch who := fact.Actor; {
	case at < 0:
		s := f.take(o, Kept, fact)
		s.Text, s.Link = "", link
		if checks {
			s.Checked = &who
		}
	case checks:
		// It is a step from here on, after that it was acknowledged.
		s := o.Steps[at]
		if s.Checked = &who; link != "" {
			s.Link = link
		}
		o.Steps = append(slices.Delete(o.Steps, at, at+1), s)
	default:
		o.Steps[at].Link = link // what was said before showed something else
	}
	if !checks {
		f.notice(*o, NoticeCheckKept, VerbKept, fact.ID, f.present(*o, 0))
	}
	return ""
}

func (f *follow) void(o *Override, fact Fact) string {
	if strings.TrimSpace(fact.Command.Text) == "" {
		return "say why it was none"
	}
	f.take(o, Voided, fact)
	return ""
}

// notice tells people, each of one thing once.
func (f *follow) notice(o Override, kind NoticeKind, step Verb, fact string, to []Account) {
	if f.quiet {
		return
	}
	key := fmt.Sprintf("follow:%s:%s:%s:%s", o.ID, kind, step, fact)
	f.effects = append(f.effects, Effect{Kind: TellNotice, Subject: f.subject, Fact: key, Notice: &Notice{Kind: kind, To: to, Override: o.ID, Step: step}})
}
