package report

import (
	_ "embed" // the schema
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
)

// HotspotsSchema is the JSON schema (draft-07) of what HotspotsJSON writes.
//
//go:embed hotspots.schema.json
var HotspotsSchema []byte

// Hotspots is a scan joined with the history of what it scanned.
type Hotspots struct {
	Scan review.Scan
	// Tip is the newest commit of the history, and Until the time that it was
	// committed, from which Days reach back.
	Tip   string
	Until time.Time
	Days  int
	Spots []debt.Hotspot // as debt.Hotspots returns them
}

// listed splits the hotspots into those to show and the rest: code that nobody
// changed in the window and, with all, code that was not changed as far back as
// the history was read.
func (h Hotspots) listed(all bool) (shown, rest []debt.Hotspot) {
	for _, s := range h.Spots {
		if s.Changes > 0 || all && s.Interest > 0 {
			shown = append(shown, s)
		} else {
			rest = append(rest, s)
		}
	}
	return shown, rest
}

// owed sums up principal and interest.
func owed(spots []debt.Hotspot) (principal, interest float64) {
	for _, s := range spots {
		principal += s.Principal
		interest += s.Interest
	}
	return principal, interest
}

// HotspotsText draws hotspots for a terminal: the dearest to leave alone first,
// then what the whole comes to, and what to do. The error is the writer's.
func HotspotsText(w io.Writer, h Hotspots, o TextOptions) error {
	c := &canvas{color: o.Color}
	shown, rest := h.listed(o.All)
	c.line("Scanned ", EscapeTerminal(revision(h.Scan.Revision)), ": ", scope(h.Scan.Engine),
		", and the commits of ", window(h), " up to ", EscapeTerminal(short(h.Tip)))
	c.line()
	switch {
	case len(shown) > 0:
		c.hotspots(shown, o)
		c.line()
	case h.Scan.Outcome == review.Incomplete:
		c.line("  No code with debt was changed in that time, of what was analysed.")
	default:
		c.line("  No code with debt was changed in that time.")
	}
	c.hotspotSums(h, shown, rest, o)
	if needsCoverage(h.Scan) {
		c.line()
	}
	c.coverage(h.Scan.Coverage, "file", o)
	c.outcome(h.Scan.Outcome, h.Scan.Reasons, o)
	c.hints(h.Scan.Hints, o)
	c.took(h.Scan.Engine)
	_, err := io.WriteString(w, c.String())
	return err
}

// window is "the 90 days before 2026-08-21".
func window(h Hotspots) string {
	return "the " + count(h.Days, "day") + " before " + h.Until.Format(time.DateOnly)
}

func (c *canvas) hotspots(spots []debt.Hotspot, o TextOptions) {
	if !o.All && len(spots) > maxTop {
		spots = spots[:maxTop]
	}
	advised := slices.ContainsFunc(spots, func(s debt.Hotspot) bool { return s.Advice != debt.NoUse })
	rows := [][]cell{{
		{text: "A QUARTER", style: dim, right: true}, {text: "TO MEND", style: dim, right: true},
		{text: "WHERE", style: dim}, {text: "WHAT", style: dim},
		{text: "CHANGES", style: dim, right: true}, {text: "AUTHORS", style: dim, right: true}, {text: "PAYS BACK IN", style: dim, right: true},
	}}
	if advised {
		rows[0] = append(rows[0], cell{text: "ADVICE", style: dim})
	}
	for _, s := range spots {
		row := []cell{
			{text: Minutes(s.Interest), right: true},
			{text: Minutes(s.Principal), right: true},
			{text: EscapeTerminal(spotPlace(s))},
			{text: EscapeTerminal(spotText(s))},
			{text: thousands(s.Changes), right: true},
			{text: thousands(s.Authors), right: true},
			{text: payback(s.Payback()), right: true},
		}
		if advised {
			row = append(row, advice(s))
		}
		rows = append(rows, row)
	}
	c.table(fit(rows, o.Width))
}

// spotPlace is where an editor opens it.
func spotPlace(s debt.Hotspot) string {
	if s.File == "" {
		return s.Package
	}
	if wholeFolder(s) {
		return s.File + "/"
	}
	return fmt.Sprintf("%s:%d", s.File, s.Line)
}

// wholeFolder reports whether a hotspot is of a package as a whole: "v1.2" is a
// folder, and so is "." at the root.
func wholeFolder(s debt.Hotspot) bool {
	return s.File != "" && path.Ext(s.File) != ".go" && path.Base(s.File) != "go.mod"
}

