package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// A way is how to go on: a sentence, and the command for a comment.
type way struct{ Text, Command string }

// ways are how to go on, in the order of what they cost others.
func ways(b report.Brief) (out []way) {
	rec := b.Record
	if !unsettled(rec.State) && !halfway(rec) {
		return nil
	}
	if c := b.Review.Cheapest; c != nil {
		out = append(out, way{Text: cheapest(*c, b.Names)})
	}
	if rec.State == signoff.Incomplete {
		out = append(out, way{"Mend what is listed under coverage and push; where it was not the change, have it judged again.", "/bar retry"})
	}
	if observes(rec) {
		return append(out, way{Text: "Merge as it is: the mode is observe, and nothing of this blocks or asks anybody."})
	}
	if halfway(rec) {
		return append(out, way{"A second person, who is not the author, agrees with the override.", command(rec, "override", "REASON")})
	}
	out = append(out, signWay(b)...)
	o := b.Review.Policy.Overrides
	text := "In a hurry: an override. It is recorded in the ledger"
	if b.Channel != "" {
		text += " and posted to " + b.Channel
	}
	if len(o.Allowed) > 0 {
		text += ". Allowed: " + mentions(o.Allowed)
	} else {
		text += ". Nobody may declare one here: the policy names no one"
	}
	if o.Ceiling != nil && b.Review.Delta.Net > *o.Ceiling {
		text += ". Above " + report.Minutes(*o.Ceiling) + " a second person has to agree"
	}
	out = append(out, way{text + ".", command(rec, "override", "REASON")})
	if rec.Mode == review.Warn {
		out = append(out, way{Text: "Merge as it is: the mode is warn, and nothing of this blocks."})
	}
	return out
}

// signWay is one way, of all that has to be done for it: a sign-off in one domain
// is no way past another one.
func signWay(b report.Brief) (out []way) {
	var steps, said []string
	ready := false
	for _, group := range signing(b.Record) {
		domains := strings.Join(group.domains, " and ")
		switch q := group.of; q.State {
		case signoff.Awaiting:
			ready = true
			switch {
			case signoff.HomeOf(q.Domain) != "" && q.Assigned != nil:
				steps = append(steps, "@"+q.Assigned.To.Login+" or another one of "+signoff.HomeOf(q.Domain)+" approves, since it is their code.")
			case q.Assigned == nil:
				steps = append(steps, "Somebody who may sign for "+domains+" approves.")
			case q.Second:
				steps = append(steps, "@"+q.Assigned.To.Login+" and @"+q.Assigned.Backup.Login+" both approve, for "+domains+".")
			default:
				steps = append(steps, "@"+q.Assigned.To.Login+" approves, for "+domains+".")
			}
		case signoff.Unassigned:
			if owner := signoff.HomeOf(q.Domain); owner != "" {
				steps = append(steps, "Nobody of "+owner+" may accept it: name more people in that team, in a change of its own.")
				continue
			}
			steps = append(steps, "Nobody may sign for "+domains+": name more people in its pool in "+review.PolicyPath+", in a change of its own.")
		case signoff.ChangesRequestedBy, signoff.RecommendedAgainst:
			ready = true
			said = append(said, group.domains...)
		}
	}
	if len(said) > 0 {
		steps = append([]string{"Push what is asked for; then who said no for " + strings.Join(said, " and ") + " approves. Nobody else can take a no back."}, steps...)
	}
	steps = append(steps, report.DescribeWays(b)...)
	if len(steps) == 0 {
		return nil
	}
	w := way{Text: strings.Join(steps, " ")}
	if len(steps) > 1 {
		w.Text = "All of this: " + w.Text
	}
	if ready {
		w.Command = command(b.Record, "signoff", "")
	}
	return []way{w}
}

// signing are the requirements by who is asked for them.
func signing(rec signoff.Record) (out []askedGroup) {
	for _, q := range rec.Requirements {
		i := slices.IndexFunc(out, func(g askedGroup) bool {
			return g.of.State == q.State && g.of.Second == q.Second && g.of.Assigned != nil && q.Assigned != nil && g.of.Assigned.To == q.Assigned.To
		})
		if i < 0 {
			i, out = len(out), append(out, askedGroup{of: q})
		}
		out[i].domains = append(out[i].domains, string(q.Domain))
	}
	return out
}

// An askedGroup is the requirements that the same people are asked for.
type askedGroup struct {
	of      signoff.Standing
	domains []string
}

func halfway(rec signoff.Record) bool {
	o, ok := declared(rec)
	return ok && o.NeedsSecond && o.Second == nil && !rec.State.Ended()
}

func cheapest(c review.Cheapest, names []string) string {
	var ids []string
	for _, i := range c.Findings {
		if i < len(names) {
			ids = append(ids, names[i])
		}
	}
	s := fmt.Sprintf("Mend %s (%s of work): the net is then %s, within the bar", strings.Join(ids, ", "), report.Minutes(c.Minutes), signed(c.Net))
	if len(c.StillNeeds) > 0 {
		var still []string
		for _, d := range c.StillNeeds {
			still = append(still, string(d))
		}
		s += "; a sign-off is still needed for " + strings.Join(still, ", ") + report.UnlessMended
	}
	return s + "."
}

func command(rec signoff.Record, verb, rest string) string {
	return strings.TrimSpace("/bar " + verb + " " + short(rec.Head) + " " + rest)
}

// commands are good to copy into a comment, the head filled in.
func commands(b report.Brief) []string {
	if b.Record.State.Ended() {
		return nil
	}
	return []string{
		command(b.Record, "signoff", ""),
		"/bar request-changes WHY",
		"/bar recommend-against WHY",
		"/bar decline WHY",
		"/bar reassign",
		"/bar require DOMAIN WHY",
		command(b.Record, "override", "REASON --data URL --due DATE"),
		"/bar override-cancel",
		"/bar explain F1",
		"/bar dismiss F1 WHY",
		"/bar retry",
	}
}

func mentions(list []review.Principal) string {
	var out []string
	for _, p := range list {
		out = append(out, p.Mention())
	}
	return strings.Join(out, ", ")
}

// forms are what the viewer may say.
type forms struct {
	Any                      bool
	Path, Form               string
	Head, ShortHead, Base    string
	Sign, Override, Second   bool
	Take                     bool
	Least                    int  // characters of a reason
	OverCeiling              bool // a second person has to agree
	Channel, Says, TodayDate string
}

func newForms(v *visit, form string) forms {
	b := v.brief
	o := b.Review.Policy.Overrides
	f := forms{
		Path: pullPath(v.repo.Repo, b.Pull.Number), Form: form,
		Head: b.Record.Head, ShortHead: short(b.Record.Head), Base: b.Record.BaseRef,
		Sign: v.may.sign, Override: v.may.override, Second: v.may.second, Take: v.may.take,
		Least: max(o.Reason, 1), Channel: b.Channel, TodayDate: v.now.UTC().Format("2006-01-02"),
		OverCeiling: o.Ceiling != nil && b.Review.Delta.Net > *o.Ceiling,
	}
	f.Any = f.Sign || f.Override || f.Second || f.Take
	if over, ok := declared(b.Record); ok {
		f.Says = over.By.Login
	}
	return f
}
