package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/change"
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
	// shipped asks for the shipped rules, whatever the policy says.
	shipped bool
}

var scanFormats = []string{"text", "json", "sarif"}

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
		Args: noArgs,
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
	scan, err := s.judgeTree(ctx, c)
	if err != nil && (scan == nil || ctx.Err() == nil) {
		return err
	}
	cancelled := err
	err = s.write(c.OutOrStdout(), func(w io.Writer, format string) error {
		switch format {
		case "json":
			return report.ScanJSON(w, *scan)
		case "sarif":
			return report.ScanSARIF(w, *scan, sarifTool(), s.all)
		}
		return report.ScanText(w, *scan, s.textOptions(c.OutOrStdout()))
	})
	if err != nil || cancelled != nil {
		return errors.Join(err, cancelled)
	}
	return s.finish(scan.Outcome)
}

// judgeTree does the whole scan. With an error it may still return what is
// known.
func (s *scanCommand) judgeTree(ctx context.Context, c *cobra.Command) (*review.Scan, error) {
	scan := &review.Scan{}
	var err error
	if s.head != "" || c.Flags().Changed("head") {
		scan.Revision, err = s.revision(ctx, s.head)
	} else {
		scan.Revision, err = s.workingTree(ctx)
	}
	if err != nil {
		return nil, err
	}
	if !s.shipped {
		if scan.Policy, _, err = s.basePolicy(ctx, scan.Revision.Tree, scan.Revision.Name, c.ErrOrStderr()); err != nil {
			return nil, err
		}
	}
	analyst, err := s.analyst(ctx)
	if err != nil {
		return nil, err
	}
	unread, err := analyst.WriteTrees(ctx, map[string]string{change.HeadDir: scan.Revision.Tree})
	if err != nil {
		return nil, usage(err)
	}
	head := filepath.Join(s.job, change.HeadDir)
	stated, err := change.Stated(ctx, s.repo, scan.Policy, scan.Revision.Tree, change.Folders(head))
	if err != nil {
		return nil, usage(err)
	}
	res, stats, err := analyst.Judge(ctx, engine.Job{Head: head, Unread: unread, Settings: scan.Policy.Rules, Stated: stated})
	s.progress.clear()
	scan.Engine = stats
	var failed *engine.Failure
	switch {
	case errors.As(err, &failed):
		scan.Outcome, scan.Reasons = review.Incomplete, []string{failed.Reason}
		return scan, nil
	case ctx.Err() != nil:
		scan.Outcome, scan.Reasons = review.Incomplete, []string{"cancelled"}
		return scan, ctx.Err()
	case err != nil:
		return nil, err
	case res.NoPackages:
		return nil, noPackages(s.dir)
	}
	scan.Totals, scan.Findings = debt.Total(res.Head.Measures, res.Head.Broken, res.CodeLines(), scan.Policy.Rules)
	scan.Coverage = res.Coverage
	scan.Outcome, scan.Reasons = review.AssessScan(scan.Coverage)
	scan.Rank = scan.RankIn(debt.ShippedCorpus())
	scan.Hints = change.Hints(res)
	return scan, nil
}
