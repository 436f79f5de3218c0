package initeffect

import (
	"database/sql"
	"encoding/gob"
	"errors"
	"flag"
	"os"
	"regexp"
	"runtime"
	"sync"
	"time"
)

var (
	errGone = errors.New("gone")
	pattern = regexp.MustCompile("x")
	started = time.Now()
	out     = os.Stdout
	once    = sync.OnceValue(func() string { return os.Getenv("LATER") })
	steps   = map[string]func(){"save": func() { save() }, "go": func() { go load() }}
	flags   = flag.NewFlagSet("own", flag.ContinueOnError)
	table   = map[int]int{}
	workers = runtime.GOMAXPROCS(0)
)

type driver struct{}

func init() {
	sql.Register("own", nil)
	gob.Register(driver{})
	table[1] = len(table)
	flags.Bool("v", false, "")
	if pattern == nil {
		panic("no pattern")
	}
	defer func() { _ = errGone }()
}

func init() { recursive(3) }

func recursive(n int) {
	if n > 0 {
		recursive(n - 1)
	}
}

// What a method of that name does is not what an import does.
func (driver) init() { save() }

func setUp() { os.Args[0] = once() }
