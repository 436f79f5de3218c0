package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// What GitHub takes of a check run. Bytes are counted where it counts
// characters, which is never too few.
const (
	checkTextLimit  = 65535 // of the summary and of the text, each
	checkTitleLimit = 255   // not documented; of an annotation's title it is
	// maxNotes is one request of annotations. More could be appended by further
	// ones, but what is appended cannot be taken back, so that a retry would
	// double it; the text lists all findings.
	maxNotes             = 50
	maxActions           = 3
	maxFolded            = 20 // pull requests on one commit that are shown
	maxActionLabel       = 20
	maxActionDescription = 40
	maxActionIdentifier  = 20
)

// The stable names of our check runs.
const (
	CheckName       = "bar-raiser"
	ConfigCheckName = "bar-raiser/config"
)

// CheckRun draws where a pull request stands as the check run of its head: the
// verdict as title, why and how to go on as summary, all findings as text.
func CheckRun(b Brief) signoff.Check { return FoldChecks([]Brief{b}) }

// Contested says on a check that another App wrote one of its name on the commit.
// A summary that is full already stays as it is.
func Contested(c signoff.Check, app string) signoff.Check {
	note := "**Another App, " + code(app) + ", writes a check of this name on this commit.** " +
		"A branch rule that requires it *from this App* is not deceived by that; one that takes it from any source is.\n\n"
	if len(note)+len(c.Summary) <= checkTextLimit {
		c.Summary = note + c.Summary
	}
	return c
}

// FoldChecks draws the check run of a commit that is the head of several pull
// requests. The gravest of them decides: a commit is green only where all of
// them are satisfied. There has to be at least one.
func FoldChecks(briefs []Brief) signoff.Check {
	briefs = slices.Clone(briefs)
	slices.SortStableFunc(briefs, func(x, y Brief) int {
		if x, y := x.Record.Conclusion(), y.Record.Conclusion(); x != y {
			if signoff.Fold(x, y) == x {
				return -1
			}
			return 1
		}
		return x.Record.Subject.Number - y.Record.Subject.Number
	})
	worst := briefs[0]
	c := signoff.Check{
		Name: CheckName, Commit: worst.Record.Head, ExternalID: checkID(CheckName, worst.Record.Head),
		Conclusion: worst.Record.Conclusion(), URL: worst.Links.Page, Title: worst.checkTitle(), Actions: worst.actions(),
	}
	if len(briefs) == 1 {
		c.Summary, c.Text, c.Notes = worst.summary(checkTextLimit), worst.findingText(checkTextLimit), worst.notes()
		return c
	}
	c.Title = clip(pullName(worst)+": "+c.Title, checkTitleLimit)
	shown := briefs[:min(len(briefs), maxFolded)]
	room := (checkTextLimit - moreRoom) / len(shown)
	seen := map[signoff.Annotation]bool{}
	for _, b := range shown {
		c.Summary += section(b, b.summary, room)
		c.Text += section(b, b.findingText, room)
		for _, n := range b.notes() {
			if !seen[n] && len(c.Notes) < maxNotes {
				seen[n] = true
				c.Notes = append(c.Notes, n)
			}
		}
	}
	if rest := len(briefs) - len(shown); rest > 0 {
		c.Summary += count(rest, "pull request") + " more with this head, not shown; none is worse.\n"
	}
	return c
}

// GroupCheck draws the check run of a merge group that ends with a pull request:
// what holds for the one holds for the other. The remarks and the buttons are on the
// pull request, since the lines of the group may be others.
func GroupCheck(b Brief, commit string) signoff.Check {
	c := FoldChecks([]Brief{b})
	c.Commit, c.ExternalID = commit, checkID(CheckName, commit)
	c.Title = clip(pullName(b)+": "+c.Title, checkTitleLimit)
	c.Notes, c.Actions = nil, nil
	return c
}

// section is what is said of one of several pull requests, in at most room
// bytes.
func section(b Brief, draw func(int) string, room int) string {
	head := "## " + pullName(b) + ": " + b.verdict(checkVoice) + "\n\n"
	if s := head + draw(room-len(head)-1) + "\n"; len(s) <= room {
		return s
	}
	return "## " + pullName(b) + "\n\nIts details, not shown: there is no room." + b.reportLink() + "\n\n"
}

// pullName is a reference of ours, which GitHub links.
func pullName(b Brief) string { return "#" + number(float64(b.Record.Subject.Number)) }

// checkID is by what a check run of ours is found again. It is the commit's, not
// the pull request's: two of them with one head have one check.
func checkID(name, commit string) string { return name + "@" + commit }

func (b Brief) checkTitle() string {
	s := b.verdict(plainVoice)
	if b.Pull.Draft && unsettled(b.Record.State) {
		s = "Draft. " + s
	}
	return clip(s, checkTitleLimit)
}

