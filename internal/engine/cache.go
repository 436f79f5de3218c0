package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/objectpath"
)

// # The cache
//
// Most of the work of a job is in code that is not in the repository: the types
// of the standard library and of modules, and the facts about them, which take
// the bodies of all their functions. Those packages do not change under one key,
// so both are kept.
//
// The child only reads the cache. What it computed it writes to an outbox of
// its own, from which the parent takes it over once the job has ended well. An
// entry is named by the node's key and by the program that made it; its content
// begins with its own hash, and one that does not fit is as good as none.

// saved is the content of an entry.
type saved struct {
	Types   []byte // export data
	Objects []savedFact
	Package []analysis.Fact
	Asks    []string // of a package from outside: see asksOf
	// As names the entry that says all this, where it is that of a kin (kin.go).
	As string
}

type savedFact struct {
	Object objectpath.Path
	Fact   analysis.Fact
}

// cacheable reports whether the node's facts may be kept: the code is not of
// the repository, so that no change under review can have written it, but of the
// standard library or of a module whose hash the go command verified.
func (s *session) cacheable(n *node) bool {
	return !n.inTree && len(n.cgoFiles) == 0 && (n.module == nil || n.sum != "")
}

// moduleSum returns the hash of a module in the module cache, which the go
// command noted when it had compared it with go.sum; "" where there is none.
func (s *session) moduleSum(dir string) string {
	if sum, ok := s.sums[dir]; ok {
		return sum
	}
	s.sums[dir] = ""
	modules := os.Getenv("GOMODCACHE")
	rest, inside := cutDir(dir, modules)
	name, version, ok := strings.Cut(rest, "@")
	if !inside || !ok {
		return ""
	}
	data, err := os.ReadFile(filepath.Join(modules, "cache", "download", name, "@v", version+".ziphash"))
	if err == nil {
		s.sums[dir] = strings.TrimSpace(string(data))
	}
	return s.sums[dir]
}

// entry is the name of a node's entry. An impact-only job makes no facts, so its
// entries are others.
func (s *session) entry(n *node) string {
	what := "types and facts"
	if s.job.ImpactOnly {
		what = "types"
	}
	sum := sha256.Sum256([]byte(what + " " + s.job.Program + " " + n.key))
	return hex.EncodeToString(sum[:])
}

func entryPath(cache, name string) string { return filepath.Join(cache, name[:2], name) }

// isEntryName reports whether a file's name is that of an entry.
func isEntryName(name string) bool {
	sum, err := hex.DecodeString(name)
	return err == nil && len(sum) == sha256.Size
}

// recall returns the node's kept facts.
func (s *session) recall(n *node) (*saved, bool) {
	if s.job.Cache == "" || !s.cacheable(n) {
		return nil, false
	}
	kept, _ := s.decode(s.entry(n), s.read)
	return kept, kept != nil
}

// decode reads an entry, or the one that it refers to, and returns that one's name;
// nil: there is none.
func (s *session) decode(name string, read func(string) ([]byte, bool)) (*saved, string) {
	registerFacts(s.facts)
	for range 2 {
		data, ok := read(name)
		var kept saved
		if !ok || gob.NewDecoder(bytes.NewReader(data)).Decode(&kept) != nil {
			break
		}
		if kept.As == "" {
			return &kept, name
		}
		if !isEntryName(kept.As) {
			break
		}
		name = kept.As
	}
	return nil, ""
}

// read returns the content of an entry, if it is whole.
func (s *session) read(name string) ([]byte, bool) { return readEntry(s.job.Cache, name) }

// readOutbox returns the content of an entry that this job wrote.
func (s *session) readOutbox(name string) ([]byte, bool) {
	if s.job.Outbox == "" {
		return nil, false
	}
	return readWhole(filepath.Join(s.job.Outbox, name))
}

// write puts an entry into the outbox.
func (s *session) write(name string, content []byte) { writeOutbox(s.job.Outbox, name, content) }

// writeOutbox puts an entry into an outbox, if there is one. A failure costs time
// in the next job and nothing else.
func writeOutbox(outbox, name string, content []byte) {
	if outbox == "" {
		return
	}
	sum := sha256.Sum256(content)
	_ = os.WriteFile(filepath.Join(outbox, name), append(sum[:], content...), 0o600)
}

// keep makes the entry of a node that was made from source and writes it to the
// outbox. Facts about objects that no importer can name are not kept. It returns
// false where there is nothing that could be kept.
func (s *session) keep(u *unit) (*saved, bool) {
	n := u.node
	if !s.cacheable(n) || len(u.errs) > 0 || n.run.lost {
		return nil, false
	}
	data, err := s.exportTypes(u)
	if err != nil {
		return nil, false
	}
	registerFacts(s.facts)
	var enc objectpath.Encoder
	kept := &saved{Types: data, Asks: asksOf(u.pkg)}
	for k, fact := range n.run.objFacts {
		if path, err := enc.For(k.obj); err == nil {
			kept.Objects = append(kept.Objects, savedFact{path, fact})
		}
	}
	slices.SortFunc(kept.Objects, func(a, b savedFact) int { return bytes.Compare([]byte(a.Object), []byte(b.Object)) })
	for _, fact := range n.run.pkgFacts {
		kept.Package = append(kept.Package, fact)
	}
	s.writeSaved(n, kept)
	return kept, true
}

