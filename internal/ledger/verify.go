package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Evidence is what a ledger is held against.
type Evidence struct {
	Origin string
	// Keys are the verifier keys that are trusted: first the one that signed
	// from entry 0 on. Later ones follow from the ledger, as long as the
	// checkpoints of the rotations are there; further keys given here are
	// trusted for the rotations that name them.
	Keys []string
	// Stored are the signed notes that are kept with the ledger: the newest,
	// and for each rotation one that both keys signed.
	Stored  [][]byte
	Anchors []Anchor
	// Tolerance is how much earlier an entry may be than the one before it:
	// several machines write, and their clocks differ.
	Tolerance time.Duration
	// Hashes are the stored hashes of the tree; nil: they are not looked at.
	Hashes tlog.HashReader
	// Texts returns a text that is kept apart from its leaf, false where it was
	// erased; nil: texts are not looked at.
	Texts func(index int64, name string) (Redactable, bool, error)
}

// An Anchor is a signed note that left the machine: it stands in a check run,
// in a message or in a file.
type Anchor struct {
	Name string // where it was found
	Note []byte
}

// Verify reads the leaves from entry 0 on and holds them against the evidence.
// The error is about what could not be read or makes no sense as evidence; what
// was found is in the report. A little is kept of each override and of what has
// a text, and nothing of other entries.
func Verify(leaves iter.Seq2[[]byte, error], ev Evidence) (*Report, error) {
	v := &verification{ev: ev, report: &Report{}, verifiers: map[string]note.Verifier{}, trusted: map[string]bool{}}
	if err := v.begin(); err != nil {
		return nil, fmt.Errorf("verify ledger: %w", err)
	}
	for leaf, err := range leaves {
		if err == nil {
			err = v.leaf(leaf)
		}
		if err != nil {
			return nil, fmt.Errorf("verify ledger: entry %d: %w", v.tree.size, err)
		}
	}
	if err := v.end(); err != nil {
		return nil, fmt.Errorf("verify ledger: %w", err)
	}
	return v.report, nil
}

type verification struct {
	ev     Evidence
	report *Report

	tree   frontier
	book   Book
	next   int64               // the index that should come
	erased map[textAt]bool     // texts that are gone, and no entry so far says why
	fresh  []tlog.Hash         // computed, to be compared with the stored ones
	roots  map[int64]tlog.Hash // at the sizes of the checkpoints

	stored, anchors []*witness
	rotations       []rotation
	verifiers       map[string]note.Verifier // by verifier key
	trusted         map[string]bool
}

type textAt struct {
	index int64
	name  string
}

func (a textAt) compare(b textAt) int {
	return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(a.name, b.name))
}

func (v *verification) begin() error {
	if err := validOrigin(v.ev.Origin); err != nil {
		return err
	}
	if len(v.ev.Keys) == 0 {
		return errors.New("no verifier key: what is signed by any key is signed by nobody")
	}
	for _, k := range v.ev.Keys {
		if err := v.learn(k); err != nil {
			return err
		}
		v.trusted[k] = true
	}
	v.roots = map[int64]tlog.Hash{}
	for _, signed := range v.ev.Stored {
		v.stored = append(v.stored, v.witness("", signed))
	}
	for _, a := range v.ev.Anchors {
		v.anchors = append(v.anchors, v.witness(a.Name, a.Note))
	}
	v.erased = map[textAt]bool{}
	return v.noteRoot()
}

// learn keeps the verifier of a key of this ledger.
func (v *verification) learn(public string) error {
	k, err := ParsePublicKey(public)
	if err != nil {
		return err
	}
	if k.Name() != v.ev.Origin {
		return fmt.Errorf("verifier key is of %q, the ledger is %q", k.Name(), v.ev.Origin)
	}
	v.verifiers[public] = k
	return nil
}

// noteRoot computes the root where a checkpoint speaks of it.
func (v *verification) noteRoot() (err error) {
	if _, wanted := v.roots[v.tree.size]; wanted {
		v.roots[v.tree.size], err = v.tree.root()
	}
	return err
}

