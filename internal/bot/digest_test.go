package bot_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/slack"
	"github.com/barraiser/barraiser/internal/slack/slacktest"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

// noJobs is a queue that forgets: what is raised here nobody has to look at.
type noJobs struct{}

func (noJobs) Reconcile(context.Context, *sql.Tx, []signoff.Subject) error { return nil }
func (noJobs) Perform(context.Context, *sql.Tx, []string) error            { return nil }
func (noJobs) Sweep(context.Context, *sql.Tx, []string) error              { return nil }
func (noJobs) History(context.Context, *sql.Tx, []int64) error             { return nil }

// weeks is a store with repositories and a simulated Slack, at a time of our own.
type weeks struct {
	t    *testing.T
	db   *store.DB
	chat *slacktest.Server
	now  time.Time
	url  string // of the API; another one: Slack is away
	last int64  // number of a repository
}

func newWeeks(t *testing.T, start time.Time) *weeks {
	w := &weeks{t: t, db: storetest.Open(t, store.SQLite), now: start}
	chat, err := slacktest.New(slacktest.Options{Now: func() time.Time { return w.now }})
	must(t, err)
	t.Cleanup(func() { must(t, chat.Close()) })
	w.chat, w.url = chat, chat.APIURL()
	must(t, w.db.PutInstallation(t.Context(), noJobs{}, store.Installation{ID: 7, Account: signoff.Account{ID: 70, Login: "acme"}}, start))
	return w
}

// begin is a process, which remembers only what is in the store.
func (w *weeks) begin() *bot.Bot {
	chat, err := slack.New(slog.New(slog.DiscardHandler), slack.Config{
		Token: w.chat.Token(), APIURL: w.url, Store: w.db, Now: func() time.Time { return w.now },
	})
	must(w.t, err)
	return bot.New(slog.New(slog.DiscardHandler), bot.Config{
		Store: w.db, Jobs: noJobs{}, Notifier: chat, Now: func() time.Time { return w.now }, PublicURL: "https://bar.example",
		Survey: func(_ context.Context, repos []store.Repository, at time.Time) (report.Survey, error) {
			v := report.Survey{Of: report.OfOrganisation, From: at.AddDate(0, 0, -28)}
			for i := range 5 {
				p := debt.Point{At: at.AddDate(0, 0, 7*i-28), Judged: true}
				p.Principal = float64(100*len(repos) - 10*i)
				v.Points = append(v.Points, p)
			}
			v.Begin.Principal, v.End.Principal = v.Points[0].Principal, v.Points[4].Principal
			return v, nil
		},
	}, 1)
}

// repository is one whose default branch was looked at.
func (w *weeks) repository(name string, p review.Policy) store.Repository {
	w.t.Helper()
	w.last++
	repo := store.Repository{Installation: 7, Repo: signoff.Repo{ID: w.last, Owner: "acme", Name: name, DefaultBranch: "main"}}
	must(w.t, w.db.PutRepository(w.t.Context(), noJobs{}, repo, w.now))
	w.look(repo, p)
	return repo
}

func (w *weeks) look(repo store.Repository, p review.Policy) {
	w.t.Helper()
	w.save(signoff.Record{Subject: signoff.Subject{Installation: 7, Repository: repo.ID, Kind: signoff.Branch, Ref: "main"}}, false, map[string]any{"Policy": p})
}

func (w *weeks) save(r signoff.Record, open bool, view any) {
	w.t.Helper()
	must(w.t, w.db.Raise(w.t.Context(), noJobs{}, w.now, r.Subject))
	row, _, err := w.db.Load(w.t.Context(), r.Subject)
	must(w.t, err)
	content, err := json.Marshal(view)
	must(w.t, err)
	_, err = w.db.Commit(w.t.Context(), noJobs{}, store.Change{
		Subject: r.Subject, Version: row.Version, Done: row.Wanted, Open: open, View: content,
		Record: func(*store.Tail) (signoff.Record, error) { return r, nil },
	})
	must(w.t, err)
}

// until sweeps every hour up to a time, each time in another process; while Slack
// is away every six hours, which is as good and draws fewer charts.
func (w *weeks) until(at time.Time) {
	w.t.Helper()
	step := time.Hour
	if w.url != w.chat.APIURL() {
		step = 6 * time.Hour
	}
	for ; w.now.Before(at); w.now = w.now.Add(step) {
		if err := w.begin().Sweep(w.t.Context(), bot.SweepDigests); err != nil && w.url == w.chat.APIURL() {
			w.t.Fatal(err)
		}
	}
}

