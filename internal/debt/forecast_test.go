package debt

import (
	"math"
	"testing"
)

func TestForecast(t *testing.T) {
	straight := []float64{100, 98, 96, 94, 92, 90, 88, 86, 84}
	b, ok := Forecast(straight, 3)
	if !ok || len(b.Middle) != 3 || b.Middle[2] != 78 || b.Low[2] != 78 || b.High[2] != 78 {
		t.Errorf("a straight line goes on as %+v, %t, want 82, 80, 78 without a band", b, ok)
	}
	falls, _ := Forecast([]float64{80, 70, 60, 50, 40, 30, 20, 10, 0}, 2)
	if falls.Middle[1] != 0 || falls.Low[1] != 0 || falls.High[1] != 0 {
		t.Errorf("what is gone goes on as %+v, want nothing", falls)
	}
	// By hand: steps +4 and −2 in turn, so the drift is 1 and σ is 3·√(8/7).
	saw := []float64{100, 104, 102, 106, 104, 108, 106, 110, 108}
	b, _ = Forecast(saw, 4)
	wide := 1.2816 * 3 * math.Sqrt(8./7) * math.Sqrt(4*(1+4./8))
	if math.Abs(b.Middle[3]-112) > 1e-9 || math.Abs(b.High[3]-112-wide) > 1e-9 || math.Abs(b.Low[3]-112+wide) > 1e-9 {
		t.Errorf("the fourth is %g, %g to %g, want 112 ± %g", b.Middle[3], b.Low[3], b.High[3], wide)
	}
	for _, few := range [][]float64{nil, {1}, saw[:8]} {
		if _, ok := Forecast(few, 4); ok {
			t.Errorf("it goes on from %d values", len(few))
		}
	}
	if _, ok := Forecast(saw, 0); ok {
		t.Error("a forecast of nothing")
	}
}

// TestForecastHolds: of random walks with the drift and the noise of any kind, the
// band holds four in five, and not many more.
func TestForecastHolds(t *testing.T) {
	next := uint64(7)
	noise := func() float64 { // a fixed row of numbers, roughly normal
		sum := -6.0
		for range 12 {
			next = next*6364136223846793005 + 1442695040888963407
			sum += float64(next>>11) / (1 << 53)
		}
		return sum
	}
	const walks, ahead = 3000, 13
	held := 0
	for range walks {
		row := []float64{10_000}
		for range 26 + ahead {
			row = append(row, row[len(row)-1]-5+40*noise())
		}
		b, _ := Forecast(row[:27], ahead)
		if end := row[26+ahead]; b.Low[ahead-1] <= end && end <= b.High[ahead-1] {
			held++
		}
	}
	if share := float64(held) / walks; share < .75 || share > .85 {
		t.Errorf("the band held %.1f %% of %d walks, want about 80", 100*share, walks)
	}
}
