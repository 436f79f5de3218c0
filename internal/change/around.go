package change

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// LookAround reads what a decision over base..head needs beside the code: the
// other files, the history, the people. base is the merge base, head a commit.
// What is not known but stops nothing is in the warnings. cache is a folder that
// keeps what is known of the history, empty for none.
func LookAround(ctx context.Context, repo *git.Repo, base review.Revision, head string, c *Change, cache string) (s review.Snapshot, warnings []string, err error) {
	s.Files = c.Paths()
	if s.Change.Files, err = c.ImpactFiles(ctx, repo); err != nil {
		return s, nil, err
	}
	history, priors, err := History(ctx, repo, base.Commit, cache)
	if err != nil { // a partial clone, mostly
		if ctx.Err() != nil {
			return s, nil, err
		}
		warnings = append(warnings, "the risk of this change is not known: "+err.Error())
	}
	if s.Change.History = history; history != nil {
		s.Change.Self = priors.Of(s.Change.Files)
	}
	owners, problems, err := Codeowners(ctx, repo, base.Tree)
	if err != nil {
		return s, warnings, err
	}
	s.Codeowners = owners
	for _, p := range problems {
		warnings = append(warnings, p.String())
	}
	s.Involved, err = Involved(ctx, repo, base.Commit, head)
	return s, warnings, err
}

// Year is the time in which changes are ranked, before the base.
const Year = 365 * 24 * time.Hour

// History measures the changes of the year before a commit. It is nil for a
// shallow clone, of which nobody knows what was before. cache is a folder that
// keeps the steps, empty for none.
func History(ctx context.Context, repo *git.Repo, commit, cache string) (*impact.History, *impact.Priors, error) {
	shallow, err := repo.Shallow()
	if err != nil || shallow {
		return nil, nil, err
	}
	steps, err := repo.RecentSteps(ctx, commit, Year, cache)
	if err != nil {
		return nil, nil, err
	}
	h, priors := impact.NewHistory(Steps(steps), impact.Uncounted)
	return &h, priors, nil
}

// Steps are those of git as impact takes them.
func Steps(steps []git.Step) []impact.Step {
	out := make([]impact.Step, len(steps))
	for i, s := range steps {
		out[i] = impact.Step{Commit: s.Commit, Authors: s.Authors, Ranked: s.Counted}
		for _, f := range s.Files {
			out[i].Files = append(out[i].Files, impact.StepFile{Path: f.Path, OldPath: f.OldPath, Added: f.Added})
		}
	}
	return out
}

// Involved are the people behind the commits between two, as the commits say.
func Involved(ctx context.Context, repo *git.Repo, base, head string) (review.Involved, error) {
	var in review.Involved
	who, err := repo.Contributors(ctx, base, head)
	if err != nil {
		return in, err
	}
	for _, p := range who.Authors {
		in.Authors = append(in.Authors, review.Identity{Name: p.Name, Email: p.Email})
	}
	for _, p := range who.Committers {
		in.Others = append(in.Others, review.Identity{Name: p.Name, Email: p.Email})
	}
	return in, nil
}

// PolicyFile reads the policy of a tree; nil where it has none.
func PolicyFile(ctx context.Context, repo *git.Repo, tree string) (*review.File, error) {
	content, err := repo.ReadFile(ctx, tree, review.PolicyPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &review.File{Name: review.PolicyPath, Content: content}, nil
}

// Codeowners reads the file that says who owns what in a tree, and what is wrong
// in it.
func Codeowners(ctx context.Context, repo *git.Repo, tree string) (review.Codeowners, []review.Problem, error) {
	for _, name := range review.CodeownersFiles {
		content, err := repo.ReadFile(ctx, tree, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return review.Codeowners{}, nil, err
		}
		owners, problems := review.ParseCodeowners(review.File{Name: name, Content: content})
		return owners, problems, nil
	}
	return review.Codeowners{}, nil, nil
}
