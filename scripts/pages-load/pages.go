package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/web"
)

// pages are what is measured. The largest sample is looked at alone.
func pages(repositories int) []string {
	largest, lines := 1, 0
	for i, s := range samples() {
		if s.Lines > lines {
			largest, lines = i+1, s.Lines
		}
	}
	one := "/" + repositoryNamed(largest).Full()
	return []string{
		"/trend/acme", "/trend/acme?view=leadership", "/trend/acme/files/debt-wide-light.svg", "/trend/acme/files/repositories-wide-dark.svg",
		"/trend/acme/files/repositories.csv", "/trend/acme/files/repositories.json",
		"/trend/acme/team/team-07", "/trend/acme/team/team-07?view=leadership", "/trend/acme/goal/goal-03",
		one + "/trend", one + "/trend?view=leadership", one + "/trend/files/trend.json", one + "/trend/files/hotspots-wide-light.svg",
		one, "/", "/overrides", "/overrides?state=promised", "/overrides.csv", "/overrides.json", "/trend", "/rules", "/method",
	}
}

// took is how long requests took, by the clock and of a processor, and the most
// queries that one of them asked.
type took struct {
	clock, processor []time.Duration
	queries          int64
}

func (t *took) add(more took) {
	t.clock, t.processor = append(t.clock, more.clock...), append(t.processor, more.processor...)
	t.queries = max(t.queries, more.queries)
}

// times are those of a page.
type times struct {
	cold took // the first request of a process
	anew took // one of a process that runs, after what it keeps has expired
	kept took // one right after another
}

func measure(ctx context.Context, database, page string, rounds int) (t times, err error) {
	for range rounds {
		cold, err := visit(ctx, database, page, 1, 0)
		if err != nil {
			return t, err
		}
		t.cold.add(cold)
	}
	for step, into := range map[time.Duration]*took{2 * time.Minute: &t.anew, 0: &t.kept} {
		all, err := visit(ctx, database, page, 1+rounds, step)
		if err != nil {
			return t, err
		}
		*into = took{all.clock[1:], all.processor[1:], all.queries}
	}
	return t, nil
}

// visit opens the store, starts the pages, signs in and asks for a page n times.
// The server's clock goes on by a step before each.
func visit(ctx context.Context, database, page string, n int, step time.Duration) (t took, err error) {
	db, err := store.Open(ctx, database)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	server := httptest.NewUnstartedServer(nil)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	b := bot.New(log, bot.Config{Store: db, Now: time.Now}, 1)
	var ahead atomic.Int64
	server.Config.Handler, err = web.New(log, web.Config{
		Store: db, Briefs: b, Acts: b, Outbox: b, Visible: everybody{}, SignIn: everybody{},
		PublicURL: "http://" + server.Listener.Addr().String(), Random: rand.Reader,
		Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
	})
	if err != nil {
		return t, err
	}
	server.Start()
	defer server.Close()
	client, err := signIn(server.URL)
	if err != nil {
		return t, err
	}
	for range n {
		ahead.Add(int64(step))
		used, asked, began := processor(), db.Queries(), time.Now()
		if err := get(ctx, client, server.URL+page); err != nil {
			return t, err
		}
		t.add(took{[]time.Duration{time.Since(began)}, []time.Duration{processor() - used}, db.Queries() - asked})
	}
	return t, nil
}

func get(ctx context.Context, client *http.Client, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("answered %s", resp.Status)
	}
	return nil
}

// signIn is a browser of somebody.
func signIn(server string) (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(server + "/signin")
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	to, err := url.Parse(resp.Header.Get("Location"))
	if err != nil {
		return nil, err
	}
	resp, err = client.Get(server + "/signin/callback?" + url.Values{"code": {"c"}, "state": {to.Query().Get("state")}}.Encode())
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther {
		return nil, fmt.Errorf("sign in: %s", resp.Status)
	}
	return client, nil
}

// everybody is a GitHub that lets everybody read everything, and says so at once.
type everybody struct{}

func (everybody) CanRead(context.Context, int64, signoff.Repo, signoff.Account) (bool, error) {
	return true, nil
}

func (everybody) InTeam(context.Context, int64, review.Principal, signoff.Account) (bool, error) {
	return false, nil
}

func (everybody) AuthorizeURL(state, _, _ string) string {
	return "https://github.example/authorize?" + url.Values{"state": {state}}.Encode()
}

func (everybody) Exchange(context.Context, string, string, string) (signoff.Account, error) {
	return signoff.Account{ID: 1, Login: "reader"}, nil
}
