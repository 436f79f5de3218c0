// Package report draws one review, or one scan, for people and for programs:
// text for a terminal, Markdown for a comment, workflow commands and a summary
// for GitHub Actions, JSON with a schema, SARIF for code scanning; and where a
// pull request stands, for GitHub and for Slack (Brief). It decides
// nothing: every number and every verdict comes from internal/review and
// internal/debt, and is only written down here.
//
// The invariant: text from outside (names, branches, messages, paths) reaches
// an output only through the one escaping function of its surface, in
// escape.go and escapeslack.go.
//
// What is deliberately absent: sorting. Findings come in the order in which to
// read them, and each surface keeps it, so that F3 is F3 everywhere.
package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
)

// numbered is a finding with the name that this report gives to it.
type numbered struct {
	ID string // "F1", "F2" …: its place in Delta.Findings, or as it is stored
	debt.Finding
}

// groups are the findings of a delta by what a reader does with them.
type groups struct {
	added     []numbered // new and worse: they cost
	hidden    []numbered // suppressed by this change: neither cost nor repay
	repaid    []numbered // paid and better
	moved     []numbered
	unchanged []numbered
}

func group(fs []debt.Finding) groups { return groupNamed(fs, nil) }

// groupNamed takes the names of the findings where they are stored.
func groupNamed(fs []debt.Finding, names []string) groups {
	var g groups
	for i, f := range fs {
		n := numbered{nameOf(names, i), f}
		switch f.Status {
		case debt.New, debt.Worse:
			g.added = append(g.added, n)
		case debt.Suppressed:
			g.hidden = append(g.hidden, n)
		case debt.Paid, debt.Better:
			g.repaid = append(g.repaid, n)
		case debt.Moved:
			g.moved = append(g.moved, n)
		default:
			g.unchanged = append(g.unchanged, n)
		}
	}
	return g
}

// findingID names the i-th finding, counted from 0.
func findingID(i int) string { return "F" + strconv.Itoa(i+1) }

// nameOf is the stored name of the i-th finding, or else its place.
func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return findingID(i)
}

func sumMinutes(fs []numbered) float64 {
	var sum float64
	for _, f := range fs {
		sum += f.Minutes
	}
	return sum
}

// nothing says that the change neither adds nor repays anything. Findings that
// only moved are nothing too.
func (g groups) nothing(d debt.Delta) bool {
	return len(g.added)+len(g.hidden)+len(g.repaid) == 0 &&
		d.Introduced == 0 && d.Repaid == 0 && d.Tests.Introduced == 0 && d.Tests.Repaid == 0
}

// fileGroup is what a change repays in one file.
type fileGroup struct {
	File    string
	Minutes float64
	Rules   []string // "errcheck ×2", "unused": in order of first appearance
	Count   int
}

// byFile folds findings into one entry per file, the largest sum first: what
// was repaid is thanks, not work to do, so the places are enough.
func byFile(fs []numbered) []fileGroup {
	at := map[string]int{}
	rules := map[string]map[string]int{}
	var out []fileGroup
	for _, f := range fs {
		key := place(f.Finding)
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, fileGroup{File: key})
			rules[key] = map[string]int{}
		}
		g := &out[i]
		g.Minutes += f.Minutes
		g.Count++
		if rules[key][f.Rule] == 0 {
			g.Rules = append(g.Rules, f.Rule)
		}
		rules[key][f.Rule]++
	}
	for i := range out {
		for j, r := range out[i].Rules {
			if n := rules[out[i].File][r]; n > 1 {
				out[i].Rules[j] = fmt.Sprintf("%s ×%d", r, n)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b fileGroup) int {
		switch {
		case a.Minutes > b.Minutes:
			return -1
		case a.Minutes < b.Minutes:
			return 1
		}
		return 0
	})
	return out
}

// place is the file of a finding, or what it is about where there is no file.
func place(f debt.Finding) string {
	for _, s := range []string{f.File, f.Package, f.Module} {
		if s != "" {
			return s
		}
	}
	return "(repository)"
}

// describe is the message of a finding as a sentence about its symbol, not yet
// escaped: "Reconcile: cognitive complexity 21 → 38".
func describe(f debt.Finding) string {
	s := f.Message
	if (f.Status == debt.Worse || f.Status == debt.Better) && f.Was != f.Value {
		s = withWas(s, f.Was, f.Value)
	}
	if subject, what, ok := strings.Cut(s, ": "); ok && pointerReceiver.Replace(subject) == f.Symbol {
		s = f.Symbol + ": " + what // "(*T).M: removed" is of T.M
	}
	if f.Symbol != "" && !strings.HasPrefix(s, f.Symbol) {
		s = f.Symbol + ": " + s
	}
	if f.Deleted {
		s += " (code deleted)"
	}
	if f.Note != "" {
		s += " (" + f.Note + ")"
	}
	return s
}

