package signoff

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// The limits of what is read of a comment.
const (
	maxCommands = 10   // of one comment
	maxLine     = 4000 // bytes of one command
	maxEcho     = 200  // of what is kept of the line
	minCommit   = 7    // digits
)

// verbs has a row for each command. Of the words after the verb, commit takes the
// first, object the first or next, and the text all the rest.
var verbs = []grammar{
	{VerbHelp, "help", "this list", false, none, none, nil},
	{VerbStatus, "status", "where it stands, and who is asked", false, none, none, nil},
	{VerbExplain, "explain F3", "what a finding is about", false, must, none, nil},
	{VerbRetry, "retry", "judge it again", false, none, none, nil},
	{VerbSignOff, "signoff SHA [NOTE]", "sign the head off; `accept SHA` is the same, of the team whose code it is", true, none, may, nil},
	{VerbRequestChanges, "request-changes WHY", "withhold the sign-off until it is changed", false, none, must, nil},
	{VerbRecommendAgainst, "recommend-against WHY", "say that it should not go in", false, none, must, nil},
	{VerbDecline, "decline WHY", "do not want to be asked", false, none, must, nil},
	{VerbReassign, "reassign [@USER]", "ask the next one, or this one", false, may, none, nil},
	{VerbRequire, "require DOMAIN WHY", "ask for a sign-off in one more domain", false, must, must, domain},
	{VerbOverride, "override SHA REASON [--data URL] [--follow-up #N] [--due DATE]", "go in without; it is recorded and told", true, none, must, nil},
	{VerbOverrideCancel, "override-cancel", "take an override back", false, none, none, nil},
	{VerbDismiss, "dismiss F3 WHY", "say that a finding is wrong; who may sign grants it", false, must, must, nil},
	{VerbJustify, "justify [OVR-N] REASON", "say why it went in without a sign-off", false, which, must, nil},
	{VerbAcknowledge, "acknowledge [OVR-N]", "say that you have seen an override", false, which, none, nil},
	{VerbAccept, "accept [OVR-N] [NOTE]", "say that nothing more is asked for", false, which, may, nil},
	{VerbPromise, "promise [OVR-N] ISSUE DATE", "say what will be done, and by which day", false, which, must, nil},
	{VerbKept, "kept [OVR-N] [URL]", "say that the promise was kept, with what shows it; or that you checked it", false, which, may, nil},
	{VerbCorrect, "correct @OWNER WHY > WHY > WHY => MECHANISM", "say why an overridden change turned out badly, and what removes the cause", false, must, must, nil},
	{VerbDeviation, "deviation ended|DATE WHY", "say that a deviation has ended, or until which day it is left", false, must, must, endedOrDay},
	{VerbVoid, "void [OVR-N] WHY", "say that it was no override", false, which, must, nil},
}

type grammar struct {
	verb   Verb
	usage  string
	does   string
	commit bool
	object arity
	text   arity
	check  func(string) string // of the object
}

type arity int

const (
	none arity = iota
	may
	must
	which // the name of an override, where the next word is one
)

// Help lists the commands, in Markdown.
func Help() string {
	var b strings.Builder
	for _, v := range verbs {
		fmt.Fprintf(&b, "- `/bar %s`: %s\n", v.usage, v.does)
	}
	return b.String()
}

// ParseCommands reads the commands of a comment: lines that begin with "/bar",
// in any case. Those in quotes, code and hidden text are none, since whoever
// quotes or pastes something does not say it; nor is a line that Markdown draws
// into the quote above it.
func ParseCommands(body string) []Command {
	var out []Command
	var s sieve
	for line := range strings.Lines(body) {
		line = strings.TrimRight(line, "\r\n")
		if s.hides(line) {
			continue
		}
		rest, ok := afterBar(line)
		switch {
		case !ok:
		case len(out) == maxCommands:
			return append(out, Command{Line: echo(line), Wrong: fmt.Sprintf("more than %d commands in one comment: the others were not read", maxCommands)})
		default:
			out = append(out, parse(line, rest))
		}
	}
	return out
}

