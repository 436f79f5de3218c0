package debt

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFronts: each team and goal has its own families and its own dearest places, and
// what nobody owns is in none.
func TestFronts(t *testing.T) {
	s := state(tangled("a.go", "F", 35), tangled("a.go", "G", 25), fixme("a.go", 9), fixme("b.go", 1), fixme("nobody.go", 2), fixme("test.go", 3))
	s.Measures[5].Test = true
	team := map[string]string{"a.go": "pay", "b.go": "ops", "test.go": "qa"}
	owners := Owners{
		Team:  func(file string) string { return team[file] },
		Goals: func(file string) []string { return map[string][]string{"a.go": {"speed"}, "b.go": {"speed"}}[file] },
	}
	var touches []Touch
	for i, at := range []Touch{{File: "a.go", Symbol: "F"}, {File: "nobody.go"}, {File: "b.go"}, {File: "a.go"}} {
		at.Commit = string(rune('a' + i))
		touches = append(touches, at)
	}
	_, spots := s.Figures(nil, touches, owners)
	symbol := func(fronts []Front) (out []string) {
		for _, f := range fronts {
			line := string(f.Division) + " " + f.Name + ":"
			for _, i := range f.Spots {
				line += " " + spots[i].File + spots[i].Symbol
			}
			out = append(out, line)
		}
		return out
	}
	got := s.Fronts(nil, spots, owners, 2)
	want := []string{"goal speed: a.goF a.go", "team ops: b.go", "team pay: a.goF a.go"}
	if diff := cmp.Diff(want, symbol(got)); diff != "" {
		t.Errorf("Fronts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]float64{"cognitive": 25 + 15, "self-admitted": 30}, got[2].Families, cmp.Comparer(near)); diff != "" {
		t.Errorf("families of a team (-want +got):\n%s", diff)
	}
	if got := s.Fronts(nil, spots, Owners{}, 2); len(got) != 0 {
		t.Errorf("Fronts without owners = %v", got)
	}
}
