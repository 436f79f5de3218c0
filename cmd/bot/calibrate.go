package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
)

// calibrateCommand scans many repositories, to compare others with.
type calibrateCommand struct {
	analysis
	outputs
}

var calibrateFormats = []string{"text", "json"}

func newCalibrate() *cobra.Command {
	var k calibrateCommand
	c := &cobra.Command{
		Use:   "calibrate DIR...",
		Short: "Measure the debt density of repositories, to compare others with",
		Long: `Calibrate scans the commit that is checked out in each folder by the shipped
rules, whatever policies say, and prints the debt density of each: minutes per
thousand code lines of production code.

As JSON this is the form of the corpus in which "bot scan" ranks a density. The one
that the program ships is in docs/corpus.md. A repository of which more than 2 %
of the files could not be analysed is listed, and does not take part.

Exit codes: 0 done, 2 usage, 3 a repository could not be measured,
130 cancelled.`,
		Example: `  bot calibrate ../prometheus ../etcd
  bot calibrate --format json -o corpus.json ../*/`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return misuse(c, errors.New("name at least one folder"))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return k.run(c.Context(), c, args) },
	}
	k.analysis.registerLimits(c)
	k.outputs.register(c, calibrateFormats...)
	return c
}

func (k *calibrateCommand) run(ctx context.Context, c *cobra.Command, dirs []string) error {
	if err := k.check(calibrateFormats...); err != nil {
		return err
	}
	corpus := debt.Corpus{Catalogue: debt.CatalogueVersion}
	for _, dir := range dirs {
		sample, err := k.sample(ctx, c, dir)
		if ctx.Err() != nil { // what was measured took its time, and is printed
			corpus.LeftOut = append(corpus.LeftOut, debt.LeftOut{Name: dir, Why: "cancelled"})
			break
		}
		if err != nil {
			corpus.LeftOut = append(corpus.LeftOut, debt.LeftOut{Name: cmp.Or(sample.Name, dir), Why: err.Error()})
			continue
		}
		corpus.Samples = append(corpus.Samples, sample)
	}
	slices.SortFunc(corpus.Samples, func(a, b debt.Sample) int { return strings.Compare(a.Name, b.Name) })
	err := k.write(c.OutOrStdout(), func(w io.Writer, format string) error {
		if format == "json" {
			e := json.NewEncoder(w)
			e.SetIndent("", "\t")
			return e.Encode(corpus)
		}
		return report.CorpusText(w, corpus, k.textOptions(c.OutOrStdout()))
	})
	if err := cmp.Or(ctx.Err(), err); err != nil || len(corpus.LeftOut) == 0 || k.exitZero {
		return err
	}
	return &exitError{code: exitIncomplete}
}

// maxUnread is the share of files that may be unread in a repository of the
// corpus: without them its density would still be known to about its own share.
const maxUnread = 0.02

func (k *calibrateCommand) sample(ctx context.Context, c *cobra.Command, dir string) (sample debt.Sample, err error) {
	s := scanCommand{analysis: k.analysis, head: "HEAD", shipped: true}
	s.dir = dir
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.open(ctx, c); err != nil {
		return sample, err
	}
	address, err := s.repo.Remote(ctx)
	if err != nil {
		return sample, err
	}
	sample.Name = cmp.Or(hosted(address), filepath.Base(s.repo.Root()))
	scan, err := s.judgeTree(ctx, c)
	if err != nil {
		return sample, err
	}
	if scan.Totals.Lines == 0 {
		return sample, errors.New(cmp.Or(strings.Join(scan.Reasons, "; "), "there is no production code"))
	}
	sample.Commit = scan.Revision.Commit
	sample.Lines, sample.Density = scan.Totals.Lines, round(scan.Totals.Density())
	for _, skipped := range scan.Coverage.Skipped {
		if !skipped.Expected {
			sample.Unread++
		}
	}
	sample.Files = scan.Coverage.Analysed + sample.Unread
	if share := float64(sample.Unread) / float64(sample.Files); share > maxUnread || len(scan.Coverage.Lost) > 0 {
		return sample, fmt.Errorf("%d of %d files were not analysed, and %s failed%s", sample.Unread, sample.Files,
			count(len(scan.Coverage.Lost), "check"), firstGap(scan))
	}
	return sample, nil
}

// firstGap names one thing that was not analysed, and why.
func firstGap(s *review.Scan) string {
	for _, skipped := range s.Coverage.Skipped {
		if !skipped.Expected {
			return ", first " + skipped.File + ": " + skipped.Reason
		}
	}
	return ""
}

// remoteURL takes host, owner and name out of the ways to write an address.
var remoteURL = regexp.MustCompile(`^(?:https?://|ssh://)?(?:[^@/]+@)?([a-z0-9.-]+\.[a-z]+)[:/]([^/]+/[^/]+?)(?:\.git)?/?$`)

// hosted is "github.com/owner/name" of the address of a remote; empty where it
// is no public address.
func hosted(address string) string {
	if m := remoteURL.FindStringSubmatch(address); m != nil {
		return m[1] + "/" + m[2]
	}
	return ""
}

// round keeps a tenth of a minute.
func round(v float64) float64 { return float64(int(v*10+0.5)) / 10 }
