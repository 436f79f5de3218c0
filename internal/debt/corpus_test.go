package debt

import "testing"

// TestShippedCorpus: what is shipped can be read and is of this catalogue.
func TestShippedCorpus(t *testing.T) {
	c := ShippedCorpus()
	if c.Catalogue != CatalogueVersion || len(c.Samples) < 25 {
		t.Errorf("corpus of catalogue %s with %d repositories, want %s and 25 or more", c.Catalogue, len(c.Samples), CatalogueVersion)
	}
	for _, s := range c.Samples {
		if s.Name == "" || len(s.Commit) != 40 || s.Lines <= 0 || s.Density <= 0 {
			t.Errorf("sample %+v is not whole", s)
		}
	}
}

func TestRank(t *testing.T) {
	c := Corpus{Catalogue: CatalogueVersion, Samples: []Sample{{Density: 10}, {Density: 20}, {Density: 20}, {Density: 40}}}
	for density, want := range map[float64]float64{5: 0, 10: .125, 15: .25, 20: .5, 30: .75, 50: 1} {
		if got, ok := c.Rank(density); !ok || got != want {
			t.Errorf("Rank(%g) = %g, %t, want %g", density, got, ok, want)
		}
	}
	for share, want := range map[float64]float64{0: 10, .25: 10, .5: 20, .75: 20, .76: 40, 1: 40} {
		if got := c.Quantile(share); got != want {
			t.Errorf("Quantile(%g) = %g, want %g", share, got, want)
		}
	}
	for name, c := range map[string]Corpus{"empty": {Catalogue: CatalogueVersion}, "old": {Catalogue: "0", Samples: c.Samples}} {
		if _, ok := c.Rank(10); ok {
			t.Errorf("%s: ranked", name)
		}
	}
}
