package report

import (
	"encoding/json"
	"io"
	"math"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
)

// The wire types are apart from the domain's, which may change with the work.
// Of these, a field may be added; one that is removed, renamed or means
// something else needs a new schemaVersion. The schemas beside this file say
// what each means, and a test holds the two together.

const schemaVersion = 1

type wireRevision struct {
	Commit string `json:"commit"`
	Tree   string `json:"tree"`
	Name   string `json:"name"`
}

type wireFinding struct {
	ID          string  `json:"id"`
	Rule        string  `json:"rule"`
	Status      string  `json:"status"`
	Package     string  `json:"package"`
	Module      string  `json:"module"`
	Symbol      string  `json:"symbol"`
	File        string  `json:"file"`
	Line        int     `json:"line"`
	EndLine     int     `json:"endLine"`
	Column      int     `json:"column"`
	Message     string  `json:"message"`
	Value       float64 `json:"value"`
	Was         float64 `json:"was"`
	Minutes     float64 `json:"minutes"`
	Fingerprint string  `json:"fingerprint"`
	Test        bool    `json:"test"`
	Deleted     bool    `json:"deleted"`
	Note        string  `json:"note"`
}

type wireCoverage struct {
	Changed  int           `json:"changed"`
	Analysed int           `json:"analysed"`
	Skipped  []wireSkipped `json:"skipped"`
	Broken   []wireBroken  `json:"broken"`
	Lost     []wireLost    `json:"lost"`
}

type wireSkipped struct {
	File     string `json:"file"`
	Reason   string `json:"reason"`
	Expected bool   `json:"expected"`
}

type wireBroken struct {
	Package string `json:"package"`
	Side    string `json:"side"`
	Error   string `json:"error"`
}

type wireLost struct {
	Package  string `json:"package"`
	Side     string `json:"side"`
	Analyzer string `json:"analyzer"`
	Error    string `json:"error"`
}

type wireEngine struct {
	Packages int     `json:"packages"`
	Reused   int     `json:"reused"`
	Modules  int     `json:"modules"`
	Seconds  float64 `json:"seconds"`
	PeakMiB  int     `json:"peakMiB"`
}

func toRevision(r review.Revision) wireRevision {
	return wireRevision{Commit: r.Commit, Tree: r.Tree, Name: r.Name}
}

func toFinding(id string, f debt.Finding) wireFinding {
	return wireFinding{
		ID:          id,
		Rule:        f.Rule,
		Status:      string(f.Status),
		Package:     f.Package,
		Module:      f.Module,
		Symbol:      f.Symbol,
		File:        f.File,
		Line:        f.Line,
		EndLine:     f.EndLine,
		Column:      f.Column,
		Message:     f.Message,
		Value:       hundredths(f.Value),
		Was:         hundredths(f.Was),
		Minutes:     hundredths(f.Minutes),
		Fingerprint: f.Fingerprint,
		Test:        f.Test,
		Deleted:     f.Deleted,
		Note:        f.Note,
	}
}

func toCoverage(c debt.Coverage) wireCoverage {
	w := wireCoverage{
		Changed:  c.Changed,
		Analysed: c.Analysed,
		Skipped:  []wireSkipped{},
		Broken:   []wireBroken{},
		Lost:     []wireLost{},
	}
	for _, s := range c.Skipped {
		w.Skipped = append(w.Skipped, wireSkipped(s))
	}
	for _, b := range c.Broken {
		w.Broken = append(w.Broken, wireBroken(b))
	}
	for _, l := range c.Lost {
		w.Lost = append(w.Lost, wireLost(l))
	}
	return w
}

func toEngine(e review.Engine) wireEngine {
	return wireEngine{
		Packages: e.Packages,
		Reused:   e.Reused,
		Modules:  e.Modules,
		Seconds:  hundredths(e.Seconds),
		PeakMiB:  e.PeakMiB,
	}
}

// texts is s, never null.
func texts(s []string) []string { return append([]string{}, s...) }

// hundredths rounds to 2 decimals: more would be digits without meaning. The
// sum turns −0 into 0.
func hundredths(v float64) float64 { return math.Round(v*100)/100 + 0 }

// writeJSON writes v for people to read as well. HTML is not escaped: the
// output is a document of its own, and `a < b` should be found in it.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
