package web

import (
	"github.com/barraiser/barraiser/internal/description"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
)

// claim is a section of the description that the one who decides reads first: what
// it says, and what the policy still asks of it.
type claim struct {
	Title string
	Lines []string
	Lacks []string
	Why   string // what calls for it; empty: nobody asks for it
	Met   bool
}

// claims are the sections that are asked for, and a press release in any case.
func claims(b report.Brief) (out []claim) {
	for _, d := range b.Record.Described {
		c := claim{Title: d.Name.Title(), Lacks: d.Lacks, Why: d.Why, Met: d.Met()}
		if s, ok := description.Find(b.Pull.Body, c.Title); ok {
			c.Lines = s.Lines
		} else {
			c.Lacks = append(c.Lacks, "The description has no such section. Say there "+d.Name.Says()+".")
		}
		out = append(out, c)
	}
	if len(out) == 0 || out[0].Title != review.PressRelease.Title() {
		if s, ok := description.Find(b.Pull.Body, review.PressRelease.Title()); ok {
			out = append([]claim{{Title: s.Title, Lines: s.Lines, Met: true}}, out...)
		}
	}
	return out
}
