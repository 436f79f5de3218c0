package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

const guidPrefix = "load-"

// sendings are the answers.
type sendings struct {
	mu       sync.Mutex
	rate     int
	length   time.Duration
	took     []time.Duration
	statuses map[int]int // 0: none came
	unique   map[string]bool
	late     time.Duration // the most that one was sent after its time
}

// send sends at a fixed rate. A request goes out at its time even if all before
// it still wait, as GitHub's do, so that a stall shows in all that it delays.
func (w *world) send(ctx context.Context, rate int, length time.Duration) *sendings {
	s := &sendings{rate: rate, length: length, statuses: map[int]int{}, unique: map[string]bool{}}
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256}} // as long as GitHub waits
	secret := []byte(w.hub.App().WebhookSecret)
	signatures := make([]string, len(w.bodies))
	for i, p := range w.bodies {
		h := hmac.New(sha256.New, secret)
		h.Write(p.body)
		signatures[i] = "sha256=" + hex.EncodeToString(h.Sum(nil))
	}
	var wait sync.WaitGroup
	began := time.Now()
	for i := range int(length.Seconds() * float64(rate)) {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		select {
		case <-ctx.Done():
			wait.Wait()
			return s
		case <-time.After(time.Until(due)):
		}
		s.late = max(s.late, time.Since(due))
		n := i
		if i%10 == 9 {
			n = i - 5 // a tenth comes twice
		}
		b := n % len(w.bodies)
		wait.Go(func() { s.one(ctx, client, w, w.bodies[b], signatures[b], fmt.Sprintf("%s%d", guidPrefix, n)) })
	}
	wait.Wait()
	return s
}

func (s *sendings) one(ctx context.Context, client *http.Client, w *world, p payload, signature, guid string) {
	status := 0
	began := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"/webhook/github", bytes.NewReader(p.body))
	if err == nil {
		req.Header = http.Header{
			"Content-Type": {"application/json"}, "X-Github-Event": {p.event}, "X-Github-Delivery": {guid}, "X-Hub-Signature-256": {signature},
		}
		var resp *http.Response
		if resp, err = client.Do(req); err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err == nil {
				status = resp.StatusCode
			}
		}
	}
	took := time.Since(began)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took = append(s.took, took)
	s.statuses[status]++
	if status == http.StatusAccepted {
		s.unique[guid] = true
	}
}

// quantile of sorted times; the nearest rank.
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// report prints what came of it, and is an error where that is not what it has to
// be.
func (s *sendings) report(out io.Writer, before, after tally, caught time.Duration) error {
	if len(s.took) == 0 {
		return fmt.Errorf("nothing was sent")
	}
	slices.Sort(s.took)
	stored, called := after.deliveries-before.deliveries, after.called-before.called
	fmt.Fprintf(out, "sent        %d in %v at %d a second, the latest %v after its time\n", len(s.took), s.length, s.rate, s.late.Round(time.Millisecond))
	fmt.Fprintf(out, "statuses    %v\n", s.statuses)
	fmt.Fprintf(out, "answered    p50 %v, p99 %v, max %v\n", quantile(s.took, .5).Round(10*time.Microsecond), quantile(s.took, .99).Round(10*time.Microsecond), s.took[len(s.took)-1].Round(10*time.Microsecond))
	fmt.Fprintf(out, "accepted    %d different ones; stored %d; looks called for %d\n", len(s.unique), stored, called)
	fmt.Fprintf(out, "caught up   %v after the last, %d subjects undone\n", caught.Round(100*time.Millisecond), after.undone)
	switch {
	case s.statuses[http.StatusAccepted] != len(s.took):
		return fmt.Errorf("%d of %d were not accepted", len(s.took)-s.statuses[http.StatusAccepted], len(s.took))
	case stored != len(s.unique):
		return fmt.Errorf("%d were accepted and %d stored", len(s.unique), stored)
	case called < len(s.unique):
		return fmt.Errorf("%d were accepted and called for %d looks", len(s.unique), called)
	case after.undone > 0:
		return fmt.Errorf("%d subjects are undone", after.undone)
	}
	return nil
}
