package web

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/signoff"
)

// correctForm asks for the correction of an error: why it happened, until there is
// something that a mechanism can remove.
type correctForm struct {
	Path, Form string
	Whys       []whyField
}

type whyField struct {
	Number   int
	Required bool
}

// The form asks five times, as the method has it, and three answers are the least that
// is taken: see signoff.
const (
	askedWhys = 5
	leastWhys = 3
)

// newCorrectForm is nil where there is nothing to correct, or not by the viewer.
func newCorrectForm(v *visit, index int64, form string) *correctForm {
	if !mayCorrect(v) {
		return nil
	}
	f := &correctForm{Path: fmt.Sprintf("/overrides/%d/%s", index, signoff.VerbCorrect), Form: form}
	for i := range askedWhys {
		f.Whys = append(f.Whys, whyField{i + 1, i < leastWhys})
	}
	return f
}

// mayCorrect reports whether the viewer may name the mechanism on the page: who went
// in, those above, and the author. Who only may write to the repository says it on
// the pull request, where GitHub shows that.
func mayCorrect(v *visit) bool {
	c := v.row.Record.Correction
	if v.override == nil || !c.Open() || c.Override != v.override.ID {
		return false
	}
	o := v.override
	all := slices.Concat(append(slices.Clone(o.Line), o.Doers, []signoff.Account{o.By, v.brief.Pull.Author})...)
	return v.who.ID != 0 && slices.ContainsFunc(all, func(a signoff.Account) bool { return a.ID == v.who.ID })
}

// ownerName is a login of GitHub.
var ownerName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,38}$`)

// correction makes the command of the form, as a comment would have it, or says what
// is wrong.
func (s *site) correction(v *visit, c *signoff.Command) (wrong string) {
	var whys []string
	for _, why := range v.r.PostForm["why"] {
		if why = oneLine(why); why != "" {
			whys = append(whys, why)
		}
	}
	mechanism := oneLine(v.r.PostForm.Get("mechanism"))
	c.Object = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(v.r.PostForm.Get("owner")), "@"))
	c.Text = strings.Join(whys, " > ") + " => " + mechanism
	switch {
	case len(whys) < leastWhys || len(whys) > askedWhys:
		return fmt.Sprintf("Ask why at least %d times, better five: the first answers are mostly about somebody, the last about a cause.", leastWhys)
	case mechanism == "":
		return "Name the mechanism that removes the cause: a person who takes care is none."
	case !ownerName.MatchString(c.Object):
		return "Name who makes the mechanism, by the login on GitHub."
	case strings.ContainsRune(strings.Join(whys, "")+mechanism, '>'):
		return "The sign > parts the answers, so that it cannot be in one."
	case len(c.Text) > maxSaid:
		return fmt.Sprintf("All of it has at most %d bytes.", maxSaid)
	}
	return ""
}
