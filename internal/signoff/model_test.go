package signoff

import (
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/review"
)

// heard reports whether a fact was delivered, is a person's own, and is of before
// the end.
func (g *game) heard(s *saying, in Input) bool {
	f := s.fact
	if f.Edited || f.Actor.Bot || in.Pull.Merged && f.Said.After(in.Pull.MergedAt) {
		return false
	}
	return slices.ContainsFunc(in.Facts, func(d Fact) bool { return d.ID == f.ID })
}

// revoked reports whether a sign-off was dismissed before the end, by what is on
// the host, or a no withdrawn by what was delivered.
func (g *game) revoked(s *saying, in Input) bool {
	return slices.ContainsFunc(s.dismissed, func(d Fact) bool {
		switch {
		case in.Pull.Merged && d.Said.After(in.Pull.MergedAt):
			return false
		case s.kind == SignOff:
			return true
		}
		return d.Actor.ID == s.fact.Actor.ID && slices.ContainsFunc(in.Facts, func(f Fact) bool { return f.ID == d.ID })
	})
}

// outside are those of a requirement who may sign: they neither opened, wrote nor
// pushed it, as far as that was delivered.
func (g *game) outside(q review.Requirement, in Input) map[int64]bool {
	out := map[int64]bool{}
	for _, c := range q.Candidates {
		out[in.Accounts[c.Login].ID] = true
	}
	for _, e := range q.Excluded {
		if e.Rule == "absent" || e.Rule == "busy" || e.Rule == "at-capacity" {
			out[in.Accounts[e.Who].ID] = true
		}
	}
	for _, f := range in.Facts {
		if f.Kind == Pushed {
			delete(out, f.Actor.ID)
		}
	}
	delete(out, in.Pull.Author.ID)
	delete(out, 0)
	return out
}

// signers are those whose sign-off holds for the change as it is, by what they
// saw.
func (g *game) signers(q review.Requirement, in Input) map[int64]*saying {
	out := map[int64]*saying{}
	may := g.outside(q, in)
	is := g.classes[change{in.Pull.Head, in.MergeBase}]
	for _, s := range g.sayings {
		id := s.fact.Actor.ID
		policy := s.policy == in.PolicyID || s.policy == "" || s.commit == in.Pull.Head && s.baseRef == in.Pull.BaseRef
		if s.kind != SignOff || !may[id] || !g.heard(s, in) || g.revoked(s, in) || s.class != is || !policy {
			continue
		}
		undone := slices.ContainsFunc(g.sayings, func(o *saying) bool {
			return o.fact.Actor.ID == id && g.heard(o, in) && o.fact.Said.After(s.fact.Said) && (o.kind != SignOff || g.revoked(o, in))
		})
		if !undone {
			out[id] = s
		}
	}
	return out
}

// standing are those whose no stands, by number.
func (g *game) standing(q review.Requirement, in Input) []string {
	pool := map[int64]string{}
	for _, c := range q.Candidates {
		pool[in.Accounts[c.Login].ID] = c.Login
	}
	for _, e := range q.Excluded {
		pool[in.Accounts[e.Who].ID] = e.Who
	}
	delete(pool, in.Pull.Author.ID)
	delete(pool, 0)
	var out []string
	for _, s := range g.sayings {
		id := s.fact.Actor.ID
		if s.kind == SignOff || pool[id] == "" || !g.heard(s, in) || g.revoked(s, in) {
			continue
		}
		cleared := slices.ContainsFunc(g.sayings, func(o *saying) bool {
			// One that names no commit, since two begin alike, may not be heard.
			return o.kind == SignOff && o.fact.Actor.ID == id && g.heard(o, in) && o.fact.Said.After(s.fact.Said)
		})
		if !cleared {
			out = append(out, pool[id])
		}
	}
	return out
}

// unjustified says why the state may not be a success; empty: it may.
func (g *game) unjustified(in Input) string {
	j := in.Judged
	switch {
	case in.PolicyFailure != "":
		return "the policy is not known (7)"
	case j == nil || j.Failure != "":
		return "it is not judged (7)"
	case j.Decision.Outcome == review.Clear:
		return ""
	case j.Decision.Outcome != review.SignOffNeeded:
		return "something was not analysed (7)"
	case in.Absent && in.Pull.Merged:
		return "nobody answered"
	}
	for _, s := range j.Decision.Sections {
		if !s.Met() && !in.Pull.Merged { // what is edited later bears on no merge
			return "the description lacks its " + string(s.Name) + " (7)"
		}
	}
	for _, q := range required(j) {
		needed := 1
		if q.NeedsSecond {
			needed = 2
		}
		if n := len(g.signers(q, in)); n < needed {
			return "nobody who may signed this change for " + string(q.Domain) + " (1, 2, 3, 4)"
		}
		if no := g.standing(q, in); len(no) > 0 {
			return strings.Join(no, ", ") + " said no (5)"
		}
	}
	return ""
}
