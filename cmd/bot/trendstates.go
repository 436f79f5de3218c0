package main

import (
	"context"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/trend"
)

// states picks the last commit of each period, the oldest first, and the one
// that the first period began with. A period in which nothing was merged has
// none. What the branch is read with beside them goes to out.
func (t *trendCommand) states(ctx context.Context, tip string, out *report.Trend) ([]trend.State, error) {
	newest, err := t.repo.When(ctx, tip)
	if err != nil {
		return nil, err
	}
	from := newest.AddDate(0, 0, -int(t.since))
	back := from // what risk is ranked in is a year, whatever is shown
	if aYear := newest.AddDate(0, 0, -year); aYear.Before(from) {
		back = aYear
	}
	steps, err := t.repo.Steps(ctx, tip, back, t.cacheFolder(historyFolder))
	if err != nil {
		return nil, err
	}
	states := trend.Pick(steps, from, time.Duration(t.every)*24*time.Hour, t.judge.policy)
	if len(states) > 0 {
		from = states[0].At
	}
	if out.Events, err = trend.Events(ctx, t.repo, steps, from, nil, t.cacheFolder(historyFolder)); err != nil {
		return nil, err
	}
	if shallow, err := t.repo.Shallow(); err != nil || shallow {
		return states, err // who changed what before is not known
	}
	if risk, ok := trend.Risk(steps); ok {
		out.Risk = &risk
	}
	return states, nil
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
