package trend

import (
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/review"
)

// State is one commit to judge.
type State struct {
	Commit string
	At     time.Time
	Merged []debt.Merged // what the branch took in since the state before, the newest first
}

// firstMonday is where periods are counted from, so that those of one run are
// those of the next, whatever was merged between the two.
var firstMonday = time.Date(1970, time.January, 5, 0, 0, 0, 0, time.UTC)

// Pick picks the last commit of each period, the oldest first, and the one that
// the first period began with. A period in which nothing was merged has none.
// Steps are as git.Repo.Steps returns them, the newest first. The policy says
// whose changes they are; without people in it, nobody's.
//
// It walks from the newest step back. The clock of a commit may be wrong, so a
// period once left is not entered again.
func Pick(steps []git.Step, from time.Time, every time.Duration, p review.Policy) []State {
	var picked []State // the newest first
	begin := time.Time{}
	teams := teamsByAddress(p)
	for _, s := range steps {
		if len(picked) == 0 || s.When.Before(begin) && !s.When.IsZero() {
			picked = append(picked, State{Commit: s.Commit, At: s.When})
			begin = s.When.Add(-mod(s.When.Sub(firstMonday), every))
			if s.When.Before(from) {
				break // what the first period began with
			}
		}
		last := &picked[len(picked)-1]
		last.Merged = append(last.Merged, merged(s, teams))
	}
	slices.Reverse(picked)
	return picked
}

func mod(d, by time.Duration) time.Duration { return ((d % by) + by) % by }

func merged(s git.Step, teams map[string][]string) debt.Merged {
	m := debt.Merged{Commit: s.Commit, Title: Title(s)}
	for _, f := range s.Files {
		m.Files = append(m.Files, f.Path)
		if f.OldPath != "" {
			m.Files = append(m.Files, f.OldPath)
		}
	}
	for _, address := range s.Authors {
		m.Teams = append(m.Teams, teams[address]...)
	}
	slices.Sort(m.Teams)
	m.Teams = slices.Compact(m.Teams)
	return m
}

// teamsByAddress are the teams of the people whose addresses the policy knows.
func teamsByAddress(p review.Policy) map[string][]string {
	out := map[string][]string{}
	for login, person := range p.People {
		for _, address := range person.Emails {
			out[address] = p.TeamsOf(review.Principal(login))
		}
	}
	return out
}

// Title is what the change was called: a merge of GitHub's names the pull request
// in its subject and has its title below.
func Title(step git.Step) string {
	subject, rest, _ := strings.Cut(step.Message, "\n")
	if number, ok := strings.CutPrefix(subject, "Merge pull request "); ok {
		number, _, _ = strings.Cut(number, " ")
		if title, _, _ := strings.Cut(strings.TrimSpace(rest), "\n"); title != "" {
			return title + " (" + number + ")"
		}
	}
	return subject
}
