package librarypanic

import (
	"bytes"
	"crypto/aes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"hash"
	"hash/crc32"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

type kind int

type point struct{ X, Y int }

func MustParse(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

func mustSave() {
	if err := save(); err != nil {
		panic(err)
	}
}

func init() {
	if err := save(); err != nil {
		panic(err)
	}
}

func exitWith(code int) { os.Exit(code) }

func argument(n int) []int {
	if n < 0 {
		panic("negative size")
	}
	return make([]int, n)
}

func invariant() {
	if err := save(); err != nil {
		panic(err)
	}
}

func invariantWithError(n int) error {
	if n < 0 {
		log.Panicf("negative size %d", n)
	}
	return nil
}

func handed(err error) {
	if err != nil {
		panic(err)
	}
}

func exhaustive(k kind, err error) (string, error) {
	switch k {
	case 0:
		return "zero", nil
	case 1:
		return "one", nil
	default:
		panic(fmt.Sprint(k, err))
	}
}

func behind(k kind, err error) error {
	switch k {
	case 0:
		return nil
	case 1:
		return err
	}
	panic(err)
}

func marked(err error) error {
	if err == nil {
		panic("unreachable")
	}
	panic(fmt.Errorf("bug: %w", err))
}

func recovered() (err error) {
	defer func() {
		if r := recover(); r != nil {
			panic(r)
		}
	}()
	return save()
}

// jump is how a deep walk of this package ends; see recovered.
type jump struct{ err error }

func walk(name string) {
	if err := os.Remove(name); err != nil {
		panic(jump{err})
	}
}

func certain() []byte {
	b := make([]byte, 8)
	if _, err := rand.Read(b); err != nil {
		panic(err)
	}
	_, err := regexp.Compile("a+")
	if err != nil {
		panic(err)
	}
	var h hash.Hash32 = crc32.NewIEEE()
	if _, err := h.Write(b); err != nil {
		panic(err)
	}
	data, err := json.Marshal(point{1, 2})
	if err != nil {
		panic(err)
	}
	return data
}

// told panics where the name is none.
func told(name string) {
	if _, err := os.Stat(name); err != nil {
		panic(err)
	}
}

func check(err error) {
	if err != nil {
		log.Fatalf("%+v", err)
	}
}

func AssertTrue(b bool) {
	if !b {
		log.Fatal("assertion failed")
	}
}

func below(root, name string) string {
	// Rel always succeeds here: the name is below the root.
	rel, err := filepath.Rel(root, name)
	if err != nil {
		panic(err)
	}
	return rel
}

func beside(root, name string) string {
	rel, err := filepath.Rel(root, name)
	if err != nil {
		panic(err) // cannot happen
	}
	return rel
}

func block(key [32]byte, v point) string {
	if _, err := aes.NewCipher(key[:]); err != nil {
		panic(err)
	}
	var buf bytes.Buffer
	if err := json.NewEncoder(&buf).Encode(v); err != nil {
		panic(err)
	}
	return buf.String()
}

func known(k kind) string {
	switch k {
	case 0:
		return "zero"
	}
	log.Fatalf("kind %d", k)
	return ""
}

func checkedBefore(name string) int {
	n, err := strconv.Atoi(name)
	if err != nil {
		log.Fatalf("%q should have been caught before", name)
	}
	data, err := json.Marshal(point{n, n})
	if err != nil {
		log.Fatal(err)
	}
	return len(data)
}

func misuse(started bool) {
	if started {
		err := fmt.Errorf("already started")
		panic(err)
	}
}
