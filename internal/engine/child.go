package engine

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/crash"
)

// ChildCommand is the argument that makes the program a judge.
const ChildCommand = "judge"

// Child is the judging process: jobs come in on standard input, one after the
// other, and frames go out on standard output. It returns the exit code.
func Child(stdin io.Reader, stdout io.Writer) int {
	return child(stdin, stdout, analyzers.Checks())
}

func child(stdin io.Reader, stdout io.Writer, checks []analyzers.Check) int {
	w := &frames{w: bufio.NewWriter(stdout)}
	progress := func(p Progress) { w.send(frameProgress, p) }
	debug.SetGCPercent(maxGCPercent)
	var m memory
	m.room.Store(&reviewRoom)
	go m.watch(w)
	var judging atomic.Bool
	jobs := make(chan arrival)
	go takeJobs(stdin, jobs, &judging, w)
	var last *session
	for {
		next := <-jobs
		if errors.Is(next.err, io.EOF) && last != nil {
			return 0
		} else if next.err != nil {
			w.send(frameFailure, failure{Reason: "the job could not be read: " + next.err.Error()})
			return 1
		}
		job := next.job
		if job.MaxMemory > 0 {
			debug.SetMemoryLimit(job.MaxMemory / 10 * 9) // collect harder near the limit, and give up past it
		}
		m.limit.Store(job.MaxMemory)
		m.room.Store(roomFor(job))
		var res *Result
		s, err := newSession(context.Background(), job, checks, progress)
		if err == nil {
			s.inherit(last)
			res, err = s.judge()
			s.close()
		}
		m.bound(w) // a short job is over before the first look
		judging.Store(false)
		if err != nil {
			w.send(frameFailure, failure{Reason: err.Error()})
			return 1
		}
		w.send(frameResult, res)
		last = s
	}
}

// arrival is a job, or why there is none.
type arrival struct {
	job Job
	err error
}

// takeJobs reads jobs while another is judged, to see the end of them: a parent
// that was killed can end nobody, and a job may never end by itself.
func takeJobs(stdin io.Reader, jobs chan<- arrival, judging *atomic.Bool, w *frames) {
	in := json.NewDecoder(stdin)
	for {
		var next arrival
		next.err = in.Decode(&next.job)
		if next.err != nil && judging.Load() {
			w.send(frameFailure, failure{Reason: "nobody waits for the analysis any more"})
			os.Exit(1)
		}
		judging.Store(next.err == nil)
		jobs <- next
		if next.err != nil {
			return
		}
	}
}

// failure is a job that ended without a result, in words.
type failure struct{ Reason string }

// frames writes frames, one at a time.
type frames struct {
	mu sync.Mutex
	w  *bufio.Writer
}

func (f *frames) send(kind byte, v any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := mustJSON(v)
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(b)))
	// A parent that went away ends the process by its closed pipe.
	_, _ = f.w.Write(head)
	_, _ = f.w.Write(b)
	_ = f.w.Flush()
}

// readFrame reads the next frame; io.EOF where there is none.
func readFrame(in *bufio.Reader) (kind byte, body []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		if err == io.EOF {
			return 0, nil, io.EOF
		}
		return 0, nil, fmt.Errorf("read frame: %w", err)
	}
	if head[0] == frameResult {
		crash.At("result half-read")
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size > maxFrame {
		return 0, nil, fmt.Errorf("frame of %d bytes: %w", size, errFlood)
	}
	body, err = io.ReadAll(io.LimitReader(in, int64(size)))
	if err == nil && len(body) < int(size) {
		err = errShort
	}
	if err != nil {
		return 0, nil, fmt.Errorf("read frame: %w", err)
	}
	return head[0], body, nil
}

// errShort is not io.ErrUnexpectedEOF, which is an end of the stream to some.
var errShort = errors.New("the analysis ended within its answer")