// actions are the buttons. None of them grants anything: who presses one on the
// page of a check has not seen what is signed. Identifiers are verbs.
func (b Brief) actions() []signoff.Action {
	if b.ended() {
		return nil
	}
	out := []signoff.Action{{
		Label: "Judge again", Description: "Reads and judges this commit anew", Identifier: string(signoff.VerbRetry),
	}}
	handOver := slices.ContainsFunc(b.Record.Requirements, func(s signoff.Standing) bool {
		return s.State == signoff.Awaiting && s.Assigned != nil && s.Assigned.Backup.Login != ""
	})
	if handOver && !b.silent() {
		out = append(out, signoff.Action{
			Label: "Ask the backup", Description: "Hands the request to the next in line", Identifier: string(signoff.VerbReassign),
		})
	}
	return out
}

// ended says that the pull request is merged or closed.
func (b Brief) ended() bool { return b.Record.State.Ended() }

// notes are the new findings at their lines, the dearest first. A finding lies
// at its first line only: GitHub shows a remark below the last one, which of a
// long function is nowhere near its head.
func (b Brief) notes() []signoff.Annotation {
	if b.Record.State == signoff.Evaluating {
		return nil
	}
	var out []signoff.Annotation
	for _, f := range b.dearest() {
		if len(out) == maxNotes {
			break
		}
		if f.Line < 1 || !namable(f.File) {
			continue
		}
		level := "notice"
		if unsettled(b.Record.State) && sarifLevel(f.Minutes) == "warning" {
			level = "warning"
		}
		out = append(out, signoff.Annotation{
			Path: f.File, From: f.Line, To: f.Line, Level: level,
			Title:   clip(fmt.Sprintf("%s, %s of debt: %s", f.ID, Minutes(f.Minutes), plainField(f.Rule)), checkTitleLimit),
			Message: noteMessage(f.Finding),
		})
	}
	return out
}

func noteMessage(f debt.Finding) string {
	s := strings.TrimSpace(plain(clip(describe(f), maxText)))
	if s == "" { // GitHub takes none without one
		return plainField(f.Rule) + "."
	}
	return s
}

// namable says that a path reaches GitHub as it is in the tree. A request that
// names another one would be refused with all the others in it.
func namable(path string) bool { return path != "" && plain(path) == path }

// dearest are the new findings by minutes; in tests as well, since they are on
// the same page.
func (b Brief) dearest() []numbered {
	fs := slices.Clone(b.groups().added)
	slices.SortStableFunc(fs, func(x, y numbered) int {
		switch {
		case x.Minutes > y.Minutes:
			return -1
		case x.Minutes < y.Minutes:
			return 1
		}
		return 0
	})
	return fs
}

// findingText is the text of the check: all findings, and how they are priced.
func (b Brief) findingText(limit int) string {
	if b.Record.State == signoff.Evaluating {
		return ""
	}
	g := b.groups()
	return assemble(limit, []block{
		findingTable(g.added),
		hiddenList(g.hidden),
		b.dismissalList(),
		repaidList(g.repaid),
		b.checkpointBlock(),
		estimate(g),
	})
}

// checkpointBlock is a copy of the ledger's checkpoint that whoever holds the
// ledger cannot take back.
func (b Brief) checkpointBlock() block {
	if b.Checkpoint == "" || strings.Contains(b.Checkpoint, "```") {
		return block{list: true} // an empty list is left out
	}
	return block{open: "**The ledger's checkpoint** over what is recorded of this. Kept elsewhere, it shows a ledger that was changed later: `bot ledger verify --checkpoint FILE`.\n\n" +
		"```text\n" + b.Checkpoint + "```\n"}
}

// dismissalList are the findings that people say are wrong.
func (b Brief) dismissalList() block {
	return bullets("Said to be wrong", b.Record.Dismissals, func(d signoff.Dismissal) string {
		s := b.findingName(d.Fingerprint) + ", by " + markdownName(d.By.Login) + ": " + outside(d.Why)
		if d.Granted != nil {
			return s + "; granted by " + markdownName(d.Granted.Login)
		}
		return s + "; not granted yet"
	})
}

func (b Brief) findingName(fingerprint string) string {
	for i, f := range b.Review.Delta.Findings {
		if f.Fingerprint == fingerprint {
			return nameOf(b.Names, i)
		}
	}
	return "a finding that is not there any more"
}

// modeWords say what a mode does about a verdict.
func modeWords(m review.Mode) string {
	switch m {
	case review.Enforce:
		return "enforce: blocks until the sign-off or an override is there"
	case review.Warn:
		return "warn: asks, and blocks nothing"
	}
	return "observe: says what it sees, and asks nobody"
}
