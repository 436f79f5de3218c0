package main

import (
	"fmt"
	"io"
	"time"

	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/report"
)

// maxReasons bounds the packages that are named one by one.
const maxReasons = 20

// explainKept says that there was nothing to do.
func explainKept(w io.Writer, took time.Duration) {
	fmt.Fprintf(w, "bot: the two trees were judged before, by this program and this policy, and nothing is judged anew: %.2f s\n", took.Seconds())
}

// explainStats says what the analysis did, what it was spared and why not more:
// `-v`. Names are of the code under review, so they are escaped.
func explainStats(w io.Writer, s engine.Stats, took time.Duration) {
	say := func(format string, args ...any) {
		fmt.Fprintln(w, "bot: "+report.EscapeTerminal(fmt.Sprintf(format, args...)))
	}
	for _, l := range s.Listings {
		what := l.Dir
		if l.Platform != "" {
			what += " for " + l.Platform
		}
		if l.Asked == "" {
			say("listing of %s at the %s: from what was known", what, l.Side)
		} else {
			say("listing of %s at the %s: by the go command; %s", what, l.Side, l.Asked)
		}
	}
	say("packages with their variants: %d listed, %d typed from source, %d with kept types, %d as one of the same text, %d analysed, %d with kept facts, %d judged, %d with kept findings, %d pruned",
		s.Listed, s.Typed, s.Loaded, s.Lent, s.Analysed, s.Recalled, s.Judged, s.Kept, s.Pruned)
	for i, r := range s.Unreused {
		if i == maxReasons {
			say("judged as well: %d more", len(s.Unreused)-i)
			break
		}
		say("judged %s: %s", r.Package, r.Why)
	}
	for _, p := range s.Phases {
		say("%s: %.2f s, %.2f s of processor", p.Name, p.Seconds, p.CPU)
	}
	say("the analysis in all: %.2f s", took.Seconds())
}
