package debt

import (
	"cmp"
	"slices"
)

// A Front is what a state says of one part beside its sums, for pages over many
// repositories.
type Front struct {
	Part
	// Families is the principal by family of rules, in minutes, neither damped nor
	// capped.
	Families map[string]float64
	// Spots are its dearest places to leave alone, as indexes of the state's
	// hotspots, in their order.
	Spots []int
}

// Fronts are those of teams and goals, by division and name. Spots are as [Hotspots]
// returns them; each front has at most so many. What belongs to nobody has none.
func (s State) Fronts(settings Settings, spots []Hotspot, owners Owners, most int) (out []Front) {
	for _, d := range []Division{Teams, Goals} {
		of := owners.of(d)
		fronts := map[string]*Front{}
		for part, list := range s.divide(of) {
			f := &Front{Part: Part{d, part}, Families: map[string]float64{}}
			totals, _ := Total(list, s.Broken, 0, settings)
			for rule, minutes := range totals.ByRule {
				if minutes > 0 {
					f.Families[family(rule)] += minutes
				}
			}
			if part != "" && len(f.Families) > 0 {
				fronts[part] = f
			}
		}
		for i, h := range spots {
			if h.Interest <= 0 || of == nil {
				break // the dearest come first
			}
			for _, part := range of(h.File) {
				if f := fronts[part]; f != nil && len(f.Spots) < most {
					f.Spots = append(f.Spots, i)
				}
			}
		}
		for _, f := range fronts {
			out = append(out, *f)
		}
	}
	slices.SortFunc(out, func(a, b Front) int { return cmp.Or(cmp.Compare(a.Division, b.Division), cmp.Compare(a.Name, b.Name)) })
	return out
}
