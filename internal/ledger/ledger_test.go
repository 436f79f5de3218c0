package ledger_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/barraiser/barraiser/internal/ledger"
)

const origin = "bar-raiser.example/acme"

var start = time.Date(2027, 3, 1, 9, 30, 0, 0, time.UTC)

// chance is a reader of bytes that are the same in each run.
func chance(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

func newKey(t testing.TB, seed byte) *ledger.Key {
	t.Helper()
	secret, _, err := ledger.GenerateKey(chance(seed), origin)
	if err != nil {
		t.Fatal(err)
	}
	k, err := ledger.ParseKey([]byte(secret+"\n"), origin)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A book is a ledger in memory: the leaves, and the hashes as a store has them.
type book struct {
	t      testing.TB
	leaves [][]byte
	hashes []tlog.Hash
	texts  map[string]ledger.Redactable // by index and name
}

func newBook(t testing.TB) *book { return &book{t: t, texts: map[string]ledger.Redactable{}} }

func (b *book) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(b.hashes)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		out[i] = b.hashes[index]
	}
	return out, nil
}

func (b *book) log() *ledger.Log {
	b.t.Helper()
	l, err := ledger.NewLog(origin, int64(len(b.leaves)), b)
	if err != nil {
		b.t.Fatal(err)
	}
	return l
}

// add appends entries as one transaction does, and returns the last index.
func (b *book) add(entries ...ledger.Entry) int64 {
	b.t.Helper()
	l := b.log()
	for _, e := range entries {
		_, leaf, err := l.Append(e)
		if err != nil {
			b.t.Fatal(err)
		}
		b.leaves = append(b.leaves, leaf)
	}
	first, fresh := l.Fresh()
	if first != int64(len(b.hashes)) {
		b.t.Fatalf("Fresh starts at %d, want %d", first, len(b.hashes))
	}
	b.hashes = append(b.hashes, fresh...)
	return int64(len(b.leaves)) - 1
}

func (b *book) checkpoint() ledger.Checkpoint {
	b.t.Helper()
	c, err := b.log().Checkpoint()
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *book) sign(keys ...*ledger.Key) []byte {
	b.t.Helper()
	signed, err := b.checkpoint().Sign(keys...)
	if err != nil {
		b.t.Fatal(err)
	}
	return signed
}

func (b *book) text(index int64, name string) (ledger.Redactable, bool, error) {
	r, ok := b.texts[fmt.Sprint(index, " ", name)]
	return r, ok, nil
}

func each(leaves [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, leaf := range leaves {
			if !yield(leaf, nil) {
				return
			}
		}
	}
}

func verify(t testing.TB, leaves [][]byte, ev ledger.Evidence) *ledger.Report {
	t.Helper()
	ev.Origin = origin
	r, err := ledger.Verify(each(leaves), ev)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// head makes the full hash of a commit out of a number.
func head(n int) string {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return hex.EncodeToString(sum[:20])
}

func digest(text string) ledger.Digest {
	return ledger.Redactable{Salt: [32]byte{1}, Text: text}.Digest()
}

// The entries that the tests are made of. The number makes them differ.

func declared(n int) ledger.Entry {
	return ledger.Entry{
		Type: ledger.OverrideDeclared, At: start.Add(time.Duration(n) * time.Minute), Subject: subject(n),
		Actors:  map[ledger.Role]int64{ledger.By: 583231, ledger.Author: 21},
		Strings: map[string]string{"head": head(n), "expires": ledger.FormatTime(start.Add(time.Duration(n)*time.Minute + 4*time.Hour)), "domain": "architecture"},
		Numbers: map[string]int64{"minutes": int64(117 + n)},
		Texts:   map[string]ledger.Digest{"reason": digest(fmt.Sprint("SEV-2 rollback ", n))},
	}
}

func signOff(n int) ledger.Entry {
	return ledger.Entry{
		Type: ledger.SignOff, At: start.Add(time.Duration(n) * time.Minute), Subject: subject(n),
		Actors:  map[ledger.Role]int64{ledger.By: 7 + int64(n)%90},
		Strings: map[string]string{"head": head(n), "domain": "design"},
	}
}

func subject(n int) string { return fmt.Sprintf("4711/%d/pull/%d", 1000+n%7, n) }

// after makes an entry about an earlier one.
func after(typ ledger.Type, n int, about int64, aboutN int) ledger.Entry {
	return ledger.Entry{
		Type: typ, At: start.Add(time.Duration(n) * time.Minute), Subject: subject(aboutN), About: &about,
		Actors:  map[ledger.Role]int64{ledger.By: 99},
		Strings: map[string]string{"due": "2027-04-01", "step": "acknowledge", "cause": "push", "text": "reason"},
		Texts:   map[string]ledger.Digest{"reason": digest("because"), "promise": digest("a test")},
	}
}

// fill adds n entries of a realistic mixture.
func (b *book) fill(n int) {
	b.t.Helper()
	for i := 0; i < n; i++ {
		at := len(b.leaves)
		switch {
		case i%10 == 0 && i+5 < n:
			o := b.add(declared(at))
			b.add(after(ledger.Justified, at+1, o, at), after(ledger.Acknowledged, at+2, o, at))
			p := b.add(after(ledger.Promised, at+3, o, at))
			b.add(after(ledger.Kept, at+4, p, at))
			i += 4
		default:
			b.add(signOff(at))
		}
	}
}

func findings(r *ledger.Report) []ledger.Finding {
	var out []ledger.Finding
	for _, p := range r.Problems {
		if !slices.Contains(out, p.What) {
			out = append(out, p.What)
		}
	}
	return out
}

func BenchmarkVerify(b *testing.B) {
	const n = 1_000_000
	k := newKey(b, 1)
	l := newBook(b)
	l.fill(n)
	ev := ledger.Evidence{Origin: origin, Keys: []string{k.Public()}, Stored: [][]byte{l.sign(k)}}
	b.ResetTimer()
	for b.Loop() {
		r, err := ledger.Verify(each(l.leaves), ev)
		if err != nil || !r.OK() || r.Entries != n {
			b.Fatalf("Verify = %+v, %v", r, err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
