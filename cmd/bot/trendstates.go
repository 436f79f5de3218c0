package main

import (
	"context"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/git"
)

// state is one commit to judge.
type state struct {
	commit string
	at     time.Time
	merged []debt.Merged // what the branch took in since the state before
}

// firstMonday is where periods are counted from, so that those of one run are
// those of the next, whatever was merged between the two.
var firstMonday = time.Date(1970, time.January, 5, 0, 0, 0, 0, time.UTC)

// states picks the last commit of each period, the oldest first, and the one
// that the first period began with. A period in which nothing was merged has
// none.
func (t *trendCommand) states(ctx context.Context, tip string) ([]state, error) {
	newest, err := t.repo.When(ctx, tip)
	if err != nil {
		return nil, err
	}
	from := newest.AddDate(0, 0, -int(t.since))
	steps, err := t.repo.Steps(ctx, tip, from, t.cacheFolder("history"))
	if err != nil {
		return nil, err
	}
	return pickStates(steps, from, time.Duration(t.every)*24*time.Hour), nil
}

// pickStates walks from the newest step back. The clock of a commit may be
// wrong, so a period once left is not entered again.
func pickStates(steps []git.Step, from time.Time, every time.Duration) []state {
	var picked []state // the newest first
	begin := time.Time{}
	for _, s := range steps {
		if len(picked) == 0 || s.When.Before(begin) && !s.When.IsZero() {
			picked = append(picked, state{commit: s.Commit, at: s.When})
			begin = s.When.Add(-mod(s.When.Sub(firstMonday), every))
			if s.When.Before(from) {
				break // what the first period began with
			}
		}
		last := &picked[len(picked)-1]
		last.merged = append(last.merged, merged(s))
	}
	for i, j := 0, len(picked)-1; i < j; i, j = i+1, j-1 {
		picked[i], picked[j] = picked[j], picked[i]
	}
	return picked
}

func mod(d, by time.Duration) time.Duration { return ((d % by) + by) % by }

func merged(s git.Step) debt.Merged {
	m := debt.Merged{Commit: s.Commit, Title: mergedTitle(s)}
	for _, f := range s.Files {
		m.Files = append(m.Files, f.Path)
		if f.OldPath != "" {
			m.Files = append(m.Files, f.OldPath)
		}
	}
	return m
}

// ages are touches as seen from a commit.
func ages(read []git.Touch, at time.Time) []debt.Touch {
	out := make([]debt.Touch, 0, len(read))
	for _, t := range read {
		// A clock that is ahead makes a commit newer than what follows it.
		age := max(0, at.Sub(t.When).Hours()/24)
		out = append(out, debt.Touch{Commit: t.Commit, Author: t.Author, Age: age, File: t.Path, Symbol: t.Symbol})
	}
	return out
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
