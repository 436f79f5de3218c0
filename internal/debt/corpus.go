package debt

import (
	_ "embed" // the corpus
	"encoding/json"
	"slices"
	"sync"
)

// Corpus are public Go repositories, each scanned at one commit with the
// shipped rules and prices: what a density can be compared with.
type Corpus struct {
	// Catalogue is the version of the rules and prices by which all densities
	// were made. With another one they say nothing.
	Catalogue string
	Samples   []Sample
	LeftOut   []LeftOut // what could not be measured
}

// LeftOut is a repository that is in no sample, and why.
type LeftOut struct{ Name, Why string }

// Sample is one repository of the corpus.
type Sample struct {
	Name    string  // "github.com/owner/name"
	Commit  string  // full hash
	Lines   int     // code lines of production code
	Density float64 // minutes per thousand of them
	Files   int     // Go files that count
	Unread  int     // of them, the ones that could not be analysed
}

//go:embed corpus.json
var corpusFile []byte

// ShippedCorpus is what `bot calibrate` made: see docs/corpus.md. It has to be
// made again when the catalogue changes.
var ShippedCorpus = sync.OnceValue(func() Corpus {
	var c Corpus
	if err := json.Unmarshal(corpusFile, &c); err != nil {
		panic(err) // unreachable: a test reads it
	}
	return c
})

// Rank is the share of the corpus's repositories with a lower density, 0 … 1,
// those with an equal one counted half; ok is false where the corpus is of
// another catalogue or empty.
func (c Corpus) Rank(density float64) (share float64, ok bool) {
	if c.Catalogue != CatalogueVersion || len(c.Samples) == 0 {
		return 0, false
	}
	for _, s := range c.Samples {
		switch {
		case s.Density < density:
			share++
		case s.Density == density:
			share += 0.5
		}
	}
	return share / float64(len(c.Samples)), true
}

// Quantile is the density that a share of the corpus does not exceed, by the
// nearest rank. The corpus must not be empty.
func (c Corpus) Quantile(share float64) float64 {
	var all []float64
	for _, s := range c.Samples {
		all = append(all, s.Density)
	}
	slices.Sort(all)
	i := int(share*float64(len(all))+0.999999) - 1
	return all[min(max(i, 0), len(all)-1)]
}
