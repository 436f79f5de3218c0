package main

import (
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/engine"
)

// newJudge is the other end of engine.Judge. It is not for people.
func newJudge() *cobra.Command {
	return &cobra.Command{
		Use:    engine.ChildCommand,
		Hidden: true,
		Args:   noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			// It has nothing to tidy up: any signal ends it, and so does its pipe
			// when the parent is gone.
			signal.Reset()
			// The frames are alone on standard output, whatever a library prints.
			out := os.Stdout
			os.Stdout = os.Stderr
			if code := engine.Child(c.InOrStdin(), out); code != exitOK {
				return &exitError{code: code}
			}
			return nil
		},
	}
}
