package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// A view is what a record was decided on, beside the judgement. With it a check,
// a comment and a page are drawn without asking the host again, and show what was
// known when it was decided. It is stored as JSON: fields may be added.
type view struct {
	Pull       signoff.Pull
	Policy     review.Policy
	HeadPolicy []review.Problem
	Decision   review.Decision
	// Judged says that Decision is about the record's analysis.
	Judged bool
	// Net is the net debt of that analysis, for lists; nil in views of before it was
	// kept here.
	Net *float64 `json:",omitempty"`
}

func (l *look) view() view {
	v := view{Pull: l.in.Pull, Policy: l.in.Policy, HeadPolicy: l.in.HeadPolicy}
	if l.in.Judged != nil {
		v.Decision, v.Judged, v.Net = l.in.Judged.Decision, true, &l.in.Judged.Minutes
	}
	return v
}

func encodeView(v view) ([]byte, error) {
	content, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("keep what was decided on: %w", err)
	}
	return content, nil
}

// Line is what a list says of a pull request. It reads no analysis, since a list has
// many rows. It is store.ErrNotFound where it was not looked at yet.
func (b *Bot) Line(ctx context.Context, s signoff.Subject) (report.Line, error) {
	row, content, err := b.Store.View(ctx, s)
	if err != nil {
		return report.Line{}, err
	}
	var v struct {
		Pull   signoff.Pull
		Judged bool
		Net    *float64
	}
	if err := json.Unmarshal(content, &v); err != nil {
		return report.Line{}, fmt.Errorf("stored view of %s: %w", s.Key(), err)
	}
	line := report.Line{Title: v.Pull.Title, Author: v.Pull.Author.Login}
	if row.Record.Analysis == "" || !v.Judged {
		return line, nil
	}
	if line.Net = v.Net; line.Net == nil {
		brief, err := b.Brief(ctx, s)
		if err != nil {
			return line, err
		}
		line.Net = &brief.Review.Delta.Net
	}
	return line, nil
}

// PolicyOf is the policy by which a pull request was decided on last. It is
// store.ErrNotFound where that was not done yet.
func PolicyOf(ctx context.Context, db *store.DB, s signoff.Subject) (review.Policy, error) {
	_, content, err := db.View(ctx, s)
	if err != nil {
		return review.Policy{}, err
	}
	var v struct{ Policy review.Policy }
	if err := json.Unmarshal(content, &v); err != nil {
		return review.Policy{}, fmt.Errorf("stored view of %s: %w", s.Key(), err)
	}
	return v.Policy, nil
}

// Brief is all that is known of a pull request, for whoever draws it. It is
// store.ErrNotFound where it was not looked at yet.
func (b *Bot) Brief(ctx context.Context, s signoff.Subject) (report.Brief, error) {
	row, content, err := b.Store.View(ctx, s)
	if err != nil {
		return report.Brief{}, err
	}
	var v view
	if err := json.Unmarshal(content, &v); err != nil {
		return report.Brief{}, fmt.Errorf("stored view of %s: %w", s.Key(), err)
	}
	brief := report.Brief{
		Record: row.Record, Pull: v.Pull, Now: b.Now(), Problems: v.HeadPolicy,
		Review: review.Review{Policy: v.Policy, Decision: v.Decision},
	}
	if b.Notifier != nil {
		brief.Channel = v.Policy.Overrides.Channel
	}
	if b.PublicURL != "" {
		brief.Links.Page = b.PublicURL + PagePath(v.Pull.Repo, v.Pull.Number)
	}
	if row.Record.Analysis == "" || !v.Judged {
		return brief, nil
	}
	j, err := b.storedJudgement(ctx, row.Record.Analysis)
	if errors.Is(err, store.ErrNotFound) {
		return brief, nil
	}
	if err != nil {
		return report.Brief{}, err
	}
	brief.Review = j.review(v.Policy, v.Decision)
	brief.Files, brief.Names = j.Go, report.Names(j.Delta, row.Record)
	return brief, nil
}

// PagePath is where the page of a pull request is.
func PagePath(repo signoff.Repo, number int) string {
	return fmt.Sprintf("/%s/pull/%d", repo.Full(), number)
}

// goFiles is a list that is never nil: of no file it is known what differs.
func goFiles(files []debt.FileChange) []debt.FileChange {
	if files == nil {
		return []debt.FileChange{}
	}
	return files
}
