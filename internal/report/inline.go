package report

import (
	"fmt"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/signoff"
)

const (
	// maxInline is how many remarks a pull request gets on its lines: each is a
	// conversation that somebody has to end.
	maxInline = 5
	// diffContext is how many unchanged lines GitHub shows around a changed one,
	// and takes remarks on.
	diffContext = 3
)

// Inline draws the remarks that belong on the lines of the difference: the
// dearest new findings that it shows, one a line. There are none where nobody has
// to act, and none that were made before are missing from it once the change is
// overridden: they stay.
func Inline(b Brief) []signoff.InlineComment {
	if b.silent() {
		return nil
	}
	switch b.Record.State {
	case signoff.Unassigned, signoff.Awaiting, signoff.Undescribed, signoff.ChangesRequestedBy, signoff.RecommendedAgainst,
		signoff.OverrideDeclared, signoff.MergedOverridden:
	default:
		return nil
	}
	var out []signoff.InlineComment
	taken := map[string]bool{}
	for _, f := range b.dearest() {
		at := fmt.Sprint(f.File, ":", f.Line)
		if len(out) == maxInline || taken[at] || !namable(f.File) || !inDiff(b.Files, f.File, f.Line) {
			continue
		}
		taken[at] = true
		mark := inlineMarker(b.Record.Subject, f.Fingerprint)
		out = append(out, signoff.InlineComment{Path: f.File, Line: f.Line, Body: inlineBody(f, mark), Mark: mark})
	}
	return out
}

// inlineMarker is the hidden end of a remark. It names the finding, which keeps
// its fingerprint when its line moves.
func inlineMarker(s signoff.Subject, fingerprint string) string {
	return "<!-- barraiser-inline:" + markerText(s.Key()) + ":" + markerText(fingerprint) + " -->"
}

func inlineBody(f numbered, mark string) string {
	body := fmt.Sprintf("**%s**, %s of debt: %s · %s\n", f.ID, Minutes(f.Minutes), markdownFinding(f.Finding), code(f.Rule))
	if r, ok := debt.Lookup(f.Rule); ok && r.Why != "" {
		body += "\n" + outside(r.Why) + "\n"
	}
	return body + "\nIf it is wrong: " + code("/bar dismiss "+f.ID+" WHY") + "\n" + mark + "\n"
}

// inDiff says that the difference shows a line of the head.
func inDiff(files []debt.FileChange, path string, line int) bool {
	for _, f := range files {
		if f.New != path {
			continue
		}
		for _, h := range f.Hunks {
			first, last := h.NewStart, h.NewStart+h.NewLines-1
			if h.NewLines == 0 { // lies after the line that it names
				first++
				last = h.NewStart
			}
			if first-diffContext <= line && line <= last+diffContext && line > 0 {
				return true
			}
		}
	}
	return false
}
