// Package description reads what a pull request says of itself: the sections of
// its description, and whether they say what they are there for.
//
// The text is anybody's, and may be another one tomorrow: it is read as Markdown
// draws it, within limits, and nothing here takes it for more than a claim. What a
// section lacks is found by plain rules that a person can check by eye; that it is
// true, no rule can find.
//
// It is pure: no I/O, no clock.
package description

import "strings"

// The limits of what is read: as much as GitHub keeps of a description, and of a
// section what people read of one.
const (
	maxBody  = 65_536 // bytes
	MaxLines = 40     // of a section
)

// A Section is a part of a description below a heading.
type Section struct {
	Title string
	// Lines are its text without empty lines at its ends and without comments of a
	// template; headings within it are lines without their marks. One that ends in
	// "…" was cut.
	Lines []string
}

// Find returns the first section of a name, in any case and below a heading of
// any level. A section that holds nothing is none.
func Find(body, name string) (Section, bool) {
	s := Section{Title: name}
	level := 0
	var f fence
	for line := range strings.Lines(uncommented(clip(body))) {
		line = strings.TrimRight(line, "\r\n")
		code := f.holds(line)
		n, title := heading(line)
		switch {
		case code || n == 0:
			if level > 0 {
				s.Lines = append(s.Lines, line)
			}
		case level > 0 && n <= level:
			return s.trimmed()
		case level == 0 && strings.EqualFold(title, name):
			level = n
		case level > 0:
			s.Lines = append(s.Lines, title)
		}
	}
	return s.trimmed()
}

// clip cuts what is longer than a description can be.
func clip(body string) string {
	if len(body) > maxBody {
		body = strings.ToValidUTF8(body[:maxBody], "")
	}
	return body
}

// heading returns the level and text of a heading in Markdown, 0 where the line
// is none.
func heading(line string) (level int, title string) {
	rest := strings.TrimLeft(line, " ")
	text := strings.TrimLeft(rest, "#")
	level = len(rest) - len(text)
	if len(line)-len(rest) > 3 || level > 6 || text != "" && text[0] != ' ' && text[0] != '\t' {
		return 0, ""
	}
	return level, strings.Trim(strings.TrimRight(strings.TrimSpace(text), "#"), " \t:*")
}

// A fence is the run of marks around a block of code; empty outside of one.
type fence string

// holds reports whether a line is of a block of code, its fences among it.
func (f *fence) holds(line string) bool {
	mark := fenceOf(line)
	switch {
	case mark == "":
		return *f != ""
	case *f == "":
		*f = fence(mark)
	case strings.HasPrefix(mark, string(*f)):
		*f = ""
	}
	return true
}

// fenceOf is the run that opens or ends a block of code.
func fenceOf(line string) string {
	rest := strings.TrimLeft(line, " ")
	for _, c := range []string{"`", "~"} {
		if run := rest[:len(rest)-len(strings.TrimLeft(rest, c))]; len(run) >= 3 {
			return run
		}
	}
	return ""
}

// uncommented drops HTML comments; one that does not end hides all that follows,
// as it does on the page.
func uncommented(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "<!--")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, s, _ = strings.Cut(rest, "-->")
	}
}

func (s Section) trimmed() (Section, bool) {
	for len(s.Lines) > 0 && blank(s.Lines[0]) {
		s.Lines = s.Lines[1:]
	}
	if len(s.Lines) > MaxLines {
		s.Lines = append(s.Lines[:MaxLines:MaxLines], "…")
	}
	for len(s.Lines) > 0 && blank(s.Lines[len(s.Lines)-1]) {
		s.Lines = s.Lines[:len(s.Lines)-1]
	}
	return s, len(s.Lines) > 0
}

// blank reports whether nothing of a line is seen: white space, and what has no
// width.
func blank(line string) bool {
	return strings.IndexFunc(line, func(r rune) bool { return !unseen(r) }) < 0
}
