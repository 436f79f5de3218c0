package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/trend"
)

// reportCommand draws a trend for others to look at.
type reportCommand struct {
	trendCommand
	html string
}

var reportFormats = []string{"markdown", "csv", "json"}

func newReport() *cobra.Command {
	r := reportCommand{trendCommand: trendCommand{since: 26 * 7, every: 7}}
	c := &cobra.Command{
		Use:   "report",
		Short: "Write the trend as a static site, Markdown, CSV or JSON",
		Long: `Report judges past states of a branch as "bot trend" does, and writes the trend for
others to look at.

With --html it writes a static site into a folder: one page with charts, tables
and hotspots, and each table as CSV and JSON beside it. The page needs no server,
no JavaScript and nothing from elsewhere. A folder that holds anything else than
such a site is left alone.

Without --html it prints Markdown, or what --format says.

Exit codes: 0 done, 2 usage or configuration, 3 the newest state could not be
analysed, 5 no Go packages, 130 cancelled (nothing is written).`,
		Example: `  bot report --html site
  bot report --format csv -o points.csv --since 1y`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return r.run(c.Context(), c) },
	}
	r.register(c)
	r.outputs.register(c, reportFormats...)
	c.Flags().Lookup("format").Usage = "`format` of the report: markdown, csv, json (default markdown, or none with --html); may be repeated"
	c.Flags().Lookup("all").Hidden = true // all of it is written in any case
	c.Flags().StringVar(&r.html, "html", "", "`folder` for the site, made where it is missing")
	return c
}

func (r *reportCommand) run(ctx context.Context, c *cobra.Command) (err error) {
	printed := r.html == "" || len(r.formats) > 0
	if len(r.formats) == 0 {
		r.formats = []string{"markdown"}
	}
	if err := r.check(reportFormats...); err != nil {
		return err
	}
	if c.Flags().Changed("html") {
		if err := siteFolder(r.html); err != nil {
			return usage(fmt.Errorf("write the site: %w", err))
		}
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.open(ctx, c); err != nil {
		return err
	}
	made, err := r.trend(ctx, c)
	if err != nil {
		return err
	}
	if r.html != "" {
		if err := r.site(ctx, *made); err != nil {
			return err
		}
	}
	if printed {
		err = r.write(c.OutOrStdout(), func(w io.Writer, format string) error {
			switch format {
			case "csv":
				return report.TrendCSV(w, *made)
			case "json":
				return report.TrendJSON(w, *made)
			}
			return report.TrendMarkdown(w, *made)
		})
		if err != nil {
			return err
		}
	}
	return r.finish(made.Outcome())
}

// siteFolder accepts a folder that is missing, empty, or a site of ours. Nothing
// of the user's is ever written over.
func siteFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return nil
	}
	for _, name := range []string{"index.html", "style.css", "trend.json", "hotspots.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("%s holds something else; name an empty folder or one that is missing", dir)
		}
	}
	return nil
}

// site writes the trend and the hotspots of its newest state.
func (r *reportCommand) site(ctx context.Context, t report.Trend) error {
	spots := report.Hotspots{Scan: review.Scan{Revision: t.Branch, Policy: r.judge.policy, Outcome: t.Outcome()}, Days: year}
	if n := len(t.Points); n > 0 {
		newest := t.Points[n-1]
		spots.Tip, spots.Until = newest.Commit, newest.At
		var err error
		if spots.Spots, err = r.judge.Spots(ctx, trend.State{Commit: newest.Commit, At: newest.At}, r.judge.newest); err != nil {
			return usage(err)
		}
	}
	files, err := report.Site(t, spots)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(r.html, 0o777); err != nil {
		return usage(fmt.Errorf("write the site: %w", err))
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(r.html, name), content, 0o666); err != nil {
			return usage(fmt.Errorf("write the site: %w", err))
		}
	}
	return nil
}
