package main

import (
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/report"
)

func newRules() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "rules",
		Short: "List all rules with what they cost",
		Long: `Rules lists all rules with the minutes that a finding of each costs.

Exit codes: 0 done, 2 usage.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch format {
			case "text":
				return report.RulesText(c.OutOrStdout(), allRules())
			case "json":
				return report.RulesJSON(c.OutOrStdout(), allRules())
			}
			return usage(fmt.Errorf("unknown format %q; use text, json", format))
		},
	}
	c.Flags().StringVar(&format, "format", "text", "`format` of the list: text, json")
	return c
}

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain RULE",
		Short: "Explain a rule: what it reports, why that costs, how many minutes and by which source",
		Long: `Explain says of a rule what it reports, why that costs, how many minutes and by
which source. The rule may be named by its id (vet/printf), the last part of it
(printf), the family (vet) or the name that another linter has for it (govet).

Exit codes: 0 done, 2 usage.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(errors.New("explain: name one rule; 'bot rules' lists them"))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, r := range allRules() {
				ids = append(ids, r.ID+"\t"+r.Title)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			r, ok := find(args[0])
			switch {
			case ok:
				return report.ExplainText(c.OutOrStdout(), r)
			case debt.IsFamily(args[0]):
				return explainFamily(c.OutOrStdout(), args[0])
			case findingNumber.MatchString(args[0]):
				return usage(fmt.Errorf("explain: %s is the number of a finding in one report; name its rule, which stands beside it", args[0]))
			}
			return usage(fmt.Errorf("explain: there is no rule %q; %s", args[0], near(args[0])))
		},
	}
}

var findingNumber = regexp.MustCompile(`^[Ff][0-9]+$`)

// explainFamily explains the rules of a family that has no row for all of them.
func explainFamily(w io.Writer, family string) error {
	var err error
	begun := false
	for _, r := range debt.Catalogue {
		if name, _, in := strings.Cut(r.ID, "/"); !in || name != family {
			continue
		}
		if begun {
			_, failed := fmt.Fprintln(w)
			err = errors.Join(err, failed)
		}
		begun = true
		err = errors.Join(err, report.ExplainText(w, r))
	}
	return err
}

// find looks a rule up by any of its names: its own before those that others
// have for it.
func find(name string) (debt.Rule, bool) {
	for _, named := range []func(debt.Rule) bool{
		func(r debt.Rule) bool { return r.ID == name },
		func(r debt.Rule) bool { return slices.Contains(r.Aliases, name) },
		func(r debt.Rule) bool { return strings.HasSuffix(r.ID, "/"+name) },
	} {
		// The catalogue first: there a family is one row.
		for _, r := range slices.Concat(debt.Catalogue, allRules()) {
			if named(r) {
				return r, true
			}
		}
	}
	return debt.Rule{}, false
}

// allRules is the catalogue with each family replaced by the checks in it,
// under their own titles.
func allRules() []debt.Rule {
	var out []debt.Rule
	seen := map[string]bool{}
	for _, r := range debt.Catalogue {
		members := 0
		for _, c := range analyzers.Checks() {
			if family, _, ok := strings.Cut(c.Rule, "/"); !ok || family != r.ID {
				continue
			}
			members++
			member, ok := debt.Lookup(c.Rule)
			if !ok || seen[c.Rule] {
				continue
			}
			if c.Title != "" {
				member.Title = c.Title
			}
			seen[c.Rule] = true
			out = append(out, member)
		}
		if members == 0 && !seen[r.ID] {
			seen[r.ID] = true
			out = append(out, r)
		}
	}
	return out
}

// near suggests the rules that may have been meant, or where to look.
func near(asked string) string {
	var hits []string
	for _, r := range allRules() {
		// The distance of cobra's, from what it does for its commands.
		names := &cobra.Command{SuggestionsMinimumDistance: 2}
		for _, name := range append([]string{r.ID, path.Base(r.ID)}, r.Aliases...) {
			names.AddCommand(&cobra.Command{Use: name, Run: func(*cobra.Command, []string) {}})
		}
		if len(asked) >= 3 && len(names.SuggestionsFor(asked)) > 0 {
			hits = append(hits, r.ID)
		}
	}
	switch {
	case len(hits) == 0:
		return "'bot rules' lists them"
	case len(hits) > 5:
		return fmt.Sprintf("did you mean %s or one of %d more? 'bot rules' lists them", strings.Join(hits[:5], ", "), len(hits)-5)
	}
	return "did you mean " + strings.Join(hits, ", ") + "?"
}
