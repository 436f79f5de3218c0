package github

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/signoff"
)

// Limits of a check run. What exceeds them GitHub refuses whole, so whoever draws
// a check keeps to them; here they are asserted.
// Source: docs.github.com/en/rest/checks/runs, "Create a check run".
const (
	CheckText         = 65535 // characters of the summary, and of the text
	annotationsAtOnce = 50
	mostActions       = 3
	actionLabel       = 20
	actionDescription = 40
	actionIdentifier  = 20
	annotationTitle   = 255      // characters
	annotationMessage = 64 << 10 // bytes
)

// validCheck says what GitHub would refuse.
func validCheck(c signoff.Check) error {
	switch {
	case c.Name == "" || c.ExternalID == "":
		return errors.New("a check without a name or an id")
	case commit(c.Commit) == "":
		return fmt.Errorf("%q is no commit", c.Commit)
	case c.Title == "" || c.Summary == "":
		return errors.New("a check without a title or a summary")
	case utf8.RuneCountInString(c.Summary) > CheckText || utf8.RuneCountInString(c.Text) > CheckText:
		return fmt.Errorf("a summary or a text of more than %d characters", CheckText)
	case len(c.Actions) > mostActions:
		return fmt.Errorf("%d actions, of %d at most", len(c.Actions), mostActions)
	}
	for _, a := range c.Actions {
		if utf8.RuneCountInString(a.Label) > actionLabel || utf8.RuneCountInString(a.Description) > actionDescription || utf8.RuneCountInString(a.Identifier) > actionIdentifier {
			return fmt.Errorf("action %q is too long", a.Identifier)
		}
	}
	for _, n := range c.Notes {
		if err := validNote(n); err != nil {
			return err
		}
	}
	return nil
}

func validNote(n signoff.Annotation) error {
	switch {
	case n.Path == "" || path.IsAbs(n.Path) || n.From < 1 || n.To < n.From:
		return fmt.Errorf("annotation at %q:%d-%d is nowhere", n.Path, n.From, n.To)
	case n.Level != "notice" && n.Level != "warning" && n.Level != "failure":
		return fmt.Errorf("annotation of level %q", n.Level)
	case n.Message == "" || len(n.Message) > annotationMessage || utf8.RuneCountInString(n.Title) > annotationTitle:
		return fmt.Errorf("annotation at %q:%d without a message, or too long", n.Path, n.From)
	}
	return nil
}

// PutCheck brings the check of a commit to what it is to be, and returns what is
// shown then. The newest check of ours by that name is taken, since that is the
// one that counts: done twice, nothing changes. Known is the number of an earlier
// PutCheck, 0 where there is none. Where another App has written one of the name
// since, ours becomes a new one, the newest again.
//
// GitHub neither takes annotations back nor opens a check that has ended. Those
// that are there already are not written again; and a check that is to be in
// progress once more is a new one of the same name, which counts instead of the
// old.
func (a *App) PutCheck(ctx context.Context, installation int64, repo signoff.Repo, check signoff.Check, known int64) (ShownCheck, error) {
	wanted := fmt.Sprintf("put the check %s on %.12s of %s", check.Name, check.Commit, repo.Full())
	if err := validCheck(check); err != nil {
		return ShownCheck{}, fmt.Errorf("%s: %w", wanted, err)
	}
	id, err := a.putCheck(ctx, a.repo(installation, repo), repo, check, known)
	return ShownCheck{
		ID: id, Name: check.Name, Commit: check.Commit, ExternalID: check.ExternalID, Ours: true,
		Completed: check.Conclusion != signoff.InProgress, Conclusion: check.Conclusion, Title: check.Title,
	}, fail(wanted, err)
}

