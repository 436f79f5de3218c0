package engine

import "testing"

type oddFact struct {
	Names  map[string]int
	hidden []any
	next   *oddFact
}

func (*oddFact) AFact() {}

func TestFactText(t *testing.T) {
	f := &oddFact{Names: map[string]int{"b": 2, "a": 1}, hidden: []any{1, "x", nil, true}, next: &oddFact{}}
	want := `engine.oddFact:{Names:map["\"a\":1" "\"b\":2"] hidden:[int:1 string:"x" nil bool:true ] next:engine.oddFact:{Names:map[] hidden:[] next:nil } }`
	for range 20 { // maps have no order
		if got := factText(f); got != want {
			t.Fatalf("factText = %s\nwant %s", got, want)
		}
	}
}
