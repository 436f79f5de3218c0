package ledger_test

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/barraiser/barraiser/internal/ledger"
)

// A published is a ledger of 1,000 entries with a change of keys in it, and
// what is known of it elsewhere.
type published struct {
	leaves [][]byte
	stored [][]byte // the note of both keys, and the newest
	anchor []byte   // the newest
	older  []byte   // an older note, and how many entries it has
	size   int
	key    string // the first
}

func publish(t *testing.T) published {
	t.Helper()
	b := newBook(t)
	old, next := newKey(t, 1), newKey(t, 2)
	b.fill(400)
	p := published{older: b.sign(old), size: len(b.leaves), key: old.Public()}
	rotation := ledger.Rotation(start, old, next)
	rotation.At = declared(len(b.leaves)).At
	b.add(rotation)
	p.stored = append(p.stored, b.sign(old, next))
	b.fill(1000 - len(b.leaves))
	p.anchor = b.sign(next)
	p.stored = append(p.stored, p.anchor)
	p.leaves = b.leaves
	return p
}

// both asks both verifiers and wants them to agree.
func (p published) both(t *testing.T, leaves [][]byte, stored [][]byte, anchors ...[]byte) *ledger.Report {
	t.Helper()
	r := p.first(t, leaves, stored, anchors...)
	if second := p.second(leaves, append(slices.Clip(stored), anchors...)); r.OK() != (second == nil) {
		t.Errorf("the verifiers do not agree: %v, and %v", r.Problems, second)
	}
	return r
}

func (p published) first(t *testing.T, leaves [][]byte, stored [][]byte, anchors ...[]byte) *ledger.Report {
	t.Helper()
	ev := ledger.Evidence{Keys: []string{p.key}, Stored: stored}
	for _, a := range anchors {
		ev.Anchors = append(ev.Anchors, ledger.Anchor{Name: "check run", Note: a})
	}
	return verify(t, leaves, ev)
}

func (p published) second(leaves [][]byte, notes [][]byte) error {
	export := bytes.Join(leaves, []byte("\n"))
	if len(leaves) > 0 {
		export = append(export, '\n')
	}
	return secondVerify(export, notes, p.key)
}

func TestUntouched(t *testing.T) {
	p := publish(t)
	r := p.both(t, p.leaves, p.stored, p.older, p.anchor)
	if !r.OK() || r.Entries != 1000 || r.Signed != 1000 || r.Outside != 1000 || len(r.Keys) != 2 {
		t.Errorf("Verify = %+v, want no problem, 1000 entries, two keys", r)
	}
	for _, a := range append(r.Anchors, r.Stored...) {
		if !a.Matched {
			t.Errorf("%+v did not match", a)
		}
	}
	if want := declared(0).At; !r.First.Equal(want) || !r.Last.After(want) {
		t.Errorf("entries from %v to %v, want them to begin at %v", r.First, r.Last, want)
	}
}

// every is for the acceptance: it takes a minute of one core. Without it the
// tests take one place in eight, others for each sort of change.
var every = flag.Bool("every", false, "change the ledger at each place, not at one in eight")

// places calls do for the places below n that are to be tried.
func places(n, sort int, do func(i int)) {
	for i := range n {
		if *every || i%8 == sort%8 || i == n-1 {
			do(i)
		}
	}
}

// TestEveryByte: no byte of any leaf can be changed without leaving the tree
// that was signed.
func TestEveryByte(t *testing.T) {
	p := publish(t)
	l, err := ledger.NewLog(origin, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range p.leaves {
		e, err := ledger.Decode(leaf)
		if err != nil {
			t.Fatal(err)
		}
		if _, again, err := l.Append(e); err != nil || !bytes.Equal(again, leaf) {
			t.Fatalf("appending %s gives %s, %v", leaf, again, err)
		}
	}
	c, err := l.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(chance(8))
	for i, leaf := range p.leaves {
		proof, err := l.ProveInclusion(int64(i))
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.CheckInclusion(c, int64(i), leaf, proof); err != nil {
			t.Fatal(err)
		}
		for at := range leaf {
			other := byte(1 + random.IntN(255))
			leaf[at] ^= other
			if ledger.CheckInclusion(c, int64(i), leaf, proof) == nil {
				t.Fatalf("byte %d of entry %d can be changed", at, i)
			}
			leaf[at] ^= other
		}
	}
}

// TestTampering: what is done to the leaves is found.
func TestTampering(t *testing.T) {
	p := publish(t)
	for sort, c := range []struct {
		name   string
		change func(leaves [][]byte, i int, random *rand.Rand) [][]byte
		n      int
	}{
		{"every byte of an entry", func(leaves [][]byte, i int, random *rand.Rand) [][]byte { return flip(leaves, 500, i, random) }, len(p.leaves[500])},
		{"every byte of the change of keys", func(leaves [][]byte, i int, random *rand.Rand) [][]byte { return flip(leaves, 400, i, random) }, len(p.leaves[400])},
		{"a byte of each entry", func(leaves [][]byte, i int, random *rand.Rand) [][]byte {
			return flip(leaves, i, random.IntN(len(leaves[i])), random)
		}, 1000},
		{"deletions", func(leaves [][]byte, i int, _ *rand.Rand) [][]byte { return slices.Delete(leaves, i, i+1) }, 1000},
		{"swaps", func(leaves [][]byte, i int, _ *rand.Rand) [][]byte {
			leaves[i], leaves[i+1] = leaves[i+1], leaves[i]
			return leaves
		}, 999},
		{"insertions", func(leaves [][]byte, i int, random *rand.Rand) [][]byte {
			return slices.Insert(leaves, i, leaves[random.IntN(len(leaves))])
		}, 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(chance(byte(sort)))
			tried := 0
			places(c.n, sort, func(i int) {
				leaves := c.change(slices.Clone(p.leaves), i, random)
				r := p.first(t, leaves, p.stored, p.anchor)
				if r.OK() || r.Anchors[0].Matched {
					t.Errorf("%d: Verify found nothing", i)
				}
				if tried++; tried%16 == 0 && p.second(leaves, p.stored) == nil { // it is slow
					t.Errorf("%d: the second verifier found nothing", i)
				}
			})
			if tried < c.n/8 {
				t.Errorf("%d changes of %d were tried", tried, c.n)
			}
		})
	}
}

