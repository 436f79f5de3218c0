package githubtest

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/barraiser/barraiser/internal/github/githubtest/paths"
)

// Options say what a new Server starts with. The zero value is ready to use.
type Options struct {
	// Dir keeps the bare repositories. It must not have those of an earlier
	// server: all else that it knew is gone. When Dir is empty, a temporary folder
	// is made, and removed by Close.
	Dir string
	// Addr is the loopback address to listen on, "127.0.0.1:0" when empty.
	Addr string
	// Now is the clock of all that GitHub would date, time.Now when nil.
	Now func() time.Time
	// TokenNow is the clock of JWTs and installation tokens, time.Now when nil.
	// It is a clock of its own because ghinstallation reads the machine's.
	TokenNow func() time.Time
	// App is the one GitHub App. What is left empty is filled in.
	App App
	// WebhookURL receives the deliveries. While it is empty they are recorded
	// and not sent, as with an App that has no webhook.
	WebhookURL string
	// WebhookTime is how long an answer to a delivery may take, 10 s when 0. Tests
	// whose deliveries are not asked for again give a busy machine more.
	WebhookTime time.Duration
	// Seed makes the faults repeatable.
	Seed   uint64
	Faults Faults
}

// A Server is a simulated GitHub. Its methods may be called concurrently.
type Server struct {
	dir      string
	ownsDir  bool
	now      func() time.Time
	tokenNow func() time.Time
	app      App
	listener net.Listener
	http     *http.Server
	served   chan error
	rest     *paths.Table[route]
	web      http.Handler
	backend  string // path of git http-backend
	sender   *sender

	mu            sync.Mutex
	lastID        int64
	random        *rand.Rand
	faults        Faults
	failures      []*Fault
	accounts      []*account
	bot           *account // the App's own
	apps          map[string]*App
	repos         []*repository
	installations []*installation
	tokens        map[string]*token
	codes         map[string]*oauthCode
	deliveries    []*delivery
	manifests     map[string]manifest // by their codes
	used          map[string]int      // requests in this hour, by caller
	window        time.Time
}

// New starts a server on loopback.
func New(o Options) (*Server, error) {
	s, err := start(o)
	if err != nil {
		return nil, fmt.Errorf("start simulated GitHub: %w", err)
	}
	return s, nil
}

func start(o Options) (s *Server, err error) {
	if o, err = o.complete(); err != nil {
		return nil, err
	}
	s = &Server{
		dir: o.Dir, now: o.Now, tokenNow: o.TokenNow, app: o.App, served: make(chan error, 1), rest: apiRoutes(),
		lastID: 1000, random: rand.New(rand.NewPCG(o.Seed, 0)), faults: o.Faults, apps: map[string]*App{},
		tokens: map[string]*token{}, codes: map[string]*oauthCode{}, manifests: map[string]manifest{}, used: map[string]int{},
	}
	if s.backend, err = findBackend(); err != nil {
		return nil, err
	}
	if s.dir == "" {
		s.ownsDir = true
		s.dir, err = os.MkdirTemp("", "githubtest-")
	} else {
		err = os.MkdirAll(s.dir, 0o755)
	}
	if err != nil {
		return nil, err
	}
	if s.listener, err = net.Listen("tcp", o.Addr); err != nil {
		return nil, errors.Join(err, s.removeDir())
	}
	s.apps[s.app.Slug] = &s.app
	s.addAccount(User{Login: s.app.Owner}, KindUser)
	s.bot = s.addAccount(User{Login: s.app.Slug + "[bot]", Name: s.app.Name}, KindBot)
	s.web = s.pageRoutes()
	s.sender = newSender(s, o.WebhookURL, o.WebhookTime)
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { s.served <- s.http.Serve(s.listener) }()
	return s, nil
}

// complete fills in what was left empty.
func (o Options) complete() (Options, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TokenNow == nil {
		o.TokenNow = time.Now
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.WebhookTime == 0 {
		// docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks
		// "Respond within 10 seconds".
		o.WebhookTime = 10 * time.Second
	}
	if err := onLoopback(o.Addr); err != nil {
		return o, err
	}
	var err error
	o.App, err = o.App.complete()
	return o, err
}

// onLoopback holds the server on this machine: it trusts whoever reaches its
// pages to say who they are.
func onLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("address %s is not on loopback", addr)
}

// URL is the address of the pages, of git and of the API: there is one host,
// where GitHub has two. It has no slash at the end.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Close stops the server, drops deliveries that were not sent yet, and removes
// the folder that New made.
func (s *Server) Close() error {
	s.sender.close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close() // a client that holds a connection open is not our failure
	}
	if serveErr := <-s.served; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	return errors.Join(err, s.removeDir())
}

func (s *Server) removeDir() error {
	if !s.ownsDir {
		return nil
	}
	return os.RemoveAll(s.dir)
}

// apiRoots are the first segments of the paths of the REST API. No account may
// have such a login.
var apiRoots = map[string]bool{"app-manifests": true,
	"app": true, "installation": true, "orgs": true, "rate_limit": true,
	"repos": true, "user": true, "users": true,
}

// ServeHTTP answers git, the REST API and the pages, told apart by the path.
// The pages have no faults.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	second, _, _ := strings.Cut(rest, "/")
	var serve http.HandlerFunc
	switch {
	case apiRoots[first]:
		serve = s.serveAPI
	case strings.HasSuffix(second, ".git"):
		serve = s.serveGit
	case r.URL.Path == "/login/oauth/access_token":
		serve = s.serveAccessToken
	default:
		s.web.ServeHTTP(w, r)
		return
	}
	if !s.fail(w, r) {
		serve(w, r)
	}
}

// id is a number that this server never gave out before, to anything.
func (s *Server) id() int64 {
	s.lastID++
	return s.lastID
}

// today is the clock, to the second, as GitHub dates things.
func (s *Server) today() time.Time { return s.now().UTC().Truncate(time.Second) }

func (s *Server) repoDir(id int64) string {
	return filepath.Join(s.dir, fmt.Sprintf("%d.git", id))
}

func nodeID(kind string, id int64) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%03d:%s%d", len(kind), kind, id))
}

// An Error is an answer of the API that is not a success. It is also what the
// exported methods return, since they follow the same rules.
type Error struct {
	Status  int
	Message string
	Errors  []string // further lines, shown with the message by a 422
	docs    string   // the page that the answer names
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%d %s", e.Status, e.Message)
	if len(e.Errors) > 0 {
		text += ": " + strings.Join(e.Errors, "; ")
	}
	return text
}

func refuse(status int, format string, args ...any) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(format, args...)}
}

// invalid is GitHub's 422, docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
// "Validation Failed".
func invalid(errs ...string) *Error {
	return &Error{Status: http.StatusUnprocessableEntity, Message: "Validation Failed", Errors: errs}
}

// notFound hides what the caller may not see, and what is not there alike,
// docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
// "404 Not Found for an existing resource".
func notFound() *Error { return refuse(http.StatusNotFound, "Not Found") }