// afterBar returns what follows "/bar" as a word of its own.
func afterBar(line string) (rest string, ok bool) {
	const bar = "/bar"
	if len(line) < len(bar) || !strings.EqualFold(line[:len(bar)], bar) {
		return "", false
	}
	rest = line[len(bar):]
	if r, _ := utf8.DecodeRuneInString(rest); rest != "" && !unicode.IsSpace(r) {
		return "", false
	}
	return rest, true
}

// A sieve finds the lines of a comment that nobody says.
type sieve struct {
	fence  string // that ends the code; empty outside of code
	indent int    // of the line that began it
	quoted bool   // the line before was of a quote
	until  string // what ends hidden or verbatim HTML
}

func (s *sieve) hides(line string) bool {
	text := strings.TrimLeft(line, " \t")
	indent := len(line) - len(text)
	switch {
	case s.fence != "":
		if end := strings.TrimRight(text, " \t"); indent <= s.indent+3 && strings.HasPrefix(end, s.fence) && strings.Trim(end, s.fence[:1]) == "" {
			s.fence = ""
		}
		return true
	case s.until != "":
		if _, after, ok := strings.Cut(strings.ToLower(line), s.until); ok {
			s.until = ""
			s.opens(after)
		}
		return true
	case strings.HasPrefix(text, "```") || strings.HasPrefix(text, "~~~"):
		s.fence, s.indent, s.quoted = text[:len(text)-len(strings.TrimLeft(text, text[:1]))], indent, false
		return true
	case strings.HasPrefix(text, ">"):
		s.quoted = true
		return true
	case text == "":
		s.quoted = false
		return true
	}
	hidden := s.quoted
	s.opens(strings.ToLower(line))
	return hidden
}

// opens notes HTML that goes on in the next line.
func (s *sieve) opens(line string) {
	for {
		at, end := -1, ""
		for _, tag := range [][2]string{{"<!--", "-->"}, {"<pre", "</pre>"}, {"<script", "</script>"}, {"<style", "</style>"}, {"<textarea", "</textarea>"}} {
			if i := strings.Index(line, tag[0]); i >= 0 && (at < 0 || i < at) {
				at, end = i, tag[1]
			}
		}
		if at < 0 {
			return
		}
		_, after, closed := strings.Cut(line[at:], end)
		if !closed {
			s.until = end
			return
		}
		line = after
	}
}

func parse(line, rest string) Command {
	c := Command{Line: echo(line)}
	if len(line) > maxLine || !utf8.ValidString(line) {
		c.Wrong = fmt.Sprintf("a command has at most %d bytes of text", maxLine)
		return c
	}
	word, rest := cut(rest)
	if word == "" {
		word = string(VerbHelp)
	}
	c.Verb = Verb(strings.ToLower(word))
	i := slices.IndexFunc(verbs, func(g grammar) bool { return g.verb == c.Verb })
	if i < 0 {
		c.Verb, c.Wrong = "", "there is no such command: `/bar help` lists them"
		return c
	}
	if first, _ := cut(rest); c.Verb == VerbAccept && isCommit(strings.Trim(first, "`")) {
		c.Verb = VerbSignOff // the word of those whose code it is, about this change
		i = slices.IndexFunc(verbs, func(g grammar) bool { return g.verb == c.Verb })
	}
	v := verbs[i]
	wrong := func(what string) Command {
		c.Wrong = what + ": `/bar " + v.usage + "`"
		return c
	}
	if v.commit {
		word, rest = cut(rest)
		c.Commit = strings.ToLower(strings.Trim(word, "`"))
		if !isCommit(c.Commit) {
			c.Commit = ""
			return wrong(fmt.Sprintf("name the commit first, by at least %d digits of its hash", minCommit))
		}
	}
	if word, after := cut(rest); v.object == which && isName(word) {
		c.Object, rest = strings.ToUpper(word), after
	}
	if v.object == may || v.object == must {
		word, rest = cut(rest)
		c.Object = strings.TrimPrefix(word, "@")
		if c.Object == "" && v.object == must {
			return wrong("something is missing")
		}
		if v.check != nil {
			if what := v.check(c.Object); what != "" {
				return wrong(what)
			}
			c.Object = strings.ToLower(c.Object)
		}
	}
	if c.Verb == VerbOverride {
		text, what := c.flags(rest)
		if what != "" {
			return wrong(what)
		}
		rest = text
	}
	c.Text = strings.TrimSpace(rest)
	switch {
	case c.Text == "" && v.text == must:
		return wrong("say why")
	case c.Text != "" && v.text == none:
		return wrong("there is more than the command takes")
	}
	if what := c.follows(); what != "" {
		return wrong(what)
	}
	return c
}

