// Pages-load measures how long the server takes for a page: a year of weekly points
// for a thousand repositories, whose sizes and amounts of debt are those of the
// projects that docs/corpus.md lists, with the year's reviews and 10,000 overrides,
// on SQLite and on a PostgreSQL that it starts.
//
//	go run ./scripts/pages-load
//	go run ./scripts/pages-load -repositories 100 -engine sqlite
//	go run ./scripts/pages-load -page /overrides -profile cpu.out
//
// It prints a table, and exits with 1 where the p95 of a page is over the limit.
// Cold is the first request of a new process: nothing is kept but what the database
// and the system keep. Anew is a request of a process that runs, after what it kept
// has expired, and kept is one within that time. GitHub, which says who may read
// what, answers at once here.
//
// By the clock it says something on a machine that does nothing else. Beside it
// stands the processor time of the process, which is in it on SQLite nearly all that
// a page takes, and on PostgreSQL all but what the database does itself. With
// -busy that is held against the limit.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"runtime/pprof"
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
	flag.StringVar(&l.engine, "engine", "", "sqlite or postgres; default: both")
	flag.StringVar(&l.database, "database", "", "measure the database at this address, sqlite:PATH or postgres://…, which is seeded if it is empty, and keep it")
	flag.StringVar(&l.page, "page", "", "measure this page only")
	flag.BoolVar(&l.busy, "busy", false, "hold processor time against the limit: others use the machine too")
	flag.StringVar(&l.profile, "profile", "", "write a processor profile of the requests to this file, of the last engine")
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
	engine, page         string
	database             string
	profile              string // a file
	busy                 bool
}

// profiled runs f with a profile to a file, if one is named.
func profiled(file string, f func() error) (err error) {
	if file == "" {
		return f()
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}

func (l load) run(ctx context.Context) error {
	if l.repositories < len(samples()) || l.repositories > 10_000 || l.rounds < 1 {
		return fmt.Errorf("from %d to 10000 repositories, and one round at least", len(samples()))
	}
	slow := 0
	fmt.Printf("| database | page | queries | cold p50 | p95 | processor | anew p50 | p95 | processor | kept p95 | processor |\n|---|---|%s\n", strings.Repeat("--:|", 9))
	for _, engine := range storetest.Engines {
		if l.engine != "" && !strings.EqualFold(l.engine, string(engine)) || l.database != "" && !strings.HasPrefix(l.database, string(engine)) {
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
	url := l.database
	if url == "" {
		url = storetest.URL(place, engine)
	}
	if place.err != nil {
		return 0, place.err
	}
	began := time.Now()
	if err := seed(ctx, url, l.repositories); err != nil {
		return 0, err
	}
	fmt.Fprintf(os.Stderr, "%s: %d repositories in %v\n", engine, l.repositories, time.Since(began).Round(time.Second))
	err = profiled(l.profile, func() error {
		slow, err = l.all(ctx, url, engine)
		return err
	})
	return slow, err
}

// all measures the pages of one database.
func (l load) all(ctx context.Context, url string, engine store.Engine) (slow int, err error) {
	for _, page := range pages(l.repositories) {
		if l.page != "" && page != l.page {
			continue
		}
		t, err := measure(ctx, url, page, l.rounds)
		if err != nil {
			return slow, fmt.Errorf("%s: %w", page, err)
		}
		fmt.Printf("| %s | `%s` | %d | %s | %s | %s | %s | %s | %s | %s | %s |\n", engine, page, t.cold.queries,
			at(t.cold.clock, .5), at(t.cold.clock, .95), at(t.cold.processor, .95),
			at(t.anew.clock, .5), at(t.anew.clock, .95), at(t.anew.processor, .95), at(t.kept.clock, .95), at(t.kept.processor, .95))
		if l.over(t.cold) || l.over(t.anew) || l.over(t.kept) {
			slow++
		}
	}
	return slow, nil
}

// over reports whether requests take too long.
func (l load) over(t took) bool {
	if l.busy {
		return quantile(t.processor, .95) > l.limit
	}
	return quantile(t.clock, .95) > l.limit
}

// quantile is the smallest of the times that so many of them do not exceed.
// quantile is what a share q of the times does not exceed, by the nearest rank: the
// p95 of twenty is the nineteenth.
func quantile(took []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[int(math.Ceil(q*float64(len(sorted))))-1]
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
