package debt

import "strings"

// Settings are what a policy changes about the rules, by the id of a rule or
// of a family. Both sides of a comparison are priced by the same settings, so
// that a change of them neither introduces nor repays anything.
type Settings map[string]Setting

// Setting is what a policy changes about one rule. The zero Setting switches it
// on.
type Setting struct {
	Off       bool     // its findings do not count
	Threshold *float64 // in the unit of the rule; nil: the catalogue's
}

// Shipped reports whether nothing is changed, so that sums may be compared with
// those of others.
func (s Settings) Shipped() bool { return len(s) == 0 }

// Rule finds a rule as Lookup does, with the settings applied. The result is
// false also where the rule is off.
func (s Settings) Rule(id string) (Rule, bool) {
	r, ok := Lookup(id)
	if !ok {
		return Rule{}, false
	}
	set, said := s[r.ID]
	if family, _, in := strings.Cut(r.ID, "/"); !said && in {
		set, said = s[family]
	}
	if r.Default == Listed && !said {
		r.Base, r.PerUnit = 0, 0
	}
	if set.Threshold != nil && r.Metric {
		r.Threshold = *set.Threshold
	}
	return r, !set.Off
}
