package unused

const (
	one = iota
	two
)

// One keeps the whole group.
var One = one

type iface interface{ do() }

type impl struct{ _ int }

func (impl) do() {}

var V iface = impl{}

var _ = 1

// One used constant of a group makes the others used, however far apart they
// stand: a blank line or a comment says nothing about use.
const (
	groupedUsed = iota

	groupedApart
	// A remark.
	groupedBelowRemark
)

// GroupedConst is groupedUsed.
const GroupedConst = groupedUsed
