package trend

import (
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/review"
)

// TestPick: the last commit of each period of the calendar, and the one
// that the first period began with.
func TestPick(t *testing.T) {
	// 2026-01-05 is a Monday. The newest comes first.
	history := "t 01-21, s 01-20, r 01-12, q 01-11, p 01-06, o 01-05, n 01-04, m 2025-12-20, l 2025-12-01"
	const week = 7 * 24 * time.Hour
	for _, tt := range []struct {
		name, history, from string
		every               time.Duration
		want                string
	}{
		{"weeks", history, "2026-01-05", week, "n: o+p+q: r: s+t"},
		{"in the middle of a week", history, "2026-01-08", week, "n: o+p+q: r: s+t"},
		{"weeks without a change have none", history, "2025-11-01", week, "l: m: n: o+p+q: r: s+t"},
		{"four weeks", history, "2025-12-10", 4 * week, "m: n+o+p+q+r: s+t"},
		{"days", "b 01-06, a 01-05", "2026-01-01", 24 * time.Hour, "a: b"},
		{"all of it is old", "b 01-06, a 01-05", "2026-01-07", week, "b"},
		{"a wrong clock", "d 01-14, c 01-05, b 01-13, a 01-04", "2025-12-01", week, "a: b+c: d"},
		{"nothing", "", "2026-01-01", week, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var steps []git.Step
			for _, s := range strings.FieldsFunc(tt.history, func(r rune) bool { return r == ',' }) {
				name, day, _ := strings.Cut(strings.TrimSpace(s), " ")
				if len(day) == len("01-05") {
					day = "2026-" + day
				}
				steps = append(steps, git.Step{Commit: name, When: on(t, day).Add(13 * time.Hour)})
			}
			var got []string
			for i, s := range Pick(steps, on(t, tt.from), tt.every, review.Policy{}) {
				text := ""
				for j := len(s.Merged) - 1; j >= 0; j-- {
					text = strings.TrimPrefix(text+"+"+s.Merged[j].Commit, "+")
				}
				if i == 0 { // what was merged before is not its own
					got = append(got, s.Commit)
					continue
				}
				got = append(got, text)
				if s.Commit != s.Merged[0].Commit {
					t.Errorf("state %s was made by %s last", s.Commit, s.Merged[0].Commit)
				}
			}
			if all := strings.Join(got, ": "); all != tt.want {
				t.Errorf("states %s, want %s", all, tt.want)
			}
		})
	}
}

func on(t *testing.T, day string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
