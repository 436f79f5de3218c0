package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/change"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/process"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/sandbox"
)

// analysis is what review and scan have in common: a repository, the limits of
// the judge, and a private folder that everything is written into.
type analysis struct {
	dir       string
	timeout   period
	maxMemory size
	mode      sandboxMode
	cache     string
	verbose   bool
	policyFlags

	repo    *git.Repo
	scratch *process.Folder
	job     string // the private folder, in scratch
	stderr  io.Writer

	toolchain engine.Toolchain // once findToolchain was called
	progress  *progress
}

func (a *analysis) register(c *cobra.Command) {
	a.policyFlags.register(c)
	c.Flags().StringVarP(&a.dir, "dir", "C", ".", "`folder` of the repository")
	c.Flags().BoolVarP(&a.verbose, "verbose", "v", false, "say on standard error what was analysed, what was reused, and why not more")
	a.registerLimits(c)
}

// registerLimits registers what the analysis may take.
func (a *analysis) registerLimits(c *cobra.Command) {
	a.maxMemory = 4 << 30
	a.timeout = period(10 * time.Minute)
	a.mode = sandboxMode(sandbox.Auto)
	c.Flags().Var(&a.timeout, "timeout", "`time` that the analysis may take; past it the result is incomplete; 0: no limit")
	c.Flags().StringVar(&a.cache, "cache", defaultCache(), "`folder` that keeps what is known of packages, of modules and of the history; empty: none")
	c.Flags().Var(&a.maxMemory, "max-memory", "`memory` that the analysis may take, e.g. 800MiB; past it the result is incomplete")
	c.Flags().Var(&a.mode, "sandbox", "what confines the analysis on Linux: auto takes what the machine has, strict refuses to analyse where an attempt to escape succeeds, off")
}

// defaultCache is a folder of ours among the user's caches; empty where there
// is no place for one.
func defaultCache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "barraiser")
}

// open finds the repository. close must be called whatever comes after.
func (a *analysis) open(ctx context.Context, c *cobra.Command) (err error) {
	a.stderr, a.progress = c.ErrOrStderr(), newProgress(c.ErrOrStderr())
	if a.repo, a.scratch, err = openRepository(ctx, a.dir, a.cache); err != nil {
		return err
	}
	// Apart from what git writes, which is not for the judge to read.
	a.job = filepath.Join(a.scratch.Dir, "job")
	return os.Mkdir(a.job, 0o700)
}

// close removes all that was written.
func (a *analysis) close() error {
	a.progress.clear()
	if a.repo == nil {
		return nil
	}
	return errors.Join(a.repo.Close(), a.scratch.Close())
}

// revision resolves a revision to its commit and tree.
func (a *analysis) revision(ctx context.Context, rev string) (review.Revision, error) {
	commit, err := a.repo.Resolve(ctx, rev)
	if err != nil {
		return review.Revision{}, usage(err)
	}
	tree, err := a.repo.TreeOf(ctx, commit)
	if err != nil {
		return review.Revision{}, usage(err)
	}
	return review.Revision{Commit: commit, Tree: tree, Name: rev}, nil
}

// tip is the newest commit of --branch, or where that is not given, of the default
// branch of the remote, else HEAD.
func (a *analysis) tip(ctx context.Context, c *cobra.Command, branch string) (review.Revision, error) {
	if !c.Flags().Changed("branch") {
		var err error
		if branch, err = a.repo.DefaultBranch(ctx); err != nil {
			branch = "HEAD"
		}
	}
	return a.revision(ctx, branch)
}

// workingTree takes what is on the disk as a revision.
func (a *analysis) workingTree(ctx context.Context) (review.Revision, error) {
	if a.repo.Root() == "" {
		return review.Revision{}, usage(errors.New("this repository has no working tree; name a revision with --head"))
	}
	tree, err := a.repo.WorkingTree(ctx, nil)
	if err != nil {
		return review.Revision{}, usage(err)
	}
	return review.Revision{Tree: tree, Name: "working tree"}, nil
}

