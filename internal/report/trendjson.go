package report

import (
	_ "embed" // the schema
	"io"
	"math"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
)

// TrendSchema is the JSON schema (draft-07) of what TrendJSON writes.
//
//go:embed trend.schema.json
var TrendSchema []byte

type wireTrend struct {
	SchemaVersion int          `json:"schemaVersion"`
	Repository    string       `json:"repository"`
	Branch        wireRevision `json:"branch"`
	Catalogue     string       `json:"catalogue"`
	Since         int          `json:"since"`
	Every         int          `json:"every"`
	Sentence      string       `json:"sentence"`
	Points        []wirePoint  `json:"points"`
	Jumps         []wireJump   `json:"jumps"`
	Events        []wireEvent  `json:"events"`
	Risk          *wireRisk    `json:"risk"` // null: not known
	Outcome       string       `json:"outcome"`
	Hints         []string     `json:"hints"`
}

type wirePoint struct {
	Commit      string             `json:"commit"`
	At          string             `json:"at"`
	KLOC        float64            `json:"kloc"`
	Principal   float64            `json:"principal"`
	Tests       float64            `json:"tests"`
	Density     float64            `json:"density"`
	Percentile  *float64           `json:"percentile"` // null: nothing to compare with
	Interest    float64            `json:"interest"`
	Payable     float64            `json:"payable"`
	Introduced  float64            `json:"introduced"`
	Repaid      float64            `json:"repaid"`
	Other       float64            `json:"other"`
	Repriced    float64            `json:"repriced"`
	Changes     int                `json:"changes"`
	Gap         string             `json:"gap"`
	ByRule      map[string]float64 `json:"byRule"`
	ByComponent map[string]float64 `json:"byComponent"`
	ByTeam      map[string]float64 `json:"byTeam"`
	ByGoal      map[string]float64 `json:"byGoal"`
	// Parts are the other figures of components, teams, goals and rule families, by
	// division and name.
	Parts  map[string]map[string]wirePart `json:"parts"`
	Credit []wireCredit                   `json:"credit"`
}

type wirePart struct {
	KLOC       *float64 `json:"kloc"`       // null: its lines are not known
	Density    *float64 `json:"density"`    // likewise
	Percentile *float64 `json:"percentile"` // null: nothing to compare with
	Interest   float64  `json:"interest"`
	Payable    float64  `json:"payable"`
	Introduced float64  `json:"introduced"`
	Repaid     float64  `json:"repaid"`
}

type wireCredit struct {
	Commit   string   `json:"commit"`
	Title    string   `json:"title"`
	By       []string `json:"by"`
	Minutes  float64  `json:"minutes"`
	Packages int      `json:"packages"`
	Teams    []string `json:"teams"`
}

type wireJump struct {
	Commit  string          `json:"commit"`
	At      string          `json:"at"`
	Net     float64         `json:"net"`
	Rules   []wireShare     `json:"rules"`
	Changes []wireJumpShare `json:"changes"`
	// Since is the commit of the state before.
	Since    string      `json:"since"`
	Places   []wirePlace `json:"places"`
	Measured bool        `json:"measured"`
}

type wireShare struct {
	Rule    string  `json:"rule"`
	Minutes float64 `json:"minutes"`
}

type wireEvent struct {
	At   string `json:"at"`
	Kind string `json:"kind"`
	Name string `json:"name"`
	Was  string `json:"was"`
}

type wireRisk struct {
	Direction string  `json:"direction"`
	Higher    float64 `json:"higher"`
	Recent    int     `json:"recent"`
	Earlier   int     `json:"earlier"`
}

type wirePlace struct {
	File    string  `json:"file"`
	Minutes float64 `json:"minutes"`
}

type wireJumpShare struct {
	Commit  string  `json:"commit"`
	Title   string  `json:"title"`
	Minutes float64 `json:"minutes"`
}

