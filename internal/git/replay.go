package git

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Replay reports whether one change is another one on a newer base, and nothing
// else: what fromHead did to fromBase, done to toBase, gives exactly the tree of
// toHead. The bases are the merge bases that the changes were judged from. Where
// it is not so, why says where, in words that follow "since".
//
// It goes by trees, so how the new head came about (rebase, merge of the base,
// squash) does not matter, and neither does what git would choose as a merge base.
// Each file is merged for itself, as in RevertOf: git would also guess where a
// file was moved to on the base, and on a guess no proof should stand. So a change
// to a file that the base has renamed is not proven, also where git merges it.
// Equal patch ids prove nothing: the same lines deleted elsewhere have the same.
func (r *Repo) Replay(ctx context.Context, fromBase, fromHead, toBase, toHead string) (clean bool, why string, err error) {
	why, err = r.replay(ctx, fromBase, fromHead, toBase, toHead)
	if err != nil {
		return false, "", fmt.Errorf("replay %s on %s: %w", short(fromHead), short(toBase), r.explain(ctx, err))
	}
	return why == "", why, nil
}

func (r *Repo) replay(ctx context.Context, commits ...string) (why string, err error) {
	var trees [4]string
	for i, c := range commits {
		if trees[i], err = r.TreeOf(ctx, c); err != nil {
			return "", err
		}
	}
	from, theirs, ours, result := trees[0], trees[1], trees[2], trees[3]
	if from == ours && theirs == result {
		return "", nil
	}
	wanted, err := r.byPath(ctx, from, theirs)
	if err != nil {
		return "", err
	}
	moved, err := r.byPath(ctx, from, ours)
	if err != nil {
		return "", err
	}
	done, err := r.byPath(ctx, ours, result)
	if err != nil {
		return "", err
	}
	for _, path := range slices.Sorted(maps.Keys(done)) {
		if _, ok := wanted[path]; !ok {
			return fmt.Sprintf("%q was changed as well", path), nil
		}
	}
	for _, path := range slices.Sorted(maps.Keys(wanted)) {
		before, after := wanted[path].sides()
		onBase := before
		m, both := moved[path]
		if both {
			_, onBase = m.sides()
		}
		now := onBase
		if c, ok := done[path]; ok {
			_, now = c.sides()
		}
		same, err := r.fileMergesTo(ctx, before, onBase, after, now)
		switch {
		case err != nil:
			return "", err
		case same:
		case both:
			return fmt.Sprintf("%q was also changed on the base, and the two do not give what it is now", path), nil
		default:
			return fmt.Sprintf("%q was changed again", path), nil
		}
	}
	return "", nil
}

// IsAncestor reports whether a commit is another one or one of its ancestors.
func (r *Repo) IsAncestor(ctx context.Context, ancestor, commit string) (bool, error) {
	is, err := r.contains(ctx, commit, ancestor)
	if err != nil {
		return false, fmt.Errorf("is %s an ancestor of %s: %w", short(ancestor), short(commit), r.explain(ctx, err))
	}
	return is, nil
}

// ErrManyCommits is a branch that has moved further than was to be read.
var ErrManyCommits = errors.New("too many commits")

// CommitsBetween are the steps of a branch after one commit and up to another:
// first parents only, the oldest first. Where after is no ancestor of upTo, as
// when the branch was forced elsewhere, they are those that after does not have.
// More than most are ErrManyCommits.
func (r *Repo) CommitsBetween(ctx context.Context, after, upTo string, most int) ([]string, error) {
	var commits []string
	err := r.revList(ctx, false, func(c commit) error {
		if len(commits) == most {
			return ErrManyCommits
		}
		commits = append(commits, c.hash)
		return nil
	}, "--first-parent", "--end-of-options", upTo, "^"+after)
	if err != nil {
		return nil, fmt.Errorf("list %s..%s: %w", short(after), short(upTo), r.explain(ctx, err))
	}
	slices.Reverse(commits)
	return commits, nil
}
