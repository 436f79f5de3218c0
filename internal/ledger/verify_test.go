package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/barraiser/barraiser/internal/ledger"
)

// TestSignedWrongs: a ledger whose tree and signatures are in order, and whose
// entries are not, because the program that wrote them had a fault.
func TestSignedWrongs(t *testing.T) {
	k := newKey(t, 1)
	good := newBook(t)
	good.fill(3)
	replaced := func(old, new string) []byte { return bytes.Replace(good.leaves[1], []byte(old), []byte(new), 1) }
	for _, c := range []struct {
		name string
		leaf []byte // in the place of entry 1
		want ledger.Finding
	}{
		{"another index", replaced(`"index":1`, `"index":7`), ledger.Gap},
		{"another ledger", replaced(origin, "elsewhere"), ledger.Foreign},
		{"earlier", replaced("2027-", "2026-"), ledger.Backwards},
		{"unknown field", replaced(`"type"`, `"surprise":1,"type"`), ledger.Malformed},
		{"unknown version", replaced(`"v":1`, `"v":9`), ledger.Malformed},
		{"no JSON", []byte("\x00"), ledger.Malformed},
	} {
		b := newBook(t)
		b.leaves = slices.Clone(good.leaves)
		b.leaves[1] = c.leaf
		for i, leaf := range b.leaves {
			hashes, err := tlog.StoredHashes(int64(i), leaf, b)
			if err != nil {
				t.Fatal(err)
			}
			b.hashes = append(b.hashes, hashes...)
		}
		r := verify(t, b.leaves, ledger.Evidence{Keys: []string{k.Public()}, Stored: [][]byte{b.sign(k)}, Hashes: b})
		if len(r.Problems) == 0 || r.Problems[0].What != c.want || r.Problems[0].Index != 1 || r.Signed != 3 {
			t.Errorf("%s: Verify = %v, want entry 1 to be %s, and all signed", c.name, r.Problems, c.want)
		}
	}
}

// TestOneProblem: what happened at one place is said once, not for each entry
// after it.
func TestOneProblem(t *testing.T) {
	b := newBook(t)
	b.fill(200)
	k := newKey(t, 1)
	ev := ledger.Evidence{Keys: []string{k.Public()}, Stored: [][]byte{b.sign(k)}}
	r := verify(t, slices.Delete(slices.Clone(b.leaves), 5, 6), ev)
	if want := []ledger.Finding{ledger.Gap, ledger.Truncated}; !slices.Equal(findings(r)[:1], want[:1]) || len(r.Problems) > 3 {
		t.Errorf("Verify = %v, want %s and little more", r.Problems, want)
	}
	r = verify(t, slices.Repeat([][]byte{{'x'}}, ledger.MaxProblems+9), ev)
	if len(r.Problems) != ledger.MaxProblems || r.More == 0 || r.OK() {
		t.Errorf("%d problems and %d more, want %d", len(r.Problems), r.More, ledger.MaxProblems)
	}
}

func TestTolerance(t *testing.T) {
	b := newBook(t)
	for _, minute := range []int{10, 9, 500, 8, 9} { // a clock that is behind, and one that is far ahead once
		b.add(signOff(minute))
	}
	k := newKey(t, 1)
	for tolerance, want := range map[time.Duration]int{0: 2, time.Minute: 1, 9 * time.Hour: 0} {
		r := verify(t, b.leaves, ledger.Evidence{Keys: []string{k.Public()}, Stored: [][]byte{b.sign(k)}, Tolerance: tolerance})
		if len(r.Problems) != want || want > 0 && r.Problems[want-1].Index != 3 {
			t.Errorf("tolerance %v: %v, want %d problems, the last at entry 3", tolerance, r.Problems, want)
		}
	}
}

func TestUnsignedTail(t *testing.T) {
	b := newBook(t)
	k := newKey(t, 1)
	keys := []string{k.Public()}
	if r := verify(t, nil, ledger.Evidence{Keys: keys}); !r.OK() {
		t.Errorf("an empty ledger: %v", r.Problems)
	}
	empty := b.sign(k)
	b.fill(10)
	signed := b.sign(k)
	b.fill(5)
	if r := verify(t, b.leaves, ledger.Evidence{Keys: keys, Stored: [][]byte{signed}}); !r.OK() || r.Signed != 10 || r.Entries != 15 || r.Outside != 0 {
		t.Errorf("Verify = %+v, want 10 of 15 signed", r)
	}
	for _, stored := range [][][]byte{nil, {empty}} {
		if r := verify(t, b.leaves, ledger.Evidence{Keys: keys, Stored: stored}); !slices.Equal(findings(r), []ledger.Finding{ledger.Unsigned}) {
			t.Errorf("Verify without a checkpoint = %v, want %s", r.Problems, ledger.Unsigned)
		}
	}
}

