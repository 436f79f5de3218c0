package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/change"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
)

// reviewCommand compares two revisions.
type reviewCommand struct {
	analysis
	outputs
	base, head string
	budget     period
	// description is a file with the text of the pull request; "-" is standard
	// input, empty that nobody shows it.
	description string

	commit string // that is judged, or that the working tree is on top of
}

var reviewFormats = []string{"text", "json", "markdown", "sarif", "github"}

func newReview() *cobra.Command {
	var r reviewCommand
	c := &cobra.Command{
		Use:   "review",
		Short: "Say what a change does to the technical debt",
		Long: `Review compares the working tree, or the revision of --head, with its merge base
with --base, and says what the change does to the technical debt.

It reads the repository, which it does not change, and the Go module cache, to
which it adds no module. The code is not built and not run.

The format github prints workflow commands, which make annotations, and appends
a summary to the file of $GITHUB_STEP_SUMMARY, where that is set.

Exit codes: 0 within the bar, 1 sign-off would be needed, 2 usage or
configuration, 3 incomplete analysis (goes before 1), 5 no Go packages,
130 cancelled.`,
		Example: `  bot review                          the working tree against origin's default branch
  bot review --base HEAD~1            and against the commit before
  bot review --base v1.2.0 --head v1.3.0 --budget 1h
  bot review --format json -o review.json --format text
  bot review --format github --format sarif -o - -o review.sarif`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return r.run(c.Context(), c) },
	}
	r.analysis.register(c)
	r.outputs.register(c, reviewFormats...)
	c.Flags().StringVar(&r.base, "base", "", "`revision` to compare with: its merge base with the head (default: the default branch of the remote)")
	c.Flags().StringVar(&r.head, "head", "", "`revision` to judge (default: the working tree)")
	c.Flags().StringVar(&r.description, "description", "", "`file` with the description of the pull request, - for standard input, to look for the sections that the policy asks for")
	c.Flags().Var(&r.budget, "budget", "net debt that the change may add, as `time`, e.g. 1h; over it sign-off is needed (default: the policy's, else none)")
	return c
}

func (r *reviewCommand) run(ctx context.Context, c *cobra.Command) (err error) {
	if err := r.check(reviewFormats...); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.open(ctx, c); err != nil {
		return err
	}
	rev, err := r.judgeChange(ctx, c)
	if err != nil && (rev == nil || ctx.Err() == nil) {
		return err
	}
	cancelled := err
	err = r.write(c.OutOrStdout(), func(w io.Writer, format string) error {
		switch format {
		case "json":
			return report.JSON(w, *rev, r.all)
		case "markdown":
			return report.Markdown(w, *rev)
		case "sarif":
			return report.SARIF(w, *rev, sarifTool(), r.all)
		case "github":
			return errors.Join(report.WorkflowCommands(w, *rev), appendSummary(*rev, c.ErrOrStderr()))
		}
		return report.Text(w, *rev, r.textOptions(c.OutOrStdout()))
	})
	if err != nil || cancelled != nil {
		return errors.Join(err, cancelled)
	}
	return r.finish(rev.Outcome)
}

// judgeChange does the whole review. With an error it may still return what is
// known.
func (r *reviewCommand) judgeChange(ctx context.Context, c *cobra.Command) (*review.Review, error) {
	rev := &review.Review{}
	if err := r.revisions(ctx, c, rev); err != nil {
		return nil, err
	}
	if err := r.policies(ctx, c, rev); err != nil {
		return nil, err
	}
	body, err := r.readDescription(c)
	if err != nil {
		return nil, err
	}
	diff, err := change.Read(ctx, r.repo, rev.Base.Tree, rev.Head.Tree)
	if err != nil {
		return nil, usage(err)
	}
	var snapshot review.Snapshot
	var found *change.Analysis
	var lookErr error
	var both sync.WaitGroup
	both.Go(func() { lookErr = r.lookAround(ctx, rev, diff, &snapshot) })
	both.Go(func() { found, err = r.analyse(ctx, rev, diff) })
	both.Wait()
	switch {
	case ctx.Err() != nil && found != nil:
		err = ctx.Err()
	case err != nil:
		return nil, err
	case lookErr != nil:
		return nil, usage(lookErr)
	}
	rev.Delta, rev.Coverage, rev.Engine = found.Delta, found.Coverage, found.Engine
	rev.Hints = append(rev.Hints, found.Hints...)
	found.Complete(&snapshot)
	snapshot.Description = body
	rev.Decision = review.Decide(rev.Policy, snapshot)
	if found.Failure != "" {
		rev.Outcome, rev.Reasons = review.Incomplete, slices.Insert(rev.Reasons, 0, found.Failure)
	}
	return rev, err
}

