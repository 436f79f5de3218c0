package debt

// A PriceChange is a version of the catalogue, and what it changed against the one
// before.
type PriceChange struct {
	Version string
	What    string
}

// PriceChanges is the change log of rules and prices, the newest first. Its first row
// is of CatalogueVersion.
var PriceChanges = []PriceChange{
	{"1", "The first rules and prices. Where each is from stands beside it in the catalogue."},
}
