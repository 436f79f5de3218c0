package signoff

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// TestScenarios plays the stories of testdata/scenarios. One is lines of events,
// each followed by a look, and of expectations about it. Commits are names; "c1~"
// is one whose hash begins as that of c1.
//
//	mode warn                           the policy: enforce where it is not said
//	allowed sam | second dana | ceiling 240 | reason 10
//	manager sam mia | tell dana | level 1    the reporting line, who is told
//	limits 24h 72h 168h                 to justify, to acknowledge, to decide
//	policy p2                           it has another content
//	unreadable WHY | readable           the policy, on the host
//	writer kim | known eve
//	pull ann c1 b1                      who opened it, head, merge base
//	base release b2                     it is for another branch now
//	needs design maria jo               in all judgements: a domain, who may sign
//	second                              two have to sign
//	reached design risk-score           the domain, by these triggers alone
//	excluded maria involved             maria may not sign, by a rule
//	clear | incomplete | unjudged | fails WHY    the judgement instead
//	minutes 300                         the net debt
//	home books lou kim                  an away-team change: who of the owning team may accept
//	tells-home books dana               it is only told, by its lead
//	became mended s1                    what became of it after the merge
//	section press-release missing       what the description says: lacks, given
//	body TEXT                           the description
//	review maria approved c1            the others: changes_requested, commented
//	command maria /bar signoff c1       words that name commits stand for 7 digits
//	edited maria /bar ...               the same in an edited comment
//	dismiss ann maria                   the newest review of maria
//	push ann c2 b1
//	requested jo                        by a person, on the host
//	merge sam | close | reopen | draft | ready | absent | ungoverned | governed | unconfigured
//	account maria 99                    the login is another account's now; 0: nobody's
//	renamed maria mary                  the account has another login now
//	beside awaiting                     the head is that of another pull request too, in this state
//	shows c1                            the host shows this head; "shows": the true one
//	same c1 c2                          are one change: proofs hold. new: but for a new finding
//	after 4h
//	deliver                             what was held back, in its order; "deliver last" in reverse
//	again                               a look at which nothing has happened
//
// "~" before an event: nobody looks yet. "?" before it: what it delivers is held
// back. "!" before it: that is lost. "=" before it: it comes twice.
//
//	is awaiting [for design]            the state
//	check failure
//	asked maria | asked nobody [for design]
//	why TEXT                            part of the sentence of the state
//	entries sign-off ...                all of the ledger
//	tells notice:asked:maria ...        since the last such line: kinds, with text or people
//	puts check comment ...              of the last look
//	wants c1 c2                         the proof
//	next 4h                             when it has to be looked at again
//	stage open [of OVR-1]               the follow-up of an override
//	waits justify sam                   for what, by whom; "waits" alone: nothing
func TestScenarios(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("testdata", "scenarios", "*.txtar"))
	if err != nil || len(names) < 20 {
		t.Fatalf("%d scenarios: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range txtar.Parse(data).Files {
				t.Run(f.Name, func(t *testing.T) { play(t, string(f.Data)) })
			}
		})
	}
}

type scenario struct {
	*world
	needs    []review.Requirement
	second   bool
	outcome  review.Outcome
	unjudged bool
	fails    string
	minutes  float64
	sections []review.Section
	homes    []review.AwayHome
	same     map[[2]string]bool // with the value: and a new finding
	names    map[string]string  // of commits
	shows    string
	reached  []impact.DomainImpact
	beside   []Conclusion
	expected int
}

// play plays a story, in which something has to be expected.
func play(t *testing.T, text string) {
	if tell(t, text).expected == 0 {
		t.Error("nothing was expected")
	}
}

