// Load measures how fast "bot serve" acknowledges webhooks while it works on
// them. It starts a simulated GitHub with pull requests and the server, both on
// loopback, and sends the GitHub's own payloads again under new GUIDs, at a fixed
// rate whatever the answers, a tenth of them twice. Then it waits until nothing
// is left to do, and counts in the server's store what it made of them.
//
//	go run ./scripts/load                        # 200 a second for a minute
//	go run ./scripts/load -rate 100 -for 10s
//
// It exits with 1 where a delivery was not accepted, was lost or counted twice.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	l := load{}
	flag.IntVar(&l.rate, "rate", 200, "deliveries a second")
	flag.DurationVar(&l.length, "for", time.Minute, "how long")
	flag.IntVar(&l.pulls, "pulls", 20, "open pull requests that the deliveries are about")
	flag.StringVar(&l.program, "bot", "", "the program; default: built from this checkout")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := l.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// What one run may be: it is for this machine alone, and ends by itself.
const (
	mostRate   = 5000
	mostLength = time.Hour
)

type load struct {
	rate    int
	length  time.Duration
	pulls   int
	program string
}

func (l *load) run(ctx context.Context) (err error) {
	if l.rate < 1 || l.rate > mostRate || l.length <= 0 || l.length > mostLength || l.pulls < 1 {
		return fmt.Errorf("at most %d a second and %v, and one pull request at least", mostRate, mostLength)
	}
	dir, err := os.MkdirTemp("", "barraiser-load-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w, err := l.begin(ctx, dir)
	defer func() { err = errors.Join(err, w.end()) }()
	if err != nil {
		return err
	}
	// What the pull requests themselves called for.
	if _, err := w.quiet(ctx); err != nil {
		return err
	}
	before, err := w.count(ctx)
	if err != nil {
		return err
	}
	sent := w.send(ctx, l.rate, l.length)
	caught, err := w.quiet(ctx)
	if err != nil {
		return err
	}
	after, err := w.count(ctx)
	if err != nil {
		return err
	}
	return sent.report(os.Stdout, before, after, caught)
}
