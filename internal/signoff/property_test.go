package signoff

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

var (
	histories = flag.Int("histories", 3000, "random histories of TestInvariants")
	firstSeed = flag.Uint64("seed", 1, "seed of the first history")
)

// TestInvariants plays random histories against a model that knows what people
// saw and meant, which Advance does not: after each look it says whether the
// state is one that it may be. It also counts what happened, so that it cannot
// hold of nothing.
func TestInvariants(t *testing.T) {
	met := map[string]int{}
	for i := range *histories {
		seed := *firstSeed + uint64(i)
		g := newGame(t, seed, met)
		for n := 12 + g.r.IntN(30); n > 0 && !t.Failed(); n-- {
			g.move()
		}
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, strings.Join(g.log, "\n"))
		}
	}
	for _, what := range []string{
		"signed-off", "not-required", "awaiting", "unassigned", "changes-requested", "recommended-against", "incomplete", "evaluating",
		"override-declared", "merged-clean", "merged-overridden", "merged-undeclared", "merged-unverified", "closed", "not-governed", "undescribed", "accepted",
		"follow open", "follow justified", "follow acknowledged", "follow promised", "follow accepted", "follow kept", "follow voided", "overdue",
		"carried", "second person", "passed over", "dismissed no", "signed directly", "prefix",
	} {
		if met[what] == 0 && *histories >= 1000 {
			t.Errorf("%q never happened in %d histories", what, *histories)
		}
	}
	t.Logf("%d histories: %v", *histories, met)
}

// class is what a change is, to those who look at it: two commits with one class
// are the same change.
type class struct{ content, findings int }

// A saying is what a person said, with what they saw when they said it.
type saying struct {
	fact      Fact
	kind      VerdictKind
	commit    string
	class     class
	policy    string
	baseRef   string
	dismissed []Fact
	review    bool
}

// game is a history under way, with the truth about it.
type game struct {
	*world
	r       *rand.Rand
	met     map[string]int
	log     []string
	classes map[change]class
	bases   map[string]string // merge base by branch
	heads   []change
	sayings []*saying
	looked  map[Snapshot]bool
	pools   map[impact.Domain][]string
	insider map[string]string // excluded, by rule
	written bool              // the description says what is asked of it
	trouble string            // of the judgement: "", "none", "failure", "gaps"
	lagging string            // head that the host still shows

	seenMerged time.Time // at the first look at it
	commits    int
}

func newGame(t testing.TB, seed uint64, met map[string]int) *game {
	g := &game{
		world: newWorld(t), r: rand.New(rand.NewPCG(seed, 7)), met: met,
		classes: map[change]class{}, looked: map[Snapshot]bool{}, insider: map[string]string{},
		bases: map[string]string{"main": sha("base main"), "release": sha("base release"), "next": sha("base main")},
		pools: map[impact.Domain][]string{impact.Design: {"maria", "jo", "kim"}, impact.Data: {"eve", "maria"}},
	}
	g.paranoid = seed%10 == 0
	g.in.Now = monday.Add(time.Duration(g.r.IntN(7*24)) * time.Hour)
	for _, login := range []string{"ann", "bob", "maria", "jo", "kim", "eve", "sam", "dana", "zed"} {
		g.account(login)
	}
	g.in.Writers = map[int64]bool{g.ids["ann"]: true, g.ids["bob"]: true}
	g.in.Policy.Mode = pick(g, review.Enforce, review.Enforce, review.Warn, review.Observe)
	g.in.Policy.Overrides = review.Overrides{Allowed: []review.Principal{"sam", "@acme/leads"}, Second: []review.Principal{"dana", "ann", "sam"}, Reason: 3}
	g.above()
	g.in.Roster["@acme/leads"] = []string{"bob"}
	if g.r.IntN(2) == 0 {
		ceiling := 250.0
		g.in.Policy.Overrides.Ceiling = &ceiling
	}
	g.in.Pull.Author = g.account("ann")
	g.in.Pull.Head, g.in.MergeBase = g.commit(), g.bases["main"]
	g.classes[g.now()] = class{content: g.r.IntN(40)}
	g.heads = []change{g.now()}
	g.world.judge, g.world.prove, g.world.checks = g.judgement, g.proof, g.check
	g.peek()
	return g
}

func pick[T any](g *game, of ...T) T { return of[g.r.IntN(len(of))] }

