package signoff

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/review"
)

// DESIGN
//
// An override that was used, or that was found out, is followed up:
//
//	open → justified → acknowledged → accepted | promised → kept
//	     → voided, at any step
//
// Who went in says why; somebody above them has seen it; then it is accepted as it
// is, or something is promised by a day and that is checked. What was done is a
// list of steps, each of them once in the ledger, and the stage is read from the
// list. What waits is read from the stage, and a deadline is the beginning of what
// waits and a time of the policy: so nothing is scheduled, and a look at any
// moment finds what is late. A deadline that passed is a step like others.
//
// Who may take a step is decided when it is heard, by the policy and the accounts
// of that look, and stays decided. Nothing of this bears on where the pull request
// stands: it went in.

// Stage is how far the follow-up of an override has come.
type Stage string

const (
	// NotFollowed is an override that was declared and is not used, or is void.
	NotFollowed       Stage = ""
	StageOpen         Stage = "open"         // nobody has said why
	StageJustified    Stage = "justified"    // nobody above has seen it
	StageAcknowledged Stage = "acknowledged" // nobody has said what comes of it
	StagePromised     Stage = "promised"     // something is to be done by a day
	StageAccepted     Stage = "accepted"     // nothing more is asked for
	StageKept         Stage = "kept"         // the promise was
	StageVoided       Stage = "voided"       // it was none, says a third person
)

// Stages are the stages in their order.
func Stages() []Stage {
	return []Stage{StageOpen, StageJustified, StageAcknowledged, StagePromised, StageAccepted, StageKept, StageVoided}
}

// Closed reports whether nothing is waited for any more.
func (s Stage) Closed() bool {
	return s == StageAccepted || s == StageKept || s == StageVoided || s == NotFollowed
}

// StepKind is what a step of the follow-up is, as the ledger calls it.
type StepKind string

const (
	Justified    StepKind = "justified"
	Acknowledged StepKind = "acknowledged"
	Accepted     StepKind = "accepted"
	Promised     StepKind = "promised"
	Kept         StepKind = "kept"
	Voided       StepKind = "override-voided"
	Overdue      StepKind = "overdue"   // what Followed.Late waits for did not come in time
	Escalated    StepKind = "escalated" // Followed.To were told of that
)

// Followed is one step of the follow-up of an override. It is never changed, but
// for what was said to be kept and is checked later.
type Followed struct {
	Kind StepKind `json:"kind"`
	// Fact is the id of what was said; empty where a deadline passed.
	Fact string `json:"fact,omitempty"`
	// Entry is the place in the ledger counted from 1; 0: it is not there. What is
	// said to be kept and not checked has none.
	Entry int64       `json:"entry,omitempty"`
	At    time.Time   `json:"at"`
	By    Account     `json:"by,omitzero"`
	Text  string      `json:"text,omitempty"` // the reason, the note; of a promise, the issue
	Link  string      `json:"link,omitempty"` // by which a promise is kept
	Due   review.Date `json:"due,omitempty"`  // of a promise
	// Checked is who saw that a promise was kept.
	Checked *Account `json:"checked,omitempty"`
	// Late is what did not come in time: justify, acknowledge, accept or kept.
	Late Verb      `json:"late,omitempty"`
	To   []Account `json:"to,omitempty"` // who was told; none: the channel
}

// Key tells the steps of an override apart: Entry.Step and Entry.About are keys.
func (f Followed) Key() string {
	return string(f.Kind) + " " + f.Fact + string(f.Late)
}

// Name is the override as people call it, by its index in the ledger: "OVR-41".
// It is empty before it has one.
func (o Override) Name() string {
	if o.Entry == 0 {
		return ""
	}
	return namePrefix + strconv.FormatInt(o.Entry-1, 10)
}

const namePrefix = "OVR-"

// named reports whether a person's word names the override.
func (o Override) named(word string) bool {
	return word == o.ID || o.Entry > 0 && strings.EqualFold(word, o.Name())
}

// step returns the first step of a kind.
func (o Override) step(kind StepKind) (Followed, bool) {
	i := slices.IndexFunc(o.Steps, func(f Followed) bool { return f.Kind == kind })
	if i < 0 {
		return Followed{}, false
	}
	return o.Steps[i], true
}

func (o Override) did(kind StepKind) bool {
	_, ok := o.step(kind)
	return ok
}

// justified reports whether somebody said why: a declared one says it when it is
// declared.
func (o Override) justified() bool { return o.Declared || o.did(Justified) }

