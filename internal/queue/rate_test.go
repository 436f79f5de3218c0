package queue

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

var (
	rateTime   = flag.Duration("rate.for", 0, "measure deliveries for this long")
	rateSecond = flag.Int("rate.per-second", 200, "deliveries a second")
	rateBurst  = flag.Int("rate.burst", 2000, "deliveries at once after that")
)

// TestRate measures, and judges only that nothing is lost:
//
//	go test ./internal/queue -run TestRate -v -rate.for 10s
//
// Deliveries of 20 kB arrive on time whether or not those before were answered,
// for 500 pull requests, while the jobs that they make run.
func TestRate(t *testing.T) {
	if *rateTime == 0 {
		t.Skip("measures only with -rate.for")
	}
	for _, e := range storetest.Engines {
		t.Run(string(e), func(t *testing.T) {
			db := storetest.Open(t, e)
			jobs := inserter(t, db)
			var looks atomic.Int64
			one := look(db, func() store.Jobs { return jobs })
			q, err := New(t.Context(), quiet(), db, work{reconcile: func(ctx context.Context, s signoff.Subject) (bool, error) {
				looks.Add(1)
				return one(ctx, s)
			}}, Config{})
			if err != nil {
				t.Fatal(err)
			}
			if err := q.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			defer q.Stop(context.Background())
			n := int(rateTime.Seconds() * float64(*rateSecond))
			steady := measure(t, db, jobs, n, time.Second/time.Duration(*rateSecond))
			t.Logf("%d deliveries at %d a second: %s", n, *rateSecond, steady)
			t.Logf("%d at once: %s", *rateBurst, measure(t, db, jobs, *rateBurst, 0))
			begun := time.Now()
			eventually(t, "all subjects done", func() bool {
				b, err := db.Backlog(t.Context())
				return err == nil && b.Subjects == 0
			})
			t.Logf("%d looks, caught up %v after the burst", looks.Load(), time.Since(begun).Round(time.Millisecond))
			wanted := 0
			for i := range 500 {
				facts, _ := folded(t, db, pull(i))
				wanted += facts
			}
			if want := n + *rateBurst; wanted != want {
				t.Errorf("%d facts in the records, %d were acknowledged", wanted, want)
			}
		})
	}
}

// measure delivers n times, one every step, and describes how long the answers
// took.
func measure(t *testing.T, db *store.DB, jobs store.Jobs, n int, step time.Duration) string {
	body := bytes.Repeat([]byte(`{"action":"submitted","number":12345},`), 512) // 19 kB
	took := make([]time.Duration, n)
	var wg sync.WaitGroup
	begun := time.Now()
	for i := range n {
		due := begun.Add(time.Duration(i) * step)
		time.Sleep(time.Until(due))
		wg.Go(func() {
			guid := fmt.Sprint("g", deliveries.Add(1))
			_, err := db.Receive(context.Background(), jobs, store.Delivery{GUID: guid, Event: "pull_request_review", At: time.Now(), Body: body,
				Raised: []store.Raised{{Subject: pull(i % 500), Facts: []signoff.Fact{{ID: guid, At: time.Now(), Kind: signoff.Pushed}}}}})
			if err != nil {
				t.Error(err)
			}
			took[i] = time.Since(due)
		})
	}
	wg.Wait()
	rate := float64(n) / time.Since(begun).Seconds()
	slices.Sort(took)
	at := func(q float64) time.Duration { return took[int(q*float64(n-1))].Round(100 * time.Microsecond) }
	return fmt.Sprintf("%.0f a second, p50 %v, p99 %v, longest %v", rate, at(0.5), at(0.99), at(1))
}
