package mutableglobal

import (
	"flag"
	"sync"
)

type config struct {
	name string
	sub  *config
	list []int
}

func (c *config) reset() { c.name = "" }

var (
	assigned  int            // want "mutable-global: package variable assigned is written by 3 functions$"
	counted   int            // want "mutable-global: package variable counted is written by 2 functions$"
	field     config         // want "mutable-global: package variable field is written by 1 function$"
	deep      *config        // want "mutable-global: package variable deep is written by 1 function$"
	element   []int          // want "mutable-global: package variable element is written by 1 function$"
	array     [3]config      // want "mutable-global: package variable array is written by 1 function$"
	table     map[string]int // want "mutable-global: package variable table is written by 2 functions$"
	cleared   map[string]int // want "mutable-global: package variable cleared is written by 1 function$"
	copied    []int          // want "mutable-global: package variable copied is written by 1 function$"
	pointer   *int           // want "mutable-global: package variable pointer is written by 1 function$"
	ranged    int            // want "mutable-global: package variable ranged is written by 1 function$"
	rangedMap map[int]int    // want "mutable-global: package variable rangedMap is written by 1 function$"
	received  int            // want "mutable-global: package variable received is written by 1 function$"
	inLiteral int            // want "mutable-global: package variable inLiteral is written by 2 functions$"
	lastErr   error          // want "mutable-global: package variable lastErr is written by 1 function$"
	once      sync.Once
	lazy      *config // want "mutable-global: package variable lazy is written by 1 function$"
	a, b      int     // want "mutable-global: package variable b is written by 1 function$"
	fromInit  int     // want "mutable-global: package variable fromInit is written by 1 function$"
)

var Exported = 1 // want "mutable-global: package variable Exported is written by 1 function$"

func one()          { assigned = 1; assigned = 2 }
func two()          { assigned, _ = 1, 2 }
func (config) two() { (assigned) = 2 }

func count()   { counted++ }
func uncount() { counted -= 2 }

func fields() {
	field.name = "x"
	deep.sub.sub.name = "y"
	element[0]++
	array[1].list[2] = 3
	copy(copied[1:], element)
	*pointer = 1
	b = a
	Exported = 2
}

func put()           { table["x"] = 1 }
func remove()        { delete(table, "x"); clear(cleared) }
func setErr(e error) { lastErr = e }

func loops(c chan int) {
	for ranged = range 3 {
	}
	for _, rangedMap[0] = range element {
	}
	select {
	case received = <-c:
	}
}

func literal() func() {
	return func() { inLiteral = 1 }
}

var handlers = map[string]func(){
	"x": func() { inLiteral = 2 },
}

func get() *config {
	once.Do(func() { lazy = &config{} })
	return lazy
}

// Only the function named init is one, not a method.
func (config) init() { fromInit = 1 }

func init() {
	fromInit = 2
	flag.StringVar(&parsed, "parsed", "", "")
}
