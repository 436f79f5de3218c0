package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/store"
)

// fixmes is a file with as many of them.
func fixmes(n int) string {
	return "package pay\n\n" + strings.Repeat("// FIXME: this is wrong.\n\nvar _ = 1\n\n", n)
}

// landed commits to the default branch some weeks ago.
func (w *world) landed(weeks int, message string, files map[string]string) string {
	w.t.Helper()
	who := githubtest.Person{Name: "sam-r", Email: "sam-r@acme.example", Date: time.Now().AddDate(0, 0, -7*weeks)}
	return w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: message, Files: files, Author: who, Committer: who})
}

// points waits until a commit has a point, and returns all.
func (w *world) points(repository int64, commit string) []store.Point {
	w.t.Helper()
	var list []store.Point
	w.until("there is a point of "+commit[:7], func() bool {
		var err error
		list, err = w.db.Points(w.t.Context(), repository, time.Time{}, time.Now().AddDate(1, 0, 0))
		must(w.t, err)
		h, err := w.db.History(w.t.Context(), repository)
		must(w.t, err)
		return len(list) > 0 && list[len(list)-1].Commit == commit && h.Wanted == h.Done
	})
	return list
}

// series is what points say: which commit by the last part of its message, and
// what came, went and was priced anew, in minutes.
func series(points []store.Point, names map[string]string) string {
	var out []string
	for _, p := range points {
		line := fmt.Sprintf("%s %g +%g -%g", names[p.Commit], p.Principal, p.Introduced, p.Repaid)
		if p.Repriced != 0 {
			line += fmt.Sprintf(" ~%g", p.Repriced)
		}
		if p.Other != 0 {
			line += fmt.Sprintf(" ?%g", p.Other)
		}
		if p.Gap != "" {
			line += " gap"
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// marked are the events of an outlook.
func marked(o store.Outlook) string {
	var out []string
	for _, e := range o.Events {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Kind, e.Name, e.Was)))
	}
	return strings.Join(out, ", ")
}

// TestHistory installs the App on a repository with a past, and then pushes to it:
// code, other prices, and a branch that is rewritten.
func TestHistory(t *testing.T) {
	t.Parallel()
	w := newOpenWorld(t)
	names := map[string]string{w.base: "base"}
	past := func(weeks int, name string, files map[string]string) {
		names[w.landed(weeks, name, files)] = name
	}
	// The rule depends on the Go release that judges.
	quiet := policy + `teams:
  payments: {members: [sam-r], owns: ["**"], goals: [speed]}
goals:
  speed: {title: Speed, components: [pay]}
rules:
  mod/go-directive: off
`
	past(40, "ancient", map[string]string{"pay/debt.go": fixmes(1), ".github/barraiser.yml": quiet})
	past(30, "old", map[string]string{"pay/debt.go": fixmes(2)})
	past(20, "older", map[string]string{"pay/debt.go": fixmes(4)})
	past(9, "broken", map[string]string{"pay/debt.go": "package pay\n\nfunc f() { undefined() }\n", "store/store.go": "package store\n\nvar x int = \"\"\n"})
	past(5, "mended", map[string]string{"pay/debt.go": fixmes(3), "store/store.go": "package store\n"})
	tip := w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "now"})
	names[tip] = "now"
	must(t, w.hub.Tag("acme/pay", "v0.2.0", tip))
	must(t, w.hub.Wait(t.Context()))

	w.histories.Store(true)
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost))
	var id int64
	w.until("the repository is known", func() bool {
		repos, err := w.db.Repositories(t.Context())
		must(t, err)
		if len(repos) == 1 {
			id = repos[0].ID
		}
		return id != 0
	})
	// What was asked for before the lane was open is asked for again.
	must(t, w.db.RequeueHistories(t.Context(), w.bot.Jobs, time.Now(), id))
	want := `old 60 +0 -0
older 120 +60 -0
broken 0 +0 -0 ?-120 gap
mended 90 +0 -0 ?90
now 90 +0 -0`
	if got := series(w.points(id, tip), names); got != want {
		t.Errorf("after the installation:\n%s\nwant:\n%s", got, want)
	}

	began := time.Now()
	tip = w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Repay", Files: map[string]string{"pay/debt.go": fixmes(1)}})
	names[tip] = "repaid"
	want += "\nrepaid 30 +0 -60"
	points := w.points(id, tip)
	if got := series(points, names); got != want {
		t.Errorf("after a push:\n%s\nwant:\n%s", got, want)
	}
	newest := points[len(points)-1]
	if newest.ByComponent["pay"] != 30 || newest.Flows[debt.Components]["pay"].Repaid != 60 || len(newest.Credit) != 1 || newest.Credit[0].Title != "Repay" {
		t.Errorf("the newest point = %+v", newest)
	}
	details, err := w.db.Details(t.Context(), id, newest.Number)
	if err != nil || len(details.Merged) != 1 || len(details.Spots) == 0 || len(details.State.Measures) == 0 {
		t.Errorf("its details = %+v, %v", details, err)
	}

	outlook, err := w.db.Outlook(t.Context(), id)
	if got := marked(outlook); err != nil || got != "mode enforce none, release v0.2.0" {
		t.Errorf("beside the points: %s, %v", got, err)
	}

	// An older program had not kept all of that: it is there again without a push.
	partly := func() (out string) {
		for _, part := range []debt.Part{{Division: debt.Teams, Name: "payments"}, {Division: debt.Goals, Name: "speed"}} {
			families, err := w.db.Families(t.Context(), part, []int64{id})
			must(t, err)
			spots, err := w.db.Spots(t.Context(), part, []int64{id}, 9)
			must(t, err)
			out += fmt.Sprint(part.Name, families, len(spots), " ")
		}
		return out
	}
	const parts = "payments[{self-admitted 1 30}] 1 speed[{self-admitted 1 30}] 1 "
	if got := partly(); got != parts {
		t.Errorf("the team and the goal have %s, want %s", got, parts)
	}
	for _, statement := range []string{
		`DELETE FROM part_fronts`, `DELETE FROM part_spots`, `UPDATE points SET rules = 'what it kept'`, `UPDATE histories SET asked = 'what an older one asked for'`,
	} {
		_, err := w.db.Pool().ExecContext(t.Context(), statement)
		must(t, err)
	}
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost))
	w.until("the newest state is judged once more", func() bool {
		h, err := w.db.History(t.Context(), id)
		must(t, err)
		return h.Number > newest.Number && h.Wanted == h.Done
	})
	want += "\nrepaid 30 +0 -0"
	if got := series(w.points(id, tip), names); got != want || partly() != parts {
		t.Errorf("after an upgrade:\n%s\nwant:\n%s\nand %s", got, want, partly())
	}

	// The rules change: the state before is judged again, and the step is named.
	tip = w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Reprice", Files: map[string]string{
		".github/barraiser.yml": strings.Replace(quiet, "mode: ", "mode: observe #", 1) + "  self-admitted/fixme: off\n", "pay/debt.go": fixmes(2),
	}})
	names[tip] = "repriced"
	want += "\nrepaid 0 +0 -0 ~-30\nrepriced 0 +0 -0"
	if got := series(w.points(id, tip), names); got != want {
		t.Errorf("after other rules:\n%s\nwant:\n%s", got, want)
	}
	totals, err := w.db.Totals(t.Context(), store.SumFilter{From: began, To: time.Now().Add(time.Hour)}, debt.Whole)
	if err != nil {
		t.Fatal(err)
	}
	var stands, repriced, gone float64 // the test may run from one week into the next
	for _, week := range totals.Sums(debt.Whole, nil) {
		stands, repriced, gone = week.Principal, repriced+week.Repriced, gone+week.Repaid
	}
	if stands != 0 || repriced != -30 || gone != 60 {
		t.Errorf("since the pushes began %g stands, %g by other prices, %g repaid; want 0, -30, 60", stands, repriced, gone)
	}

	if outlook, err = w.db.Outlook(t.Context(), id); err != nil || marked(outlook) != "mode enforce none, mode observe enforce, release v0.2.0" {
		t.Errorf("beside the points: %s, %v", marked(outlook), err)
	}

	// A branch that is rewritten goes on with what is there.
	who := githubtest.Person{Name: "sam-r", Email: "sam-r@acme.example"}
	tip = w.commit(githubtest.Commit{Branch: "main", Force: true, Parents: []string{}, Replace: true, Author: who, Message: "Anew", Files: map[string]string{
		".github/barraiser.yml": quiet, "go.mod": "module acme.example/pay\n\ngo 1.24\n", "pay/debt.go": fixmes(5),
	}})
	names[tip] = "anew"
	points = w.points(id, tip)
	if last := points[len(points)-1]; last.Principal != 150 {
		t.Errorf("after the branch was rewritten:\n%s", series(points, names))
	}
}

