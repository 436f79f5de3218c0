package analyzers

import (
	"slices"
	"testing"
)

func TestUnshared(t *testing.T) {
	read := func(sources ...string) (out []FileExports) {
		for _, src := range sources {
			f, err := ReadExports("a.go", []byte("package a\n"+src))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, f)
		}
		return out
	}
	for _, tt := range []struct {
		name        string
		here, there []FileExports
		named, want []string
	}{
		{"new ones of each sort", read("func F() {}\ntype T int\nvar V, W = 1, 2\nconst C = 1"), nil, nil, []string{"F", "T", "V", "W", "C"}},
		{"in another file of the package", read("func F() {}"), read("", "func F() {}"), nil, nil},
		{"named elsewhere", read("func F() {}\nfunc G() {}"), nil, []string{"F"}, []string{"G"}},
		{"methods, fields and what is not exported", read("type t struct{ F int }\nfunc (t) M() {}\nfunc f() {}"), nil, nil, nil},
		{"a type that a function returns", read("func New() *Made { return nil }\ntype Made struct{}"), nil, nil, []string{"New"}},
		{"in a file beside it", read("func New() *Made { return nil }", "type Made struct{}"), nil, nil, []string{"New"}},
		{"a type that a method takes", read("func (x *x) M(o Option) {}\ntype Option func()"), nil, nil, nil},
		{"a type that only a body mentions", read("func F() { var _ T }\ntype T int"), nil, nil, []string{"F", "T"}},
		{"a type that only mentions itself", read("type T struct{ next *T }"), nil, nil, []string{"T"}},
		{"one more of a set", read("type Kind int\nconst (\n\tA Kind = iota\n\tB\n\tNew\n)"), read("type Kind int\nconst (\n\tA Kind = iota\n\tB\n)"), nil, nil},
		{"a new set", read("type Kind int\nconst (\n\tA Kind = iota\n\tB\n)"), nil, nil, []string{"Kind", "A", "B"}},
		{"a new set in use", read("type Kind int\nconst (\n\tA Kind = iota\n\tB\n)"), nil, []string{"B"}, nil},
		{"a constant of no type of ours", read("const (\n\tA int = iota\n\tB = 7\n)"), nil, nil, []string{"A", "B"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			named := map[string]bool{}
			for _, n := range tt.named {
				named[n] = true
			}
			var got []string
			for _, e := range Unshared(tt.here, tt.there, named) {
				got = append(got, e.Name)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("Unshared = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNamesOf(t *testing.T) {
	for _, tt := range []struct {
		src  string
		want []string
	}{
		{"import \"ex.com/m/a\"\nvar _ = a.F(a.T{}).M", []string{"F", "T"}},
		{"import \"ex.com/m/go-a\"\nvar _ = a.F", nil},
		{"import x \"ex.com/m/a\"\nvar _ = x.F(y.G)", []string{"F"}},
		{"import . \"ex.com/m/a\"\nvar v = F", []string{"p", ".", "v", "F"}},
		{"import \"ex.com/m/a\"\nvar _ = a.F(", []string{"F"}}, // as far as it parses
	} {
		if got := NamesOf([]byte("package p\n"+tt.src), "ex.com/m/a"); !slices.Equal(got, tt.want) {
			t.Errorf("NamesOf(%q) = %q, want %q", tt.src, got, tt.want)
		}
	}
}
