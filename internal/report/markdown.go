package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// commentLimit is GitHub's: 65,536 characters a comment. Bytes are counted,
// which is never too few.
const commentLimit = 65536

// maxCell is the number of characters shown of one text from outside, so that
// one long message cannot push out all others.
const maxCell = 300

// Markdown draws a review as a GitHub comment. It is never longer than a
// comment may be: lists are cut at a row and say how many rows are missing.
// The error is the writer's.
func Markdown(w io.Writer, r review.Review) error {
	_, err := io.WriteString(w, markdown(r, commentLimit))
	return err
}

// markdown is the document within limit bytes, as far as its frame allows.
func markdown(r review.Review, limit int) string {
	g := group(r.Delta.Findings)
	visible, rest := g.added, []numbered(nil)
	if len(visible) > maxAdded {
		visible, rest = visible[:maxAdded], visible[maxAdded:]
	}
	// The tail of a long list is filled last: what was not analysed matters
	// more than the 400th finding.
	tail := details(thousands(len(rest))+" more", findingTable(rest))
	tail.last = true
	return assemble(limit, []block{
		{open: markdownHead(r, g)},
		whyList(r),
		impactList(r),
		findingTable(visible),
		tail,
		signerList(r),
		wayList(r),
		hiddenList(g.hidden),
		repaidList(g.repaid),
		unreadList(r.Coverage),
		brokenList(r.Coverage.Broken),
		lostList(r.Coverage.Lost),
		bullets("What to do", r.Hints, outside),
		bullets("Also noticed", r.Warnings, outside),
		excludedList(r.Requirements),
		estimate(g),
		{open: "<sub>" + markdownFoot(r) + "</sub>\n"},
	})
}

// markdownHead is the verdict, and the totals where there are any.
func markdownHead(r review.Review, g groups) string {
	head := "### " + headline(r, g, outside) + "\n"
	if totals := markdownTotals(r.Delta, g); totals != "" {
		head += "\n" + totals + ".\n"
	}
	return head
}

// markdownTotals is without a full stop; empty where there is nothing to add up.
func markdownTotals(d debt.Delta, g groups) string {
	if g.nothing(d) {
		return ""
	}
	s := fmt.Sprintf("**Introduced %s · repaid %s · net %s** (range %s)",
		Minutes(d.Introduced), Minutes(d.Repaid), signed(d.Net), span(d.Low, d.High))
	if d.Deleted > 0 {
		s += ", of the repaid " + Minutes(d.Deleted) + " by deletion"
	}
	if d.Tests.Introduced != 0 || d.Tests.Repaid != 0 {
		s += fmt.Sprintf("; in tests, apart: introduced %s, repaid %s",
			Minutes(d.Tests.Introduced), Minutes(d.Tests.Repaid))
	}
	return s
}

// headline is the verdict in one line, in which reasons are escaped.
func headline(r review.Review, g groups, escape func(string) string) string {
	net := signed(r.Delta.Net) + " debt"
	switch {
	case r.Outcome == review.Incomplete:
		s := verdict(r.Outcome)
		if len(r.Reasons) > 0 {
			s += ": " + escape(strings.TrimSuffix(r.Reasons[0], "."))
		}
		return s
	case r.Outcome == review.SignOffNeeded:
		s := verdict(r.Outcome)
		if who := assignees(r.Requirements); len(who) > 0 {
			s += " from " + escape(strings.Join(who, ", "))
		}
		impact := domainsOf(beyondDebt(r.Impact))
		if len(impact) > 0 {
			s += ": high impact in " + domainList(impact)
		}
		if g.nothing(r.Delta) && len(impact) > 0 {
			return s
		}
		s += ": " + net
		if r.Policy.Budget != nil {
			s += " (budget " + Minutes(*r.Policy.Budget) + ")"
		}
		return s
	case g.nothing(r.Delta):
		return strings.TrimSuffix(emptySentence(r), ".")
	case math.Round(r.Delta.Net) < 0:
		return net + ". Thank you"
	case r.Policy.Budget != nil:
		return net + ", within the budget of " + Minutes(*r.Policy.Budget)
	}
	return net
}

