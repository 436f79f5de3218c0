package signoff

import (
	"fmt"
	"strings"
	"time"
)

// expect checks an expectation, and says what is wrong.
func (s *scenario) expect(w []string, line string) (problem string, ok bool) {
	rest := strings.TrimSpace(strings.TrimPrefix(line, w[0]))
	compare := func(got, want string) (string, bool) {
		if got != want {
			return fmt.Sprintf("it is %q", got), true
		}
		return "", true
	}
	standing := func(domain string) Standing {
		for _, one := range s.rec.Requirements {
			if domain == "" || string(one.Domain) == domain {
				return one
			}
		}
		return Standing{}
	}
	what, domain, of := strings.Cut(rest, " for ")
	switch w[0] {
	case "is":
		if of {
			return compare(string(standing(domain).State), what)
		}
		return compare(string(s.rec.State), what)
	case "check":
		got := string(Fold(append([]Conclusion{s.rec.Conclusion()}, s.beside...)...))
		if got == "" {
			got = "in progress"
		}
		return compare(got, rest)
	case "asked":
		got := "nobody"
		if a := standing(domain).Assigned; a != nil {
			got = a.To.Login
		}
		return compare(got, what)
	case "why":
		if !strings.Contains(s.rec.Why, rest) {
			return "it is because " + s.rec.Why, true
		}
		return "", true
	case "entries":
		var got []string
		for _, e := range s.ledger {
			got = append(got, string(e.Kind))
		}
		return compare(strings.Join(got, " "), rest)
	case "tells":
		got := tellings(s.tells)
		s.tells = nil
		return compare(got, rest)
	case "puts":
		var got []string
		for _, e := range s.last.Effects {
			if e.Kind.Put() {
				got = append(got, strings.TrimPrefix(string(e.Kind), "put-"))
			}
		}
		return compare(strings.Join(got, " "), rest)
	case "wants":
		got := ""
		for _, p := range s.rec.Proofs {
			got = p.From + p.To
		}
		return compare(got, sha(w[1])+sha(w[2]))
	case "stage":
		stage, name, _ := strings.Cut(rest, " of ")
		return compare(string(s.followed(name).Stage()), stage)
	case "waits":
		wait := s.followed("").Waits()
		got := []string{string(wait.For)}
		for _, who := range wait.Who {
			got = append(got, who.Login)
		}
		return compare(strings.Join(got, " "), rest)
	case "next":
		if s.last.Next.IsZero() {
			return compare("never", rest)
		}
		return compare(s.last.Next.Sub(s.in.Now).Round(time.Minute).String(), rest)
	}
	return "", false
}

// followed is the override of a name; without one, the last.
func (s *scenario) followed(name string) Override {
	var last Override
	for _, o := range s.rec.Overrides {
		if last = o; o.Name() == name {
			break
		}
	}
	return last
}

// tellings writes what is told in words: reaction:+1, reply, notice:asked:maria.
func tellings(all []Effect) string {
	var out []string
	for _, e := range all {
		text := strings.TrimPrefix(string(e.Kind), "tell-")
		switch e.Kind {
		case TellReaction:
			text += ":" + e.Text
		case TellNotice:
			text += ":" + string(e.Notice.Kind)
			if e.Notice.Step != "" {
				text += ":" + string(e.Notice.Step)
			}
			for _, to := range e.Notice.To {
				text += ":" + to.Login
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}
