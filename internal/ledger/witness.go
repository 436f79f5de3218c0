package ledger

import (
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// A witness is a checkpoint that the ledger is held against.
type witness struct {
	Checkpoint
	name    string
	signed  []byte
	bad     error // it cannot be read
	matched bool
	forked  bool
}

// String names it in a problem.
func (w *witness) String() string {
	if w.name == "" {
		return fmt.Sprintf("the stored checkpoint of size %d", w.Size)
	}
	return fmt.Sprintf("the checkpoint of size %d from %s", w.Size, w.name)
}

func (v *verification) witness(name string, signed []byte) *witness {
	w := &witness{name: name, signed: signed}
	w.Checkpoint, w.bad = parseNote(signed)
	if w.bad == nil {
		v.roots[w.Size] = tlog.Hash{}
	}
	return w
}

// A rotation is an entry after which another key signs.
type rotation struct {
	place     int64
	old, next string
}

// followKeys goes through the rotations and trusts each new key that a trusted
// one vouches for: both sign one checkpoint that covers this rotation and not
// yet the next. The entry alone would prove nothing, for anyone who can write
// to the database can write one.
func (v *verification) followKeys() {
	current := v.ev.Keys[0]
	v.report.Keys = []string{current}
	for i, r := range v.rotations {
		if r.old != current {
			v.report.add(r.place, Impossible, "it replaces the key %s, and %s was signing", r.old, current)
		}
		current = r.next
		v.report.Keys = append(v.report.Keys, current)
		if err := v.learn(r.next); err != nil {
			v.report.add(r.place, Impossible, "%v", err) // unreachable: the entry's form was checked
			continue
		}
		if err := v.learn(r.old); err != nil {
			v.report.add(r.place, Impossible, "%v", err) // unreachable: likewise
			continue
		}
		if v.trusted[r.next] {
			continue
		}
		until := v.tree.size
		if i+1 < len(v.rotations) {
			until = v.rotations[i+1].place
		}
		signedSince := false
		for _, w := range slices.Concat(v.stored, v.anchors) {
			if w.bad != nil || w.Origin != v.ev.Origin || w.Size <= r.place {
				continue
			}
			signedSince = true
			if v.trusted[r.old] && w.Size <= until && w.Root == v.roots[w.Size] && v.signedBy(w, r.old, r.next) == nil {
				v.trusted[r.next] = true
			}
		}
		// Without a later checkpoint it is one of the entries that are not
		// signed yet, and the report counts those.
		if signedSince && !v.trusted[r.next] {
			v.report.add(r.place, Unsigned, "no checkpoint signed by both keys covers this change of keys")
		}
	}
}

func (v *verification) signedBy(w *witness, keys ...string) error {
	for _, k := range keys {
		c, err := OpenCheckpoint(w.signed, v.verifiers[k])
		if err != nil {
			return err
		}
		if c != w.Checkpoint {
			return fmt.Errorf("open checkpoint of size %d: it says two things", w.Size) // unreachable: the same bytes
		}
	}
	return nil
}

// keyAt returns the key that signs when the ledger has this size.
func (v *verification) keyAt(size int64) string {
	key := v.ev.Keys[0]
	for _, r := range v.rotations {
		if r.place < size {
			key = r.next
		}
	}
	return key
}

// judge compares each checkpoint with what was read, and returns the largest
// size that matched.
func (v *verification) judge(all []*witness) (covered int64) {
	for _, w := range all {
		if v.compare(w); w.matched {
			covered = max(covered, w.Size)
		}
	}
	return covered
}

func (v *verification) compare(w *witness) {
	switch {
	case w.bad != nil:
		v.report.add(-1, Signature, "%s cannot be read: %v", w.unread(), w.bad)
	case w.Origin != v.ev.Origin:
		v.report.add(-1, Foreign, "%v is of the ledger %q", w, w.Origin)
	case w.Size > v.tree.size:
		v.beyond(w)
	default:
		key := v.keyAt(w.Size)
		if !v.trusted[key] {
			v.report.add(-1, Signature, "%v is to be signed by %s, a key that nobody who is trusted vouches for", w, key)
			return
		}
		if err := v.signedBy(w, key); err != nil {
			v.report.add(-1, Signature, "%v does not count: %v", w, err)
			return
		}
		w.matched = w.Root == v.roots[w.Size]
		w.forked = !w.matched
	}
}

func (w *witness) unread() string {
	if w.name == "" {
		return "a stored checkpoint"
	}
	return "the checkpoint from " + w.name
}

// beyond is for a checkpoint of more entries than there are. A rotation may be
// among the lost ones, so any trusted key will do.
func (v *verification) beyond(w *witness) {
	for key := range v.trusted {
		if v.signedBy(w, key) == nil {
			v.report.add(-1, Truncated, "there are %d entries, and %v was signed: entries were cut off, or an older copy was restored", v.tree.size, w)
			return
		}
	}
	v.report.add(-1, Signature, "%v is of more than the %d entries that there are, and no trusted key signed it", w, v.tree.size)
}

// forks says between which entries the ledger leaves what was signed: after the
// largest checkpoint that still matches.
func (v *verification) forks() {
	all := slices.Concat(v.stored, v.anchors)
	for _, w := range all {
		if !w.forked {
			continue
		}
		from := int64(0)
		for _, other := range all {
			if other.matched && other.Size < w.Size {
				from = max(from, other.Size)
			}
		}
		v.report.add(-1, Forked, "%v is of other entries: of those from %d to %d at least one was changed, inserted or removed", w, from, w.Size-1)
	}
}
