package engine

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/barraiser/barraiser/internal/crash"
	"github.com/barraiser/barraiser/internal/process"
	"github.com/barraiser/barraiser/internal/sandbox"
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
		return Toolchain{}, fmt.Errorf("run go env in the temporary folder: %w", err)
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
	Cache string
	// Packages is the folder that keeps what was found in the packages of the
	// repository of the jobs, and may serve no other; made where it is missing;
	// empty: none.
	Packages string
	// Sandbox is what confines the child; the zero value does not.
	Sandbox sandbox.Sandbox
	// Trees are the folders below which the trees of all jobs lie. Within a sandbox
	// nothing else of the repository can be read. Judge knows them from its job.
	Trees   []string
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

var (
	errFlood   = errors.New("the analysis wrote more than it may")
	errLingers = errors.New("the analysis did not end")
)

// Judge has one job judged by a child process of its own. The error is a
// *Failure where the child did not come to a result, and ctx.Err() where the
// caller cancelled; nothing of the child outlives the call.
func Judge(ctx context.Context, job Job, o Options) (*Result, error) {
	if job.Packed == nil {
		o.Trees = slices.DeleteFunc([]string{job.Base, job.Head}, func(dir string) bool { return dir == "" })
	}
	s, err := Start(ctx, o)
	if err != nil {
		return nil, err
	}
	res, err := s.Judge(ctx, job)
	s.Close()
	if err == nil {
		res.PeakMiB = max(res.PeakMiB, int(peakOf(s.cmd.ProcessState)>>20))
	}
	return res, err
}

// Series is a child process that judges job after job. What it learned of
// packages outside of the repository serves the jobs that follow, so the jobs
// should be of one repository, and each trust the others as much.
type Series struct {
	o      Options
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
	run    context.Context
	stop   context.CancelCauseFunc
	limit  atomic.Int64 // bytes of memory of the job being judged; 0: none
	peak   atomic.Int64
	ended  chan struct{} // closed when the watch has to end
	watch  sync.WaitGroup
	closed sync.Once
	exit   error // of the process, once closed
}

// Start starts the child. Close must be called.
func Start(ctx context.Context, o Options) (*Series, error) {
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
	s := &Series{o: o, ended: make(chan struct{})}
	s.run, s.stop = context.WithCancelCause(ctx)
	s.cmd = exec.CommandContext(s.run, argv[0], argv[1:]...)
	s.cmd.Env = env
	s.cmd.Dir = o.Scratch
	s.cmd.Stderr = &capped{w: &s.stderr, left: 64 << 10}
	s.cmd.WaitDelay = 2 * time.Second // a grandchild may hold the pipe
	process.Group(s.cmd)
	if err := confine(s.cmd, o); err != nil {
		s.stop(nil)
		return nil, err
	}
	in, inErr := s.cmd.StdinPipe()
	out, outErr := s.cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr); err != nil {
		s.stop(nil)
		return nil, fmt.Errorf("start judge: %w", err)
	}
	s.in, s.out = in, bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		defer s.stop(nil)
		if s.run.Err() != nil { // cancelled before it began
			return nil, context.Cause(s.run)
		}
		return nil, fmt.Errorf("start judge: %w", err)
	}
	crash.At("judge started")
	s.watch.Go(func() {
		watchGroup(s.cmd.Process.Pid, s.ended, func(resident int64) {
			s.peak.Store(max(s.peak.Load(), resident))
			if limit := s.limit.Load(); limit > 0 && resident > limit+limit/8 {
				s.stop(&Failure{memoryReason(limit)})
			}
		})
	})
	return s, nil
}

// Judge has a job judged. The error is as of the function Judge. After an error
// the child is gone, and the series must be closed and started anew.
func (s *Series) Judge(ctx context.Context, job Job) (*Result, error) {
	if err := s.o.readable(job); err != nil {
		return nil, err
	}
	if err := useCache(&job, s.o); err != nil {
		return nil, err
	}
	job.Toolchain = s.o.Toolchain.Version
	s.limit.Store(job.MaxMemory)
	defer context.AfterFunc(ctx, func() { s.stop(ctx.Err()) })()
	if s.o.Timeout > 0 {
		timer := time.AfterFunc(s.o.Timeout, func() {
			s.stop(&Failure{fmt.Sprintf("the analysis took longer than --timeout allows (%s)", s.o.Timeout)})
		})
		defer timer.Stop()
	}
	// A child that died does not read; how it died is what counts.
	_, _ = s.in.Write(append(mustJSON(job), '\n'))
	res, readErr := receive(s.out, s.o.Progress)
	if readErr != nil {
		s.stop(readErr)
	}
	if res == nil {
		s.Close()
		return nil, s.failure(ctx, readErr)
	}
	if err := adoptAll(&job); err != nil {
		return nil, err
	}
	res.PeakMiB = int(s.peak.Load() >> 20)
	return res, nil
}

