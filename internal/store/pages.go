package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/signoff"
)

// A Page is a part of a list: at most Limit, from the one after After on, which
// is what the list before gave as its end. Empty is the start.
type Page struct {
	After string
	Limit int
}

// ListedOverride is an override with the subject that it is of.
type ListedOverride struct {
	Subject  signoff.Subject
	Override signoff.Override
	State    OverrideState
}

// OverrideState is what became of an override, by its own fields. One that is
// followed up is in the stage of that: a signoff.Stage.
type OverrideState string

const (
	OverrideStands   OverrideState = "stands"   // declared, and nothing ended it
	OverrideWaits    OverrideState = "waits"    // for the second person
	OverrideDetected OverrideState = "detected" // nobody had declared it
	OverrideVoid     OverrideState = "void"
)

func overrideState(o signoff.Override) OverrideState {
	switch {
	case o.Void != "":
		return OverrideVoid
	case o.Stage() != signoff.NotFollowed:
		return OverrideState(o.Stage())
	case !o.Declared:
		return OverrideDetected
	case o.NeedsSecond && o.Second == nil:
		return OverrideWaits
	}
	return OverrideStands
}

func saveOverrides(ctx context.Context, tx *sql.Tx, s signoff.Subject, overrides []signoff.Override) error {
	for _, o := range overrides {
		text, err := json.Marshal(o)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO overrides (subject, id, repository, at, state, override) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (subject, id) DO UPDATE SET state = EXCLUDED.state, override = EXCLUDED.override
			WHERE overrides.override <> EXCLUDED.override`,
			s.Key(), o.ID, s.Repository, stamp(o.At), string(overrideState(o)), string(text))
		if err != nil {
			return fmt.Errorf("store override %s: %w", o.ID, err)
		}
	}
	return nil
}

// OverrideFilter selects overrides. Zero fields select all.
type OverrideFilter struct {
	From, To     time.Time // From ≤ At < To
	Repositories []int64   // nil: all; empty and not nil: none
	Part         debt.Part // a team or a goal that the subject is of; zero: all
	State        OverrideState
	Unsettled    bool // only those that are neither void nor followed up to their end
	// Overdue selects, in lists, those that wait for something that was due before.
	Overdue time.Time
}

func (f OverrideFilter) condition() where {
	w := where{}
	if !f.From.IsZero() {
		w.and("at >= ?", stamp(f.From))
	}
	if !f.To.IsZero() {
		w.and("at < ?", stamp(f.To))
	}
	if f.State != "" {
		w.and("state = ?", string(f.State))
	}
	if f.Unsettled {
		w.and("state <> ?", string(OverrideVoid))
		for _, stage := range signoff.Stages() {
			if stage.Closed() {
				w.and("state <> ?", string(stage))
			}
		}
	}
	w.belongs(f.Part)
	w.in("repository", f.Repositories)
	return w
}

// CountOverrides counts overrides by their state. A state that none is in is not
// there.
func (db *DB) CountOverrides(ctx context.Context, f OverrideFilter) (map[OverrideState]int, error) {
	repositories := f.Repositories
	f.Repositories = nil
	counts, w := map[OverrideState]int{}, f.condition()
	picked := w.among("repository", repositories)
	_, err := collect(ctx, db.read, func(row scanner) (n int, err error) {
		var repository int64
		var state OverrideState
		if err = row.Scan(&repository, &state, &n); err == nil && picked(repository) {
			counts[state] += n
		}
		return n, err
	}, `SELECT repository, state, COUNT(*) FROM overrides`+w.text()+` GROUP BY repository, state`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("count overrides: %w", err)
	}
	return counts, nil
}

// Overrides lists overrides, the newest first, and where the next page begins:
// "" after the last.
func (db *DB) Overrides(ctx context.Context, f OverrideFilter, p Page) (list []ListedOverride, next string, err error) {
	if !f.Overdue.IsZero() {
		return db.overdue(ctx, f, p)
	}
	repositories := f.Repositories
	f.Repositories = nil
	var rows []overrideRow
	for limit := p.Limit; ; limit *= 2 {
		w := f.condition()
		picked := w.among("repository", repositories)
		at, rest, _ := strings.Cut(p.After, " ")
		if p.After != "" {
			subject, id, _ := strings.Cut(rest, " ")
			w.and("(at, subject, id) < (?, ?, ?)", at, subject, id)
		}
		query, args := w.query(`SELECT at, subject, id, repository, state, override FROM overrides`, `ORDER BY at DESC, subject DESC, id DESC`, limit)
		read, err := collect(ctx, db.read, scanOverride, query, args...)
		if err != nil {
			return nil, "", fmt.Errorf("list overrides: %w", err)
		}
		for _, row := range read {
			if picked(row.repository) && len(rows) < p.Limit {
				rows = append(rows, row)
			}
		}
		if len(read) < limit || len(rows) == p.Limit {
			break
		}
		p.After = read[len(read)-1].cursor()
	}
	list = make([]ListedOverride, len(rows))
	err = spread(len(rows), func(i int) (err error) {
		o := &list[i]
		o.State = rows[i].state
		if o.Subject, err = signoff.ParseSubject(rows[i].subject); err != nil {
			return err
		}
		return json.Unmarshal([]byte(rows[i].text), &o.Override)
	})
	if err != nil {
		return nil, "", fmt.Errorf("list overrides: %w", err)
	}
	if n := len(rows); n > 0 && n == p.Limit {
		next = rows[n-1].cursor()
	}
	return list, next, nil
}

// An overrideRow is a row of the table.
type overrideRow struct {
	at, subject, id string
	repository      int64
	state           OverrideState
	text            string
}

func scanOverride(row scanner) (o overrideRow, err error) {
	err = row.Scan(&o.at, &o.subject, &o.id, &o.repository, &o.state, &o.text)
	return o, err
}

func (o overrideRow) cursor() string { return o.at + " " + o.subject + " " + o.id }

// cursor is where the page after an override begins.
func (o ListedOverride) cursor() string {
	return stamp(o.Override.At) + " " + o.Subject.Key() + " " + o.Override.ID
}

// overdue picks from all that are followed, since no column has the deadline.
func (db *DB) overdue(ctx context.Context, f OverrideFilter, p Page) (list []ListedOverride, next string, err error) {
	before := f.Overdue
	f.Overdue, f.Unsettled = time.Time{}, true
	for part := (Page{p.After, 500}); ; {
		all, after, err := db.Overrides(ctx, f, part)
		if err != nil {
			return nil, "", err
		}
		for _, o := range all {
			if due := o.Override.Waits().Due; due.IsZero() || !due.Before(before) {
				continue
			}
			if list = append(list, o); len(list) == p.Limit {
				return list, o.cursor(), nil
			}
		}
		if part.After = after; after == "" {
			return list, "", nil
		}
	}
}

// PullFilter selects pull requests. Zero fields select all.
type PullFilter struct {
	Repositories []int64 // nil: all; empty and not nil: none
	State        signoff.State
	OpenOnly     bool
}

// Pulls lists pull requests, the one last changed first, and where the next page
// begins: "" after the last.
func (db *DB) Pulls(ctx context.Context, f PullFilter, p Page) (list []Row, next string, err error) {
	w := where{}
	w.and("kind = ?", string(signoff.PullRequest))
	if f.State != "" {
		w.and("state = ?", string(f.State))
	}
	if f.OpenOnly {
		w.and("is_open")
	}
	w.in("repository", f.Repositories)
	if at, subject, ok := strings.Cut(p.After, " "); ok {
		w.and("(updated_at, subject) < (?, ?)", at, subject)
	}
	query, args := w.query(selectSubjects, `ORDER BY updated_at DESC, subject DESC`, p.Limit)
	if list, err = collect(ctx, db.read, scanSubject, query, args...); err != nil {
		return nil, "", fmt.Errorf("list pull requests: %w", err)
	}
	if n := len(list); n > 0 && n == p.Limit {
		next = stamp(list[n-1].Updated) + " " + list[n-1].Subject.Key()
	}
	return list, next, nil
}

// A where builds a condition of parts that all hold. Values are always
// arguments.
type where struct {
	parts []string
	args  []any
}

// and adds a part with a ? for each argument.
func (w *where) and(part string, args ...any) {
	var b strings.Builder // a list may have a thousand of them
	for _, a := range args {
		w.args = append(w.args, a)
		before, after, _ := strings.Cut(part, "?")
		b.WriteString(before + "$" + strconv.Itoa(len(w.args)))
		part = after
	}
	w.parts = append(w.parts, b.String()+part)
}

// in adds that a column has one of the values, unless they are nil.
func (w *where) in(column string, values []int64) { oneOf(w, column, values) }

func oneOf[T any](w *where, column string, values []T) {
	switch {
	case values == nil:
	case len(values) == 0:
		w.and("1 = 0")
	default:
		args := make([]any, len(values))
		for i, v := range values {
			args[i] = v
		}
		w.and(column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")", args...)
	}
}

// text is the condition, with a space before it; empty where there is none.
func (w *where) text() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.parts, " AND ")
}

func (w *where) query(from, order string, limit int) (string, []any) {
	from += w.text()
	w.args = append(w.args, limit)
	return from + " " + order + " LIMIT $" + strconv.Itoa(len(w.args)), w.args
}
