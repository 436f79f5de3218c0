package queue

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"

	"github.com/barraiser/barraiser/internal/store"
)

// DESIGN
//
// What became of an effect stands in its row and not with the job: since when it
// fails, when it is tried again, why. So a restart forgets nothing, the pages can
// show it, and the sweep leaves alone what waits for its time. A job only goes
// through its lane and says when it wants to come back.
//
// Two sorts wait. One that failed is in the way of those behind it, which are to
// come after it. One that is held back (it is night where its reader is) is in
// nobody's way.
//
// A Tell is given up in the end, so that those behind it go on; it is shown to the
// operators, who may have it tried again. A Put never is: it shows what is newest,
// and only itself is in its lane.

type performer struct {
	river.WorkerDefaults[performArgs]
	q *Queue
}

func (p *performer) Work(ctx context.Context, job *river.Job[performArgs]) error {
	return p.q.alone(ctx, job.JobRow, "lane/"+job.Args.Lane, func(ctx context.Context) error {
		for {
			pending, err := p.q.db.Pending(ctx, job.Args.Lane)
			if err != nil {
				return err
			}
			until, again, err := p.pass(ctx, pending)
			switch {
			case err != nil:
				return err
			case again:
			case until.IsZero():
				return nil
			default:
				return river.JobSnooze(min(max(time.Until(until), soonest), latest))
			}
		}
	})
}

// pass performs what is due, up to the first that fails. Again says that more may
// have come meanwhile; else until is when to come back, zero for no reason of
// this lane's.
func (p *performer) pass(ctx context.Context, pending []store.Pending) (until time.Time, again bool, err error) {
	wait := func(t time.Time) {
		if t.IsZero() {
			return
		}
		if until.IsZero() || t.Before(until) {
			until = t
		}
	}
	for _, one := range pending {
		if now := time.Now(); one.Until.After(now) {
			wait(one.Until)
			if one.Since.IsZero() {
				continue
			}
			return until, again, nil
		}
		err := p.q.handlers.Perform(ctx, one.Effect)
		if err == nil {
			err, again = p.q.db.Performed(ctx, one), true
			if err != nil {
				return until, again, err
			}
			continue
		}
		if ctx.Err() != nil {
			return until, false, err // we are stopped, or the lane is another's
		}
		at, blocks, err := p.failed(ctx, one, err)
		if err != nil {
			return until, false, err
		}
		wait(at)
		if blocks {
			return until, false, nil
		}
	}
	return until, again, nil
}

// failed notes an effect that was not performed, and says when to try again and
// whether those behind it wait as well.
func (p *performer) failed(ctx context.Context, one store.Pending, why error) (until time.Time, blocks bool, err error) {
	var held interface {
		error
		HoldUntil() time.Time
	}
	if errors.As(why, &held) {
		p.q.log.InfoContext(ctx, "held back", "effect", one.Key, "until", held.HoldUntil(), "why", why)
		return held.HoldUntil(), false, p.q.db.Hold(ctx, one, held.HoldUntil())
	}
	now := time.Now()
	f := store.Failure{At: now, Until: now.Add(pause(one.Tries, rand.Float64())), Problem: why.Error()}
	if later, ok := retryAt(why); ok {
		f.Until = now.Add(min(max(later.Sub(now), soonest), latest))
	}
	since := one.Since
	if since.IsZero() {
		since = now
	}
	f.Dead = !one.Effect.Kind.Put() && now.Sub(since) >= p.q.patience(why)
	log := p.q.log.WarnContext
	if f.Dead {
		log = p.q.log.ErrorContext
	}
	log(ctx, "not performed", "effect", one.Key, "tries", one.Tries+1, "until", f.Until, "dead", f.Dead, "err", why)
	err = p.q.db.Failed(ctx, one, f)
	if f.Dead {
		return time.Time{}, false, err
	}
	return f.Until, true, err
}

// patience is for how long is tried against an error. One that has a method
// Final is a refusal that no waiting mends: a channel that is not there, a token
// that was withdrawn.
func (q *Queue) patience(err error) time.Duration {
	var final interface {
		error
		Final() bool
	}
	if errors.As(err, &final) && final.Final() {
		return q.tempo.giveUpFinal
	}
	return q.tempo.giveUp
}
