package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

// found is what the checks say of one node.
type found struct {
	measures []debt.Measure
	lost     []lostAnalyzer
	files    []string       // relative to the tree: the files that were judged
	lines    map[string]int // code lines of its production code, by file relative to the tree
	raw      []Raw          // where the job asks for it
}

// lostAnalyzer is an analyzer that failed on the node, so that what its rule
// would have said is unknown.
type lostAnalyzer struct{ name, err string }

// source is one file of a unit, ready to be quoted.
type source struct {
	syntax       *ast.File
	src          []byte
	tokens       *token.File
	rel          string
	test         bool
	suppressions []analyzers.Suppression
}

// measure turns what the analyzers reported about the unit into measures.
func (s *session) measure(u *unit, f *found, diagnostics []diagnostic) {
	m := &measurer{s: s, u: u, found: f, sources: map[*token.File]*source{}, counted: map[debt.Measure]int{}}
	f.lines = map[string]int{}
	for i, syntax := range u.files {
		rel := u.node.fileRel(u.names[i])
		src := u.sources[u.names[i]]
		f.files = append(f.files, rel)
		if s.exclusion(u.node, rel, src) != "" {
			continue
		}
		tokens := s.fset.File(syntax.FileStart)
		test := strings.HasSuffix(rel, "_test.go")
		if !test {
			f.lines[rel] = analyzers.CodeLines(src)
		}
		m.sources[tokens] = &source{
			syntax: syntax, src: src, tokens: tokens, rel: rel, test: test,
			suppressions: analyzers.Suppressions(s.fset, syntax),
		}
	}
	for _, c := range s.checks {
		switch {
		case c.Own:
			own, _ := u.results[c.Analyzer].([]analyzers.Measure)
			for _, r := range own {
				if r.Rule == c.Rule { // one analyzer may serve several rules
					m.add(c, r)
				}
			}
		case c.Analyzer != nil:
			for _, d := range diagnostics {
				if d.analyzer == c.Analyzer {
					m.add(c, analyzers.Measure{Rule: c.Rule, Pos: d.Pos, End: d.End, Message: d.Message, Value: 1, Fixable: d.Category == analyzers.Fixable})
				}
			}
		}
	}
	m.untested()
	m.yield()
	m.addSuppressions()
}

// measurer collects the measures of one unit.
type measurer struct {
	s       *session
	u       *unit
	found   *found
	sources map[*token.File]*source
	counted map[debt.Measure]int // a counted measure without its place → its index in found.measures
}

func (m *measurer) add(c analyzers.Check, r analyzers.Measure) {
	if !r.Pos.IsValid() {
		return
	}
	src := m.sources[m.s.fset.File(r.Pos)]
	if src == nil {
		return // generated, or not of this package
	}
	rule, on := m.s.job.Settings.Rule(r.Rule)
	if !on {
		return
	}
	out := m.place(src, r.Pos, r.End)
	out.Rule, out.Value, out.Fixable = r.Rule, r.Value, r.Fixable
	out.Message = strings.TrimSuffix(firstLine(m.s.relative(m.u.node, r.Message), ""), ".")
	if r.Symbol != "" {
		out.Symbol = r.Symbol
	}
	for _, sup := range src.suppressions {
		if sup.Covers(r.Rule, out.Line) {
			out.HiddenBy = m.key(src, sup)
			break
		}
	}
	switch {
	case c.Counted:
		out.Node = shortHash(out.Message)
		same := debt.Measure{Rule: out.Rule, Symbol: out.Symbol, Node: out.Node, Test: out.Test, HiddenBy: out.HiddenBy, Fixable: out.Fixable}
		if i, ok := m.counted[same]; ok {
			m.found.measures[i].Value += out.Value
			return
		}
		m.counted[same] = len(m.found.measures)
	case !rule.Metric:
		out.Node = analyzers.NodeHash(m.s.fset, src.src, src.syntax, r.Pos, r.End)
	}
	if _, finding := rule.Price(out.Value); !finding {
		return
	}
	m.found.measures = append(m.found.measures, out)
}

// yield drops findings that another rule reports on the same line.
func (m *measurer) yield() {
	type spot struct {
		rule, file string
		line       int
	}
	taken := map[spot]bool{}
	for _, f := range m.found.measures {
		taken[spot{f.Rule, f.File, f.Line}] = true
	}
	m.found.measures = slices.DeleteFunc(m.found.measures, func(f debt.Measure) bool {
		to := m.s.yields[f.Rule]
		return to != "" && taken[spot{to, f.File, f.Line}]
	})
}

// place fills in where a measure is.
func (m *measurer) place(src *source, pos, end token.Pos) debt.Measure {
	n := m.u.node
	p := src.tokens.PositionFor(pos, false)
	out := debt.Measure{
		Package: n.path, Symbol: analyzers.Symbol(src.syntax, pos),
		File: src.rel, Line: p.Line, Column: p.Column, EndLine: p.Line, Test: src.test,
	}
	if n.module != nil {
		out.Module = n.module.Path
	}
	if end.IsValid() && src.tokens == m.s.fset.File(end) {
		out.EndLine = max(p.Line, src.tokens.PositionFor(end, false).Line)
	}
	return out
}

func (m *measurer) key(src *source, sup analyzers.Suppression) string {
	return fmt.Sprintf("%s:%d", src.rel, src.tokens.PositionFor(sup.Pos, false).Line)
}

// addSuppressions adds a measure for each suppression, whose value is the
// number of measures that it hides.
func (m *measurer) addSuppressions() {
	hidden := map[string]int{}
	for _, f := range m.found.measures {
		if f.HiddenBy != "" {
			hidden[f.HiddenBy]++
		}
	}
	for _, src := range m.sources {
		for _, sup := range src.suppressions {
			out := m.place(src, sup.Pos, sup.End)
			out.Rule = "suppression"
			out.Message = "suppression of " + strings.Join(sup.Names, ", ")
			if len(sup.Names) == 0 {
				out.Message = "suppression of everything"
			}
			out.Node = shortHash(sup.Style + " " + strings.Join(sup.Names, ","))
			out.Value = float64(hidden[m.key(src, sup)])
			out.Reasonless = sup.Reason == ""
			m.found.measures = append(m.found.measures, out)
		}
	}
}

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

// rulesOf returns the rules that a failed analyzer leaves unknown.
func (s *session) rulesOf(analyzer string) []string {
	var rules []string
	for _, c := range s.checks {
		if c.Analyzer != nil && c.Analyzer.Name == analyzer {
			rules = append(rules, c.Rule)
		}
	}
	return rules
}
