package ledger_test

import (
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/ledger"
)

// TestBook tells histories, one entry a word: TYPE, or TYPE>N where it is about
// the entry N of the same history. The last entry is the one that is judged;
// those before it have to be in order.
func TestBook(t *testing.T) {
	for _, c := range []struct {
		history string
		want    string // in the error; "": there is none
	}{
		{"override-declared", ""},
		{"override-declared justified>0 acknowledged>0 accepted>0", ""},
		{"override-detected justified>0 acknowledged>0 promised>0 kept>3", ""},
		{"override-declared override-withdrawn>0", ""},
		{"override-declared override-lapsed>0", ""},
		{"override-detected override-voided>0", ""},
		{"override-declared acknowledged>0 acknowledged>0", ""},
		{"override-declared promised>0 promised>0 kept>1 acknowledged>0", ""}, // one promise is open
		{"override-detected overdue>0 escalated>1", ""},
		{"override-detected promised>0 overdue>1 escalated>2 kept>1", ""},
		{"override-declared accepted>0 redacted>0", ""}, // a closed one is still erased from
		{"sign-off mode-changed sign-off", ""},

		{"acknowledged>0", "not an earlier one"},
		{"sign-off acknowledged>0", "nothing that it may follow"},
		{"override-declared acknowledged>0 acknowledged>1", "nothing that it may follow"},
		{"override-declared kept>0", "nothing that it may follow"},
		{"override-declared promised>0 kept>1 kept>1", "closed before: kept"},
		{"override-declared promised>0 kept>1 acknowledged>0", "closed before: kept"},
		{"override-declared promised>0 accepted>0 kept>1", "override of promise 1 was closed before: accepted"},
		{"override-declared promised>0 override-withdrawn>0 overdue>1", "override of promise 1 was closed before"},
		{"override-declared override-withdrawn>0 override-voided>0", "closed before: override-withdrawn"},
		{"override-declared override-lapsed>0 override-withdrawn>0", "closed before: override-lapsed"},
		{"override-declared override-voided>0 override-voided>0", "closed before: override-voided"},
		{"override-declared accepted>0 justified>0", "closed before: accepted"},
		{"override-detected override-withdrawn>0", "nothing that it may follow"},
		{"override-detected override-lapsed>0", "nothing that it may follow"},
		{"override-detected escalated>0", "nothing that it may follow"},
		{"override-declared override-voided@583231>0", "no third person"},
		{"override-declared override-voided@21>0", "no third person"},
		{"sign-off redacted>0", "has no text"},
		{"override-declared redacted>0 redacted>0", "was redacted before"},
	} {
		b := newBook(t)
		book := ledger.Book{}
		words := strings.Fields(c.history)
		for i, word := range words {
			word, about, follows := strings.Cut(word, ">")
			typ, by, _ := strings.Cut(word, "@")
			e := declared(0)
			e.Type = ledger.Type(typ)
			for _, name := range []string{"due", "step", "cause", "text", "from", "to"} {
				e.Strings[name] = after(ledger.Redacted, 0, 0, 0).Strings[name] + "x"
			}
			e.Strings["due"], e.Strings["text"] = "2027-04-01", "reason"
			if follows {
				e = after(e.Type, 0, int64(about[0]-'0'), 0)
				e.Actors[ledger.By] = map[string]int64{"": 99, "21": 21, "583231": 583231}[by]
			}
			if typ == "sign-off" {
				e.Texts = nil
			}
			l, err := ledger.NewLog(origin, int64(i), b)
			if err != nil {
				t.Fatal(err)
			}
			if e, _, err = l.Append(e); err == nil {
				_, fresh := l.Fresh()
				b.hashes = append(b.hashes, fresh...)
				before := book.Check(e)
				if err = book.Add(e); (err == nil) != (before == nil) {
					t.Errorf("%s: Check = %v, Add = %v", c.history, before, err)
				}
			}
			switch last := i == len(words)-1; {
			case !last && err != nil:
				t.Fatalf("%s: %s: %v", c.history, word, err)
			case last && c.want == "" && err != nil:
				t.Errorf("%s = %v, want no error", c.history, err)
			case last && c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%s = %v, want %q", c.history, err, c.want)
			}
		}
	}
}

func TestBookSubject(t *testing.T) {
	for name, e := range map[string]ledger.Entry{
		"another subject":            after(ledger.Acknowledged, 2, 0, 2),
		"another subject, redaction": after(ledger.Redacted, 2, 0, 2),
	} {
		b := newBook(t)
		b.add(declared(1), e)
		k := newKey(t, 1)
		r := verify(t, b.leaves, ledger.Evidence{Keys: []string{k.Public()}, Stored: [][]byte{b.sign(k)}})
		if len(r.Problems) != 1 || r.Problems[0].What != ledger.Impossible || r.Problems[0].Index != 1 {
			t.Errorf("%s: Verify = %v, want entry 1 to be impossible", name, r.Problems)
		}
	}
}
