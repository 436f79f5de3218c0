package impact

import "cmp"

// A Step is one change of the default branch, as the history tells it.
type Step struct {
	Commit  string
	Authors []string // who wrote it, in any form that is the same each time
	// Ranked says that the step is of the time in which changes are compared.
	// The others only are what came before.
	Ranked bool
	Files  []StepFile
}

// A StepFile is a file that a step changed.
type StepFile struct {
	Path    string
	OldPath string // of a renamed file, else empty
	Added   int    // lines
}

// Priors say who changed which file before, up to the end of a history.
type Priors struct {
	// byFile are the steps that changed a file, under the path that it has at
	// the end. A file that was renamed brings them along.
	byFile  map[string][]int
	authors [][]int // of each step
	people  int
}

// NewHistory measures the ranked ones among the steps of a branch, given the
// newest first and back to its beginning, each by what came before it. Files
// that uncounted reports (generated, vendored, testdata, tests) are as if they
// were not there. The Priors are those after the newest step.
func NewHistory(steps []Step, uncounted func(path string) bool) (History, *Priors) {
	return measure(steps, uncounted, func(int) int { return len(steps) })
}

// measure is NewHistory where what came before a step ends before the one of the
// index that window returns for it.
func measure(steps []Step, uncounted func(path string) bool, window func(i int) int) (History, *Priors) {
	p := &Priors{byFile: make(map[string][]int), authors: make([][]int, len(steps))}
	ids := make(map[string]int)
	changes := make([]PastChange, len(steps))
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		var files []StepFile
		for _, f := range s.Files {
			if !uncounted(f.Path) {
				files = append(files, f)
			}
		}
		if s.Ranked {
			changes[i] = p.of(files, window(i))
			changes[i].Commit = s.Commit
		}
		for _, a := range s.Authors {
			id, ok := ids[a]
			if !ok {
				id = len(ids)
				ids[a] = id
			}
			p.authors[i] = append(p.authors[i], id)
		}
		p.people = len(ids)
		p.add(i, files)
	}
	var h History
	for i, s := range steps {
		if s.Ranked {
			h.Changes = append(h.Changes, changes[i])
		}
	}
	return h, p
}

func (p *Priors) add(step int, files []StepFile) {
	for _, f := range files {
		if before := p.byFile[f.OldPath]; f.OldPath != "" {
			delete(p.byFile, f.OldPath)
			p.byFile[f.Path] = append(before, p.byFile[f.Path]...)
		}
		p.byFile[f.Path] = append(p.byFile[f.Path], step)
	}
}

// Of measures a change that follows the history, as those in it are measured.
func (p *Priors) Of(files []File) PastChange {
	var counted []StepFile
	for _, f := range files {
		if f.Uncounted {
			continue
		}
		s := StepFile{Path: cmp.Or(f.New, f.Old), Added: f.Added}
		if f.New != "" && f.Old != f.New {
			s.OldPath = f.Old
		}
		counted = append(counted, s)
	}
	return p.of(counted, len(p.authors))
}

// of counts of what came before the steps with an index below end.
func (p *Priors) of(files []StepFile, end int) PastChange {
	c := PastChange{Files: len(files)}
	seen := make([]bool, len(p.authors))
	known := make([]bool, p.people)
	for _, f := range files {
		c.LinesAdded += f.Added
		for _, step := range p.byFile[cmp.Or(f.OldPath, f.Path)] {
			if step >= end || seen[step] {
				continue
			}
			seen[step] = true
			c.PriorChanges++
			for _, a := range p.authors[step] {
				if !known[a] {
					known[a] = true
					c.PriorAuthors++
				}
			}
		}
	}
	return c
}
