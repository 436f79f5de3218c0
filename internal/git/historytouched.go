package git

import (
	"context"
	"fmt"
)

// TouchedFile is a Go file that a change touched, and in what.
type TouchedFile struct {
	Path    string // after the change; hostile
	OldPath string // of a renamed file, else ""
	// Symbols are the declarations, as Touch.Symbol has them, without "".
	Symbols []string
}

// Touched returns what a change from one tree to another did to the declarations
// of Go files, in the order of paths. What Touches leaves out of commits is left
// out of it too. Files that were renamed and not changed are in it.
func (r *Repo) Touched(ctx context.Context, baseTree, headTree string) ([]TouchedFile, error) {
	changes, err := r.Diff(ctx, baseTree, headTree)
	if err != nil {
		return nil, err
	}
	var out []TouchedFile
	var pairs []Change
	for _, c := range changes {
		if c.Status == Deleted || !churned(c.NewPath) {
			continue
		}
		f := TouchedFile{Path: c.NewPath}
		if c.Status == Renamed {
			f.OldPath = c.OldPath
		}
		out, pairs = append(out, f), append(pairs, c)
	}
	if len(pairs) == 0 {
		return nil, nil
	}
	symbols, err := r.changedSymbols(ctx, pairs)
	if err != nil {
		return nil, fmt.Errorf("read what changed from %s to %s: %w", short(baseTree), short(headTree), r.explain(ctx, err))
	}
	for i := range out {
		for _, s := range symbols[i] {
			if s != "" {
				out[i].Symbols = append(out[i].Symbols, s)
			}
		}
	}
	return out, nil
}
