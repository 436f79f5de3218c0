package report

import (
	"strings"

	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// ConfigCheck draws the check run about the policy of a commit. Problems are all
// that are wrong with it; none: it is valid.
func ConfigCheck(problems []review.Problem, commit string) signoff.Check {
	c := signoff.Check{
		Name: ConfigCheckName, Commit: commit, ExternalID: checkID(ConfigCheckName, commit),
		Conclusion: signoff.Success, Title: "The policy is valid", Summary: "Nothing is wrong in " + code(review.PolicyPath) + ".\n",
	}
	if len(problems) == 0 {
		return c
	}
	c.Conclusion = signoff.Failure
	c.Title = clip(count(len(problems), "problem")+" in the policy: "+plainField(problems[0].What), checkTitleLimit)
	c.Summary = assemble(checkTextLimit, []block{
		{open: "Until this is mended the change is judged by the policy of the base, and none of the new one holds.\n"},
		excerpts(problems),
	})
	for _, p := range problems {
		if len(c.Notes) == maxNotes {
			break
		}
		// The organisation's file is in another repository.
		if p.File != review.PolicyPath || p.Line < 1 {
			continue
		}
		c.Notes = append(c.Notes, signoff.Annotation{
			Path: p.File, From: p.Line, To: p.Line, Level: "failure",
			Title: "Not a valid policy", Message: strings.TrimSpace(plain(clip(p.What, maxText))),
		})
	}
	return c
}

// excerpts shows each problem at its place, with a caret.
func excerpts(problems []review.Problem) block {
	b := bullets("", problems, nil)
	b.row = func(i int) string {
		p := problems[i]
		s := code(p.Position.String()) + ": " + outside(p.What) + "\n"
		if p.Excerpt != "" {
			s += "\n" + EscapeMarkdownBlock(p.Excerpt) + "\n"
		}
		return s + "\n"
	}
	return b
}

// maxProblems are shown in the comment; the check has all of them.
const maxProblems = 3

func (b Brief) problemList() block {
	if b.ended() {
		return block{list: true}
	}
	shown := b.Problems[:min(len(b.Problems), maxProblems)]
	list := excerpts(shown)
	list.open = "**" + code(review.PolicyPath) + " of this change is invalid**; it is judged by the policy of the base.\n\n"
	if rest := len(b.Problems) - len(shown); rest > 0 {
		list.close = count(rest, "problem") + " more in the check " + code(ConfigCheckName) + ".\n"
	}
	return list
}
