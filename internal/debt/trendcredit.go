package debt

// A Credit is for a change that repaid debt: who did it, and who gains by it.
type Credit struct {
	Commit, Title string
	// Minutes are its part of what was repaid, as in [Jump] an attribution.
	Minutes float64
	// Packages is how many packages of the repository depend on the code that was
	// mended, and Teams who owns these, beside the owners of that code itself.
	Packages int
	Teams    []string
}
