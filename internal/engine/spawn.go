package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
)

// Toolchain is the Go installation that lists packages, and where modules lie.
type Toolchain struct {
	Bin      string // the folder of the go command
	Version  string // "go1.26.0"
	Root     string // GOROOT
	ModCache string // GOMODCACHE
}

// FindToolchain asks the go command on PATH.
func FindToolchain(ctx context.Context) (Toolchain, error) {
	bin, err := exec.LookPath("go")
	if err != nil {
		return Toolchain{}, fmt.Errorf("find the go command, by which packages are listed: %w; install Go (https://go.dev/dl)", err)
	}
	// Away from the repository: its go.mod may name another toolchain.
	cmd := exec.CommandContext(ctx, bin, "env", "-json", "GOROOT", "GOVERSION", "GOMODCACHE")
	cmd.Dir = os.TempDir()
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local")
	out, err := cmd.Output()
	if err != nil {
		return Toolchain{}, fmt.Errorf("go env: %w", err)
	}
	var env struct{ GOROOT, GOVERSION, GOMODCACHE string }
	if err := json.Unmarshal(out, &env); err != nil {
		return Toolchain{}, fmt.Errorf("go env: %w", err)
	}
	return Toolchain{Bin: filepath.Join(env.GOROOT, "bin"), Version: env.GOVERSION, Root: env.GOROOT, ModCache: env.GOMODCACHE}, nil
}

// Options bound the child.
type Options struct {
	Toolchain Toolchain
	// Scratch is an empty folder for the child's HOME, caches and temporary
	// files; the caller removes it.
	Scratch string
	// Cache is the folder of the fact cache, made where it is missing; empty: none.
	Cache   string
	Timeout time.Duration // wall clock; 0: none
	// Progress is called, if not nil, from one goroutine.
	Progress func(Progress)
	// Command re-executes the program as a judge; nil: this executable with
	// ChildCommand.
	Command []string
}

// Failure says that a job could not be judged: the child died, hung, flooded or
// passed a limit. The reason is for people.
type Failure struct{ Reason string }

func (f *Failure) Error() string { return f.Reason }

var errFlood = errors.New("the analysis wrote more than it may")

// Judge has the job judged by a child process. The error is a *Failure where
// the child did not come to a result, and ctx.Err() where the caller
// cancelled; nothing of the child outlives the call.
func Judge(ctx context.Context, job Job, o Options) (*Result, error) {
	argv := o.Command
	if argv == nil {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find own program: %w", err)
		}
		argv = []string{self, ChildCommand}
	}
	env, err := childEnv(o)
	if err != nil {
		return nil, err
	}
	if err := useCache(&job, o); err != nil {
		return nil, err
	}
	job.Toolchain = o.Toolchain.Version
	run, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if o.Timeout > 0 {
		timer := time.AfterFunc(o.Timeout, func() {
			stop(&Failure{fmt.Sprintf("the analysis took longer than --timeout allows (%s)", o.Timeout)})
		})
		defer timer.Stop()
	}

	cmd := exec.CommandContext(run, argv[0], argv[1:]...)
	cmd.Env = env
	cmd.Dir = o.Scratch
	cmd.Stdin = bytes.NewReader(mustJSON(job))
	var stderr bytes.Buffer
	cmd.Stderr = &capped{w: &stderr, left: 64 << 10}
	cmd.WaitDelay = 2 * time.Second // a grandchild may hold the pipe
	ownGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start judge: %w", err)
	}
	if err := cmd.Start(); err != nil {
		if run.Err() != nil { // cancelled, or out of time, before it began
			return nil, context.Cause(run)
		}
		return nil, fmt.Errorf("start judge: %w", err)
	}
	var peak atomic.Int64
	watched := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(watched)
		watchGroup(cmd.Process.Pid, ended, func(resident int64) {
			peak.Store(max(peak.Load(), resident))
			if job.MaxMemory > 0 && resident > job.MaxMemory+job.MaxMemory/8 {
				stop(&Failure{memoryReason(job.MaxMemory)})
			}
		})
	}()

	res, readErr := receive(out, o.Progress)
	if readErr != nil {
		stop(readErr)
	}
	waitErr := cmd.Wait()
	close(ended)
	<-watched
	endGroup(cmd) // what the child started and left

	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var f *Failure
	switch cause := context.Cause(run); {
	case errors.As(cause, &f):
		return nil, f
	case readErr != nil:
		return nil, &Failure{readErr.Error()}
	case waitErr != nil || res == nil:
		return nil, &Failure{died(waitErr, stderr.String())}
	}
	if o.Cache != "" {
		if err := adopt(job.Outbox, o.Cache); err != nil {
			return nil, err
		}
	}
	res.PeakMiB = int(max(peak.Load(), peakOf(cmd.ProcessState)) >> 20)
	return res, nil
}

