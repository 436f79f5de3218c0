package debt

import (
	"cmp"
	"slices"
	"sort"
)

// paths says where a file and a line of the base are at the head.
type paths struct {
	byOld map[string]FileChange
	byNew map[string]FileChange
}

func newPaths(files []FileChange) paths {
	files = slices.Clone(files)
	// A path that was listed twice (which git does not do) goes to its first
	// destination by name rather than to any.
	slices.SortStableFunc(files, func(a, b FileChange) int {
		return cmp.Or(cmp.Compare(b.New, a.New), cmp.Compare(b.Old, a.Old))
	})
	p := paths{make(map[string]FileChange), make(map[string]FileChange)}
	for _, f := range files {
		if f.Old != "" {
			p.byOld[f.Old] = f
		}
		if f.New != "" {
			p.byNew[f.New] = f
		}
	}
	return p
}

// head is the path at the head of a file of the base; a deleted file keeps its
// path, see deleted.
func (p paths) head(file string) string {
	if f, ok := p.byOld[file]; ok && f.New != "" {
		return f.New
	}
	return file
}

// base is the path at the base of a file of the head.
func (p paths) base(file string) string {
	if f, ok := p.byNew[file]; ok && f.Old != "" {
		return f.Old
	}
	return file
}

// deleted says that a file of the base is gone, and not renamed.
func (p paths) deleted(file string) bool {
	f, ok := p.byOld[file]
	return ok && f.New == ""
}

// line is the line at the head of a line of a file of the base. It is exact
// unless the line was removed; then it is the nearest one that is left.
func (p paths) line(file string, line int) (at int, exact bool) {
	hunks := p.byOld[file].Hunks
	// The last hunk that begins at or before the line. One that only inserts
	// lies after the line it names.
	i := sort.Search(len(hunks), func(i int) bool {
		h := hunks[i]
		return h.OldStart > line || h.OldLines == 0 && h.OldStart == line
	}) - 1
	if i < 0 {
		return line, true
	}
	h := hunks[i]
	oldEnd, newEnd := after(h.OldStart, h.OldLines), after(h.NewStart, h.NewLines)
	switch offset := line - h.OldStart; {
	case line >= oldEnd:
		return line - oldEnd + newEnd, true
	case offset < h.NewLines:
		return h.NewStart + offset, true
	default:
		return newEnd - 1, false
	}
}

// after is the first line behind a range; an empty range lies after its start.
func after(start, lines int) int {
	if lines == 0 {
		return start + 1
	}
	return start + lines
}
