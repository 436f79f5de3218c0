package report

import (
	"math"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

func labels(ticks []plot.Tick) string {
	var out []string
	for _, t := range ticks {
		out = append(out, t.Label)
	}
	return strings.Join(out, ", ")
}

func TestDateTicks(t *testing.T) {
	at := func(text string) float64 {
		when, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return unix(when)
	}
	for _, tt := range []struct {
		from, to string
		n        int
		want     string
	}{
		{"2026-01-05", "2026-01-26", 4, "5 Jan, 12 Jan, 19 Jan, 26 Jan"},
		{"2026-01-28", "2026-08-04", 7, "Feb 2026, Mar 2026, Apr 2026, May 2026, Jun 2026, Jul 2026, Aug 2026"},
		{"2026-01-28", "2026-08-04", 3, "Mar 2026, May 2026, Jul 2026"},
		{"2016-03-01", "2026-03-01", 3, "Jan 2021, Jan 2026"},
	} {
		if got := labels(dateTicks(tt.n).Ticks(at(tt.from), at(tt.to))); got != tt.want {
			t.Errorf("dateTicks(%d) of %s to %s: %s, want %s", tt.n, tt.from, tt.to, got, tt.want)
		}
	}
}

func TestAmountTicks(t *testing.T) {
	for _, tt := range []struct {
		low, high float64
		minutes   bool
		want      string
	}{
		{0, 100, false, "0 min, 20 min, 40 min, 60 min, 80 min, 100 min"},
		{1400, 1460, false, "23.4 h, 23.6 h, 23.8 h, 24 h, 24.2 h"},
		{180, 260, true, "180 min, 200 min, 220 min, 240 min, 260 min"},
		{-30, 30, false, "20 min, 0 min, 20 min"},
	} {
		if got := labels(amountTicks(tt.minutes).Ticks(tt.low, tt.high)); got != tt.want {
			t.Errorf("amountTicks(%t) of %g to %g: %s, want %s", tt.minutes, tt.low, tt.high, got, tt.want)
		}
	}
}

func TestSpread(t *testing.T) {
	at := plotter.XYs{{Y: 5}, {Y: 5}, {Y: 99}, {Y: 0}}
	spread(at, 10, 0, 100)
	for i := range at {
		if at[i].Y < 0 || at[i].Y > 100 {
			t.Errorf("name %d is at %g, outside", i, at[i].Y)
		}
		for j := range i {
			if math.Abs(at[i].Y-at[j].Y) < 10-1e-9 {
				t.Errorf("names %d and %d are at %g and %g, want 10 apart", i, j, at[i].Y, at[j].Y)
			}
		}
	}
}

// TestSquarify: the tiles fill the rectangle in proportion and do not overlap.
func TestSquarify(t *testing.T) {
	areas := []float64{60, 30, 20, 20, 10, 5, 3, 1, 1}
	tiles := make([]tile, len(areas))
	for i, a := range areas {
		tiles[i].area = a
	}
	squarify(tiles, 0, 0, 300, 200)
	for i, a := range tiles {
		if want := areas[i] * 300 * 200 / 150; math.Abs(a.w*a.h-want) > 1e-6*want {
			t.Errorf("tile %d has %g, want %g", i, a.w*a.h, want)
		}
		if a.x < -1e-9 || a.y < -1e-9 || a.x+a.w > 300+1e-6 || a.y+a.h > 200+1e-6 {
			t.Errorf("tile %d is outside: %+v", i, a)
		}
		for j, b := range tiles[:i] {
			if min(a.x+a.w, b.x+b.w)-max(a.x, b.x) > 1e-6 && min(a.y+a.h, b.y+b.h)-max(a.y, b.y) > 1e-6 {
				t.Errorf("tiles %d and %d overlap", i, j)
			}
		}
	}
	squarify(nil, 0, 0, 1, 1)
	squarify(make([]tile, 2), 0, 0, 1, 1) // nothing to share out
}

// TestChartCut: only an axis that leaves something out is said to.
func TestChartCut(t *testing.T) {
	at := []time.Time{time.Unix(0, 0), time.Unix(86400, 0)}
	for _, test := range []struct {
		name  string
		chart chart
		cut   bool
	}{
		{"far from 0", chart{lines: []chartLine{{"debt", []float64{100, 120}}}}, true},
		{"near 0", chart{lines: []chartLine{{"debt", []float64{1, 120}}}}, false},
		{"from 0", chart{lines: []chartLine{{"debt", []float64{100, 120}}}, zero: true}, false},
		{"the band reaches 0", chart{
			lines: []chartLine{{"debt", []float64{100, 120}}},
			band:  &chartBand{at: at, low: []float64{80, 0}, middle: []float64{100, 100}, high: []float64{120, 130}},
		}, false},
		{"up and down", chart{lines: []chartLine{{"in", []float64{100, 120}}, {"out", []float64{100, 120}}}, bars: true}, false},
	} {
		test.chart.at, test.chart.known = at, []bool{true, true}
		if got := test.chart.cut() != ""; got != test.cut {
			t.Errorf("%s: the axis is said to be cut = %t, want %t", test.name, got, test.cut)
		}
	}
}
