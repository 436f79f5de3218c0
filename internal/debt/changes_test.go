package debt

import (
	"crypto/sha256"
	"fmt"
	"testing"
)

// pricesOf are the prices of the version that the change log begins with. Where a
// price changes after a release, the catalogue needs a new version and the change
// log a new row. (There was none yet.)
const pricesOf = "d705a2beeeb000d8"

func TestPriceChanges(t *testing.T) {
	if PriceChanges[0].Version != CatalogueVersion {
		t.Errorf("the newest row of the change log is of version %s, the catalogue is %s", PriceChanges[0].Version, CatalogueVersion)
	}
	seen := map[string]bool{}
	for _, c := range PriceChanges {
		if seen[c.Version] || c.What == "" {
			t.Errorf("version %q of the change log is there twice, or says nothing", c.Version)
		}
		seen[c.Version] = true
	}
	h := sha256.New()
	for _, r := range Catalogue {
		if !seen[r.Since] {
			t.Errorf("%s is there since version %q, which the change log has not", r.ID, r.Since)
		}
		fmt.Fprintln(h, r.ID, r.Base, r.PerUnit, r.Threshold, r.Formula(), r.Default)
	}
	if got := fmt.Sprintf("%x", h.Sum(nil)[:8]); got != pricesOf {
		t.Errorf("prices are %s, those of version %s were %s: give the catalogue a new version, and say in the change log what changed", got, CatalogueVersion, pricesOf)
	}
}
