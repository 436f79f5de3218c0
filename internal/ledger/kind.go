package ledger

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// A kind is what an entry of one type must have. It may have more names than
// those: they are recorded and bear on nothing here.
type kind struct {
	subject bool
	about   []Type // what it may follow; nil: it begins something
	any     bool   // it may follow an entry of any type
	actors  []Role
	strings []string
	texts   []string
	check   func(Entry) error
}

var overrides = []Type{OverrideDeclared, OverrideDetected}

// kinds has a row for each type. A new demand on an old type would turn entries
// that are written into bad ones, so it needs a new version of the leaf.
var kinds = map[Type]kind{
	OverrideDeclared: {subject: true, actors: []Role{By}, strings: []string{"head", "expires"}, texts: []string{"reason"},
		check: checks(validHead, validExpiry, secondPerson)},
	// Who merged may be an account that is gone.
	OverrideDetected:  {subject: true, strings: []string{"head"}, check: checks(validHead, secondPerson)},
	OverrideWithdrawn: {subject: true, about: []Type{OverrideDeclared}, actors: []Role{By}},
	OverrideLapsed:    {subject: true, about: []Type{OverrideDeclared}, strings: []string{"cause"}},
	OverrideVoided:    {subject: true, about: overrides, actors: []Role{By}, texts: []string{"reason"}},
	Justified:         {subject: true, about: overrides, actors: []Role{By}, texts: []string{"reason"}},
	Acknowledged:      {subject: true, about: overrides, actors: []Role{By}},
	Accepted:          {subject: true, about: overrides, actors: []Role{By}},
	Promised: {subject: true, about: overrides, actors: []Role{By}, strings: []string{"due"}, texts: []string{"promise"},
		check: validDue},
	Kept:      {subject: true, about: []Type{Promised}},
	Overdue:   {subject: true, about: append([]Type{Promised}, overrides...), strings: []string{"step"}},
	Escalated: {subject: true, about: []Type{Overdue}},
	SignOff:   {subject: true, actors: []Role{By}, strings: []string{"head", "domain"}, check: validHead},
	Deviation: {subject: true, actors: []Role{By}, strings: []string{"head", "due"}, texts: []string{"reason", "data"},
		check: checks(validHead, validDue)},
	DeviationLookedAt: {subject: true, actors: []Role{By}, strings: []string{"head"}, texts: []string{"reason"},
		check: checks(validHead, validDueIfAny)},
	DeviationLate:    {subject: true, strings: []string{"head", "due"}, check: checks(validHead, validDue)},
	CorrectionOpened: {subject: true, strings: []string{"head", "cause"}, check: validHead},
	CorrectionNamed:  {subject: true, actors: []Role{By}, strings: []string{"head"}, texts: []string{"reason"}, check: validHead},
	KeyRotated:       {strings: []string{"old", "new"}, check: validRotation},
	Redacted:         {any: true, actors: []Role{By}, strings: []string{"text"}},
	ModeChanged:      {subject: true, strings: []string{"from", "to"}},
}

func (k kind) validate(e Entry) error {
	switch follows := k.any || k.about != nil; {
	case k.subject && e.Subject == "":
		return errors.New("no subject")
	case follows && e.About == nil:
		return errors.New("it names no earlier entry")
	case !follows && e.About != nil:
		return errors.New("it follows nothing and names an entry")
	case follows && (*e.About < 0 || *e.About >= e.Index):
		return fmt.Errorf("it names entry %d, which is not an earlier one", *e.About)
	}
	for _, r := range k.actors {
		if e.Actors[r] == 0 {
			return fmt.Errorf("no actor %q", r)
		}
	}
	for _, name := range k.strings {
		if e.Strings[name] == "" {
			return fmt.Errorf("no string %q", name)
		}
	}
	for _, name := range k.texts {
		if _, ok := e.Texts[name]; !ok {
			return fmt.Errorf("no text %q", name)
		}
	}
	if k.check == nil {
		return nil
	}
	return k.check(e)
}

func checks(all ...func(Entry) error) func(Entry) error {
	return func(e Entry) error {
		for _, check := range all {
			if err := check(e); err != nil {
				return err
			}
		}
		return nil
	}
}

// validHead: a verdict or an override is bound to one commit, named in full.
func validHead(e Entry) error {
	if head := e.Strings["head"]; !lowerHex(head) || len(head) != 40 && len(head) != 64 {
		return fmt.Errorf("head %q is not the full hash of a commit", head)
	}
	return nil
}

func validExpiry(e Entry) error {
	at, err := parseTime(e.Strings["expires"])
	if err != nil {
		return fmt.Errorf("expires: %w", err)
	}
	if !at.After(e.At) {
		return errors.New("it expires before it begins")
	}
	return nil
}

func validDue(e Entry) error {
	if _, err := time.Parse(time.DateOnly, e.Strings["due"]); err != nil {
		return fmt.Errorf("due %q is not a day as 2006-01-02", e.Strings["due"])
	}
	return nil
}

func validDueIfAny(e Entry) error {
	if _, ok := e.Strings["due"]; !ok {
		return nil
	}
	return validDue(e)
}

func secondPerson(e Entry) error {
	if second, ok := e.Actors[Second]; ok && (second == e.Actors[By] || second == e.Actors[Author]) {
		return errors.New("the second person is the first one, or the author")
	}
	return nil
}

func validRotation(e Entry) error {
	for _, name := range []string{"old", "new"} {
		v, err := ParsePublicKey(e.Strings[name])
		if err != nil {
			return fmt.Errorf("%s key: %w", name, err)
		}
		if v.Name() != e.Origin {
			return fmt.Errorf("%s key is of %q", name, v.Name())
		}
	}
	if e.Strings["old"] == e.Strings["new"] {
		return errors.New("the new key is the old one")
	}
	return nil
}

// mayFollow reports whether an entry of type t may follow one of type earlier.
func mayFollow(t, earlier Type) bool {
	return kinds[t].any || slices.Contains(kinds[t].about, earlier)
}
