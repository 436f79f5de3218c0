package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/slack"
	"github.com/barraiser/barraiser/internal/slack/slacktest"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

// An outage is an hour in which Slack refuses, fails, or does not answer, by turns,
// on the clock of a bubble. The simulated Slack is outside of that, and is reached
// by connections of which none stays.
type outage struct {
	t     *testing.T
	db    *store.DB
	queue *Queue
	slack *slack.Slack
	far   http.RoundTripper
	down  atomic.Bool
	clock atomic.Int64 // what Slack dates messages by, in seconds

	pools map[string]chan struct{} // workers, by River's queue
	jobs  atomic.Int64
	lanes sync.WaitGroup

	mu      sync.Mutex
	asked   int         // while it was down
	written []time.Time // of what came to be in the channel
	checks  map[string]time.Time
}

func (o *outage) RoundTrip(r *http.Request) (*http.Response, error) {
	o.clock.Store(time.Now().Unix())
	method := path.Base(r.URL.Path)
	if o.down.Load() {
		o.mu.Lock()
		o.asked++
		sort := o.asked % 4
		o.mu.Unlock()
		switch sort {
		case 0:
			return nil, errors.New("connection refused")
		case 1:
			return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("down"))}, nil
		case 2:
			if method == "chat.postMessage" { // it arrives, and the answer does not
				resp, err := o.send(r, method)
				if err != nil {
					return nil, err
				}
				resp.Body.Close()
			}
		}
		<-r.Context().Done() // silence
		return nil, r.Context().Err()
	}
	return o.send(r, method)
}

func (o *outage) send(r *http.Request, method string) (*http.Response, error) {
	if method == "chat.postMessage" || method == "chat.update" {
		o.mu.Lock()
		o.written = append(o.written, time.Now())
		o.mu.Unlock()
	}
	return o.far.RoundTrip(r)
}

// tell shows checks at once, and tells the rest in Slack.
func (o *outage) tell(ctx context.Context, e signoff.Effect) error {
	if e.Kind == signoff.PutCheck {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.checks[e.Commit] = time.Now()
		return nil
	}
	row, _, err := o.db.Load(ctx, e.Subject)
	if err != nil {
		return err
	}
	return o.slack.Notify(ctx, report.Brief{
		Record: row.Record, Pull: signoff.Pull{Repo: signoff.Repo{Owner: "acme", Name: "pay"}, Number: e.Subject.Number, Title: "A change"},
		Review: review.Review{Policy: review.Policy{Overrides: review.Overrides{Channel: "#eng-leads"}}},
	}, e)
}

