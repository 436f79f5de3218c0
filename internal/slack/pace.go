package slack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Of one channel Slack takes a message a second.
// Source: docs.slack.dev/apis/web-api/rate-limits, "Posting messages".
const perMessage = time.Second

// shortWait is waited for on the spot; longer, and the work is better done later.
const shortWait = 2 * time.Second

// pace is how fast we may go. The zero value is ready.
type pace struct {
	mu       sync.Mutex
	limiters map[string]*rate.Limiter // by channel
	closed   map[string]time.Time     // by method and channel
}

func (p *pace) limiter(channel string) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limiters == nil || len(p.limiters) >= most {
		p.limiters = map[string]*rate.Limiter{}
	}
	l := p.limiters[channel]
	if l == nil {
		l = rate.NewLimiter(rate.Every(perMessage), 1)
		p.limiters[channel] = l
	}
	return l
}

// same makes two names of one channel share their second.
func (p *pace) same(name, id string) {
	l := p.limiter(name)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limiters[id] = l
}

func (p *pace) until(key string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed[key]
}

func (p *pace) close(key string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed == nil || len(p.closed) >= most {
		p.closed = map[string]time.Time{}
	}
	p.closed[key] = until
}

// turn waits until a channel takes a message, or says when it will.
func (s *Slack) turn(ctx context.Context, channel string) error {
	now := s.Now()
	r := s.pace.limiter(channel).ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d == 0 {
		return nil
	}
	if d > shortWait {
		r.CancelAt(now)
		return &LimitedError{Why: "one message a second in " + channel, At: now.Add(d)}
	}
	return s.wait(ctx, d)
}

// call does one request. Where Slack asked to wait with a method in a channel,
// nothing is sent before that time.
func (s *Slack) call(method, channel string, f func() error) error {
	key := method + " " + channel
	if until := s.pace.until(key); s.Now().Before(until) {
		return fmt.Errorf("%s: %w", method, &LimitedError{Why: "rate limit of Slack", At: until})
	}
	err := s.ours(f())
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*LimitedError](err); ok {
		s.pace.close(key, e.At)
	}
	return fmt.Errorf("%s: %w", method, err)
}
