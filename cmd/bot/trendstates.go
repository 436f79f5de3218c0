package main

import (
	"context"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/trend"
)

// states picks the last commit of each period, the oldest first, and the one
// that the first period began with. A period in which nothing was merged has
// none.
func (t *trendCommand) states(ctx context.Context, tip string) ([]trend.State, error) {
	newest, err := t.repo.When(ctx, tip)
	if err != nil {
		return nil, err
	}
	from := newest.AddDate(0, 0, -int(t.since))
	steps, err := t.repo.Steps(ctx, tip, from, t.cacheFolder(historyFolder))
	if err != nil {
		return nil, err
	}
	return trend.Pick(steps, from, time.Duration(t.every)*24*time.Hour, t.judge.policy), nil
}

// point is the number of a state among those to judge, and how long the rest
// will take: from the second on, since the first one is judged as a whole.
func (p *progress) point(done, total int, second time.Time, after int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	elapsed := time.Since(p.begun).Round(100 * time.Millisecond)
	if !p.tty {
		if p.phase != "judging" {
			fmt.Fprintf(p.w, "bot: judging (%s)\n", elapsed)
		}
		p.phase = "judging"
		return
	}
	p.phase, p.lastDraw, p.drawn = "judging", time.Now(), true
	line := fmt.Sprintf("judging state %d of %d  %s", done+1, total, elapsed)
	if after > 0 {
		left := time.Since(second) / time.Duration(after) * time.Duration(total-done)
		line += fmt.Sprintf("  about %s left", left.Round(time.Second))
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s", line)
}
