package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// What a year of reviews leaves behind, beside the points.
const (
	merges    = 50     // pull requests that were merged, of each repository
	shown     = 4      // findings that each of them was shown
	sent      = 6      // one of so many is high impact (docs/impact.md: 14 to 20 %)
	overrides = 10_000 // in all
	openEach  = 1      // pull requests that wait, of each repository
)

// past makes the year's merged pull requests of all repositories: what became of
// each, how long its sign-off took, and its findings; and the overrides. They are
// written as rows: what would make them takes a judgement each.
func past(ctx context.Context, db *store.DB, repositories int, now time.Time) error {
	outcomes := rows{db: db, head: `INSERT INTO outcomes (subject, repository, class, merged_at, due_at, result, aftermath, decided_at) VALUES `}
	signoffs := rows{db: db, head: `INSERT INTO signoffs (subject, domain, repository, asked_at, signed_at) VALUES `}
	advice := rows{db: db, head: `INSERT INTO advice (subject, fingerprint, repository, rule, shown_at, state) VALUES `}
	declared := rows{db: db, head: `INSERT INTO overrides (subject, id, repository, at, state, override) VALUES `}
	subjects := rows{db: db, head: `INSERT INTO subjects (subject, installation, repository, kind, number, ref, wanted, done, undone_since, version,
		head, state, mode, is_open, record, updated_at) VALUES `}
	belongs := rows{db: db, head: `INSERT INTO belongings (division, name, subject) VALUES `}
	names := families()
	states := []store.AdviceState{store.AdviceShown, store.AdviceActed, store.AdviceActed, store.AdviceDismissed}
	for i := range repositories * merges {
		s := pullOf(i%repositories+1, 1000+i/repositories)
		at := now.Add(-time.Duration(i%8700+1) * time.Hour)
		record, err := json.Marshal(signoff.Record{Subject: s, State: signoff.MergedClean, Mode: review.Enforce})
		if err != nil {
			return err
		}
		subjects.add(ctx, s.Key(), s.Installation, s.Repository, string(s.Kind), s.Number, "", 1, 1, stamp(at), 1, "", string(signoff.MergedClean), string(review.Enforce), false, string(record), stamp(at))
		parts := partsOf(s.Repository) // the first team's, for the first goal
		belongs.add(ctx, string(parts[0].Division), parts[0].Name, s.Key())
		belongs.add(ctx, string(parts[3].Division), parts[3].Name, s.Key())
		if i%sent == 0 {
			class, result := signoff.ClassSignedOff, signoff.Stood
			if i%17 == 0 {
				class, result = signoff.ClassOverridden, signoff.Mended
			}
			due := stamp(at.AddDate(0, 0, 14))
			outcomes.add(ctx, s.Key(), s.Repository, string(class), stamp(at), due, string(result), "{}", due)
			signoffs.add(ctx, s.Key(), "design", s.Repository, stamp(at.Add(-time.Duration(i%200)*time.Hour/4)), stamp(at))
		}
		for n := range shown {
			advice.add(ctx, s.Key(), fmt.Sprintf("fp1:%032x", i*shown+n), s.Repository, names[(i+n*7)%len(names)], stamp(at), string(states[(i+n)%len(states)]))
		}
	}
	for i := range overrides {
		s := pullOf(i%repositories+1, 1000+i/repositories)
		o, state := overrideOf(i, now)
		text, err := json.Marshal(o)
		if err != nil {
			return err
		}
		declared.add(ctx, s.Key(), o.ID, s.Repository, stamp(o.At), string(state), string(text))
	}
	for _, r := range []*rows{&subjects, &belongs, &outcomes, &signoffs, &advice, &declared} {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

func pullOf(repository, number int) signoff.Subject {
	return signoff.Subject{Installation: 1, Repository: int64(repository), Kind: signoff.PullRequest, Number: number}
}

// overrideOf is one of which a tenth is still followed up, by a promise.
func overrideOf(i int, now time.Time) (signoff.Override, store.OverrideState) {
	at := now.Add(-time.Duration(i%8700+1) * time.Hour)
	by := signoff.Account{ID: int64(100 + i%400), Login: fmt.Sprintf("engineer-%03d", i%400)}
	o := signoff.Override{
		ID: fmt.Sprint("comment:", i), Entry: int64(i + 1), Declared: true, At: at, By: by, Commit: fmt.Sprintf("%040x", i), BaseRef: "main",
		Reason: "The incident goes on, and this is what stops it.", FollowUp: "Put the check back, #" + fmt.Sprint(i), Since: at,
		Doers: []signoff.Account{by}, Line: [][]signoff.Account{{{ID: 5, Login: "director"}}},
		Steps: []signoff.Followed{{Kind: signoff.Acknowledged, At: at.Add(time.Hour), By: signoff.Account{ID: 5, Login: "director"}}},
	}
	if i%10 == 0 {
		o.Steps = append(o.Steps, signoff.Followed{
			Kind: signoff.Promised, At: at.Add(2 * time.Hour), By: by, Text: "Put the check back", Due: review.Date(at.AddDate(0, 3, 0).Format(time.DateOnly)),
		})
		return o, store.OverrideState(signoff.StagePromised)
	}
	o.Steps = append(o.Steps, signoff.Followed{Kind: signoff.Accepted, At: at.Add(2 * time.Hour), By: signoff.Account{ID: 5, Login: "director"}})
	return o, store.OverrideState(signoff.StageAccepted)
}

// waiting gives each repository pull requests that wait for somebody.
func waiting(ctx context.Context, db *store.DB, repositories int, now time.Time) error {
	for i := range repositories * openEach {
		if err := wait(ctx, db, pullOf(i%repositories+1, 1+i/repositories), now); err != nil {
			return err
		}
	}
	return nil
}

func wait(ctx context.Context, db *store.DB, s signoff.Subject, now time.Time) error {
	_, err := db.Receive(ctx, nobody{}, store.Delivery{
		GUID: s.Key(), Event: "pull_request", Action: "opened", Installation: 1, Repository: s.Repository, At: now, Raised: []store.Raised{{Subject: s}},
	})
	if err != nil {
		return err
	}
	row, _, err := db.Load(ctx, s)
	if err != nil {
		return err
	}
	net := 30.0
	view, err := json.Marshal(map[string]any{
		"Pull": signoff.Pull{Title: "Retry the transfer when the bank does not answer", Author: signoff.Account{ID: 7, Login: "author"}}, "Judged": true, "Net": net,
		"Review": strings.Repeat("what was found, as the view of a judged change has it. ", 400),
	})
	if err != nil {
		return err
	}
	record := signoff.Record{
		Subject: s, State: signoff.Awaiting, Mode: review.Enforce, Head: fmt.Sprintf("%040x", s.Repository), Analysis: "analysis-of-" + s.Key(),
		Requirements: []signoff.Standing{{
			Domain: "design", State: signoff.Awaiting, First: now.Add(-time.Duration(s.Repository) * time.Hour),
			Assigned: &signoff.Assigned{To: signoff.Account{ID: 1 + s.Repository%20, Login: "bar-raiser"}},
		}},
	}
	_, err = db.Commit(ctx, nobody{}, store.Change{
		Subject: s, Version: row.Version, Done: row.Wanted, Open: true, View: view,
		Record: func(*store.Tail) (signoff.Record, error) { return record, nil },
	})
	return err
}

// stamp is a time as the store has it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// rows are inserted some hundred at a time. The first error stays.
type rows struct {
	db   *store.DB
	head string
	args []any
	text strings.Builder
	n    int
	err  error
}

const rowsAtOnce = 500

func (r *rows) add(ctx context.Context, values ...any) {
	if r.n > 0 {
		r.text.WriteString(", ")
	}
	for i := range values {
		fmt.Fprintf(&r.text, "%s$%d", map[bool]string{true: "(", false: ", "}[i == 0], len(r.args)+i+1)
	}
	r.text.WriteString(")")
	r.args = append(r.args, values...)
	if r.n++; r.n == rowsAtOnce {
		r.flush(ctx)
	}
}

func (r *rows) flush(ctx context.Context) error {
	if r.err == nil && r.n > 0 {
		if _, err := r.db.Pool().ExecContext(ctx, r.head+r.text.String(), r.args...); err != nil {
			r.err = fmt.Errorf("%s: %w", r.head, err)
		}
	}
	r.args, r.n = nil, 0
	r.text.Reset()
	return r.err
}
