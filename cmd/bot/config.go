package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
)

// configCommand is what the commands below config share.
type configCommand struct {
	policyFlags
	dir string
}

func newConfig() *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Verify and show the policy of " + review.PolicyPath,
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newConfigVerify(), newConfigShow(), newConfigSchema())
	return c
}

func (f *configCommand) register(c *cobra.Command) {
	f.policyFlags.register(c)
	c.Flags().StringVarP(&f.dir, "dir", "C", ".", "`folder` of the repository")
}

func newConfigVerify() *cobra.Command {
	var f configCommand
	c := &cobra.Command{
		Use:   "verify [FILE…]",
		Short: "Say everything that is wrong with a policy",
		Long: `Verify checks the policy in the working tree, or each FILE, and names all that is
wrong with it: where, what, and the key that was probably meant.

With --org-config it checks the organisation's file too, and that the
repository's only adds to it and tightens it. In the organisation's own
repository, name its file there and no other.

Exit codes: 0 all is well, 2 there are problems.`,
		Example: `  bot config verify
  bot config verify --org-config ../.github/barraiser.yml`,
		RunE: func(c *cobra.Command, files []string) error { return f.verify(c.Context(), c.OutOrStdout(), files) },
	}
	f.register(c)
	return c
}

func (f *configCommand) verify(ctx context.Context, w io.Writer, names []string) error {
	files := []*review.File{}
	for _, name := range names {
		file, err := readPolicyFile(name, name)
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	if len(names) == 0 {
		file, err := workingPolicy(ctx, f.dir)
		if err != nil {
			// The organisation's file can be checked anywhere.
			if f.organisation == "" {
				return err
			}
			file = nil
		}
		if file == nil && f.organisation == "" {
			return usage(fmt.Errorf("there is no %s; 'bot init' writes one", review.PolicyPath))
		}
		files = append(files, file)
	}
	bad := 0
	for _, file := range files {
		_, problems, err := f.parse(file)
		if err != nil {
			return err
		}
		if err := writeProblems(w, problems); err != nil {
			return err
		}
		bad += len(problems)
		if len(problems) > 0 {
			continue
		}
		name := f.organisation
		if file != nil {
			name = file.Name
		}
		if _, err := fmt.Fprintf(w, "%s: all is well\n", report.EscapeTerminal(name)); err != nil {
			return err
		}
	}
	if bad > 0 {
		return usage(errors.New(count(bad, "problem") + " in the policy"))
	}
	return nil
}

func newConfigShow() *cobra.Command {
	var f configCommand
	c := &cobra.Command{
		Use:   "show",
		Short: "Show the policy that holds, with where each value comes from",
		Long: `Show prints what the policy of the working tree, on top of the organisation's,
asks of a change: a line per key with its value and its place.

Exit codes: 0 done, 2 the policy has problems.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.show(c.Context(), c) },
	}
	f.register(c)
	return c
}

func (f *configCommand) show(ctx context.Context, c *cobra.Command) error {
	file, err := workingPolicy(ctx, f.dir)
	if err != nil {
		return err
	}
	p, problems, err := f.parse(file)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		if err := writeProblems(c.ErrOrStderr(), problems); err != nil {
			return err
		}
		return usage(errors.New(count(len(problems), "problem") + " in the policy"))
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, s := range p.Effective() {
		from := []string{}
		for _, at := range s.From {
			from = append(from, fmt.Sprintf("%s:%d", at.File, at.Line))
		}
		if len(from) == 0 {
			from = []string{"default"}
		}
		_, err := fmt.Fprintf(w, "%s\t%s\t%s\n", report.EscapeTerminal(s.Key), report.EscapeTerminal(s.Value), report.EscapeTerminal(strings.Join(from, ", ")))
		if err != nil {
			return err
		}
	}
	return w.Flush()
}

func newConfigSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of the policy, for editors",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(review.PolicySchema)
			return err
		},
	}
}
