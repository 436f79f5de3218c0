package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/tools/go/analysis"

	"github.com/barraiser/barraiser/internal/impact"
)

// node is one package in one variant, with the nodes that it imports.
type node struct {
	id       string // as go list names it: "p", "p [p.test]", "p_test [p.test]"
	path     string // import path without the variant
	name     string
	dir      string // absolute
	rel      string // dir relative to the tree, forward slashes; "" for packages outside of it
	inTree   bool
	forTest  string
	files    []string // absolute
	cgoFiles []string // files that import "C", absolute; not empty only on a cgo platform
	ignored  []string // .go files that the platform leaves out, absolute
	platform platform
	module   *listedModule
	listErr  string
	imports  map[string]*node // by the path written in the source
	badDeps  map[string]string

	sum string // of a module outside of the tree, as in go.sum; "" where it is not known
	job int    // the last one of a series that met it
	own string // hash of everything but the imports' keys
	key string // hash of own and the imports' keys

	twin   *node // see twin.go
	kin    *node // see kin.go
	text   *text // likewise; what is read from the files
	pair   *pair // nil for nodes that are on one side as on the other
	same   bool  // it was seen to be on one side as on the other
	wanted bool  // a package of the repository whose findings count on one side, if it is affected

	once      sync.Once
	wholeOnce sync.Once
	takesOnce sync.Once
	asksOnce  sync.Once
	saysOnce  sync.Once
	offering  *offering // see session.offerOf; shared with kin
	says      bool      // see saysAs
	done      atomic.Bool
	mode      mode
	run       outcome

	belowMu    sync.Mutex
	belowKnown map[string]*node // see below
}

// mode says how much is asked of a node.
type mode string

const (
	factsOnly mode = "facts" // types and facts, for the packages that import it
	full      mode = "full"  // all checks
)

// outcome is what running a node leaves behind.
type outcome struct {
	pkg      *types.Package
	errs     []string // type errors, the first few
	ill      bool     // importers cannot rely on its types
	lost     bool     // an analyzer failed on it
	objFacts map[objFactKey]analysis.Fact
	pkgFacts map[factType]analysis.Fact
	whole    string          // see session.whole
	takes    *takes          // see session.takes
	restored bool            // from what was kept
	asks     []string        // of such a one: what its interfaces ask for
	below    asks            // see session.asksBelow
	found    *found          // full mode only, nil where the package does not type-check
	uses     map[string]bool // full mode only: see session.uses
	marks    []impact.Mark   // full mode of a review only
}

// fileArguments is what go list calls the package of files that were named one
// by one.
const fileArguments = "command-line-arguments"

// locate gives a package of files named one by one the module that it lies in,
// and the import path that its folder has.
func (s *session) locate(n *node, root string) {
	t := s.head
	if root == s.base.root {
		t = s.base
	}
	n.path = s.packageOf(t, n.fileRel(n.files[0]), n.name)
	if dir, ok := t.moduleOf(n.rel); ok {
		n.module = t.module(dir)
	}
}

// testMain reports whether the node is the generated main package of a test.
func (p *listed) testMain() bool {
	return p.Name == "main" && strings.HasSuffix(p.ImportPath, ".test") && p.ForTest == ""
}

// node returns the node for the id in the listing, making it and all that it
// imports. Equal nodes of two listings are one.
func (s *session) node(l *listing, id string) *node {
	if n, ok := l.nodes[id]; ok {
		return n
	}
	p := l.pkgs[id]
	n := &node{
		id: id, name: p.Name, dir: p.Dir, forTest: p.ForTest,
		platform: l.platform, module: p.Module,
		imports: map[string]*node{}, badDeps: map[string]string{},
		text: &text{}, offering: &offering{},
	}
	n.path, _, _ = strings.Cut(id, " ")
	if p.Error != nil && !harmless(p.Error.Err) { // assemble does not see those
		n.listErr = p.Error.Err
	}
	if rel, err := filepath.Rel(l.root, p.Dir); err == nil && filepath.IsLocal(rel) && p.Dir != "" {
		n.rel, n.inTree = filepath.ToSlash(rel), true
	}
	for _, f := range p.GoFiles {
		n.files = append(n.files, s.abs(p.Dir, f))
	}
	if n.path == fileArguments && n.inTree && len(n.files) > 0 {
		s.locate(n, l.root)
	}
	for _, f := range p.CgoFiles {
		n.cgoFiles = append(n.cgoFiles, s.abs(p.Dir, f))
	}
	for _, f := range p.IgnoredGoFiles {
		n.ignored = append(n.ignored, s.abs(p.Dir, f))
	}
	l.nodes[id] = n // before the imports: a cycle is an error of theirs, not an endless loop of ours
	for _, imp := range p.Imports {
		if imp == "C" || imp == "unsafe" {
			continue
		}
		// Imports names the variant where there is one; the source names the path.
		src, _, _ := strings.Cut(imp, " ")
		for from, to := range p.ImportMap {
			if to == imp {
				src = from
			}
		}
		dep, ok := l.pkgs[imp]
		switch {
		case !ok:
			n.badDeps[src] = "not found"
		case dep.Error != nil && len(dep.GoFiles)+len(dep.CgoFiles) == 0:
			n.badDeps[src] = dep.Error.Err
		default:
			d := s.node(l, imp)
			if d.key == "" { // still being made: an import cycle
				n.badDeps[src] = "import cycle"
				continue
			}
			n.imports[src] = d
		}
	}
	n.wanted = n.inTree && l.counts(p) && l.want(n.rel) && exclusionByPath(n.rel+"/") == ""
	s.setKeys(n)
	same, ok := s.byKey[n.key]
	if !ok {
		s.setTwin(n, l)
		same, ok = s.byKey[n.key]
	}
	if ok {
		same.wanted = same.wanted || n.wanted // it may have tests on the other side
		same.job = s.number
		l.nodes[id] = same
		return same
	}
	n.job = s.number
	s.byKey[n.key] = n
	s.setKin(n)
	return n
}

