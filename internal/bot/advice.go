package bot

import (
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/store"
)

// listed are the findings that the pull request is shown as its own, for what
// becomes of them; nil where not all of its code could be judged: what is not seen
// then was not mended.
func (j *judgement) listed() []store.Listed {
	if j == nil || j.Failure != "" || len(j.Coverage.Broken)+len(j.Coverage.Lost) > 0 {
		return nil
	}
	out := []store.Listed{}
	for _, f := range j.Delta.Findings {
		if (f.Status == debt.New || f.Status == debt.Worse) && !f.Test {
			out = append(out, store.Listed{Fingerprint: f.Fingerprint, Rule: f.Rule})
		}
	}
	return out
}