// cacheFolder is a folder of one kind in the cache; empty where there is none.
func (a *analysis) cacheFolder(kind string) string {
	if a.cache == "" {
		return ""
	}
	return filepath.Join(a.cache, kind)
}

// analyst has code judged in the private folder, with what the flags allow.
func (a *analysis) analyst(ctx context.Context) (*change.Analyst, error) {
	if err := a.findToolchain(ctx); err != nil {
		return nil, err
	}
	analyst := &change.Analyst{
		Repo: a.repo, Dir: a.job, Toolchain: a.toolchain, Facts: a.cacheFolder("facts"),
		Packages: a.cacheFolder(packagesFolder), Results: a.cacheFolder(resultsFolder), History: a.cacheFolder(historyFolder),
		Timeout: time.Duration(a.timeout), MaxMemory: int64(a.maxMemory), Progress: a.progress.show,
		Sandbox: func() (sandbox.Sandbox, error) { return localSandbox(ctx, sandbox.Mode(a.mode)) },
	}
	if a.verbose {
		analyst.Explain = func(stats engine.Stats, kept bool, took time.Duration) {
			a.progress.clear()
			if kept {
				explainKept(a.stderr, took)
			} else {
				explainStats(a.stderr, stats, took)
			}
		}
	}
	return analyst, nil
}

// packagesFolder is the part of the cache that keeps what was found in single
// packages.
const packagesFolder = "packages"

// historyFolder is the part of the cache that keeps what commits did.
const historyFolder = "history"

// resultsFolder is the part of the cache that keeps what whole changes came to.
const resultsFolder = "results"

// findToolchain asks for the toolchain, once, and does without a cache where
// there is no room for the one that nobody asked for.
func (a *analysis) findToolchain(ctx context.Context) (err error) {
	if a.toolchain.Bin == "" {
		if a.toolchain, err = engine.FindToolchain(ctx); err != nil {
			return usage(err)
		}
	}
	if a.cache == defaultCache() && os.MkdirAll(a.cache, 0o700) != nil {
		a.cache = ""
	}
	return nil
}

// finish turns a verdict into an exit code.
func (o *outputs) finish(outcome review.Outcome) error {
	code := map[review.Outcome]int{review.SignOffNeeded: exitSignOff, review.Incomplete: exitIncomplete}[outcome]
	if code == exitOK || o.exitZero {
		return nil
	}
	return &exitError{code: code}
}

// period is a flag in time.
type period time.Duration

func (p *period) Type() string { return "time" }

// String leaves out the parts that are 0: 5m, not 5m0s.
func (p *period) String() string {
	s := time.Duration(*p).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func (p *period) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is no time; write it as 90s, 5m or 1h30m", text)
	}
	if d < 0 {
		return fmt.Errorf("%q is below 0", text)
	}
	*p = period(d)
	return nil
}

// size is a flag in bytes.
type size int64

func (s *size) Type() string { return "size" }

func (s *size) String() string {
	if *s >= 1<<30 && *s%(1<<30) == 0 {
		return fmt.Sprintf("%dGiB", *s>>30)
	}
	return fmt.Sprintf("%dMiB", *s>>20)
}

func (s *size) Set(text string) error {
	var n float64
	var unit string
	if _, err := fmt.Sscanf(text, "%g%s", &n, &unit); err != nil {
		return fmt.Errorf("%q is no size; write it as 800MiB or 4GiB", text)
	}
	factor := map[string]float64{"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "MB": 1e6, "GB": 1e9}[strings.ToUpper(unit)]
	if factor == 0 || n <= 0 || n*factor > 1<<50 {
		return fmt.Errorf("%q is no size; write it as 800MiB or 4GiB", text)
	}
	*s = size(n * factor)
	return nil
}