// tell plays a story and returns what it comes to.
func tell(t *testing.T, text string) *scenario {
	s := &scenario{world: newWorld(t), same: map[[2]string]bool{}, names: map[string]string{}}
	s.paranoid = true
	s.world.judge, s.world.prove = s.judgement, s.proof
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		mark := ""
		for strings.ContainsRune("~?!=", rune(line[0])) {
			mark, line = mark+line[:1], line[1:]
		}
		words := strings.Fields(line)
		if problem, ok := s.expect(words, line); ok {
			s.expected++
			if problem != "" {
				t.Fatalf("line %d: %s: %s\nrecord: %s", i+1, line, problem, dump(s.rec))
			}
			continue
		}
		facts, ok := s.event(words, line)
		if !ok {
			t.Fatalf("line %d: what is %q?", i+1, line)
		}
		switch strings.Trim(mark, "~") {
		case "?":
			s.held = append(s.held, facts...)
		case "!":
		case "=":
			for _, f := range facts {
				s.deliver(f)
				s.deliver(f)
			}
		default:
			for _, f := range facts {
				s.deliver(f)
			}
		}
		s.in.Now = s.in.Now.Add(time.Second)
		if !strings.Contains(mark, "~") && s.in.Pull.Head != "" {
			s.peek()
		}
	}
	s.replays()
	return s
}

// peek is a look at what the host shows.
func (s *scenario) peek() {
	truth := s.in.Pull.Head
	if s.shows != "" {
		s.in.Pull.Head = s.shows
	}
	s.look()
	s.in.Pull.Head = truth
}

// replays looks at the last input by its first facts and then by all, which has
// to come to the same as at once, and twice at all, which has to do nothing.
func (s *scenario) replays() {
	if len(s.history) == 0 {
		return
	}
	in := s.history[len(s.history)-1]
	in.Proofs = s.rec.Proofs
	once := Advance(in, Record{Subject: s.rec.Subject})
	for k := range in.Facts {
		part := in
		part.Facts = in.Facts[:k]
		out := Advance(in, Advance(part, Record{Subject: s.rec.Subject}).Record)
		if got, want := same(out.Record), same(once.Record); got != want {
			s.t.Errorf("by %d facts first:\n%s\nat once:\n%s", k, got, want)
		}
	}
	twice := Advance(in, s.rec)
	if got, want := dump(twice.Record), dump(s.rec); got != want || len(twice.Effects)+len(twice.Entries) > 0 {
		s.t.Errorf("looking again:\n%s\n%+v\nbefore:\n%s", got, twice.Effects, want)
	}
}

func (s *scenario) judgement(head, base string) *Judged {
	if s.unjudged {
		return nil
	}
	j := &Judged{ID: "a-" + head + base, Head: head, Base: base, Failure: s.fails, Minutes: s.minutes, Findings: []string{"fp1:x"}, Listed: []string{"fp1:x"}}
	j.Decision = review.Decision{Outcome: review.Clear}
	if len(s.needs) > 0 {
		j.Decision.Outcome = review.SignOffNeeded
	}
	if s.outcome != "" {
		j.Decision.Outcome = s.outcome
	}
	if j.Decision.Outcome != review.Clear {
		j.Decision.Requirements = slices.Clone(s.needs)
	}
	j.Decision.Impact.Domains = s.reached
	j.Decision.AwayHomes = slices.Clone(s.homes)
	if slices.ContainsFunc(s.homes, func(h review.AwayHome) bool { return h.Accept }) && j.Decision.Outcome == review.Clear {
		j.Decision.Outcome = review.SignOffNeeded
	}
	j.Decision.Sections = slices.Clone(s.sections)
	for i := range j.Decision.Requirements {
		j.Decision.Requirements[i].NeedsSecond = s.second
	}
	j.Demanded = map[impact.Domain]review.Assignment{impact.Security: requirement(impact.Security, false, []string{"eve"}).Assignment}
	return j
}

func (s *scenario) proof(p Proof) Proof {
	finding, holds := s.same[[2]string{p.From, p.To}]
	p.Holds, p.Kind = holds, Replay
	if finding {
		p.NewFindings = 1
	}
	if !holds {
		p.Kind, p.Why = "", "other lines"
	}
	return p
}

func (s *scenario) commit(name string) string {
	s.names[name] = sha(name)
	return sha(name)
}