// flip changes one byte of one leaf.
func flip(leaves [][]byte, i, at int, random *rand.Rand) [][]byte {
	leaves[i] = slices.Clone(leaves[i])
	leaves[i][at] ^= byte(1 + random.IntN(255))
	return leaves
}

// TestTruncation: a ledger cut to any length, with every checkpoint that would
// tell of more removed, is whole in itself, and only the anchor shows it.
func TestTruncation(t *testing.T) {
	p := publish(t)
	places(len(p.leaves), 0, func(n int) {
		r := p.first(t, p.leaves[:n], nil, p.anchor)
		if !slices.Contains(findings(r), ledger.Truncated) && !slices.Contains(findings(r), ledger.Signature) || r.Anchors[0].Matched {
			t.Errorf("cut to %d: Verify = %v, want it truncated", n, r.Problems)
		}
		if n%64 == 0 && p.second(p.leaves[:n], [][]byte{p.anchor}) == nil {
			t.Errorf("cut to %d: the second verifier found nothing", n)
		}
	})
}

// TestRestoredBackup: entries and checkpoints of an earlier day hold together.
// Without an anchor that is not to be found; with one it is, also after the
// ledger has grown again.
func TestRestoredBackup(t *testing.T) {
	p := publish(t)
	backup, stored := p.leaves[:p.size], [][]byte{p.older}
	if r := p.both(t, backup, stored, p.older); !r.OK() || r.Signed != int64(p.size) {
		t.Errorf("a backup by itself: %v", r.Problems)
	}
	r := p.both(t, backup, stored, p.stored[0])
	if got := findings(r); !slices.Equal(got, []ledger.Finding{ledger.Truncated}) {
		t.Errorf("a backup against an anchor of one entry more: %v, want %s", r.Problems, ledger.Truncated)
	}

	again := newBook(t)
	again.fill(400)
	for i := range 800 { // other entries than those that were lost
		again.add(signOff(10_000 + i))
	}
	old := newKey(t, 1)
	stored = [][]byte{again.sign(old)}
	if r := p.both(t, again.leaves, stored); !r.OK() {
		t.Errorf("a ledger that was continued from a backup, by itself: %v", r.Problems)
	}
	r = p.both(t, again.leaves, stored, p.older, p.stored[0])
	if got := findings(r); !slices.Equal(got, []ledger.Finding{ledger.Forked}) || !r.Anchors[0].Matched || r.Anchors[1].Matched {
		t.Errorf("a ledger that was continued from a backup: %v, want %s", r.Problems, ledger.Forked)
	}
	if want := "of those from 400 to 400 at"; !bytes.Contains([]byte(r.Problems[0].Why), []byte(want)) {
		t.Errorf("Why = %s, want it to name the entry %s", r.Problems[0].Why, want)
	}
}

// TestRewritten: who has the database and the key can write another ledger that
// holds together. Each anchor shows it.
func TestRewritten(t *testing.T) {
	p := publish(t)
	other := newBook(t)
	for i := range 1000 {
		other.add(signOff(i))
	}
	stored := [][]byte{other.sign(newKey(t, 1))}
	if r := p.both(t, other.leaves, stored); !r.OK() {
		t.Errorf("another ledger by itself: %v", r.Problems)
	}
	if r := p.both(t, other.leaves, stored, p.older); !slices.Equal(findings(r), []ledger.Finding{ledger.Forked}) {
		t.Errorf("another ledger against an anchor: %v, want %s", r.Problems, ledger.Forked)
	}
}
