package debt

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNearest(t *testing.T) {
	for _, test := range []struct {
		base, head []int
		want       []string
	}{
		{[]int{10}, []int{10}, []string{"10–10"}},
		{[]int{10, 50}, []int{48}, []string{"50–48"}},
		{[]int{50}, []int{12, 51}, []string{"50–51"}},
		{[]int{10, 20}, []int{15}, []string{"10–15"}},
		{[]int{10, 10}, []int{10, 11}, []string{"10–10", "10–11"}},
		{[]int{1, 2, 3}, []int{4, 5, 6}, []string{"1–6", "2–5", "3–4"}},
		{[]int{1, 100}, []int{100, 200}, []string{"100–100", "1–200"}},
		{[]int{5}, nil, nil},
	} {
		for _, swapped := range []bool{false, true} {
			spots := func(lines []int, head bool) (list []spot) {
				for i, l := range lines {
					list = append(list, spot{line: l, item: i, head: head})
				}
				return list
			}
			base, head := test.base, test.head
			if swapped {
				base, head = head, base
			}
			var got []string
			nearest(spots(base, false), spots(head, true), func(b, h int) {
				x, y := base[b], head[h]
				if swapped {
					x, y = y, x
				}
				got = append(got, fmt.Sprintf("%d–%d", x, y))
			})
			slices.Sort(got)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("nearest(%v, %v), swapped %v (-want +got):\n%s", test.base, test.head, swapped, diff)
			}
		}
	}
}

func TestText(t *testing.T) {
	for _, test := range []struct{ symbol, message, want string }{
		{"F", "cognitive complexity 38", "cognitive complexity #"},
		{"T.parse2", "method T.parse2 is unused", "method @.@ is unused"},
		{"F", "f.Close: error ignored 3 times", "f.Close: error ignored # times"},
		{"F", `"%d" has 1.5 – arguments in x2`, `"%d" has #.# – arguments in x2`},
		{"", "é is “odd” 0x1F", "é is “odd” #"},
		{"F", "", ""},
	} {
		it := item{Measure: Measure{Symbol: test.symbol, Message: test.message}}
		if got := it.text(); got != test.want {
			t.Errorf("text of %q in %s = %q, want %q", test.message, test.symbol, got, test.want)
		}
	}
}
