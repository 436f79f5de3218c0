package signoff

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/description"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

func (s *scenario) event(w []string, line string) (facts []Fact, ok bool) {
	p, rules := &s.in.Pull, &s.in.Policy.Overrides
	arg := func(i int) string {
		if i < len(w) {
			return w[i]
		}
		return ""
	}
	rest := strings.TrimSpace(strings.TrimPrefix(line, w[0]))
	switch w[0] {
	case "mode":
		s.in.Policy.Mode = review.Mode(arg(1))
	case "allowed":
		rules.Allowed = append(rules.Allowed, review.Principal(arg(1)))
		s.account(arg(1))
	case "second":
		if len(w) == 1 {
			s.second = true
			break
		}
		rules.Second = append(rules.Second, review.Principal(arg(1)))
		s.account(arg(1))
	case "ceiling":
		n := s.number(arg(1))
		rules.Ceiling = &n
	case "reason":
		rules.Reason = int(s.number(arg(1)))
	case "minutes":
		s.minutes = s.number(arg(1))
	case "manager":
		s.account(arg(1))
		s.account(arg(2))
		if s.in.Policy.People == nil {
			s.in.Policy.People = map[string]review.Person{}
		}
		s.in.Policy.People[arg(1)] = review.Person{Manager: arg(2)}
	case "tell":
		rules.Tell = append(rules.Tell, review.Principal(arg(1)))
		s.account(arg(1))
	case "level":
		rules.Level = int(s.number(arg(1)))
	case "limits":
		for i, d := range []*time.Duration{&rules.Justify, &rules.Acknowledge, &rules.Decide} {
			*d = s.duration(arg(i + 1))
		}
	case "home", "tells-home":
		for _, login := range w[2:] {
			s.account(login)
		}
		h := review.AwayHome{Owner: arg(1), Files: 2, Minutes: 30, Accept: w[0] == "home", Assignment: requirement("", false, w[2:]).Assignment}
		if !h.Accept {
			h.Lead = arg(2)
		}
		s.homes = append(slices.DeleteFunc(s.homes, func(old review.AwayHome) bool { return old.Owner == h.Owner }), h)
	case "became":
		s.in.Aftermath = &Aftermath{Result: Result(arg(1)), Commit: s.commit(arg(2)), Title: "Fix it", At: s.in.Now}
	case "section":
		section := review.Section{Name: review.SectionName(arg(1)), State: review.SectionState(arg(2)), Why: "high impact"}
		if section.Name == review.DeviationSection {
			section.Departure = &description.Departure{Reason: "it could not wait", Data: "https://acme.example", Again: "2026-11-05"}
		}
		s.sections = append(slices.DeleteFunc(s.sections, func(old review.Section) bool { return old.Name == section.Name }), section)
	case "body":
		p.Body = rest
	case "policy":
		s.in.PolicyID = arg(1)
	case "unreadable":
		s.in.PolicyFailure = rest
	case "readable":
		s.in.PolicyFailure = ""
	case "known":
		s.account(arg(1))
	case "writer":
		s.in.Writers[s.account(arg(1)).ID] = true
	case "pull":
		p.Author, p.Head, s.in.MergeBase = s.account(arg(1)), s.commit(arg(2)), s.commit(arg(3))
	case "base":
		f := s.fact(Retargeted, "ann")
		f.Before, f.BaseRef = p.BaseRef, arg(1)
		p.BaseRef, s.in.MergeBase = arg(1), s.commit(arg(2))
		facts = append(facts, f)
	case "needs":
		for _, login := range w[2:] {
			s.account(login)
		}
		r := requirement(impact.Domain(w[1]), false, w[2:])
		s.needs = append(slices.DeleteFunc(s.needs, func(n review.Requirement) bool { return n.Domain == r.Domain }), r)
	case "reached":
		d := impact.DomainImpact{Domain: impact.Domain(arg(1))}
		for _, trigger := range w[2:] {
			d.Triggers = append(d.Triggers, impact.Fired{Name: trigger})
		}
		s.reached = []impact.DomainImpact{d}
	case "excluded":
		for i := range s.needs {
			n := &s.needs[i]
			n.Candidates = slices.DeleteFunc(slices.Clone(n.Candidates), func(c review.Candidate) bool { return c.Login == w[1] })
			n.Excluded = append(slices.Clip(n.Excluded), review.Exclusion{Who: w[1], Rule: arg(2), Why: "is " + arg(2)})
		}
	case "clear":
		s.needs = nil
	case "incomplete":
		s.outcome = review.Incomplete
	case "unjudged":
		s.unjudged = true
	case "judged":
		s.unjudged, s.fails, s.outcome = false, "", ""
	case "fails":
		s.fails = rest
	case "review":
		facts = append(facts, s.review(w[1], ReviewState(w[2]), s.commit(w[3])))
	case "dismiss":
		i := len(p.Reviews) - 1
		for ; p.Reviews[i].Author.Login != w[2]; i-- {
		}
		facts = append(facts, s.world.dismiss(w[1], p.Reviews[i].ID))
	case "command", "edited":
		var text []string
		for _, word := range w[2:] {
			if c := s.names[word]; c != "" {
				word = c[:7]
			}
			text = append(text, word)
		}
		f := s.world.command(w[1], strings.Join(text, " "))
		f.Edited = w[0] == "edited"
		facts = append(facts, f)
	case "push":
		facts = append(facts, s.world.push(w[1], s.commit(w[2]), s.commit(w[3])))
	case "requested":
		p.Requested = append(slices.Clone(p.Requested), s.account(w[1]))
	case "merge":
		facts = append(facts, s.world.merge(w[1]))
	case "close":
		p.Open = false
	case "reopen":
		p.Open = true
	case "draft":
		p.Draft = true
	case "ready":
		p.Draft = false
	case "absent":
		s.in.Absent = true
	case "ungoverned":
		s.in.Governed = false
	case "governed":
		s.in.Governed = true
	case "unconfigured":
		s.in.OptedIn = false
	case "account":
		s.in.Accounts[w[1]] = Account{ID: int64(s.number(w[2])), Login: w[1]}
	case "renamed":
		id := s.account(arg(1)).ID
		delete(s.ids, arg(1))
		delete(s.in.Accounts, arg(1))
		s.ids[arg(2)], s.in.Accounts[arg(2)] = id, Account{ID: id, Login: arg(2)}
	case "beside":
		s.beside = []Conclusion{State(arg(1)).Conclusion(s.in.Policy.Mode)}
	case "shows":
		s.shows = ""
		if len(w) > 1 {
			s.shows = s.commit(w[1])
		}
	case "same":
		s.same[[2]string{s.commit(w[1]), s.commit(w[2])}] = false
	case "new":
		s.same[[2]string{s.commit(w[1]), s.commit(w[2])}] = true
	case "after":
		s.in.Now = s.in.Now.Add(s.duration(w[1]))
	case "deliver":
		if arg(1) == "last" {
			slices.Reverse(s.held)
		}
		facts, s.held = s.held, nil
	case "again":
	default:
		return nil, false
	}
	return facts, true
}

func (s *scenario) number(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *scenario) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}