// isName reports whether a word is the name of an override.
func isName(word string) bool {
	const digits = "0123456789"
	return len(word) > len(namePrefix) && strings.EqualFold(word[:len(namePrefix)], namePrefix) && strings.Trim(word[len(namePrefix):], digits) == ""
}

// follows takes a promise and what keeps one out of the text.
func (c *Command) follows() (wrong string) {
	switch words := strings.Fields(c.Text); c.Verb {
	case VerbPromise:
		last := len(words) - 1
		if _, err := time.Parse(time.DateOnly, words[last]); err != nil || last == 0 {
			return "name the issue, and last the day as 2026-12-31"
		}
		c.FollowUp, c.Due, c.Text = strings.Join(words[:last], " "), review.Date(words[last]), ""
	case VerbKept:
		switch {
		case len(words) == 0:
		case len(words) > 1 || !strings.HasPrefix(words[0], "https://") && !strings.HasPrefix(words[0], "http://"):
			return "give the address that shows it, which begins with https://"
		default:
			c.Data, c.Text = words[0], ""
		}
	}
	return ""
}

// flags reads the flags of an override, and returns the text before them. Phones
// make a dash of two hyphens.
func (c *Command) flags(rest string) (text, wrong string) {
	words := strings.Fields(rest)
	isFlag := func(w string) bool {
		return len(w) > 2 && strings.HasPrefix(w, "--") || strings.HasPrefix(w, "—") && len(w) > len("—")
	}
	i := slices.IndexFunc(words, isFlag)
	if i < 0 {
		return rest, ""
	}
	text = strings.Join(words[:i], " ")
	given := map[string]bool{}
	for words = words[i:]; len(words) > 0; {
		name, value, joined := strings.Cut(strings.TrimLeft(words[0], "-—"), "=")
		if !isFlag(words[0]) {
			return "", "the reason goes before the flags, and a flag takes one word"
		}
		words = words[1:]
		if !joined && len(words) > 0 && !isFlag(words[0]) {
			value, words = words[0], words[1:]
		}
		name = strings.ToLower(name)
		if given[name] {
			return "", "a flag is there twice"
		}
		given[name] = true
		switch {
		case name == "data" && (strings.HasPrefix(value, "https://") || strings.HasPrefix(value, "http://")):
			c.Data = value
		case name == "data":
			return "", "`--data` takes an address that begins with https://"
		case name == "follow-up" && value != "":
			c.FollowUp = value
		case name == "follow-up":
			return "", "`--follow-up` takes the number of an issue, or its address"
		case name == "due":
			if _, err := time.Parse(time.DateOnly, value); err != nil {
				return "", "`--due` takes a day as 2026-12-31"
			}
			c.Due = review.Date(value)
		default:
			return "", "there is no such flag"
		}
	}
	return text, ""
}

// isCommit reports whether a word can be the beginning of a commit's hash.
func isCommit(word string) bool {
	return len(word) >= minCommit && len(word) <= 64 && strings.Trim(strings.ToLower(word), "0123456789abcdef") == ""
}

func domain(name string) string {
	var names []string
	for _, d := range impact.Domains() {
		if strings.EqualFold(name, string(d)) {
			return ""
		}
		names = append(names, "`"+string(d)+"`")
	}
	return "the domains are " + strings.Join(names, ", ")
}

// cut takes the first word of a text.
func cut(text string) (word, rest string) {
	text = strings.TrimLeftFunc(text, unicode.IsSpace)
	if i := strings.IndexFunc(text, unicode.IsSpace); i >= 0 {
		return text[:i], text[i:]
	}
	return text, ""
}

// echo is what is kept of a line.
func echo(line string) string {
	line = strings.ToValidUTF8(line, "�")
	if len(line) <= maxEcho {
		return line
	}
	cut := maxEcho
	for !utf8.RuneStart(line[cut]) {
		cut--
	}
	return line[:cut] + "…"
}
