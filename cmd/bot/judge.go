package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/engine"
)

// newJudge is the other end of engine.Judge. It is not for people.
func newJudge() *cobra.Command {
	return &cobra.Command{
		Use:    engine.ChildCommand,
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
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
