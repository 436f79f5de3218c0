package signoff

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/review"
)

// DESIGN. A description is the author's to edit at any time, without a push. So what it
// lacks is no requirement that somebody meets for a commit: it is looked at anew
// each time, and a merge is judged by what was seen before it.

// Described is a section of the description that the policy asks for, as it was at
// the last look.
type Described struct {
	Name  review.SectionName  `json:"name"`
	State review.SectionState `json:"state"`
	// Why is what calls for it, and Lacks what is not in it: sentences without a
	// full stop.
	Why   string   `json:"why"`
	Lacks []string `json:"lacks,omitempty"`
	// Departure is what a deviation states.
	Departure *Departure `json:"departure,omitempty"`
	// Text is a hash of the description, so that what quotes it follows an edit.
	Text string `json:"text,omitempty"`
}

// Met reports whether nothing more is asked of the author.
func (d Described) Met() bool { return d.State == review.SectionGiven }

// describe notes what the description has to say, and whether it does. Of a bot
// nothing is asked: it has nobody to speak for.
func (l *look) describe() {
	switch {
	case l.end != nil && l.was.State != "" && l.was.Head == l.head:
		return // after a merge anybody may edit what was there before it
	case !l.known():
		return // what was, stays
	}
	l.rec.Described = nil
	if l.in.Pull.Author.Bot {
		return
	}
	for _, s := range l.judged.Decision.Sections {
		d := Described{Name: s.Name, State: s.State, Why: s.Why, Lacks: s.Lacks, Text: textHash(l.in.Pull.Body)}
		if s.Departure != nil && s.Met() {
			d.Departure = &Departure{s.Departure.Reason, s.Departure.Data, review.Date(s.Departure.Again)}
		}
		l.rec.Described = append(l.rec.Described, d)
	}
}

func textHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// Undescribed are the sections that are asked for and not there.
func (r Record) Undescribed() []Described {
	return slices.DeleteFunc(slices.Clone(r.Described), Described.Met)
}

// undescribed says what the description lacks, in a sentence without a full stop.
func (r Record) undescribed() string {
	var names []string
	for _, d := range r.Undescribed() {
		names = append(names, "\""+d.Name.Title()+"\"")
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "the description has no section " + names[0] + " that says what is asked of it"
	}
	return "the description has no sections " + strings.Join(names, " and ") + " that say what is asked of them"
}
