package web

import (
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
)

// standing is a requirement: where it stands, who is asked, who may sign, and
// who may not and why.
type standing struct {
	Domain          string
	State           badge
	Why             string
	Second          bool
	Observed        bool // nobody is asked in this mode
	Over            bool // it ended, or goes in without: nobody is asked any more
	To, Backup, By  string
	Asked, Due      moment
	Reminded        string
	SignedBy        []string
	LoadKnown       bool
	Candidates      []candidate
	Excluded        []excluded
	Unread          []string
	Nobody, Request bool
}

type candidate struct {
	Login string
	Load  int
	Next  bool
}

type excluded struct{ Login, Why string }

type declined struct{ Login, Domain, Why string }

// reportingLine is the exclusion that tells who reports to whom.
const reportingLine = "reporting-line"

func standings(b report.Brief, v *visit) (out []standing) {
	for _, q := range b.Record.Requirements {
		s := standing{
			Domain: string(q.Domain), State: state(q.State), Why: q.Why, Second: q.Second,
			Observed: observes(b.Record), Over: b.Record.State.Ended() || b.Record.State == signoff.OverrideDeclared,
		}
		if b.Record.State.Ended() && s.State.Tone == toneWait {
			s.State = badge{toneRest, toneSigns[toneRest], "No sign-off"}
		}
		if a := q.Assigned; a != nil {
			s.To, s.Backup, s.By, s.Request = a.To.Login, a.Backup.Login, a.By.Login, a.Requested
			s.Asked, s.Due, s.Reminded = at(a.Offered, v.now), at(a.Due, v.now), reminded[a.Step]
		}
		if len(q.SignedBy) > 0 {
			s.Why = "" // it says who signed
		}
		for _, i := range q.SignedBy {
			if 0 <= i && i < len(b.Record.Verdicts) && !slices.Contains(s.SignedBy, b.Record.Verdicts[i].Actor.Login) {
				s.SignedBy = append(s.SignedBy, b.Record.Verdicts[i].Actor.Login)
			}
		}
		c := choice(b, q)
		s.LoadKnown = c.LoadKnown
		for _, who := range c.Candidates {
			s.Candidates = append(s.Candidates, candidate{who.Login, who.Load, strings.EqualFold(who.Login, s.To)})
		}
		for _, x := range c.Excluded {
			if x.Rule == reportingLine && !b.Pull.Repo.Private {
				// Reporting lines are personnel data, and whoever has an account can
				// read this page.
				x.Why = "is not independent of the change"
			}
			s.Excluded = append(s.Excluded, excluded{x.Who, x.Why})
		}
		for _, team := range c.Unread {
			s.Unread = append(s.Unread, string(team))
		}
		s.Nobody = len(s.Candidates) == 0
		out = append(out, s)
	}
	return out
}

var reminded = map[signoff.Step]string{signoff.Reminded: "reminded", signoff.BackupOffered: "the backup was offered"}

func refusals(rec signoff.Record) (out []declined) {
	for _, d := range rec.Declined {
		out = append(out, declined{d.Who.Login, string(d.Domain), d.Why})
	}
	return out
}

// verdict is what somebody said, with the proofs by which it holds for the head.
type verdict struct {
	Kind    badge
	By      string
	At      moment
	Commit  string
	Source  string
	Domains string
	Text    string
	Revoked string
	Idle    string // why it counts for nothing
	Proofs  []proof
}

type proof struct {
	From, To string
	Holds    bool
	Text     string
}

var verdictBadges = map[signoff.VerdictKind]badge{
	signoff.SignOff:          {toneYes, toneSigns[toneYes], "Signed off"},
	signoff.RequestChanges:   {toneNo, toneSigns[toneNo], "Requested changes"},
	signoff.RecommendAgainst: {toneNo, toneSigns[toneNo], "Recommended against"},
}