// happens commits a record with effects, as a look does, and has workers take them up.
func (o *outage) happens(s signoff.Subject, state signoff.State, kind signoff.NoticeKind) {
	o.t.Helper()
	ctx := o.t.Context()
	if err := o.db.Raise(ctx, o, time.Now(), s); err != nil {
		o.t.Fatal(err)
	}
	row, _, err := o.db.Load(ctx, s)
	if err != nil {
		o.t.Fatal(err)
	}
	commit := fmt.Sprintf("%d-%s", s.Number, state)
	record := signoff.Record{Subject: s, State: state, Overrides: []signoff.Override{{
		ID: "d-1", Entry: 1, Declared: true, By: signoff.Account{ID: 13, Login: "sam-r"}, Reason: "SEV-2 rollback",
	}}}
	_, err = o.db.Commit(ctx, o, store.Change{
		Subject: s, Version: row.Version, Done: row.Wanted, Open: true,
		Record: func(*store.Tail) (signoff.Record, error) { return record, nil },
		Effects: []signoff.Effect{
			{Kind: signoff.PutCheck, Subject: s, Commit: commit},
			{Kind: signoff.TellNotice, Subject: s, Fact: string(kind), Notice: &signoff.Notice{Kind: kind, Override: "d-1"}},
		},
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *outage) Reconcile(context.Context, *sql.Tx, []signoff.Subject) error { return nil }
func (o *outage) Sweep(context.Context, *sql.Tx, []string) error              { return nil }
func (o *outage) History(context.Context, *sql.Tx, []int64) error             { return nil }

// Perform has the lanes worked off, as River would.
func (o *outage) Perform(_ context.Context, _ *sql.Tx, lanes []string) error {
	for _, lane := range lanes {
		o.lanes.Go(func() { o.work(lane) })
	}
	return nil
}

func (o *outage) work(lane string) {
	time.Sleep(time.Millisecond) // the transaction ends first
	args := performArgs{Lane: lane}
	pool := o.pools[args.InsertOpts().Queue]
	job := &river.Job[performArgs]{Args: args, JobRow: &rivertype.JobRow{ID: o.jobs.Add(1), EncodedArgs: []byte(`{}`)}}
	for {
		pool <- struct{}{}
		err := (&performer{q: o.queue}).Work(o.t.Context(), job)
		<-pool
		if err == nil {
			return
		}
		snooze, ok := errors.AsType[*river.JobSnoozeError](err)
		if !ok {
			o.t.Errorf("%s: %v", lane, err)
			return
		}
		time.Sleep(max(snooze.Duration, 10*time.Millisecond))
	}
}

// TestOutage: Slack is away for an hour, in which 40 changes go past the bar, many at
// once, and every second one is merged. Nothing on the host waits for that; all of it is
// told afterwards, once, each pull request's in its order, and never more than a
// message a second.
func TestOutage(t *testing.T) {
	o := &outage{far: &http.Transport{DisableKeepAlives: true}, checks: map[string]time.Time{}}
	chat, err := slacktest.New(slacktest.Options{Now: func() time.Time { return time.Unix(o.clock.Load(), 0) }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := chat.Close(); err != nil {
			t.Error(err)
		}
	}()
	chat.AddChannel("#eng-leads")
	const changes, burst = 40, 16
	synctest.Test(t, func(t *testing.T) {
		o.begin(t, chat)
		began := time.Now()
		o.down.Store(true)
		committed := map[string]time.Time{}
		for i := range changes {
			s, pause := pull(i+1), time.Hour/2/(changes-burst)
			if i < burst {
				pause = 0 // more of them wait for Slack than there are workers
			}
			o.happens(s, signoff.OverrideDeclared, signoff.NoticeOverride)
			committed[fmt.Sprintf("%d-%s", s.Number, signoff.OverrideDeclared)] = time.Now()
			time.Sleep(pause)
			if i%2 == 0 {
				o.happens(s, signoff.MergedOverridden, signoff.NoticeClosed)
				committed[fmt.Sprintf("%d-%s", s.Number, signoff.MergedOverridden)] = time.Now()
			}
			time.Sleep(pause)
		}
		o.down.Store(false)
		up := time.Now()
		if up.Sub(began) < time.Hour {
			t.Errorf("the outage took %v, want an hour", up.Sub(began))
		}
		o.mu.Lock()
		for commit, at := range committed {
			if shown, ok := o.checks[commit]; !ok || shown.Sub(at) > time.Second {
				t.Errorf("the check of %s was shown after %v (%t)", commit, shown.Sub(at), ok)
			}
		}
		o.mu.Unlock()
		o.lanes.Wait()
		if took := time.Since(up); took > 20*time.Minute {
			t.Errorf("what waited was told after %v", took)
		}
		b, err := o.db.Backlog(t.Context())
		if err != nil || b.Effects+b.Dead != 0 {
			t.Errorf("Backlog = %+v, %v, want none", b, err)
		}
		for i := 1; i < len(o.written); i++ {
			if gap := o.written[i].Sub(o.written[i-1]); gap < time.Second-time.Millisecond { // it is rounded
				t.Errorf("two messages within %v", gap)
			}
		}
		if o.asked < changes {
			t.Errorf("Slack was asked %d times while it was down, and should have been tried for each", o.asked)
		}
	})
	told := map[int]string{}
	for _, m := range chat.Messages("#eng-leads") {
		var number int
		if _, err := fmt.Sscanf(m.Text[strings.Index(m.Text, "#"):], "#%d", &number); err != nil {
			t.Fatalf("%q: %v", m.Text, err)
		}
		kind := " parent"
		if m.Thread != "" {
			kind = " reply"
		}
		told[number] += kind
	}
	for i := range changes {
		want := " parent"
		if i%2 == 0 {
			want += " reply"
		}
		if told[i+1] != want {
			t.Errorf("#%d was told as%s, want%s", i+1, told[i+1], want)
		}
	}
}

// begin makes the store, the queue and our side of Slack, within the bubble.
func (o *outage) begin(t *testing.T, chat *slacktest.Server) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	o.t, o.db = t, storetest.Open(t, store.SQLite)
	var err error
	if o.queue, err = New(t.Context(), log, o.db, work{perform: o.tell}, Config{}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.db.Beat(t.Context(), o.queue.worker); err != nil { // leases are of the living
		t.Fatal(err)
	}
	if o.slack, err = slack.New(log, slack.Config{Token: chat.Token(), APIURL: chat.APIURL(), Store: o.db, Now: time.Now, Transport: o}); err != nil {
		t.Fatal(err)
	}
	o.pools = map[string]chan struct{}{performs: make(chan struct{}, 8), tells: make(chan struct{}, 8)}
}