func (v *verification) leaf(leaf []byte) error {
	place := v.tree.size
	hashes, err := v.tree.append(leaf)
	if err != nil {
		return err
	}
	if v.ev.Hashes != nil {
		v.fresh = append(v.fresh, hashes...)
		if len(v.fresh) >= hashBatch {
			if err := v.compareHashes(); err != nil {
				return err
			}
		}
	}
	e, err := Decode(leaf)
	if err != nil {
		v.report.add(place, Malformed, "%v", err)
		v.next++
		return v.noteRoot()
	}
	if e.Index != v.next {
		v.report.add(place, Gap, "the entry is number %d where %d should be", e.Index, v.next)
	}
	v.next = e.Index + 1
	if e.Origin != v.ev.Origin {
		v.report.add(place, Foreign, "the entry is of the ledger %q", e.Origin)
		return v.noteRoot()
	}
	v.time(place, e)
	if err := v.book.Add(e); err != nil {
		v.report.add(place, Impossible, "%v", err)
	} else if e.Type == KeyRotated {
		v.rotations = append(v.rotations, rotation{place, e.Strings["old"], e.Strings["new"]})
	}
	if err := v.texts(place, e); err != nil {
		return err
	}
	return v.noteRoot()
}

func (v *verification) time(place int64, e Entry) {
	if v.report.First.IsZero() {
		v.report.First, v.report.Last = e.At, e.At
	}
	// Against the entry before and not against the latest so far: one that a
	// wrong clock put into the future is then one problem and not a thousand.
	if back := v.report.Last.Sub(e.At); back > v.ev.Tolerance {
		v.report.add(place, Backwards, "recorded at %s, %v before the entry before it", FormatTime(e.At), back)
	}
	v.report.Last = e.At
}

func (v *verification) texts(place int64, e Entry) error {
	if v.ev.Texts == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(e.Texts)) {
		switch text, ok, err := v.ev.Texts(e.Index, name); {
		case err != nil:
			return fmt.Errorf("read text %q: %w", name, err)
		case !ok:
			v.erased[textAt{e.Index, name}] = true
		case !text.Is(e.Texts[name]):
			v.report.add(place, Text, "the stored text %q is not the one that was recorded", name)
		}
	}
	if e.Type == Redacted {
		at := textAt{*e.About, e.Strings["text"]}
		if !v.erased[at] {
			v.report.add(place, Text, "text %q of entry %d was redacted and is still there", at.name, at.index)
		}
		delete(v.erased, at)
	}
	return nil
}

const hashBatch = 4096

// compareHashes holds the hashes computed since the last call against the
// stored ones.
func (v *verification) compareHashes() error {
	if len(v.fresh) == 0 {
		return nil
	}
	indexes := make([]int64, len(v.fresh))
	first := tlog.StoredHashCount(v.tree.size) - int64(len(v.fresh))
	for i := range indexes {
		indexes[i] = first + int64(i)
	}
	read, err := v.ev.Hashes.ReadHashes(indexes)
	if err != nil {
		return fmt.Errorf("read stored hashes: %w", err)
	}
	if len(read) != len(indexes) {
		return fmt.Errorf("read stored hashes: asked for %d, got %d", len(indexes), len(read))
	}
	for i, h := range v.fresh {
		if h != read[i] {
			level, n := tlog.SplitStoredHashIndex(indexes[i])
			v.report.add(-1, Hash, "the stored hash %d, over the entries %d to %d, is not theirs", indexes[i], n<<level, (n+1)<<level-1)
		}
	}
	v.fresh = v.fresh[:0]
	return nil
}

func (v *verification) end() error {
	if err := v.compareHashes(); err != nil {
		return err
	}
	r := v.report
	r.Entries = v.tree.size
	root, err := v.tree.root()
	if err != nil {
		return err
	}
	r.Root = root
	for _, at := range slices.SortedFunc(maps.Keys(v.erased), textAt.compare) {
		r.add(at.index, Text, "text %q is gone, and no entry says that it was redacted", at.name)
	}
	v.followKeys()
	r.Signed = v.judge(v.stored)
	r.Outside = v.judge(v.anchors)
	v.forks()
	for _, w := range v.stored {
		r.Stored = append(r.Stored, Anchored{w.name, w.Size, w.matched})
	}
	for _, w := range v.anchors {
		r.Anchors = append(r.Anchors, Anchored{w.name, w.Size, w.matched})
	}
	r.Signed = max(r.Signed, r.Outside)
	if r.Entries > 0 && r.Signed == 0 {
		r.add(-1, Unsigned, "no checkpoint with a valid signature covers any entry")
	}
	return nil
}
