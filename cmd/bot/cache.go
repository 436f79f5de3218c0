package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/engine"
)

// cacheKinds are the parts of the cache, each in a folder of its own.
var cacheKinds = []struct {
	name, what string
	limit      int64 // bytes; 0: as much as the repository's history asks for
}{
	{"facts", "types, facts and places of the packages of modules and of the standard library", engine.MaxFacts},
	{packagesFolder, "types, facts and findings of the packages of each repository", engine.MaxPackages},
	{resultsFolder, "what whole changes came to", engine.MaxResults},
	{"history", "what the commits of a repository did", 0},
}

// newCache shows and clears what is kept between runs.
func newCache() *cobra.Command {
	dir := defaultCache()
	show := &cobra.Command{
		Use:   "cache",
		Short: "Show or clear what is kept between runs",
		Long: `Cache shows how much is kept between runs, and the limits past which the oldest
goes. All of it can be made again: what is lost costs time and nothing else.

Exit codes: 0 done, 2 usage.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return showCache(c.OutOrStdout(), dir) },
	}
	show.PersistentFlags().StringVar(&dir, "cache", dir, "`folder` of the cache")
	var names []string
	for _, k := range cacheKinds {
		names = append(names, k.name)
	}
	show.AddCommand(&cobra.Command{
		Use:       "clear [KIND...]",
		Short:     "Remove what is kept: " + strings.Join(names, ", ") + ", or all of it",
		ValidArgs: names,
		RunE: func(c *cobra.Command, args []string) error {
			for _, kind := range args {
				if !slices.Contains(names, kind) {
					return misuse(c, fmt.Errorf("there is no kind %q; name %s", kind, strings.Join(names, ", ")))
				}
			}
			if len(args) == 0 {
				args = names
			}
			return clearCache(c.OutOrStdout(), dir, args)
		},
	})
	return show
}

func showCache(w io.Writer, dir string) error {
	if dir == "" {
		return usage(errors.New("there is no folder for a cache; name one with --cache"))
	}
	fmt.Fprintln(w, dir)
	for _, k := range cacheKinds {
		entries, bytes, err := engine.CacheSize(filepath.Join(dir, k.name))
		if err != nil {
			return err
		}
		limit := "no limit"
		if k.limit > 0 {
			limit = "at most " + mebibytes(k.limit)
		}
		fmt.Fprintf(w, "  %-8s %6d entries  %10s  %-16s %s\n", k.name, entries, mebibytes(bytes), limit, k.what)
	}
	return nil
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// clearCache removes the folders of the kinds. It does not touch another one: the
// folder that was named may hold more than ours.
func clearCache(w io.Writer, dir string, kinds []string) error {
	if dir == "" {
		return usage(errors.New("there is no folder for a cache; name one with --cache"))
	}
	for _, kind := range kinds {
		folder := filepath.Join(dir, kind)
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.RemoveAll(folder); err != nil {
			return fmt.Errorf("clear the cache: %w", err)
		}
		fmt.Fprintf(w, "removed %s\n", folder)
	}
	return nil
}
