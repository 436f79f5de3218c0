package queue

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

// The points at which a process is killed. What it had begun is done by the next.
var killPoints = []string{"lease taken", "committed", "performed and not noted"}

const (
	victimURL   = "BARRAISER_TEST_VICTIM_STORE"
	victimPoint = "BARRAISER_TEST_VICTIM_POINT"
)

// TestVictim is the process that is killed.
func TestVictim(t *testing.T) {
	url, point := os.Getenv(victimURL), os.Getenv(victimPoint)
	if url == "" {
		t.Skip("it is run by TestKill")
	}
	db := storetest.OpenURL(t, url)
	reach := func(here string) {
		if here == point {
			fmt.Println("reached", here)
			select {} // until we are killed
		}
	}
	var q *Queue
	fold := look(db, func() store.Jobs { return q }, signoff.Effect{Kind: signoff.TellReply, Subject: pull(1), Fact: "f"})
	q, err := newQueue(t.Context(), quiet(), db, work{
		reconcile: func(ctx context.Context, s signoff.Subject) (bool, error) {
			reach("lease taken")
			again, err := fold(ctx, s)
			reach("committed")
			return again, err
		},
		perform: func(context.Context, signoff.Effect) error {
			if point == "committed" {
				select {} // it is not performed before we are killed
			}
			reach("performed and not noted")
			return nil
		},
	}, Config{}, hurried)
	if err != nil {
		t.Fatal(err)
	}
	deliver(t, db, q, pull(1))
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(patience)
	t.Fatal("nobody killed us")
}

func TestKill(t *testing.T) {
	for _, e := range storetest.Engines {
		for _, point := range killPoints {
			t.Run(string(e)+"/"+point, func(t *testing.T) {
				t.Parallel()
				url := storetest.URL(t, e)
				kill(t, url, point)
				db := storetest.OpenURL(t, url)
				before, err := db.Backlog(t.Context())
				if err != nil || before.Subjects+before.Effects == 0 {
					t.Fatalf("the victim left %+v, %v", before, err)
				}
				jobs := inserter(t, db)
				var performed atomic.Int64
				startedIn(t, db, work{
					reconcile: look(db, func() store.Jobs { return jobs }, signoff.Effect{Kind: signoff.TellReply, Subject: pull(1), Fact: "f"}),
					perform: func(context.Context, signoff.Effect) error {
						performed.Add(1)
						return nil
					},
				}, Config{}, impatient)
				eventually(t, "all done that the victim left", func() bool {
					b, err := db.Backlog(t.Context())
					return err == nil && b.Subjects == 0 && b.Effects == 0
				})
				if n := performed.Load(); n != 1 {
					t.Errorf("performed %d times after the kill, want 1", n)
				}
				if facts, _ := folded(t, db, pull(1)); facts != 1 {
					t.Errorf("facts in the record = %d, want 1", facts)
				}
			})
		}
	}
}

// kill runs the victim and kills it where it reaches a point.
func kill(t *testing.T, url, point string) {
	t.Helper()
	victim := exec.Command(os.Args[0], "-test.run=^TestVictim$", "-test.v")
	victim.Env = append(os.Environ(), victimURL+"="+url, victimPoint+"="+point)
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "reached "+point) {
		fmt.Fprintln(&said, lines.Text())
	}
	reached := strings.Contains(lines.Text(), "reached "+point)
	if err := victim.Process.Kill(); err != nil && reached {
		t.Error(err)
	}
	if err := victim.Wait(); err == nil || !reached {
		t.Fatalf("the victim ended by itself: %v\n%s", err, said.String())
	}
}

// A process that was taken for dead ends what it does, since others do it now.
func TestTakenForDead(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		why := make(chan error, 10)
		begun := make(chan struct{}, 10)
		q := started(t, db, work{reconcile: func(ctx context.Context, _ signoff.Subject) (bool, error) {
			begun <- struct{}{}
			<-ctx.Done()
			why <- context.Cause(ctx)
			return false, nil
		}}, Config{})
		deliver(t, db, q, pull(1))
		<-begun
		if err := db.Retire(t.Context(), q.worker); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-why:
			if err != errBuried {
				t.Errorf("the job ended for %v, want %v", err, errBuried)
			}
		case <-time.After(patience):
			t.Error("the job goes on")
		}
	})
}
