package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// A group commits transactions of several callers as one, so that one fsync
// serves them all. On SQLite they would otherwise queue for the one connection,
// each with an fsync of its own. PostgreSQL does the same by itself for the
// commits of several connections, and has no need of this.
//
// Nobody waits for company: a group is who is there when the connection is free,
// so that it grows with the load and costs nothing without it. A part of a group
// must be short: it computes nothing and waits for nobody.
type group struct {
	db      *DB
	members chan *member
	closing chan struct{}
	once    sync.Once
	closed  chan struct{}
}

const (
	groupSize = 128
	// groupPatience bounds a group against a disk that hangs.
	groupPatience = 30 * time.Second
)

// A member is one caller's part of a group.
type member struct {
	ctx  context.Context
	f    func(ctx context.Context, tx *sql.Tx) error
	done chan error // buffered: a caller may have left
}

func startGroup(db *DB) *group {
	g := &group{db: db, members: make(chan *member), closing: make(chan struct{}), closed: make(chan struct{})}
	go g.run()
	return g
}

// join runs f in the transaction of a group.
func (g *group) join(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error {
	m := &member{ctx: ctx, f: f, done: make(chan error, 1)}
	select {
	case g.members <- m:
	case <-ctx.Done():
		return ctx.Err()
	case <-g.closed:
		return ErrClosed
	}
	// From here on it may be committed whatever becomes of ctx, so the answer is
	// waited for: a caller that left would not know.
	err := <-m.done
	if p, ok := errors.AsType[*panicked](err); ok {
		panic(p) // where the caller can recover it, and not in the group
	}
	return err
}

// panicked is the panic of a member's part, with where it came from.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

func (m *member) run(ctx context.Context, tx *sql.Tx) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicked{value, debug.Stack()}
		}
	}()
	return m.f(ctx, tx)
}

func (g *group) close() {
	g.once.Do(func() { close(g.closing) })
	<-g.closed
}

func (g *group) run() {
	defer close(g.closed)
	for {
		select {
		case m := <-g.members:
			g.commit(m)
		case <-g.closing:
			return
		}
	}
}

// commit runs a group that begins with one member.
func (g *group) commit(first *member) {
	// Not a member's context: its end would be that of the others.
	ctx, cancel := context.WithTimeout(context.Background(), groupPatience)
	defer cancel()
	tx, err := g.db.write.BeginTx(ctx, nil)
	if err != nil {
		first.done <- fmt.Errorf("begin: %w", err)
		return
	}
	defer tx.Rollback() // after Commit it does nothing
	var fine []*member
	for _, m := range g.waiting(first) {
		var failure error
		if err == nil { // else the engine ended the transaction: nobody's part is left
			failure, err = runMember(ctx, tx, m)
		}
		if failure != nil {
			m.done <- failure
			continue
		}
		fine = append(fine, m)
	}
	if err == nil {
		if err = tx.Commit(); err != nil {
			err = fmt.Errorf("commit: %w", err)
		}
	}
	for _, m := range fine {
		m.done <- err
	}
}

// waiting returns the first member and those that wait to join.
func (g *group) waiting(first *member) []*member {
	members := []*member{first}
	for len(members) < groupSize {
		select {
		case m := <-g.members:
			members = append(members, m)
		default:
			return members
		}
	}
	return members
}

// runMember runs one member's part, which it undoes where that fails. The second
// error says that the transaction as a whole is lost.
func runMember(ctx context.Context, tx *sql.Tx, m *member) (failure, broken error) {
	if err := m.ctx.Err(); err != nil {
		return err, nil
	}
	if _, err := tx.ExecContext(ctx, "SAVEPOINT member"); err != nil {
		return nil, fmt.Errorf("savepoint: %w", err)
	}
	failure = m.run(ctx, tx)
	if failure != nil {
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO member"); err != nil {
			return nil, fmt.Errorf("%w, then roll back: %w", failure, err)
		}
	}
	if _, err := tx.ExecContext(ctx, "RELEASE member"); err != nil {
		return nil, fmt.Errorf("release savepoint: %w", err)
	}
	return failure, nil
}