func (a *App) putCheck(ctx context.Context, c *client, repo signoff.Repo, check signoff.Check, known int64) (int64, error) {
	run, err := a.findCheck(ctx, c, repo, check, known)
	if err != nil {
		return 0, err
	}
	if run != nil && run.GetStatus() == "completed" && check.Conclusion == signoff.InProgress {
		run = nil
	}
	notes := asAnnotations(check.Notes)
	if run != nil {
		if notes, err = missingNotes(ctx, c, repo, run, notes); err != nil {
			return 0, err
		}
	}
	first := notes[:min(len(notes), annotationsAtOnce)]
	if run == nil {
		run, _, err = c.Checks.CreateCheckRun(ctx, repo.Owner, repo.Name, createOptions(check, first))
	} else {
		_, _, err = c.Checks.UpdateCheckRun(ctx, repo.Owner, repo.Name, run.GetID(), updateOptions(check, first))
	}
	if err != nil {
		return 0, err
	}
	for notes = notes[len(first):]; len(notes) > 0; {
		batch := notes[:min(len(notes), annotationsAtOnce)]
		if _, _, err := c.Checks.UpdateCheckRun(ctx, repo.Owner, repo.Name, run.GetID(), updateOptions(check, batch)); err != nil {
			return run.GetID(), err
		}
		notes = notes[len(batch):]
	}
	return run.GetID(), nil
}

// findCheck is the newest check of ours by the name, nil where there is none and
// where another App's is newer.
func (a *App) findCheck(ctx context.Context, c *client, repo signoff.Repo, check signoff.Check, known int64) (*github.CheckRun, error) {
	runs, err := a.checkRuns(ctx, c, repo, check.Commit, check.Name)
	if err != nil {
		return nil, err
	}
	var found, other *github.CheckRun
	for _, r := range runs {
		newest := &found
		if r.GetApp().GetID() != a.config.AppID {
			newest = &other
		}
		if r.GetName() == check.Name && r.GetID() > (*newest).GetID() {
			*newest = r
		}
	}
	if known > found.GetID() { // the list is behind what we wrote
		run, _, err := c.Checks.GetCheckRun(ctx, repo.Owner, repo.Name, known)
		if err != nil && !errors.Is(ours(err), ErrNotFound) {
			return nil, err
		}
		if err == nil && run.GetName() == check.Name && run.GetHeadSHA() == check.Commit {
			found = run
		}
	}
	if other.GetID() > found.GetID() {
		return nil, nil
	}
	return found, nil
}

func (a *App) checkRuns(ctx context.Context, c *client, repo signoff.Repo, sha, name string) ([]*github.CheckRun, error) {
	var runs []*github.CheckRun
	_, err := pages(mostPages, func(opts github.ListOptions) (*github.Response, error) {
		list, resp, err := c.Checks.ListCheckRunsForRef(ctx, repo.Owner, repo.Name, sha, &github.ListCheckRunsOptions{
			CheckName: &name, Filter: github.String("all"), ListOptions: opts,
		})
		if err == nil {
			runs = append(runs, list.CheckRuns...)
		}
		return resp, err
	})
	return runs, err
}

// missingNotes are those that the check does not have yet, as after a crash
// between two batches.
func missingNotes(ctx context.Context, c *client, repo signoff.Repo, run *github.CheckRun, notes []*github.CheckRunAnnotation) ([]*github.CheckRunAnnotation, error) {
	if run.GetOutput().GetAnnotationsCount() == 0 || len(notes) == 0 {
		return notes, nil
	}
	there := map[string]int{}
	_, err := pages(mostPages, func(opts github.ListOptions) (*github.Response, error) {
		list, resp, err := c.Checks.ListCheckRunAnnotations(ctx, repo.Owner, repo.Name, run.GetID(), &opts)
		for _, n := range list {
			there[noteKey(n)]++
		}
		return resp, err
	})
	if err != nil {
		return nil, err
	}
	var missing []*github.CheckRunAnnotation
	for _, n := range notes {
		if there[noteKey(n)]--; there[noteKey(n)] < 0 {
			missing = append(missing, n)
		}
	}
	return missing, nil
}

