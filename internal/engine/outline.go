package engine

import (
	"bytes"
	"encoding/gob"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/barraiser/barraiser/internal/analyzers"
)

// # Outlines
//
// Each job asks two things of the syntax of all files of both trees: what the
// tests reach, and what the checks of the repository as a whole find. A file's
// outline is what they take from it. It is made once for both; where packages are
// kept, so are the outlines of all files, in one entry: most jobs need nearly all
// of them.

// outline is what is asked of a file's syntax. It is not changed once it is made.
type outline struct {
	Key     string // of what it was made: see outlineKey
	Reach   *analyzers.ReachFile
	Program *analyzers.ProgramFile // nil where ofProgram says no
}

// outlines are those of a session.
type outlines struct {
	words []string // see analyzers.NewProgramFile

	recall sync.Once
	before map[string]*outline // by key; those of the job before
	all    sync.Map            // key → func() (*outline, error); those of this one
	made   atomic.Int64        // those that were not there before
}

// outline is that of a file. The error is that of reading or parsing it.
func (s *session) outline(t *tree, rel string) (*outline, error) {
	o := &s.outlines
	o.recall.Do(s.recallOutlines)
	program := s.ofProgram(t, rel)
	key := s.outlineKey(t, rel, program)
	v, _ := o.all.LoadOrStore(key, sync.OnceValues(func() (*outline, error) {
		if known := o.before[key]; known != nil {
			return known, nil
		}
		o.made.Add(1)
		src, err := t.read(rel)
		if err != nil {
			return nil, err
		}
		src = withoutLineDirectives(src)
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, rel, src, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		out := &outline{Key: key}
		out.Reach = analyzers.NewReachFile(s.packageOf(t, rel, syntax.Name.Name), strings.HasSuffix(rel, "_test.go"), syntax)
		if program {
			out.Program = analyzers.NewProgramFile(rel, src, fset, syntax, o.words)
		}
		return out, nil
	}))
	return v.(func() (*outline, error))()
}

// outlineKey names all that the outline of a file is a function of, beside the
// words.
func (s *session) outlineKey(t *tree, rel string, program bool) string {
	module := ""
	if dir, ok := t.moduleOf(path.Dir(rel)); ok {
		module = t.module(dir).Path
	}
	return strings.Join([]string{rel, t.contentHash(rel), module, strconv.FormatBool(program)}, "\x00")
}

func (s *session) outlinesName() string {
	return s.packageName("outlines " + string(mustJSON(s.outlines.words)))
}

// recallOutlines takes over those of the job before, from this process or from
// what is stored.
func (s *session) recallOutlines() {
	o := &s.outlines
	if o.before != nil || !s.keepsPackages() {
		return
	}
	data, ok := readEntry(s.job.Packages, s.outlinesName())
	var list []*outline
	if !ok || gob.NewDecoder(bytes.NewReader(data)).Decode(&list) != nil {
		return
	}
	o.before = make(map[string]*outline, len(list))
	for _, one := range list {
		o.before[one.Key] = one
	}
}

// fewOutlines are made anew in less time than all are written.
const fewOutlines = 20

// keepOutlines leaves the outlines to the next job.
func (s *session) keepOutlines() {
	o := &s.outlines
	if !s.keepsPackages() || o.before != nil && o.made.Load() < fewOutlines || o.made.Load() == 0 {
		return
	}
	var b bytes.Buffer
	if gob.NewEncoder(&b).Encode(o.list()) == nil {
		writeOutbox(s.job.PackagesOutbox, s.outlinesName(), b.Bytes())
	}
}

// list returns those that were asked for and could be made, in a fixed order.
func (o *outlines) list() (out []*outline) {
	for _, v := range o.all.Range {
		if one, err := v.(func() (*outline, error))(); err == nil {
			out = append(out, one)
		}
	}
	slices.SortFunc(out, func(a, b *outline) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// follow takes over the outlines of a session before, of the same words.
func (o *outlines) follow(last *outlines) {
	if !slices.Equal(o.words, last.words) {
		return
	}
	o.before = map[string]*outline{}
	for _, one := range last.list() {
		o.before[one.Key] = one
	}
}
