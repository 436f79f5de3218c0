package signoff

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A finding keeps its number while others come and go, and no other gets it.
func TestNumbers(t *testing.T) {
	var rec Record
	look := func(listed ...string) (names []string) {
		t.Helper()
		before := normal(rec)
		l := look{rec: clone(rec), judged: &Judged{Listed: listed}}
		l.number()
		if normal(rec) != before {
			t.Error("the record that was stored has changed")
		}
		rec = l.rec
		for _, print := range listed {
			names = append(names, rec.Name(print))
		}
		return names
	}
	for _, step := range []struct{ listed, want []string }{
		{[]string{"a", "b", "c"}, []string{"F1", "F2", "F3"}},
		{[]string{"c", "a"}, []string{"F3", "F1"}},            // b was mended
		{[]string{"d", "a", "c"}, []string{"F4", "F1", "F3"}}, // and F2 is not given again
		{[]string{"b", "d"}, []string{"F2", "F4"}},            // but to b itself
	} {
		if diff := cmp.Diff(step.want, look(step.listed...)); diff != "" {
			t.Errorf("names of %v (-want +got):\n%s", step.listed, diff)
		}
	}
	if print, ok := rec.Numbered("f3"); !ok || print != "c" {
		t.Errorf("Numbered(f3) = %q, %v", print, ok)
	}
	for _, none := range []string{"F9", "", "F0", "c"} {
		if print, ok := rec.Numbered(none); ok {
			t.Errorf("Numbered(%q) = %q", none, print)
		}
	}
	var flood []string
	for i := range 2 * mostNumbers {
		flood = append(flood, fmt.Sprint("flood", i))
	}
	look(flood...)
	if len(rec.Numbers) != mostNumbers {
		t.Errorf("%d numbers, want %d at most", len(rec.Numbers), mostNumbers)
	}
}