// pointerReceiver makes the name of a method of the way that types are written in.
var pointerReceiver = strings.NewReplacer("(*", "", ")", "")

// withWas puts the value at the base beside the value at the head: "lines 80"
// becomes "lines 60 → 80". Where the message does not name its value, the old
// one is appended.
func withWas(message string, was, value float64) string {
	v, w := number(value), number(was)
	for from := 0; ; {
		i := strings.Index(message[from:], v)
		if i < 0 {
			return message + ", was " + w
		}
		i += from
		if !touchesNumber(message, i, i+len(v)) {
			return message[:i] + w + " → " + message[i:]
		}
		from = i + len(v)
	}
}

// touchesNumber says whether s[i:j] is a part of a longer word or number.
func touchesNumber(s string, i, j int) bool {
	if i > 0 && (isWord(s[i-1]) || s[i-1] == '.' || s[i-1] == '-') {
		return true
	}
	// A point after it is a fraction only where a digit follows: it may end
	// the sentence.
	return j < len(s) && (isWord(s[j]) || s[j] == '.' && j+1 < len(s) && isWord(s[j+1]))
}

// number writes a metric: no exponent, no trailing zeros.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// thousands writes a count with commas: 35812 is "35,812".
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count writes "1 file", "3 files".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return thousands(n) + " " + noun
}

// seconds writes a duration as people say it: "4.8 s", "3 min 12 s".
func seconds(s float64) string {
	if s < 99.95 {
		return fmt.Sprintf("%.1f s", s)
	}
	n := int(math.Round(s))
	return fmt.Sprintf("%d min %d s", n/60, n%60)
}

// short abbreviates a full hash. What is no hash is left as it is, and has to
// be escaped like any other text.
func short(commit string) string {
	if isHash(commit) {
		return commit[:7]
	}
	return commit
}

func isHash(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return !isHex(r) }) < 0
}

// revision names one side: "77d01e4 (origin/main)", "working tree".
func revision(r review.Revision) string {
	switch {
	case r.Commit == "" && r.Name == "":
		return "working tree"
	case r.Commit == "":
		return r.Name
	case r.Name == "" || strings.HasPrefix(r.Commit, r.Name):
		return short(r.Commit)
	}
	return short(r.Commit) + " (" + r.Name + ")"
}

// scope is the size of what was looked at: "2 modules, 41 packages".
func scope(e review.Engine) string {
	return count(e.Modules, "module") + ", " + count(e.Packages, "package")
}

// verdict names an outcome that is not clear.
func verdict(o review.Outcome) string {
	if o == review.SignOffNeeded {
		return "Sign-off needed"
	}
	return "Not fully analysed"
}

// span writes the range of an estimate. A dash between negative numbers would
// read as one more minus.
func span(low, high float64) string {
	if low < 0 || high < 0 {
		return signed(low) + " to " + signed(high)
	}
	return Minutes(low) + " – " + Minutes(high)
}

// leftOut sums up the files that are left out by rule: "3 generated, 1
// vendored file left out". Empty where there are none.
func leftOut(skipped []debt.Skipped) string {
	var reasons []string
	n := map[string]int{}
	for _, s := range skipped {
		if !s.Expected {
			continue
		}
		if n[s.Reason] == 0 {
			reasons = append(reasons, s.Reason)
		}
		n[s.Reason]++
	}
	if len(reasons) == 0 {
		return ""
	}
	slices.SortFunc(reasons, func(a, b string) int {
		if n[a] != n[b] {
			return n[b] - n[a]
		}
		return strings.Compare(a, b)
	})
	parts := make([]string, len(reasons))
	for i, r := range reasons {
		parts[i] = thousands(n[r]) + " " + r
	}
	noun := " files"
	if n[reasons[len(reasons)-1]] == 1 {
		noun = " file"
	}
	return strings.Join(parts, ", ") + noun + " left out"
}

// unread are the skipped files that no rule leaves out, by reason, in order of
// first appearance.
type unread struct {
	Reason string
	Files  []string
}

func notAnalysed(skipped []debt.Skipped) (by []unread, total int) {
	at := map[string]int{}
	for _, s := range skipped {
		if s.Expected {
			continue
		}
		total++
		i, ok := at[s.Reason]
		if !ok {
			i = len(by)
			at[s.Reason] = i
			by = append(by, unread{Reason: s.Reason})
		}
		by[i].Files = append(by[i].Files, s.File)
	}
	return by, total
}

// side writes "example.com/pay (head)".
func side(pkg, which string) string {
	if which == "" {
		return pkg
	}
	return pkg + " (" + which + ")"
}
