package review

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/impact"
)

// organisation makes a policy of some people and a change that some of them
// make, with any number of reasons not to ask the others.
func organisation(r *rand.Rand) (Policy, Snapshot) {
	login := func() string { return fmt.Sprint("p", r.IntN(20)) }
	some := func(n int) (out []Principal) {
		for range r.IntN(n) {
			out = append(out, Principal(login()))
		}
		return out
	}
	p := Policy{Teams: map[string]Team{}, People: map[string]Person{}, Domains: map[impact.Domain]DomainPolicy{}}
	for i := range 4 {
		p.Teams[fmt.Sprint("t", i)] = Team{
			Members: append(some(4), Principal(fmt.Sprint("@acme/g", r.IntN(3)))), Lead: login(), Owns: []string{fmt.Sprintf("d%d/**", i)},
		}
	}
	for i := range 20 {
		q := Person{Absent: []DateRange{{"2026-01-01", Date(fmt.Sprintf("2026-01-%02d", 1+r.IntN(20)))}}}
		if i > 3 && r.IntN(2) == 0 {
			q.Manager = fmt.Sprint("p", r.IntN(i))
		}
		p.People[fmt.Sprint("p", i)] = q
	}
	for _, d := range impact.Domains() {
		p.Domains[d] = DomainPolicy{Pool: append(some(12), "@acme/g0")}
	}
	s := Snapshot{Day: "2026-01-10", Seed: fmt.Sprint(r.Uint64()), Files: []string{fmt.Sprintf("d%d/a.go", r.IntN(5))}}
	s.Change.Files = []impact.File{{Old: PolicyPath, New: PolicyPath, Added: 1}, {New: "db/migrations/1.sql", Added: 1, NewText: "CREATE TABLE t (id INT);"}}
	s.Involved.Authors = []Identity{{Login: login()}}
	s.Involved.Others = []Identity{{Login: login()}}
	s.Roster = Roster{"@acme/g0": {login(), login()}, "@acme/g1": {login()}}
	s.Load = map[string]int{login(): 1, login(): 2, login(): 3}
	s.Capacity = 3
	s.Busy, s.NoAccess = []string{login()}, []string{login()}
	return p, s
}

// Nobody who may sign has a reason against it, found here in another way.
func TestCandidatesAreIndependent(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	candidates, excluded := 0, map[string]int{}
	for range 400 {
		p, s := organisation(r)
		author, other := s.Involved.Authors[0].Login, s.Involved.Others[0].Login
		team := func(login string, t Team) bool {
			for _, m := range t.Members {
				if string(m) == login || slices.Contains(s.Roster[m], login) {
					return true
				}
			}
			return t.Lead == login
		}
		above := func(low, high string) bool {
			for range 20 {
				if low = p.People[low].Manager; low == high {
					return low != ""
				}
			}
			return false
		}
		for _, req := range Decide(p, s).Requirements {
			for _, e := range req.Excluded {
				excluded[e.Rule]++
			}
			for i, c := range req.Candidates {
				candidates++
				who := c.Login
				if who == author || who == other || slices.Contains(s.Busy, who) || slices.Contains(s.NoAccess, who) || s.Load[who] >= 3 ||
					p.People[who].Absent[0].To >= s.Day || above(who, author) || above(author, who) {
					t.Fatalf("%s may sign for %s: %+v", who, author, p.People)
				}
				for name, on := range p.Teams {
					if team(who, on) && (team(author, on) || on.Owns[0] == s.Files[0][:2]+"/**") {
						t.Fatalf("%s of %s may sign for %s in %s", who, name, author, s.Files[0])
					}
				}
				if i > 0 && req.Candidates[i-1].Load > c.Load {
					t.Fatalf("%s is asked before the less loaded %s", req.Assignee, who)
				}
			}
			if len(req.Candidates) > 0 && req.Assignee != req.Candidates[0].Login || (req.Assignee == "") != (req.Why != "") || req.Assignee != "" && req.Assignee == req.Backup {
				t.Fatalf("asked are %q and %q of %v: %s", req.Assignee, req.Backup, req.Candidates, req.Why)
			}
		}
	}
	if candidates < 200 {
		t.Errorf("only %d candidates", candidates)
	}
	for _, row := range exclusions {
		if excluded[row.name] == 0 {
			t.Errorf("nobody was excluded by %s", row.name)
		}
	}
}