// writeSaved writes the node's entry to the outbox.
func (s *session) writeSaved(n *node, kept *saved) {
	var b bytes.Buffer
	if s.job.Outbox != "" && gob.NewEncoder(&b).Encode(kept) == nil {
		s.write(s.entry(n), b.Bytes())
	}
}

// restore gives the node its kept types and facts. It returns false, and leaves
// the node as it is, where they do not fit.
func (s *session) restore(n *node, kept *saved) bool {
	pkg, err := s.loadTypes(n, kept.Types)
	if err != nil {
		return false
	}
	n.run.pkg, n.run.restored, n.run.asks = pkg, true, kept.Asks
	n.restoreFacts(kept, pkg) // what does not fit is about the method of a type that no importer can reach
	s.owners.Store(pkg, n)
	return true
}

// restoreFacts gives the node its kept facts, and reports whether all of them are
// about something in the package.
func (n *node) restoreFacts(kept *saved, pkg *types.Package) (whole bool) {
	whole = true
	objects := map[objFactKey]analysis.Fact{}
	for _, f := range kept.Objects {
		obj, err := objectpath.Object(pkg, f.Object)
		if err != nil {
			whole = false
			continue
		}
		objects[objFactKey{obj, typeOf(f.Fact)}] = f.Fact
	}
	n.run.objFacts, n.run.pkgFacts = objects, map[factType]analysis.Fact{}
	for _, f := range kept.Package {
		n.run.pkgFacts[typeOf(f)] = f
	}
	return whole
}

var registered sync.Map // factType → true

// registerFacts tells gob the types of all facts.
func registerFacts(makers []*analysis.Analyzer) {
	for _, a := range makers {
		for _, f := range a.FactTypes {
			if _, done := registered.LoadOrStore(typeOf(f), true); !done {
				gob.Register(f)
			}
		}
	}
}

// prunePeriod is how often a cache that grows is looked through for what has to
// go. It may grow beyond its bound by what that time brings.
const prunePeriod = time.Hour

// prunedStamp is the file whose time says when that was done last.
const prunedStamp = "pruned"

// MaxFacts bounds the cache of types and facts, in bytes. Those of all that
// prometheus imports, tests included, take about 80 MB.
const MaxFacts = 1 << 30

// adopt moves the entries of the outbox into the cache.
func adopt(outbox, cache string) (adopted int, err error) {
	entries, err := os.ReadDir(outbox)
	if err != nil {
		return 0, fmt.Errorf("read new entries: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		if !isEntryName(name) || !e.Type().IsRegular() {
			continue
		}
		if err := moveFile(filepath.Join(outbox, name), entryPath(cache, name)); err != nil {
			return adopted, fmt.Errorf("keep entry: %w", err)
		}
		adopted++
	}
	return adopted, nil
}

// moveFile renames, or copies where the cache is on another file system. Two
// processes may write one entry; it has one content, and comes whole or not at
// all.
func moveFile(from, to string) error {
	if os.Rename(from, to) == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if os.Rename(from, to) == nil {
		return nil
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return replaceFile(to, data)
}

// pruneNow prunes a cache that grew by some entries, if they are many or it is
// time.
func pruneNow(cache string, limit int64, grown int) error {
	stamp := filepath.Join(cache, prunedStamp)
	if info, err := os.Stat(stamp); grown == 0 || err == nil && grown < 256 && time.Since(info.ModTime()) < prunePeriod {
		return nil
	}
	if err := os.WriteFile(stamp, nil, 0o600); err != nil {
		return fmt.Errorf("prune the cache: %w", err)
	}
	return prune(cache, limit)
}

// prune removes the oldest entries until the cache is a tenth below the limit.
func prune(cache string, limit int64) error {
	files, total, err := cacheFiles(cache)
	if err != nil || total <= limit {
		return err
	}
	slices.SortFunc(files, func(a, b cacheFile) int { return a.time.Compare(b.time) })
	for _, f := range files {
		if total <= limit-limit/10 {
			break
		}
		if err := os.Remove(f.path); err == nil || errors.Is(err, fs.ErrNotExist) {
			total -= f.size
		}
	}
	return nil
}

type cacheFile struct {
	path string
	size int64
	time time.Time
}

// cacheFiles lists the files of a cache, and the sum of their sizes.
func cacheFiles(cache string) (files []cacheFile, total int64, err error) {
	err = filepath.WalkDir(cache, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == prunedStamp {
			return nil // gone meanwhile, by another process
		}
		if info, err := d.Info(); err == nil {
			files = append(files, cacheFile{path, info.Size(), info.ModTime()})
			total += info.Size()
		}
		return nil
	})
	return files, total, err
}

// CacheSize says how much there is in a folder of the cache.
func CacheSize(cache string) (entries int, bytes int64, err error) {
	files, total, err := cacheFiles(cache)
	return len(files), total, err
}
