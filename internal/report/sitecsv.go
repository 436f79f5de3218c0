package report

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
)

// grid is a table before it is drawn on any surface.
type grid struct {
	slug    string
	caption string
	head    []gridCell
	rows    [][]gridCell
}

// gridCell is a field: text from outside as it is, or a number of ours. Raw is
// what a machine reads; empty: the text.
type gridCell struct {
	text   string
	number bool
	raw    string
	link   string // as in Cell
}

func word(s string) gridCell { return gridCell{text: plain(s)} }

// amount is an amount as people say it, and in minutes.
func amount(v float64) gridCell {
	return gridCell{text: Minutes(v), number: true, raw: fmt.Sprintf("%g", hundredths(v))}
}

func numberCell(text string, v float64) gridCell {
	return gridCell{text: text, number: true, raw: fmt.Sprintf("%g", hundredths(v))}
}

func heads(words ...string) []gridCell {
	var out []gridCell
	for i, w := range words {
		out = append(out, gridCell{text: strings.TrimPrefix(w, "#"), number: i > 0 && strings.HasPrefix(w, "#")})
	}
	return out
}

// csv writes the table for a spreadsheet, amounts in minutes.
func (g grid) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	for _, row := range append([][]gridCell{g.head}, g.rows...) {
		var fields []string
		for _, c := range row {
			switch {
			case c.number && c.raw != "":
				fields = append(fields, c.raw)
			default:
				fields = append(fields, escapeCSV(c.text))
			}
		}
		if err := out.Write(fields); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// json writes the table as a list of objects, with the words of its head as their
// keys, and amounts in minutes.
func (g grid) json(w io.Writer) error {
	out := struct {
		SchemaVersion int              `json:"schemaVersion"`
		Rows          []map[string]any `json:"rows"`
	}{schemaVersion, []map[string]any{}}
	for _, row := range g.rows {
		fields := map[string]any{}
		for i, c := range row {
			fields[g.head[i].text] = c.text
			if c.number {
				fields[g.head[i].text] = json.RawMessage(cmp.Or(c.raw, "null"))
			}
		}
		out.Rows = append(out.Rows, fields)
	}
	return writeJSON(w, out)
}

// escapeCSV keeps a spreadsheet from taking text for a formula. A number of ours
// is none, also below 0.
func escapeCSV(s string) string {
	s = plain(s)
	if trimmed := strings.TrimLeft(s, " "); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@") {
		return "'" + s
	}
	return s
}

// pointsGrid is all figures of all points.
func (t Trend) pointsGrid() grid {
	g := grid{slug: "points", caption: "All states", head: heads("Day", "Commit", "#Code lines", "#Debt", "#Per 1,000 lines", "#Percentile",
		"#Introduced", "#Repaid", "#Other", "#Costs a quarter", "#Pays back in a year", "#Changes", "Gap", "Events")}
	for i, p := range t.Points {
		percentile := gridCell{number: true}
		if p.Rank != nil {
			percentile = numberCell(fmt.Sprintf("%.0f", 100**p.Rank), 100**p.Rank)
		}
		g.rows = append(g.rows, []gridCell{
			word(day(p.At)), word(short(p.Commit)), numberCell(thousands(p.Lines), float64(p.Lines)),
			amount(p.Principal), numberCell(fmt.Sprintf("%.0f", p.Density()), p.Density()), percentile,
			amount(p.Introduced), amount(p.Repaid), amount(p.Other), amount(p.Interest), amount(p.Payable),
			numberCell(thousands(len(p.Merged)), float64(len(p.Merged))), word(p.Gap), word(t.eventsText(i)),
		})
	}
	return g
}

// partsGrid is one way to tell the debt apart, over time: a column for each part.
func (t Trend) partsGrid(b breakdown, list []row) grid {
	g := grid{slug: b.slug, caption: "Debt " + strings.ToLower(b.title[:1]) + b.title[1:], head: heads("Day", "Commit")}
	for _, r := range list {
		g.head = append(g.head, gridCell{text: plain(b.label(r.name)), number: true})
	}
	for i, p := range t.Points {
		cells := []gridCell{word(day(p.At)), word(short(p.Commit))}
		for _, r := range list {
			cells = append(cells, amount(r.values[i]))
		}
		g.rows = append(g.rows, cells)
	}
	return g
}

