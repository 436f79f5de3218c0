package impact

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// A testCase is a change as testdata has it: sections of a txtar file named
// CASE/base, CASE/head, CASE/change, CASE/policy and CASE/want, and the texts
// of files as CASE/old/PATH and CASE/new/PATH. Packages are those of module m.
//
//	pay imports store, ledger         a package; of sides, as the next three
//	cmd/x is a command, imports pay
//	12 packages import core           p1 … p12
//	pay/flow.go:9 Run goroutine "Run" ""   a mark: place, symbol or -, kind, key, value
//
//	break pay Open 6 stable "Open: removed"     of the change; stable may be missing
//	file old.go new.go +3 -4 uncounted          - is no path; uncounted may be missing
//	unread a.sql "too large"
//	debt "net +70 min over the budget"
//	self 120 4 30 6                             lines, files, changes, authors
//	history 200                                 the nth has n of each
//	revert 9f2c1ab
//
//	component pay pay/ billing/                 of the policy: name, beginnings of paths
//	forbid pay store components.pay.not
//	named pay ledger
//	off pay exported-growth
//	file .github/barraiser.yml
//	experiment checkout-v2
type testCase struct {
	name   string
	change Change
	want   string
}

func parseCases(t testing.TB, archive *txtar.Archive) []testCase {
	t.Helper()
	var cases []testCase
	current := func(name string) *testCase {
		if n := len(cases); n == 0 || cases[n-1].name != name {
			cases = append(cases, testCase{name: name})
		}
		return &cases[len(cases)-1]
	}
	for _, f := range archive.Files {
		name, section, _ := strings.Cut(f.Name, "/")
		c := current(name)
		side, file, _ := strings.Cut(section, "/")
		switch side {
		case "base":
			c.change.Base = parseSide(t, f.Name, string(f.Data))
		case "head":
			c.change.Head = parseSide(t, f.Name, string(f.Data))
		case "change":
			parseChange(t, f.Name, string(f.Data), &c.change)
		case "policy":
			c.change.Policy = parsePolicy(t, f.Name, string(f.Data))
		case "old", "new":
			fillText(&c.change, side, file, string(f.Data))
		case "want":
			c.want = string(f.Data)
		default:
			t.Fatalf("section %s is not known", f.Name)
		}
	}
	return cases
}

// fillText adds the text of one side of a file, and the file where no line of
// the change has it.
func fillText(c *Change, side, file, text string) {
	i := slices.IndexFunc(c.Files, func(f File) bool { return f.Old == file && side == "old" || f.New == file && side == "new" })
	if i < 0 {
		i = slices.IndexFunc(c.Files, func(f File) bool { return f.Old == file || f.New == file })
	}
	if i < 0 {
		i = len(c.Files)
		c.Files = append(c.Files, File{})
	}
	f, lines := &c.Files[i], strings.Count(text, "\n")
	if side == "old" {
		f.Old, f.OldText, f.Deleted = file, text, lines
	} else {
		f.New, f.NewText, f.Added = file, text, lines
	}
}

func pkgPath(dir string) string { return path.Join("m", dir) }

func parseSide(t testing.TB, section, text string) Side {
	t.Helper()
	var s Side
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		dir, imports, _ := strings.Cut(line, " imports ")
		dir, command := strings.CutSuffix(strings.TrimSuffix(dir, ","), " is a command")
		var n int
		var core string
		switch {
		case line == "":
		case scan(line, "%d packages import %s", &n, &core):
			for i := range n {
				p := fmt.Sprint("p", i+1)
				s.Packages = append(s.Packages, Package{Path: pkgPath(p), Dir: p, Name: p, Imports: []string{pkgPath(core)}})
			}
		case !strings.Contains(dir, " "):
			p := Package{Path: pkgPath(dir), Dir: dir, Name: path.Base(dir)}
			if command {
				p.Name = "main"
			}
			for imp := range strings.FieldsFuncSeq(imports, func(r rune) bool { return r == ',' || r == ' ' }) {
				p.Imports = append(p.Imports, pkgPath(imp))
			}
			s.Packages = append(s.Packages, p)
		default:
			s.Marks = append(s.Marks, parseMark(t, section, line))
		}
	}
	return s
}

func scan(line, format string, into ...any) bool {
	_, err := fmt.Sscanf(line, format, into...)
	return err == nil
}

