package debt

// others is how much each further structural finding on one symbol adds: who
// splits a long function also makes it less nested (ours).
const others = 0.25

// Damped is the price of several structural findings on one symbol, in
// minutes. They are mended by one refactoring, so the dearest counts in full
// and the others by a quarter.
func Damped(prices []float64) float64 {
	var sum, top float64
	for _, p := range prices {
		sum += p
		top = max(top, p)
	}
	return top + others*(sum-top)
}

// site is where findings are mended together: a symbol of one side. The file
// tells apart what build constraints repeat, and most of several init; those
// in one file count as one.
type site struct{ pkg, symbol, file string }

func (it item) site() site { return site{it.Package, it.Symbol, it.File} }

// bill is what the structural findings of one symbol cost.
type bill struct {
	full  []float64 // as the side stands
	kept  []float64 // when the repayments are done and nothing is added yet
	alive []float64 // at the base: without what went with its declaration
}

// tally adds up what a change does, for production or for test code.
//
// Between the base and the head it imagines the state in which the repayments
// are done and nothing is added yet: of a matched finding the smaller price,
// of an unmatched one of the base nothing. What was repaid is the way there,
// what was introduced the way on. So the net is the price of the head less the
// price of the base, damped, whatever was matched with what, and adds up over
// any steps.
type tally struct {
	introduced, repaid, deleted float64

	bills     map[site]*bill
	headBills map[site]*bill
	// Sums of floats are made in one order.
	sites, headSites []site
}

func newTally() *tally {
	return &tally{bills: make(map[site]*bill), headBills: make(map[site]*bill)}
}

// vanish counts a finding of the base that is gone.
func (t *tally) vanish(b item, deleted bool) {
	if !b.rule.Structural {
		t.repaid += b.price
		if deleted {
			t.deleted += b.price
		}
		return
	}
	s := t.at(b)
	s.full = append(s.full, b.price)
	if !deleted {
		s.alive = append(s.alive, b.price)
	}
}

// appear counts a finding that is only at the head.
func (t *tally) appear(h item) {
	if !h.rule.Structural {
		t.introduced += h.price
		return
	}
	s := t.atHead(h)
	s.full = append(s.full, h.price)
}

// stay counts a finding that is on both sides; was is its price at the base.
func (t *tally) stay(b, h item, was float64) {
	kept := min(was, h.price)
	if !h.rule.Structural {
		t.introduced += h.price - kept
		t.repaid += was - kept
		return
	}
	s := t.at(b)
	s.full, s.alive, s.kept = append(s.full, was), append(s.alive, was), append(s.kept, kept)
	s = t.atHead(h)
	s.full, s.kept = append(s.full, h.price), append(s.kept, kept)
}

func (t *tally) at(b item) *bill     { return billOf(t.bills, &t.sites, b.site()) }
func (t *tally) atHead(h item) *bill { return billOf(t.headBills, &t.headSites, h.site()) }

func billOf(bills map[site]*bill, order *[]site, s site) *bill {
	b, ok := bills[s]
	if !ok {
		b = &bill{}
		bills[s] = b
		*order = append(*order, s)
	}
	return b
}

// sum adds the structural findings to the others.
func (t *tally) sum() (introduced, repaid, deleted float64) {
	introduced, repaid, deleted = t.introduced, t.repaid, t.deleted
	// What is kept is the same on both ways, but where findings of one symbol
	// went to several, or those of several to one, it is damped differently.
	var spread float64
	for _, s := range t.sites {
		b := t.bills[s]
		full, kept := Damped(b.full), Damped(b.kept)
		repaid += full - kept
		deleted += full - Damped(b.alive)
		spread -= kept
	}
	for _, s := range t.headSites {
		b := t.headBills[s]
		kept := Damped(b.kept)
		introduced += Damped(b.full) - kept
		spread += kept
	}
	if spread > 0 {
		return introduced + spread, repaid, deleted
	}
	return introduced, repaid - spread, deleted
}