// TrendJSON writes a trend as TrendSchema describes it. A number that JSON
// cannot hold is an error, and then nothing is written.
func TrendJSON(w io.Writer, t Trend) error {
	out := wireTrend{
		SchemaVersion: schemaVersion,
		Repository:    t.Repository,
		Branch:        toRevision(t.Branch),
		Catalogue:     t.Catalogue,
		Since:         t.Since,
		Every:         t.Every,
		Sentence:      t.Sentence(),
		Points:        []wirePoint{},
		Jumps:         []wireJump{},
		Events:        []wireEvent{},
		Outcome:       string(t.Outcome()),
		Hints:         texts(t.Hints),
	}
	for _, e := range t.Events {
		out.Events = append(out.Events, wireEvent{instant(e.At), string(e.Kind), e.Name, e.Was})
	}
	if r := t.Risk; r != nil {
		out.Risk = &wireRisk{string(r.Direction), hundredths(r.Higher), r.Recent, r.Earlier}
	}
	for _, p := range t.Points {
		out.Points = append(out.Points, toPoint(p))
	}
	for _, j := range t.Jumps {
		p := t.Points[j.Point]
		jump := wireJump{Commit: p.Commit, At: instant(p.At), Net: hundredths(j.Net), Rules: []wireShare{}, Changes: []wireJumpShare{},
			Since: t.Points[j.Point-1].Commit, Places: []wirePlace{}, Measured: j.Measured}
		for _, s := range j.Places {
			jump.Places = append(jump.Places, wirePlace{s.Name, hundredths(s.Minutes)})
		}
		for _, s := range j.Rules {
			jump.Rules = append(jump.Rules, wireShare{s.Name, hundredths(s.Minutes)})
		}
		for _, s := range j.Changes {
			jump.Changes = append(jump.Changes, wireJumpShare{s.Name, t.title(j, s.Name), hundredths(s.Minutes)})
		}
		out.Jumps = append(out.Jumps, jump)
	}
	return writeJSON(w, out)
}

func instant(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func toPoint(p debt.Point) wirePoint {
	out := wirePoint{
		Commit: p.Commit, At: instant(p.At), KLOC: math.Round(float64(p.Lines)) / 1000,
		Principal: hundredths(p.Principal), Tests: hundredths(p.Tests), Density: hundredths(p.Density()),
		Interest: hundredths(p.Interest), Payable: hundredths(p.Payable),
		Introduced: hundredths(p.Introduced), Repaid: hundredths(p.Repaid), Other: hundredths(p.Other),
		Repriced: hundredths(p.Repriced), Changes: len(p.Merged), Gap: p.Gap,
		ByRule: toParts(p.ByRule), ByComponent: toParts(p.ByComponent), ByTeam: toParts(p.ByTeam),
		ByGoal: toParts(p.ByGoal), Parts: map[string]map[string]wirePart{}, Credit: []wireCredit{},
	}
	for _, b := range breakdowns {
		out.Parts[string(b.division)] = toFigures(p, b.division)
	}
	for _, c := range p.Credit {
		out.Credit = append(out.Credit, wireCredit{c.Commit, c.Title, texts(c.By), hundredths(c.Minutes), c.Packages, texts(c.Teams)})
	}
	if p.Rank != nil {
		percentile := hundredths(100 * *p.Rank)
		out.Percentile = &percentile
	}
	return out
}

// toFigures is never null.
func toFigures(p debt.Point, d debt.Division) map[string]wirePart {
	names := map[string]bool{}
	for name := range p.Principals(d) {
		names[name] = true
	}
	for name := range p.Costs[d] {
		names[name] = true
	}
	for name := range p.Flows[d] {
		names[name] = true
	}
	out := make(map[string]wirePart, len(names))
	for name := range names {
		f := figures(p, debt.Part{Division: d, Name: name})
		part := wirePart{Interest: hundredths(f.Interest), Payable: hundredths(f.Payable), Introduced: hundredths(f.Introduced), Repaid: hundredths(f.Repaid)}
		if f.density != nil {
			kloc, density := float64(f.Lines)/1000, hundredths(*f.density)
			part.KLOC, part.Density = &kloc, &density
		}
		if f.rank != nil {
			percentile := hundredths(100 * *f.rank)
			part.Percentile = &percentile
		}
		out[name] = part
	}
	return out
}

// toParts is never null.
func toParts(parts map[string]float64) map[string]float64 {
	out := make(map[string]float64, len(parts))
	for name, v := range parts {
		out[name] = hundredths(v)
	}
	return out
}
