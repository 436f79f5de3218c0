package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// TestTextUnattributed: who is not known is told where somebody is chosen, since the
// choice hangs on it, and nowhere else.
func TestTextUnattributed(t *testing.T) {
	chosen := review.Requirement{Domain: impact.Design, Assignment: review.Assignment{Assignee: "maria-k"}}
	excluded := review.Requirement{Domain: impact.Data, Assignment: review.Assignment{Excluded: []review.Exclusion{{Who: "ann-k"}}}}
	noPool := review.Requirement{Domain: impact.Security, Why: "no pool configured"}
	many := []string{"A <a@x>", "B <b@x>", "C <c@x>", "D <d@x>", "E <e@x>", "F <f@x>", "G <g@x>"}
	const some = "  Whose login is not known: A <a@x>, B <b@x>, C <c@x>, D <d@x>, E <e@x>"
	for _, test := range []struct {
		name         string
		requirements []review.Requirement
		who          []string
		all          bool
		want         string // the line; empty: none
	}{
		{name: "nobody is asked", who: many},
		{name: "no pool", requirements: []review.Requirement{noPool}, who: many, all: true},
		{name: "all are known", requirements: []review.Requirement{chosen}},
		{name: "one", requirements: []review.Requirement{noPool, chosen}, who: many[:1], want: "  Whose login is not known: A <a@x>"},
		{name: "nobody is left", requirements: []review.Requirement{excluded}, who: many[:1], want: "  Whose login is not known: A <a@x>"},
		{name: "many", requirements: []review.Requirement{chosen}, who: many, want: some + " and 2 more (--all)"},
		{name: "all of many", requirements: []review.Requirement{chosen}, who: many, all: true, want: some + ", F <f@x>, G <g@x>"},
	} {
		r := change(review.SignOffNeeded, delta())
		r.Requirements, r.Unattributed = test.requirements, test.who
		var b bytes.Buffer
		if err := Text(&b, r, TextOptions{All: test.all}); err != nil {
			t.Fatal(err)
		}
		got := ""
		for line := range strings.Lines(b.String()) {
			if strings.Contains(line, "login is not known") {
				got += strings.TrimSuffix(line, "\n")
			}
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestDescribeMethod(t *testing.T) {
	for _, test := range []struct{ symbol, message, want string }{
		{"T.M", "(*T).M: removed", "T.M: removed"},
		{"T.M", "T.M: removed", "T.M: removed"},
		{"T", "T.Field: removed", "T.Field: removed"},
		{"T.M", "(*T).M, method set of T: removed", "T.M: (*T).M, method set of T: removed"},
		{"T.M", "cognitive complexity 20", "T.M: cognitive complexity 20"},
		{"", "package p: removed", "package p: removed"},
	} {
		f := debt.Finding{Measure: debt.Measure{Symbol: test.symbol, Message: test.message}, Status: debt.New}
		if got := describe(f); got != test.want {
			t.Errorf("describe(%q of %q) = %q, want %q", test.message, test.symbol, got, test.want)
		}
	}
}
