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
	"slices"

	"github.com/hmarr/codeowners"
	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
)

// codeownersFiles is where GitHub looks, in its order; it takes the first one.
var codeownersFiles = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

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
	repo, err := git.Open(ctx, dir)
	if err != nil {
		return usage(err)
	}
	defer func() { err = errors.Join(err, repo.Close()) }()
	if repo.Root() == "" {
		return usage(errors.New("this repository has no working tree to write into"))
	}
	p, warning, err := propose(ctx, repo)
	if err != nil {
		return usage(err)
	}
	if warning != "" {
		fmt.Fprintln(c.ErrOrStderr(), "bot: "+report.EscapeTerminal(warning))
	}
	if err := writeNew(repo.Root(), p.file(), force); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "Wrote %s: %s, %s\n", review.PolicyPath,
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

// propose looks at the files of the working tree.
func propose(ctx context.Context, repo *git.Repo) (p proposal, warning string, err error) {
	tree, err := repo.WorkingTree(ctx, func(path string) bool { return wanted(path) || slices.Contains(codeownersFiles, path) })
	if err != nil {
		return p, "", err
	}
	entries, err := repo.Tree(ctx, tree)
	if err != nil {
		return p, "", err
	}
	var files []string
	for _, e := range entries {
		if e.Mode.Regular() {
			files = append(files, e.Path)
		}
	}
	owners, warning, err := readOwners(ctx, repo, tree)
	if err != nil {
		return p, "", err
	}
	return newProposal(files, owners), warning, nil
}

// parseOwners drops the pattern "/", which is for nothing that could be owned
// and on which the library's Match panics.
func parseOwners(in io.Reader) (codeowners.Ruleset, error) {
	owners, err := codeowners.ParseFile(in)
	return slices.DeleteFunc(owners, func(r codeowners.Rule) bool { return r.RawPattern() == "/" }), err
}

// readOwners reads CODEOWNERS. GitHub skips a line that it cannot read; the
// library stops there, and then nothing is proposed.
func readOwners(ctx context.Context, repo *git.Repo, tree string) (owners codeowners.Ruleset, warning string, err error) {
	for _, name := range codeownersFiles {
		content, err := repo.ReadFile(ctx, tree, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		owners, err := parseOwners(bytes.NewReader(content))
		if err != nil {
			return nil, fmt.Sprintf("%s is left out: %v", name, err), nil
		}
		return owners, "", nil
	}
	return nil, "", nil
}
