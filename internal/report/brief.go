package report

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// Brief is all that is told of one pull request on GitHub and in Slack. What is
// drawn is a function of it, so that the same brief puts the same text and a
// retry changes nothing.
type Brief struct {
	Record signoff.Record
	// Review is the judged change: its Delta, Decision, Coverage, Policy and
	// Engine. It is not shown while the record is being evaluated, since then it
	// may be of another head.
	Review review.Review
	Pull   signoff.Pull
	Now    time.Time // for answers that are read at once; what stays says no "2 h ago"
	Links  Links
	// Entries are the places in the ledger, by the id of an override.
	Entries map[string]int64
	// Checkpoint is a signed note of the ledger that covers them, for the check;
	// empty: none.
	Checkpoint string
	// Names are those of Review.Delta.Findings, in their order; nil: Numbered.
	Names []string
	// Files are the changed Go files with their hunks; nil: it is not known which
	// lines the difference shows.
	Files []debt.FileChange
	// Problems are the mistakes that the change puts into the policy.
	Problems []review.Problem
	// Channel is where overrides are posted: that of the policy where there is a
	// way to post to it, else empty.
	Channel string
}

// Links are pages of ours. An empty one is left out.
type Links struct {
	Page   string // of the pull request
	Report string // all findings
	Config string // the policy that holds
}

// Numbered names findings by their place: "F1", "F2" ….
func Numbered(d debt.Delta) []string {
	names := make([]string, len(d.Findings))
	for i := range names {
		names[i] = findingID(i)
	}
	return names
}

// Listed are the fingerprints of the findings that a pull request numbers, in the
// order in which to read them. What the change left as it was has no number.
func Listed(d debt.Delta) []string {
	var prints []string
	for _, f := range d.Findings {
		if f.Status != debt.Moved && f.Status != debt.Unchanged {
			prints = append(prints, f.Fingerprint)
		}
	}
	return prints
}

// Names are what the findings are called in a pull request, by the numbers that
// its record keeps. A record of before there were numbers names them by place.
func Names(d debt.Delta, rec signoff.Record) []string {
	if len(rec.Numbers) == 0 {
		return Numbered(d)
	}
	names := make([]string, len(d.Findings))
	for i, f := range d.Findings {
		names[i] = rec.Name(f.Fingerprint)
	}
	return names
}

func (b Brief) groups() groups { return groupNamed(b.Review.Delta.Findings, b.Names) }

// mode is the record's, and the mildest where it has none.
func (b Brief) mode() review.Mode {
	if b.Record.Mode == "" {
		return review.Observe
	}
	return b.Record.Mode
}

// silent says that nothing but the check run is shown.
func (b Brief) silent() bool { return b.mode() == review.Observe || b.Pull.Draft }

// A voice writes what a sentence is about for one surface.
type voice struct {
	text   func(string) string // text from outside
	name   func(string) string // a person, by login
	ping   func(string) string // the person whose turn it is
	commit func(string) string
}

var (
	// plainVoice is for titles, which GitHub shows as they are.
	plainVoice = voice{plainField, plainName, plainName, func(s string) string { return plainField(short(s)) }}
	// checkVoice is for the Markdown of a check run.
	checkVoice = voice{outside, markdownName, markdownName, markdownCommit}
	// commentVoice mentions the one whose turn it is.
	commentVoice = voice{outside, markdownName, mention, markdownCommit}
)

// Line is what a list says of a pull request.
type Line struct {
	Title, Author string   // the author's login
	Net           *float64 // minutes; nil where it is not known
}

// plainField is text from outside in a field without markup.
func plainField(s string) string { return strings.TrimSpace(plain(clip(s, maxCell))) }

func plainName(login string) string { return "@" + plainField(login) }

// markdownName names a person and tells nobody.
func markdownName(login string) string { return outside("@" + login) }

func markdownCommit(s string) string { return markdownRevision(review.Revision{Commit: s}) }

