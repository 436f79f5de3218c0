package engine

import (
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

// Reasons for which a file is left out by rule. They do not make a review
// incomplete.
const (
	vendoredCode  = "vendored"
	testdataCode  = "testdata"
	generatedCode = "generated"
)

// exclusionByPath says why a file at this path never counts; "" where it does.
func exclusionByPath(rel string) string {
	for part := range strings.SplitSeq(path.Dir(rel), "/") {
		switch part {
		case "vendor":
			return vendoredCode
		case "testdata":
			return testdataCode
		}
	}
	return ""
}

// exclusion says why the findings in a node's file do not count; "" where they
// do.
func (s *session) exclusion(n *node, rel string, src []byte) string {
	if why := exclusionByPath(rel); why != "" {
		return why
	}
	t := s.base
	if s.head.owns(n.dir) {
		t = s.head
	}
	if s.generated(t, rel, src) {
		return generatedCode
	}
	return ""
}

// generated reports whether the file is marked as generated, and the mark is
// believed: where the file is new or had the mark at the base. Putting the
// mark on a standing file does not take it out of the judgement.
func (s *session) generated(t *tree, rel string, src []byte) bool {
	if !analyzers.Generated(src) {
		return false
	}
	old := s.oldPath[rel]
	if t == s.base || old == "" {
		return true
	}
	was, err := s.base.read(old)
	return err == nil && analyzers.Generated(was)
}

// cover says of each changed file of the head that it was judged, or why not.
func (s *session) cover(res *Result) {
	res.Excluded = map[string]string{}
	for _, rel := range s.headFiles() {
		res.Coverage.Changed++
		why, expected := s.whyNot(rel)
		if why == "" {
			res.Coverage.Analysed++
			continue
		}
		res.Coverage.Skipped = append(res.Coverage.Skipped, debt.Skipped{File: rel, Reason: why, Expected: expected})
		res.Excluded[rel] = why
	}
}

// headFiles lists the files of the head to be covered: those that the change
// added, modified or renamed, or, for a scan, all.
func (s *session) headFiles() []string {
	var files []string
	if s.job.Base == "" {
		files = slices.Clone(s.head.files)
		for rel := range s.job.Unread {
			if strings.HasSuffix(rel, ".go") {
				files = append(files, rel)
			}
		}
	}
	for _, f := range s.job.Files {
		if s.asked(f.New) {
			files = append(files, f.New)
		}
	}
	slices.Sort(files)
	return files
}

// whyNot returns why a file of the head was not judged, and whether that is by
// rule.
func (s *session) whyNot(rel string) (why string, expected bool) {
	if why := exclusionByPath(rel); why != "" {
		if tampered := s.tampered(rel); tampered != "" {
			return tampered, false
		}
		return why, true
	}
	if why := s.job.Unread[rel]; why != "" {
		return why, false
	}
	src, err := s.head.read(rel)
	if err != nil {
		return "could not be read", false
	}
	if s.generated(s.head, rel, src) {
		return generatedCode, true
	}
	if s.head.judged[rel] {
		return "", false
	}
	if why := s.head.broken[rel]; why != "" {
		return why, false
	}
	if why := s.outsideModules(path.Dir(rel)); why != "" {
		return why, false
	}
	if _, err := parser.ParseFile(token.NewFileSet(), rel, src, parser.SkipObjectResolution); err != nil {
		return firstLine(err.Error(), ""), false
	}
	return "no build configuration that was tried includes it", false
}

// outsideModules says why no module of the head takes a folder in; "" where
// one does.
func (s *session) outsideModules(dir string) string {
	if why := s.head.dirErr[dir]; why != "" {
		return why
	}
	module, ok := s.head.moduleOf(dir)
	if !ok {
		for up := dir; ; up = path.Dir(up) {
			if why := s.job.Unread[path.Join(up, "go.mod")]; why != "" {
				return "its go.mod could not be read: " + why
			}
			if up == "." {
				return "there is no go.mod above it"
			}
		}
	}
	if err := s.head.modules[module]; err != nil {
		return err.Error()
	}
	return ""
}

// lose lists the packages of the base that have files at the head and that no
// module takes in there any more. They are unknown and not gone, so what was
// found in them is not repaid.
func (s *session) lose(pairs []*pair, all []sides, res *Result) {
	listed := map[string]bool{} // folders
	for _, l := range all {
		for _, n := range l.head.nodes {
			listed[n.rel] = listed[n.rel] || n.inTree
		}
	}
	for _, p := range pairs {
		n := p.base
		if p.head != nil || n == nil || !n.wanted || listed[n.rel] || !s.head.hasFileIn(n.rel) {
			continue
		}
		why := s.outsideModules(n.rel)
		if why == "" {
			why = "its module leaves it out"
		}
		res.Head.Broken = append(res.Head.Broken, n.path)
		res.Coverage.Broken = append(res.Coverage.Broken, debt.Broken{Package: n.path, Side: s.head.side, Error: why})
	}
}
