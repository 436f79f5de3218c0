package githubtest

import (
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// Faults are what GitHub does on bad days, all the time. Chances are from 0 to 1
// for each delivery, and drawn from the server's seed in the order of the
// changes, so that a run can be repeated.
type Faults struct {
	// Duplicate sends a delivery twice, under the same GUID.
	Duplicate float64
	// Reorder holds a delivery back until the next one was sent, or until Wait.
	Reorder float64
	// Drop records a delivery as failed and does not send it,
	// docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries:
	// "GitHub does not automatically redeliver failed deliveries."
	Drop float64
	// Delay is the longest time that a delivery waits before it is sent; those
	// behind it wait too. It is time of the machine.
	Delay time.Duration
	// Lag is how many reads of a pull request after a push still show the head
	// before it.
	Lag int
	// MergeLag is how many reads of a pull request after its merge still show it
	// open.
	MergeLag int
	// Repoint gives approvals the new head as their commit_id, after a push that
	// left the change the same.
	Repoint bool
}

// SetFaults changes the faults from now on.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

// A Fault is how some requests go wrong, to the API, to git or for a token.
type Fault struct {
	Method string // any when empty
	// Path is a pattern of path.Match for the whole path, such as
	// "/repos/*/*/pulls/*"; any when empty.
	Path  string
	Times int // how many requests; 0 is one
	// Delay is waited before the answer.
	Delay time.Duration
	// Status is the answer; with 0 the request is answered as if nothing were.
	Status int
	// RetryAfter goes into the header of the same name, in seconds; 0 does not.
	RetryAfter time.Duration
	// SecondaryLimit gives a 403 or 429 GitHub's words for it.
	SecondaryLimit bool
	Message        string // of other answers
}

// Fail makes requests fail. Faults are used up in the order that they were set.
func (s *Server) Fail(f Fault) error {
	if _, err := path.Match(f.Path, ""); err != nil {
		return fmt.Errorf("fault on %q: %w", f.Path, err)
	}
	if f.Times == 0 {
		f.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, &f)
	return nil
}

// Pending is how many faults were not met by a request yet.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, f := range s.failures {
		n += f.Times
	}
	return n
}

// fail answers a request by the fault that was set for it. It reports whether
// that was the whole answer.
func (s *Server) fail(w http.ResponseWriter, r *http.Request) bool {
	f := s.takeFault(r.Method, r.URL.Path)
	if f == nil {
		return false
	}
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-r.Context().Done():
			return true // nobody waits for an answer
		}
	}
	if f.Status == 0 {
		return false
	}
	f.serve(s, w)
	return true
}

func (s *Server) takeFault(method, urlPath string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.failures {
		if f.Method != "" && !strings.EqualFold(f.Method, method) {
			continue
		}
		if f.Path != "" {
			if ok, _ := path.Match(f.Path, urlPath); !ok { // Fail checked the pattern
				continue
			}
		}
		taken := *f
		if f.Times--; f.Times == 0 {
			s.failures = without(s.failures, f)
		}
		return &taken
	}
	return nil
}

// secondaryLimit is the message that go-github and others look for,
// docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api "Rate
// limit errors".
const secondaryLimit = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."

func (f *Fault) serve(s *Server, w http.ResponseWriter) {
	s.mu.Lock()
	s.setRate(w.Header(), nil)
	s.mu.Unlock()
	e := refuse(f.Status, "%s", f.Message)
	if f.Message == "" {
		e.Message = http.StatusText(f.Status)
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	if f.SecondaryLimit {
		e.Message = secondaryLimit
		e.docs = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"
	}
	if f.Status >= 500 {
		// GitHub's front end answers for a server that does not, in HTML
		// (observed): a client that parses it as JSON must not stumble.
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(f.Status)
		fmt.Fprintf(w, "<!DOCTYPE html><title>%d</title><p>%s", f.Status, http.StatusText(f.Status))
		return
	}
	writeError(w, e)
}
