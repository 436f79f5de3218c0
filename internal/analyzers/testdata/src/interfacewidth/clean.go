package interfacewidth

import "io"

// Closer is narrow.
type Closer interface{ io.Closer }

// wide is nobody's to implement outside of this package.
type wide interface {
	A()
	B()
	C()
	D()
	E()
}

// Same is declared by another interface, which is counted where it stands.
type Same = Wide

// Too is, too.
type Too Wide

// Foreign is as wide as what it embeds.
type Foreign interface {
	io.ReadWriteCloser
	io.Seeker
	Flush() error
}

// Number has types and no methods.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64
}

func use(wide) {
	type Local interface {
		A()
		B()
		C()
		D()
	}
}

var _ = use