func verdicts(b report.Brief, v *visit) (out []verdict) {
	for i, said := range b.Record.Verdicts {
		row := verdict{
			Kind: verdictBadges[said.Kind], By: said.Actor.Login, At: at(said.At, v.now), Commit: short(said.Commit),
			Source: said.Source, Text: said.Text, Revoked: said.Revoked, Idle: b.Idle(i),
		}
		if said.Kind == signoff.SignOff && (row.Revoked != "" || row.Idle != "") {
			row.Kind = badge{toneRest, toneSigns[toneRest], "Sign-off that does not count"}
		}
		if row.Kind.Text == "" {
			row.Kind = badge{toneRest, toneSigns[toneRest], string(said.Kind)}
		}
		var in []string
		for _, d := range said.Domains {
			in = append(in, string(d))
		}
		row.Domains = strings.Join(in, ", ")
		if said.Kind == signoff.SignOff && said.Revoked == "" {
			row.Proofs = proofs(b.Record, said.Commit)
		}
		out = append(out, row)
	}
	return out
}

// proofs are all that begin at a commit and those that follow on them, also
// where one does not hold: that is why somebody is asked again.
func proofs(rec signoff.Record, from string) (out []proof) {
	reached := []string{from}
	for _, p := range rec.Proofs {
		if !slices.Contains(reached, p.From) {
			continue
		}
		row := proof{From: short(p.From), To: short(p.To), Holds: p.Holds, Text: p.Why}
		switch {
		case !p.Holds && p.NewFindings > 0:
			row.Text = strings.TrimPrefix(row.Text+"; "+count(p.NewFindings, "new finding"), "; ")
		case !p.Holds:
		case p.Kind == signoff.SameCommit:
			row.Text = "the same commit"
		case p.Kind == signoff.SameTree:
			row.Text = "the same files on the same merge base"
		case p.Kind == signoff.Replay:
			row.Text = "the change that was signed, replayed on the new merge base " + short(p.ToBase) + ", gives exactly these files; no new finding"
		}
		if p.Holds {
			reached = append(reached, p.To)
		}
		out = append(out, row)
	}
	return out
}

// overrideCard is an override of this pull request.
type overrideCard struct {
	Name, Path string // in the ledger
	State      badge
	How, By    string
	At         moment
	Commit     string
	Reason     string
	Data, Link string // as it was said, and as a link where it is one
	FollowUp   string
	Due        string
	Expires    moment
	Second     string
	Needs      bool
	Void       string
	Against    string
	Covered    int64 // size of the newest checkpoint, where it covers the entry
	Steps      []stepRow
	Waits      string
}

func overrideCards(rec signoff.Record, v *visit) (out []overrideCard) {
	for _, o := range slices.Backward(rec.Overrides) {
		c := newOverrideCard(o, v.now)
		if 0 < o.Entry && o.Entry <= v.covered {
			c.Covered = v.covered
		}
		out = append(out, c)
	}
	return out
}

func newOverrideCard(o signoff.Override, now time.Time) overrideCard {
	c := overrideCard{
		How: "declared", By: o.By.Login, At: at(o.At, now), Commit: short(o.Commit), Reason: o.Reason, Data: o.Data, Link: webAddress(o.Data),
		FollowUp: o.FollowUp, Due: string(o.Due), Expires: at(o.Expires, now), Needs: o.NeedsSecond && o.Second == nil,
		Void: o.Void, Against: strings.Join(o.Against, ", "), State: badge{tonePast, toneSigns[tonePast], "Stands"},
	}
	c.Name, c.Path = ledgerName(o.Entry)
	c.Steps, c.Waits = stepRows(o, now), report.WaitText(o)
	if o.Second != nil {
		c.Second = o.Second.Login
	}
	switch {
	case o.Void != "":
		c.State = badge{toneRest, toneSigns[toneRest], "Void"}
		c.Expires = moment{}
	case !o.Declared:
		c.How = "found after the merge"
		c.State.Text = "Detected"
	case c.Needs:
		c.State = badge{toneWait, toneSigns[toneWait], "Waits for a second person"}
	}
	if stage, ok := stageBadge(o.Stage()); ok {
		c.State = stage
	}
	return c
}
