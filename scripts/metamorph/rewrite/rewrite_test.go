package rewrite

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const source = `// Package p is here.
package p

import "C"

// A is one.
const A = ` + "`raw\n  string`" + ` // behind

/* B
   is two. */
type B struct {
	N int // how many
	M int
}

// F does it.
func F() {
	x := 1 +
		2
	// A plain remark,
	// on two lines.
	y := x
	// TODO: a comment that counts.
	_ = y //nolint:all
}
`

var want = map[string]string{
	"blank": `// Package p is here.
package p


import "C"


// A is one.
const A = ` + "`raw\n  string`" + ` // behind

/* B
   is two. */
type B struct {

	N int // how many
	M int

}


// F does it.
func F() {

	x := 1 +

		2

	// A plain remark,
	// on two lines.
	y := x

	// TODO: a comment that counts.
	_ = y //nolint:all
}

`,
	"comments": `// Package p is here.
package p
// This line says nothing.

import "C"
// This line says nothing.

// A is one.
const A = ` + "`raw\n  string`" + ` // behind

/* B
   is two. */
type B struct {
	N int // how many
	M int
// This line says nothing.
}
// This line says nothing.

// F does it.
func F() {
// This line says nothing.
	x := 1 +
// This line says nothing.
		2
// This line says nothing.
	y := x
	// TODO: a comment that counts.
	_ = y //nolint:all
}
// This line says nothing.
`,
	"reorder": `// Package p is here.
package p

import "C"

// F does it.
func F() {
	x := 1 +
		2
	// A plain remark,
	// on two lines.
	y := x
	// TODO: a comment that counts.
	_ = y //nolint:all
}

/* B
   is two. */
type B struct {
	N int // how many
	M int
}

// A is one.
const A = ` + "`raw\n  string`" + ` // behind
`,
	"unformat": `// Package p is here.
package p_

import "C"_

// A is one.
const A = ` + "`raw\n  string`" + ` // behind

/* B
   is two. */
type B struct {_
N int // how many
M int_
}_

// F does it.
func F() {_
x := 1 +_
2_
// A plain remark,
// on two lines.
y := x_
// TODO: a comment that counts.
_ = y //nolint:all
}_
`,
}

func TestKinds(t *testing.T) {
	want["crlf"] = strings.ReplaceAll(source, "\n", "\r\n")
	for kind := range Kinds {
		got, err := File(kind, []byte(source))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		w := want[kind]
		if kind == "unformat" {
			w = strings.ReplaceAll(w, "_\n", " \t\n")
		}
		if diff := cmp.Diff(w, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
	if _, err := File("nothing", nil); err == nil {
		t.Error("an unknown transformation is no error")
	}
}

func TestRename(t *testing.T) {
	for name, want := range map[string]string{
		"x.go":             "renamedx.go",
		"linux.go":         "renamedlinux.go",
		"x_linux_test.go":  "renamedx_linux_test.go",
		"_x.go":            "_x.go",
		".x.go":            ".x.go",
		"linux_amd64.go":   "renamedlinux_amd64.go",
		"x_linux_amd64.go": "renamedx_linux_amd64.go",
	} {
		if got := Rename(name); got != want {
			t.Errorf("Rename(%s) = %s, want %s", name, got, want)
		}
	}
}

func TestRenameFunctions(t *testing.T) {
	files := map[string][]byte{
		"a.go": []byte("package p\n\nimport \"os\"\n\nfunc f(a int) { f(a); g(); os.Exit(a) }\n\nfunc g() {}\n\nfunc len() {}\n\nfunc p() {}\n\nfunc init() {}\n"),
		"b.go": []byte("package p\n\nfunc F() { f(1); len() } // f is not renamed here\n"),
		"c.go": []byte("package p\n\nvar _ = g\n"),
	}
	got, err := RenameFunctions(files, map[string]bool{"c.go": true})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]byte{
		"a.go": []byte("package p\n\nimport \"os\"\n\nfunc fRenamed(a int) { fRenamed(a); g(); os.Exit(a) }\n\nfunc g() {}\n\nfunc len() {}\n\nfunc p() {}\n\nfunc init() {}\n"),
		"b.go": []byte("package p\n\nfunc F() { fRenamed(1); len() } // f is not renamed here\n"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("RenameFunctions (-want +got):\n%s", diff)
	}
}