// heard is what a channel was told, a line each: when, and the first one.
func (w *weeks) heard(channel string) []string {
	out := []string{}
	for _, m := range w.chat.Messages(channel) {
		var seconds int64
		_, err := fmt.Sscan(strings.Split(m.TS, ".")[0], &seconds)
		must(w.t, err)
		text, _, _ := strings.Cut(m.Text, ".")
		out = append(out, time.Unix(seconds, 0).UTC().Format("Mon 2 Jan 15:04 ")+text)
	}
	return out
}

func told(channel string) review.Policy {
	return review.Policy{Mode: review.Enforce, Overrides: review.Overrides{Channel: channel}}
}

// TestDigests: for five weeks each channel is told once a week at its hour, by
// processes that each live for one sweep. The first week ends after the channels are
// first seen; Slack is away at the third hour, and for longer than patience at the
// fifth.
func TestDigests(t *testing.T) {
	t.Parallel()
	wednesday := time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)
	w := newWeeks(t, wednesday)
	for _, c := range []string{"#eng-leads", "#late", "#silent"} {
		w.chat.AddChannel(c)
	}
	w.repository("pay", told("#eng-leads"))
	w.repository("books", told("#Eng-Leads")) // is the same channel
	late := told("#silent")
	late.Digest = &review.Digest{Channel: "#late", Day: time.Friday, At: 23 * 60, Timezone: "Europe/Berlin"}
	w.repository("fx", late) // at night: it is told when work begins, on Monday
	off := told("#silent")
	off.Digest = &review.Digest{Off: true}
	w.repository("old", off)
	w.repository("private", review.Policy{Mode: review.Enforce})

	w.until(wednesday.AddDate(0, 0, 18)) // Sunday
	w.url = "http://127.0.0.1:1/"
	w.until(wednesday.AddDate(0, 0, 20))
	w.url = w.chat.APIURL()
	w.until(wednesday.AddDate(0, 0, 32))
	w.url = "http://127.0.0.1:1/"
	w.until(wednesday.AddDate(0, 0, 37))
	w.url = w.chat.APIURL()
	w.until(wednesday.AddDate(0, 0, 42))
	for channel, want := range map[string][]string{
		"#eng-leads": {
			"Mon 23 Nov 09:00 The bar in the week of 16 Nov to 22 Nov 2026",
			"Mon 30 Nov 09:00 The bar in the week of 23 Nov to 29 Nov 2026",
			"Tue 8 Dec 12:00 The bar in the week of 30 Nov to 6 Dec 2026",
			"Mon 14 Dec 09:00 The bar in the week of 7 Dec to 13 Dec 2026",
			"Mon 28 Dec 09:00 The bar in the week of 21 Dec to 27 Dec 2026",
		},
		"#late": {
			"Mon 23 Nov 08:00 The bar in the week of 13 Nov to 19 Nov 2026",
			"Mon 30 Nov 08:00 The bar in the week of 20 Nov to 26 Nov 2026",
			"Tue 8 Dec 12:00 The bar in the week of 27 Nov to 3 Dec 2026",
			"Mon 14 Dec 08:00 The bar in the week of 4 Dec to 10 Dec 2026",
			"Mon 28 Dec 08:00 The bar in the week of 18 Dec to 24 Dec 2026",
		},
		"#silent": {},
	} {
		if diff := cmp.Diff(want, w.heard(channel)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", channel, diff)
		}
	}
}

