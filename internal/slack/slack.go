// Package slack tells people in Slack what bot tells it to, and takes what they
// press there.
//
//   - Notify is the Notifier port of the loop. Of one subject each audience (a
//     person, or the policy's channel) has one parent message, which is updated in
//     place, and a thread below it.
//   - Interactions answers Slack's requests. It verifies, finds out who pressed,
//     and hands a fact to whoever keeps facts. It decides nothing.
//
// An effect is told once, as far as Slack allows. Before a message is posted a
// row says so; where the outcome of a post is not known, the next attempt looks
// for the message by the metadata that it carries before it posts again.
//
// Texts are written by report, and escaped there. What this package adds are
// blocks, channels and names.
package slack

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	api "github.com/slack-go/slack"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// Config is what a Slack is made of.
type Config struct {
	Token string // of the bot user, xoxb-…
	// SigningSecret is by what Slack signs what it sends; empty: nothing that is
	// sent is believed, and no button is shown that acts.
	SigningSecret string
	APIURL        string // empty: Slack's own
	Store         *store.DB
	// Checkpoint is the signed note of the ledger, which goes with the messages
	// about overrides: a copy that is not ours to change. nil: none does.
	Checkpoint func(ctx context.Context) (string, error)
	// Verbs are what the buttons say, by their actions. A button with another
	// action is not shown.
	Verbs map[string]signoff.Verb
	// LinkPage is the address of the page on which people show who they are on the
	// host; empty: there is none, since nobody can sign in.
	LinkPage  string
	Now       func() time.Time
	Transport http.RoundTripper // nil: http.DefaultTransport
}

// requestTimeout holds for one request and its answer.
const requestTimeout = 20 * time.Second

// Slack is a workspace with our app in it. Its methods may be called
// concurrently; the effects of one subject come one after the other, which is
// the queue's to see to.
type Slack struct {
	log *slog.Logger
	Config
	api  *api.Client
	pace pace
	wait func(ctx context.Context, d time.Duration) error

	mu       sync.Mutex
	direct   map[string]string    // channel of the direct messages with a member
	channels map[string]string    // id of a channel by its name
	zones    map[string]time.Time // when a member's time zone was asked for
	self     *api.AuthTestResponse
}

// New makes the client. It asks Slack nothing: a Slack that is down does not keep
// the server from starting.
func New(log *slog.Logger, c Config) (*Slack, error) {
	if c.Token == "" {
		return nil, errors.New("no token of Slack")
	}
	if c.SigningSecret == "" {
		c.Verbs = nil // what would be pressed could not be believed
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	client := &http.Client{
		Transport: bearer{token: c.Token, base: c.Transport},
		Timeout:   requestTimeout,
		// The form holds the token, which is for no other address.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	options := []api.Option{api.OptionHTTPClient(client)}
	if c.APIURL != "" {
		options = append(options, api.OptionAPIURL(strings.TrimSuffix(c.APIURL, "/")+"/"))
	}
	return &Slack{
		log: log, Config: c, api: api.New(c.Token, options...), wait: wait,
		direct: map[string]string{}, channels: map[string]string{}, zones: map[string]time.Time{},
	}, nil
}

// bearer puts the token into the header, where Slack wants it by now. The client
// puts it into the form alone.
type bearer struct {
	token string
	base  http.RoundTripper
}

func (t bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+t.token)
	return t.base.RoundTrip(req)
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// most that is remembered of members and channels. All can be asked for again.
const most = 10_000

// remember keeps value under key in one of the maps.
func (s *Slack) remember(m map[string]string, key, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(m) >= most {
		clear(m)
	}
	m[key] = value
}

func (s *Slack) recall(m map[string]string, key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return m[key]
}
