package main

import (
	"context"
	"slices"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/trend"
)

// explain judges each change on the way of the largest jumps, so that what each of
// them did is measured, and not split by files. A jump that cannot be taken apart,
// since a state between is not whole, stays as it was. Where it is cancelled, what
// was found out so far stands.
func (t *trendCommand) explain(ctx context.Context, out *report.Trend, states []trend.State) error {
	newest := t.judge.newest // of the trend: the hotspots are of it
	defer func() { t.judge.newest = newest }()
	for i := range out.Jumps {
		j := &out.Jumps[i]
		if len(states[j.Point].Merged) < 2 {
			j.Measured = true // it was this one
			continue
		}
		points, err := t.judge.all(ctx, between(states[j.Point-1], states[j.Point]))
		if err != nil {
			return err
		}
		j.Measure(points)
	}
	return nil
}

// between are the states from one to the next, each made by one change.
func between(from, to trend.State) []trend.State {
	way := []trend.State{{Commit: from.Commit, At: from.At}}
	for _, m := range slices.Backward(to.Merged) {
		way = append(way, trend.State{Commit: m.Commit, At: to.At, Merged: []debt.Merged{m}})
	}
	return way
}
