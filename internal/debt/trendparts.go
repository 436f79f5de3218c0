package debt

import "slices"

// A Division is a way to tell the debt of a repository apart.
type Division string

// The divisions. Code may serve several goals, and then counts in each.
const (
	Whole      Division = "" // not at all: one part, without a name
	Families   Division = "rule"
	Components Division = "component"
	Teams      Division = "team"
	Goals      Division = "goal"
)

// Divisions are all, in the order in which they are shown.
var Divisions = []Division{Whole, Families, Components, Teams, Goals}

// A Part is one part of a division.
type Part struct {
	Division Division
	Name     string
}

// Owners say where code belongs, by its file; nil: nowhere.
type Owners struct {
	Component, Team func(file string) string
	Goals           func(file string) []string
}

// of is the parts that a file is in; nil where there is no such division.
func (o Owners) of(d Division) func(file string) []string {
	one := func(part func(file string) string) func(file string) []string {
		if part == nil {
			return nil
		}
		return func(file string) []string { return []string{part(file)} }
	}
	switch d {
	case Components:
		return one(o.Component)
	case Teams:
		return one(o.Team)
	case Goals:
		return o.Goals
	}
	return nil
}

// Parts are the teams and goals that a file belongs to.
func (o Owners) Parts(file string) (out []Part) {
	for _, d := range []Division{Teams, Goals} {
		of := o.of(d)
		if of == nil {
			continue
		}
		for _, name := range of(file) {
			if name != "" {
				out = append(out, Part{d, name})
			}
		}
	}
	return out
}

// A Cost is what else is known of one part of the code, as in [Figures]: what its debt
// costs, in minutes, and its code lines; 0: they are not known, or it has none.
type Cost struct {
	Interest, Payable float64
	Lines             int `json:",omitempty"`
}

// A Flow is what came to one part of the debt and what went, in minutes, neither
// damped nor capped.
type Flow struct{ Introduced, Repaid float64 }

// parts prices the state by where its files belong, each part as if it were all.
func (s State) parts(settings Settings, of func(file string) []string) map[string]float64 {
	out := map[string]float64{}
	for part, list := range s.divide(of) {
		if totals, _ := Total(list, s.Broken, 0, settings); totals.Principal > 0 {
			out[part] = totals.Principal
		}
	}
	return out
}

// divide tells the measures apart by where their files belong; nil: nowhere.
func (s State) divide(of func(file string) []string) map[string][]Measure {
	if of == nil {
		return nil
	}
	known := map[string][]string{} // file → parts
	measures := map[string][]Measure{}
	for _, m := range s.Measures {
		parts, ok := known[m.File]
		if !ok {
			parts = of(m.File)
			known[m.File] = parts
		}
		for _, part := range parts {
			measures[part] = append(measures[part], m)
		}
	}
	return measures
}

// costs sums up the lines and the places with debt by where they belong.
func costs(lines map[string]int, spots []Hotspot, owners Owners) map[Division]map[string]Cost {
	out := map[Division]map[string]Cost{}
	for _, d := range []Division{Components, Teams, Goals} {
		of := owners.of(d)
		if of == nil {
			continue
		}
		sums := map[string]Cost{}
		for file, n := range lines {
			for _, part := range of(file) {
				sum := sums[part]
				sum.Lines += n
				sums[part] = sum
			}
		}
		for _, h := range spots {
			if h.Interest == 0 {
				continue // it is payable never, and most places are like this
			}
			for _, part := range of(h.File) {
				sum := sums[part]
				sum.Interest += h.Interest
				sum.Payable += h.payable()
				sums[part] = sum
			}
		}
		out[d] = sums
	}
	return out
}

// payable is the principal, where mending comes back in time.
func (h Hotspot) payable() float64 {
	if h.Payback() <= MaxPayback {
		return h.Principal
	}
	return 0
}

// flows sums up what moved by rule family and by where the files belong.
func flows(moves []Move, owners Owners) map[Division]map[string]Flow {
	out := map[Division]map[string]Flow{}
	for _, d := range []Division{Families, Components, Teams, Goals} {
		of := owners.of(d)
		sums := map[string]Flow{}
		for _, m := range moves {
			parts := []string{family(m.Rule)}
			if d != Families {
				if of == nil {
					break
				}
				parts = of(m.File)
			}
			for _, part := range parts {
				sum := sums[part]
				if m.Minutes > 0 {
					sum.Introduced += m.Minutes
				} else {
					sum.Repaid -= m.Minutes
				}
				sums[part] = sum
			}
		}
		if len(sums) > 0 {
			out[d] = sums
		}
	}
	return out
}

// PartLines are the code lines of a part, 0 where they are not known. A rule family is
// held against all.
func (f Figures) PartLines(part Part) int {
	if part.Division == Whole || part.Division == Families {
		return f.Lines
	}
	return f.Costs[part.Division][part.Name].Lines
}

// PartDensity is the principal of a part in minutes per thousand of its code lines;
// false where those are not known.
func (f Figures) PartDensity(part Part) (float64, bool) {
	totals := Totals{Principal: f.Principals(part.Division)[part.Name], Lines: f.PartLines(part)}
	return totals.Density(), totals.Lines > 0
}

// Principals are the parts of a division, in minutes, as in [Figures].
func (f Figures) Principals(d Division) map[string]float64 {
	switch d {
	case Whole:
		return map[string]float64{"": f.Principal}
	case Families:
		return f.ByRule
	case Components:
		return f.ByComponent
	case Teams:
		return f.ByTeam
	case Goals:
		return f.ByGoal
	}
	return nil
}

// Absorb takes the point before into one, so that the row can do without it: what
// happened on the way to it happened on the way here.
func (p Point) Absorb(before Point) Point {
	p.Introduced += before.Introduced
	p.Repaid += before.Repaid
	p.Other += before.Other
	p.Repriced += before.Repriced
	p.Moves = slices.Concat(before.Moves, p.Moves)
	p.Merged = slices.Concat(p.Merged, before.Merged) // the newest first
	p.Credit = best(slices.Concat(before.Credit, p.Credit))
	sums := map[Division]map[string]Flow{}
	for _, flows := range []map[Division]map[string]Flow{before.Flows, p.Flows} {
		for d, parts := range flows {
			if sums[d] == nil {
				sums[d] = map[string]Flow{}
			}
			for name, flow := range parts {
				sum := sums[d][name]
				sum.Introduced += flow.Introduced
				sum.Repaid += flow.Repaid
				sums[d][name] = sum
			}
		}
	}
	if p.Flows = sums; len(sums) == 0 {
		p.Flows = nil
	}
	return p
}
