package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/barraiser/barraiser/internal/engine"
)

// progress says on standard error how far an analysis is: one line that is
// written over on a terminal, a line per phase elsewhere.
type progress struct {
	w        io.Writer
	tty      bool
	mu       sync.Mutex
	begun    time.Time
	phase    string
	lastDraw time.Time
	drawn    bool
}

func newProgress(w io.Writer) *progress {
	_, tty := terminal(w)
	return &progress{w: w, tty: tty, begun: time.Now()}
}

func (p *progress) show(e engine.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	elapsed := time.Since(p.begun).Round(100 * time.Millisecond)
	if !p.tty {
		if e.Phase != p.phase {
			fmt.Fprintf(p.w, "bot: %s (%s)\n", e.Phase, elapsed)
		}
		p.phase = e.Phase
		return
	}
	if e.Phase == p.phase && time.Since(p.lastDraw) < 100*time.Millisecond {
		return
	}
	p.phase, p.lastDraw, p.drawn = e.Phase, time.Now(), true
	line := fmt.Sprintf("%s  %s", e.Phase, elapsed)
	if e.Done > 0 {
		line = fmt.Sprintf("%s %d packages  %s", e.Phase, e.Done, elapsed)
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s", line)
}

// clear takes the line away again, so that it is not in what is copied.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