// jumpsGrid are the largest jumps.
func (t Trend) jumpsGrid() grid {
	g := grid{slug: "jumps", caption: "Largest jumps", head: heads("Up to", "State", "#Net", "Rules that made it", "Where", "Changes that made it", "Changes are")}
	for _, j := range t.Jumps {
		p := t.Points[j.Point]
		var changes []string
		for _, s := range j.Changes {
			changes = append(changes, fmt.Sprintf("%s %s %s", short(s.Name), signed(s.Minutes), plain(t.title(j, s.Name))))
		}
		g.rows = append(g.rows, []gridCell{
			word(day(p.At)), word(short(p.Commit)), {text: signed(j.Net), number: true, raw: fmt.Sprintf("%g", hundredths(j.Net))},
			word(sharesText(j.Rules)), word(sharesText(j.Places)), word(strings.Join(changes, "; ")), word(attributed(j)),
		})
	}
	return g
}

// attributed says how the changes of a jump are known.
func attributed(j debt.Jump) string {
	switch {
	case j.Measured:
		return "measured"
	case len(j.Changes) > 0:
		return "split by files"
	}
	return ""
}

// hotspotsGrid are the places whose debt costs most.
func hotspotsGrid(spots []debt.Hotspot) grid {
	g := grid{slug: "hotspots", caption: "Hotspots", head: heads("Place", "What", "#Costs a quarter", "#To mend", "#Changes", "#Authors", "Pays back in")}
	for _, s := range spots {
		g.rows = append(g.rows, []gridCell{
			word(spotPlace(s)), word(spotText(s)), amount(s.Interest), amount(s.Principal),
			numberCell(thousands(s.Changes), float64(s.Changes)), numberCell(thousands(s.Authors), float64(s.Authors)), word(payback(s.Payback())),
		})
	}
	return g
}

// TrendCSV writes the figures of all points. The error is the writer's.
func TrendCSV(w io.Writer, t Trend) error { return t.pointsGrid().csv(w) }

// TrendMarkdown writes a trend for a page or an issue. The error is the
// writer's.
func TrendMarkdown(w io.Writer, t Trend) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n", EscapeMarkdown(t.Sentence()))
	if more := t.Context(); more != "" {
		fmt.Fprintf(&b, "%s\n\n", EscapeMarkdown(more))
	}
	if more := riskText(t.Risk); more != "" {
		fmt.Fprintf(&b, "%s\n\n", EscapeMarkdown(more))
	}
	points := t.pointsGrid()
	points.markdown(&b, 0, 1, 2, 3, 4, 6, 7, 9)
	if len(t.Jumps) > 0 {
		fmt.Fprintf(&b, "\n**Largest jumps**\n\n")
		t.jumpsGrid().markdown(&b, 0, 2, 3, 4, 5, 6)
	}
	for _, by := range breakdowns {
		if list := t.rowsOf(by); by.division != debt.Families && len(list) > 0 {
			fmt.Fprintf(&b, "\n**%s**\n\n", by.title)
			t.standingGrid(by, list).markdown(&b, 0, 1, 2, 3, 4, 5, 6, 7)
		}
	}
	if events := t.events(); len(events) > 0 {
		fmt.Fprintf(&b, "\n**Releases and changes of the mode**\n\n")
		eventsGrid(events).markdown(&b, 1, 2)
	}
	if list := t.credit(); len(list) > 0 {
		fmt.Fprintf(&b, "\n**Paid down, and who benefits**\n\n")
		creditsGrid(list, true).markdown(&b, 0, 1, 2, 3, 4, 5)
	}
	for _, w := range t.warnings() {
		fmt.Fprintf(&b, "\n%s\n", EscapeMarkdown(w))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdown writes some columns of the table.
func (g grid) markdown(b *strings.Builder, columns ...int) {
	write := func(row []gridCell, text func(gridCell) string) {
		for _, i := range columns {
			b.WriteString("| " + text(row[i]) + " ")
		}
		b.WriteString("|\n")
	}
	write(g.head, func(c gridCell) string { return EscapeMarkdown(c.text) })
	write(g.head, func(c gridCell) string {
		if c.number {
			return "--:"
		}
		return "---"
	})
	for _, row := range g.rows {
		write(row, func(c gridCell) string { return EscapeMarkdown(c.text) })
	}
}