func (g *game) commit() string {
	g.commits++
	name := fmt.Sprintf("c%d", g.commits)
	if g.commits > 1 && g.r.IntN(12) == 0 {
		name = fmt.Sprintf("c%d~%d", g.commits-1, g.commits)
	}
	return sha(name)
}

func (g *game) now() change { return change{g.in.Pull.Head, g.in.MergeBase} }

// judgement sends to the domains by the content of the change, so that the same
// change needs the same.
func (g *game) judgement(head, base string) *Judged {
	if g.trouble == "none" {
		return nil
	}
	c := g.classes[change{head, base}]
	j := &Judged{ID: head + base, Head: head, Base: base, Minutes: float64(c.content * 10)}
	if g.trouble == "failure" {
		j.Failure = "out of memory"
	}
	j.Decision.Outcome = review.SignOffNeeded
	switch {
	case c.content%5 == 0:
		j.Decision.Outcome = review.Clear
		return j
	case g.trouble == "gaps":
		j.Decision.Outcome = review.Incomplete
	}
	if c.content%4 == 1 {
		j.Decision.Sections = []review.Section{{Name: review.PressRelease, State: review.SectionMissing}}
		if g.written {
			j.Decision.Sections[0].State = review.SectionGiven
		}
	}
	if c.content%6 == 2 {
		home := review.AwayHome{Owner: "books", Accept: true}
		for _, login := range []string{"zed", "bob", "kim"} {
			if rule := g.insider[login]; rule != "" {
				home.Excluded = append(home.Excluded, review.Exclusion{Who: login, Rule: rule, Why: "is " + rule})
			} else {
				home.Candidates = append(home.Candidates, review.Candidate{Login: login})
			}
		}
		j.Decision.AwayHomes = []review.AwayHome{home}
	}
	domains := []impact.Domain{impact.Design}
	if c.content%3 == 0 {
		domains = append(domains, impact.Data)
	}
	for _, d := range domains {
		var may []string
		var not []review.Exclusion
		for _, login := range g.pools[d] {
			if rule := g.insider[login]; rule != "" {
				not = append(not, review.Exclusion{Who: login, Rule: rule, Why: "is " + rule})
			} else {
				may = append(may, login)
			}
		}
		j.Decision.Requirements = append(j.Decision.Requirements, requirement(d, c.content%7 == 0, may, not...))
	}
	return j
}

// required are the requirements of a judgement: what is asked of an owning team is
// one like those of the domains.
func required(j *Judged) []review.Requirement {
	out := slices.Clone(j.Decision.Requirements)
	for _, h := range j.Decision.AwayHomes {
		out = append(out, review.Requirement{Domain: HomeDomain(h.Owner), Assignment: h.Assignment})
	}
	return out
}

func (g *game) proof(p Proof) Proof {
	a, b := g.classes[change{p.From, p.FromBase}], g.classes[change{p.To, p.ToBase}]
	p.Holds = a.content == b.content
	if a.findings != b.findings {
		p.NewFindings = 1
	}
	return p
}

// peek looks at what the host shows.
func (g *game) peek() {
	truth := g.in.Pull.Head
	if g.lagging != "" {
		g.in.Pull.Head = g.lagging
	}
	if g.lagging == "" && g.in.PolicyFailure == "" {
		g.looked[Snapshot{truth, g.in.MergeBase, g.in.Pull.BaseRef, g.in.PolicyID}] = true
	}
	g.look()
	g.in.Pull.Head = truth
}

// send delivers a fact: at once, twice, later, or never.
func (g *game) send(f Fact) {
	switch g.r.IntN(12) {
	case 0:
		g.note("  lost")
	case 1, 2:
		g.held = append(g.held, f)
	case 3:
		g.deliver(f)
		g.deliver(f)
	default:
		g.deliver(f)
	}
}

func (g *game) note(format string, args ...any) { g.log = append(g.log, fmt.Sprintf(format, args...)) }

// move does something, and mostly looks.
func (g *game) move() {
	g.in.Now = g.in.Now.Add(time.Duration(1+g.r.IntN(100)) * time.Second)
	moves[g.r.IntN(len(moves))](g)
	if g.r.IntN(4) > 0 {
		g.peek()
		g.note("    %s because %s", g.rec.State, g.rec.Why)
	}
}
