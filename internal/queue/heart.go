package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/barraiser/barraiser/internal/store"
)

// A tempo is how often things are done. Tests are in a hurry.
type tempo struct {
	poll time.Duration // for jobs
	beat time.Duration
	// bury is how long a worker's counter has to stand still. It leaves room for
	// a few beats that are late.
	bury time.Duration
	// giveUp is for how long is tried to tell something, and giveUpFinal where
	// the far side refused it in a way that waiting does not mend.
	giveUp, giveUpFinal time.Duration
}

var usual = tempo{poll: 100 * time.Millisecond, beat: 5 * time.Second, bury: 20 * time.Second, giveUp: 24 * time.Hour, giveUpFinal: time.Hour}

var (
	errBuried = errors.New("this process was taken for dead and its jobs were given to others")
	errCutOff = errors.New("the store could not be reached for so long that others take this process for dead")
)

// beat shows until ctx ends that this process lives, and buries those that do
// not.
func (q *Queue) beat(ctx context.Context) {
	defer close(q.stopped)
	tick := time.NewTicker(q.tempo.beat)
	defer tick.Stop()
	last := time.Now() // good beat
	others := map[string]pulse{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		known, err := q.db.Beat(ctx, q.worker)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			q.log.WarnContext(ctx, "no heartbeat", "err", err)
			if time.Since(last) > q.tempo.bury-q.tempo.beat {
				q.drop(errCutOff)
			}
			continue
		case !known:
			q.log.WarnContext(ctx, "taken for dead", "worker", q.worker)
			q.drop(errBuried)
		}
		last = time.Now()
		if err := errors.Join(q.releaseLeaked(ctx), q.buryDead(ctx, others)); err != nil && ctx.Err() == nil {
			q.log.WarnContext(ctx, "the heart could not do all", "err", err)
		}
	}
}

// A pulse is a counter with when it was first seen at that value.
type pulse struct {
	beat  int64
	since time.Time
}

// buryDead buries the workers whose counters have stood still for too long and
// inserts their jobs anew.
func (q *Queue) buryDead(ctx context.Context, seen map[string]pulse) error {
	beats, err := q.db.Beats(ctx)
	if err != nil {
		return err
	}
	for worker := range seen {
		if _, ok := beats[worker]; !ok {
			delete(seen, worker)
		}
	}
	for worker, beat := range beats {
		p, ok := seen[worker]
		switch {
		case worker == q.worker:
		case !ok || p.beat != beat:
			seen[worker] = pulse{beat, time.Now()}
		case time.Since(p.since) > q.tempo.bury:
			jobs := 0
			buried, err := q.db.Bury(ctx, worker, beat, func(ctx context.Context, tx *sql.Tx) error {
				jobs, err = q.inherit(ctx, tx, worker)
				return err
			})
			if err != nil {
				return err
			}
			if buried {
				q.log.WarnContext(ctx, "worker is dead, its jobs begin anew", "worker", worker, "jobs", jobs)
			}
		}
	}
	return nil
}

// inherit inserts the jobs anew that a dead worker was running, with the attempts
// that it left: what kills each process that it runs in is dead itself one day.
// The old rows stay "running" until River rescues them, and then do nothing.
func (q *Queue) inherit(ctx context.Context, tx *sql.Tx, worker string) (int, error) {
	running, err := q.client.JobListTx(ctx, tx, river.NewJobListParams().
		Kinds(reconcileArgs{}.Kind(), performArgs{}.Kind(), historyArgs{}.Kind()).
		States(rivertype.JobStateRunning).First(10_000))
	if err != nil {
		return 0, fmt.Errorf("list its jobs: %w", err)
	}
	var jobs []river.InsertManyParams
	for _, job := range running.Jobs {
		if n := len(job.AttemptedBy); n == 0 || job.AttemptedBy[n-1] != worker {
			continue
		}
		var args river.JobArgs = reconcileArgs{Subject: ofJob(job)}
		switch job.Kind {
		case performArgs{}.Kind():
			args = performArgs{Lane: ofJob(job)}
		case historyArgs{}.Kind():
			id, err := strconv.ParseInt(ofJob(job), 10, 64)
			if err != nil {
				continue // unreachable: we wrote it
			}
			args = historyArgs{Repository: id}
		}
		jobs = append(jobs, river.InsertManyParams{Args: args, InsertOpts: &river.InsertOpts{MaxAttempts: max(job.MaxAttempts-job.Attempt, 1)}})
	}
	return len(jobs), q.insert(ctx, tx, jobs)
}

// hold remembers a lease, with how to end who works under it.
func (q *Queue) hold(l store.Lease, cancel context.CancelCauseFunc) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running[l] = cancel
}

// release gives a lease back, if not now then with the next heartbeat.
func (q *Queue) release(ctx context.Context, l store.Lease) {
	q.mu.Lock()
	cancel := q.running[l]
	delete(q.running, l)
	q.mu.Unlock()
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), lastCall)
	defer stop()
	err := q.db.Release(ctx, l)
	cancel(nil)
	if err != nil {
		q.log.WarnContext(ctx, "lease is released later", "lease", l.Name, "err", err)
		q.leak(l)
	}
}

func (q *Queue) leak(leases ...store.Lease) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.leaked = append(q.leaked, leases...)
}

func (q *Queue) releaseLeaked(ctx context.Context) error {
	q.mu.Lock()
	leaked := q.leaked
	q.leaked = nil
	q.mu.Unlock()
	if len(leaked) == 0 {
		return nil
	}
	err := q.db.Release(ctx, leaked...)
	if err != nil {
		q.leak(leaked...)
	}
	return err
}

// drop ends all jobs that work under a lease: it is not ours any more.
func (q *Queue) drop(why error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, cancel := range q.running {
		cancel(why)
	}
}