func markdownFoot(r review.Review) string {
	parts := []string{
		"merge base " + markdownRevision(r.Base) + " … head " + markdownRevision(r.Head),
		scope(r.Engine),
	}
	if s := leftOut(r.Coverage.Skipped); s != "" {
		parts[1] += ", " + outside(s)
	}
	_, unread := notAnalysed(r.Coverage.Skipped)
	parts[1] += ", " + count(unread, "file") + " not analysed"
	return strings.Join(append(parts, seconds(r.Engine.Seconds)), " · ")
}

// markdownRevision leaves a commit bare: GitHub links it, and that link is
// ours.
func markdownRevision(r review.Revision) string {
	if isHash(r.Commit) {
		return short(r.Commit)
	}
	return outside(revision(r))
}

// outside is text from outside in a comment.
func outside(s string) string { return EscapeMarkdown(clip(s, maxCell)) }

// spanned is such a text, of which the parts between backticks are code.
func spanned(s string) string {
	var b strings.Builder
	for i, part := range Spans(clip(s, maxCell)) {
		if i%2 == 1 {
			b.WriteString(EscapeMarkdownCode(part))
			continue
		}
		text := EscapeMarkdown(part)
		if strings.HasPrefix(part, " ") {
			b.WriteByte(' ')
		}
		b.WriteString(text)
		if strings.HasSuffix(part, " ") && text != "" {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func code(s string) string { return EscapeMarkdownCode(clip(s, maxCell)) }

func findingTable(fs []numbered) block {
	return block{
		open: "| | Finding | Where | Debt |\n|---|---|---|---|\n",
		list: true,
		rows: len(fs),
		row: func(i int) string {
			f := fs[i]
			return fmt.Sprintf("| %s | %s · %s | %s | %s |\n",
				f.ID, markdownFinding(f.Finding), code(f.Rule), markdownPlace(f.Finding), Minutes(f.Minutes))
		},
		more: func(from int) string {
			rest := fs[from:]
			return fmt.Sprintf("| | %s more, not shown | | %s |\n", thousands(len(rest)), Minutes(sumMinutes(rest)))
		},
	}
}

// markdownFinding is describe with the symbol as code.
func markdownFinding(f debt.Finding) string {
	symbol := f.Symbol
	if symbol == "" || strings.HasPrefix(f.Message, symbol) {
		return outside(describe(f))
	}
	f.Symbol = ""
	return code(symbol) + " " + outside(describe(f))
}

func markdownPlace(f debt.Finding) string {
	s := outside(place(f))
	if f.File != "" && f.Line > 0 {
		s += fmt.Sprintf(":%d", f.Line)
	}
	return s
}

func hiddenList(fs []numbered) block {
	return bullets("Silenced by a comment of this change", fs, func(f numbered) string {
		return fmt.Sprintf("%s %s · %s, %s, %s",
			f.ID, markdownFinding(f.Finding), code(f.Rule), markdownPlace(f.Finding), Minutes(f.Minutes))
	})
}

func repaidList(fs []numbered) block {
	files := byFile(fs)
	summary := fmt.Sprintf("Repaid: %s in %s", Minutes(sumMinutes(fs)), count(len(files), "place"))
	return details(summary, bullets("", files, func(f fileGroup) string {
		return fmt.Sprintf("%s: %s · %s", outside(f.File), outside(strings.Join(f.Rules, ", ")), Minutes(f.Minutes))
	}))
}

func unreadList(c debt.Coverage) block {
	var files []debt.Skipped
	for _, s := range c.Skipped {
		if !s.Expected {
			files = append(files, s)
		}
	}
	title := fmt.Sprintf("Not analysed: %s of %s", thousands(len(files)), count(c.Changed, "changed file"))
	return bullets(title, files, func(s debt.Skipped) string { return code(s.File) + ": " + outside(s.Reason) })
}

func brokenList(broken []debt.Broken) block {
	return bullets("Does not type-check", broken, func(b debt.Broken) string {
		return outside(side(b.Package, b.Side)) + ": " + outside(b.Error)
	})
}

func lostList(lost []debt.Lost) block {
	return bullets("Analyzer failed", lost, func(l debt.Lost) string {
		return code(l.Analyzer) + " on " + outside(side(l.Package, l.Side)) + ": " + outside(l.Error)
	})
}

// whyList leaves out the reason that is in the first line already, and those
// that impactList says in full.
func whyList(r review.Review) block {
	reasons := otherReasons(r)
	if r.Outcome == review.Incomplete && len(reasons) > 0 {
		return bullets("Also", reasons[1:], outside)
	}
	return bullets("Why", reasons, outside)
}

// impactList says what made the change one of high impact, a row for each
// trigger.
func impactList(r review.Review) block {
	type row struct {
		domain impact.Domain
		impact.Fired
	}
	var rows []row
	for _, d := range beyondDebt(r.Impact) {
		for _, t := range d.Triggers {
			rows = append(rows, row{d.Domain, t})
		}
	}
	return bullets("Why it is high impact", rows, func(t row) string {
		s := "**" + string(t.domain) + "**, " + outside(t.Title) + ": "
		for i, e := range t.Evidence {
			if i == maxEvidence {
				return s + fmt.Sprintf("; %s more", thousands(len(t.Evidence)-i))
			}
			if i > 0 {
				s += "; "
			}
			s += spanned(evidence(e))
		}
		return s
	})
}

func signerList(r review.Review) block {
	var rows []string
	for _, q := range r.Requirements {
		rows = append(rows, string(q.Domain)+": "+outside(signers(q)))
	}
	for _, h := range r.AwayHomes {
		if h.Accept {
			rows = append(rows, "for "+outside(h.Owner)+", whose code it is: "+outside(signers(review.Requirement{Why: h.Why, Assignment: h.Assignment})))
		}
	}
	return bullets("Who signs", rows, func(row string) string { return row })
}

// wayList is shown where a person has to act.
func wayList(r review.Review) block {
	var ways []string
	if r.Cheapest != nil {
		ways = append(ways, "Cheapest way under the bar: "+cheapestWay(*r.Cheapest, nil))
	}
	for _, s := range r.Sections {
		ways = append(ways, "Description: "+sectionWords(s))
	}
	if away := awayTeams(r.Ownership); len(away) > 0 {
		ways = append(ways, "An away team works in the code of "+strings.Join(away, ", "))
	}
	return bullets("", ways, outside)
}

func excludedList(requirements []review.Requirement) block {
	type row struct {
		domain impact.Domain
		review.Exclusion
	}
	var rows []row
	for _, q := range requirements {
		for _, x := range q.Excluded {
			rows = append(rows, row{q.Domain, x})
		}
	}
	return details("How the bar raiser was picked", bullets("Of the pool, these may not sign:\n", rows, func(x row) string {
		return string(x.domain) + ": " + outside("@"+x.Who) + " " + outside(x.Why)
	}))
}

// estimate shows the price of every rule in the report: a number that cannot
// be traced to its formula is an opinion.
func estimate(g groups) block {
	var rules []debt.Rule
	seen := map[string]bool{}
	for _, fs := range [][]numbered{g.added, g.hidden, g.repaid} {
		for _, f := range fs {
			if r, ok := debt.Lookup(f.Rule); ok && !seen[f.Rule] {
				r.ID = f.Rule // a family's row prices several
				rules = append(rules, r)
			}
			seen[f.Rule] = true
		}
	}
	b := bullets("", rules, func(r debt.Rule) string { return code(r.ID) + ": " + outside(price(r)) })
	b.open = howEstimated
	return details("How the estimate is made", b)
}

const howEstimated = "Each finding costs minutes by a formula of its rule. The range is ×0.33 to ×2, " +
	"since all such prices are expert guesses. Several structural findings on one symbol are one refactoring: " +
	"the largest counts in full, the others a quarter, so rows can add up to more than the total. " +
	"Generated, vendored and testdata code counts nothing; tests are counted apart. " +
	"The rules in this report, in minutes:\n\n"
