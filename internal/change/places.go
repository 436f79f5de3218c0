package change

import (
	"cmp"
	"context"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/review"
)

// Stated is what the judge has to know of a policy: it may not read one itself.
// tree is where CODEOWNERS is looked for, files visits the files of the trees that
// are judged.
func Stated(ctx context.Context, repo *git.Repo, p review.Policy, tree string, files func(visit func(rel string)) error) (analyzers.Stated, error) {
	s := analyzers.Stated{
		Forbidden: forbidden(p), Experiments: map[string]string{},
		Today: time.Now().UTC().Format(time.DateOnly),
	}
	for key, e := range p.Experiments {
		s.Experiments[key] = string(e.Ends)
	}
	codeowners, _, err := Codeowners(ctx, repo, tree)
	if err != nil {
		return s, err
	}
	owners := review.Owners{Policy: p, Codeowners: codeowners}
	s.Owners = owners.Stated()
	if s.Owners || len(p.Components) > 0 {
		s.Places, err = places(p, owners, files)
	}
	return s, err
}

// Folders visits the files of trees that were written out.
func Folders(roots ...string) func(visit func(rel string)) error {
	return func(visit func(rel string)) error {
		for _, root := range roots {
			err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				rel, err := filepath.Rel(root, name)
				if err == nil {
					visit(filepath.ToSlash(rel))
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// forbidden lists the edges between components that the policy forbids.
func forbidden(p review.Policy) (edges []analyzers.ForbiddenEdge) {
	names := slices.Sorted(maps.Keys(p.Components))
	for _, from := range names {
		for _, to := range names {
			if ok, key := p.MayImport(from, to); !ok {
				edges = append(edges, analyzers.ForbiddenEdge{From: from, To: to, Key: key})
			}
		}
	}
	return edges
}

// places says of each folder with Go files which component it is in and who
// owns it. A pattern may name files and not their folder, so its first file
// decides.
func places(p review.Policy, owners review.Owners, files func(visit func(rel string)) error) (map[string]analyzers.Place, error) {
	first := map[string]string{} // folder → a file
	err := files(func(rel string) {
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return
		}
		if dir := path.Dir(rel); first[dir] == "" || rel < first[dir] {
			first[dir] = rel
		}
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string]analyzers.Place, len(first))
	for dir, file := range first {
		out[dir] = analyzers.Place{
			Component: cmp.Or(p.ComponentOf(dir), p.ComponentOf(file)),
			Owner:     owners.TeamOf(file),
		}
	}
	return out, nil
}
