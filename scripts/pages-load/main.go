// Pages-load measures how long the server takes for a page: a year of weekly points
// for a thousand repositories, whose sizes and amounts of debt are those of the
// projects that docs/corpus.md lists, on SQLite and on a PostgreSQL that it starts.
//
//	go run ./scripts/pages-load
//	go run ./scripts/pages-load -repositories 100 -engine sqlite
//
// It prints a table, and exits with 1 where the p95 of a page is over the limit.
// Cold is the first request of a new process: nothing is kept but what the database
// and the system keep. GitHub, which says who may read what, answers at once here.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

func main() {
	l := load{}
	flag.IntVar(&l.repositories, "repositories", 1000, "repositories with a year of weekly points")
	flag.IntVar(&l.rounds, "rounds", 20, "requests for each page, cold, and twice as many warm")
	flag.DurationVar(&l.limit, "limit", 300*time.Millisecond, "what the p95 of a page may be")
	flag.StringVar(&l.engine, "engine", "", "sqlite or postgresql; default: both")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := l.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "pages-load:", err)
		os.Exit(1)
	}
}

type load struct {
	repositories, rounds int
	limit                time.Duration
	engine               string
}

func (l load) run(ctx context.Context) error {
	if l.repositories < len(samples()) || l.repositories > 10_000 || l.rounds < 1 {
		return fmt.Errorf("from %d to 10000 repositories, and one round at least", len(samples()))
	}
	slow := 0
	fmt.Printf("| database | page | cold p50 | cold p95 | warm p50 | warm p95 |\n|---|---|--:|--:|--:|--:|\n")
	for _, engine := range storetest.Engines {
		if l.engine != "" && !strings.EqualFold(l.engine, string(engine)) {
			continue
		}
		n, err := l.on(ctx, engine)
		if err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
		slow += n
	}
	if slow > 0 {
		return fmt.Errorf("%d pages have a p95 over %v", slow, l.limit)
	}
	return nil
}

// on measures all pages on one engine.
func (l load) on(ctx context.Context, engine store.Engine) (slow int, err error) {
	place := &folder{ctx: ctx}
	defer place.clean()
	url := storetest.URL(place, engine)
	if place.err != nil {
		return 0, place.err
	}
	began := time.Now()
	if err := seed(ctx, url, l.repositories); err != nil {
		return 0, err
	}
	fmt.Fprintf(os.Stderr, "%s: %d repositories in %v\n", engine, l.repositories, time.Since(began).Round(time.Second))
	for _, page := range pages(l.repositories) {
		cold, warm, err := measure(ctx, url, page, l.rounds)
		if err != nil {
			return slow, fmt.Errorf("%s: %w", page, err)
		}
		fmt.Printf("| %s | `%s` | %s | %s | %s | %s |\n", engine, page, at(cold, .5), at(cold, .95), at(warm, .5), at(warm, .95))
		if quantile(cold, .95) > l.limit || quantile(warm, .95) > l.limit {
			slow++
		}
	}
	return slow, nil
}

// quantile is the smallest of the times that so many of them do not exceed.
func quantile(took []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

func at(took []time.Duration, q float64) string {
	return fmt.Sprintf("%.0f ms", float64(quantile(took, q).Microseconds())/1000)
}

// A folder is what storetest wants of a test.
type folder struct {
	ctx   context.Context
	ended []func()
	err   error
}

func (f *folder) Helper()                  {}
func (f *folder) Fatal(args ...any)        { f.err = errors.New(fmt.Sprint(args...)) }
func (f *folder) Skip(args ...any)         { f.err = errors.New(fmt.Sprint(args...)) }
func (f *folder) Error(args ...any)        { f.err = errors.New(fmt.Sprint(args...)) }
func (f *folder) Cleanup(end func())       { f.ended = append(f.ended, end) }
func (f *folder) Context() context.Context { return f.ctx }

func (f *folder) TempDir() string {
	dir, err := os.MkdirTemp("", "barraiser-pages-")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (f *folder) clean() {
	for _, end := range slices.Backward(f.ended) {
		end()
	}
}