// Stage is how far the follow-up has come.
func (o Override) Stage() Stage {
	kept, said := o.step(Kept)
	switch {
	case o.did(Voided):
		return StageVoided
	case o.Since.IsZero() || o.Void != "":
		return NotFollowed
	case o.did(Accepted):
		return StageAccepted
	case said && kept.Checked != nil:
		return StageKept
	case !o.justified():
		return StageOpen
	case !o.did(Acknowledged):
		return StageJustified
	case o.did(Promised):
		return StagePromised
	}
	return StageAcknowledged
}

// settled reports whether the ledger takes no more of an override: its follow-up
// was closed.
func (o Override) settled() bool {
	kept, said := o.step(Kept)
	return o.did(Accepted) || o.did(Voided) || said && kept.Checked != nil
}

// A Wait is what the follow-up waits for.
type Wait struct {
	For Verb // justify, acknowledge, accept, or kept; empty: for nothing
	// Check says that a promise is said to be kept, and waits for a second person.
	Check bool
	Who   []Account // who can end it; none: nobody that the policy names
	Since time.Time // when it began
	// Due is when it is late; zero: never.
	Due time.Time
}

// Waits returns what the follow-up waits for.
func (o Override) Waits() Wait {
	w := Wait{Since: o.Since, Due: o.Deadline}
	switch o.Stage() {
	case StageOpen:
		w.For, w.Who = VerbJustify, o.Doers
	case StageJustified:
		w.For, w.Who = VerbAcknowledge, o.above(0)
		if s, ok := o.step(Justified); ok {
			w.Since = s.At
		}
	case StageAcknowledged:
		s, _ := o.step(Acknowledged)
		w.For, w.Who, w.Since = VerbAccept, []Account{s.By}, s.At
	case StagePromised:
		s, _ := o.step(Promised)
		w.For, w.Who, w.Since = VerbKept, []Account{s.By}, s.At
		if said, ok := o.step(Kept); ok {
			w.Check, w.Who, w.Since = true, o.above(0), said.At
		}
	default:
		return Wait{}
	}
	return w
}

// above are those of a level, the lowest first; nobody above the last.
func (o Override) above(level int) []Account {
	if level < len(o.Line) {
		return o.Line[level]
	}
	return nil
}

// May reports whether somebody may take a step by what the last look knew of
// people. It is for showing a button, or saying no at once: the look that hears it
// decides.
func (o Override) May(verb Verb, who Account) bool {
	return who.ID != 0 && !who.Bot && o.refuses(verb, who) == ""
}

// WhyNot says why somebody may not take a step, by the same; empty where they may.
// It is Markdown.
func (o Override) WhyNot(verb Verb, who Account) string { return o.refuses(verb, who) }

// refuses says why somebody may not take a step now.
func (o Override) refuses(verb Verb, who Account) string {
	stage := o.Stage()
	upper := slices.ContainsFunc(o.Line, func(level []Account) bool { return has(level, who) })
	switch {
	case stage == NotFollowed:
		return "there is nothing to follow up: it was not used, or is void"
	case stage.Closed():
		return "it is closed already: " + string(stage)
	}
	switch verb {
	case VerbJustify:
		if o.justified() {
			return "it was said why already"
		}
		return o.unless(has(o.Doers, who), o.Doers)
	case VerbPromise:
		switch {
		case !o.justified():
			return "say why first: `/bar justify REASON`"
		case o.did(Promised):
			return "there is a promise already"
		}
		return o.unless(has(o.Doers, who), o.Doers)
	case VerbKept:
		promise, ok := o.step(Promised)
		switch {
		case !ok:
			return "nothing was promised"
		case has(o.Doers, who) || promise.By.ID == who.ID:
			return ""
		case !upper && !o.did(Kept):
			return o.unless(false, o.Doers)
		}
		return o.unless(upper, slices.Concat(o.Line...))
	case VerbAcknowledge:
		if upper && o.did(Acknowledged) {
			return "it was acknowledged already"
		}
	}
	return o.unless(upper, slices.Concat(o.Line...))
}

// unless refuses with those who may.
func (o Override) unless(may bool, who []Account) string {
	if may {
		return ""
	}
	var names []string
	for _, a := range who {
		if name := "`" + a.Login + "`"; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "nobody may: `people.NAME.manager` or `overrides.tell` in `" + review.PolicyPath + "` names who"
	}
	return "who may: " + strings.Join(names, ", ")
}