func (s *session) abs(dir, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

// setKeys computes own and key. Files of the tree count by their content,
// files outside of it (the standard library, the module cache) by their path:
// those do not change under one path.
func (s *session) setKeys(n *node) {
	h := sha256.New()
	put := func(parts ...string) { put(h, parts...) }
	where := n.dir
	if n.inTree {
		where = "./" + n.rel
	}
	// Of the platform, the types see the sizes and how "C" is imported; all else
	// of it shows in the list of files.
	put(n.id, where, n.platform.goarch(), fmt.Sprint(n.platform.cgo), n.listErr)
	if n.module != nil {
		put(n.module.Path, n.module.Version, n.module.language())
		if !n.inTree {
			n.sum = s.moduleSum(n.module.Dir)
			put(n.sum)
		}
	}
	lists := [][]string{n.files, n.cgoFiles}
	if n.inTree {
		lists = append(lists, n.ignored) // some checks look at build constraints
	}
	for _, list := range lists {
		put("files")
		for _, f := range list {
			put(filepath.Base(f))
			if n.inTree {
				put(s.contentHash(f))
			}
		}
	}
	for _, src := range slices.Sorted(maps.Keys(n.badDeps)) {
		put("bad", src, n.badDeps[src])
	}
	sources := slices.Sorted(maps.Keys(n.imports))
	for _, src := range sources {
		put("import", src, n.imports[src].id)
	}
	n.own = hex.EncodeToString(h.Sum(nil))
	for _, src := range sources {
		put(n.imports[src].key)
	}
	n.key = hex.EncodeToString(h.Sum(nil))
}

// treeOf returns the tree that a file lies in, and its path there; nil for one
// of neither.
func (s *session) treeOf(file string) (t *tree, rel string) {
	for _, t := range []*tree{s.head, s.base} {
		if rel, ok := t.rel(file); ok {
			return t, rel
		}
	}
	return nil, ""
}

// readFile reads a source file, through its tree if it is in one.
func (s *session) readFile(file string) ([]byte, error) {
	if t, rel := s.treeOf(file); t != nil {
		return t.read(rel)
	}
	return os.ReadFile(file)
}

// contentHash hashes a file of one of the trees.
func (s *session) contentHash(file string) string {
	t, rel := s.treeOf(file)
	if t == nil {
		return "outside: " + file // unreachable: asked for files in a tree only
	}
	return t.contentHash(rel)
}

func (t *tree) contentHash(rel string) string {
	if t.shares(rel) {
		if _, err := t.twin.read(rel); err == nil {
			return t.twin.contentHash(rel)
		}
	}
	if sum, ok := t.hashes.Load(rel); ok {
		return sum.(string)
	}
	data, err := t.read(rel)
	if err != nil {
		return "unreadable: " + errors.Unwrap(err).Error()
	}
	sum := sha256.Sum256(data)
	t.hashes.Store(rel, string(sum[:]))
	return string(sum[:])
}

// standard reports whether the package is of the standard library.
func (n *node) standard() bool { return !n.inTree && n.module == nil }

// fileRel returns the path of a file of the node relative to the tree.
func (n *node) fileRel(file string) string {
	base := filepath.Base(file)
	if n.rel == "." {
		return base
	}
	return n.rel + "/" + base
}

// counted reports whether what is found in the node counts here: a module that
// takes another of the tree by a replacement lists the other's packages too.
func (l *listing) counted(n *node) bool { return n.wanted && (l.owns == nil || l.owns(n.rel)) }

// counts reports whether the listed package is one whose findings count: not
// the generated main of a test, not a dependency recompiled for one, and not a
// package whose test variant holds the same files and more.
func (l *listing) counts(p *listed) bool {
	if p.testMain() {
		return false
	}
	path, _, variant := strings.Cut(p.ImportPath, " ")
	if !variant {
		_, superseded := l.pkgs[path+" ["+path+".test]"]
		return !superseded
	}
	return path == p.ForTest || path == p.ForTest+"_test"
}
