package report

import (
	_ "embed" // the schemas
	"io"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
)

// ReviewSchema is the JSON schema (draft-07) of what JSON writes.
//
//go:embed review.schema.json
var ReviewSchema []byte

type wireReview struct {
	SchemaVersion int           `json:"schemaVersion"`
	Base          wireRevision  `json:"base"`
	Head          wireRevision  `json:"head"`
	Debt          wireDelta     `json:"debt"`
	Findings      []wireFinding `json:"findings"`
	Coverage      wireCoverage  `json:"coverage"`
	Outcome       string        `json:"outcome"`
	Reasons       []string      `json:"reasons"`

	Impact       wireImpact        `json:"impact"`
	Requirements []wireRequirement `json:"requirements"`
	Unattributed []string          `json:"unattributed"`
	Ownership    wireOwnership     `json:"ownership"`
	Cheapest     *wireCheapest     `json:"cheapest"` // null: within the bar, or no mending brings it there
	Sections     []wireSection     `json:"sections"`

	Hints    []string   `json:"hints"`
	Warnings []string   `json:"warnings"`
	Engine   wireEngine `json:"engine"`
}

type wireDelta struct {
	Introduced float64   `json:"introduced"`
	Repaid     float64   `json:"repaid"`
	Deleted    float64   `json:"deleted"`
	Net        float64   `json:"net"`
	Low        float64   `json:"low"`
	High       float64   `json:"high"`
	Budget     *float64  `json:"budget"` // null: none
	Tests      wireTests `json:"tests"`
}

type wireTests struct {
	Introduced float64 `json:"introduced"`
	Repaid     float64 `json:"repaid"`
}

// JSON writes a review as ReviewSchema describes it; with all, the unchanged
// findings too. A number that JSON cannot hold (NaN, an infinity) is an error,
// and then nothing is written.
func JSON(w io.Writer, r review.Review, all bool) error {
	d := r.Delta
	out := wireReview{
		SchemaVersion: schemaVersion,
		Base:          toRevision(r.Base),
		Head:          toRevision(r.Head),
		Debt: wireDelta{
			Introduced: hundredths(d.Introduced),
			Repaid:     hundredths(d.Repaid),
			Deleted:    hundredths(d.Deleted),
			Net:        hundredths(d.Net),
			Low:        hundredths(d.Low),
			High:       hundredths(d.High),
			Tests: wireTests{
				Introduced: hundredths(d.Tests.Introduced),
				Repaid:     hundredths(d.Tests.Repaid),
			},
		},
		Findings: []wireFinding{},
		Coverage: toCoverage(r.Coverage),
		Outcome:  string(r.Outcome),
		Reasons:  texts(r.Reasons),

		Impact:       toImpact(r.Impact),
		Requirements: toRequirements(r.Requirements),
		Unattributed: texts(r.Unattributed),
		Ownership:    toOwnership(r.Decision),
		Cheapest:     toCheapest(r.Cheapest),
		Sections:     toSections(r.Sections),

		Hints:    texts(r.Hints),
		Warnings: texts(r.Warnings),
		Engine:   toEngine(r.Engine),
	}
	if b := r.Policy.Budget; b != nil {
		budget := hundredths(*b)
		out.Debt.Budget = &budget
	}
	for i, f := range d.Findings {
		if all || f.Status != debt.Unchanged {
			out.Findings = append(out.Findings, toFinding(findingID(i), f))
		}
	}
	return writeJSON(w, out)
}
