package debt

import "strings"

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

func (it item) site() site {
	if it.rule.Whole {
		return site{pkg: it.Package}
	}
	return site{it.Package, it.Symbol, it.File}
}

// account is what is priced together: the structural findings of a site, or
// those of a row with a cap in one package.
type account struct {
	site
	rule string // of the row with the cap; empty for structural findings
}

// account is where the finding is priced; the result is false for one that
// costs what it costs by itself.
func (it item) account() (account, bool) {
	switch {
	case it.rule.Structural:
		return account{site: it.site()}, true
	case it.rule.PackageCap > 0:
		row, _, _ := strings.Cut(it.rule.ID, "/")
		if !it.rule.Family {
			row = it.rule.ID
		}
		return account{site{pkg: it.Package}, row}, true
	default:
		return account{}, false
	}
}

// bill is what the findings of one account cost.
type bill struct {
	most  float64   // the cap, in minutes; 0: the findings are structural
	full  []float64 // as the side stands
	kept  []float64 // when the repayments are done and nothing is added yet
	alive []float64 // at the base: without what went with its declaration
}

// due is what the prices come to together, in minutes. It never falls when one
// is added or grows.
func (b *bill) due(prices []float64) float64 {
	if b.most == 0 {
		return Damped(prices)
	}
	var sum float64
	for _, p := range prices {
		sum += p
	}
	return min(sum, b.most)
}

// tally adds up what a change does, for production or for test code.
//
// Between the base and the head it imagines the state in which the repayments
// are done and nothing is added yet: of a matched finding the smaller price,
// of an unmatched one of the base nothing. What was repaid is the way there,
// what was introduced the way on. So the net is the price of the head less the
// price of the base, damped and capped, whatever was matched with what, and
// adds up over any steps.
type tally struct {
	introduced, repaid, deleted float64

	base, head ledger
}

func newTally() *tally { return &tally{base: newLedger(), head: newLedger()} }

// ledger holds the bills of one side.
type ledger struct {
	bills map[account]*bill
	order []*bill // sums of floats are made in one order
}

func newLedger() ledger { return ledger{bills: make(map[account]*bill)} }

// bill is the one that the finding goes on; nil where it is priced by itself.
func (l *ledger) bill(it item) *bill {
	a, ok := it.account()
	if !ok {
		return nil
	}
	b := l.bills[a]
	if b == nil {
		b = &bill{most: it.rule.PackageCap}
		l.bills[a] = b
		l.order = append(l.order, b)
	}
	return b
}

// vanish counts a finding of the base that is gone.
func (t *tally) vanish(b item, deleted bool) {
	bill := t.base.bill(b)
	if bill == nil {
		t.repaid += b.price
		if deleted {
			t.deleted += b.price
		}
		return
	}
	bill.full = append(bill.full, b.price)
	if !deleted {
		bill.alive = append(bill.alive, b.price)
	}
}

// appear counts a finding that is only at the head.
func (t *tally) appear(h item) {
	if bill := t.head.bill(h); bill != nil {
		bill.full = append(bill.full, h.price)
		return
	}
	t.introduced += h.price
}

// stay counts a finding that is on both sides; was is its price at the base.
func (t *tally) stay(b, h item, was float64) {
	kept := min(was, h.price)
	bill := t.base.bill(b)
	if bill == nil {
		t.introduced += h.price - kept
		t.repaid += was - kept
		return
	}
	bill.full, bill.alive, bill.kept = append(bill.full, was), append(bill.alive, was), append(bill.kept, kept)
	bill = t.head.bill(h)
	bill.full, bill.kept = append(bill.full, h.price), append(bill.kept, kept)
}

// sum adds the bills to the findings that are priced by themselves.
func (t *tally) sum() (introduced, repaid, deleted float64) {
	introduced, repaid, deleted = t.introduced, t.repaid, t.deleted
	// What is kept is the same on both ways, but where findings of one account
	// went to several, or those of several to one, it comes to another sum.
	var spread float64
	for _, b := range t.base.order {
		full, kept := b.due(b.full), b.due(b.kept)
		repaid += full - kept
		deleted += full - b.due(b.alive)
		spread -= kept
	}
	for _, b := range t.head.order {
		kept := b.due(b.kept)
		introduced += b.due(b.full) - kept
		spread += kept
	}
	if spread > 0 {
		return introduced + spread, repaid, deleted
	}
	return introduced, repaid - spread, deleted
}
