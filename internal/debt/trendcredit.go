package debt

import (
	"cmp"
	"math"
	"path"
	"slices"
	"strings"
)

// A Credit is for a change that repaid more debt than it introduced: who did it,
// and who gains by it.
type Credit struct {
	Commit, Title string
	By            []string // the teams of its authors, as far as they are known
	// Minutes are its part of what was repaid, net: an attribution, as in [Jump].
	Minutes float64
	// Packages is how many folders of the repository depend on the code that was
	// mended, and Teams who owns these, beside the owners of that code itself.
	Packages int
	Teams    []string
}

// Reach is the weight of a credit, in minutes: what was repaid counts once for the
// code itself and once more for each package that depends on it. So what others
// build on is thanked for first.
func (c Credit) Reach() float64 { return c.Minutes * float64(1+c.Packages) }

// Credits are the changes of a step that repaid debt, those of the longest reach
// first, five at most. dependants returns the folders that depend on one, and team who owns a
// file or folder; it may be nil.
func Credits(s Step, merged []Merged, dependants func(dir string) []string, team func(file string) string) []Credit {
	by := shares(s.Moves, merged)
	var out []Credit
	for _, m := range merged {
		c := Credit{Commit: m.Commit, Title: m.Title, By: m.Teams}
		mended, gaining, owners := map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, share := range by[m.Commit] {
			c.Minutes -= share.Minutes
			if share.Minutes < 0 {
				mended[path.Dir(share.Name)] = true
			}
		}
		if c.Minutes < 1 {
			continue
		}
		for dir := range mended {
			for _, d := range dependants(dir) {
				gaining[d] = true
			}
			if team != nil {
				owners[team(dir)] = true
			}
		}
		for dir := range gaining {
			if mended[dir] {
				continue
			}
			c.Packages++
			if team == nil {
				continue
			}
			if t := team(dir); t != "" && !owners[t] && !slices.Contains(c.Teams, t) {
				c.Teams = append(c.Teams, t)
			}
		}
		slices.Sort(c.Teams)
		out = append(out, c)
	}
	return best(out)
}

// maxCredits is how many changes a step thanks for.
const maxCredits = 5

func best(all []Credit) []Credit {
	slices.SortFunc(all, func(a, b Credit) int {
		return cmp.Or(cmp.Compare(b.Reach(), a.Reach()), cmp.Compare(a.Commit, b.Commit))
	})
	return all[:min(maxCredits, len(all))]
}

// shares splits what moved in each file evenly among the changes that touched it,
// since which of them it was would take an analysis of each. What is said of a package
// stands in one of its files, which may be none that was touched: then it is split
// among the changes that touched the folder. The parts of each commit are by file.
func shares(moves []Move, merged []Merged) map[string][]Share {
	touched, within := map[string][]string{}, map[string][]string{} // file and folder → commits
	for _, c := range merged {
		var folders []string
		for _, f := range slices.Compact(slices.Sorted(slices.Values(c.Files))) {
			touched[f] = append(touched[f], c.Commit)
			if strings.HasSuffix(f, ".go") {
				folders = append(folders, path.Dir(f))
			}
		}
		for _, dir := range slices.Compact(slices.Sorted(slices.Values(folders))) {
			within[dir] = append(within[dir], c.Commit)
		}
	}
	out := map[string][]Share{}
	for _, m := range moves {
		by := touched[m.File]
		if len(by) == 0 {
			by = within[path.Dir(m.File)]
		}
		for _, commit := range by {
			if part := m.Minutes / float64(len(by)); math.Abs(part) > negligible {
				out[commit] = append(out[commit], Share{m.File, part})
			}
		}
	}
	return out
}
