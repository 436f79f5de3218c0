package report

import (
	"strings"
	"unicode/utf8"
)

// joint parts a text in two for Slack without a trace on the screen: what it
// looks for in a message (mentions, channels, addresses, emoji) ends there.
const joint = "\u200b"

// slackShapes stand for the characters of mrkdwn that have no escape. They read
// alike and mean nothing.
var slackShapes = map[rune]string{'*': "∗", '~': "∼", '`': "ˋ"}

// EscapeSlack makes s plain text in the mrkdwn of Slack: no mention of a person,
// group or channel, no link, emoji, quote or emphasis. Slack documents an escape
// for three characters only (& < >), which is enough for what is written in
// angle brackets; the rest is for what it finds in bare text.
func EscapeSlack(s string) string {
	s = strings.TrimSpace(plain(s))
	var b strings.Builder
	b.Grow(len(s) + len(s)/4)
	for i, r := range s {
		before, after := s[:i], s[i+utf8.RuneLen(r):]
		switch r {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			if before == "" { // a quote, even so encoded
				b.WriteString(joint)
			}
			b.WriteString("&gt;")
		case '@', '#': // @here, #general; a mail address
			b.WriteString(string(r) + joint)
		case ':': // https://…, :emoji:
			b.WriteByte(':')
			if after != "" && after[0] != ' ' {
				b.WriteString(joint)
			}
		case '.': // www.example.com, example.com
			b.WriteByte('.')
			if before != "" && after != "" && after[0] != ' ' {
				b.WriteString(joint)
			}
		case '_':
			// Within a word it is one.
			if before == "" || after == "" || !isLetterOrDigit(before[len(before)-1]) || !isLetterOrDigit(after[0]) {
				b.WriteString("ˍ")
				break
			}
			b.WriteByte('_')
		case '*', '~', '`':
			b.WriteString(slackShapes[r])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isLetterOrDigit(c byte) bool { return isWord(c) && c != '_' }

// slackFit is s escaped, cut to at most n characters as Slack counts them: it
// counts what is encoded.
func slackFit(s string, n int) string {
	for most := n; most > 1; most -= max(most/8, 1) {
		if out := EscapeSlack(clip(s, most)); utf8.RuneCountInString(out) <= n {
			return out
		}
	}
	return "…"
}

// A sentence holds up to four texts and three names, which is less than a
// paragraph of Slack may have.
const (
	slackTextLength = 500
	slackNameLength = 100
)

// slackText is text from outside in a message, slackName a name.
func slackText(s string) string { return slackFit(s, slackTextLength) }

func slackName(s string) string { return slackFit(s, slackNameLength) }