// loginForm is what GitHub gives as a login; those of managed users have an
// underscore.
var loginForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,38}$`)

// mention is a mention that GitHub acts on: the only one that is ours to make.
func mention(login string) string {
	if !loginForm.MatchString(login) {
		return markdownName(login)
	}
	return "@" + login
}

// maxNames is how many people one sentence names.
const maxNames = 3

// people is "@a, @b and 2 more".
func people(logins []string, name func(string) string) string {
	var parts []string
	for i, login := range logins {
		if i == maxNames {
			return strings.Join(parts, ", ") + " and " + thousands(len(logins)-i) + " more"
		}
		parts = append(parts, name(login))
	}
	if n := len(parts); n > 1 {
		return strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
	return strings.Join(parts, "")
}

// once adds what is new and not empty.
func once(list []string, more ...string) []string {
	for _, s := range more {
		if s != "" && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// asked are those whose sign-off is waited for, each once.
func (b Brief) asked() []string {
	var who []string
	for _, s := range b.Record.Requirements {
		if s.State != signoff.Awaiting || s.Assigned == nil {
			continue
		}
		who = once(who, s.Assigned.To.Login)
		if s.Second {
			who = once(who, s.Assigned.Backup.Login)
		}
	}
	return who
}

// signed are the verdicts that meet a requirement, each once.
func (b Brief) signed() []signoff.Verdict {
	var at []int
	for _, s := range b.Record.Requirements {
		at = append(at, s.SignedBy...)
	}
	slices.Sort(at)
	var out []signoff.Verdict
	for _, i := range slices.Compact(at) {
		if 0 <= i && i < len(b.Record.Verdicts) {
			out = append(out, b.Record.Verdicts[i])
		}
	}
	return out
}

// said are the newest verdicts of people, of those that count, of one kind.
func (b Brief) said(kind signoff.VerdictKind) []signoff.Verdict {
	var out []signoff.Verdict
	seen := map[int64]bool{}
	for _, v := range slices.Backward(b.Record.Verdicts) {
		if seen[v.Actor.ID] || v.Revoked != "" {
			continue
		}
		seen[v.Actor.ID] = true
		if v.Kind == kind {
			out = append(out, v)
		}
	}
	slices.Reverse(out)
	return out
}

func actors(vs []signoff.Verdict) []string {
	var who []string
	for _, v := range vs {
		who = once(who, v.Actor.Login)
	}
	return who
}

// carried are the proofs that lead from a verdict's commit to the head; none
// where it was about the head, or where there is no chain.
func (b Brief) carried(v signoff.Verdict) []signoff.Proof {
	if v.Commit == b.Record.Head { // the same head on another base
		return b.rebased()
	}
	var chain []signoff.Proof
	seen := map[string]bool{}
	for at := v.Commit; at != b.Record.Head; {
		seen[at] = true
		next := slices.IndexFunc(b.Record.Proofs, func(p signoff.Proof) bool {
			return p.Holds && p.From == at && !seen[p.To]
		})
		for i, p := range b.Record.Proofs { // straight to the head where one does
			if p.Holds && p.From == at && p.To == b.Record.Head {
				next = i
			}
		}
		if next < 0 {
			return nil
		}
		chain = append(chain, b.Record.Proofs[next])
		at = b.Record.Proofs[next].To
	}
	return chain
}

// rebased is the proof that what was said of the head holds on the merge base
// that it has now; none where it never had another.
func (b Brief) rebased() []signoff.Proof {
	for _, p := range b.Record.Proofs {
		if p.Holds && p.From == b.Record.Head && p.To == p.From && p.ToBase == b.Record.MergeBase && p.FromBase != p.ToBase {
			return []signoff.Proof{p}
		}
	}
	return nil
}

// override is the newest one that holds.
func (b Brief) override() (signoff.Override, bool) {
	for _, o := range slices.Backward(b.Record.Overrides) {
		if o.Void == "" {
			return o, true
		}
	}
	return signoff.Override{}, false
}

// halfway is an override that waits for the second person.
func (b Brief) halfway() (signoff.Override, bool) {
	o, ok := b.override()
	return o, ok && o.NeedsSecond && o.Second == nil && unsettled(b.Record.State)
}

// unsettled says that somebody has to act before the merge.
func unsettled(s signoff.State) bool {
	switch s {
	case signoff.Unassigned, signoff.Awaiting, signoff.Undescribed, signoff.ChangesRequestedBy, signoff.RecommendedAgainst, signoff.Incomplete:
		return true
	case signoff.OverrideDeclared: // one that waits for a second person
		return true
	}
	return false
}

// entry names an override as the ledger does: "OVR-41"; empty while it is not
// in there.
func (b Brief) entry(o signoff.Override) string {
	i, ok := b.Entries[o.ID]
	if !ok {
		i = o.Entry - 1 // the record counts from 1
	}
	if i < 0 {
		return ""
	}
	return "OVR-" + strconv.FormatInt(i, 10)
}

// when writes a time that stays right however late it is read.
func when(t time.Time) string { return t.UTC().Format("Mon 2 Jan 15:04 UTC") }

// ago writes how long something has been, in its largest unit.
func ago(d time.Duration) string {
	switch {
	case d < time.Hour:
		return Minutes(max(d, 0).Minutes())
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h"
	}
	return count(int(d.Hours()/24), "day")
}
