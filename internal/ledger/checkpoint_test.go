package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/barraiser/barraiser/internal/ledger"
)

func public(t testing.TB, k *ledger.Key) note.Verifier {
	t.Helper()
	v, err := ledger.ParsePublicKey(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestKey(t *testing.T) {
	secret, pub, err := ledger.GenerateKey(chance(1), origin)
	if err != nil {
		t.Fatal(err)
	}
	k, err := ledger.ParseKey([]byte("\n "+secret+"\r\n"), origin)
	if err != nil || k.Public() != pub {
		t.Fatalf("ParseKey = %v, %v, want %s", k, err, pub)
	}
	if got := fmt.Sprintf("%v %+v %#v %s", k, k, k, k); strings.Contains(got, "PRIVATE") || !strings.Contains(got, pub) {
		t.Errorf("a key prints as %s", got)
	}
	if other := newKey(t, 2); other.Public() == pub {
		t.Error("two keys are one")
	}
	hidden := secret[strings.LastIndexByte(secret, '+')-4:]
	for _, bad := range []string{"", "x", pub, secret[:len(secret)-1], secret + "=", strings.Replace(secret, origin, "other", 1), strings.Replace(secret, "PRIVATE", "PUBLIC", 1)} {
		if _, err := ledger.ParseKey([]byte(bad), origin); err == nil || strings.Contains(err.Error(), hidden) {
			t.Errorf("ParseKey of a bad key = %v, want an error without the key", err)
		}
	}
	if _, err := ledger.ParsePublicKey(secret); err == nil || strings.Contains(err.Error(), hidden) {
		t.Errorf("ParsePublicKey of a secret key = %v, want an error without the key", err)
	}
	if _, err := ledger.ParseKey([]byte(secret), "other"); err == nil {
		t.Error("ParseKey takes the key of another ledger")
	}
	if _, _, err := ledger.GenerateKey(strings.NewReader("short"), origin); err == nil {
		t.Error("GenerateKey without enough randomness has no error")
	}
	if _, _, err := ledger.GenerateKey(chance(1), "a b"); err == nil {
		t.Error("GenerateKey with a bad origin has no error")
	}
	for i := range len(pub) {
		changed := []byte(pub)
		changed[i] ^= 1
		if v, err := ledger.ParsePublicKey(string(changed)); err == nil {
			t.Errorf("ParsePublicKey with byte %d changed = %v", i, v)
		}
	}
}

func TestCheckpointText(t *testing.T) {
	// The example of the specification.
	const text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
	c, err := ledger.ParseCheckpoint(text)
	if err != nil || c.Size != 20852163 || c.Origin != "example.com/behind-the-sofa" || c.Text() != text {
		t.Errorf("ParseCheckpoint = %+v, %v", c, err)
	}
	for _, bad := range []string{
		"", text[:len(text)-1], text + "\n", text + "extension\n", "\n" + text,
		strings.Replace(text, "2085", "02085", 1), strings.Replace(text, "2085", "+2085", 1), strings.Replace(text, "2085", "-2085", 1),
		strings.Replace(text, "20852163", "9223372036854775807", 1), strings.Replace(text, "20852163", "0", 1),
		strings.Replace(text, "q2I=", "q2J=", 1), // the same 32 bytes, not as they are written
		strings.Replace(text, "q2I=", "q2I", 1), strings.Replace(text, "CsUY", "", 1),
		strings.Replace(text, "the-sofa", "the sofa", 1), strings.Replace(text, "the-sofa", "the+sofa", 1),
	} {
		if c, err := ledger.ParseCheckpoint(bad); err == nil {
			t.Errorf("ParseCheckpoint(%q) = %+v, want an error", bad, c)
		}
	}
}

// TestCheckpointFlips: no byte of a signed note can be changed unseen, the
// forms that base64 has for the same bytes included.
func TestCheckpointFlips(t *testing.T) {
	b := newBook(t)
	b.fill(10)
	k := newKey(t, 1)
	signed := b.sign(k)
	if c, err := ledger.OpenCheckpoint(signed, public(t, k)); err != nil || c != b.checkpoint() {
		t.Fatalf("OpenCheckpoint = %+v, %v", c, err)
	}
	for i := range signed {
		for bit := range 8 {
			changed := append([]byte{}, signed...)
			changed[i] ^= 1 << bit
			if _, err := ledger.OpenCheckpoint(changed, public(t, k)); err == nil {
				t.Errorf("OpenCheckpoint with bit %d of byte %d changed has no error", bit, i)
			}
		}
		if _, err := ledger.OpenCheckpoint(signed[:i], public(t, k)); err == nil {
			t.Errorf("OpenCheckpoint of the first %d bytes has no error", i)
		}
	}
}

func TestOpenCheckpoint(t *testing.T) {
	b := newBook(t)
	b.fill(3)
	one, two := newKey(t, 1), newKey(t, 2)
	both := b.sign(one, two)
	if _, err := ledger.OpenCheckpoint(both, public(t, two), public(t, one)); err != nil {
		t.Error(err)
	}
	if _, err := ledger.OpenCheckpoint(b.sign(one), public(t, one), public(t, two)); err == nil || !strings.Contains(err.Error(), "not signed by") {
		t.Errorf("OpenCheckpoint without the second signature = %v", err)
	}
	if _, err := ledger.OpenCheckpoint(both); err == nil {
		t.Error("OpenCheckpoint without a key has no error")
	}
	c := b.checkpoint()
	if _, err := c.Sign(); err == nil {
		t.Error("Sign without a key has no error")
	}
	c.Origin = "other"
	if _, err := c.Sign(one); err == nil {
		t.Error("Sign with the key of another ledger has no error")
	}
	c.Origin = "two\nlines"
	if _, err := c.Sign(one); err == nil {
		t.Error("Sign of an origin of two lines has no error")
	}
}

// FuzzNotes: what is split and joined is what it was, and each part is a note.
func FuzzNotes(f *testing.F) {
	b := newBook(f)
	k := newKey(f, 1)
	first := b.sign(k)
	b.fill(10)
	f.Add(first)
	f.Add(ledger.JoinNotes([][]byte{first, b.sign(k), b.sign(k, newKey(f, 2))}))
	f.Fuzz(func(t *testing.T, file []byte) {
		notes, err := ledger.SplitNotes(file)
		if err != nil {
			return
		}
		if got := ledger.JoinNotes(notes); string(got) != string(file) {
			t.Errorf("JoinNotes(SplitNotes(%q)) = %q", file, got)
		}
		for _, n := range notes {
			if again, err := ledger.SplitNotes(n); err != nil || len(again) != 1 {
				t.Errorf("SplitNotes of one note %q = %d notes, %v", n, len(again), err)
			}
		}
	})
}
