package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

// TestTablesAgree: each check has a price, and each row of the catalogue a
// check that yields it.
func TestTablesAgree(t *testing.T) {
	checked := map[string]bool{}
	for _, c := range analyzers.Checks() {
		row, ok := debt.Lookup(c.Rule)
		if !ok {
			t.Errorf("the check %s has no row in the catalogue", c.Rule)
			continue
		}
		if row.Kind != string(c.Kind) && c.Rule != "suppression" {
			t.Errorf("%s is of kind %s as a check and %s in the catalogue", c.Rule, c.Kind, row.Kind)
		}
		if c.Kind == analyzers.Package && c.Counted != (row.Free > 0) {
			t.Errorf("%s: counted as a check: %t, priced by number: %t", c.Rule, c.Counted, row.Free > 0)
		}
		family, _, _ := strings.Cut(c.Rule, "/")
		checked[c.Rule], checked[family] = true, true
	}
	for _, row := range debt.Catalogue {
		if !checked[row.ID] {
			t.Errorf("no check yields the rule %s", row.ID)
		}
	}
}

// TestFactMakers holds what eachSource relies on: the analyzers that list all
// facts that they can see do so for their own result only, and no other fact
// maker reads that.
func TestFactMakers(t *testing.T) {
	listing := []string{"fact_deprecated", "fact_purity", "nilness"}
	facts := analyzers.Facts()
	found := 0
	for _, a := range facts {
		if slices.Contains(listing, a.Name) {
			found++
		}
		for _, r := range a.Requires {
			if slices.Contains(listing, r.Name) {
				t.Errorf("%s makes facts from the result of %s, which is not complete in dependencies", a.Name, r.Name)
			}
		}
	}
	if found != len(listing) {
		names := []string{}
		for _, a := range facts {
			names = append(names, a.Name)
		}
		t.Errorf("of %v, %d are fact makers: %v", listing, found, names)
	}
	for i, a := range facts {
		for _, r := range a.Requires {
			if j := slices.Index(facts, r); j < 0 {
				t.Errorf("%s is a fact maker and requires %s, which is none (at %d)", a.Name, r.Name, i)
			}
		}
	}
}