func TestWitnesses(t *testing.T) {
	b := newBook(t)
	one, two := newKey(t, 1), newKey(t, 2)
	b.fill(10)
	c := b.checkpoint()
	c.Size, c.Origin = 5, origin
	forked, err := c.Sign(one)
	if err != nil {
		t.Fatal(err)
	}
	c.Size = 50
	longer, err := c.Sign(two)
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := ledger.GenerateKey(chance(3), "elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	other, err := ledger.ParseKey([]byte(secret), "elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	c.Origin = "elsewhere"
	foreign, err := c.Sign(other)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		note []byte
		want ledger.Finding
	}{
		"no note":          {[]byte("hello"), ledger.Signature},
		"another key":      {b.sign(two), ledger.Signature},
		"larger, unsigned": {longer, ledger.Signature},
		"another ledger":   {foreign, ledger.Foreign},
		"another root":     {forked, ledger.Forked},
	} {
		r := verify(t, b.leaves, ledger.Evidence{
			Keys: []string{one.Public()}, Stored: [][]byte{b.sign(one)}, Anchors: []ledger.Anchor{{Name: name, Note: c.note}},
		})
		if got := findings(r); !slices.Equal(got, []ledger.Finding{c.want}) || r.Anchors[0].Matched || !strings.Contains(r.Problems[0].String(), name) {
			t.Errorf("%s: Verify = %v, want %s and its name", name, r.Problems, c.want)
		}
	}
}

// TestRotation: the entry alone does not make a key trusted.
func TestRotation(t *testing.T) {
	one, two, thief := newKey(t, 1), newKey(t, 2), newKey(t, 3)
	history := func(by ...*ledger.Key) (b *book, covering []byte) {
		b = newBook(t)
		b.fill(4)
		rotation := ledger.Rotation(declared(4).At, one, two)
		b.add(rotation)
		covering = b.sign(by...)
		b.fill(5)
		return b, covering
	}
	full, covering := history(one, two)
	byOne, onlyOld := history(one)
	wrong := newBook(t)
	wrong.fill(4)
	wrong.add(ledger.Rotation(declared(4).At, thief, two))
	for name, c := range map[string]struct {
		book   *book
		stored [][]byte
		keys   []string
		want   []ledger.Finding
	}{
		"in order":                       {full, [][]byte{covering, full.sign(two)}, []string{one.Public()}, nil},
		"not signed since":               {full, [][]byte{onlyBefore(t, one)}, []string{one.Public()}, nil},
		"the note of both is lost":       {full, [][]byte{full.sign(two)}, []string{one.Public()}, []ledger.Finding{ledger.Unsigned, ledger.Signature}},
		"it is lost, the key is known":   {full, [][]byte{full.sign(two)}, []string{one.Public(), two.Public()}, nil},
		"only the old key signed":        {byOne, [][]byte{onlyOld, byOne.sign(two)}, []string{one.Public()}, []ledger.Finding{ledger.Unsigned, ledger.Signature}},
		"the old key signed afterwards":  {full, [][]byte{covering, full.sign(one)}, []string{one.Public()}, []ledger.Finding{ledger.Signature}},
		"the new key signed before":      {full, [][]byte{covering, onlyBefore(t, two)}, []string{one.Public()}, []ledger.Finding{ledger.Signature}},
		"another key than the one there": {wrong, [][]byte{wrong.sign(thief, two)}, []string{one.Public()}, []ledger.Finding{ledger.Impossible, ledger.Unsigned, ledger.Signature}},
	} {
		r := verify(t, c.book.leaves, ledger.Evidence{Keys: c.keys, Stored: c.stored})
		got := findings(r)
		if len(c.want) > 0 && len(got) > len(c.want) {
			got = got[:len(c.want)] // that nothing is signed then follows
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: Verify = %v, want %s", name, r.Problems, c.want)
		}
	}
}

// TestRotationTwice: each key vouches for the next one only, and for as long as
// it signs.
func TestRotationTwice(t *testing.T) {
	one, two, three := newKey(t, 1), newKey(t, 2), newKey(t, 3)
	b := newBook(t)
	b.fill(4)
	b.add(ledger.Rotation(declared(4).At, one, two))
	first := b.sign(one, two)
	b.fill(3)
	b.add(ledger.Rotation(declared(8).At, two, three))
	second, late := b.sign(two, three), b.sign(one, two, three)
	b.fill(3)
	newest := b.sign(three)
	for name, c := range map[string]struct {
		stored [][]byte
		ok     bool
	}{
		"in order":                          {[][]byte{newest, second, first}, true},
		"the first note is lost":            {[][]byte{newest, second}, false},
		"the second note is lost":           {[][]byte{newest, first}, false},
		"all three signed after the second": {[][]byte{newest, late}, false},
		"the first is an anchor":            {[][]byte{newest, second}, true},
	} {
		ev := ledger.Evidence{Keys: []string{one.Public()}, Stored: c.stored}
		if name == "the first is an anchor" {
			ev.Anchors = []ledger.Anchor{{Name: "file", Note: first}}
		}
		r := verify(t, b.leaves, ev)
		if r.OK() != c.ok || !slices.Equal(r.Keys, []string{one.Public(), two.Public(), three.Public()}) {
			t.Errorf("%s: Verify = %v, keys %q; want ok %t", name, r.Problems, r.Keys, c.ok)
		}
		if second := secondVerify(exported(t, b.leaves), append(slices.Clip(c.stored), anchored(ev)...), one.Public()); (second == nil) != c.ok {
			t.Errorf("%s: the second verifier = %v, want ok %t", name, second, c.ok)
		}
	}
}

