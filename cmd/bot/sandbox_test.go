package main

import (
	"errors"
	"testing"

	"github.com/barraiser/barraiser/internal/sandbox"
)

// TestStrictly holds what is said where a strict sandbox does not hold.
func TestStrictly(t *testing.T) {
	s := sandbox.Sandbox{Layers: []sandbox.Layer{sandbox.Limits}, Missing: map[sandbox.Layer]string{
		sandbox.Seccomp: "this kernel has no filter of calls", sandbox.Landlock: "this kernel has no Landlock",
	}}
	if err := strictly(s, nil, nil); err != nil {
		t.Errorf("a sandbox that holds: %v", err)
	}
	const refused = "the sandbox is strict, and nothing is judged: "
	for _, tt := range []struct {
		escapes []string
		err     error
		want    string
	}{
		{escapes: []string{"read a file outside", "connect by TCP"}, want: refused + "a process in it can read a file outside, connect by TCP; " +
			"layers: limits; missing: landlock (this kernel has no Landlock), seccomp (this kernel has no filter of calls)"},
		{err: errors.New("try the sandbox (limits): no room"), want: refused + "try the sandbox (limits): no room"},
	} {
		err := strictly(s, tt.escapes, tt.err)
		exit, ok := errors.AsType[*exitError](err)
		if !ok || exit.code != exitUsage || err.Error() != tt.want {
			t.Errorf("strictly(%q, %v) = %v, want %s", tt.escapes, tt.err, err, tt.want)
		}
	}
}

func TestSandboxMode(t *testing.T) {
	var m sandboxMode
	for text, want := range map[string]sandboxMode{"": "auto", "auto": "auto", "strict": "strict", "off": "off"} {
		if err := m.Set(text); err != nil || m != want {
			t.Errorf("Set(%q) = %q, %v, want %q", text, m, err, want)
		}
	}
	if err := m.Set("some"); err == nil {
		t.Error(`Set("some"): no error`)
	}
	if s, err := localSandbox(t.Context(), sandbox.Off); err != nil || len(s.Layers) > 0 {
		t.Errorf("a sandbox that is off: %v, %v", s, err)
	}
}
