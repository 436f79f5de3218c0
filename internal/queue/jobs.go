package queue

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/barraiser/barraiser/internal/crash"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// attempts of a job are about a day of trying. After that it is dead, and shown
// as that: nothing is dropped, since the store still says that it is undone.
const attempts = 300

// The arguments of the jobs are stored: fields may be added, not renamed.

type reconcileArgs struct {
	Subject string `json:"subject"`
}

func (reconcileArgs) Kind() string { return "reconcile" }
func (reconcileArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: reconciles, MaxAttempts: attempts}
}

type performArgs struct {
	Lane string `json:"lane"`
}

func (performArgs) Kind() string { return "perform" }
func (a performArgs) InsertOpts() river.InsertOpts {
	o := river.InsertOpts{Queue: performs, MaxAttempts: attempts}
	if store.TellsSlack(a.Lane) {
		o.Queue = tells
	}
	return o
}

type historyArgs struct {
	Repository int64 `json:"repository"`
}

func (historyArgs) Kind() string { return "history" }
func (historyArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: histories, MaxAttempts: attempts}
}

type sweepArgs struct {
	Sweep string `json:"sweep"`
}

func (sweepArgs) Kind() string { return "sweep" }
func (sweepArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: sweeps, MaxAttempts: 1} // the next one comes anyway
}

// ofJob is what a job is about.
func ofJob(job *rivertype.JobRow) string {
	var args struct {
		Subject, Lane string
		Repository    int64
	}
	if err := json.Unmarshal(job.EncodedArgs, &args); err != nil {
		return ""
	}
	if args.Repository != 0 {
		return strconv.FormatInt(args.Repository, 10)
	}
	return args.Subject + args.Lane
}

func (q *Queue) workers() *river.Workers {
	workers := river.NewWorkers()
	river.AddWorker(workers, &reconciler{q: q})
	river.AddWorker(workers, &performer{q: q})
	river.AddWorker(workers, &sweeper{q: q})
	river.AddWorker(workers, &historian{q: q})
	return workers
}

type reconciler struct {
	river.WorkerDefaults[reconcileArgs]
	q *Queue
}

func (r *reconciler) Work(ctx context.Context, job *river.Job[reconcileArgs]) error {
	s, err := signoff.ParseSubject(job.Args.Subject)
	if err != nil {
		return river.JobCancel(err)
	}
	crash.At("routed")
	return r.q.alone(ctx, job.JobRow, "subject/"+job.Args.Subject, func(ctx context.Context) error {
		crash.At("lease taken")
		again, err := r.q.handlers.Reconcile(ctx, s)
		if again && err == nil || errors.Is(err, store.ErrConflict) {
			return river.JobSnooze(0) // the job lives on: see store.Commit
		}
		return err
	})
}

type historian struct {
	river.WorkerDefaults[historyArgs]
	q *Queue
}

// Timeout is long: half a year of a repository is judged in one job, which keeps
// what it has and bounds each state.
func (h *historian) Timeout(*river.Job[historyArgs]) time.Duration { return 12 * time.Hour }

func (h *historian) Work(ctx context.Context, job *river.Job[historyArgs]) error {
	return h.q.alone(ctx, job.JobRow, "history/"+ofJob(job.JobRow), func(ctx context.Context) error {
		again, err := h.q.handlers.History(ctx, job.Args.Repository)
		if again && err == nil || errors.Is(err, store.ErrConflict) {
			return river.JobSnooze(0)
		}
		return err
	})
}

type sweeper struct {
	river.WorkerDefaults[sweepArgs]
	q *Queue
}

func (s *sweeper) Work(ctx context.Context, job *river.Job[sweepArgs]) error {
	err := s.q.alone(ctx, job.JobRow, "sweep/"+job.Args.Sweep, func(ctx context.Context) error {
		return s.q.handlers.Sweep(ctx, job.Args.Sweep)
	})
	if _, ok := errors.AsType[*river.JobSnoozeError](err); ok {
		return nil // the one before is still at it, or is told to wait: the next will do
	}
	return err
}

func periodic(sweeps []Sweep) []*river.PeriodicJob {
	var jobs []*river.PeriodicJob
	for _, s := range sweeps {
		jobs = append(jobs, river.NewPeriodicJob(river.PeriodicInterval(s.Every),
			func() (river.JobArgs, *river.InsertOpts) { return sweepArgs{Sweep: s.Kind}, nil },
			&river.PeriodicJobOpts{RunOnStart: true}))
	}
	return jobs
}

// taken is how long a job waits that finds its lease taken.
const taken = time.Second

// alone runs f while no other job has the lease.
func (q *Queue) alone(ctx context.Context, job *rivertype.JobRow, name string, f func(context.Context) error) error {
	lease := store.Lease{Name: name, Worker: q.worker, Job: job.ID}
	had, err := q.db.Take(ctx, lease)
	if err != nil {
		q.leak(lease) // it may be had: what failed may be the answer
		return err
	}
	if !had {
		return river.JobSnooze(taken)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	q.hold(lease, cancel)
	defer q.release(ctx, lease)
	err = f(ctx)
	if cause := context.Cause(ctx); errors.Is(err, context.Canceled) && cause != nil {
		err = cause // says why
	}
	return q.postpone(ctx, job, err)
}

// The bounds of a postponement that the far side asks for.
const (
	soonest = time.Second
	latest  = time.Hour
)

// postpone makes a job whose error says when to come back do so.
func (q *Queue) postpone(ctx context.Context, job *rivertype.JobRow, err error) error {
	at, ok := retryAt(err)
	if !ok {
		return err
	}
	wait := min(max(time.Until(at), soonest), latest)
	q.log.InfoContext(ctx, "job postponed", "kind", job.Kind, "of", ofJob(job), "wait", wait.Round(time.Second), "err", err)
	return river.JobSnooze(wait)
}

// retryAt is when the far side asks to come back, where it does.
func retryAt(err error) (time.Time, bool) {
	var later interface {
		error
		RetryAt() time.Time
	}
	if !errors.As(err, &later) || later.RetryAt().IsZero() {
		return time.Time{}, false
	}
	return later.RetryAt(), true
}

// backoff waits a second after the first failure, twice as long after each
// further one, and no longer than five minutes; a quarter more or less by chance,
// so that what failed together does not come back together.
type backoff struct{}

const longest = 5 * time.Minute

func (backoff) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(pause(len(job.Errors), rand.Float64()))
}

// pause is that after some failures before this one, for a chance in [0, 1).
func pause(before int, chance float64) time.Duration {
	d := longest
	if before < 9 { // 2⁹ s are more than five minutes
		d = min(time.Second<<before, longest)
	}
	return d*3/4 + time.Duration(chance*float64(d/2))
}
