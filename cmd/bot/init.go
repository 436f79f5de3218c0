package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/change"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
)

func newInit() *cobra.Command {
	var dir string
	var force bool
	c := &cobra.Command{
		Use:   "init",
		Short: "Write a first " + review.PolicyPath,
		Long: `Init writes ` + review.PolicyPath + ` with every key explained. It proposes components
from the folders that hold packages, and teams from CODEOWNERS. What it writes
changes nothing yet: the mode is observe, and there is no budget.

Exit codes: 0 written, 2 usage, or the file is there.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runInit(c.Context(), c, dir, force) },
	}
	c.Flags().StringVarP(&dir, "dir", "C", ".", "`folder` of the repository")
	c.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	return c
}

func runInit(ctx context.Context, c *cobra.Command, dir string, force bool) (err error) {
	repo, scratch, err := openRepository(ctx, dir, defaultCache())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, repo.Close(), scratch.Close()) }()
	if repo.Root() == "" {
		return usage(errors.New("this repository has no working tree to write into"))
	}
	p, problems, err := propose(ctx, repo)
	if err != nil {
		return usage(err)
	}
	for _, problem := range problems {
		fmt.Fprintln(c.ErrOrStderr(), "bot: "+report.EscapeTerminal(problem.String()))
	}
	if err := writeNew(repo.Root(), p.file(), force); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "Wrote %s: %s, %s\n'bot simulate' says what it would have sent of the last 90 days.\n", review.PolicyPath,
		count(len(p.components), "component"), count(len(p.teams), "team"))
	return err
}

// writeNew puts the policy into its place. The root keeps a link in the
// repository from leading it elsewhere.
func writeNew(dir string, content []byte, force bool) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return usage(err)
	}
	defer root.Close()
	if err := root.MkdirAll(filepath.Dir(filepath.FromSlash(review.PolicyPath)), 0o777); err != nil {
		return usage(err)
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	out, err := root.OpenFile(filepath.FromSlash(review.PolicyPath), flags, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return usage(fmt.Errorf("%s is there already; --force writes over it", review.PolicyPath))
	}
	if err != nil {
		return usage(err)
	}
	_, err = out.Write(content)
	return errors.Join(err, out.Close())
}

// propose looks at the files of the working tree. The problems are those of its
// CODEOWNERS.
func propose(ctx context.Context, repo *git.Repo) (p proposal, problems []review.Problem, err error) {
	tree, err := repo.WorkingTree(ctx, func(path string) bool {
		return change.Wanted(path) || slices.Contains(review.CodeownersFiles, path)
	})
	if err != nil {
		return p, nil, err
	}
	entries, err := repo.Tree(ctx, tree)
	if err != nil {
		return p, nil, err
	}
	var files []string
	for _, e := range entries {
		if e.Mode.Regular() {
			files = append(files, e.Path)
		}
	}
	owners, problems, err := change.Codeowners(ctx, repo, tree)
	if err != nil {
		return p, nil, err
	}
	return newProposal(files, owners), problems, nil
}
