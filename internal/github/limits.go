package github

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How long to wait where GitHub does not say.
// Source: docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api,
// "Exceeding the rate limit": "Otherwise, wait for at least one minute".
const secondaryWait = time.Minute

// longestWait bounds what an answer can make us wait: limits are reset hourly.
const longestWait = time.Hour + time.Minute

// Of content no more than 80 a minute and 500 an hour may be created (same page,
// "About secondary rate limits"). A bucket lets its size through at once and its
// rate beside that, so that the sum of both stays below in any minute and hour.
const (
	minuteBurst, minuteRate = 20, 60
	hourBurst, hourRate     = 60, 440
	// shortWait is waited for on the spot; longer, and the work is better done
	// later.
	shortWait = 2 * time.Second
)

// A gate is what GitHub lets one installation do now.
type gate struct {
	now          func() time.Time
	minute, hour *rate.Limiter

	mu    sync.Mutex
	until time.Time
	why   string
}

func newGate(now func() time.Time) *gate {
	return &gate{
		now:    now,
		minute: rate.NewLimiter(rate.Every(time.Minute/minuteRate), minuteBurst),
		hour:   rate.NewLimiter(rate.Every(time.Hour/hourRate), hourBurst),
	}
}

// closed is the error of a gate that nothing goes through.
func (g *gate) closed() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.now().Before(g.until) {
		return &LimitedError{Why: g.why, At: g.until}
	}
	return nil
}

// close shuts the gate until a time. A later one stands.
func (g *gate) close(why string, until time.Time) time.Time {
	if latest := g.now().Add(longestWait); until.After(latest) {
		until = latest
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if until.After(g.until) {
		g.until, g.why = until, why
	}
	return g.until
}

// create takes one creation of content from the budget. It says how long to wait
// before it, or that it is to be done later.
func (g *gate) create() (time.Duration, error) {
	now := g.now()
	var wait time.Duration
	var taken []*rate.Reservation
	for _, l := range []*rate.Limiter{g.minute, g.hour} {
		r := l.ReserveN(now, 1)
		taken = append(taken, r)
		wait = max(wait, r.DelayFrom(now))
	}
	if wait <= shortWait {
		return wait, nil
	}
	for _, r := range taken {
		r.CancelAt(now)
	}
	return 0, &LimitedError{Why: "our own budget of content creation", At: now.Add(wait)}
}

// gated is the transport of one installation, below the one that adds the token:
// the requests for tokens go through it as well.
type gated struct {
	*gate
	app  *App
	base http.RoundTripper
}

func (t *gated) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.pass(req); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	why, until := t.limit(resp)
	if until.IsZero() {
		return resp, nil
	}
	until = t.close(why, until)
	if resp.StatusCode < 400 {
		return resp, nil // the last one that was free
	}
	resp.Body.Close()
	return nil, &LimitedError{Why: why, At: until}
}

func (t *gated) pass(req *http.Request) error {
	if err := t.closed(); err != nil {
		return err
	}
	if !createsContent(req) {
		return nil
	}
	wait, err := t.create()
	if err != nil || wait == 0 {
		return err
	}
	return t.app.wait(req.Context(), wait)
}

// createsContent reports whether a request makes something that GitHub notifies
// people of: a comment, a review, a request for one. A check run, a reaction and
// an edit notify nobody; those are left to what GitHub's answers say of limits.
func createsContent(req *http.Request) bool {
	if req.Method != http.MethodPost {
		return false
	}
	for _, kind := range []string{"/comments", "/reviews", "/requested_reviewers"} {
		if strings.HasSuffix(req.URL.Path, kind) {
			return true
		}
	}
	return false
}

// limit reads whether an answer asks to wait. 403 is also the answer to what is
// not permitted, which no waiting helps.
func (t *gated) limit(resp *http.Response) (why string, until time.Time) {
	now := t.now()
	refused := resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusTooManyRequests
	after := resp.Header.Get("Retry-After")
	if after != "" && (refused || resp.StatusCode == http.StatusServiceUnavailable) {
		if seconds, err := strconv.Atoi(after); err == nil && seconds >= 0 {
			return "secondary rate limit", now.Add(time.Duration(seconds) * time.Second)
		}
		if at, err := http.ParseTime(after); err == nil {
			return "secondary rate limit", at
		}
	}
	if resp.Header.Get("X-RateLimit-Remaining") == "0" && (refused || resp.StatusCode < 400) {
		if seconds, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
			return "rate limit", time.Unix(seconds, 0).Add(time.Second)
		}
	}
	if resp.StatusCode == http.StatusTooManyRequests || refused && t.speaksOfLimit(resp) {
		return "secondary rate limit", now.Add(secondaryWait)
	}
	return "", time.Time{}
}

// speaksOfLimit reads the message, which is all there is where GitHub leaves out
// the headers.
func (t *gated) speaksOfLimit(resp *http.Response) bool {
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(text), resp.Body), resp.Body}
	if err != nil {
		return false
	}
	var message struct {
		Message       string `json:"message"`
		Documentation string `json:"documentation_url"`
	}
	if json.Unmarshal(text, &message) != nil {
		return false
	}
	said := strings.ToLower(message.Message + " " + message.Documentation)
	return strings.Contains(said, "rate limit") || strings.Contains(said, "rate-limit") || strings.Contains(said, "abuse")
}
