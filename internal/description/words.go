package description

import (
	"regexp"
	"strings"
	"time"
	"unicode"
)

// unseen are characters that take no ink. Those without width would otherwise
// make words of nothing.
func unseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2800' || r == '\u3164' || r == '\u115f' || r == '\u1160'
}

// What is in a text and says nothing in words.
var (
	inlineCode = regexp.MustCompile("`[^`]*`")
	images     = regexp.MustCompile(`!\[[^\]]*\]\([^)]*\)`)
	addresses  = regexp.MustCompile(`(?i)\bhttps?://[^\s<>)\]]+`)
	tags       = regexp.MustCompile(`</?[A-Za-z][^<>]*>`)
	boxes      = regexp.MustCompile(`^\s*([-*+]|\d+[.)])?\s*(\[[ xX]?\])?\s*`)
)

// prose is a section without code, images, addresses, tags and the marks of lists,
// a line each.
func (s Section) prose() []string {
	var out []string
	var f fence
	for _, line := range s.Lines {
		if f.holds(line) {
			continue
		}
		for _, drop := range []*regexp.Regexp{inlineCode, images, addresses, tags, boxes} {
			line = drop.ReplaceAllString(line, " ")
		}
		if !blank(line) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// words counts those of a text. Scripts that leave no space between words count
// two letters as one.
func words(text string) int {
	n, letters, dense := 0, 0, 0
	end := func() {
		if letters >= 2 || letters == 1 && n > 0 {
			n++
		}
		letters = 0
	}
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer):
			end()
			dense++
		case unicode.IsLetter(r) || unicode.IsMark(r) || (r == '\'' || r == '’') && letters > 0:
			letters++
		case unicode.Is(unicode.Cf, r): // it does not part a word
		default:
			end()
		}
	}
	end()
	return n + dense/2
}

// Field returns what a section says under one of the labels: in a line such as
// "Metric: conversion", "- **Metric**: conversion", or below a line that is the
// label alone. It is empty where it says nothing.
func (s Section) Field(labels ...string) string {
	lines := s.plain()
	for i, line := range lines {
		label, value, ok := cutLabel(line)
		if !ok || !oneOf(label, labels) {
			continue
		}
		for j := i + 1; blank(value) && j < len(lines); j++ {
			if next, _, ok := cutLabel(lines[j]); ok && oneOf(next, allLabels) {
				break
			}
			value = lines[j]
		}
		if value = strings.TrimSpace(value); !placeholder(value) {
			return value
		}
	}
	return ""
}

// plain are the lines without marks of lists and of weight.
func (s Section) plain() []string {
	var out []string
	for _, line := range s.Lines {
		line = strings.NewReplacer("**", "", "__", "").Replace(boxes.ReplaceAllString(line, ""))
		if !blank(line) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// maxLabel is how many words a label has at most.
const maxLabel = 4

// cutLabel takes the label off a line.
func cutLabel(line string) (label, value string, ok bool) {
	label, value, ok = strings.Cut(line, ":")
	if n := words(label); ok && n > 0 && n <= maxLabel && !strings.HasPrefix(value, "//") {
		return label, value, true
	}
	if n := words(line); n > 0 && n <= maxLabel && !strings.ContainsAny(line, ".!,;") {
		return line, "", true
	}
	return "", "", false
}

func oneOf(label string, labels []string) bool {
	label = strings.ToLower(strings.TrimSpace(label))
	for _, l := range labels {
		if label == l {
			return true
		}
	}
	return false
}

// Link is the first address of the web in a text; empty: there is none.
func Link(text string) string {
	return strings.TrimRight(addresses.FindString(text), ".,;:!?'\"*_`")
}

// days are dates as "2026-12-31".
var days = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`)

// Day is the first day in a text, as "2026-12-31"; empty: there is none.
func Day(text string) string {
	for _, day := range days.FindAllString(text, -1) {
		if _, err := time.Parse(time.DateOnly, day); err == nil {
			return day
		}
	}
	return ""
}

// Text is the section in one text.
func (s Section) Text() string { return strings.Join(s.Lines, "\n") }
