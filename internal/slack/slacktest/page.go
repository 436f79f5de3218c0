package slacktest

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed templates/page.tmpl
var templateFiles embed.FS

var pageTemplate = template.Must(template.ParseFS(templateFiles, "templates/page.tmpl"))

// pages are for people. Whoever opens them chooses who to be, by a cookie: there
// is nothing here to protect, and only this machine can ask.
func (s *Server) pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { s.show(w, r, "") })
	mux.HandleFunc("GET /{channel}", func(w http.ResponseWriter, r *http.Request) { s.show(w, r, r.PathValue("channel")) })
	mux.HandleFunc("GET /files/{file}", s.download)
	mux.HandleFunc("POST /you", s.become)
	mux.HandleFunc("POST /{channel}/press", s.pressed)
	mux.HandleFunc("POST /{channel}/command", s.commanded)
	// Forms of other sites are refused, so that no page elsewhere can act here.
	return http.NewCrossOriginProtection().Handler(mux)
}

const youCookie = "slack-you"

func (s *Server) you(r *http.Request) Member {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, err := r.Cookie(youCookie); err == nil {
		if m, ok := s.member(c.Value); ok {
			return m
		}
	}
	if len(s.members) == 0 {
		return Member{}
	}
	return s.members[0]
}

func (s *Server) become(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: youCookie, Value: r.PostFormValue("member"), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Server) pressed(w http.ResponseWriter, r *http.Request) {
	at := r.PathValue("channel")
	s.answer(w, r, at, s.Press(r.Context(), s.you(r).ID, at, r.PostFormValue("ts"), r.PostFormValue("action")))
}

func (s *Server) commanded(w http.ResponseWriter, r *http.Request) {
	at := r.PathValue("channel")
	s.answer(w, r, at, s.Command(r.Context(), s.you(r).ID, at, r.PostFormValue("text")))
}

// answer goes back to the channel. What the app answers by a message comes a
// moment later.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, channel string, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	time.Sleep(300 * time.Millisecond)
	http.Redirect(w, r, "/"+channel+"#last", http.StatusSeeOther)
}

func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		if f.id == r.PathValue("file") {
			w.Header().Set("Content-Type", http.DetectContentType(f.content))
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
			return
		}
	}
	http.NotFound(w, r)
}

// A pageView is what the page shows.
type pageView struct {
	You           Member
	Members       []memberView
	Channels      []channelView
	Here          channelView
	Parents       []messageView
	Nobody, Empty bool
}

type memberView struct {
	Member
	Direct int // messages to them
}

type channelView struct {
	ID, Title string
	Messages  int
	Current   bool
}

type messageView struct {
	Channel       string // id
	TS, At        string
	Edited, Alone bool // seen by you alone
	Broadcast     bool
	Blocks        []blockView
	Text          []line // where there are no blocks
	File          string
	Replies       []messageView
	Last          bool
}

// In is the message with its channel, for its template.
func (m messageView) In(channel string) messageView {
	m.Channel = channel
	return m
}

type blockView struct {
	Header  string
	Lines   []line
	Fields  [][]line
	Buttons []buttonView
	// Picture is the id of a file, and Alt what there is to see.
	Picture, Alt string
}

type buttonView struct{ Label, URL, Action string }

// A line of a text, in spans.
type line struct {
	Quote bool
	Spans []span
}

type span struct {
	Text       string
	Bold, Code bool
}

// block is what of Block Kit is drawn.
type block struct {
	Type     string
	Text     *struct{ Text string }
	Fields   []struct{ Text string }
	Alt      string               `json:"alt_text"`
	File     *struct{ ID string } `json:"slack_file"`
	Elements []struct {
		Text     struct{ Text string }
		ActionID string `json:"action_id"`
		URL      string
		Value    string
	}
}

func blocksOf(m Message) (blocks []block) {
	if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
		return nil // there are none
	}
	return blocks
}

func (s *Server) show(w http.ResponseWriter, r *http.Request, at string) {
	you := s.you(r)
	s.mu.Lock()
	view := s.view(you, at)
	s.mu.Unlock()
	if at != "" && view.Here.ID != at {
		http.NotFound(w, r) // or somebody else's
		return
	}
	var page bytes.Buffer
	if err := pageTemplate.Execute(&page, view); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Refresh", "15")
	_, _ = page.WriteTo(w) // an error is the browser's having gone
}

