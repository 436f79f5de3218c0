package report

import (
	"fmt"
	"io"

	"github.com/barraiser/barraiser/internal/debt"
)

// CorpusText draws a corpus as a table, its quantiles below. The error is the
// writer's.
func CorpusText(w io.Writer, corpus debt.Corpus, o TextOptions) error {
	c := &canvas{color: o.Color}
	rows := [][]cell{{
		{text: "REPOSITORY", style: dim}, {text: "COMMIT", style: dim},
		{text: "LINES", style: dim, right: true}, {text: "MIN/KLOC", style: dim, right: true}, {text: "UNREAD", style: dim, right: true},
	}}
	for _, s := range corpus.Samples {
		rows = append(rows, []cell{
			{text: EscapeTerminal(s.Name)}, {text: EscapeTerminal(s.Commit[:min(7, len(s.Commit))])},
			{text: thousands(s.Lines), right: true}, {text: fmt.Sprintf("%.1f", s.Density), right: true},
			{text: fmt.Sprintf("%d of %d", s.Unread, s.Files), right: true},
		})
	}
	c.table(rows)
	if len(corpus.Samples) > 0 {
		c.line()
		c.line(fmt.Sprintf("  Catalogue %s, %s. Minutes per 1,000 code lines: P20 %.1f, P40 %.1f, P50 %.1f, P60 %.1f, P80 %.1f.",
			corpus.Catalogue, repositories(len(corpus.Samples)), corpus.Quantile(.2), corpus.Quantile(.4), corpus.Quantile(.5), corpus.Quantile(.6), corpus.Quantile(.8)))
	}
	for _, l := range corpus.LeftOut {
		c.line("  Left out: ", EscapeTerminal(l.Name), ": ", EscapeTerminal(l.Why))
	}
	_, err := io.WriteString(w, c.String())
	return err
}

func repositories(n int) string {
	if n == 1 {
		return "1 repository"
	}
	return thousands(n) + " repositories"
}