// failure says why there is no result.
func (s *Series) failure(ctx context.Context, readErr error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var f *Failure
	switch cause := context.Cause(s.run); {
	case errors.As(cause, &f):
		return f
	case readErr != nil:
		return &Failure{readErr.Error()}
	}
	return &Failure{died(s.exit, s.stderr.String())}
}

// Close ends the child, and what it started and left.
func (s *Series) Close() {
	s.closed.Do(func() {
		_ = s.in.Close() // the end of the jobs is the end of the child
		patience := time.AfterFunc(2*time.Second, func() { s.stop(errLingers) })
		_, _ = io.Copy(io.Discard, s.out)
		s.exit = s.cmd.Wait()
		patience.Stop()
		close(s.ended)
		s.watch.Wait()
		process.End(s.cmd)
		s.stop(nil)
	})
}

// useCache lets the job use what is kept. The toolchain is part of what names
// an entry, since the standard library lies under one path in all versions.
func useCache(job *Job, o Options) error {
	program, err := Program()
	if err != nil {
		return err
	}
	job.Program, job.Cache, job.Packages = program+" "+o.Toolchain.Version, o.Cache, o.Packages
	for _, part := range []struct {
		cache, name string
		outbox      *string
	}{{o.Cache, "outbox", &job.Outbox}, {o.Packages, "packages", &job.PackagesOutbox}} {
		if part.cache == "" {
			continue
		}
		*part.outbox = filepath.Join(o.Scratch, part.name)
		if err := errors.Join(os.MkdirAll(part.cache, 0o700), os.MkdirAll(*part.outbox, 0o700)); err != nil {
			return fmt.Errorf("use the cache: %w", err)
		}
	}
	return nil
}

// adoptAll takes over what a job made that ended well. The packages of all
// repositories lie side by side and have one bound.
func adoptAll(job *Job) error {
	if job.Cache != "" {
		n, err := adopt(job.Outbox, job.Cache)
		if err := errors.Join(err, pruneNow(job.Cache, MaxFacts, n)); err != nil {
			return err
		}
	}
	if job.Packages != "" {
		n, err := adopt(job.PackagesOutbox, job.Packages)
		return errors.Join(err, pruneNow(filepath.Dir(job.Packages), MaxPackages, n))
	}
	return nil
}

// receive reads the child's frames up to a result; nil where they end before.
func receive(out *bufio.Reader, progress func(Progress)) (*Result, error) {
	for {
		kind, body, err := readFrame(out)
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		switch kind {
		case frameProgress:
			var p Progress
			if err := json.Unmarshal(body, &p); err != nil {
				return nil, fmt.Errorf("read progress: %w", err)
			}
			if progress != nil {
				progress(p)
			}
		case frameResult:
			res := new(Result)
			if err := json.Unmarshal(body, res); err != nil {
				return nil, fmt.Errorf("read result: %w", err)
			}
			return res, nil
		case frameFailure:
			var f failure
			if err := json.Unmarshal(body, &f); err != nil {
				return nil, fmt.Errorf("read failure: %w", err)
			}
			return nil, &Failure{f.Reason}
		default:
			return nil, errors.New("the analysis answered with something else than frames")
		}
	}
}

// died says in one line how the child ended.
func died(err error, stderr string) string {
	for line := range strings.Lines(stderr) {
		if why, ok := strings.CutPrefix(line, sandbox.FailurePrefix); ok {
			return "the analysis could not be confined: " + strings.TrimSpace(why)
		}
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
		"GOMAXPROCS=" + strconv.Itoa(runtime.GOMAXPROCS(0)), // within a sandbox the machine's limits cannot be read
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
