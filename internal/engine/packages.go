package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
)

// # Kept packages
//
// Of the repository's own packages the types, the facts and the findings are
// kept as well, by their identity (follow.go), so that a change is judged
// against a base that nobody has to analyse again, and what it does not touch is
// read and not made.
//
// They are kept for each repository apart, and serve no other: a job that was
// taken over by the code that it read could lie about that code, and about no
// one else's. What lies outside of the repository goes by its key here and not
// by its interface, which would have to be loaded first. So where a change moves
// a package from outside, nothing kept is used: the pairs are compared as they
// are (affected.go), which spares more.
//
// A package that was made from source is read back from what is kept of it
// before any other sees it, as those of modules are (types.go): so the types
// are the same, whether they were kept or not.

// packageEntry is a package as it is kept.
type packageEntry struct {
	Offer    *offer
	Facts    saved
	Findings *packageFindings // nil where nobody asked for them
}

// packageFindings is what all checks said of a package.
type packageFindings struct {
	Measures []debt.Measure
	Files    []string
	Lines    map[string]int
	Uses     []string
	Marks    []impact.Mark
	Raw      []Raw
	// Names are what the reach was asked about, Answers what it said.
	Names   []string
	Answers string
}

// MaxPackages bounds what is kept of the packages of all repositories, in bytes.
// Those of one state of cli/cli take 39 MB.
const MaxPackages = 1 << 30

// keepsPackages reports whether packages of the repository are kept beyond this
// job.
func (s *session) keepsPackages() bool { return s.following != nil && s.following.stored }

// packageName is the name of the entry of an identity. The settings decide which
// findings there are.
func (s *session) packageName(identity string) string {
	h := sha256.New()
	for _, part := range []string{"package", s.job.Program, string(mustJSON(s.job.Settings)), string(mustJSON(s.job.Raw)), identity} {
		h.Write(mustJSON(part))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// recallPackage returns what is stored of the node's identity; nil: nothing.
func (s *session) recallPackage(n *node, identity string) *keptPackage {
	data, ok := readEntry(s.job.Packages, s.packageName(identity))
	if !ok {
		return nil
	}
	registerFacts(s.facts)
	var entry packageEntry
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&entry); err != nil {
		return nil
	}
	return &keptPackage{offer: entry.Offer, facts: &entry.Facts, findings: entry.Findings}
}

// believeFindings takes the findings out of what is stored, where they are those
// that this tree gives.
func (s *session) believeFindings(n *node, kept *keptPackage) {
	f := kept.findings
	if s.disbelieves(n) || f.Answers != s.answersAbout(n, f.Names) {
		return
	}
	kept.found = &found{measures: f.Measures, files: f.Files, lines: f.Lines, raw: f.Raw}
	kept.marks, kept.uses = f.Marks, map[string]bool{}
	for _, name := range f.Uses {
		kept.uses[name] = true
	}
}

// answersAbout is what the reach of the node's tree says; see untested.
func (s *session) answersAbout(n *node, names []string) string {
	reach := s.reachOf(n)
	if reach == nil {
		return "not known"
	}
	return reach.Answers(n.path, names)
}

// disbelieves reports whether a file of the node bears the mark of generated
// code and is judged all the same, because it had none at the base. That is no
// matter of the package alone.
func (s *session) disbelieves(n *node) bool {
	if !s.head.owns(n.dir) {
		return false
	}
	return slices.ContainsFunc(n.files, func(file string) bool {
		rel := n.fileRel(file)
		if s.oldPath[rel] == "" {
			return false
		}
		src, err := s.head.read(rel)
		return err == nil && analyzers.Generated(src) && !s.generated(s.head, rel, src)
	})
}

// keepPackage writes what was made of a package of the repository, and returns
// it. It returns false where there is nothing that could be kept.
func (s *session) keepPackage(u *unit) (*saved, bool) {
	n := u.node
	if !s.keepsPackages() || !n.inTree || len(n.cgoFiles) > 0 || len(u.errs) > 0 || n.run.lost {
		return nil, false
	}
	data, err := s.exportTypes(u)
	if err != nil {
		return nil, false
	}
	entry := packageEntry{Offer: s.offerOf(n), Facts: *n.factsToKeep()}
	entry.Facts.Types = data
	if f := n.run.found; f != nil && !s.disbelieves(n) {
		names := analyzers.ReachNames(u.pkg)
		entry.Findings = &packageFindings{
			Measures: f.measures, Files: f.files, Lines: f.lines, Raw: f.raw,
			Uses: slices.Sorted(maps.Keys(n.run.uses)), Marks: n.run.marks,
			Names: names, Answers: s.answersAbout(n, names),
		}
	}
	registerFacts(s.facts)
	var b bytes.Buffer
	if gob.NewEncoder(&b).Encode(entry) == nil {
		writeOutbox(s.job.PackagesOutbox, s.packageName(s.standing(n).identity), b.Bytes())
	}
	return &entry.Facts, true
}
