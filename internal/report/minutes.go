package report

import (
	"fmt"
	"math"
)

// Minutes writes an amount of debt as people say it: "12 min", "1 h 57 min",
// "0 min", "−45 min" (U+2212). Halves round away from zero, so that +1.5 and
// −1.5 read alike. Days are not used: nobody agrees how many hours one has.
// What is no amount (NaN, an infinity, more than any repository owes) is
// "unknown".
func Minutes(m float64) string {
	const most = 1e12
	if math.IsNaN(m) || math.Abs(m) > most {
		return "unknown"
	}
	n := int64(math.Round(m))
	sign := ""
	if n < 0 {
		sign, n = "−", -n
	}
	h, min := n/60, n%60
	switch {
	case h == 0:
		return fmt.Sprintf("%s%d min", sign, min)
	case min == 0:
		return fmt.Sprintf("%s%d h", sign, h)
	}
	return fmt.Sprintf("%s%d h %d min", sign, h, min)
}

// signed is Minutes with a plus before what adds debt.
func signed(m float64) string {
	if s := Minutes(m); math.Round(m) > 0 && s != "unknown" {
		return "+" + s
	}
	return Minutes(m)
}
