package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
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
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "bot: cancelled")
		return exitCancelled
	}
	var exit *exitError
	if !errors.As(err, &exit) {
		exit = &exitError{exitUsage, err}
	}
	if msg := exit.Error(); msg != "" {
		fmt.Fprintln(stderr, "bot: "+strings.ReplaceAll(strings.TrimSpace(msg), "\n", "\n     "))
	}
	return exit.code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "bot",
		Short: "Estimate the technical debt of a change to Go code",
		Long: `Bot compares two revisions of a Go repository, says what technical debt the
change introduces and repays, and whether that is within the bar.

Start with "bot review" in any repository. It needs no account, no configuration
and no network.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(newReview(), newScan(), newExplain(), newRules(), newVersion(), newJudge())
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(fmt.Errorf("%w\nSee '%s --help'", err, c.CommandPath()))
	})
	return root
}
