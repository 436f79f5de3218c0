package sandbox

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// elsewhere are attempts that some machines refuse to everybody.
var elsewhere = []string{"make a socket by io_uring", "trace the parent", "become root of namespaces"}

// TestEscapes holds that each attempt succeeds where there is no sandbox, or it
// would show nothing, and that none does within all that this machine has.
func TestEscapes(t *testing.T) {
	open, err := Sandbox{}.Escapes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range append(attempts, attempt{name: outlive}) {
		if !slices.Contains(open, a.name) && !slices.Contains(elsewhere, a.name) {
			t.Errorf("without a sandbox it could not %s: the attempt is wrong", a.name)
		}
	}
	s := Find()
	t.Logf("in force: %s; missing: %v", s, s.Missing)
	closed, err := s.Escapes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Missing) == 0 && len(closed) > 0 {
		t.Errorf("with all layers it could: %s", strings.Join(closed, "; "))
	}
}

// TestLayers holds what each layer is for: alone, it stops these.
func TestLayers(t *testing.T) {
	found := Find()
	for layer, stops := range map[Layer][]string{
		Namespaces: {
			"connect by TCP", "send by UDP", "send a signal to the parent", "send a signal to a thread of the parent",
			"trace the parent", "lower the parent's limits", outlive,
		},
		Landlock: {
			"read a file outside", "list a folder outside", "write a file outside", "remove a file outside", "move a file in from outside",
			"link a file in from outside", "run a program of the machine", "run a program of its own making", "read the parent's environment",
		},
		Seccomp: {
			"connect by TCP", "send by UDP", "connect to a socket in the file system", "make a socket by io_uring", "empty a file outside",
			"change a file's mode outside", "change a file's time outside", "send a signal to the parent", "trace the parent",
			"lower the parent's limits", "leave its group of processes", "become root of namespaces", outlive,
		},
	} {
		t.Run(string(layer), func(t *testing.T) {
			if !found.Has(layer) {
				t.Skip(found.Missing[layer])
			}
			got, err := Sandbox{Layers: []Layer{layer}}.Escapes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range stops {
				if slices.Contains(got, name) {
					t.Errorf("it could %s", name)
				}
			}
		})
	}
}

// TestUnprivileged is the same for a process that is not root's.
func TestUnprivileged(t *testing.T) {
	if os.Getenv("SANDBOX_AS") != "" {
		TestEscapes(t)
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("the other tests run as somebody else than root already")
	}
	program := t.TempDir() + "/test" // where nobody can reach it
	data, err := os.ReadFile(must(os.Executable()))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, data, 0o755); err != nil {
		t.Fatal(err)
	}
	for dir := program; dir != os.TempDir() && dir != "/"; dir = dir[:strings.LastIndex(dir, "/")] {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "-test.run=^TestUnprivileged$", "-test.v")
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "SANDBOX_AS=nobody", "TMPDIR=/tmp")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("as nobody: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}

func must(s string, err error) string {
	if err != nil {
		panic(err)
	}
	return s
}

// TestConfineFails: where a layer cannot be put up there is no process.
func TestConfineFails(t *testing.T) {
	cmd := exec.Command("/bin/sh", "-c", "echo ran")
	if err := (Sandbox{Layers: []Layer{"unheard-of"}}).Confine(cmd, Bounds{}); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != launchFailed || string(out) != FailurePrefix+"there is no layer \"unheard-of\"\n" {
		t.Errorf("a sandbox of an unknown layer: %v, %q", err, out)
	}
}
