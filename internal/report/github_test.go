package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
)

func drawCommands(t testing.TB, r review.Review) string {
	t.Helper()
	var b bytes.Buffer
	if err := WorkflowCommands(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWorkflowCommandGoldens(t *testing.T) {
	for name, r := range reviews() {
		golden(t, name+".github", []byte(drawCommands(t, r)))
	}
}

// parsed is what the runner makes of one line of output. This is written after
// ActionCommand.cs and IssueCommandExtension of actions/runner.
type parsed struct {
	name, data string
	properties map[string]string
}

// parseCommand is TryParseV2, and TryParse for the old form; ok is false where
// the line is no command.
func parseCommand(line string) (c parsed, ok bool) {
	if c, ok := parseNew(strings.TrimLeftFunc(line, unicode.IsSpace)); ok {
		return c, true
	}
	if _, info, found := strings.Cut(line, "##["); found {
		if info, data, found := strings.Cut(info, "]"); found {
			name, _, _ := strings.Cut(info, " ")
			return parsed{name: name, data: data}, true
		}
	}
	return parsed{}, false
}

func parseNew(line string) (c parsed, ok bool) {
	info, found := strings.CutPrefix(line, "::")
	if !found {
		return c, false
	}
	info, data, found := strings.Cut(info, "::")
	if !found {
		return c, false
	}
	c.properties = map[string]string{}
	c.name, info, _ = strings.Cut(info, " ")
	for _, p := range strings.Split(strings.TrimSpace(info), ",") {
		if name, value, found := strings.Cut(p, "="); found && value != "" {
			c.properties[name] = decode(value, "%0D\r", "%0A\n", "%3A:", "%2C,", "%25%")
		}
	}
	c.data = decode(data, "%0D\r", "%0A\n", "%25%")
	return c, true
}

// decode replaces one code after the other, as the runner does.
func decode(s string, codes ...string) string {
	for _, c := range codes {
		s = strings.ReplaceAll(s, c[:3], c[3:])
	}
	return s
}

// checkCommands holds the output to what a step may print, and returns what the
// runner reads.
func checkCommands(t testing.TB, out string) []parsed {
	t.Helper()
	n := map[string]int{}
	var all []parsed
	for line := range strings.Lines(out) {
		c, ok := parseCommand(strings.TrimSuffix(line, "\n"))
		if !ok || c.data == "" {
			t.Errorf("no annotation: %q", line)
		}
		n[c.name]++
		all = append(all, c)
		for name := range c.properties {
			if !strings.Contains(" file line endLine col title ", " "+name+" ") {
				t.Errorf("property %q of %q", name, line)
			}
		}
		// ValidateLinesAndColumns drops what does not go together.
		if p := c.properties; p["col"] != "" && p["line"] != p["endLine"] || p["line"] != "" && p["file"] == "" {
			t.Errorf("the runner drops a property of %q", line)
		}
	}
	for kind, count := range n {
		if kind != errorKind && kind != warningKind && kind != noticeKind || count > maxAnnotations {
			t.Errorf("%d commands %q", count, kind)
		}
	}
	return all
}

// TestWorkflowCommandsAreLimited: 10 of each kind, the dearest findings among
// them, and shown and missing ones are all.
func TestWorkflowCommandsAreLimited(t *testing.T) {
	for _, outcome := range []review.Outcome{review.Clear, review.SignOffNeeded, review.Incomplete} {
		for _, n := range []int{0, 4, 8, 9, 10, 11, 500} {
			t.Run(fmt.Sprint(outcome, n), func(t *testing.T) { checkLimits(t, outcome, n) })
		}
	}
}

// checkLimits draws n findings, and with an incomplete outcome n gaps too.
func checkLimits(t *testing.T, outcome review.Outcome, n int) {
	var fs []debt.Finding
	for i := range n {
		fs = append(fs, finding(debt.New, "cognitive", "a.go", i+1, "F", "m", float64(2*n-i)))
	}
	r := change(outcome, delta(fs...))
	if outcome == review.Incomplete {
		for i := range n {
			r.Coverage.Skipped = append(r.Coverage.Skipped, debt.Skipped{File: fmt.Sprint(i, ".go"), Reason: "symbolic link"})
		}
	}
	all := checkCommands(t, drawCommands(t, r))
	text := fmt.Sprint(all)
	if missing := len(annotations(r)) - len(all); missing > 0 {
		missing++ // the last one is not of them
		last := all[len(all)-1]
		if last.name != noticeKind || last.properties["title"] != count(missing, "annotation")+" more, not shown" {
			t.Errorf("%d annotations are not shown, and the last one is %v", missing, last)
		}
	}
	if n > 0 && !strings.Contains(text, "title:"+Minutes(float64(2*n))+" of debt") {
		t.Errorf("the dearest finding is not shown: %s", text)
	}
	if (outcome == review.Clear) == strings.Contains(text, "{"+errorKind+" ") {
		t.Errorf("outcome %s: %s", outcome, text)
	}
}

func TestWorkflowCommandsOfNothing(t *testing.T) {
	for _, name := range []string{"empty", "repaid"} {
		if got := drawCommands(t, reviews()[name]); got != "" {
			t.Errorf("%s prints %q, want nothing: nobody has to act", name, got)
		}
	}
	if got := checkCommands(t, drawCommands(t, review.Review{Decision: review.Decision{Outcome: review.Incomplete}})); len(got) != 1 || got[0].name != errorKind {
		t.Errorf("an incomplete review without a reason prints %v, want an error", got)
	}
}

func TestStepSummary(t *testing.T) {
	for name, r := range reviews() {
		var md bytes.Buffer
		if err := Markdown(&md, r); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(md.String(), StepSummary(r, StepSummaryLimit)); diff != "" {
			t.Errorf("%s: the summary is not the comment:\n%s", name, diff)
		}
	}
	var fs []debt.Finding
	for i := range 20_000 {
		fs = append(fs, finding(debt.New, "errcheck", "pay/flow.go", i+1, "Flow", "error of Close is ignored", 5))
	}
	r := change(review.SignOffNeeded, delta(fs...))
	for _, room := range []int{2 * StepSummaryLimit, StepSummaryLimit, 10_000, 3000, 1000, 0, -1} {
		got := StepSummary(r, room)
		if len(got) > min(max(room, 0), StepSummaryLimit) {
			t.Errorf("%d bytes of room: %d bytes", room, len(got))
		}
		if room >= 10_000 && (!strings.Contains(got, " more, not shown") || !strings.HasSuffix(got, "</sub>\n") || len(got) < min(room, StepSummaryLimit)-1024) {
			t.Errorf("%d bytes of room: %d bytes, which end %q", room, len(got), got[max(0, len(got)-100):])
		}
	}
}