func parseMark(t testing.TB, section, line string) Mark {
	t.Helper()
	var m Mark
	var place string
	if !scan(line, "%s %s %s %q %q", &place, &m.Symbol, &m.Kind, &m.Key, &m.Value) {
		t.Fatalf("%s: %q is no mark", section, line)
	}
	file, number, _ := strings.Cut(place, ":")
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatalf("%s: %q has no line", section, line)
	}
	m.File, m.Line, m.Package, m.Symbol = file, n, pkgPath(path.Dir(file)), strings.TrimPrefix(m.Symbol, "-")
	return m
}

func parseChange(t testing.TB, section, text string, c *Change) {
	t.Helper()
	for line := range strings.Lines(text) {
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		words := strings.Fields(rest)
		begin := strings.IndexByte(rest, '"')
		quoted := ""
		if begin >= 0 {
			quoted, _ = strconv.Unquote(rest[begin:])
		}
		switch verb {
		case "break":
			b := Break{Package: pkgPath(words[0]), Symbol: strings.TrimPrefix(words[1], "-"), Message: quoted, File: words[0] + "/api.go", Line: 3, Stable: words[3] == "stable"}
			b.Importers, _ = strconv.Atoi(words[2])
			c.Breaks = append(c.Breaks, b)
		case "file":
			f := File{Old: strings.TrimPrefix(words[0], "-"), New: strings.TrimPrefix(words[1], "-"), Uncounted: slices.Contains(words, "uncounted")}
			f.Added, _ = strconv.Atoi(words[2])
			f.Deleted, _ = strconv.Atoi(strings.TrimPrefix(words[3], "-"))
			c.Files = append(c.Files, f)
		case "unread":
			c.Files = append(c.Files, File{Old: words[0], New: words[0], Added: 1, Unread: quoted})
		case "debt":
			c.DebtOver = append(c.DebtOver, quoted)
		case "self":
			if !scan(rest, "%d %d %d %d", &c.Self.LinesAdded, &c.Self.Files, &c.Self.PriorChanges, &c.Self.PriorAuthors) {
				t.Fatalf("%s: %q has not four numbers", section, line)
			}
		case "history":
			n, _ := strconv.Atoi(rest)
			c.History = &History{}
			for i := range n {
				c.History.Changes = append(c.History.Changes, PastChange{LinesAdded: i + 1, Files: i + 1, PriorChanges: i + 1, PriorAuthors: i + 1})
			}
		case "revert":
			c.Revert = rest
		default:
			t.Fatalf("%s: %q says nothing of a change", section, line)
		}
	}
}

func parsePolicy(t testing.TB, section, text string) Policy {
	t.Helper()
	type edge struct{ from, to string }
	components := map[string]string{} // by the beginning of paths
	forbidden, named, off := map[edge]string{}, map[edge]bool{}, map[string]bool{}
	var p Policy
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch words[0] {
		case "component":
			for _, begin := range words[2:] {
				components[begin] = words[1]
			}
		case "forbid":
			forbidden[edge{words[1], words[2]}] = words[3]
		case "named":
			named[edge{words[1], words[2]}] = true
		case "off":
			off[words[2]] = true
		case "file":
			p.Files = append(p.Files, words[1])
		case "experiment":
			p.Experiments = append(p.Experiments, words[1])
		default:
			t.Fatalf("%s: %q says nothing of a policy", section, line)
		}
	}
	p.Component = func(file string) string {
		for begin, name := range components {
			if strings.HasPrefix(file+"/", begin) {
				return name
			}
		}
		return ""
	}
	p.MayImport = func(from, to string) (bool, string) {
		key, no := forbidden[edge{from, to}]
		return !no, key
	}
	p.Named = func(from, to string) bool { return named[edge{from, to}] }
	p.Off = func(_ Domain, trigger string) bool { return off[trigger] }
	return p
}

// format is an assessment as testdata has it.
func format(a Assessment) string {
	var out strings.Builder
	for _, d := range a.Domains {
		for _, t := range d.Triggers {
			for _, e := range t.Evidence {
				place := e.File
				if e.Line > 0 {
					place += ":" + strconv.Itoa(e.Line)
				}
				fmt.Fprintf(&out, "%s: %s\n", strings.TrimSpace(string(d.Domain)+" "+t.Name+" "+place), e.Text)
			}
		}
	}
	return out.String()
}