func (s *Server) view(you Member, at string) pageView {
	view := pageView{You: you, Nobody: you.ID == ""}
	for _, m := range s.members {
		direct := 0
		for _, c := range s.channels {
			if c.member == m.ID {
				direct = s.count(c)
			}
		}
		view.Members = append(view.Members, memberView{m, direct})
	}
	for _, c := range s.channels {
		if c.member != "" && c.member != you.ID {
			continue
		}
		title := s.title(c)
		if c.member != "" {
			title = "Bar Raiser (to you)"
		}
		v := channelView{ID: c.id, Title: title, Messages: s.count(c)}
		if c.id == at || at == "" && view.Here.ID == "" {
			v.Current, view.Here = true, v
		}
		view.Channels = append(view.Channels, v)
	}
	view.Parents = s.thread(you, view.Here.ID, "")
	if n := len(view.Parents); n > 0 {
		view.Parents[n-1].Last = true
	}
	view.Empty = len(view.Parents) == 0
	return view
}

func (s *Server) count(c channel) (n int) {
	for _, m := range s.messages {
		if m.Channel == c.id && m.For == "" {
			n++
		}
	}
	return n
}

// thread are the messages below one, or those of a channel.
func (s *Server) thread(you Member, channel, parent string) (out []messageView) {
	for _, m := range s.messages {
		if m.Channel != channel || m.Thread != parent || m.For != "" && m.For != you.ID {
			continue
		}
		v := messageView{
			TS: m.TS, At: clock(m.TS), Edited: m.Edited, Alone: m.For != "", Broadcast: m.Broadcast, File: m.File,
		}
		for _, b := range blocksOf(m) {
			v.Blocks = append(v.Blocks, b.view())
		}
		if len(v.Blocks) == 0 {
			v.Text = lines(m.Text)
		}
		if parent == "" {
			v.Replies = s.thread(you, channel, m.TS)
		}
		out = append(out, v)
	}
	return out
}

func clock(ts string) string {
	seconds, _, _ := strings.Cut(ts, ".")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return ts
	}
	return time.Unix(n, 0).Format("Mon 15:04")
}

func (b block) view() blockView {
	var v blockView
	if b.Text != nil && b.Type == "header" {
		v.Header = plain(b.Text.Text)
	} else if b.Text != nil {
		v.Lines = lines(b.Text.Text)
	}
	for _, f := range b.Fields {
		v.Fields = append(v.Fields, lines(f.Text))
	}
	for _, e := range b.Elements {
		v.Buttons = append(v.Buttons, buttonView{Label: plain(e.Text.Text), URL: e.URL, Action: e.ActionID})
	}
	if b.File != nil {
		v.Picture, v.Alt = b.File.ID, b.Alt
	}
	return v
}

// plain takes Slack's three escapes back.
func plain(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// lines reads as much of mrkdwn as there is in our messages: quotes, bold, code.
func lines(s string) (out []line) {
	for text := range strings.SplitSeq(s, "\n") {
		var l line
		text, l.Quote = strings.CutPrefix(text, "> ")
		for i, part := range strings.Split(text, "`") {
			if i%2 == 1 {
				l.Spans = append(l.Spans, span{Text: plain(part), Code: true})
				continue
			}
			for j, piece := range strings.Split(part, "*") {
				if piece != "" {
					l.Spans = append(l.Spans, span{Text: plain(piece), Bold: j%2 == 1})
				}
			}
		}
		out = append(out, l)
	}
	return slices.Clip(out)
}

// String is a message as a transcript shows it: where, and all of its words.
func (m Message) String() string {
	var b strings.Builder
	write := func(indent string, ls []line) {
		for _, l := range ls {
			b.WriteString(indent)
			if l.Quote {
				b.WriteString("> ")
			}
			for _, s := range l.Spans {
				b.WriteString(s.Text)
			}
			b.WriteString("\n")
		}
	}
	for _, v := range blocksOf(m) {
		view := v.view()
		if view.Header != "" {
			fmt.Fprintf(&b, "%s\n", view.Header)
		}
		write("", view.Lines)
		for _, f := range view.Fields {
			write("  ", f)
		}
		if view.Picture != "" {
			fmt.Fprintf(&b, "[picture: %s]\n", view.Alt)
		}
		for _, button := range view.Buttons {
			fmt.Fprintf(&b, "[%s] ", button.Label)
		}
	}
	if b.Len() == 0 {
		write("", lines(m.Text))
	}
	return strings.TrimRight(b.String(), " \n")
}
