package main

import (
	"go/format"
	"testing"
)

// TestDemoHistory: each state of the demo's past is Go as gofmt writes it, and moves
// somewhere, up and down.
func TestDemoHistory(t *testing.T) {
	up, down := 0, 0
	for i, week := range demoWeeks {
		for name, source := range map[string]string{"rules": demoRules(week.rules), "notes": demoNotes(week.notes)} {
			got, err := format.Source([]byte(source))
			if err != nil || string(got) != source {
				t.Errorf("week %d: %s are %v:\n%s", i, name, err, source)
			}
		}
		if i > 0 && week.rules > demoWeeks[i-1].rules {
			up++
		}
		if i > 0 && week.rules < demoWeeks[i-1].rules {
			down++
		}
	}
	if up < 3 || down < 3 {
		t.Errorf("the debt of the demo rises %d times and falls %d times", up, down)
	}
}