// mostDescription is what is read of a description, in bytes: twice what GitHub
// keeps of one.
const mostDescription = 128 << 10

// readDescription reads what --description names; nil where that was not given.
func (r *reviewCommand) readDescription(c *cobra.Command) (*string, error) {
	if !c.Flags().Changed("description") {
		return nil, nil
	}
	from := c.InOrStdin()
	if r.description != "-" {
		file, err := os.Open(r.description)
		if err != nil {
			return nil, usage(fmt.Errorf("read the description: %w", err))
		}
		defer file.Close()
		from = file
	}
	content, err := io.ReadAll(io.LimitReader(from, mostDescription))
	if err != nil {
		return nil, usage(fmt.Errorf("read the description: %w", err))
	}
	body := string(content)
	return &body, nil
}

// analyse has the code judged, where any changed.
func (r *reviewCommand) analyse(ctx context.Context, rev *review.Review, diff *change.Change) (*change.Analysis, error) {
	analyst, err := r.analyst(ctx)
	if err != nil {
		return nil, err
	}
	found, err := analyst.Analyse(ctx, rev.Policy, rev.Base, rev.Head, diff)
	r.progress.clear()
	switch {
	case err != nil && ctx.Err() == nil:
		return nil, usage(err)
	case err == nil && found.NoPackages:
		return nil, noPackages(r.dir)
	}
	return found, err
}

// lookAround reads what a decision needs beside the code. The working tree has
// no commit: its changes are of the user, on top of HEAD.
func (r *reviewCommand) lookAround(ctx context.Context, rev *review.Review, diff *change.Change, s *review.Snapshot) (err error) {
	head := r.commit
	var warnings []string
	if *s, warnings, err = change.LookAround(ctx, r.repo, rev.Base, head, diff, r.cacheFolder(historyFolder)); err != nil {
		return err
	}
	rev.Warnings = append(rev.Warnings, warnings...)
	s.Day = review.Date(time.Now().Format(time.DateOnly))
	s.Seed = rev.Base.Commit // there is no number of a pull request yet
	tree, err := r.repo.TreeOf(ctx, head)
	if err != nil {
		return err
	}
	if tree == rev.Head.Tree {
		if s.Change.Revert, err = r.repo.RevertOf(ctx, rev.Base.Commit, head); err != nil {
			rev.Warnings = append(rev.Warnings, "whether this change is a clean revert is not known: "+err.Error())
		}
		return nil
	}
	user, err := r.repo.User(ctx) // who made what is not committed yet
	if err == nil && user != (git.Person{}) {
		s.Involved.Authors = append(s.Involved.Authors, review.Identity{Name: user.Name, Email: user.Email})
	}
	return err
}

func noPackages(dir string) error {
	return &exitError{exitNoPackages, fmt.Errorf("there is no Go file in %s, so there is nothing to judge", dir)}
}

// revisions resolves both sides: the head as asked, the base as the merge base
// of the two. A flag that was given and is empty, by a variable that is not
// set, is a mistake and not the default.
func (r *reviewCommand) revisions(ctx context.Context, c *cobra.Command, rev *review.Review) (err error) {
	if c.Flags().Changed("head") {
		rev.Head, err = r.revision(ctx, r.head)
		r.commit = rev.Head.Commit
	} else {
		if r.commit, err = r.repo.Resolve(ctx, "HEAD"); err != nil {
			return usage(err)
		}
		rev.Head, err = r.workingTree(ctx)
	}
	if err != nil {
		return err
	}
	base := r.base
	if !c.Flags().Changed("base") {
		if base, err = r.repo.DefaultBranch(ctx); err != nil {
			return usage(err)
		}
	}
	tip, err := r.repo.Resolve(ctx, base)
	if err != nil {
		return usage(err)
	}
	merge, err := r.repo.MergeBase(ctx, tip, r.commit)
	if err != nil {
		return usage(err)
	}
	rev.Base.Commit, rev.Base.Name = merge, base
	if rev.Base.Tree, err = r.repo.TreeOf(ctx, merge); err != nil {
		return usage(err)
	}
	return nil
}

// policies reads the policy of the merge base, by which the change is judged,
// and looks at the one that it brings along. A budget that was asked for goes
// before the file's.
func (r *reviewCommand) policies(ctx context.Context, c *cobra.Command, rev *review.Review) error {
	p, file, err := r.basePolicy(ctx, rev.Base.Tree, "merge base "+rev.Base.Commit[:7], c.ErrOrStderr())
	if err != nil {
		return err
	}
	rev.Policy = p
	if c.Flags().Changed("budget") {
		minutes := time.Duration(r.budget).Minutes()
		rev.Policy.Budget = &minutes
	}
	rev.Hints, err = r.headPolicyHints(ctx, rev.Head.Tree, file)
	return err
}
