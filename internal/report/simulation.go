package report

import (
	_ "embed" // the schema
	"fmt"
	"io"
	"math"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// maxSent is how many sent changes are listed where not all are.
const maxSent = 15

// SimulationText draws a simulation for a terminal: the share that would have
// been sent, the triggers by their noise, the sent changes. The error is the
// writer's.
func SimulationText(w io.Writer, s review.Simulation, o TextOptions) error {
	c := &canvas{color: o.Color}
	sum := s.Summary()
	c.line("Simulated ", count(len(s.Changes), "change"), " merged into ", EscapeTerminal(revision(s.Branch)), days(s))
	c.line()
	if len(s.Changes) == 0 {
		c.line("  No change was merged in that time.")
	} else {
		c.line("  ", c.paint(bold, fmt.Sprintf("%s would have been sent to a bar raiser: %.1f %%", thousands(sum.Sent), 100*s.Share())))
	}
	if !s.Debt {
		c.line("  The policy has no bar for debt, so debt was not judged.")
	}
	if sum.Partial > 0 {
		c.line("  ", c.paint(yellow, count(sum.Partial, "change")+" could be judged in part only, and might have been sent for more"))
	}
	c.tallies("DOMAIN", sum.Domains, len(s.Changes))
	c.tallies("TRIGGER", sum.Triggers, len(s.Changes))
	c.tallies("BAR RAISER", sum.People, 0)
	if sum.Sent > 0 {
		c.line()
		c.sent(s, o)
	}
	c.hints(s.Hints, o)
	_, err := io.WriteString(w, c.String())
	return err
}

func days(s review.Simulation) string {
	if len(s.Changes) == 0 {
		return ""
	}
	return fmt.Sprintf(", %s to %s", s.Changes[len(s.Changes)-1].Day, s.Changes[0].Day)
}

// tallies is a table of what changes were sent for; of is the number of
// changes, 0 where shares say nothing.
func (c *canvas) tallies(what string, list []review.Tally, of int) {
	if len(list) == 0 {
		return
	}
	c.line()
	head := []cell{{text: what, style: dim}, {text: "CHANGES", style: dim, right: true}}
	if of > 0 {
		head = append(head, cell{text: "SHARE", style: dim, right: true}, cell{text: "ALONE", style: dim, right: true})
	}
	rows := [][]cell{head}
	for _, t := range list {
		row := []cell{{text: EscapeTerminal(t.Name)}, {text: thousands(t.Sent), right: true}}
		if of > 0 {
			row = append(row, cell{text: fmt.Sprintf("%.1f %%", 100*float64(t.Sent)/float64(of)), right: true}, cell{text: thousands(t.Alone), right: true})
		}
		rows = append(rows, row)
	}
	c.table(rows)
}

func (c *canvas) sent(s review.Simulation, o TextOptions) {
	shown := 0
	for _, ch := range s.Changes {
		if !ch.Sent() {
			continue
		}
		if shown == maxSent && !o.All {
			c.line("  ", thousands(s.Summary().Sent-shown), " more (--all)")
			return
		}
		shown++
		title := EscapeTerminal(ch.Subject)
		if o.Width > 0 {
			title = cutRight(title, max(20, o.Width-24))
		}
		c.line("  ", short(ch.Commit), "  ", string(ch.Day), "  ", title)
		for _, d := range ch.Impact.Domains {
			for _, t := range d.Triggers {
				c.fired(d.Domain, t, o)
			}
		}
		for _, q := range ch.Requirements {
			if q.Assignee != "" {
				c.line("           ", string(q.Domain), " goes to ", EscapeTerminal("@"+q.Assignee))
			}
		}
	}
}

// fired is a trigger with its first evidence, or with all of it.
func (c *canvas) fired(d impact.Domain, t impact.Fired, o TextOptions) {
	for i, e := range t.Evidence {
		text := string(d) + ", " + t.Name + ": " + evidence(e)
		if more := len(t.Evidence) - 1; more > 0 && !o.All {
			text += fmt.Sprintf(" and %s more", thousands(more))
		}
		text = EscapeTerminal(text)
		if o.Width > 0 {
			text = cutRight(text, max(20, o.Width-11))
		}
		c.line("           ", text)
		if i == 0 && !o.All {
			return
		}
	}
}

// SimulationSchema is the JSON schema (draft-07) of what SimulationJSON writes.
//
//go:embed simulation.schema.json
var SimulationSchema []byte

type wireSimulation struct {
	SchemaVersion int             `json:"schemaVersion"`
	Branch        wireRevision    `json:"branch"`
	Debt          bool            `json:"debt"`
	Judged        int             `json:"judged"`
	Sent          int             `json:"sent"`
	Partial       int             `json:"partial"`
	Share         float64         `json:"share"`
	Domains       []wireTally     `json:"domains"`
	Triggers      []wireTally     `json:"triggers"`
	People        []wireTally     `json:"people"`
	Changes       []wireSimulated `json:"changes"`
	Hints         []string        `json:"hints"`
}

type wireTally struct {
	Name  string `json:"name"`
	Sent  int    `json:"sent"`
	Alone int    `json:"alone"`
}

type wireSimulated struct {
	Commit       string            `json:"commit"`
	Date         string            `json:"date"`
	Subject      string            `json:"subject"`
	Sent         bool              `json:"sent"`
	Outcome      string            `json:"outcome"`
	Reasons      []string          `json:"reasons"`
	Impact       wireImpact        `json:"impact"`
	Requirements []wireRequirement `json:"requirements"`
}

// SimulationJSON writes a simulation as SimulationSchema describes it.
func SimulationJSON(w io.Writer, s review.Simulation) error {
	sum := s.Summary()
	out := wireSimulation{
		SchemaVersion: schemaVersion, Branch: toRevision(s.Branch), Debt: s.Debt,
		Judged: len(s.Changes), Sent: sum.Sent, Partial: sum.Partial, Share: math.Round(s.Share()*1e4) / 1e4,
		Domains: toTallies(sum.Domains), Triggers: toTallies(sum.Triggers), People: toTallies(sum.People),
		Changes: []wireSimulated{}, Hints: texts(s.Hints),
	}
	for _, c := range s.Changes {
		out.Changes = append(out.Changes, wireSimulated{
			Commit: c.Commit, Date: string(c.Day), Subject: c.Subject, Sent: c.Sent(), Outcome: string(c.Outcome),
			Reasons: texts(c.Reasons), Impact: toImpact(c.Impact), Requirements: toRequirements(c.Requirements),
		})
	}
	return writeJSON(w, out)
}

func toTallies(list []review.Tally) []wireTally {
	out := []wireTally{}
	for _, t := range list {
		out = append(out, wireTally{t.Name, t.Sent, t.Alone})
	}
	return out
}
