package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	api "github.com/slack-go/slack"
)

// A LimitedError was not sent, or not taken, since Slack asks us to wait.
type LimitedError struct {
	Why string
	At  time.Time
}

func (e *LimitedError) Error() string {
	return fmt.Sprintf("%s, until %s", e.Why, e.At.UTC().Format(time.RFC3339))
}

// RetryAt is when to try again.
func (e *LimitedError) RetryAt() time.Time { return e.At }

// A RefusedError is an answer of Slack that is not "ok".
type RefusedError struct {
	Code   string // of Slack: "channel_not_found"
	Needed string // the scope that is missing, where that is why
}

func (e *RefusedError) Error() string {
	if e.Needed != "" {
		return fmt.Sprintf("refused: %s (%s)", e.Code, e.Needed)
	}
	return "refused: " + e.Code
}

// Final reports whether Slack says the same tomorrow, unless somebody changes
// something there.
func (e *RefusedError) Final() bool { return !slices.Contains(undecided, e.Code) }

// A StatusError is an answer that Slack's API did not write.
type StatusError struct{ Code int }

func (e *StatusError) Error() string { return fmt.Sprintf("answer %d", e.Code) }

// errNoAnswer is a 200 that does not say what became of the message.
var errNoAnswer = errors.New("the answer does not say which message it is about")

// How long to wait where Slack does not say, and at most.
const (
	unsaidWait  = 30 * time.Second
	longestWait = time.Hour
)

// ours is the error in one of our types, without request and token.
func (s *Slack) ours(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*api.RateLimitedError](err); ok {
		return s.limited(e.RetryAfter)
	}
	if e, ok := errors.AsType[api.StatusCodeError](err); ok {
		if e.Code == http.StatusTooManyRequests {
			return s.limited(unsaidWait)
		}
		return &StatusError{Code: e.Code}
	}
	if e, ok := errors.AsType[api.SlackErrorResponse](err); ok {
		if e.Err == "ratelimited" || e.Err == "rate_limited" {
			return s.limited(unsaidWait)
		}
		return &RefusedError{Code: e.Err, Needed: e.Needed}
	}
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, errNoAnswer} {
		if errors.Is(err, known) {
			return known
		}
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return errors.New(strings.ReplaceAll(err.Error(), s.Token, "***"))
}

func (s *Slack) limited(after time.Duration) error {
	after = min(max(after, time.Second), longestWait)
	return &LimitedError{Why: "rate limit of Slack", At: s.Now().Add(after)}
}

// undecided are refusals after which Slack may have done it all the same.
// Source: docs.slack.dev, errors of chat.postMessage.
var undecided = []string{"internal_error", "fatal_error", "request_timeout", "service_unavailable"}

// unknown reports whether a message may be there in spite of the error.
func unknown(err error) bool {
	if _, ok := errors.AsType[*LimitedError](err); ok {
		return false
	}
	if e, ok := errors.AsType[*StatusError](err); ok {
		return e.Code >= 500 || e.Code < 400
	}
	if e, ok := errors.AsType[*RefusedError](err); ok {
		return slices.Contains(undecided, e.Code)
	}
	return err != nil
}

// refused reports whether Slack answered with one of the codes.
func refused(err error, codes []string) bool {
	e, ok := errors.AsType[*RefusedError](err)
	return ok && slices.Contains(codes, e.Code)
}

// What Slack says where waiting does not help.
var (
	// noMember: the account is not, or no longer, one that can be written to.
	noMember = []string{
		"user_not_found", "users_not_found", "user_disabled", "user_not_visible", "cannot_dm_bot", "messages_tab_disabled", "is_bot", "user_is_bot",
	}
	noChannel = []string{"channel_not_found", "is_archived"}
	// noParent: the message is not there, or not to be changed any more.
	noParent = []string{
		"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed", "cannot_reply_to_message", "is_inactive",
	}
	// noBlocks: what was drawn is not to Slack's liking. The words still are.
	noBlocks = []string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema"}
	// noReading: we may write, and not look.
	noReading = []string{
		"missing_scope", "not_in_channel", "channel_not_found", "no_permission", "restricted_action", "method_not_supported_for_channel_type", "access_denied", "not_allowed_token_type",
	}
)
