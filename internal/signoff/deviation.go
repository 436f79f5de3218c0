package signoff

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/review"
)

// DESIGN. What a merge leaves to be done later is on its record: a deviation, which
// is looked at again on the day that its author named, and the correction of an
// error, which is open from when an overridden change turned out badly until
// somebody names the mechanism that removes its cause. Both begin by themselves,
// once, with a row of the ledger.
//
// A deviation is open until a second person says that it has ended. Whoever looks
// at it may leave it until another day, and then it comes back on that one: so none
// is forgotten, and none is closed by who made it.

// Departure is what a section of the description states of a deviation.
type Departure struct {
	Reason string      `json:"reason"`
	Data   string      `json:"data"`
	Again  review.Date `json:"again"`
}

// Deviation is a standard that a merged change did not keep.
type Deviation struct {
	Departure
	At     time.Time `json:"at"`
	By     Account   `json:"by"`
	Commit string    `json:"commit"`
	From   string    `json:"from"` // what was not kept
	// Looks are what was said when it was looked at again, in their order.
	Looks []LookedAgain `json:"looks,omitempty"`
	// Reminded says that the day has come, and that who made it was told; Late that
	// nobody has looked since, and that those above were. Both are of Due.
	Reminded bool `json:"reminded,omitempty"`
	Late     bool `json:"late,omitempty"`
}

// LookedAgain is one look at a deviation.
type LookedAgain struct {
	At   time.Time `json:"at"`
	By   Account   `json:"by"`
	Text string    `json:"text"`
	// Again is the day until which it is left; empty: it has ended.
	Again review.Date `json:"again,omitempty"`
}

// Due is the day on which the deviation is looked at again; empty: it has ended.
func (d Deviation) Due() review.Date {
	if n := len(d.Looks); n > 0 {
		return d.Looks[n-1].Again
	}
	return d.Again
}

// Open reports whether the standard is still not kept, by what people said.
func (d *Deviation) Open() bool { return d != nil && d.Due() != "" }

// deviated records the deviation that a merge went in with, as it was described
// before.
func (l *look) deviated() {
	if l.rec.Deviation != nil || l.rec.Mode == review.Observe {
		return
	}
	for _, d := range l.rec.Described {
		if d.Departure == nil {
			continue
		}
		l.rec.Deviation = &Deviation{Departure: *d.Departure, At: l.end.at, By: l.in.Pull.Author, Commit: l.head, From: d.Why}
		l.out.Entries = append(l.out.Entries, Entry{
			Kind: EntryDeviation, Subject: l.rec.Subject, At: l.in.Now, Actor: l.in.Pull.Author, Commit: l.head,
			Reason: d.Departure.Reason, Data: d.Departure.Data, Due: d.Departure.Again,
		})
	}
}

// lookAgain tells of a deviation on its day: who made it, and when nobody has looked
// for the time that a decision has, those above.
func (l *look) lookAgain() {
	if !l.rec.Deviation.Open() || l.rec.Deviation.Late {
		return
	}
	d := *l.rec.Deviation
	due := d.Due()
	day, err := time.Parse(time.DateOnly, string(due))
	if err != nil {
		return // unreachable: only a section or a command with a day is met
	}
	if l.in.Now.Before(day) {
		l.again(day)
		return
	}
	if !d.Reminded {
		d.Reminded = true
		l.notice("deviation:"+string(due), Notice{Kind: NoticeDeviation, To: []Account{d.By}})
	}
	f, above := l.aboveDeviation()
	span := cmp.Or(f.policy.Overrides.Decide, f.policy.Overrides.Acknowledge)
	switch late := f.working(day.Add(span)); {
	case f.unknown || f.quiet || span == 0:
	case l.in.Now.Before(late):
		l.again(late)
	default:
		d.Late = true
		to := f.present(above, 0)
		l.out.Entries = append(l.out.Entries, Entry{
			Kind: EntryDeviationLate, Subject: l.rec.Subject, At: l.in.Now, Commit: d.Commit, Due: due, To: to,
		})
		l.notice("deviation-late:"+string(due), Notice{Kind: NoticeDeviation, To: to})
	}
	l.rec.Deviation = &d
}

// aboveDeviation finds those above who made the deviation, as if it were an override
// of theirs.
func (l *look) aboveDeviation() (*follow, Override) {
	f := l.follow()
	o := Override{By: l.rec.Deviation.By}
	if !f.unknown {
		f.people(&o)
	}
	return f, o
}

// ended is the word that closes a deviation.
const ended = "ended"

// lookedAgain answers "/bar deviation".
func (l *look) lookedAgain(fact Fact) ruling {
	if !l.rec.Deviation.Open() {
		return refuse("there is no deviation here, or it has ended")
	}
	d := *l.rec.Deviation
	f, o := l.aboveDeviation()
	switch above := slices.ContainsFunc(o.Line, func(level []Account) bool { return has(level, fact.Actor) }); {
	case fact.Actor.ID == d.By.ID:
		return refuse("a second person looks at a deviation again: not who made it")
	case above, l.in.Writers[fact.Actor.ID]:
	case f.unknown:
		return wait
	default:
		return refuse("those above who made it may say that, and who may write to the repository")
	}
	seen := LookedAgain{At: l.in.Now, By: fact.Actor, Text: fact.Command.Text}
	if day := fact.Command.Object; day != ended {
		seen.Again = review.Date(day)
		if day <= l.in.Now.UTC().Format(time.DateOnly) {
			return refuse("the day on which to look at it again is not in the future")
		}
	}
	d.Looks = append(slices.Clip(d.Looks), seen)
	d.Reminded, d.Late = false, false
	l.rec.Deviation = &d
	l.out.Entries = append(l.out.Entries, Entry{
		Kind: EntryDeviationLookedAt, Subject: l.rec.Subject, At: l.in.Now, Actor: fact.Actor, Commit: d.Commit, Reason: seen.Text, Due: seen.Again,
	})
	return granted
}

// endedOrDay says what is wrong with the first word of "/bar deviation".
func endedOrDay(word string) (wrong string) {
	if _, err := time.Parse(time.DateOnly, word); err != nil && !strings.EqualFold(word, ended) {
		return "say first `" + ended + "`, or the day until which it is left, as 2026-12-31"
	}
	return ""
}
