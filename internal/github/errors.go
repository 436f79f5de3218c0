package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v60/github"
)

// ErrNotFound is what is not there, or not for us to see: GitHub does not say
// which.
var ErrNotFound = errors.New("not found")

// ErrForbidden is what the App may not do: it was suspended, or the owner has not
// granted a permission.
var ErrForbidden = errors.New("not permitted")

// A LimitedError was not sent, or not answered, since GitHub asks us to wait.
type LimitedError struct {
	Why string
	At  time.Time
}

func (e *LimitedError) Error() string {
	return fmt.Sprintf("%s, until %s", e.Why, e.At.UTC().Format(time.RFC3339))
}

// RetryAt is when to try again.
func (e *LimitedError) RetryAt() time.Time { return e.At }

// A StatusError is an answer other than success.
type StatusError struct {
	Code    int
	Message string // of GitHub
}

func (e *StatusError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("answer %d", e.Code)
	}
	return fmt.Sprintf("answer %d: %s", e.Code, e.Message)
}

// Is makes errors.Is work for what callers tell apart.
func (e *StatusError) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.Code == http.StatusNotFound || e.Code == http.StatusGone
	case ErrForbidden:
		return e.Code == http.StatusForbidden || e.Code == http.StatusUnauthorized || e.Code == http.StatusUnavailableForLegalReasons
	}
	return false
}

// fail is what becomes of every error on its way out of this package: named by
// what was wanted, in one of our types, without request and response. An error of
// the client holds the whole request, and with it the token.
func fail(wanted string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", wanted, ours(err))
}

// ours is the error in one of our types, nil for none.
func ours(err error) error {
	if err == nil {
		return nil
	}
	if limited, ok := errors.AsType[*LimitedError](err); ok {
		return limited
	}
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status
	}
	// Limits are noticed in the transport. These are for the client's own view of
	// them.
	if e, ok := errors.AsType[*github.RateLimitError](err); ok {
		return &LimitedError{Why: "rate limit", At: e.Rate.Reset.Time}
	}
	if e, ok := errors.AsType[*github.AbuseRateLimitError](err); ok {
		at := time.Now().Add(secondaryWait)
		if e.RetryAfter != nil {
			at = time.Now().Add(*e.RetryAfter)
		}
		return &LimitedError{Why: "secondary rate limit", At: at}
	}
	if e, ok := errors.AsType[*github.ErrorResponse](err); ok {
		return &StatusError{Code: e.Response.StatusCode, Message: scrub(complaints(e))}
	}
	if e, ok := errors.AsType[*ghinstallation.HTTPError](err); ok {
		return tokenError(e)
	}
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // the address is in what was wanted already
	}
	clean := &scrubbed{text: scrub(err.Error())}
	for _, known := range []error{ErrNotFound, ErrForbidden} {
		if errors.Is(err, known) {
			clean.is = known
		}
	}
	return clean
}

// scrubbed is an error of which only the text is left, and which of ours it was.
type scrubbed struct {
	text string
	is   error
}

func (e *scrubbed) Error() string { return e.text }
func (e *scrubbed) Unwrap() error { return e.is }

// complaints is what GitHub says, in one line.
func complaints(e *github.ErrorResponse) string {
	parts := []string{e.Message}
	for _, one := range e.Errors {
		if one.Message != "" {
			parts = append(parts, one.Message)
		} else if one.Field != "" {
			parts = append(parts, one.Field+" "+one.Code)
		}
	}
	return oneLine(strings.Join(parts, "; "))
}

// tokenError is an installation that gave no token.
func tokenError(e *ghinstallation.HTTPError) error {
	if e.Response == nil {
		return ours(e.RootCause)
	}
	return &StatusError{Code: e.Response.StatusCode, Message: "no token of installation " + fmt.Sprint(e.InstallationID) + ": " + scrub(drain(e.Response.Body))}
}

// drain reads what GitHub says in a body that the client left open.
func drain(body io.ReadCloser) string {
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, 4<<10))
	if err != nil {
		return ""
	}
	var message struct{ Message string }
	if json.Unmarshal(bytes.TrimSpace(text), &message) == nil && message.Message != "" {
		return oneLine(message.Message)
	}
	return ""
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 500 {
		s = strings.ToValidUTF8(s[:500], "") + " …"
	}
	return s
}

// secret matches what must never be in an error: tokens of GitHub by their
// prefix, JSON web tokens, and whatever stands behind a word that announces a
// credential. Source: github.blog "Behind GitHub's new authentication token
// formats".
var secret = regexp.MustCompile(`(?i)gh[opsur]_[a-z0-9_]{8,}|github_pat_[a-z0-9_]+|\bv1\.[0-9a-f]{40}\b|\beyJ[a-z0-9_-]+(\.[a-z0-9_-]*){1,2}|\b(bearer|token|basic)\s+[a-z0-9+/=._~-]{8,}|(client_secret|code|code_verifier|access_token)=[^&\s"]+|://[^/@\s]*@`)

func scrub(text string) string { return secret.ReplaceAllString(text, "***") }
