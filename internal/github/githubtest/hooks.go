package githubtest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A delivery is one webhook, sent or not.
type delivery struct {
	id           int64
	guid         string
	event        string
	action       string
	installation int64
	repository   int64
	payload      []byte
	at           time.Time
	redelivery   bool
	delay        time.Duration
	// The rest is set when it was tried.
	headers  map[string]string
	status   string
	code     int
	duration time.Duration
	answer   string
}

// statusOK is the status of a delivery that was answered by 2xx; all others
// count as failed,
// docs.github.com/en/webhooks/using-webhooks/automatically-redelivering-failed-deliveries-for-a-github-app-webhook.
const statusOK = "OK"

// A Delivery is what became of one webhook.
type Delivery struct {
	ID            int64
	GUID          string
	Event, Action string
	Status        string // "OK", or why not; "pending" before it was tried
	StatusCode    int
	Redelivery    bool
	Payload       []byte
}

// Deliveries are all deliveries so far, oldest first.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Delivery, len(s.deliveries))
	for i, d := range s.deliveries {
		list[i] = Delivery{
			ID: d.id, GUID: d.guid, Event: d.event, Action: d.action, Status: d.status, StatusCode: d.code,
			Redelivery: d.redelivery, Payload: slices.Clone(d.payload),
		}
	}
	return list
}

// deliver records a delivery to the App and hands it to the sender, by way of
// the faults. The lock is held.
func (s *Server) deliver(i *installation, r *repository, event string, payload object) {
	always := event == "installation" || event == "installation_repositories"
	if i == nil || i.suspended != nil && event != "installation" || !always && !slices.Contains(s.app.Events, event) {
		return
	}
	payload["installation"] = object{"id": i.id, "node_id": nodeID("Integration", i.id)}
	if event == "installation" || event == "installation_repositories" {
		payload["installation"] = s.wireInstallation(i)
	}
	text, err := json.Marshal(payload)
	if err != nil {
		panic(fmt.Sprintf("payload of %s: %v", event, err)) // unreachable: it is made of maps, strings and numbers
	}
	d := &delivery{
		id: s.id(), guid: s.guid(), event: event, installation: i.id, payload: text, at: s.now().UTC(), status: "pending",
	}
	d.action, _ = payload["action"].(string)
	if r != nil {
		d.repository = r.id
	}
	s.deliveries = append(s.deliveries, d)
	drop, twice, hold := s.chance(s.faults.Drop), s.chance(s.faults.Duplicate), s.chance(s.faults.Reorder)
	if s.faults.Delay > 0 {
		d.delay = time.Duration(s.random.Int64N(int64(s.faults.Delay)))
	}
	if drop {
		d.status, d.code = "timed out", http.StatusGatewayTimeout
		return
	}
	s.sender.enqueue(d, hold)
	if twice {
		s.sender.enqueue(d, false)
	}
}

// chance draws always, so that turning one fault on does not change when
// another strikes.
func (s *Server) chance(p float64) bool { return s.random.Float64() < p }

