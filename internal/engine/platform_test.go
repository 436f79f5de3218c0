package engine

import (
	"go/build/constraint"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestSatisfy(t *testing.T) {
	t.Parallel()
	own := runtime.GOOS + "/" + runtime.GOARCH
	for _, tt := range []struct {
		name  string // of the file; empty: x.go
		build string // its constraint
		body  string
		want  string // as platform.String; empty: none
	}{
		{want: own},
		{build: "unix && linux", want: "linux/amd64"},
		{build: "windows", want: "windows/amd64"},
		{build: "!unix && !windows", want: "js/wasm"},
		{build: "linux && arm64", want: "linux/arm64"},
		{build: "linux && windows"},
		{build: "linux && !linux"},
		{build: "android", want: "android/arm64"},
		{build: "illumos && solaris", want: "illumos/amd64"},
		{build: "nacl"},
		{build: "gc", want: own},
		{build: "gccgo"},

		{build: "linux && !cgo", want: "linux/amd64"},
		{build: "cgo", want: own + " cgo"},
		{build: "windows && cgo", want: "windows/amd64 cgo"},
		{build: "cgo && netgo", want: own + " tags netgo cgo"},
		{body: `import "C"`, want: own + " cgo"},
		{build: "!cgo", body: `import "C"`},
		{build: "darwin", body: `import "C"`, want: "darwin/arm64 cgo"},
		{name: "x_windows.go", build: "cgo", want: "windows/amd64 cgo"},

		{build: "ignore", want: own + " tags ignore"},
		{build: "tools", want: own + " tags tools"},
		{build: "integration && !race", want: own + " tags integration"},
		{build: "b || a", want: own + " tags a"},
		{build: "a && b && windows", want: "windows/amd64 tags a,b"},
		{build: "a && !a"},
		{build: "a && b && c && d && e && f && g"}, // more than are tried
		{build: "go1.1", want: own},
		{build: "go1.99"},
		{build: "!go1.99", want: own},

		{name: "linux.go", want: own},
		{name: "windows_test.go", want: own},
		{name: "x_windows.go", want: "windows/amd64"},
		{name: "x_windows_test.go", want: "windows/amd64"},
		{name: "x_windows_arm64.go", want: "windows/arm64"},
		{name: "a/b_c/x_js_wasm_test.go", want: "js/wasm"},
		{name: "x_s390x.go", want: "linux/s390x"},
		{name: "x_windows.go", build: "linux"},
		{name: "x_windows.go", build: "!linux && ignore", want: "windows/amd64 tags ignore"},
		{name: "x_nacl.go"},
		{name: "x_unix.go", want: own},

		{body: "//go:build windows", want: own}, // behind the package clause it says nothing
	} {
		name := tt.name
		if name == "" {
			name = "x.go"
		}
		src := "package x\n\n" + tt.body + "\n"
		if tt.build != "" {
			src = "// A comment.\n\n//go:build " + tt.build + "\n\n" + src
		}
		got := ""
		if p, ok := satisfy(name, []byte(src)); ok {
			if p.os == "" {
				p.os, p.arch = runtime.GOOS, runtime.GOARCH
			}
			got = p.String()
		}
		want := tt.want
		if strings.HasPrefix(want, "linux/amd64") && runtime.GOOS == "linux" {
			want = own + strings.TrimPrefix(want, "linux/amd64")
		}
		if got != want {
			t.Errorf("satisfy(%s, build %q, body %q) = %q, want %q", name, tt.build, tt.body, got, want)
		}
	}
}

func TestNameConstraint(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, os, arch string }{
		{"x.go", "", ""},
		{"linux.go", "", ""},
		{"amd64.go", "", ""},
		{"linux_test.go", "", ""},
		{"linux_amd64.go", "", "amd64"}, // what stands before the first _ is a name
		{"x_linux.go", "linux", ""},
		{"x_linux_test.go", "linux", ""},
		{"x_amd64.go", "", "amd64"},
		{"x_linux_amd64.go", "linux", "amd64"},
		{"x_linux_amd64_test.go", "linux", "amd64"},
		{"x_amd64_linux.go", "linux", ""},
		{"x_y_amd64.go", "", "amd64"},
		{"x_linux_y.go", "", ""},
		{"x_unix.go", "", ""},
		{"x_cgo.go", "", ""},
		{"x_test.go", "", ""},
		{"x_zos_s390x.go", "zos", "s390x"},
	} {
		if os, arch := nameConstraint(tt.name); os != tt.os || arch != tt.arch {
			t.Errorf("nameConstraint(%s) = %q, %q, want %q, %q", tt.name, os, arch, tt.os, tt.arch)
		}
	}
}

func TestCustomTags(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		build string
		want  []string
	}{
		{"linux && !cgo", nil},
		{"unix || go1.21 || gc || gccgo || amd64", nil},
		{"b && (a || !b) && !ignore", []string{"a", "b", "ignore"}},
		{"!(linux || e2e)", []string{"e2e"}},
		{"go2", []string{"go2"}},
	} {
		expr, err := constraint.Parse("//go:build " + tt.build)
		if err != nil {
			t.Fatal(err)
		}
		if got := customTags(expr); !slices.Equal(got, tt.want) {
			t.Errorf("customTags(%s) = %q, want %q", tt.build, got, tt.want)
		}
	}
	if got := customTags(nil); got != nil {
		t.Errorf("customTags(nil) = %q, want none", got)
	}
}
