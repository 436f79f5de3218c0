package report

import "math"

// The steps of a sparkline, from low to high. What the terminal cannot draw is
// drawn in ASCII.
var (
	blocks      = []rune("▁▂▃▄▅▆▇█")
	asciiBlocks = []rune("_.-=+*%#")
)

// maxSpark is the number of columns of a sparkline.
const maxSpark = 53

// spark draws values in a line of small bars, from the smallest to the largest.
// With zero, bars begin at 0. A value that is not known leaves a gap. Where
// there are more values than columns, each column has the last of its own.
func spark(values []float64, known []bool, zero, ascii bool) string {
	steps := blocks
	if ascii {
		steps = asciiBlocks
	}
	low, high := math.Inf(1), math.Inf(-1)
	for i, v := range values {
		if known[i] {
			low, high = min(low, v), max(high, v)
		}
	}
	if zero {
		low = min(low, 0)
	}
	columns := min(len(values), maxSpark)
	var out []rune
	for c := range columns {
		i := (c+1)*len(values)/columns - 1
		switch {
		case !known[i]:
			out = append(out, ' ')
		case high == low && low == 0:
			out = append(out, steps[0])
		case high-low <= high/100: // what hardly moves is drawn as a flat line
			out = append(out, steps[len(steps)/2-1])
		default:
			out = append(out, steps[int(math.Round((values[i]-low)/(high-low)*float64(len(steps)-1)))])
		}
	}
	return string(out)
}
