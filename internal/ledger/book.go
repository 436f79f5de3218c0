package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Book knows which entry may follow which: it is the domain's half of
// verification, and what asks before an entry is appended, so that no entry is
// written that verification then complains of for ever.
//
// It has to be given the entries in their order. It need not be all of them: to
// judge a new entry, the one that it names is enough, with what that one names
// and all that are about these. The zero Book is empty.
//
//	override → justified, acknowledged, promised → kept …
//	         → withdrawn | lapsed | voided | accepted | last promise kept: closed
type Book struct {
	open map[int64]*opened
}

// opened is what a Book keeps of an entry that others may be about.
type opened struct {
	kind     Type
	subject  string
	people   map[Role]int64 // of an override
	override int64          // of a promise: what it was made for
	promises int            // of an override: those not yet kept
	closed   Type           // what closed it; "" while it is open
	texts    map[string]bool
}

// Check says why an entry may not come next. It changes nothing.
func (b *Book) Check(e Entry) error {
	if e.About == nil {
		return nil
	}
	about, ok := b.open[*e.About]
	switch {
	case e.Type == Redacted:
		return checkRedaction(e, about)
	case !ok || !mayFollow(e.Type, about.kind):
		return fmt.Errorf("%s names entry %d, which is nothing that it may follow", e.Type, *e.About)
	case e.Subject != about.subject:
		return fmt.Errorf("its subject %q is not that of entry %d, %q", e.Subject, *e.About, about.subject)
	case about.closed != "":
		return fmt.Errorf("entry %d was closed before: %s", *e.About, about.closed)
	}
	switch e.Type {
	case OverrideVoided:
		for _, role := range slices.Sorted(maps.Keys(about.people)) {
			if id := about.people[role]; id == e.Actors[By] {
				return fmt.Errorf("voided by %d, who is no third person but the %q of entry %d", id, role, *e.About)
			}
		}
	case Promised, Overdue, Kept:
		if o, ok := b.open[about.override]; about.kind == Promised && ok && o.closed != "" {
			return fmt.Errorf("the override of promise %d was closed before: %s", *e.About, o.closed)
		}
	}
	return nil
}

func checkRedaction(e Entry, about *opened) error {
	name := e.Strings["text"]
	if about == nil {
		return fmt.Errorf("entry %d has no text", *e.About)
	}
	there, ok := about.texts[name]
	switch {
	case !ok:
		return fmt.Errorf("entry %d has no text %q", *e.About, name)
	case !there:
		return fmt.Errorf("text %q of entry %d was redacted before", name, *e.About)
	case e.Subject != about.subject:
		return fmt.Errorf("its subject %q is not that of entry %d, %q", e.Subject, *e.About, about.subject)
	}
	return nil
}

// Add takes in an entry whose form is valid, as Decode and Append return it. One
// that Check refuses leaves the book as it was.
func (b *Book) Add(e Entry) error {
	if _, twice := b.open[e.Index]; twice {
		return errors.New("an entry of this index is there already")
	}
	if err := b.Check(e); err != nil {
		return err
	}
	if e.About != nil {
		b.follow(e, b.open[*e.About])
	}
	b.keep(e)
	return nil
}

// follow notes what an entry does to the one that it is about.
func (b *Book) follow(e Entry, about *opened) {
	switch e.Type {
	case Redacted:
		about.texts[e.Strings["text"]] = false
	case OverrideWithdrawn, OverrideLapsed, OverrideVoided, Accepted:
		about.closed = e.Type
	case Promised:
		about.promises++
	case Kept:
		about.closed = Kept
		if o, ok := b.open[about.override]; ok {
			if o.promises--; o.promises == 0 {
				o.closed = Kept
			}
		}
	}
}

// keep remembers an entry that a later one may name, and no other: most are
// sign-offs, and a million of them should not be held.
func (b *Book) keep(e Entry) {
	switch e.Type {
	case OverrideDeclared, OverrideDetected, Promised, Overdue:
	default:
		if len(e.Texts) == 0 {
			return
		}
	}
	// Cloned, for a string of a decoded entry holds its whole leaf.
	o := &opened{kind: e.Type, subject: strings.Clone(e.Subject)}
	if e.About != nil {
		o.override = *e.About
	}
	if slices.Contains(overrides, e.Type) {
		o.people = make(map[Role]int64, len(e.Actors))
		for role, id := range e.Actors {
			o.people[Role(strings.Clone(string(role)))] = id
		}
	}
	if len(e.Texts) > 0 {
		o.texts = make(map[string]bool, len(e.Texts))
		for name := range e.Texts {
			o.texts[strings.Clone(name)] = true
		}
	}
	if b.open == nil {
		b.open = map[int64]*opened{}
	}
	b.open[e.Index] = o
}
