package slack

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"
)

// block is what of Block Kit there is in our messages.
type block struct {
	Type     string
	Text     *textObject
	Alt      string               `json:"alt_text"`
	File     *struct{ ID string } `json:"slack_file"`
	Fields   []textObject
	Elements []struct {
		Type     string
		Text     textObject
		ActionID string `json:"action_id"`
		URL      string
		Value    string
	}
}

type textObject struct {
	Type, Text      string
	Verbatim, Emoji bool
}

// check holds a message against the documented limits of Block Kit, and against
// the rule that nothing in it acts.
func (w *workspace) check(form url.Values) {
	w.t.Helper()
	wrong := func(format string, args ...any) { w.t.Helper(); w.t.Errorf(format+" in "+form.Encode(), args...) }
	if form.Get("text") == "" || utf8.RuneCountInString(form.Get("text")) > 4000 {
		wrong("no text, or too much")
	}
	if form.Get("parse") != "none" || form.Get("link_names") != "" {
		wrong("Slack is to look for names and links")
	}
	inert := func(s string) {
		if strings.ContainsAny(s, "<>") || strings.Contains(s, "@here") || strings.Contains(s, "@channel") {
			wrong("%q is not inert", s)
		}
	}
	text := func(t textObject, most int) {
		if n := utf8.RuneCountInString(t.Text); n == 0 || n > most {
			wrong("text of %d characters, at most %d", n, most)
		}
		if t.Type == "mrkdwn" && !t.Verbatim || t.Type == "plain_text" && (t.Verbatim || t.Emoji) {
			wrong("%q is to be parsed", t.Text)
		}
		lines := strings.Split(t.Text, "\n")
		for _, l := range lines {
			inert(strings.TrimPrefix(l, "> ")) // a quote of ours
		}
	}
	inert(form.Get("text"))
	if form.Get("blocks") == "" {
		return
	}
	if err := checkBlocks(form.Get("blocks")); err != nil {
		wrong("%v", err)
	}
	var blocks []block
	if err := json.Unmarshal([]byte(form.Get("blocks")), &blocks); err != nil || len(blocks) > 50 {
		wrong("%d blocks, %v", len(blocks), err)
	}
	for _, b := range blocks {
		switch b.Type {
		case "header":
			text(*b.Text, 150)
		case "section":
			if b.Text == nil && len(b.Fields) == 0 || len(b.Fields) > 10 {
				wrong("section with %d fields", len(b.Fields))
			}
			if b.Text != nil {
				text(*b.Text, 3000)
			}
			for _, f := range b.Fields {
				text(f, 2000)
			}
		case "image":
			if n := utf8.RuneCountInString(b.Alt); n == 0 || n > 2000 || b.File == nil || b.File.ID != uploadID {
				wrong("picture %+v", b)
			}
			inert(b.Alt)
		case "actions":
			ids := map[string]bool{}
			for _, e := range b.Elements {
				text(e.Text, 75)
				if e.Type != "button" || e.ActionID == "" || len(e.ActionID) > 255 || ids[e.ActionID] || len(e.Value) > 2000 || len(e.URL) > 3000 {
					wrong("button %+v", e)
				}
				ids[e.ActionID] = true
			}
			if n := len(b.Elements); n == 0 || n > 25 {
				wrong("%d buttons", n)
			}
		default:
			wrong("block %q", b.Type)
		}
	}
}
