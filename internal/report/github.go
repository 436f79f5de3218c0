package report

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
)

// What GitHub Actions takes of one step: 10 annotations of each kind, and a
// summary of 1 MiB. It drops what is more without a word.
const (
	maxAnnotations   = 10
	StepSummaryLimit = 1 << 20
)

// The kinds of annotations, which are also the names of their commands.
const (
	errorKind   = "error"
	warningKind = "warning"
	noticeKind  = "notice"
)

// annotation is one workflow command, not yet escaped.
type annotation struct {
	kind               string
	file               string
	line, endLine, col int
	title, message     string
}

// WorkflowCommands draws a review as workflow commands, which make annotations
// of a GitHub Actions step: the verdict, what is unknown, and what the change
// adds; at most 10 of each kind, and a last notice about the others. The error
// is the writer's.
//
// Only the verdict is ever an error, since it alone fails a review. Within the
// bar nobody has to act, so there the findings are notices, and nothing is
// printed where the change adds nothing.
func WorkflowCommands(w io.Writer, r review.Review) error {
	var b strings.Builder
	for _, a := range choose(annotations(r)) {
		b.WriteString(a.command())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// StepSummary is a review for the summary of a GitHub Actions step: the comment
// in Markdown, cut at a row to room bytes; empty where not even its frame fits.
func StepSummary(r review.Review, room int) string {
	if s := markdown(r, min(room, StepSummaryLimit)); len(s) <= room {
		return s
	}
	return ""
}

// annotations are all that could be said, the most important first.
func annotations(r review.Review) []annotation {
	g := group(r.Delta.Findings)
	out := verdictAnnotation(r, g)
	// A hundred files that were not analysed must not hide every finding.
	unknown := unknowns(r.Coverage)
	first := min(len(unknown), maxListed)
	out = append(out, unknown[:first]...)
	for _, f := range g.added {
		kind := noticeKind
		if r.Outcome != review.Clear && sarifLevel(f.Minutes) == "warning" {
			kind = warningKind
		}
		out = append(out, annotation{
			kind: kind, file: f.File, line: f.Line, endLine: f.EndLine, col: f.Column,
			title:   fmt.Sprintf("%s of debt: %s", Minutes(f.Minutes), f.Rule),
			message: describe(f.Finding),
		})
	}
	return append(out, unknown[first:]...)
}

// verdictAnnotation is the verdict, where there is anything to say.
func verdictAnnotation(r review.Review, g groups) []annotation {
	a := annotation{kind: noticeKind, title: headline(r, g, func(s string) string { return s })}
	switch d := r.Delta; {
	case r.Outcome != review.Clear:
		a.kind = errorKind
		var sentences []string
		for _, reason := range r.Reasons {
			sentences = append(sentences, strings.TrimSuffix(reason, ".")+".")
		}
		if len(r.Hints) > 0 {
			sentences = append(sentences, "What to do: "+strings.Join(r.Hints, "; "))
		}
		a.message = strings.Join(sentences, " ")
	case len(g.added) > 0:
		a.message = fmt.Sprintf("Introduced %s, repaid %s, net %s (%s)",
			Minutes(d.Introduced), Minutes(d.Repaid), signed(d.Net), span(d.Low, d.High))
	default:
		return nil
	}
	return []annotation{a}
}

// unknowns are the gaps in the analysis.
func unknowns(c debt.Coverage) []annotation {
	var out []annotation
	for _, s := range c.Skipped {
		if !s.Expected {
			out = append(out, annotation{kind: warningKind, file: s.File, title: "Not analysed", message: s.Reason})
		}
	}
	for _, b := range c.Broken {
		out = append(out, annotation{kind: warningKind, title: "Does not type-check", message: side(b.Package, b.Side) + ": " + b.Error})
	}
	for _, l := range c.Lost {
		out = append(out, annotation{kind: warningKind, title: "Check failed", message: l.Analyzer + " on " + side(l.Package, l.Side) + ": " + l.Error})
	}
	return out
}

// choose picks the first ones of each kind, as many as a step may have. What is
// left over is counted in a notice at the end, which has its place kept.
func choose(all []annotation) []annotation {
	total := map[string]int{}
	for _, a := range all {
		total[a.kind]++
	}
	limit := map[string]int{errorKind: maxAnnotations, warningKind: maxAnnotations, noticeKind: maxAnnotations}
	for _, n := range total {
		if n > maxAnnotations {
			limit[noticeKind] = maxAnnotations - 1
		}
	}
	var out []annotation
	for _, a := range all {
		if limit[a.kind] > 0 {
			limit[a.kind]--
			out = append(out, a)
		}
	}
	if rest := len(all) - len(out); rest > 0 {
		out = append(out, annotation{kind: noticeKind, title: count(rest, "annotation") + " more, not shown", message: fmt.Sprintf(
			"A step has room for %d annotations of a kind; the summary of the job lists more.", maxAnnotations)})
	}
	return out
}

// command is the line that the runner reads.
func (a annotation) command() string {
	var properties []string
	add := func(name, value string) {
		properties = append(properties, name+"="+value)
	}
	if file := EscapeCommandProperty(a.file); file != "" {
		add("file", file)
		if a.line > 0 {
			end := max(a.line, a.endLine)
			add("line", strconv.Itoa(a.line))
			add("endLine", strconv.Itoa(end))
			if a.col > 0 && end == a.line { // in a range of lines the runner drops it
				add("col", strconv.Itoa(a.col))
			}
		}
	}
	title := clip(a.title, maxText)
	add("title", EscapeCommandProperty(title))
	// Without a message there is no annotation.
	message := cmp.Or(EscapeCommand(clip(a.message, maxText)), EscapeCommand(title))
	return "::" + a.kind + " " + strings.Join(properties, ",") + "::" + message + "\n"
}
