package debt

import "testing"

func TestLine(t *testing.T) {
	p := newPaths([]FileChange{{Old: "a.go", New: "b.go", Hunks: []Hunk{
		{OldStart: 0, OldLines: 0, NewStart: 1, NewLines: 2},   // two lines before the first
		{OldStart: 5, OldLines: 2, NewStart: 7, NewLines: 3},   // 5–6 became 7–9
		{OldStart: 10, OldLines: 3, NewStart: 13, NewLines: 1}, // 10–12 became 13
		{OldStart: 20, OldLines: 2, NewStart: 20, NewLines: 0}, // 20–21 removed
		{OldStart: 30, OldLines: 0, NewStart: 30, NewLines: 4}, // four lines after 30
	}}})
	for _, test := range []struct {
		line, want int
		exact      bool
	}{
		{1, 3, true}, {4, 6, true},
		{5, 7, true}, {6, 8, true}, {7, 10, true}, {9, 12, true},
		{10, 13, true}, {11, 13, false}, {12, 13, false}, {13, 14, true},
		{19, 20, true}, {20, 20, false}, {21, 20, false}, {22, 21, true},
		{30, 29, true}, {31, 34, true}, {100, 103, true},
	} {
		if got, exact := p.line("a.go", test.line); got != test.want || exact != test.exact {
			t.Errorf("line(a.go, %d) = %d, %v, want %d, %v", test.line, got, exact, test.want, test.exact)
		}
	}
	if got, exact := p.line("untouched.go", 7); got != 7 || !exact {
		t.Errorf("line(untouched.go, 7) = %d, %v, want 7, true", got, exact)
	}
}

func TestPaths(t *testing.T) {
	p := newPaths([]FileChange{
		{Old: "a.go", New: "b.go"},
		{Old: "gone.go"},
		{New: "a.go"}, // a new file under a name that was moved away
		{Old: "same.go", New: "same.go"},
	})
	for old, want := range map[string]string{"a.go": "b.go", "gone.go": "gone.go", "same.go": "same.go", "other.go": "other.go"} {
		if got := p.head(old); got != want {
			t.Errorf("head(%s) = %s, want %s", old, got, want)
		}
		if got := p.deleted(old); got != (old == "gone.go") {
			t.Errorf("deleted(%s) = %v", old, got)
		}
	}
	for now, want := range map[string]string{"b.go": "a.go", "a.go": "a.go", "same.go": "same.go", "other.go": "other.go"} {
		if got := p.base(now); got != want {
			t.Errorf("base(%s) = %s, want %s", now, got, want)
		}
	}
}
