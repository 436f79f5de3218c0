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
