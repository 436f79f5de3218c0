package main

import (
	"fmt"
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
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch format {
			case "text":
				return report.RulesText(c.OutOrStdout(), allRules())
			case "json":
				return report.RulesJSON(c.OutOrStdout(), allRules())
			}
			return usage(fmt.Errorf("unknown format %q; use text or json", format))
		},
	}
	c.Flags().StringVar(&format, "format", "text", "`text` or json")
	return c
}

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain RULE",
		Short: "Explain a rule: what it reports, why that costs, how many minutes and by which source",
		Args:  cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, r := range allRules() {
				ids = append(ids, r.ID+"\t"+r.Title)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			rules := allRules()
			i := slices.IndexFunc(rules, func(r debt.Rule) bool {
				return r.ID == args[0] || slices.Contains(r.Aliases, args[0]) || strings.HasSuffix(r.ID, "/"+args[0])
			})
			if i < 0 {
				return usage(fmt.Errorf("there is no rule %q; 'bot rules' lists them%s", args[0], near(args[0], rules)))
			}
			return report.ExplainText(c.OutOrStdout(), rules[i])
		},
	}
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

// near suggests the rules whose id shares a part with what was asked for.
func near(asked string, rules []debt.Rule) string {
	var hits []string
	for _, r := range rules {
		if len(asked) >= 3 && (strings.Contains(r.ID, asked) || strings.Contains(asked, r.ID)) {
			hits = append(hits, r.ID)
		}
	}
	if len(hits) == 0 || len(hits) > 5 {
		return ""
	}
	return "; did you mean " + strings.Join(hits, ", ") + "?"
}
