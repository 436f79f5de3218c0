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
		"/trend/acme/files/repositories.csv", "/trend/acme/team/team-07", "/trend/acme/goal/goal-03", one + "/trend", one + "/trend?view=leadership",
		one + "/trend/files/hotspots-wide-light.svg", one, "/", "/overrides", "/rules", "/method",
	}
}

// measure asks for a page of a new process each time, and then again of one.
func measure(ctx context.Context, database, page string, rounds int) (cold, warm []time.Duration, err error) {
	for round := range rounds {
		took, err := visit(ctx, database, page, 1)
		if err != nil {
			return nil, nil, err
		}
		cold = append(cold, took...)
		if round == rounds-1 {
			if took, err = visit(ctx, database, page, 1+2*rounds); err != nil {
				return nil, nil, err
			}
			warm = took[1:]
		}
	}
	return cold, warm, nil
}

// visit opens the store, starts the pages, signs in and asks for a page n times.
func visit(ctx context.Context, database, page string, n int) (took []time.Duration, err error) {
	db, err := store.Open(ctx, database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	server := httptest.NewUnstartedServer(nil)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	b := bot.New(log, bot.Config{Store: db, Now: time.Now}, 1)
	server.Config.Handler, err = web.New(log, web.Config{
		Store: db, Briefs: b, Acts: b, Outbox: b, Visible: everybody{}, SignIn: everybody{},
		PublicURL: "http://" + server.Listener.Addr().String(), Now: time.Now, Random: rand.Reader,
	})
	if err != nil {
		return nil, err
	}
	server.Start()
	defer server.Close()
	client, err := signIn(server.URL)
	if err != nil {
		return nil, err
	}
	for range n {
		began := time.Now()
		if err := get(ctx, client, server.URL+page); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
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
	if resp.StatusCode != http.StatusOK {
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
