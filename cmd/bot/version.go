package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	catalogue "github.com/barraiser/barraiser/internal/debt"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of the program and of the rule catalogue",
		Long: `Version prints the versions of the program, of the rule catalogue and of Go.

Exit codes: 0 done, 2 usage.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return printVersion(c.OutOrStdout())
		},
	}
}

func printVersion(w io.Writer) error {
	version, revision := build()
	if revision != "" {
		revision = " " + revision
	}
	_, err := fmt.Fprintf(w, "bot %s%s\nrule catalogue %s\n%s %s/%s\n",
		version, revision, catalogue.CatalogueVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// build says of what this program was made: the version of the module, and the
// commit where it is known.
func build() (version, revision string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return info.Main.Version, revision
}
