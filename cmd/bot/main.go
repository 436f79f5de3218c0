package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/start"
)

func main() {
	start.Done()
	// Those that are ignored stay so: nohup.
	ends := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	// Whoever stops to read, as head does, would end us before we tidied up. So
	// the write fails instead.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Exit codes, as in `bot review --help`.
const (
	exitOK         = 0
	exitSignOff    = 1
	exitUsage      = 2
	exitIncomplete = 3
	exitNoPackages = 5
	exitCancelled  = 130
)

// exitError ends the program with a code. Without a message, all has been said
// already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage wraps a mistake of the caller's.
func usage(err error) error { return &exitError{exitUsage, err} }

// misuse is a mistake in the command line itself, which the help explains.
func misuse(c *cobra.Command, err error) error {
	if c.HasParent() {
		err = fmt.Errorf("%s: %w", c.Name(), err)
	}
	return usage(fmt.Errorf("%w; see '%s --help'", err, c.CommandPath()))
}

func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return misuse(c, fmt.Errorf("takes no argument, not %q", args[0]))
	}
	return nil
}

// run is the program without its process.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "bot: cancelled")
		return exitCancelled
	case errors.Is(err, syscall.EPIPE): // nobody reads what we say
		return exitCancelled
	}
	code := exitUsage
	if exit, ok := errors.AsType[*exitError](err); ok {
		code = exit.code
	}
	if msg := strings.TrimSpace(err.Error()); msg != "" {
		fmt.Fprintln(stderr, "bot: "+report.EscapeTerminal(strings.ReplaceAll(msg, "\n", "; ")))
	}
	return code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "bot",
		Short: "Estimate the technical debt of a change to Go code",
		Long: `Bot compares two revisions of a Go repository, says what technical debt the
change introduces and repays, and whether that is within the bar.

Start with "bot review" in any repository. It needs no account, no configuration
and no network.

"bot serve" is the same as a GitHub App: it judges each pull request, asks an
independent expert to sign off what has high impact, and records who went ahead
without. "bot demo" shows all of it on this machine, with a simulated GitHub.`,
		SilenceErrors:              true,
		SilenceUsage:               true,
		DisableFlagsInUseLine:      true,
		SuggestionsMinimumDistance: 2,
		Args:                       cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			err := fmt.Errorf("there is no command %q", args[0])
			if near := c.SuggestionsFor(args[0]); len(near) > 0 {
				return usage(fmt.Errorf("%w; did you mean %s?", err, strings.Join(near, ", ")))
			}
			return misuse(c, err)
		},
	}
	root.AddCommand(newReview(), newScan(), newHotspots(), newCalibrate(), newSimulate(), newServe(), newDoctor(), newLedger(), newDemo(), newTrend(), newReport(), newExplain(), newRules(), newConfig(), newInit(), newCache(), newVersion(), newCompletion(), newJudge())
	root.SetFlagErrorFunc(misuse)
	return root
}
