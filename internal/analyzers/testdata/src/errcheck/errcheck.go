package errcheck

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

func fails() error { return errors.New("x") }

func two() (int, error) { return 0, nil }

type store struct{ inner *store }

func (s *store) save() error { return nil }

func drops(s *store, f *os.File, w *bufio.Writer, list []*store) {
	fails()                       // want "errcheck: error of fails is not checked$"
	two()                         // want "errcheck: error of two is not checked$"
	s.inner.save()                // want "errcheck: error of s.inner.save is not checked$"
	list[0].save()                // want `errcheck: error of list\[0\].save is not checked$`
	go fails()                    // want "errcheck: error of fails is not checked$"
	defer s.save()                // want "errcheck: error of s.save is not checked$"
	func() error { return nil }() // want "errcheck: error of a function literal is not checked$"
	fmt.Fprintln(f, "data")       // want "errcheck: error of fmt.Fprintln is not checked$"
	io.Copy(f, os.Stdin)          // want "errcheck: error of io.Copy is not checked$"
	w.Flush()                     // want "errcheck: error of w.Flush is not checked$"
	f.Close()                     // want "errcheck: error of f.Close is not checked$"
	generic[int](1)               // want `errcheck: error of generic\[int\] is not checked$`
}

func generic[T any](T) error { return nil }

// The file is written, and nothing else went wrong.
func closes(name string) {
	f, err := os.Create(name)
	if err == nil {
		f.Close() // want "errcheck: error of f.Close is not checked$"
	}
}

// The position is that of the file, and no other is opened for it.
func relocated() {
//line /dev/zero:1
	fails() // want "errcheck: error of fails is not checked$"
}
