package web

import (
	"math"
	"strconv"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
)

// A moment is a time as a page shows it. Ago is right when the page is drawn,
// and read at once.
type moment struct{ ISO, Text, Day, Ago string }

func at(t, now time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	t = t.UTC()
	m := moment{ISO: t.Format(time.RFC3339), Text: t.Format("2 Jan 2006 15:04 UTC"), Day: t.Format("2 Jan 2006")}
	if d := now.Sub(t); d >= 0 {
		m.Ago = span(d) + " ago"
	} else {
		m.Ago = "in " + span(-d)
	}
	return m
}

// span writes how long something takes, in its largest unit.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return report.Minutes(math.Floor(d.Minutes()))
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h"
	}
	return count(int(d.Hours()/24), "day")
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// signed is an amount of debt with a plus before what adds some.
func signed(m float64) string {
	if s := report.Minutes(m); math.Round(m) > 0 && s != "unknown" {
		return "+" + s
	}
	return report.Minutes(m)
}

func short(commit string) string { return commit[:min(len(commit), 7)] }

// A badge shows a state by a word; the tone and the sign only repeat it.
type badge struct{ Tone, Sign, Text string }

// The tones, with their signs.
const (
	toneNo   = "no"
	toneWait = "wait"
	toneRun  = "run"
	toneYes  = "yes"
	tonePast = "past" // went past the bar
	toneRest = "rest"
)

var toneSigns = map[string]string{toneNo: "✕", toneWait: "●", toneRun: "…", toneYes: "✓", tonePast: "!", toneRest: "–"}

// tones has the states that do not rest.
var tones = map[signoff.State]string{
	signoff.RecommendedAgainst: toneNo, signoff.ChangesRequestedBy: toneNo,
	signoff.Incomplete: toneWait, signoff.Unassigned: toneWait, signoff.Awaiting: toneWait, signoff.Undescribed: toneWait,
	signoff.Evaluating: toneRun, signoff.CarryOver: toneRun,
	signoff.SignedOff: toneYes, signoff.NotRequired: toneYes, signoff.MergedClean: toneYes,
	signoff.OverrideDeclared: tonePast, signoff.MergedOverridden: tonePast, signoff.MergedUndeclared: tonePast, signoff.MergedUnverified: tonePast,
}

func state(s signoff.State) badge {
	tone, ok := tones[s]
	if !ok {
		tone = toneRest
	}
	text := s.Title()
	if s == "" {
		text = "Not looked at yet"
	}
	return badge{tone, toneSigns[tone], text}
}

// ledgerName is what an override is called after its place in the ledger, and
// where its page is. The record counts places from 1.
func ledgerName(entry int64) (name, path string) {
	if entry <= 0 {
		return "", ""
	}
	index := strconv.FormatInt(entry-1, 10)
	return "OVR-" + index, "/overrides/" + index
}
