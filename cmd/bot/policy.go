package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/change"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
)

// policyFlags say where an organisation's policy is; the repository's has its
// place.
type policyFlags struct{ organisation string }

func (f *policyFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.organisation, "org-config", "", "`file` with the organisation's policy, which lies beneath the repository's (default: none)")
}

// parse reads the organisation's file and lays a repository's over it.
func (f *policyFlags) parse(repository *review.File) (review.Policy, []review.Problem, error) {
	organisation, err := f.organisationFile()
	if err != nil {
		return review.Policy{}, nil, err
	}
	p, problems := review.ParsePolicy(organisation, repository)
	return p, problems, nil
}

func (f *policyFlags) organisationFile() (*review.File, error) {
	if f.organisation == "" {
		return nil, nil
	}
	return readPolicyFile(f.organisation, f.organisation)
}

// readPolicyFile reads a file of the disk, and not much more of it than a
// policy may have: the parser says that it is too large.
func readPolicyFile(path, name string) (*review.File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, usage(fmt.Errorf("read the policy: %w", err))
	}
	defer in.Close()
	content, err := io.ReadAll(io.LimitReader(in, review.MaxPolicyBytes+1))
	if err != nil {
		return nil, usage(fmt.Errorf("read the policy: %w", err))
	}
	return &review.File{Name: name, Content: content}, nil
}

// workingPolicy reads the policy of the working tree; nil where it has none.
func workingPolicy(ctx context.Context, dir string) (file *review.File, err error) {
	repo, scratch, err := openRepository(ctx, dir, defaultCache())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, repo.Close(), scratch.Close()) }()
	if repo.Root() == "" {
		return nil, usage(errors.New("this repository has no working tree; name the file"))
	}
	path := filepath.Join(repo.Root(), filepath.FromSlash(review.PolicyPath))
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return readPolicyFile(path, review.PolicyPath)
}

// basePolicy is the policy that a tree has, by which a change on top of it is
// judged. With a file that does not hold there is no judgement: all that is
// wrong with it goes to warnings.
func (a *analysis) basePolicy(ctx context.Context, tree, name string, warnings io.Writer) (review.Policy, *review.File, error) {
	file, err := change.PolicyFile(ctx, a.repo, tree)
	if err != nil {
		return review.Policy{}, nil, usage(err)
	}
	p, problems, err := a.parse(file)
	if err != nil {
		return review.Policy{}, nil, err
	}
	if len(problems) > 0 {
		if err := writeProblems(warnings, problems); err != nil {
			return review.Policy{}, nil, err
		}
		return review.Policy{}, nil, usage(fmt.Errorf("the policy of %s has %s; mend it there first, or take it away", name, count(len(problems), "problem")))
	}
	return p, file, nil
}

// maxPolicyHints is how many problems of its own policy a review lists.
const maxPolicyHints = 5

const judgedByBase = "This change is judged by the policy of its base, not by the one that it brings along."

// headPolicyHints say what is wrong with the policy that a change brings along.
// They decide nothing: a change is judged by the base's.
func (a *analysis) headPolicyHints(ctx context.Context, tree string, base *review.File) ([]string, error) {
	head, err := change.PolicyFile(ctx, a.repo, tree)
	switch {
	case err != nil:
		return []string{fmt.Sprintf("%s of this change cannot be read: %v", review.PolicyPath, err), judgedByBase}, nil
	case head == nil || base != nil && bytes.Equal(base.Content, head.Content):
		return nil, nil
	}
	_, problems, err := a.parse(head)
	if err != nil {
		return nil, err
	}
	var out []string
	for i, p := range problems {
		if i == maxPolicyHints {
			out = append(out, fmt.Sprintf("%s of this change has %s more; 'bot config verify' shows them", review.PolicyPath, count(len(problems)-i, "problem")))
			break
		}
		out = append(out, p.String())
	}
	if len(out) > 0 {
		out = append(out, judgedByBase)
	}
	return out, nil
}

// writeProblems prints each with its line and a caret.
func writeProblems(w io.Writer, problems []review.Problem) error {
	for _, p := range problems {
		lines := []string{report.EscapeTerminal(p.String())}
		if p.Excerpt != "" {
			for line := range strings.Lines(p.Excerpt) {
				lines = append(lines, "    "+strings.TrimSuffix(line, "\n")) // printable already, and its spaces count
			}
		}
		if _, err := fmt.Fprintln(w, strings.Join(lines, "\n")); err != nil {
			return err
		}
	}
	return nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
