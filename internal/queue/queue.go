// Package queue runs the work that the store calls for: a look at a subject, the
// effects of a lane, a sweep. River keeps the jobs, in the same database, and
// nothing outside of this package knows it.
//
// A job is a hint. What is to be done stands in the store, as wanted above done,
// and is read when the job runs: one job too many does nothing, and the store
// makes one where there was none. So this package asks River for little. Jobs
// are inserted in the transaction that makes them necessary and come back until
// they succeed; that one runs at a time for one subject or lane, on all machines
// together, is a lease in the store, and what becomes of the jobs of a process
// that died is decided by its heartbeat (heart.go) within half a minute, and not
// by River's rescue of what has been running for an hour.
//
// River's unique jobs are deliberately not used: a job that is running swallows
// the insert of its like, and a delivery with it; and one that a dead process
// left "running" swallows for an hour.
package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// Handlers do the work. An error makes the job come back, later each time; one
// that has a method RetryAt() time.Time makes it come back then, and does not
// count as an attempt. A context that ends says that the process stops, or that
// it has lost the lease: what is done after that may be done a second time by
// another.
type Handlers interface {
	// Reconcile looks at a subject. It runs once at a time for each. Again, as
	// store.Commit returns it, asks for another look at once, and so does
	// store.ErrConflict.
	Reconcile(ctx context.Context, s signoff.Subject) (again bool, err error)
	// Perform performs one effect. In one lane it runs once at a time, in order,
	// and an effect that fails holds up those after it until it is given up. One
	// whose error has a method HoldUntil is held back and holds up nothing. An
	// effect may be performed twice, where the process dies before that was noted.
	Perform(ctx context.Context, e signoff.Effect) error
	// History judges states of a repository that have no point yet, one repository
	// after the other. Again asks for another call at once. It is to note what it
	// has done as it goes on, since it may be ended between two states.
	History(ctx context.Context, repository int64) (again bool, err error)
	// Sweep runs one kind of sweep, once at a time.
	Sweep(ctx context.Context, kind string) error
}

// Config is how much is done at a time.
type Config struct {
	Reconciles int // at a time in this process; 0: 4
	Performs   int // at a time in this process, on the host and in Slack each; 0: 8
	// Timeout ends a job that takes longer; 0: 15 minutes.
	Timeout time.Duration
	Sweeps  []Sweep
}

// A Sweep is done on a timer by one of all processes, and once at the start.
type Sweep struct {
	Kind  string
	Every time.Duration
}

// Queue takes jobs from the store, and inserts them as store.Jobs.
type Queue struct {
	log      *slog.Logger
	db       *store.DB
	handlers Handlers
	client   *river.Client[*sql.Tx]
	worker   string // this process, among all
	tempo    tempo

	mu      sync.Mutex
	running map[store.Lease]context.CancelCauseFunc
	leaked  []store.Lease // that could not be released yet

	stopHeart context.CancelFunc
	stopped   chan struct{} // the heart
}

var _ store.Jobs = (*Queue)(nil)

// River's queues, so that a burst of one sort of job does not hold up another.
const (
	reconciles = "reconcile"
	performs   = "perform"
	tells      = "tell" // Slack: where it does not answer, none of the host's waits behind it
	sweeps     = "sweep"
	histories  = "history"
)

// New returns the queue of a store, with its tables made. Without handlers it
// only inserts, and is not to be started.
func New(ctx context.Context, log *slog.Logger, db *store.DB, handlers Handlers, c Config) (*Queue, error) {
	return newQueue(ctx, log, db, handlers, c, usual)
}

