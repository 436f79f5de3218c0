package engine

import (
	"crypto/sha256"
	"fmt"
	"go/types"
	"hash"
	"slices"
	"strconv"
	"sync"

	"golang.org/x/tools/go/types/objectpath"
)

// offer is what a package offers to those who import it, declaration by
// declaration, so that an importer depends on those alone that it can get at
// (view.go). Its fields are exported for gob.
//
// Only what can be reached from the exported declarations counts. A field that
// is not exported counts for what it does to the whole struct (can it be
// compared, does it hold a lock), and a method that is not exported only where
// an interface of the package asks for it. So a change inside a type leaves
// its importers alone.
type offer struct {
	Package    string // hash of the name, of the facts about the package, and of how ill it is
	Interfaces string // hash of all interfaces: some checks ask which of them a type satisfies
	Decls      map[string]decl
}

// decl is a declaration of a package, under its name.
type decl struct {
	Self    member
	Methods map[string]member // the exported ones of a type
	Embeds  []mention         // the types that a struct embeds, and what an alias stands for
}

// member is what counts of a declaration or of a method.
type member struct {
	Hash     string // of the text and the facts; types in it count by their names
	Mentions []mention
	Asks     []string // methods that interfaces in it ask for
}

// mention is a declaration that another is made of. Package is an import path.
type mention struct{ Package, Name string }

// mentioned are the import paths of the packages that the offer mentions, its own
// among them.
func (o *offer) mentioned() map[string]bool {
	paths := map[string]bool{}
	add := func(m member) {
		for _, m := range m.Mentions {
			paths[m.Package] = true
		}
	}
	for _, d := range o.Decls {
		add(d.Self)
		for _, m := range d.Methods {
			add(m)
		}
	}
	return paths
}

// offerOf is what the node offers. It must be done.
func (s *session) offerOf(n *node) *offer {
	n.offering.once.Do(func() { n.offering.offer = n.offered() })
	return n.offering.offer
}

// offering is an offer that is made once, for all nodes that have it.
type offering struct {
	once  sync.Once
	offer *offer
}

// is says what the offer is, where it is known already.
func (o *offering) is(known *offer) { o.once.Do(func() { o.offer = known }) }

func (n *node) offered() *offer {
	if n.run.pkg == nil {
		return &offer{Package: "unknown " + n.key}
	}
	w := newAPIWriter(n.run.pkg)
	w.walk()
	facts := n.factLines(w.seen)
	finish := func(name string, t *memberText) member {
		for _, line := range facts[name] {
			put(t.text, "fact", line)
		}
		return member{Hash: sum(t.text), Mentions: t.mentions, Asks: t.asks}
	}
	out := &offer{Decls: make(map[string]decl, len(w.decls))}
	for name, d := range w.decls {
		whole := decl{Self: finish(name, d.memberText), Embeds: d.embeds}
		for m, text := range d.methods {
			if whole.Methods == nil {
				whole.Methods = map[string]member{}
			}
			whole.Methods[m] = finish(name+"."+m, text)
		}
		out.Decls[name] = whole
	}
	whole := sha256.New()
	put(whole, n.name, fmt.Sprint(len(n.run.errs))) // an ill package's API may look complete and not be
	put(whole, n.packageFactLines()...)
	out.Package, out.Interfaces = sum(whole), w.interfaces()
	return out
}

// put adds words to a hash, each after its length.
func put(h hash.Hash, words ...string) {
	var b []byte
	for _, word := range words {
		b = strconv.AppendInt(b, int64(len(word)), 10)
		b = append(b, ':')
		b = append(b, word...)
	}
	_, _ = h.Write(b) // never fails
}

// sum is the first half of a SHA-256: there are many, and they are kept.
func sum(h hash.Hash) string { return string(h.Sum(nil)[:sha256.Size/2]) }

// factLines writes the node's facts about what importers can see, by
// declaration and in a fixed order.
func (n *node) factLines(seen map[types.Object]string) map[string][]string {
	var enc objectpath.Encoder
	lines := map[string][]string{}
	for k, fact := range n.run.objFacts {
		if name, reached := seen[k.obj]; reached {
			lines[name] = append(lines[name], fmt.Sprintf("%s %s %s", nameOf(&enc, k.obj), k.typ, factText(fact)))
		}
	}
	for _, list := range lines {
		slices.Sort(list)
	}
	return lines
}

// packageFactLines writes the facts about the package as a whole.
func (n *node) packageFactLines() (lines []string) {
	for typ, fact := range n.run.pkgFacts {
		lines = append(lines, fmt.Sprintf("%s %s", typ, factText(fact)))
	}
	slices.Sort(lines)
	return lines
}

// nameOf names an object within its package. A method goes by its name, since
// its path counts the methods in the order of the source.
func nameOf(enc *objectpath.Encoder, obj types.Object) string {
	if recv := receiver(obj); recv != nil {
		return recv.Name() + "." + obj.Name()
	}
	path, err := enc.For(obj)
	if err != nil {
		return obj.Name()
	}
	return string(path)
}
