package debt

import "math"

// A Band is where a figure may go from its last value, one period after the other.
// The true value lies between Low and High four times out of five, if what comes is
// like what was.
type Band struct{ Middle, Low, High []float64 }

// minDrift is the fewest steps that a forecast is made from.
const minDrift = 8

// z80 is the quantile of the normal distribution that leaves a tenth on each side.
const z80 = 1.2816

// Forecast goes on with a row of values, of equally long periods, for n more: with
// the mean step, and a band of 80 %. A sum that goes on from its last value is a
// random walk with drift, whose error after h periods has the variance
// σ²·h·(1 + h/steps) (Hyndman & Athanasopoulos, "Forecasting: Principles and
// Practice", 3rd edition, 5.2 and 5.5). ok is false where there are too few values
// to say anything. No value is below 0.
func Forecast(values []float64, n int) (b Band, ok bool) {
	steps := len(values) - 1
	if steps < minDrift || n <= 0 {
		return Band{}, false
	}
	last := values[steps]
	drift := (last - values[0]) / float64(steps)
	squares := 0.0
	for i := range steps {
		off := values[i+1] - values[i] - drift
		squares += off * off
	}
	sigma := math.Sqrt(squares / float64(steps-1))
	for h := 1; h <= n; h++ {
		middle := last + drift*float64(h)
		wide := z80 * sigma * math.Sqrt(float64(h)*(1+float64(h)/float64(steps)))
		b.Middle = append(b.Middle, max(0, middle))
		b.Low = append(b.Low, max(0, middle-wide))
		b.High = append(b.High, max(0, middle+wide))
	}
	return b, true
}
