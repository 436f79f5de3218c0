package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/barraiser/barraiser/internal/crash"
	"github.com/barraiser/barraiser/internal/signoff"
)

// Jobs puts work into the queue, in the transaction that makes it necessary.
// Only the transaction is to be used. The queue implements it.
type Jobs interface {
	// Reconcile asks for a look at each of the subjects.
	Reconcile(ctx context.Context, tx *sql.Tx, subjects []signoff.Subject) error
	// Perform asks for the effects of each of the lanes.
	Perform(ctx context.Context, tx *sql.Tx, lanes []string) error
	// Sweep asks for sweeps of these kinds, once each.
	Sweep(ctx context.Context, tx *sql.Tx, kinds []string) error
	// History asks for more points of each of the repositories.
	History(ctx context.Context, tx *sql.Tx, repositories []int64) error
}

// A Delivery is something that arrived: a webhook, an interaction, an action on
// a page.
type Delivery struct {
	GUID         string // by which it counts once
	Event        string // "pull_request_review"
	Action       string // "submitted"
	Installation int64
	Repository   int64
	At           time.Time
	Body         []byte
	// Raised are the subjects to look at again. A subject is in it once.
	Raised []Raised
	// Sweeps are the kinds of sweeps that it calls for, Doubts what it shows to be
	// other than we wrote it.
	Sweeps []string
	Doubts []Doubt
}

// Raised is a subject with the facts of it that a delivery holds.
type Raised struct {
	Subject signoff.Subject
	Facts   []signoff.Fact // one that is known by its id already is left out
}

// MaxBody is the size of the largest body that is kept for replay. Of a larger
// one only size and hash are.
const MaxBody = 1 << 20

// Receive stores a delivery, and reports whether it is new: of one that was
// stored before nothing changes. When it returns without an error, the delivery
// is on the disk.
func (db *DB) Receive(ctx context.Context, jobs Jobs, d Delivery) (fresh bool, err error) {
	d.Raised = slices.SortedFunc(slices.Values(d.Raised), func(a, b Raised) int {
		return strings.Compare(a.Subject.Key(), b.Subject.Key()) // rows are locked in one order
	})
	body, err := pack(d.Body) // outside of the transaction, where nobody waits for it
	if err != nil {
		return false, fmt.Errorf("store delivery %s: %w", d.GUID, err)
	}
	err = db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		fresh, err = receive(ctx, tx, jobs, d, body)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("store delivery %s: %w", d.GUID, err)
	}
	return fresh, nil
}

func receive(ctx context.Context, tx *sql.Tx, jobs Jobs, d Delivery, body []byte) (bool, error) {
	sum := sha256.Sum256(d.Body)
	result, err := tx.ExecContext(ctx, `
		INSERT INTO deliveries (guid, event, action, installation, repository, received_at, size, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (guid) DO NOTHING`,
		d.GUID, d.Event, d.Action, d.Installation, d.Repository, stamp(d.At), len(d.Body), hex.EncodeToString(sum[:]))
	if err != nil {
		return false, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	if len(d.Body) > 0 && len(d.Body) <= MaxBody {
		_, err := tx.ExecContext(ctx, `INSERT INTO bodies (guid, received_at, size, body) VALUES ($1, $2, $3, $4)`,
			d.GUID, stamp(d.At), len(body), body)
		if err != nil {
			return false, err
		}
	}
	if len(d.Sweeps) > 0 {
		if err := jobs.Sweep(ctx, tx, d.Sweeps); err != nil {
			return false, err
		}
	}
	if err := doubt(ctx, tx, jobs, d.Doubts, d.At); err != nil {
		return false, err
	}
	err = raiseAll(ctx, tx, jobs, d.Raised, d.At)
	crash.At("delivery inserted, not committed")
	return true, err
}

// Raise asks for a look at subjects of which no delivery came. They are made
// where they are missing.
func (db *DB) Raise(ctx context.Context, jobs Jobs, at time.Time, subjects ...signoff.Subject) error {
	var raised []Raised
	for _, s := range slices.SortedFunc(slices.Values(subjects), bySubject) {
		raised = append(raised, Raised{Subject: s})
	}
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return raiseAll(ctx, tx, jobs, raised, at) })
	if err != nil {
		return fmt.Errorf("raise %d subjects: %w", len(subjects), err)
	}
	return nil
}

func bySubject(a, b signoff.Subject) int { return strings.Compare(a.Key(), b.Key()) }

