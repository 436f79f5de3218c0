package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// The launcher's arguments: one of these names, what it is to do as JSON, and the
// program with its arguments.
const (
	launchName  = "barraiser-sandbox"
	attemptName = "barraiser-attempts"
	trialName   = "barraiser-trial"
	lingerName  = "barraiser-linger"
)

// launchFailed is the launcher's exit code where a layer could not be put up.
const launchFailed = 125

// FailurePrefix begins what a launcher says on standard error where it fails.
const FailurePrefix = "sandbox: "

// plan is what the launcher is to do.
type plan struct {
	Layers []Layer
	Bounds Bounds
}

// init becomes the launcher where this process was started as one. See the
// package's comment for why it is here and not in main.
func init() {
	if len(os.Args) < 2 {
		return
	}
	if os.Args[1] == trialName { // run by way of a script
		os.Exit(0)
	}
	switch os.Args[0] {
	case launchName:
		fmt.Fprintf(os.Stderr, "%s%v\n", FailurePrefix, launch(os.Args[1], os.Args[2:]))
		os.Exit(launchFailed)
	case attemptName:
		os.Exit(runAttempts(os.Args[1]))
	case trialName:
		os.Exit(0)
	case lingerName:
		_, _ = io.Copy(os.Stdout, os.Stdin) // an answer shows that it is there
		os.Exit(0)
	}
}

// launch narrows this process and becomes the wanted program. It returns only
// where that failed.
func launch(text string, argv []string) error {
	var p plan
	if err := json.Unmarshal([]byte(text), &p); err != nil || len(argv) == 0 {
		return errors.New("the launcher was started by something else than Confine")
	}
	for _, l := range p.Layers {
		put := map[Layer]func(Bounds) error{
			Namespaces: func(Bounds) error { return nil }, // made by the fork
			Limits:     func(Bounds) error { return limit() },
			Privileges: func(Bounds) error { return dropPrivileges() },
			Landlock:   restrictFiles,
			Seccomp:    func(Bounds) error { return filterCalls() },
		}[l]
		if put == nil {
			return fmt.Errorf("there is no layer %q", l)
		}
		if err := put(p.Bounds); err != nil {
			return fmt.Errorf("%s: %w", l, err)
		}
	}
	path, args := argv[0], argv[1:]
	return fmt.Errorf("run %s: %w", path, syscall.Exec(path, args, os.Environ()))
}

// Confine makes a command that was not started yet start within the bounds. Its
// path must be absolute. Its own SysProcAttr is kept and added to.
func (s Sandbox) Confine(cmd *exec.Cmd, b Bounds) error {
	if len(s.Layers) == 0 {
		return nil
	}
	self, err := ownProgram()
	if err != nil {
		return fmt.Errorf("find own program: %w", err)
	}
	b.Read, b.Programs = append([]string{os.DevNull}, b.Read...), append([]string{cmd.Path}, b.Programs...)
	text, err := json.Marshal(plan{Layers: s.Layers, Bounds: b})
	if err != nil {
		return err
	}
	cmd.Args = append([]string{launchName, string(text), cmd.Path}, cmd.Args...)
	cmd.Path = self
	if s.Has(Namespaces) {
		return separate(cmd)
	}
	return nil
}

var ownProgram = sync.OnceValues(os.Executable)

// separate gives a command namespaces of its own. The ids within are those
// outside: of root all that there are, so that it reads what root reads; of
// anybody else, the own one.
func separate(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	a := cmd.SysProcAttr
	a.Cloneflags |= unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWPID | unix.CLONE_NEWIPC
	if os.Geteuid() != 0 {
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Geteuid(), HostID: os.Geteuid(), Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getegid(), HostID: os.Getegid(), Size: 1}}
		return nil
	}
	var err error
	if a.UidMappings, err = ownIDs("/proc/self/uid_map"); err != nil {
		return err
	}
	if a.GidMappings, err = ownIDs("/proc/self/gid_map"); err != nil {
		return err
	}
	a.GidMappingsEnableSetgroups = true
	return nil
}

