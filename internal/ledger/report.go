package ledger

import (
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// A Finding is the sort of a problem.
type Finding string

const (
	Malformed  Finding = "malformed"  // not the canonical bytes of an entry
	Foreign    Finding = "foreign"    // of another ledger
	Gap        Finding = "gap"        // deleted, inserted or swapped
	Backwards  Finding = "backwards"  // earlier than the entry before it
	Impossible Finding = "impossible" // follows nothing that it may follow
	Text       Finding = "text"       // a text is gone, or is another one
	Hash       Finding = "hash"       // a stored hash is not that of the entries
	Unsigned   Finding = "unsigned"   // nothing valid signs the ledger, or a change of keys
	Signature  Finding = "signature"  // a checkpoint without the right signature
	Truncated  Finding = "truncated"  // fewer entries than a checkpoint says: cut, or an older copy
	Forked     Finding = "forked"     // other entries than a checkpoint says
)

// A Problem is something that verification found.
type Problem struct {
	Index int64 // the place of the entry; -1 where it is not about one
	What  Finding
	Why   string // one sentence without a full stop
}

func (p Problem) String() string {
	if p.Index < 0 {
		return fmt.Sprintf("%s: %s", p.What, p.Why)
	}
	return fmt.Sprintf("entry %d: %s: %s", p.Index, p.What, p.Why)
}

// MaxProblems is how many problems a report lists.
const MaxProblems = 1000

// An Anchored is a checkpoint that was compared with the ledger.
type Anchored struct {
	Name    string // of the anchor, as it was given; "" for one stored with the ledger
	Size    int64
	Matched bool // signed by the right key, and the ledger begins with what it says
}

// A Report says what a verification read and found.
type Report struct {
	Entries     int64
	First, Last time.Time // of the entries; zero where none could be read
	Root        tlog.Hash // of what was read
	// Signed is how many entries, from the first on, a checkpoint with valid
	// signatures covers. Those after it were written and not yet signed.
	Signed int64
	// Outside is the same for the anchors alone: only so many entries cannot
	// have been rewritten by who holds both the database and the key.
	Outside int64
	Stored  []Anchored // the checkpoints kept with the ledger, in the order given
	Anchors []Anchored // those that left the machine, in the order given
	Keys    []string   // verifier keys that signed, in their order
	// Problems are in the order of discovery, MaxProblems at most.
	Problems []Problem
	More     int // as many more are not listed
}

// OK reports whether nothing was found.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) add(index int64, what Finding, format string, args ...any) {
	if len(r.Problems) == MaxProblems {
		r.More++
		return
	}
	r.Problems = append(r.Problems, Problem{index, what, fmt.Sprintf(format, args...)})
}
