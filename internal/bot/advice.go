package bot

import (
	"slices"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/store"
)

// listed are the findings that the pull request is shown as its own, for what
// becomes of them; nil where not all of its code could be judged: what is not seen
// then was not mended.
func (j *judgement) listed() []store.Listed {
	if j == nil || j.Failure != "" || len(j.Coverage.Broken)+len(j.Coverage.Lost) > 0 {
		return nil
	}
	out := []store.Listed{}
	for _, f := range j.Delta.Findings {
		if (f.Status == debt.New || f.Status == debt.Worse) && !f.Test {
			out = append(out, store.Listed{Fingerprint: f.Fingerprint, Rule: f.Rule})
		}
	}
	return out
}

// parts are the author's teams and the goals that these work towards, by the policy;
// nil where nobody was looked up.
func (l *look) parts() []debt.Part {
	if l.in.Judged == nil {
		return nil
	}
	parts := []debt.Part{}
	add := func(d debt.Division, name string) {
		if p := (debt.Part{Division: d, Name: name}); !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	for _, team := range l.in.Judged.Decision.Ownership.AuthorTeams {
		add(debt.Teams, team)
		for _, goal := range l.in.Policy.GoalsOfTeam(team) {
			add(debt.Goals, goal)
		}
	}
	return parts
}
