package signoff

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/review"
)

// TestFold: invariant 9. A check that two pull requests share is a success only
// if both are satisfied.
func TestFold(t *testing.T) {
	for _, a := range gravity {
		for _, b := range gravity {
			got := Fold(a, b)
			if (got == Success) != (a == Success && b == Success) || got != Fold(b, a) || got != Fold(a, b, a) {
				t.Errorf("Fold(%q, %q) = %q", a, b, got)
			}
		}
	}
	if got := Fold(); got != InProgress {
		t.Errorf("Fold() = %q, want in progress", got)
	}
}

// TestConclusions: outside of enforce nothing blocks, and only what is known to be
// within the bar or signed is a success.
func TestConclusions(t *testing.T) {
	for _, row := range states {
		for _, m := range []review.Mode{review.Observe, review.Warn, review.Enforce, ""} {
			c := row.state.Conclusion(m)
			if c == Success && row.state != SignedOff && row.state != NotRequired {
				t.Errorf("%s in %s is a success", row.state, m)
			}
			if m != review.Enforce && (c == Failure || c == ActionRequired) {
				t.Errorf("%s in %q is %s, which blocks", row.state, m, c)
			}
		}
	}
	if got := State("new").Conclusion(review.Enforce); got != ActionRequired {
		t.Errorf("a state that nobody knows is %q in enforce", got)
	}
	r := Record{State: MergedClean, Left: SignedOff, Mode: review.Enforce}
	if got := r.Conclusion(); got != Success {
		t.Errorf("a merged pull request shows %q, want what it was left with", got)
	}
	if r.Left = Evaluating; r.Conclusion() != Neutral {
		t.Errorf("a merge while it was judged shows %q, want neutral", r.Conclusion())
	}
}

// TestStatesDocumented holds that each state shows in each mode what the table of
// docs/signoff.md says, and that no state is left out there.
func TestStatesDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "signoff.md"))
	if err != nil {
		t.Fatal(err)
	}
	said := map[State][]Conclusion{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, " | ")
		if len(cells) != 5 || !strings.HasPrefix(line, "| `") {
			continue
		}
		var shown []Conclusion
		for _, cell := range cells[1:4] {
			shown = append(shown, Conclusion(strings.TrimPrefix(strings.ReplaceAll(cell, " ", "_"), "in_progress")))
		}
		names, _, _ := strings.Cut(cells[0], ":")
		for i, name := range strings.Split(names, "`") {
			if i%2 == 1 {
				said[State(name)] = shown
			}
		}
	}
	for _, row := range states {
		if row.end { // as it was left
			continue
		}
		got := []Conclusion{row.state.Conclusion(review.Enforce), row.state.Conclusion(review.Warn), row.state.Conclusion(review.Observe)}
		if !slices.Equal(got, said[row.state]) {
			t.Errorf("%s shows %q in enforce, warn and observe, and the table says %q", row.state, got, said[row.state])
		}
		delete(said, row.state)
	}
	if len(said) > 0 {
		t.Errorf("the table has states that are not there: %v", said)
	}
}

func TestWorktime(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	p := review.Policy{People: map[string]review.Person{"maria": {Absent: []review.DateRange{{From: "2026-11-03", To: "2026-11-04"}}}}}
	for _, test := range []struct {
		login string
		zone  *time.Location
		from  string
		d     time.Duration
		want  string
	}{
		{"jo", time.UTC, "2026-11-02T09:00", 4 * time.Hour, "2026-11-02T13:00"},
		{"jo", time.UTC, "2026-11-02T07:00", 4 * time.Hour, "2026-11-02T13:00"},
		{"jo", time.UTC, "2026-11-02T16:00", 4 * time.Hour, "2026-11-03T12:00"},
		{"jo", time.UTC, "2026-11-06T16:00", 4 * time.Hour, "2026-11-09T12:00"}, // over a weekend
		{"jo", time.UTC, "2026-11-07T12:00", 8 * time.Hour, "2026-11-09T17:00"},
		{"maria", time.UTC, "2026-11-02T16:00", 4 * time.Hour, "2026-11-05T12:00"}, // absent
		{"jo", berlin, "2026-11-02T09:00", 7 * time.Hour, "2026-11-02T16:00"},
		{"jo", berlin, "2026-11-02T09:00", 8 * time.Hour, "2026-11-03T09:00"},
	} {
		from, err := time.Parse("2006-01-02T15:04", test.from)
		if err != nil {
			t.Fatal(err)
		}
		w := Worktime{test.login, p, p.HoursOf(test.login), test.zone}
		if got := w.after(from, test.d).Format("2006-01-02T15:04"); got != test.want {
			t.Errorf("%s after %s of work from %s = %s, want %s", test.login, test.d, test.from, got, test.want)
		}
	}
	l := look{in: Input{Policy: p, Timezones: map[string]string{"jo": "Europe/Berlin", "ann": "Europe/Berlin"}, Zones: map[string]*time.Location{"Europe/Berlin": berlin}}}
	l.in.Policy.People = map[string]review.Person{"ann": {Timezone: "UTC"}}
	for login, want := range map[string]*time.Location{"jo": berlin, "ann": time.UTC, "sam": time.UTC} {
		if got := l.worktime(login).zone; got != want {
			t.Errorf("zone of %s = %v, want %v", login, got, want)
		}
	}
	never := Worktime{login: "jo", policy: p, hours: review.Hours{}, zone: time.UTC}
	if got := never.after(monday, time.Hour); !got.IsZero() {
		t.Errorf("who never works has worked by %s", got)
	}
}
