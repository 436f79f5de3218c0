package web

import (
	"slices"
	"strconv"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/report"
)

// findingGroup is the findings to which a change did the same.
type findingGroup struct {
	Title, Text string
	ID          string // of the section
	Sum         string
	Folded      bool
	Rows        []finding
}

type finding struct {
	ID, Status, Message string
	Place, Symbol       string
	Rule, RulePath      string
	Minutes             string
	Value               string // "21 → 38"
	Note                string
	Test                bool
}

// findingGroups has a row for each group, in the order in which to read them.
var findingGroups = []struct {
	id, title, text string
	statuses        []debt.Status
	folded          bool
}{
	{"new", "New findings", "What the change adds.", []debt.Status{debt.New, debt.Worse}, false},
	{"hidden", "Hidden by the change", "Findings that a comment of this change silences; the comment is charged for them.", []debt.Status{debt.Suppressed}, false},
	{"repaid", "Repaid", "What the change gives back.", []debt.Status{debt.Paid, debt.Better}, false},
	{"moved", "Moved", "The same findings at other places; they are not charged.", []debt.Status{debt.Moved}, true},
	{"unchanged", "Unchanged", "Findings of the changed code that were there before.", []debt.Status{debt.Unchanged}, true},
}

func findings(b report.Brief) (out []findingGroup) {
	for _, g := range findingGroups {
		group := findingGroup{Title: g.title, Text: g.text, ID: "findings-" + g.id, Folded: g.folded}
		sum := 0.0
		for i, f := range b.Review.Delta.Findings {
			if slices.Contains(g.statuses, f.Status) {
				group.Rows = append(group.Rows, newFinding(f, name(b, i)))
				sum += f.Minutes
			}
		}
		if len(group.Rows) > 0 {
			group.Sum = report.Minutes(sum)
			out = append(out, group)
		}
	}
	return out
}

func newFinding(f debt.Finding, id string) finding {
	row := finding{
		ID: id, Status: string(f.Status), Message: f.Message, Place: place(f.File, f.Line), Symbol: f.Symbol,
		Rule: f.Rule, Minutes: report.Minutes(f.Minutes), Note: f.Note, Test: f.Test,
	}
	if row.Message == "" {
		row.Message = f.Symbol
	}
	if rule, ok := debt.Lookup(f.Rule); ok {
		row.RulePath = "/rules#" + rule.ID
	}
	if f.Status == debt.Worse || f.Status == debt.Better {
		row.Value = strconv.FormatFloat(f.Was, 'g', 4, 64) + " → " + strconv.FormatFloat(f.Value, 'g', 4, 64)
	}
	return row
}

func name(b report.Brief, i int) string {
	if i < len(b.Names) {
		return b.Names[i]
	}
	return "F" + strconv.Itoa(i+1)
}

// number counts the findings of some statuses.
func number(b report.Brief, statuses ...debt.Status) (n int) {
	for _, f := range b.Review.Delta.Findings {
		if slices.Contains(statuses, f.Status) {
			n++
		}
	}
	return n
}

// dismissal is a finding that is said to be wrong.
type dismissal struct{ Finding, By, Why, Granted string }

func dismissals(b report.Brief) (out []dismissal) {
	for _, d := range b.Record.Dismissals {
		row := dismissal{Finding: "a finding that is not there any more", By: d.By.Login, Why: d.Why}
		for i, f := range b.Review.Delta.Findings {
			if f.Fingerprint == d.Fingerprint {
				row.Finding = name(b, i)
				break
			}
		}
		if d.Granted != nil {
			row.Granted = d.Granted.Login
		}
		out = append(out, row)
	}
	return out
}

// coverage is how much was read, and all that was not.
type coverage struct {
	Changed, Analysed int
	Whole             bool // nothing is unknown
	Unread, Left      []unread
	Broken            []broken
	Lost              []broken
}

type unread struct{ File, Reason string }

type broken struct{ Package, Side, Analyzer, Error string }

func covered(c debt.Coverage) coverage {
	out := coverage{Changed: c.Changed, Analysed: c.Analysed}
	for _, s := range c.Skipped {
		if s.Expected {
			out.Left = append(out.Left, unread{s.File, s.Reason})
		} else {
			out.Unread = append(out.Unread, unread{s.File, s.Reason})
		}
	}
	for _, b := range c.Broken {
		out.Broken = append(out.Broken, broken{Package: b.Package, Side: b.Side, Error: b.Error})
	}
	for _, l := range c.Lost {
		out.Lost = append(out.Lost, broken{l.Package, l.Side, l.Analyzer, l.Error})
	}
	out.Whole = len(out.Unread)+len(out.Broken)+len(out.Lost) == 0
	return out
}
