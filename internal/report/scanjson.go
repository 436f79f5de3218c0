package report

import (
	_ "embed" // the schemas
	"io"

	"github.com/barraiser/barraiser/internal/review"
)

// ScanSchema is the JSON schema (draft-07) of what ScanJSON writes.
//
//go:embed scan.schema.json
var ScanSchema []byte

type wireScan struct {
	SchemaVersion int           `json:"schemaVersion"`
	Revision      wireRevision  `json:"revision"`
	Debt          wireTotals    `json:"debt"`
	Findings      []wireFinding `json:"findings"`
	Coverage      wireCoverage  `json:"coverage"`
	Outcome       string        `json:"outcome"`
	Reasons       []string      `json:"reasons"`
	Hints         []string      `json:"hints"`
	Engine        wireEngine    `json:"engine"`
}

type wireTotals struct {
	Principal float64 `json:"principal"`
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	Tests     float64 `json:"tests"`
	Lines     int     `json:"lines"`
	Density   float64 `json:"density"`
	// Percentile of the density in the shipped corpus; null: it cannot be compared.
	Percentile *float64           `json:"percentile"`
	ByRule     map[string]float64 `json:"byRule"`
}

// ScanJSON writes a scan as ScanSchema describes it. A number that JSON cannot
// hold (NaN, an infinity) is an error, and then nothing is written.
func ScanJSON(w io.Writer, s review.Scan) error {
	t := s.Totals
	out := wireScan{
		SchemaVersion: schemaVersion,
		Revision:      toRevision(s.Revision),
		Debt: wireTotals{
			Principal: hundredths(t.Principal),
			Low:       hundredths(t.Low),
			High:      hundredths(t.High),
			Tests:     hundredths(t.Tests),
			Lines:     t.Lines,
			Density:   hundredths(t.Density()),
			ByRule:    map[string]float64{},
		},
		Findings: []wireFinding{},
		Coverage: toCoverage(s.Coverage),
		Outcome:  string(s.Outcome),
		Reasons:  texts(s.Reasons),
		Hints:    texts(s.Hints),
		Engine:   toEngine(s.Engine),
	}
	if r := s.Rank; r != nil {
		percentile := hundredths(100 * r.Share)
		out.Debt.Percentile = &percentile
	}
	for rule, minutes := range t.ByRule {
		out.Debt.ByRule[rule] = hundredths(minutes)
	}
	for i, f := range s.Findings {
		out.Findings = append(out.Findings, toFinding(findingID(i), f))
	}
	return writeJSON(w, out)
}