func newQueue(ctx context.Context, log *slog.Logger, db *store.DB, handlers Handlers, c Config, t tempo) (*Queue, error) {
	driver := driverOf(db)
	if err := migrate(ctx, log, db, driver); err != nil {
		return nil, fmt.Errorf("make the queue's tables: %w", err)
	}
	q := &Queue{log: log, db: db, handlers: handlers, tempo: t, running: map[store.Lease]context.CancelCauseFunc{}}
	config := &river.Config{Logger: log}
	if handlers != nil {
		if c.Timeout == 0 {
			c.Timeout = 15 * time.Minute
		}
		config = &river.Config{
			Logger:            log,
			FetchPollInterval: t.poll,
			// How soon a worker that is free again takes the next job: most looks end
			// at once.
			FetchCooldown: t.poll / 10,
			JobTimeout:    c.Timeout,
			RetryPolicy:   backoff{},
			Workers:       q.workers(),
			PeriodicJobs:  periodic(c.Sweeps),
			Queues: map[string]river.QueueConfig{
				reconciles: {MaxWorkers: orDefault(c.Reconciles, 4)},
				performs:   {MaxWorkers: orDefault(c.Performs, 8)},
				tells:      {MaxWorkers: orDefault(c.Performs, 8)},
				sweeps:     {MaxWorkers: 2},
				histories:  {MaxWorkers: 1}, // it is in no hurry, and the rest is
			},
			// The job is a hint, and the store knows that it was done.
			CompletedJobRetentionPeriod: time.Hour,
			DiscardedJobRetentionPeriod: 90 * 24 * time.Hour,
		}
	}
	client, err := river.NewClient(driver, config)
	if err != nil {
		return nil, fmt.Errorf("make the queue: %w", err)
	}
	q.client, q.worker = client, client.ID()
	return q, nil
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

func driverOf(db *store.DB) riverdriver.Driver[*sql.Tx] {
	if db.Engine() == store.PostgreSQL {
		return riverdatabasesql.New(db.Pool())
	}
	return riversqlite.New(db.Pool())
}

// Start begins to take jobs. They outlive ctx: see Stop.
func (q *Queue) Start(ctx context.Context) error {
	if q.handlers == nil {
		return errors.New("start the queue: it has no handlers and only inserts")
	}
	// A lease holds only while its worker is known to live.
	if _, err := q.db.Beat(ctx, q.worker); err != nil {
		return fmt.Errorf("start the queue: %w", err)
	}
	ctx = context.WithoutCancel(ctx)
	if err := q.client.Start(ctx); err != nil {
		return fmt.Errorf("start the queue: %w", err)
	}
	heart, stop := context.WithCancel(ctx)
	q.stopHeart, q.stopped = stop, make(chan struct{})
	go q.beat(heart)
	return nil
}

// lastCall is how long jobs have to return when they were cancelled.
const lastCall = 10 * time.Second

// Stop takes no more jobs and waits for the running ones until ctx ends. Then it
// cancels them, and they come back when a process starts.
func (q *Queue) Stop(ctx context.Context) error {
	if q.stopHeart == nil {
		return nil
	}
	err := q.client.Stop(ctx)
	if err != nil {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastCall)
		defer cancel()
		err = q.client.StopAndCancel(last)
	}
	q.stopHeart() // not before: the leases of what ran until now hung on it
	<-q.stopped
	if err != nil { // another process will bury us
		return fmt.Errorf("stop the queue: %w", err)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastCall)
	defer cancel()
	if err := q.db.Retire(last, q.worker); err != nil {
		return fmt.Errorf("stop the queue: %w", err)
	}
	return nil
}

// Reconcile implements store.Jobs.
func (q *Queue) Reconcile(ctx context.Context, tx *sql.Tx, subjects []signoff.Subject) error {
	var jobs []river.InsertManyParams
	for _, s := range subjects {
		jobs = append(jobs, river.InsertManyParams{Args: reconcileArgs{Subject: s.Key()}})
	}
	return q.insert(ctx, tx, jobs)
}

// Perform implements store.Jobs.
func (q *Queue) Perform(ctx context.Context, tx *sql.Tx, lanes []string) error {
	var jobs []river.InsertManyParams
	for _, lane := range lanes {
		jobs = append(jobs, river.InsertManyParams{Args: performArgs{Lane: lane}})
	}
	return q.insert(ctx, tx, jobs)
}

// Sweep implements store.Jobs.
func (q *Queue) Sweep(ctx context.Context, tx *sql.Tx, kinds []string) error {
	var jobs []river.InsertManyParams
	for _, kind := range kinds {
		jobs = append(jobs, river.InsertManyParams{Args: sweepArgs{Sweep: kind}})
	}
	return q.insert(ctx, tx, jobs)
}

// History implements store.Jobs.
func (q *Queue) History(ctx context.Context, tx *sql.Tx, repositories []int64) error {
	var jobs []river.InsertManyParams
	for _, id := range repositories {
		jobs = append(jobs, river.InsertManyParams{Args: historyArgs{Repository: id}})
	}
	return q.insert(ctx, tx, jobs)
}

func (q *Queue) insert(ctx context.Context, tx *sql.Tx, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	if _, err := q.client.InsertManyFastTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("insert %d jobs: %w", len(jobs), err)
	}
	return nil
}

// A Dead job has failed for the last time. What it was to do is still undone in
// the store.
type Dead struct {
	ID       int64
	Kind     string
	Of       string // subject, lane or number of a repository
	At       time.Time
	Attempts int
	Error    string // the last one
}

// Dead lists the jobs that were given up, the newest first.
func (q *Queue) Dead(ctx context.Context, limit int) ([]Dead, error) {
	found, err := q.client.JobList(ctx, river.NewJobListParams().
		Kinds(reconcileArgs{}.Kind(), performArgs{}.Kind(), historyArgs{}.Kind()).
		States(rivertype.JobStateDiscarded, rivertype.JobStateCancelled).
		OrderBy(river.JobListOrderByID, river.SortOrderDesc).First(limit))
	if err != nil {
		return nil, fmt.Errorf("list dead jobs: %w", err)
	}
	var dead []Dead
	for _, job := range found.Jobs {
		d := Dead{ID: job.ID, Kind: job.Kind, Of: ofJob(job), Attempts: job.Attempt}
		if job.FinalizedAt != nil {
			d.At = *job.FinalizedAt
		}
		if n := len(job.Errors); n > 0 {
			d.Error = job.Errors[n-1].Error
		}
		dead = append(dead, d)
	}
	return dead, nil
}

// Revive tries a dead job once more.
func (q *Queue) Revive(ctx context.Context, id int64) error {
	_, err := q.client.JobRetry(ctx, id)
	if errors.Is(err, rivertype.ErrNotFound) {
		err = store.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("revive job %d: %w", id, err)
	}
	return nil
}
