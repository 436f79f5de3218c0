package report

import (
	"strings"

	"github.com/barraiser/barraiser/internal/signoff"
)

// deviationLines say what standard was not kept, why, and when that is looked at
// again.
func (b Brief) deviationLines(text, command func(string) string) []string {
	d := b.Record.Deviation
	if d == nil {
		return nil
	}
	lines := []string{
		"It went in with a deviation (" + text(d.From) + "), to be looked at again on " + text(string(d.Again)) + ". Reason given then:",
		"> " + text(d.Reason), "Data: " + text(d.Data),
	}
	for _, look := range d.Looks {
		until := "it has ended"
		if look.Again != "" {
			until = "it is left until " + text(string(look.Again))
		}
		lines = append(lines, text("@"+look.By.Login)+" looked at it, and says that "+until+": "+text(look.Text))
	}
	if d.Open() {
		lines = append(lines, "Is it still needed? A second person says so on the pull request: "+command(DeviationCommand)+", or with the day until which it is left instead of \"ended\".")
	}
	return lines
}

// DeviationCommand is how a deviation is closed; a day instead of the word leaves it.
const DeviationCommand = "/bar deviation ended WHY"

// correctionLines say how an overridden change turned out, and what is asked for.
func (b Brief) correctionLines(text, command func(string) string) []string {
	c := b.Record.Correction
	if c == nil {
		return nil
	}
	lines := []string{"The overridden change was " + AftermathWords(c.After, text) + "."}
	if c.Open() {
		return append(lines, "A correction of error is open until its mechanism is named. On the pull request: "+command(CorrectCommand))
	}
	lines = append(lines, "Why: "+text(strings.Join(c.Whys, "; why: ")))
	return append(lines, "Mechanism, owned by "+text("@"+c.Owner)+": "+text(c.Mechanism))
}

// CorrectCommand is how a correction is written.
const CorrectCommand = "/bar correct @OWNER WHY > WHY > WHY => MECHANISM"

// AftermathWords say what became of a change, after "was".
func AftermathWords(a signoff.Aftermath, text func(string) string) string {
	how := map[signoff.Result]string{signoff.Reverted: "taken back", signoff.Mended: "mended"}[a.Result]
	return how + " by " + text(short(a.Commit)) + ", \"" + text(a.Title) + "\""
}

// laterNodes are what a merge left to be done.
func (b Brief) laterNodes() []node {
	var out []node
	for _, line := range append(b.deviationLines(outside, code), b.correctionLines(outside, code)...) {
		out = append(out, leaf(strings.TrimPrefix(line, "> ")))
	}
	return out
}

// Later are the same in plain text, a sentence or two each.
func Later(b Brief) []string {
	same := func(s string) string { return s }
	lines := append(b.deviationLines(same, same), b.correctionLines(same, same)...)
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "> ")
	}
	return lines
}
