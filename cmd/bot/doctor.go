package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/report"
)

// A health is how one thing is.
type health string

const (
	healthOK   health = "ok"
	healthWarn health = "warn" // it works, and something is lacking, or it is not known
	healthFail health = "fail"
)

// A symptom is one line of the doctor's: how something is, and what to do.
type symptom struct {
	Check  string `json:"check"`
	Health health `json:"health"`
	Found  string `json:"found"`
	Do     string `json:"do,omitempty"`
}

func fine(found string, args ...any) symptom {
	return symptom{Health: healthOK, Found: fmt.Sprintf(found, args...)}
}

func doubtful(do, found string, args ...any) symptom {
	return symptom{Health: healthWarn, Found: fmt.Sprintf(found, args...), Do: do}
}

func broken(do, found string, args ...any) symptom {
	return symptom{Health: healthFail, Found: fmt.Sprintf(found, args...), Do: do}
}

func newDoctor() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look at what the server needs, and say what to do",
		Long: `Doctor looks at what "bot serve" needs, with the same settings: this machine, the
configuration, the registration of the App and its permissions, what GitHub
delivered in the last day, Slack, the store, the sandbox. It changes nothing. What
it cannot ask, since a setting or the network is missing, it says. What it prints
with --format json follows cmd/bot/doctor.schema.json in the sources.

Exit codes: 0 nothing fails, 1 something does, 2 usage.`,
		Example: `  bot doctor
  bot doctor --format json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return usage(fmt.Errorf("unknown format %q; use text, json", format))
			}
			config, wrong, err := readSettings(c, os.Getenv)
			if err != nil {
				return usage(err)
			}
			symptoms := examine(c.Context(), &patient{config: config, wrong: wrong})
			if err := c.Context().Err(); err != nil {
				return err
			}
			return prescribe(c.OutOrStdout(), format, symptoms)
		},
	}
	registerSettings(c)
	c.Flags().StringVar(&format, "format", "text", "`format`: text, json")
	return c
}

// examine makes all examinations, in order.
func examine(ctx context.Context, p *patient) (out []symptom) {
	defer p.close()
	for _, e := range examinations {
		for _, s := range e.look(p, ctx) {
			s.Check, s.Found, s.Do = e.name, redact(s.Found), redact(s.Do)
			out = append(out, s)
		}
	}
	return out
}

// prescribe prints what was found. Exit code 1 where something fails.
func prescribe(w io.Writer, format string, symptoms []symptom) error {
	failing := 0
	for _, s := range symptoms {
		if s.Health == healthFail {
			failing++
		}
	}
	var err error
	if format == "json" {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(struct {
			SchemaVersion int       `json:"schemaVersion"`
			Failing       int       `json:"failing"`
			Checks        []symptom `json:"checks"`
		}{1, failing, symptoms})
	} else {
		err = printSymptoms(w, symptoms)
	}
	if err == nil && failing > 0 {
		return &exitError{code: exitSignOff}
	}
	return err
}

func printSymptoms(w io.Writer, symptoms []symptom) error {
	var out strings.Builder
	last := ""
	for _, s := range symptoms {
		name := s.Check
		if name == last {
			name = ""
		}
		last = s.Check
		fmt.Fprintf(&out, "%-5s %-14s %s\n", s.Health, name, report.EscapeTerminal(s.Found))
		if s.Do != "" {
			fmt.Fprintf(&out, "%20s  → %s\n", "", report.EscapeTerminal(s.Do))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}
