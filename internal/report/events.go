package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
)

// Event is something that a line in a chart is marked with.
type Event struct {
	At   time.Time
	What string
}

// eventText says what happened: "release v1.2.0".
func eventText(e debt.Event) string {
	switch e.Kind {
	case debt.Released:
		return "release " + plain(e.Name)
	case debt.ModeChanged:
		return fmt.Sprintf("mode %s (before: %s)", plain(e.Name), plain(e.Was))
	}
	return string(e.Kind) + " " + plain(e.Name)
}

// events are those of the trend, the oldest first.
func (t Trend) events() []Event {
	var out []Event
	for _, e := range t.Events {
		out = append(out, Event{e.At, eventText(e)})
	}
	slices.SortStableFunc(out, func(a, b Event) int { return a.At.Compare(b.At) })
	return out
}

// between are the events after one point up to the next, as the last column of a
// table has them.
func (t Trend) between(i int) (out []debt.Event) {
	for _, e := range t.Events {
		if i > 0 && e.At.After(t.Points[i-1].At) && !e.At.After(t.Points[i].At) {
			out = append(out, e)
		}
	}
	return out
}

func (t Trend) eventsText(i int) string {
	var out []string
	for _, e := range t.between(i) {
		out = append(out, eventText(e))
	}
	return strings.Join(out, ", ")
}

// numbered marks a chart with events, each by its number in their table. What was
// before the first point or after the last is in the table alone.
func (c *chart) numbered(events []Event) {
	if len(c.at) == 0 {
		return
	}
	for i, e := range events {
		if !e.At.Before(c.at[0]) && !e.At.After(c.at[len(c.at)-1]) {
			c.marks = append(c.marks, chartMark{e.At, fmt.Sprint(i + 1)})
		}
	}
}

// mostEvents is how many are shown before they have to be asked for.
const mostEvents = 12

const eventsCaption = "The numbered lines are in the table of events."

func eventsGrid(events []Event) grid {
	g := grid{slug: "events", caption: "Events", head: heads("No.", "Day", "What")}
	for i, e := range events {
		g.rows = append(g.rows, []gridCell{word(fmt.Sprint(i + 1)), word(day(e.At)), word(e.What)})
	}
	return g
}

// riskSentence says where the risk of changes goes; nothing where it is steady or
// not known.
func riskSentence(d *impact.Drift) string {
	if d == nil || d.Direction == impact.Steady {
		return ""
	}
	return fmt.Sprintf("Risk is %s.", d.Direction)
}

// riskText says how that was found.
func riskText(d *impact.Drift) string {
	if d == nil {
		return ""
	}
	text := fmt.Sprintf("Of the %s of the newest 13 weeks and the %s of the 39 weeks before, one of the newer ranks higher in risk than one of the older in %.0f %% of pairs.",
		count(d.Recent, "change"), count(d.Earlier, "change"), 100*d.Higher)
	if d.Direction == impact.Steady {
		return text + " That is not enough to say that risk rises or falls."
	}
	return text + " Risk is of changes, by their size and by how often and by how many their files were changed before; it is no part of the debt."
}