func raiseAll(ctx context.Context, tx *sql.Tx, jobs Jobs, raised []Raised, at time.Time) error {
	var idle []signoff.Subject
	for _, r := range raised {
		wasIdle, err := raise(ctx, tx, r.Subject, at)
		if err != nil {
			return fmt.Errorf("raise %s: %w", r.Subject.Key(), err)
		}
		if err := addFacts(ctx, tx, r.Subject, r.Facts); err != nil {
			return fmt.Errorf("raise %s: %w", r.Subject.Key(), err)
		}
		if wasIdle {
			idle = append(idle, r.Subject)
		}
	}
	if len(idle) == 0 {
		return nil
	}
	return jobs.Reconcile(ctx, tx, idle)
}

// raise counts one more reason to look at a subject, and reports whether it had
// none before. Then it needs a job. Else it has one, or one that is running and
// that Commit will tell, in the same order as the row is locked, that there is
// more to do. Hence no delivery is lost whatever step the running job is at, and
// a hundred deliveries make one job.
func raise(ctx context.Context, tx *sql.Tx, s signoff.Subject, at time.Time) (wasIdle bool, err error) {
	var wanted, done int64
	err = tx.QueryRowContext(ctx, `
		INSERT INTO subjects (subject, installation, repository, kind, number, ref, wanted, done, undone_since,
			version, head, state, mode, is_open, record, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, 1, 0, $7, 0, '', '', '', TRUE, '', $7)
		ON CONFLICT (subject) DO UPDATE SET
			undone_since = CASE WHEN subjects.wanted = subjects.done THEN EXCLUDED.undone_since ELSE subjects.undone_since END,
			wanted = subjects.wanted + 1
		RETURNING wanted, done`,
		s.Key(), s.Installation, s.Repository, string(s.Kind), s.Number, s.Ref, stamp(at)).Scan(&wanted, &done)
	return wanted == done+1, err
}

// addFacts appends facts of a subject whose row is locked.
func addFacts(ctx context.Context, tx *sql.Tx, s signoff.Subject, facts []signoff.Fact) error {
	for _, f := range facts {
		text, err := json.Marshal(f)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO facts (subject, number, id, at, fact)
			VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM facts WHERE subject = $1), $2, $3, $4)
			ON CONFLICT (subject, id) DO NOTHING`,
			s.Key(), f.ID, stamp(f.At), string(text))
		if err != nil {
			return err
		}
	}
	return nil
}

// Unknown returns those of the GUIDs of which no delivery is stored, in order.
func (db *DB) Unknown(ctx context.Context, guids []string) ([]string, error) {
	if len(guids) == 0 { // in JSON it may be null, which PostgreSQL takes for no list
		return nil, nil
	}
	list, err := json.Marshal(guids)
	if err != nil {
		return nil, fmt.Errorf("compare deliveries: %w", err)
	}
	query := `SELECT d.guid FROM deliveries d JOIN json_each($1) AS j ON j.value = d.guid`
	if db.engine == PostgreSQL {
		query = `SELECT d.guid FROM deliveries d JOIN json_array_elements_text($1::json) AS j ON j = d.guid`
	}
	known, err := collect(ctx, db.read, text, query, string(list))
	if err != nil {
		return nil, fmt.Errorf("compare deliveries: %w", err)
	}
	set := map[string]bool{}
	for _, guid := range known {
		set[guid] = true
	}
	return slices.DeleteFunc(slices.Clone(guids), func(guid string) bool { return set[guid] }), nil
}

func text(row scanner) (s string, err error) {
	err = row.Scan(&s)
	return s, err
}

// Body returns the body of a delivery, or ErrNotFound where it was not kept or is
// not any more.
func (db *DB) Body(ctx context.Context, guid string) ([]byte, error) {
	var packed []byte
	err := db.read.QueryRowContext(ctx, `SELECT body FROM bodies WHERE guid = $1`, guid).Scan(&packed)
	if err != nil {
		return nil, fmt.Errorf("read delivery %s: %w", guid, found(err))
	}
	body, err := unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("read delivery %s: %w", guid, err)
	}
	return body, nil
}

// packers are used again: a new one takes 800 kB, which was a quarter of what a
// delivery costs.
var packers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // unreachable: the level is one of gzip's
	}
	return w
}}

// pack compresses for speed: it is done while the sender waits.
func pack(b []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := packers.Get().(*gzip.Writer)
	defer packers.Put(w)
	w.Reset(&packed)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