func noteKey(n *github.CheckRunAnnotation) string {
	return fmt.Sprintf("%q %d %d %s %q %q", n.GetPath(), n.GetStartLine(), n.GetEndLine(), n.GetAnnotationLevel(), n.GetTitle(), strings.TrimSpace(n.GetMessage()))
}

func asAnnotations(notes []signoff.Annotation) []*github.CheckRunAnnotation {
	var out []*github.CheckRunAnnotation
	for _, n := range notes {
		g := &github.CheckRunAnnotation{Path: &n.Path, StartLine: &n.From, EndLine: &n.To, AnnotationLevel: &n.Level, Message: &n.Message}
		if n.Title != "" {
			g.Title = &n.Title
		}
		out = append(out, g)
	}
	return out
}

func createOptions(check signoff.Check, notes []*github.CheckRunAnnotation) github.CreateCheckRunOptions {
	u := updateOptions(check, notes)
	return github.CreateCheckRunOptions{
		Name: u.Name, HeadSHA: check.Commit, DetailsURL: u.DetailsURL, ExternalID: u.ExternalID,
		Status: u.Status, Conclusion: u.Conclusion, Output: u.Output, Actions: u.Actions,
	}
}

func updateOptions(check signoff.Check, notes []*github.CheckRunAnnotation) github.UpdateCheckRunOptions {
	o := github.UpdateCheckRunOptions{
		Name: check.Name, ExternalID: &check.ExternalID, Status: github.String("in_progress"),
		Output: &github.CheckRunOutput{Title: &check.Title, Summary: &check.Summary, Annotations: notes},
	}
	if check.URL != "" {
		o.DetailsURL = &check.URL
	}
	if check.Text != "" {
		o.Output.Text = &check.Text
	}
	if check.Conclusion != signoff.InProgress {
		o.Status, o.Conclusion = github.String("completed"), github.String(string(check.Conclusion))
	}
	for _, a := range check.Actions {
		o.Actions = append(o.Actions, &github.CheckRunAction{Label: a.Label, Description: a.Description, Identifier: a.Identifier})
	}
	return o
}

// ShownCheck is a check of some name on a commit, by whomever.
type ShownCheck struct {
	ID           int64
	Name, Commit string
	ExternalID   string
	Ours         bool
	App          string // its slug
	Completed    bool
	Conclusion   signoff.Conclusion
	Title        string
}

// Mark is a number for what the check shows first, by which it is seen that
// somebody has written over it.
func (c ShownCheck) Mark() int64 {
	h := sha256.Sum256(fmt.Appendf(nil, "%d %q %t %q %q", c.ID, c.Name, c.Completed, c.Conclusion, c.Title))
	return int64(binary.BigEndian.Uint64(h[:]))
}

func shownCheck(r *github.CheckRun, app int64) ShownCheck {
	return ShownCheck{
		ID: r.GetID(), Name: r.GetName(), Commit: r.GetHeadSHA(), ExternalID: r.GetExternalID(),
		Ours: r.GetApp().GetID() == app, App: r.GetApp().GetSlug(),
		Completed: r.GetStatus() == "completed", Conclusion: signoff.Conclusion(r.GetConclusion()), Title: r.GetOutput().GetTitle(),
	}
}

// Checks are all checks of a name on a commit, the newest first. Of several by one
// App GitHub counts the newest; one that is not ours is somebody who writes over
// our check.
func (a *App) Checks(ctx context.Context, installation int64, repo signoff.Repo, sha, name string) ([]ShownCheck, error) {
	runs, err := a.checkRuns(ctx, a.repo(installation, repo), repo, sha, name)
	if err != nil {
		return nil, fail(fmt.Sprintf("list the checks %s on %.12s of %s", name, sha, repo.Full()), err)
	}
	var out []ShownCheck
	for _, r := range runs {
		if r.GetName() != name {
			continue
		}
		out = append(out, shownCheck(r, a.config.AppID))
	}
	slices.SortFunc(out, func(a, b ShownCheck) int { return cmp.Compare(b.ID, a.ID) })
	return out, nil
}
