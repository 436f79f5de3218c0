package signoff

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Correction is the correction of an error: why it happened, asked until the cause
// is one that a mechanism can remove.
type Correction struct {
	Opened   time.Time `json:"opened"`
	Override string    `json:"override"` // id of what went in
	// After is how the change turned out.
	After     Aftermath `json:"after"`
	Whys      []string  `json:"whys,omitempty"`
	Mechanism string    `json:"mechanism,omitempty"`
	Owner     string    `json:"owner,omitempty"` // login of who makes the mechanism
	// Named is when the mechanism was named and by whom; zero: it is open.
	Named time.Time `json:"named,omitzero"`
	By    Account   `json:"by,omitzero"`
}

// Open reports whether the mechanism is still to be named.
func (c *Correction) Open() bool { return c != nil && c.Named.IsZero() }

// turnedOut opens the correction of an overridden change that turned out badly.
func (l *look) turnedOut() {
	a, m := l.in.Aftermath, l.rec.Merge
	if a == nil || m == nil || !a.Bad() || m.Class != ClassOverridden || l.rec.Correction != nil {
		return
	}
	i := slices.IndexFunc(l.rec.Overrides, func(o Override) bool { return o.Void == "" && o.Entry > 0 })
	if i < 0 || l.rec.Overrides[i].did(Voided) {
		return // it was none
	}
	o := l.rec.Overrides[i]
	l.rec.Correction = &Correction{Opened: l.in.Now, Override: o.ID, After: *a}
	l.out.Entries = append(l.out.Entries, Entry{
		Kind: EntryCorrectionOpened, Subject: l.rec.Subject, At: l.in.Now, Commit: o.Commit, Cause: string(a.Result) + " by " + a.Commit,
	})
	l.notice("correction:"+o.ID, Notice{Kind: NoticeCorrect, To: []Account{o.By}, Override: o.ID})
}

// What a correction has to say: the fifth why is where a cause is mostly one of
// the system; with fewer than three it is one of somebody.
const (
	leastWhys = 3
	mostWhys  = 10
)

// correct answers "/bar correct".
func (l *look) correct(f Fact) ruling {
	open := l.rec.Correction
	if !open.Open() {
		return refuse("there is no error to correct here, or its mechanism is named already")
	}
	i := slices.IndexFunc(l.rec.Overrides, func(o Override) bool { return o.ID == open.Override })
	mine := i >= 0 && (has(l.rec.Overrides[i].Doers, f.Actor) || l.rec.Overrides[i].By.ID == f.Actor.ID ||
		slices.ContainsFunc(l.rec.Overrides[i].Line, func(level []Account) bool { return has(level, f.Actor) }))
	if !mine && !l.in.Writers[f.Actor.ID] && f.Actor.ID != l.in.Pull.Author.ID {
		return refuse("who went in may say that, those above, the author, and who may write to the repository")
	}
	chain, mechanism, ok := strings.Cut(f.Command.Text, "=>")
	var whys []string
	for why := range strings.SplitSeq(chain, ">") {
		if why = strings.TrimSpace(why); why != "" {
			whys = append(whys, why)
		}
	}
	mechanism = strings.TrimSpace(mechanism)
	switch {
	case !ok || mechanism == "":
		return refuse("name the mechanism that removes the cause, after `=>`: a person who takes care is none")
	case len(whys) < leastWhys || len(whys) > mostWhys:
		return refuse(fmt.Sprintf("ask why at least %d times, better five, with `>` between the answers", leastWhys))
	}
	c := *open
	c.Whys, c.Mechanism, c.Owner, c.Named, c.By = whys, mechanism, f.Command.Object, l.in.Now, f.Actor
	l.rec.Correction = &c
	l.out.Entries = append(l.out.Entries, Entry{
		Kind: EntryCorrectionNamed, Subject: l.rec.Subject, At: l.in.Now, Actor: f.Actor, Commit: l.head, Reason: strings.Join(whys, " > ") + " => " + mechanism + " (" + c.Owner + ")",
	})
	return granted
}