// ownIDs reads which ids there are in the namespace that we are in.
func ownIDs(name string) ([]syscall.SysProcIDMap, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var out []syscall.SysProcIDMap
	for line := range strings.Lines(string(data)) { // first here, first outside, how many
		f := strings.Fields(line)
		if len(f) != 3 {
			return nil, fmt.Errorf("%s: %q is no range of ids", name, line)
		}
		first, err1 := strconv.Atoi(f[0])
		size, err2 := strconv.Atoi(f[2])
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, syscall.SysProcIDMap{ContainerID: first, HostID: first, Size: size})
	}
	return out, nil
}

// Find tries which layers this machine has: it starts a process within them, which
// takes as long as starting this program twice, and counts on nothing that it did
// not see work.
func Find() Sandbox {
	s := Sandbox{Layers: AllLayers}
	for _, l := range []struct {
		layer Layer
		has   func() error
	}{{Landlock, hasLandlock}, {Seccomp, hasSeccomp}} {
		if err := l.has(); err != nil {
			s = s.without(l.layer, err.Error())
		}
	}
	for range AllLayers { // at most each of them has to go
		err := s.try()
		if err == nil {
			break
		}
		s = s.without(culprit(s, err), err.Error())
	}
	return s
}

// culprit is the layer for which a process did not start. The launcher says which
// it could not put up. Where it did not begin, it is the namespaces that the fork
// could not make, and where only the program did not, the files that it lacks.
func culprit(s Sandbox, err error) Layer {
	for _, l := range s.Layers {
		if strings.HasPrefix(err.Error(), string(l)+": ") {
			return l
		}
	}
	if _, exited := errors.AsType[*exec.ExitError](err); !exited && s.Has(Namespaces) {
		return Namespaces
	}
	if s.Has(Landlock) {
		return Landlock
	}
	return s.Layers[0]
}

// try starts a process that ends at once.
func (s Sandbox) try() error {
	self, err := ownProgram()
	if err != nil {
		return err
	}
	cmd := &exec.Cmd{Path: self, Args: []string{trialName, ""}, Env: []string{}}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := s.Confine(cmd, Bounds{}); err != nil {
		return err
	}
	if err := cmd.Run(); err != nil {
		said := strings.TrimPrefix(strings.TrimSpace(stderr.String()), FailurePrefix)
		if said == "" {
			return err
		}
		return fmt.Errorf("%s (%w)", said, err)
	}
	return nil
}

// limit bounds what a process takes of the machine beside memory and time.
func limit() error {
	for _, l := range []struct {
		of  int
		max uint64
	}{
		{unix.RLIMIT_CORE, 0},           // it would hold what it read
		{unix.RLIMIT_NOFILE, 4096},      // the go command asks for hundreds
		{unix.RLIMIT_FSIZE, 2 << 30},    // one file; facts of a package are some MiB
		{unix.RLIMIT_MSGQUEUE, 0},       // none is used
		{unix.RLIMIT_MEMLOCK, 64 << 10}, // not resident where nobody sees it
	} {
		var now unix.Rlimit
		if err := unix.Prlimit(0, l.of, nil, &now); err != nil {
			return err
		}
		most := min(l.max, now.Max)
		if err := unix.Prlimit(0, l.of, &unix.Rlimit{Cur: most, Max: most}, nil); err != nil {
			return err
		}
	}
	return nil
}

// keptCapabilities are those by which root reads the files of others: without
// them a module cache that belongs to somebody else would be closed to it. What
// may be read at all is Landlock's to say.
var keptCapabilities = []uintptr{unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH}

// dropPrivileges makes sure that no program run from here gains anything. Of
// anybody but root, nothing else is there to drop.
func dropPrivileges() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return nil
	}
	for c := uintptr(0); c <= unix.CAP_LAST_CAP; c++ {
		if c == keptCapabilities[0] || c == keptCapabilities[1] {
			continue
		}
		// EINVAL: a capability that this kernel does not know.
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil && !errors.Is(err, unix.EINVAL) {
			return err
		}
	}
	return unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
}