func anchored(ev ledger.Evidence) (notes [][]byte) {
	for _, a := range ev.Anchors {
		notes = append(notes, a.Note)
	}
	return notes
}

// onlyBefore is a checkpoint of the first four entries.
func onlyBefore(t *testing.T, k *ledger.Key) []byte {
	t.Helper()
	b := newBook(t)
	b.fill(4)
	return b.sign(k)
}

func TestTexts(t *testing.T) {
	b := newBook(t)
	text := ledger.Redactable{Salt: [32]byte{1}, Text: "SEV-2 rollback 0"}
	b.add(declared(0), signOff(1))
	k := newKey(t, 1)
	check := func(name string, want ...ledger.Finding) {
		t.Helper()
		r := verify(t, b.leaves, ledger.Evidence{Keys: []string{k.Public()}, Stored: [][]byte{b.sign(k)}, Texts: b.text})
		if got := findings(r); !slices.Equal(got, want) {
			t.Errorf("%s: Verify = %v, want %s", name, r.Problems, want)
		}
	}
	check("gone", ledger.Text)
	b.texts["0 reason"] = ledger.Redactable{Salt: text.Salt, Text: "no reason"}
	check("another", ledger.Text)
	b.texts["0 reason"] = text
	check("there")
	redaction := after(ledger.Redacted, 2, 0, 0)
	redaction.Texts = nil
	b.add(redaction)
	check("redacted and there", ledger.Text)
	delete(b.texts, "0 reason")
	check("redacted")
}

func TestStoredHashes(t *testing.T) {
	b := newBook(t)
	b.fill(3000) // more than are compared at once
	k := newKey(t, 1)
	ev := ledger.Evidence{Keys: []string{k.Public()}, Stored: [][]byte{b.sign(k)}, Hashes: b}
	if r := verify(t, b.leaves, ev); !r.OK() {
		t.Fatalf("Verify = %v", r.Problems)
	}
	for _, i := range []int{0, 100, len(b.hashes) - 1} {
		b.hashes[i][0]++
		r := verify(t, b.leaves, ev)
		if got := findings(r); !slices.Equal(got, []ledger.Finding{ledger.Hash}) || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Why, fmt.Sprint("hash ", i, ",")) {
			t.Errorf("hash %d changed: Verify = %v, want %s", i, r.Problems, ledger.Hash)
		}
		b.hashes[i][0]--
	}
}

func TestVerifyErrors(t *testing.T) {
	b := newBook(t)
	b.fill(10)
	k := newKey(t, 1)
	lost := errors.New("disk on fire")
	failing := iter.Seq2[[]byte, error](func(yield func([]byte, error) bool) {
		_ = yield(b.leaves[0], nil) && yield(nil, lost)
	})
	good := ledger.Evidence{Origin: origin, Keys: []string{k.Public()}}
	for name, change := range map[string]func(*ledger.Evidence) iter.Seq2[[]byte, error]{
		"no verifier key":       func(ev *ledger.Evidence) iter.Seq2[[]byte, error] { ev.Keys = nil; return each(nil) },
		"parse verifier key":    func(ev *ledger.Evidence) iter.Seq2[[]byte, error] { ev.Keys[0] = "x"; return each(nil) },
		"verifier key is of":    func(ev *ledger.Evidence) iter.Seq2[[]byte, error] { ev.Origin = "other"; return each(nil) },
		"origin":                func(ev *ledger.Evidence) iter.Seq2[[]byte, error] { ev.Origin = ""; return each(nil) },
		"entry 1: disk on fire": func(*ledger.Evidence) iter.Seq2[[]byte, error] { return failing },
		"read stored hashes": func(ev *ledger.Evidence) iter.Seq2[[]byte, error] {
			ev.Hashes = newBook(t)
			return each(b.leaves)
		},
		"got 0": func(ev *ledger.Evidence) iter.Seq2[[]byte, error] {
			ev.Hashes = tlog.HashReaderFunc(func([]int64) ([]tlog.Hash, error) { return nil, nil })
			return each(b.leaves)
		},
		"read text": func(ev *ledger.Evidence) iter.Seq2[[]byte, error] {
			ev.Texts = func(int64, string) (ledger.Redactable, bool, error) { return ledger.Redactable{}, false, lost }
			return each(b.leaves)
		},
	} {
		ev := good
		ev.Keys = slices.Clone(good.Keys)
		leaves := change(&ev)
		if r, err := ledger.Verify(leaves, ev); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: Verify = %+v, %v", name, r, err)
		}
	}
}
