package librarypanic

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"strconv"
)

func leave() {
	os.Exit(1) // want `library-panic: os.Exit in a package that others import$`
}

func logs(own *log.Logger) {
	_, err := os.Open("x")
	log.Fatal(err)        // want `library-panic: log.Fatal in a package that others import$`
	log.Fatalf("%v", err) // want `log.Fatalf in a package`
	log.Panicln(1, err)   // want `panic on an error`
	own.Fatalln("gone")   // want `own.Fatalln in a package`
}

func parse(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err) // want `library-panic: panic on an error in a package that others import$`
	}
	return n
}

func wrapped(s string) {
	if _, err := strconv.Atoi(s); err != nil {
		panic(fmt.Sprintf("parse %s: %v", s, err)) // want `panic on an error`
	}
	if err := os.Remove(s); err != nil {
		panic("remove: " + err.Error()) // want `panic on an error`
	}
	panic(os.Remove(s)) // want `panic on an error`
}

func save() error {
	if len(os.Environ()) == 0 {
		return errors.New("no arguments")
	}
	return nil
}

func saves() error {
	err := save()
	if err != nil {
		panic(err) // of a function of its own: an invariant
	}
	if err := save(); err != nil {
		panic(fmt.Errorf("save: %w", err))
	}
	return nil
}

func literal() func() error {
	return func() error {
		if err := os.Remove("x"); err != nil {
			panic(err) // want `panic on an error`
		}
		return nil
	}
}

// commented has comments that assure nothing.
func commented(v any) {
	// Atoi reads the number.
	_, err := strconv.Atoi("1" + os.TempDir())
	if err != nil {
		panic(err) // want `panic on an error`
	}

	// This is about another call, which always succeeds.

	if err := json.NewEncoder(os.Stdout).Encode(v); err != nil {
		panic(err) // want `panic on an error`
	}
}

// flags parses what it is given, which is not the command line.
func flags(args []string) {
	set := flag.NewFlagSet("x", flag.ContinueOnError)
	if err := set.Parse(args); err != nil {
		log.Fatal(err) // want `log.Fatal in a package`
	}
}