// TestDigestMoved: who wants it on another day is not told of a week twice.
func TestDigestMoved(t *testing.T) {
	t.Parallel()
	w := newWeeks(t, time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC))
	w.chat.AddChannel("#eng-leads")
	repo := w.repository("pay", told("#eng-leads"))
	w.until(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	p := told("#eng-leads")
	p.Digest = &review.Digest{Day: time.Thursday, At: 12 * 60}
	w.look(repo, p)
	w.until(time.Date(2026, 12, 4, 0, 0, 0, 0, time.UTC))
	want := []string{"Mon 23 Nov 09:00 The bar in the week of 16 Nov to 22 Nov 2026", "Thu 3 Dec 12:00 The bar in the week of 26 Nov to 2 Dec 2026"}
	if diff := cmp.Diff(want, w.heard("#eng-leads")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDigestOf: what is told is of the week and of the circle.
func TestDigestOf(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	w := newWeeks(t, monday.AddDate(0, 0, -1))
	w.chat.AddChannel("#eng-leads")
	w.chat.AddChannel("#others")
	w.until(monday)
	pay, fx := w.repository("pay", told("#eng-leads")), w.repository("fx", told("#others"))
	must(t, w.begin().Sweep(t.Context(), bot.SweepDigests)) // seen before its hour

	// Of two credits the one of the week is named, and of the other circle none.
	for i, repo := range []store.Repository{pay, pay, fx} {
		p := debt.Point{Commit: fmt.Sprint("c", i), At: monday.Add(time.Duration(30*i-50) * time.Hour), Judged: true}
		p.Credit = []debt.Credit{{Title: []string{"Part the books", "After the week", "Others"}[i], By: []string{"Payments"}, Minutes: 90, Packages: 12, Teams: []string{"Ledger"}}}
		number := int64(i % 2)
		_, err := w.db.AddPoint(t.Context(), repo.ID, number, p, "rules", store.Details{})
		must(t, err)
	}
	pull := func(repo store.Repository, number int, state signoff.State, change func(*signoff.Record)) {
		r := signoff.Record{Subject: signoff.Subject{Installation: 7, Repository: repo.ID, Kind: signoff.PullRequest, Number: number}, State: state, Mode: review.Enforce}
		r.Requirements = []signoff.Standing{{First: monday.Add(time.Duration(number-1400) * time.Hour)}}
		change(&r)
		w.save(r, true, map[string]any{"Pull": signoff.Pull{Title: fmt.Sprint("Change ", number)}})
	}
	as := func(*signoff.Record) {}
	pull(pay, 1284, signoff.Awaiting, as)
	pull(pay, 1280, signoff.ChangesRequestedBy, as)
	pull(pay, 1290, signoff.SignedOff, as)
	pull(pay, 1291, signoff.Awaiting, func(r *signoff.Record) { r.Draft = true })
	pull(pay, 1292, signoff.Awaiting, func(r *signoff.Record) { r.Mode = review.Observe })
	pull(fx, 1, signoff.Awaiting, as)
	pull(pay, 1270, signoff.MergedOverridden, func(r *signoff.Record) {
		o := func(id string, day int, declared bool) signoff.Override {
			return signoff.Override{ID: id, Entry: 1, Declared: declared, At: monday.AddDate(0, 0, -day)}
		}
		void, unrecorded := o("d-3", 2, true), o("d-4", 2, true)
		void.Void, unrecorded.Entry = "withdrawn", 0
		r.Overrides = []signoff.Override{o("d-1", 2, true), o("x-2", 1, false), void, unrecorded, o("d-5", 8, true), o("d-6", 100, true)}
	})

	w.until(monday.Add(10 * time.Hour))
	messages := w.chat.Messages("#eng-leads")
	if len(messages) != 1 {
		t.Fatalf("told %d times, want once", len(messages))
	}
	got := strings.ReplaceAll(messages[0].String(), "\u200b", "")
	want := `The bar in the week of 16 Nov to 22 Nov 2026
Debt fell 40 % in 4 weeks. Taken over 1 repository.
Paid down: 1 h 30 min in acme/pay by "Part the books". Thank you, Payments. 12 packages depend on that code, of Ledger.
Needs a decision: 2 pull requests.
• acme/pay #1280 "Change 1280" waits for the changes that were asked for, for 5 days
• acme/pay #1284 "Change 1284" waits for its sign-off, for 4 days
Overrides: 2 in this week, 1 of them not declared.
[picture: Debt: from 1 h 40 min on 2026-10-26 to 1 h on 2026-11-23, at least 1 h and at most 1 h 40 min.]
[Trend] [What waits] [Overrides]`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if others := w.chat.Messages("#others"); len(others) != 1 || slices.ContainsFunc(others, func(m slacktest.Message) bool { return strings.Contains(m.Text, "pay") }) {
		t.Errorf("the others were told %+v", others)
	}
}
