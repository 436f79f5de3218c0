package report

import (
	"io"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
)

type wireRule struct {
	Rule      string   `json:"rule"`
	Kind      string   `json:"kind"`
	Title     string   `json:"title"`
	Why       string   `json:"why"`
	Minutes   string   `json:"minutes"` // the formula
	Threshold float64  `json:"threshold"`
	Source    string   `json:"source"`
	Default   string   `json:"default"`
	Since     string   `json:"since"`
	Aliases   []string `json:"aliases"`
}

// RulesJSON writes the rules as one array, in their order.
func RulesJSON(w io.Writer, rules []debt.Rule) error {
	out := []wireRule{}
	for _, r := range rules {
		out = append(out, wireRule{
			Rule:      r.ID,
			Kind:      r.Kind,
			Title:     r.Title,
			Why:       r.Why,
			Minutes:   r.Formula(),
			Threshold: r.Threshold,
			Source:    r.Source,
			Default:   r.Default,
			Since:     r.Since,
			Aliases:   texts(r.Aliases),
		})
	}
	return writeJSON(w, out)
}

// RulesText writes one line per rule, in their order. The error is the
// writer's.
func RulesText(w io.Writer, rules []debt.Rule) error {
	c := &canvas{}
	rows := [][]cell{{{text: "RULE"}, {text: "KIND"}, {text: "DEFAULT"}, {text: "MINUTES"}, {text: "TITLE"}}}
	for _, r := range rules {
		rows = append(rows, []cell{
			{text: EscapeTerminal(r.ID)},
			{text: EscapeTerminal(r.Kind)},
			{text: EscapeTerminal(r.Default)},
			{text: EscapeTerminal(price(r))},
			{text: EscapeTerminal(r.Title)},
		})
	}
	c.table(rows)
	_, err := io.WriteString(w, c.String())
	return err
}

// ExplainText writes all that the catalogue says of one rule. The error is the
// writer's.
func ExplainText(w io.Writer, r debt.Rule) error {
	c := &canvas{}
	c.line(EscapeTerminal(r.ID), ": ", EscapeTerminal(r.Title))
	c.line()
	for _, row := range [][2]string{
		{"Why", r.Why},
		{"Minutes", price(r)},
		{"Source", r.Source},
		{"Kind", r.Kind},
		{"Default", r.Default},
		{"Since", r.Since},
		{"Also called", strings.Join(r.Aliases, ", ")},
	} {
		c.field(row[0], row[1])
	}
	_, err := io.WriteString(w, c.String())
	return err
}

// price is the formula of a rule with the threshold from which it counts.
func price(r debt.Rule) string {
	if r.Threshold > 0 {
		formula, most, capped := strings.Cut(r.Formula(), ", ")
		formula += " over " + number(r.Threshold)
		if capped {
			formula += ", " + most
		}
		return formula
	}
	return r.Formula()
}

// field writes a name and its wrapped text; nothing where there is no text.
func (c *canvas) field(name, text string) {
	const column, columns = 13, 80
	for _, l := range wrap(EscapeTerminal(text), columns-2-column) {
		c.line("  ", name, strings.Repeat(" ", column-len(name)), l)
		name = ""
	}
}
