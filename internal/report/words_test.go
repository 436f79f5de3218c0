package report

import (
	"math"
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
)

func TestMinutes(t *testing.T) {
	for _, tt := range []struct {
		in           float64
		want, signed string
	}{
		{0, "0 min", "0 min"},
		{math.Copysign(0, -1), "0 min", "0 min"},
		{12, "12 min", "+12 min"},
		{0.49, "0 min", "0 min"},
		{0.5, "1 min", "+1 min"},
		{-0.5, "−1 min", "−1 min"},
		{-0.49, "0 min", "0 min"},
		{59.5, "1 h", "+1 h"},
		{117, "1 h 57 min", "+1 h 57 min"},
		{-45, "−45 min", "−45 min"},
		{-60, "−1 h", "−1 h"},
		{6000, "100 h", "+100 h"},
		{math.NaN(), "unknown", "unknown"},
		{math.Inf(1), "unknown", "unknown"},
		{math.Inf(-1), "unknown", "unknown"},
		{1e300, "unknown", "unknown"},
	} {
		if got := Minutes(tt.in); got != tt.want {
			t.Errorf("Minutes(%v) = %q, want %q", tt.in, got, tt.want)
		}
		if got := signed(tt.in); got != tt.signed {
			t.Errorf("signed(%v) = %q, want %q", tt.in, got, tt.signed)
		}
	}
}

func TestDescribe(t *testing.T) {
	worse := func(symbol, message string, old, value float64) debt.Finding {
		return was(debt.Finding{Measure: debt.Measure{Symbol: symbol, Message: message}, Status: debt.Worse}, old, value)
	}
	for _, tt := range []struct {
		in   debt.Finding
		want string
	}{
		{worse("F", "cognitive complexity 38", 21, 38), "F: cognitive complexity 21 → 38"},
		{worse("F", "complexity 38 (more than 15)", 21, 38), "F: complexity 21 → 38 (more than 15)"},
		{worse("F", "238 of 38.", 21, 38), "F: 238 of 21 → 38."},
		{worse("F", "too deep", 5, 6), "F: too deep, was 5"},
		{worse("F", "ratio 1.38", 21, 38), "F: ratio 1.38, was 21"},
		{worse("F", "F is long", 3, 4), "F is long, was 3"},
		{worse("", "TODO", 1, 1), "TODO"},
		{debt.Finding{Measure: debt.Measure{Message: "gone"}, Deleted: true, Note: "n"}, "gone (code deleted) (n)"},
	} {
		if got := describe(tt.in); got != tt.want {
			t.Errorf("describe(%q) = %q, want %q", tt.in.Message, got, tt.want)
		}
	}
}

func TestSmallWords(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{thousands(0), "0"}, {thousands(999), "999"}, {thousands(1000), "1,000"},
		{thousands(1234567), "1,234,567"}, {thousands(-1234), "-1,234"}, {thousands(-123), "-123"},
		{count(1, "file"), "1 file"}, {count(0, "file"), "0 files"},
		{seconds(4.84), "4.8 s"}, {seconds(131.6), "2 min 12 s"},
		{short(baseCommit), "77d01e4"}, {short("main"), "main"},
		{revision(review.Revision{}), "working tree"},
		{revision(review.Revision{Commit: baseCommit, Name: "77d01e4"}), "77d01e4"},
		{span(-20, -3), "−20 min to −3 min"}, {span(39, 240), "39 min – 4 h"},
		{clip("aé日x", 3), "aé…"}, {clip("aé日", 3), "aé日"},
		{cutRight("日本語", 5), "日本…"}, {cutRight("abc", 3), "abc"},
		{cutLeft("a/b/c.go", 6), "…/c.go"}, {cutLeft("日本語", 4), "…語"},
		{strings.Join(wrap("a bb ccc dddddd", 5), "/"), "a bb/ccc/dddddd"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
