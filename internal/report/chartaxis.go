package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// dateTicks marks days, months or years, at most so many.
type dateTicks int

// Ticks is plot.Ticker's.
func (n dateTicks) Ticks(low, high float64) []plot.Tick {
	from, to := time.Unix(int64(low), 0).UTC(), time.Unix(int64(high), 0).UTC()
	days := to.Sub(from).Hours() / 24
	next := func(at time.Time, step int) time.Time { return at.AddDate(0, step, 0) }
	begin := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC)
	steps, layout := []int{1, 2, 3, 6, 12, 24, 60, 120}, "Jan 2006"
	if days < 70 {
		next = func(at time.Time, step int) time.Time { return at.AddDate(0, 0, step) }
		begin = time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)
		steps, layout = []int{1, 2, 7, 14, 28}, "2 Jan"
	}
	var ticks []plot.Tick
	for _, step := range steps {
		ticks = nil
		at := begin
		for step > 1 && layout == "Jan 2006" && (int(at.Month())-1)%min(step, 12) != 0 {
			at = at.AddDate(0, -1, 0) // on the quarters and years of the calendar
		}
		for ; !at.After(to); at = next(at, step) {
			if !at.Before(from) {
				ticks = append(ticks, plot.Tick{Value: unix(at), Label: at.Format(layout)})
			}
		}
		if len(ticks) <= int(n) {
			break
		}
	}
	return ticks
}

// amountTicks marks minutes, as hours where they are many; true: as minutes in
// any case.
type amountTicks bool

// Ticks is plot.Ticker's.
func (inMinutes amountTicks) Ticks(low, high float64) []plot.Tick {
	unit, suffix := 60.0, " h"
	if bool(inMinutes) || max(high, -low) < 240 {
		unit, suffix = 1, " min"
	}
	step := niceStep((high - low) / unit / 5)
	var ticks []plot.Tick
	for v := math.Ceil(low/unit/step) * step; v <= high/unit; v += step {
		// −0 would be shown with its sign.
		ticks = append(ticks, plot.Tick{Value: v * unit, Label: fmt.Sprintf("%g", math.Abs(math.Round(v*100)/100)) + suffix})
	}
	return ticks
}

// niceStep is 1, 2 or 5 times a power of ten, at least v.
func niceStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(max(v, 1e-9))))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= v {
			return m * power
		}
	}
	return 10 * power
}

// spread moves names apart that would be written over each other, each as little
// as possible downwards, and all back up where they leave the chart.
func spread(at plotter.XYs, apart, low, high float64) {
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(at[b].Y, at[a].Y) })
	ceiling := high
	for _, i := range order {
		at[i].Y = min(at[i].Y, ceiling)
		ceiling = at[i].Y - apart
	}
	floor := low
	for _, i := range slices.Backward(order) {
		at[i].Y = max(at[i].Y, floor)
		floor = at[i].Y + apart
	}
}
