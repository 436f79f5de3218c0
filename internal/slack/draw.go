package slack

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	api "github.com/slack-go/slack"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
)

// What Slack takes, in characters or pieces.
// Source: docs.slack.dev/reference/block-kit and chat.postMessage.
const (
	mostText    = 4000 // of a message; from here on it may be cut
	mostHeader  = 150
	mostSection = 3000
	mostFields  = 10
	mostField   = 2000
	mostBlocks  = 50
	mostButtons = 25
	mostLabel   = 75
	mostURL     = 3000
	mostAction  = 255
	mostValue   = 2000
	mostAlt     = 2000 // of a picture
)

// A message as it is sent.
type message struct {
	text   string // what a notification shows, and a screen reader says
	blocks []api.Block
}

// draw makes blocks of a message about a subject. Buttons that act are left out
// where their action is not in acts.
func draw(subject signoff.Subject, m report.SlackMessage, acts map[string]signoff.Verb) message {
	blocks := []api.Block{api.NewHeaderBlock(plainText(m.Header, mostHeader))}
	for _, part := range parts(m.Lines) {
		blocks = append(blocks, api.NewSectionBlock(mrkdwn(part, mostSection), nil, nil))
	}
	var fields []*api.TextBlockObject
	for _, f := range m.Fields[:min(len(m.Fields), mostFields)] {
		fields = append(fields, mrkdwn("*"+f.Label+"*\n"+f.Value, mostField))
	}
	if len(fields) > 0 {
		blocks = append(blocks, api.NewSectionBlock(nil, fields, nil))
	}
	// The buttons go last, and stay if something has to go.
	blocks = blocks[:min(len(blocks), mostBlocks-1)]
	if buttons := buttons(subject, m.Buttons, acts); len(buttons) > 0 {
		blocks = append(blocks, api.NewActionBlock("", buttons...))
	}
	return message{text: clip(m.Fallback, mostText), blocks: blocks}
}

// parts joins the lines to texts that a section takes.
func parts(lines []string) []string {
	var out []string
	size := 0
	for _, line := range lines {
		if line == "" {
			continue
		}
		n := utf8.RuneCountInString(line)
		if len(out) > 0 && size+1+n <= mostSection {
			out[len(out)-1] += "\n" + line
			size += 1 + n
			continue
		}
		out, size = append(out, line), n
	}
	return out
}

func buttons(subject signoff.Subject, list []report.SlackButton, acts map[string]signoff.Verb) []api.BlockElement {
	var out []api.BlockElement
	for i, b := range list {
		if len(out) == mostButtons {
			break
		}
		label := plainText(b.Label, mostLabel)
		if b.URL != "" {
			if len(b.URL) <= mostURL {
				button := api.NewButtonBlockElement(fmt.Sprintf("%s%d", opens, i), "", label)
				button.URL = b.URL
				out = append(out, button)
			}
			continue
		}
		value := subject.Key() + " " + b.Value
		if acts[b.Action] != "" && len(b.Action) <= mostAction && len(value) <= mostValue {
			out = append(out, api.NewButtonBlockElement(b.Action, value, label))
		}
	}
	return out
}

// opens begins the actions of buttons that only open a page. Slack tells us of
// these as well.
const opens = "open-"

// mrkdwn is a text in which Slack looks for nothing that is not written in its
// own brackets: no names, addresses or channels.
func mrkdwn(s string, n int) *api.TextBlockObject {
	return api.NewTextBlockObject(api.MarkdownType, clip(s, n), false, true)
}

func plainText(s string, n int) *api.TextBlockObject {
	return api.NewTextBlockObject(api.PlainTextType, clip(s, n), false, false)
}

// clip is an escaped text in at most n characters. It does not cut an entity in
// two. report keeps to the limits; this is for the day when it does not.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	s = string([]rune(s)[:n-1])
	if i := strings.LastIndexByte(s, '&'); i >= 0 && !strings.Contains(s[i:], ";") {
		s = s[:i]
	}
	return s + "…"
}

// hash names what is shown.
func (m message) hash() (string, error) {
	text, err := json.Marshal(struct {
		Text   string
		Blocks []api.Block
	}{m.text, m.blocks})
	if err != nil {
		return "", fmt.Errorf("encode a message: %w", err)
	}
	return short(string(text)), nil
}

// short is a text in 32 hexadecimal digits.
func short(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}
