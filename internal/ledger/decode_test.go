package ledger_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/ledger"
)

// golden is a leaf that was written once. It changes never: leaves of it exist.
const golden = `{"actors":{"author":21,"by":583231},"at":"2027-03-01T09:31:00.000000Z","index":0,"numbers":{"minutes":118},` +
	`"origin":"bar-raiser.example/acme","strings":{"domain":"architecture","expires":"2027-03-01T13:31:00.000000Z",` +
	`"head":"cd2662154e6d76b2b2b92e70c0cac3ccf534f9b7"},"subject":"4711/1001/pull/1",` +
	`"texts":{"reason":"aba1e2573f5c9da484d542b8872d2b8af51606b3aeab518c9b38b58ce3bb1aa0"},"type":"override-declared","v":1}`

func goldenLeaf(t testing.TB) string {
	t.Helper()
	b := newBook(t)
	b.add(declared(1))
	return string(b.leaves[0])
}

func TestLeaf(t *testing.T) {
	if got := goldenLeaf(t); got != golden {
		t.Errorf("leaf = %s\nwant   %s", got, golden)
	}
	e, err := ledger.Decode([]byte(golden))
	if err != nil {
		t.Fatal(err)
	}
	want := declared(1)
	want.Origin = origin
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("Decode of the leaf (-want +got):\n%s", diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`"v":1}`, `"v":2}`, "version 2 is not known"},
		{`"v":1}`, `"v":1} `, "does not end in a version"},
		{`"v":1}`, `"v":01}`, "not a canonical integer"},
		{`,"v":1}`, `}`, "does not end in a version"},
		{`"index":0`, `"index":0,"index":0`, `"index" is there twice`},
		{`"index":0`, `"index":0,"later":0`, `unknown field "later"`},
		{`"index":0`, `"index":0,"aa":0`, `out of order`},
		{`"index":0`, `"Index":0`, `out of order`},
		{`"index":0`, `"index":-1`, "negative index"},
		{`"index":0`, `"index":0.0`, `'.' where ','`},
		{`"index":0`, `"index":9007199254740992`, "not a canonical integer"},
		{`"index":0`, `"index": 0`, "not a canonical integer"},
		{`"author":21`, `"author":0`, `actor "author" has the id 0`},
		{`"by":583231`, `"by":583231,"by":583231`, "twice"},
		{`"by":583231`, `"second":21`, `no actor "by"`},
		{`"by":583231`, `"by":583231,"second":21`, "second person"},
		{`"by":583231`, `"by":583231,"Second":22`, "out of order"},
		{`"by":583231`, `"by":583231,"se cond":22`, `name "se cond"`},
		{`"minutes"`, `"Minutes"`, `name "Minutes" of a number`},
		{`"reason"`, `"1"`, `name "1" of a text`},
		{`"reason"`, `"rationale"`, `no text "reason"`},
		{`"2027-03-01T13:31:00.000000Z"`, `"tomorrow"`, "expires: time"},
		{`{"minutes":118}`, `{}`, "'}' where"},
		{`{"minutes":118}`, `{"minutes":"118"}`, "not a canonical integer"},
		{`{"minutes":118}`, `null`, "'n' where"},
		{`09:31:00.000000Z"`, `09:31:00.000Z"`, "time"},
		{`09:31:00.000000Z"`, `09:31:00,000000Z"`, "time"},
		{`09:31:00.000000Z"`, `09:31:60.000000Z"`, "time"},
		{`03-01T09`, `02-30T09`, "time"},
		{`"2027-03-01T13:`, `"2027-03-01T03:`, "expires before"},
		{`"architecture"`, `"archit\u0065cture"`, "canonical form does not have"},
		{`"architecture"`, `"archit\/cture"`, "canonical form does not have"},
		{`"architecture"`, `"archit` + "\n" + `cture"`, "not escaped"},
		{`"architecture"`, `"archit` + "\xff" + `cture"`, "not UTF-8"},
		{`"architecture"`, `"\u001F"`, "canonical form does not have"},
		{`"cd26`, `"CD26`, "not the full hash"},
		{`"cd26`, `"`, "not the full hash"},
		{`"aba1`, `"ABA1`, "64 hex digits"},
		{`"aba1`, `"`, "64 hex digits"},
		{`"subject":"4711/1001/pull/1"`, `"subject":""`, "no subject"},
		{`"4711/`, `"` + strings.Repeat("4711", 300), "subject of"},
		{`"type":"override-declared"`, `"type":"override"`, "unknown type"},
		{`"type":"override-declared"`, `"type":"kept"`, "names no earlier entry"},
		{`{"actors"`, `{"about":0,"actors"`, "names an entry"},
		{`bar-raiser.example/acme`, `bar raiser`, "origin"},
		{`"architecture"`, `"` + strings.Repeat("a", ledger.MaxLeaf) + `"`, "more than"},
	} {
		leaf := strings.Replace(golden, c.old, c.new, 1)
		if leaf == golden {
			t.Errorf("%q is not in the leaf", c.old)
		}
		if _, err := ledger.Decode([]byte(leaf)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Decode with %q = %v, want an error with %q", c.new[:min(len(c.new), 80)], err, c.want)
		}
	}
	b := newBook(t)
	one, two := newKey(t, 1), newKey(t, 2)
	b.add(ledger.Rotation(start, one, two))
	rotation := string(b.leaves[0])
	for _, c := range []struct{ old, new, want string }{
		{`"type"`, `"subject":"","type"`, "not in canonical form"},
		{`"new":"` + two.Public(), `"new":"` + one.Public(), "the new key is the old one"},
		{two.Public(), "x", "new key: parse verifier key"},
		{`"new":"` + two.Public() + `",`, "", `no string "new"`},
		{`"origin":"` + origin, `"origin":"elsewhere`, "old key is of"},
	} {
		leaf := strings.Replace(rotation, c.old, c.new, 1)
		if _, err := ledger.Decode([]byte(leaf)); leaf == rotation || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Decode of a rotation with %q = %v, want an error with %q", c.new, err, c.want)
		}
	}
	for _, leaf := range []string{"", "{}", "null", "[]", `{"v":1}`, golden[1:], golden[:len(golden)-1], golden + golden, " " + golden} {
		if _, err := ledger.Decode([]byte(leaf)); err == nil {
			t.Errorf("Decode(%q) has no error", leaf)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, change := range map[string]func(*ledger.Entry){
		"number":  func(e *ledger.Entry) { e.Numbers["minutes"] = 1 << 53 },
		"UTF-8":   func(e *ledger.Entry) { e.Strings["domain"] = "\xff" },
		"year":    func(e *ledger.Entry) { e.At = e.At.AddDate(8000, 0, 0) },
		"no text": func(e *ledger.Entry) { e.Texts = nil },
		"size":    func(e *ledger.Entry) { e.Strings["domain"] = strings.Repeat("a", ledger.MaxLeaf) },
		"name":    func(e *ledger.Entry) { e.Strings["Domain"] = "" },
	} {
		e := declared(1)
		e.Origin = origin
		change(&e)
		if leaf, err := e.Encode(); err == nil {
			t.Errorf("%s: Encode = %s, want an error", name, leaf)
		}
	}
}

// FuzzDecode: what is decoded is encoded to the same bytes, whatever they are.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(golden))
	f.Add([]byte(strings.Replace(golden, "architecture", `\u0001\"\\\n€`, 1)))
	b := newBook(f)
	b.fill(20)
	for _, leaf := range b.leaves {
		f.Add(leaf)
	}
	f.Fuzz(func(t *testing.T, leaf []byte) {
		e, err := ledger.Decode(leaf)
		if err != nil {
			return
		}
		again, err := e.Encode()
		if err != nil || string(again) != string(leaf) {
			t.Errorf("Decode and Encode of %q = %q, %v", leaf, again, err)
		}
	})
}

func TestRedactable(t *testing.T) {
	a, err := ledger.NewRedactable(chance(1), "SEV-2 rollback")
	if err != nil {
		t.Fatal(err)
	}
	b, err := ledger.NewRedactable(chance(2), "SEV-2 rollback")
	if err != nil {
		t.Fatal(err)
	}
	if a.Digest() == b.Digest() {
		t.Error("the same text with two salts has one digest")
	}
	if !a.Is(a.Digest()) || a.Is(b.Digest()) {
		t.Error("a text is not known by its digest")
	}
	for _, broken := range []string{"", "short", strings.Repeat("\x00", 64)} {
		if _, err := ledger.NewRedactable(strings.NewReader(broken), "x"); err == nil {
			t.Errorf("NewRedactable with the randomness %q has no error", broken)
		}
	}
	// The digest as sha256sum gives it for 32 zero bytes and "abc".
	const want = "365aa7d8f7f9402c4b9434502b4cc89ddb09fe50d7cd95b493b834c62d5a5370"
	if got := (ledger.Redactable{Text: "abc"}).Digest().String(); got != want {
		t.Errorf("Digest = %s, want %s", got, want)
	}
}