// An ear hears what is logged.
type ear struct {
	slog.Handler
	heard atomic.Pointer[func(message string)]
}

func (e *ear) Enabled(context.Context, slog.Level) bool { return true }

func (e *ear) Handle(_ context.Context, r slog.Record) error {
	if heard := e.heard.Load(); heard != nil {
		(*heard)(r.Message)
	}
	return nil
}

func (e *ear) listen(heard func(message string)) { e.heard.Store(&heard) }

// TestHistoryGoesOn ends a process between two states. The next one judges only
// what is left.
func TestHistoryGoesOn(t *testing.T) {
	t.Parallel()
	ear := &ear{Handler: slog.DiscardHandler}
	w := newWorldLogging(t, slog.New(ear), false)
	for i := range 4 {
		w.landed(10-2*i, "Change", map[string]string{"pay/debt.go": fixmes(i + 1)})
	}
	must(t, w.hub.Wait(t.Context()))
	var id int64
	w.until("the history is wanted", func() bool {
		repos, err := w.db.Repositories(t.Context())
		must(t, err)
		if len(repos) != 1 {
			return false
		}
		id = repos[0].ID
		h, err := w.db.History(t.Context(), id)
		return err == nil && h.Wanted > 0
	})
	ctx, cancel := context.WithCancel(t.Context())
	ear.listen(func(message string) {
		if message == "judged a state" {
			cancel()
		}
	})
	if _, err := w.bot.History(ctx, id); !errors.Is(err, context.Canceled) {
		t.Fatalf("History that was cancelled = %v", err)
	}
	first, err := w.db.Points(t.Context(), id, time.Time{}, time.Now())
	if err != nil || len(first) == 0 || len(first) > 2 {
		t.Fatalf("%d points before the end, %v", len(first), err)
	}
	judged := 0
	ear.listen(func(message string) {
		if message == "judged a state" {
			judged++
		}
	})
	again, err := w.bot.History(t.Context(), id)
	must(t, err)
	all, err := w.db.Points(t.Context(), id, time.Time{}, time.Now().Add(time.Hour))
	must(t, err)
	if again || len(all) != 4 || judged != len(all)-len(first) {
		t.Errorf("%d points of which %d were judged the second time, %d before; again = %t", len(all), judged, len(first), again)
	}
}
