// Package slacktest is a simulated Slack, which "bot demo" runs: one workspace, on
// loopback, with the methods of the Web API that Bar Raiser calls, and a page that
// shows each message about as Slack would. On the page one chooses who one is,
// presses buttons and writes commands; these are signed and sent to the app as
// Slack does it.
//
// It stands for a Slack in which all is well. It checks tokens and knows channels,
// members, threads, edits, messages for one person and files; it does not check
// blocks, scopes and limits, and nothing ever fails. The tests of package slack
// have a Slack of their own for that, and emulate, which others wrote.
package slacktest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options say what a new Server starts with. The zero value is ready to use.
type Options struct {
	// Addr is the loopback address to listen on, "127.0.0.1:0" when empty.
	Addr string
	// Now dates messages; nil: time.Now.
	Now func() time.Time
}

// A Member is a person in the workspace.
type Member struct {
	ID       string // "U1", given by AddMember
	Name     string // handle
	RealName string
	Email    string
	Timezone string // IANA name
}

// A Message is what was said. Its ID is its channel with TS.
type Message struct {
	Channel string // id
	TS      string
	Thread  string // ts of the parent; empty: it is one
	// Broadcast is a reply that the channel sees as well.
	Broadcast bool
	// For is the one member who sees it; empty: all do.
	For      string
	Text     string
	Edited   bool
	File     string // id
	Blocks   json.RawMessage
	Metadata json.RawMessage
}

type channel struct{ id, name, member string } // of direct messages, with a member

type file struct {
	id, name string
	content  []byte
}

// A Server is a workspace. Its methods may be called concurrently.
type Server struct {
	now      func() time.Time
	token    string
	secret   string
	listener net.Listener
	http     *http.Server
	served   chan error

	mu       sync.Mutex
	app      string // address of the app, without a slash at its end
	members  []Member
	channels []channel
	messages []Message
	files    []file
	serial   int
}

// The app, and the workspace.
const (
	team   = "acme"
	botID  = "B1"
	botUse = "UBOT"
)

// New starts a workspace without people.
func New(o Options) (*Server, error) {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	l, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("start simulated Slack: %w", err)
	}
	s := &Server{now: o.Now, token: "xoxb-" + rand.Text(), secret: rand.Text(), listener: l, served: make(chan error, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/{method}", s.api)
	mux.HandleFunc("POST /upload/{file}", s.upload)
	mux.Handle("/", s.pages())
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { s.served <- s.http.Serve(l) }()
	return s, nil
}

// Close ends the server and what it is at.
func (s *Server) Close() error {
	err := s.http.Close()
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// URL is where people look at it, without a slash at its end.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// APIURL is where an app calls it.
func (s *Server) APIURL() string { return s.URL() + "/api/" }

// Token is that of the app's bot.
func (s *Server) Token() string { return s.token }

// SigningSecret is by what it signs what it sends.
func (s *Server) SigningSecret() string { return s.secret }

// SetApp says where the app listens, "http://127.0.0.1:8080": what people press
// goes to /slack/interactions there, and what they command to /slack/commands.
func (s *Server) SetApp(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app = strings.TrimSuffix(address, "/")
}

// AddMember adds a person, and returns the id.
func (s *Server) AddMember(m Member) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.ID = "U" + strconv.Itoa(len(s.members)+1)
	s.members = append(s.members, m)
	return m.ID
}

// AddChannel adds a channel that the app was invited to, and returns the id.
func (s *Server) AddChannel(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addChannel(strings.TrimPrefix(name, "#"), "")
}

func (s *Server) addChannel(name, member string) string {
	id := "C" + strconv.Itoa(len(s.channels)+1)
	if member != "" {
		id = "D" + id[1:]
	}
	s.channels = append(s.channels, channel{id, name, member})
	return id
}

// Messages are those of a channel, "#eng-leads", or of the direct messages with a
// member, "@sam-r", in the order in which they were said.
func (s *Server) Messages(where string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.messages {
		if c, ok := s.channel(m.Channel); ok && where == s.title(c) {
			out = append(out, m)
		}
	}
	return out
}

// title is what people call a channel.
func (s *Server) title(c channel) string {
	if c.member == "" {
		return "#" + c.name
	}
	m, _ := s.member(c.member)
	return "@" + m.Name
}

func (s *Server) member(id string) (Member, bool) {
	for _, m := range s.members {
		if m.ID == id || m.Name == id {
			return m, true
		}
	}
	return Member{}, false
}

// channel finds one by its id or its name.
func (s *Server) channel(id string) (channel, bool) {
	for _, c := range s.channels {
		if c.id == id || c.member == "" && c.name == strings.TrimPrefix(id, "#") {
			return c, true
		}
	}
	return channel{}, false
}

// say adds a message, and dates it.
func (s *Server) say(m Message) Message {
	s.serial++
	m.TS = fmt.Sprintf("%d.%06d", s.now().Unix(), s.serial)
	s.messages = append(s.messages, m)
	return m
}

// Press has a member press a button of a message, by the action of the button. The
// error says that the app did not take it.
func (s *Server) Press(ctx context.Context, member, channel, ts, action string) error {
	s.mu.Lock()
	payload, err := s.press(member, channel, ts, action)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	_, err = s.send(ctx, "/slack/interactions", payload)
	return err
}

// Command has a member write after "/bar-raiser" in a channel. What the app answers
// is said there, to the member alone.
func (s *Server) Command(ctx context.Context, member, channel, text string) error {
	s.mu.Lock()
	m, ok := s.member(member)
	c, there := s.channel(channel)
	s.mu.Unlock()
	if !ok || !there {
		return fmt.Errorf("command of %q in %q: nobody, or nowhere", member, channel)
	}
	answer, err := s.send(ctx, "/slack/commands", commandForm(m, c, text))
	if err != nil {
		return err
	}
	var said struct {
		Text   string
		Blocks json.RawMessage
	}
	if err := json.Unmarshal(answer, &said); err != nil {
		return fmt.Errorf("answer to a command: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say(Message{Channel: c.id, For: m.ID, Text: said.Text, Blocks: said.Blocks})
	return nil
}