// guid is random in spite of the seed: a
// bot keeps GUIDs for longer than one simulated GitHub lives.
func (s *Server) guid() string {
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// A sender posts deliveries, one at a time, in the order that they were handed
// to it.
type sender struct {
	server *Server
	client *http.Client
	ctx    context.Context
	stop   context.CancelFunc
	done   chan struct{}

	mu      sync.Mutex
	changed chan struct{} // closed and renewed at each change
	url     string
	queue   []*delivery
	held    []*delivery // until another was queued
	busy    bool
}

func newSender(s *Server, url string, patience time.Duration) *sender {
	ctx, stop := context.WithCancel(context.Background())
	d := &sender{
		server: s, url: url, ctx: ctx, stop: stop, done: make(chan struct{}), changed: make(chan struct{}),
		client: &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	go d.run()
	return d
}

func (d *sender) close() {
	d.stop()
	<-d.done
}

// update changes the sender's state and wakes whoever waits for that.
func (d *sender) update(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *sender) enqueue(x *delivery, hold bool) {
	d.update(func() {
		if hold {
			d.held = append(d.held, x)
			return
		}
		d.queue = append(append(d.queue, x), d.held...)
		d.held = nil
	})
}

func (d *sender) run() {
	defer close(d.done)
	for {
		d.mu.Lock()
		changed, url := d.changed, d.url
		var next *delivery
		if len(d.queue) > 0 {
			next, d.queue, d.busy = d.queue[0], d.queue[1:], true
		}
		d.mu.Unlock()
		if next != nil {
			d.send(next, url)
			d.update(func() { d.busy = false })
			continue
		}
		select {
		case <-changed:
		case <-d.ctx.Done():
			return
		}
	}
}

// send posts one delivery, with the headers of
// docs.github.com/en/webhooks/webhook-events-and-payloads "Delivery headers".
func (d *sender) send(x *delivery, url string) {
	if url == "" {
		d.record(x, nil, "no webhook URL", 0, 0, "")
		return
	}
	select {
	case <-time.After(x.delay):
	case <-d.ctx.Done():
		return
	}
	headers := d.server.deliveryHeaders(x)
	req, err := http.NewRequestWithContext(d.ctx, http.MethodPost, url, bytes.NewReader(x.payload))
	if err != nil {
		d.record(x, headers, "invalid URL", 0, 0, err.Error())
		return
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	start := time.Now()
	resp, err := d.client.Do(req)
	if err != nil {
		d.record(x, headers, "failed to connect to host", http.StatusBadGateway, time.Since(start), err.Error())
		return
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		answer = append(answer, err.Error()...)
	}
	status := statusOK
	if resp.StatusCode/100 != 2 {
		status = "Invalid HTTP Response: " + strconv.Itoa(resp.StatusCode)
	}
	d.record(x, headers, status, resp.StatusCode, time.Since(start), string(answer))
}

func (d *sender) record(x *delivery, headers map[string]string, status string, code int, took time.Duration, answer string) {
	d.server.mu.Lock()
	defer d.server.mu.Unlock()
	x.headers, x.status, x.code, x.duration, x.answer = headers, status, code, took, answer
}

func (s *Server) deliveryHeaders(x *delivery) map[string]string {
	return map[string]string{
		"Accept":                                 "*/*",
		"Content-Type":                           "application/json",
		"User-Agent":                             "GitHub-Hookshot/simulated",
		"X-GitHub-Delivery":                      x.guid,
		"X-GitHub-Event":                         x.event,
		"X-GitHub-Hook-ID":                       strconv.FormatInt(s.app.ID+1, 10),
		"X-GitHub-Hook-Installation-Target-ID":   strconv.FormatInt(s.app.ID, 10),
		"X-GitHub-Hook-Installation-Target-Type": "integration",
		"X-Hub-Signature":                        "sha1=" + sign(sha1.New, s.app.WebhookSecret, x.payload),
		"X-Hub-Signature-256":                    "sha256=" + sign(sha256.New, s.app.WebhookSecret, x.payload),
	}
}

// sign follows
// docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries.
func sign(h func() hash.Hash, secret string, payload []byte) string {
	mac := hmac.New(h, []byte(secret))
	mac.Write(payload)
	return hex.EncodeToString(mac.Sum(nil))
}

// SetWebhook changes where deliveries go. Those that wait are sent there.
func (s *Server) SetWebhook(url string) { s.sender.update(func() { s.sender.url = url }) }

// Wait returns when every delivery was tried, those that were held back
// included.
func (s *Server) Wait(ctx context.Context) error {
	d := s.sender
	for {
		d.mu.Lock()
		d.queue, d.held = append(d.queue, d.held...), nil
		if len(d.queue) > 0 && !d.busy {
			close(d.changed)
			d.changed = make(chan struct{})
		}
		idle, changed := len(d.queue) == 0 && !d.busy, d.changed
		d.mu.Unlock()
		if idle {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for deliveries: %w", context.Cause(ctx))
		case <-d.ctx.Done():
			return fmt.Errorf("wait for deliveries: %w", http.ErrServerClosed)
		}
	}
}

// Redeliver sends a delivery again, under its GUID.
func (s *Server) Redeliver(id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sendAgain(id)
}

func (s *Server) sendAgain(id int64) error {
	for _, d := range s.deliveries {
		if d.id != id {
			continue
		}
		again := &delivery{
			id: s.id(), guid: d.guid, event: d.event, action: d.action, installation: d.installation, repository: d.repository,
			payload: d.payload, at: s.now().UTC(), redelivery: true, status: "pending",
		}
		s.deliveries = append(s.deliveries, again)
		s.sender.enqueue(again, false)
		return nil
	}
	return notFound()
}
