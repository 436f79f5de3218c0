package interfacewidth

import "io"

type Wide interface { // want "interface-width: interface with 5 methods$"
	A()
	B()
	C()
	D()
	E()
}

type Embedding interface { // want "interface-width: interface with 6 methods$"
	io.ReadWriteCloser
	io.Closer
	Flush() error
	Size() int
	Closer
	interface{ Lines() int }
}

type (
	Generic[T any] interface { // want "interface-width: interface with 4 methods$"
		Get() T
		Put(T)
		Delete(T)
		Len() int
	}
)