// useCache lets the job use the fact cache. The toolchain is part of what names
// an entry, since the standard library lies under one path in all versions.
func useCache(job *Job, o Options) error {
	if o.Cache == "" {
		return nil
	}
	program, err := Program()
	if err != nil {
		return err
	}
	job.Program, job.Cache, job.Outbox = program+" "+o.Toolchain.Version, o.Cache, filepath.Join(o.Scratch, "outbox")
	if err := errors.Join(os.MkdirAll(o.Cache, 0o700), os.Mkdir(job.Outbox, 0o700)); err != nil {
		return fmt.Errorf("use the fact cache: %w", err)
	}
	return nil
}

// receive reads the child's frames up to its result.
func receive(out interface{ Read([]byte) (int, error) }, progress func(Progress)) (*Result, error) {
	var res *Result
	err := readFrames(out, func(kind byte, body []byte) error {
		switch kind {
		case frameProgress:
			var p Progress
			if err := json.Unmarshal(body, &p); err != nil {
				return fmt.Errorf("read progress: %w", err)
			}
			if progress != nil {
				progress(p)
			}
		case frameResult:
			res = new(Result)
			if err := json.Unmarshal(body, res); err != nil {
				return fmt.Errorf("read result: %w", err)
			}
		case frameFailure:
			var f failure
			if err := json.Unmarshal(body, &f); err != nil {
				return fmt.Errorf("read failure: %w", err)
			}
			return &Failure{f.Reason}
		default:
			return errors.New("the analysis answered with something else than frames")
		}
		return nil
	})
	return res, err
}

// died says in one line how the child ended.
func died(err error, stderr string) string {
	for line := range strings.Lines(stderr) {
		if strings.HasPrefix(line, "fatal error:") || strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "runtime: goroutine stack exceeds") {
			return "the analysis died: " + strings.TrimSpace(line)
		}
	}
	if err != nil {
		return "the analysis died: " + err.Error()
	}
	return "the analysis ended without a result"
}

// childEnv is the whole environment of the child: nothing is inherited, so no
// secret and no setting of the user's can reach it. GOENV=off, since an empty
// GOFLAGS would fall through to the user's file.
func childEnv(o Options) ([]string, error) {
	dirs := map[string]string{}
	for _, name := range []string{"home", "tmp", "gotmp", "gocache"} {
		dir := filepath.Join(o.Scratch, name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make room for the judge: %w", err)
		}
		dirs[name] = dir
	}
	if err := noTelemetry(dirs["home"]); err != nil {
		return nil, fmt.Errorf("make room for the judge: %w", err)
	}
	env := []string{
		"PATH=" + o.Toolchain.Bin,
		"HOME=" + dirs["home"],
		"TMPDIR=" + dirs["tmp"],
		"GOTMPDIR=" + dirs["gotmp"],
		"GOCACHE=" + dirs["gocache"],
		"GOROOT=" + o.Toolchain.Root,
		"GOMODCACHE=" + o.Toolchain.ModCache,
		"GOENV=off",
		"GOFLAGS=-mod=readonly -buildvcs=false",
		"GOTOOLCHAIN=local",
		"GOWORK=off",
		"GOPROXY=off",
		"GOSUMDB=off",
		"GOVCS=*:off",
		"GOPACKAGESDRIVER=off",
		"GOAUTH=off",
		"CGO_ENABLED=0",
		"GOTELEMETRY=off",
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_TERMINAL_PROMPT=0",
		"LC_ALL=C",
	}
	return append(env, systemEnv()...), nil
}

// noTelemetry switches off the go command's counting for a home folder. The
// variable GOTELEMETRY does not: it is an output of go env only. In a home
// without this file the go command starts a process in a session of its own,
// which outlives it and writes there.
func noTelemetry(home string) error {
	config := map[string]string{"darwin": "Library/Application Support", "ios": "Library/Application Support", "plan9": "lib"}[runtime.GOOS]
	dir := filepath.Join(home, cmp.Or(config, ".config"), "go", "telemetry") // os.UserConfigDir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "mode"), []byte("off"), 0o600)
}
