package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// shells are what a completion script can be written for.
var shells = map[string]func(root *cobra.Command, w io.Writer) error{
	"bash":       func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) },
	"fish":       func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) },
	"powershell": func(root *cobra.Command, w io.Writer) error { return root.GenPowerShellCompletionWithDesc(w) },
	"zsh":        func(root *cobra.Command, w io.Writer) error { return root.GenZshCompletion(w) },
}

func newCompletion() *cobra.Command {
	names := slices.Sorted(maps.Keys(shells))
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a script by which a shell completes bot's commands and flags",
		Long: "Completion prints the script for " + strings.Join(names, ", ") + `.

Exit codes: 0 done, 2 usage.`,
		Example: `  source <(bot completion bash)                                  for this session; needs the package bash-completion
  bot completion bash > /etc/bash_completion.d/bot               for all sessions
  bot completion zsh > "${fpath[1]}/_bot"
  bot completion fish > ~/.config/fish/completions/bot.fish
  bot completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: names,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || shells[args[0]] == nil {
				return misuse(c, fmt.Errorf("name one shell: %s", strings.Join(names, ", ")))
			}
			return shells[args[0]](c.Root(), c.OutOrStdout())
		},
	}
}
