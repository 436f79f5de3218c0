// Package ledger is the record of overrides and of what came of them: entries
// in canonical bytes, a Merkle tree over them, signed checkpoints of that tree,
// and the verification of all three.
//
// It is pure: no I/O, no clock, no randomness of its own. Hashes are read
// through tlog's interface, leaves through an iterator, time and chance are
// values. Who writes the bytes to a table, and who publishes a checkpoint, is
// elsewhere.
//
// The invariant: a leaf is exact bytes. Decode accepts only what Encode writes,
// so that an entry has one leaf, one hash and one place, and no difference is
// too small to be seen.
//
// What is deliberately absent: proofs for a single reader over the network
// (tiles, witnesses). A ledger is small enough to be read whole, and a
// checkpoint that somebody else keeps is all the witness that is needed.
//
// docs/ledger.md has the format, exactly enough to write another verifier, and
// second_test.go is one.
package ledger

import (
	"fmt"
	"time"
)

// Version is the version of the leaves that are written.
const Version = 1

// MaxLeaf is the size of the longest leaf, in bytes. Text has no place in a
// leaf, so real ones have a few hundred.
const MaxLeaf = 64 << 10

// A Type says what an entry records.
type Type string

const (
	OverrideDeclared  Type = "override-declared"  // somebody goes in against, or without, a sign-off, and says so before
	OverrideDetected  Type = "override-detected"  // somebody went in and had not said so
	OverrideWithdrawn Type = "override-withdrawn" // taken back before it was used
	OverrideLapsed    Type = "override-lapsed"    // ended by a push or by its expiry before it was used
	OverrideVoided    Type = "override-voided"    // a third person says that it was none
	Justified         Type = "justified"          // the reason, given afterwards
	Acknowledged      Type = "acknowledged"       // management has seen it
	Accepted          Type = "accepted"           // nothing more is asked for
	Promised          Type = "promised"           // something will be done by a day
	Kept              Type = "kept"               // the promise was
	Overdue           Type = "overdue"            // a step of the follow-up is late
	Escalated         Type = "escalated"          // told one level up
	SignOff           Type = "sign-off"
	Deviation         Type = "deviation"           // a standard was not kept, with the reason and the day on which it is looked at again
	DeviationLookedAt Type = "deviation-looked-at" // a second person says until which day it is left, or that it has ended
	DeviationLate     Type = "deviation-late"      // nobody looked at it in time: told one level up
	CorrectionOpened  Type = "correction-opened"   // an overridden change turned out badly: why, five times
	CorrectionNamed   Type = "correction-named"    // the mechanism that removes the cause, and who owns it
	KeyRotated        Type = "key-rotated"         // from here another key signs
	Redacted          Type = "redacted"            // a text was erased, its hash stays
	ModeChanged       Type = "mode-changed"
)

// A Role says what somebody has to do with an entry.
type Role string

const (
	By     Role = "by" // who did it; absent where the bot itself did
	Author Role = "author"
	Second Role = "second" // who approved it besides
	To     Role = "to"     // who was told
)

// An Entry is one fact. It is never changed: what came of it is another entry,
// which names it.
type Entry struct {
	Type   Type
	Origin string // the ledger's name, as in its key
	Index  int64  // its place in the ledger, from 0; also its public number
	// At is when it was recorded, kept to the microsecond.
	At time.Time
	// Subject is the pull request, merge group or ref that it is about, by
	// installation, repository and number; empty where it is about the ledger
	// as a whole.
	Subject string
	// About is the index of the earlier entry that this one follows; nil where
	// it begins something.
	About *int64
	// Actors are people by their numeric ids: logins are renamed and reused.
	Actors map[Role]int64
	// Strings and Numbers are facts that never have to be erased: hashes, rule
	// ids, dates, minutes, links.
	Strings map[string]string
	Numbers map[string]int64
	// Texts are what people wrote, by their salted hashes. See Redactable.
	Texts map[string]Digest
}

// Validate says what is wrong with the form of an entry by itself. Whether it
// fits to those before it is for a Book to say.
func (e Entry) Validate() error {
	k, ok := kinds[e.Type]
	if !ok {
		return fmt.Errorf("unknown type %q", e.Type)
	}
	if err := validOrigin(e.Origin); err != nil {
		return err
	}
	if e.Index < 0 {
		return fmt.Errorf("negative index %d", e.Index)
	}
	if y := e.At.UTC().Year(); y < 1 || y > 9999 {
		return fmt.Errorf("time %v does not fit into four digits of a year", e.At)
	}
	if len(e.Subject) > maxSubject {
		return fmt.Errorf("subject of %d bytes, more than %d", len(e.Subject), maxSubject)
	}
	if err := e.validNames(); err != nil {
		return err
	}
	return k.validate(e)
}

const (
	maxSubject = 1024
	maxName    = 64
)

func (e Entry) validNames() error {
	for r, id := range e.Actors {
		if !validName(string(r)) {
			return fmt.Errorf("name %q of an actor", r)
		}
		if id <= 0 {
			return fmt.Errorf("actor %q has the id %d", r, id)
		}
	}
	for name := range e.Strings {
		if !validName(name) {
			return fmt.Errorf("name %q of a string", name)
		}
	}
	for name := range e.Numbers {
		if !validName(name) {
			return fmt.Errorf("name %q of a number", name)
		}
	}
	for name := range e.Texts {
		if !validName(name) {
			return fmt.Errorf("name %q of a text", name)
		}
	}
	return nil
}

// validName reports whether s is lower-case words joined by hyphens.
func validName(s string) bool {
	if s == "" || len(s) > maxName || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// validOrigin holds an origin to what is a line of a checkpoint and the name of
// a key at once.
func validOrigin(s string) error {
	if s == "" || len(s) > 255 {
		return fmt.Errorf("origin of %d bytes, want 1 to 255", len(s))
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '+' {
			return fmt.Errorf("origin %q has a character that is not printable ASCII, or a plus", s)
		}
	}
	return nil
}
