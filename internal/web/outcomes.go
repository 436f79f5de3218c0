package web

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// rateRow is what became of the changes of one class.
type rateRow struct {
	Class            string
	Known            int
	Reverted, Mended int
	Share, Interval  string // "25 %", "9 % to 53 %"; empty where none is known
	Waiting, Untold  int
}

// outcomeSpan is how far back the comparison goes, before now.
const outcomeSpan = 365 * 24 * time.Hour

// outcomes compares what became of overridden and of signed-off changes.
func (s *site) outcomes(v *visit, repositories []int64) (out []rateRow, err error) {
	rates, err := s.Store.Outcomes(v.ctx(), store.FigureFilter{Repositories: repositories, From: v.now.Add(-outcomeSpan), To: v.now})
	if err != nil {
		return nil, err
	}
	any := false
	for _, r := range rates {
		row := rateRow{Class: "Overridden", Known: r.Of, Reverted: r.Reverted, Mended: r.Mended, Waiting: r.Waiting, Untold: r.Untold}
		if r.Class == signoff.ClassSignedOff {
			row.Class = "Signed off"
		}
		if r.Of > 0 {
			low, high := r.Interval()
			row.Share = fmt.Sprintf("%.0f %%", 100*float64(r.Bad())/float64(r.Of))
			row.Interval = fmt.Sprintf("%.0f %% to %.0f %%", 100*low, 100*high)
		}
		any = any || r.Of+r.Waiting+r.Untold > 0
		out = append(out, row)
	}
	if !any {
		return nil, nil
	}
	return out, nil
}

// became says what became of a merged change, or of what was pushed past all pull
// requests; empty where that is not known yet.
func (s *site) became(v *visit, subject signoff.Subject, o signoff.Override) (string, error) {
	l := store.Landing{Subject: subject}
	if subject.Kind == signoff.Branch {
		l.Override = o.ID
	}
	a, err := s.Store.Aftermath(v.ctx(), l)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	switch a.Result {
	case signoff.Stood:
		return "It stood: nothing took it back or mended it in its time.", nil
	case signoff.Reverted:
		return "It was taken back by " + short(a.Commit) + ", \"" + a.Title + "\".", nil
	case signoff.Mended:
		text := "It was mended by " + short(a.Commit) + ", \"" + a.Title + "\""
		var names []string
		for _, symbol := range a.Symbols {
			names = append(names, symbol.Name)
		}
		return text + ", in " + strings.Join(names, ", ") + ".", nil
	}
	return "What became of it is not known: " + a.Why + ".", nil
}
