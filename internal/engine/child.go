package engine

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/barraiser/barraiser/internal/analyzers"
)

// ChildCommand is the argument that makes the program a judge.
const ChildCommand = "judge"

// Child is the judging process: a job comes in on standard input, frames go
// out on standard output. It returns the exit code.
func Child(stdin io.Reader, stdout io.Writer) int {
	return child(stdin, stdout, analyzers.Checks())
}

func child(stdin io.Reader, stdout io.Writer, checks []analyzers.Check) int {
	w := &frames{w: bufio.NewWriter(stdout)}
	var job Job
	if err := json.NewDecoder(stdin).Decode(&job); err != nil {
		w.send(frameFailure, failure{Reason: "the job could not be read: " + err.Error()})
		return 1
	}
	if job.MaxMemory > 0 {
		// Collect harder near the limit, and give up past it.
		debug.SetMemoryLimit(job.MaxMemory / 10 * 9)
		go watchMemory(job.MaxMemory, w)
	}
	progress := func(p Progress) { w.send(frameProgress, p) }
	res, err := newSession(context.Background(), job, checks, progress).judge()
	if err != nil {
		w.send(frameFailure, failure{Reason: err.Error()})
		return 1
	}
	w.send(frameResult, res)
	return 0
}

// failure is a job that ended without a result, in words.
type failure struct{ Reason string }

// watchMemory ends the process when its memory passes the limit. The parent
// watches too, from outside; this one also works where there is no /proc.
func watchMemory(limit int64, w *frames) {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	for range time.Tick(50 * time.Millisecond) {
		metrics.Read(sample)
		if used := sample[0].Value.Uint64() - sample[1].Value.Uint64(); used > uint64(limit) {
			w.send(frameFailure, failure{Reason: memoryReason(limit)})
			os.Exit(1)
		}
	}
}

func memoryReason(limit int64) string {
	return fmt.Sprintf("the analysis needed more memory than --max-memory allows (%d MiB)", limit>>20)
}

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

// readFrames hands each frame to got until the stream ends.
func readFrames(r io.Reader, got func(kind byte, body []byte) error) error {
	in := bufio.NewReader(r)
	for {
		var head [5]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			if err == io.EOF {
				return nil
			}
			return fmt.Errorf("read frame: %w", err)
		}
		size := binary.BigEndian.Uint32(head[1:])
		if size > maxFrame {
			return fmt.Errorf("frame of %d bytes: %w", size, errFlood)
		}
		body, err := io.ReadAll(io.LimitReader(in, int64(size)))
		if err == nil && len(body) < int(size) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return fmt.Errorf("read frame: %w", err)
		}
		if err := got(head[0], body); err != nil {
			return err
		}
	}
}
