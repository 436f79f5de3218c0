package engine

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/barraiser/barraiser/internal/sandbox"
)

func TestTrySandbox(t *testing.T) {
	t.Parallel()
	toolchain, err := FindToolchain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	try := func(tc Toolchain) error {
		return trySandbox(t.Context(), Options{Toolchain: tc, Sandbox: sandboxHere(), Command: []string{self, "child", "judge"}}, t.TempDir())
	}
	if err := try(toolchain); err != nil {
		t.Errorf("a judgement in the sandbox (%s): %v", sandboxHere(), err)
	}
	toolchain.Bin = filepath.Join(toolchain.Root, "src")
	if err := try(toolchain); err == nil {
		t.Error("a judgement in a sandbox without the go command: no error")
	}
}

// TestUnconfined: a layer that cannot be put up is no judgement, and the reason
// says so.
func TestUnconfined(t *testing.T) {
	t.Parallel()
	if len(sandboxHere().Layers) == 0 {
		t.Skip("there is no sandbox here")
	}
	o := testOptions(t, "judge")
	o.Sandbox.Layers = append(slices.Clone(o.Sandbox.Layers), sandbox.Layer("unheard-of"))
	_, err := Judge(t.Context(), Job{Head: t.TempDir()}, o)
	if _, ok := errors.AsType[*Failure](err); !ok || !strings.Contains(err.Error(), `could not be confined: there is no layer "unheard-of"`) {
		t.Errorf("Judge = %v, want a failure", err)
	}
}

// TestTreesOfSeries: a job whose trees were not named when the child started would
// be an empty repository to it.
func TestTreesOfSeries(t *testing.T) {
	t.Parallel()
	o := testOptions(t, "judge")
	o.Trees = []string{t.TempDir()}
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if res, err := s.Judge(t.Context(), Job{Head: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "Options.Trees") {
		t.Errorf("Judge of a tree elsewhere = %v, %v, want an error", res, err)
	}
}

// pry is a child that says, in the phases of its progress, what it can reach.
func pry() {
	var j Job
	if err := json.NewDecoder(os.Stdin).Decode(&j); err != nil {
		os.Exit(1)
	}
	w := &frames{w: bufio.NewWriter(os.Stdout)}
	say := func(what string, err error) {
		w.send(frameProgress, Progress{Phase: fmt.Sprintf("%s: %t", what, err == nil)})
	}
	_, err := os.ReadDir(j.Head)
	say("read its tree", err)
	say("write its tree", os.WriteFile(filepath.Join(j.Head, "x.go"), nil, 0o600))
	_, err = os.ReadFile(j.Tags[0])
	say("read a secret", err)
	_, err = net.Dial("tcp", j.Tags[1])
	say("connect", err)
	say("write its scratch", os.WriteFile(filepath.Join(os.Getenv("HOME"), "x"), nil, 0o600))
	w.send(frameResult, Result{})
	os.Exit(0)
}

// TestSurroundings: the child itself, not only what a sandbox says of itself, is
// kept from all but its job.
func TestSurroundings(t *testing.T) {
	t.Parallel()
	if !sandboxHere().Has(sandbox.Landlock) || !sandboxHere().Has(sandbox.Seccomp) {
		t.Skip(sandboxHere().Missing)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, within := range []bool{false, true} {
		var got []string
		o := testOptions(t, "pry")
		if !within {
			o.Sandbox = sandbox.Sandbox{}
		}
		o.Progress = func(p Progress) { got = append(got, p.Phase) }
		if _, err := Judge(t.Context(), Job{Head: t.TempDir(), Tags: []string{secret, l.Addr().String()}}, o); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("[read its tree: true write its tree: %t read a secret: %t connect: %t write its scratch: true]", !within, !within, !within)
		if fmt.Sprint(got) != want {
			t.Errorf("within a sandbox %t: %v, want %s", within, got, want)
		}
	}
}

// TestParentGone: a child whose parent was killed ends, whatever its job does.
func TestParentGone(t *testing.T) {
	t.Parallel()
	o := testOptions(t, "endless")
	j := job(t, txtar.Parse([]byte(trapTrees)))
	o.Trees = []string{j.Base, j.Head}
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.in.Write(append(mustJSON(j), '\n')); err != nil {
		t.Fatal(err)
	}
	// The trap is reached some time after this; that the end is seen before it is
	// as good.
	if _, _, err := readFrame(s.out); err != nil {
		t.Fatal(err)
	}
	if err := s.in.Close(); err != nil { // which is what the end of a process does
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, s.out)
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(2 * time.Minute):
		t.Error("it lives on without its parent")
	}
}