// The same change asks the same people, however the pools and the teams are
// written down, and whoever else is in them.
func TestAssignmentIsStable(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		p, s := organisation(r)
		want := Decide(p, s)
		shuffle := func(list []Principal) []Principal {
			list = append(slices.Clone(list), list...)
			r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			return list
		}
		for d, policy := range p.Domains {
			p.Domains[d] = DomainPolicy{Pool: shuffle(policy.Pool)}
		}
		for name, team := range p.Teams {
			team.Members = shuffle(team.Members)
			p.Teams[name] = team
		}
		got := Decide(p, s)
		for i := range got.Requirements {
			got.Requirements[i].Pool = want.Requirements[i].Pool
		}
		if diff := cmp.Diff(want.Requirements, got.Requirements); diff != "" {
			t.Fatalf("shuffled pools (-want +got):\n%s", diff)
		}
		for d, policy := range p.Domains {
			p.Domains[d] = DomainPolicy{Pool: append(policy.Pool, "stranger")}
		}
		got = Decide(p, s)
		for i, req := range got.Requirements {
			others := slices.DeleteFunc(slices.Clone(req.Candidates), func(c Candidate) bool { return c.Login == "stranger" })
			if len(others) == len(req.Candidates) {
				t.Fatalf("the stranger may not sign: %v", req)
			}
			if !slices.Equal(others, want.Requirements[i].Candidates) || !slices.Equal(req.Excluded, want.Requirements[i].Excluded) {
				t.Fatalf("a stranger changes what others may:\n%+v\nbefore\n%+v", req, want.Requirements[i])
			}
		}
	}
}

// Over many changes the draw is fair, and another seed draws another one.
func TestDraw(t *testing.T) {
	p := Policy{Domains: map[impact.Domain]DomainPolicy{impact.Architecture: {Pool: []Principal{"a", "b", "c", "d"}}}}
	asked := map[string]int{}
	for i := range 400 {
		s := Snapshot{Seed: fmt.Sprint("acme/pay#", i)}
		s.Change.Files = []impact.File{{Old: PolicyPath, New: PolicyPath, Added: 1}}
		asked[Decide(p, s).Requirements[0].Assignee]++
	}
	for _, login := range []string{"a", "b", "c", "d"} {
		// The standard deviation of 400 draws at 1/4 is 8.7.
		if n := asked[login]; n < 65 || n > 135 {
			t.Errorf("%s is asked %d times of 400, want about 100", login, n)
		}
	}
}

// A host tells Ann from ann no more than the policy does.
func TestLoginsAreFolded(t *testing.T) {
	p := mustParse(t, "", `domains: {architecture: {pool: ["@acme/all"]}}
`)
	s := Snapshot{
		Involved:     Involved{Authors: []Identity{{Login: "ANN"}}},
		Roster:       Roster{"@Acme/All": {"Ann", "Bo", "Cy", "Dee"}},
		Availability: Availability{Load: map[string]int{"BO": 1, "Dee": 5}, Capacity: 5, Busy: []string{"CY"}},
	}
	s.Change.Files = []impact.File{{Old: PolicyPath, New: PolicyPath, Added: 1}}
	got := Decide(p, s).Requirements[0]
	want := []Exclusion{
		{"ann", "involved", "wrote, committed or pushed some of the change"},
		{"cy", "busy", "is busy, as the host says"},
		{"dee", "at-capacity", "has 5 requests already"},
	}
	if diff := cmp.Diff(want, got.Excluded); diff != "" || got.Assignee != "bo" {
		t.Errorf("%q is asked; excluded (-want +got):\n%s", got.Assignee, diff)
	}
}

// Whoever is not known is listed, however little is said of them.
func TestUnattributed(t *testing.T) {
	p := mustParse(t, "", "people: {ann: {emails: [ann@acme.example]}}\n")
	got := p.people(Involved{
		Authors: []Identity{{Email: "Ann@Acme.Example"}, {Name: "Bo"}, {Email: "x@y"}, {}, {Name: "Cy", Email: "c@y", Login: "Cy"}},
		Others:  []Identity{{Name: "GitHub", Email: "NoReply@github.com"}, {Name: "Dee", Email: "d@y"}, {Login: "web-flow", Email: webFlow}},
	})
	want := people{
		authors: []string{"ann", "cy"}, all: []string{"ann", "cy"},
		unattributed: []string{"(without a name)", "<x@y>", "Bo", "Dee <d@y>"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(people{})); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}
