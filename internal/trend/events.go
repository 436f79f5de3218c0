package trend

import (
	"context"
	"slices"
	"time"

	"golang.org/x/mod/semver"

	"github.com/barraiser/barraiser/internal/change"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// NoMode is the mode of a branch without a policy, or with one that does not hold.
const NoMode = "none"

// Events are what a branch is marked with from then on, the oldest first: its
// releases, which are the tags of the module at its root ("v1.2.3", no prereleases)
// on commits of the branch, and the commits that changed the policy's mode. Steps
// are as git.Repo.Steps returns them; organisation is the policy beneath that of the
// repository, nil for none. cache is a folder that keeps the tags, empty for none.
func Events(ctx context.Context, repo *git.Repo, steps []git.Step, from time.Time, organisation *review.File, cache string) ([]debt.Event, error) {
	if len(steps) == 0 {
		return nil, nil
	}
	tags, err := repo.DatedTags(ctx, steps[0].Commit, cache)
	if err != nil {
		return nil, err
	}
	var out []debt.Event
	for _, t := range tags {
		if t.At.Before(from) || !semver.IsValid(t.Name) || semver.Canonical(t.Name) != t.Name || semver.Prerelease(t.Name) != "" {
			continue
		}
		out = append(out, debt.Event{At: t.At, Kind: debt.Released, Name: t.Name})
	}
	changes, err := modeChanges(ctx, repo, steps, from, organisation)
	if err != nil {
		return nil, err
	}
	out = append(out, changes...)
	slices.SortStableFunc(out, func(a, b debt.Event) int { return a.At.Compare(b.At) })
	return out, nil
}

func modeChanges(ctx context.Context, repo *git.Repo, steps []git.Step, from time.Time, organisation *review.File) ([]debt.Event, error) {
	var out []debt.Event
	for _, s := range steps {
		touched := slices.ContainsFunc(s.Files, func(f git.FileStat) bool { return f.Path == review.PolicyPath || f.OldPath == review.PolicyPath })
		if !touched || s.When.Before(from) {
			continue
		}
		e := debt.Event{At: s.When, Kind: debt.ModeChanged, Was: NoMode}
		var err error
		if e.Name, err = modeOf(ctx, repo, s.Commit, organisation); err != nil {
			return nil, err
		}
		if s.Parent != "" {
			if e.Was, err = modeOf(ctx, repo, s.Parent, organisation); err != nil {
				return nil, err
			}
		}
		if e.Name != e.Was {
			out = append(out, e)
		}
	}
	return out, nil
}

// modeOf is the mode that a commit's policy asks for.
func modeOf(ctx context.Context, repo *git.Repo, commit string, organisation *review.File) (string, error) {
	tree, err := repo.TreeOf(ctx, commit)
	if err != nil {
		return "", err
	}
	file, err := change.PolicyFile(ctx, repo, tree)
	if err != nil {
		return "", err
	}
	policy, problems := review.ParsePolicy(organisation, file)
	if organisation == nil && file == nil || len(problems) > 0 {
		return NoMode, nil
	}
	if policy.Mode == "" {
		return string(review.Observe), nil
	}
	return string(policy.Mode), nil
}

// riskWindow is the time whose changes are compared, and at most the time within
// which earlier ones count for each; riskRecent is the newest part of it: a quarter.
const (
	riskWindow = year * 24 * time.Hour
	riskRecent = 13 * 7 * 24 * time.Hour
)

// Risk compares the changes of the newest quarter with those of the three before
// it. Steps are as git.Repo.Steps returns them, counted for a year and back to the
// beginning. ok is false where there are too few, or where the branch is younger than
// a year and a quarter.
func Risk(steps []git.Step) (d impact.Drift, ok bool) {
	d, ok = risks(steps, func(git.Step) []debt.Part { return []debt.Part{{}} })[debt.Part{}]
	return d, ok
}

// Risks does so for each team and each goal, of the changes that touched its code.
// Those of which it cannot be said are not there.
func Risks(steps []git.Step, owners debt.Owners) map[debt.Part]impact.Drift {
	known := map[string][]debt.Part{}
	return risks(steps, func(s git.Step) (parts []debt.Part) {
		for _, f := range s.Files {
			of, ok := known[f.Path]
			if !ok {
				if !impact.Uncounted(f.Path) {
					of = owners.Parts(f.Path)
				}
				known[f.Path] = of
			}
			for _, part := range of {
				if !slices.Contains(parts, part) {
					parts = append(parts, part)
				}
			}
		}
		return parts
	})
}

func risks(steps []git.Step, parts func(git.Step) []debt.Part) map[debt.Part]impact.Drift {
	if len(steps) == 0 {
		return nil
	}
	newest := steps[0].When
	// The first change of the year has to have as much before it as the last one.
	window := min(riskWindow, newest.Add(-riskWindow).Sub(steps[len(steps)-1].When))
	if window < riskRecent {
		return nil
	}
	measured := change.Steps(steps)
	for i, s := range steps {
		measured[i].Ranked = s.Counted && newest.Sub(s.When) < riskWindow
	}
	end := len(steps) // goes down with the index that it is asked for
	return impact.DriftsOf(measured, impact.Uncounted,
		func(i int) bool { return newest.Sub(steps[i].When) < riskRecent },
		func(i int) int {
			for end > i+1 && steps[i].When.Sub(steps[end-1].When) > window {
				end--
			}
			return end
		},
		func(i int) []debt.Part { return parts(steps[i]) })
}