// spotText is the dearest finding, and how many others there are.
func spotText(s debt.Hotspot) string {
	text := describe(s.Findings[0])
	if more := len(s.Findings) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// payback is in quarters; more than ten years is nothing to count on.
func payback(quarters float64) string {
	switch {
	case quarters > 40:
		return "over 10 years"
	case quarters >= 9.95:
		return fmt.Sprintf("%.0f quarters", quarters)
	}
	return fmt.Sprintf("%.1f quarters", quarters)
}

func advice(s debt.Hotspot) cell {
	goals := EscapeTerminal(strings.Join(s.Goals, ", "))
	switch s.Advice {
	case debt.Repay:
		return cell{text: "repay, for " + goals, style: bold}
	case debt.Slow:
		return cell{text: "leave alone, " + goals + " gains too little"}
	}
	return cell{text: "leave alone, no goal", style: dim}
}

// hotspotSums says what the list comes to, what is not on it, and what to do.
func (c *canvas) hotspotSums(h Hotspots, shown, rest []debt.Hotspot, o TextOptions) {
	if len(shown) > 0 {
		principal, interest := owed(shown)
		c.line("  ", c.paint(bold, Minutes(interest)+" a quarter"), " is what ", Minutes(principal), " of debt in ", places(len(shown)), " cost those who work there, by estimate")
		if more := len(shown) - maxTop; more > 0 && !o.All {
			c.line("  ", thousands(more), " more (--all)")
		}
	}
	if principal, _ := owed(rest); len(rest) > 0 {
		c.line("  ", Minutes(principal), " of debt in ", places(len(rest)), " can be left alone: nobody changed that code in that time")
	}
	if len(shown) == 0 {
		return
	}
	var repay []debt.Hotspot
	for _, s := range shown {
		if s.Advice == debt.Repay {
			repay = append(repay, s)
		}
	}
	switch {
	case len(repay) > 0:
		principal, interest := owed(repay)
		c.line("  Advice: repay ", Minutes(principal), " in ", places(len(repay)), ", which goals need and which pays back ", Minutes(interest), " a quarter; leave the rest alone")
	case len(h.Scan.Policy.Goals) == 0:
		c.line("  Advice: none. Debt is worth mending where a goal needs the code, and no goals are set in ", review.PolicyPath)
	default:
		c.line(fmt.Sprintf("  Advice: leave it alone. Nothing here is needed by a goal and pays back within %d quarters", debt.MaxPayback))
	}
}

// places counts symbols, files and packages alike.
func places(n int) string { return count(n, "place") }

type wireHotspots struct {
	SchemaVersion int           `json:"schemaVersion"`
	Revision      wireRevision  `json:"revision"`
	Window        wireWindow    `json:"window"`
	Hotspots      []wireHotspot `json:"hotspots"`
	Rest          wireRest      `json:"rest"`
	Coverage      wireCoverage  `json:"coverage"`
	Outcome       string        `json:"outcome"`
	Reasons       []string      `json:"reasons"`
	Hints         []string      `json:"hints"`
	Engine        wireEngine    `json:"engine"`
}

type wireWindow struct {
	Tip   string `json:"tip"`
	Until string `json:"until"`
	Days  int    `json:"days"`
}

type wireHotspot struct {
	Package   string            `json:"package"`
	Symbol    string            `json:"symbol"`
	File      string            `json:"file"`
	Line      int               `json:"line"`
	Principal float64           `json:"principal"`
	Interest  float64           `json:"interest"`
	Payback   float64           `json:"payback"`
	Touches   float64           `json:"touches"`
	Friction  float64           `json:"friction"`
	Changes   int               `json:"changes"`
	Authors   int               `json:"authors"`
	Goals     []string          `json:"goals"`
	Advice    string            `json:"advice"`
	Findings  []wireSpotFinding `json:"findings"`
}

type wireSpotFinding struct {
	Rule        string  `json:"rule"`
	Line        int     `json:"line"`
	Message     string  `json:"message"`
	Minutes     float64 `json:"minutes"`
	Fingerprint string  `json:"fingerprint"`
}

type wireRest struct {
	Places    int     `json:"places"`
	Principal float64 `json:"principal"`
}

// HotspotsJSON writes hotspots as HotspotsSchema describes them; all includes
// those that nobody changed in the window, if in the time before. A number that
// JSON cannot hold is an error, and then nothing is written.
func HotspotsJSON(w io.Writer, h Hotspots, all bool) error {
	shown, rest := h.listed(all)
	principal, _ := owed(rest)
	out := wireHotspots{
		SchemaVersion: schemaVersion,
		Revision:      toRevision(h.Scan.Revision),
		Window:        wireWindow{Tip: h.Tip, Until: h.Until.UTC().Format(time.RFC3339), Days: h.Days},
		Hotspots:      []wireHotspot{},
		Rest:          wireRest{Places: len(rest), Principal: hundredths(principal)},
		Coverage:      toCoverage(h.Scan.Coverage),
		Outcome:       string(h.Scan.Outcome),
		Reasons:       texts(h.Scan.Reasons),
		Hints:         texts(h.Scan.Hints),
		Engine:        toEngine(h.Scan.Engine),
	}
	for _, s := range shown {
		spot := wireHotspot{
			Package: s.Package, Symbol: s.Symbol, File: s.File, Line: s.Line,
			Principal: hundredths(s.Principal), Interest: hundredths(s.Interest), Payback: hundredths(s.Payback()),
			Touches: hundredths(s.Touches), Friction: hundredths(s.Friction),
			Changes: s.Changes, Authors: s.Authors, Goals: texts(s.Goals), Advice: string(s.Advice),
		}
		for _, f := range s.Findings {
			spot.Findings = append(spot.Findings, wireSpotFinding{f.Rule, f.Line, f.Message, hundredths(f.Minutes), f.Fingerprint})
		}
		out.Hotspots = append(out.Hotspots, spot)
	}
	return writeJSON(w, out)
}
