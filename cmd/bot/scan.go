package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
)

// scanCommand prices one revision.
type scanCommand struct {
	analysis
	outputs
	head string
}

var scanFormats = []string{"text", "json"}

func newScan() *cobra.Command {
	var s scanCommand
	c := &cobra.Command{
		Use:   "scan",
		Short: "Price the technical debt of a whole repository",
		Long: `Scan analyses every package of the working tree, or of the revision of --head.

The sum is context, not a target: what counts is the change that "bot review"
shows.

Exit codes: 0 done, 2 usage, 3 incomplete analysis, 5 no Go packages,
130 cancelled.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return s.run(c.Context(), c) },
	}
	s.analysis.register(c)
	s.outputs.register(c, scanFormats...)
	c.Flags().StringVar(&s.head, "head", "", "`revision` to scan (default: the working tree)")
	return c
}

func (s *scanCommand) run(ctx context.Context, c *cobra.Command) (err error) {
	if err := s.check(scanFormats...); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.open(ctx, c); err != nil {
		return err
	}
	scan, err := s.judgeTree(ctx)
	if err != nil {
		return err
	}
	err = s.write(c.OutOrStdout(), func(w io.Writer, format string) error {
		if format == "json" {
			return report.ScanJSON(w, *scan)
		}
		return report.ScanText(w, *scan, s.textOptions(c.OutOrStdout()))
	})
	if err != nil {
		return err
	}
	return s.finish(scan.Outcome)
}

func (s *scanCommand) judgeTree(ctx context.Context) (*review.Scan, error) {
	scan := &review.Scan{}
	var err error
	if scan.Revision, _, err = s.revision(ctx, s.head); err != nil {
		return nil, err
	}
	unread, err := s.writeTrees(ctx, map[string]string{headDir: scan.Revision.Tree})
	if err != nil {
		return nil, usage(err)
	}
	res, stats, err := s.judge(ctx, engine.Job{Head: filepath.Join(s.job, headDir), Unread: unread})
	scan.Engine = stats
	var failed *engine.Failure
	switch {
	case errors.As(err, &failed):
		scan.Outcome, scan.Reasons = review.Incomplete, []string{failed.Reason}
		return scan, nil
	case err != nil:
		return nil, err
	case res.NoPackages:
		return nil, noPackages(s.dir)
	}
	scan.Totals, scan.Findings = debt.Total(res.Head.Measures, res.Head.Broken, res.Lines, nil)
	scan.Coverage = res.Coverage
	scan.Outcome, scan.Reasons = review.AssessScan(scan.Coverage)
	scan.Hints = hints(res.Missing)
	return scan, nil
}
