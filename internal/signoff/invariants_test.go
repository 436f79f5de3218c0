package signoff

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/review"
)

// check holds what a look came to against the truth. The numbers are those of the
// invariants in docs/signoff.md.
func (g *game) check(was Record) {
	r := g.rec
	in := g.lastInput()
	g.met[string(r.State)]++
	open := in.Governed && !r.State.Ended() && r.State != NotGoverned
	if r.State == SignedOff || r.State == NotRequired || r.State == MergedClean && was.State != MergedClean {
		if why := g.unjustified(in); why != "" {
			g.fail(1, "%s, and %s", r.State, why)
		}
	}
	if open {
		g.checkKnown(in)
		g.checkNo(in)
		g.checkAssignments(in)
		g.checkGreen(in)
	}
	g.checkEnd(was)
	g.checkOverrides(in)
	g.checkVerdicts()
	g.checkFollow()
	g.checkEffects(was, in)
	if g.paranoid || g.seq%11 == 0 {
		g.checkReplay(in, was)
	}
}

func (g *game) lastInput() Input { return g.history[len(g.history)-1] }

func (g *game) fail(invariant int, format string, args ...any) {
	g.t.Errorf("invariant %d: "+format, append([]any{invariant}, args...)...)
}

// checkGreen: where two or one who may signed this very commit by a review that
// says for which branch, nothing more is asked. Without that, never to be green
// would meet all the rest.
func (g *game) checkGreen(in Input) {
	if in.PolicyFailure != "" || in.Judged == nil || in.Judged.Failure != "" || in.Judged.Decision.Outcome != review.SignOffNeeded || g.rec.State == Evaluating {
		return
	}
	if slices.ContainsFunc(in.Judged.Decision.Sections, func(s review.Section) bool { return !s.Met() }) {
		return
	}
	bases := map[string]bool{}
	for _, s := range g.rec.Snapshots {
		if s.Head == in.Pull.Head && s.BaseRef == in.Pull.BaseRef {
			bases[s.MergeBase] = true
		}
	}
	for _, q := range required(in.Judged) {
		who := g.signers(q, in)
		maps.DeleteFunc(who, func(_ int64, s *saying) bool {
			return !s.review || s.commit != in.Pull.Head || s.baseRef != in.Pull.BaseRef
		})
		if len(who) == 0 || q.NeedsSecond && len(who) < 2 || len(g.standing(q, in)) > 0 || len(bases) > 1 {
			return
		}
	}
	for _, s := range g.rec.Requirements {
		if s.State == ChangesRequestedBy || s.State == RecommendedAgainst {
			return // one who is in no pool any more
		}
	}
	g.met["signed directly"]++
	if g.rec.State != SignedOff {
		g.fail(1, "%s, though all who have to signed this commit: %s", g.rec.State, g.rec.Why)
	}
}

func (g *game) checkKnown(in Input) {
	c := g.rec.Conclusion()
	unknown := in.Judged == nil || in.Judged.Failure != "" || in.PolicyFailure != ""
	if unknown && c == Success {
		g.fail(7, "success of what is not known")
	}
	if g.rec.Mode != review.Enforce && (c == Failure || c == ActionRequired) {
		g.fail(7, "%s in %s", c, g.rec.Mode)
	}
	if g.seq%5 > 0 {
		return
	}
	alone := in
	alone.HeadPolicy = []review.Problem{{What: "bad"}}
	if got := Advance(alone, g.rec).Record; got.State != g.rec.State {
		g.fail(11, "the policy of the head makes it %s", got.State)
	}
}

func (g *game) checkNo(in Input) {
	if in.Judged == nil || in.Judged.Failure != "" || in.PolicyFailure != "" || in.Judged.Decision.Outcome == review.Clear {
		return
	}
	for i, q := range required(in.Judged) {
		no := g.standing(q, in)
		if len(no) == 0 || g.rec.State == Evaluating {
			continue
		}
		if s := g.rec.Requirements[i].State; s != ChangesRequestedBy && s != RecommendedAgainst && s != Evaluating {
			g.fail(5, "%s said no, and %s is %s", no, q.Domain, s)
		}
		for _, s := range g.sayings {
			if s.kind != SignOff && s.review && g.heard(s, in) && slices.ContainsFunc(s.dismissed, func(f Fact) bool { return f.Actor.ID != s.fact.Actor.ID }) {
				g.met["dismissed no"]++
			}
		}
	}
}

func (g *game) checkAssignments(in Input) {
	seen := map[string]bool{}
	for i, s := range g.rec.Requirements {
		if seen[string(s.Domain)] {
			g.fail(10, "two requirements for %s", s.Domain)
		}
		seen[string(s.Domain)] = true
		if in.Pull.Draft || g.rec.Mode == review.Observe {
			if s.Assigned != nil && in.PolicyFailure == "" && in.Judged != nil && in.Judged.Failure == "" {
				g.fail(10, "%s is asked in a draft or in observe", s.Assigned.To.Login)
			}
			continue
		}
		if s.State == Awaiting && s.Assigned == nil || s.State == Unassigned && s.Assigned != nil {
			g.fail(10, "%s is %s with %+v", s.Domain, s.State, s.Assigned)
		}
		if s.State == Awaiting && s.Assigned != nil && !g.outside(required(in.Judged)[i], in)[s.Assigned.To.ID] {
			g.fail(10, "%s is asked, who may not sign", s.Assigned.To.Login)
		}
		for _, d := range g.rec.Declined {
			if s.State == Awaiting && s.Assigned != nil && d.Who.ID == s.Assigned.To.ID && (d.Domain == "" || d.Domain == s.Domain) {
				g.fail(10, "%s is asked, who declined", s.Assigned.To.Login)
			}
			if d.Domain != "" {
				g.met["passed over"]++
			}
		}
	}
}

// news reports whether a fact came since a record that was said before the merge.
func (g *game) news(was Record) bool {
	in := g.lastInput()
	return slices.ContainsFunc(in.Facts[was.Facts:], func(f Fact) bool {
		return !f.Said.After(in.Pull.MergedAt) || f.Kind == ReviewDismissed
	})
}

// checkEnd: a merge ends once, by what was said before it.
func (g *game) checkEnd(was Record) {
	r := g.rec
	if !was.State.merged() {
		if r.State == MergedUndeclared && r.Mode != review.Observe && !slices.ContainsFunc(r.Overrides, func(o Override) bool { return !o.Declared && o.Entry > 0 && o.Void == "" }) {
			g.fail(6, "merged without a sign-off, and no row says so")
		}
		in := g.lastInput()
		if in.Pull.Merged && in.Governed && g.seenMerged.IsZero() {
			g.seenMerged = in.Now
		}
		late := in.Pull.Merged && in.Now.Sub(g.seenMerged) > 25*time.Hour
		if in.Pull.Merged && in.Governed && !r.State.merged() && (late || in.Judged != nil && in.Judged.Failure == "" && in.PolicyFailure == "" && len(g.last.Wanted) == 0) {
			g.fail(6, "merged, and %s", r.State)
		}
		return
	}
	if r.State != was.State && !g.news(was) && !was.Reopened {
		g.fail(6, "%s became %s, and nothing new was heard", was.State, r.State)
	}
	if r.State == MergedClean && slices.ContainsFunc(r.Overrides, func(o Override) bool {
		return strings.HasPrefix(o.ID, "merge:") && o.Void == ""
	}) {
		g.fail(6, "merged clean, and the row of a merge without sign-off stands")
	}
}

func (g *game) checkOverrides(in Input) {
	r := g.rec
	if r.State != OverrideDeclared && r.State != MergedOverridden {
		return
	}
	when := in.Now
	if in.Pull.Merged {
		when = in.Pull.MergedAt
	}
	if r.State == MergedOverridden {
		// What granted it is from when it was merged.
		when = time.Time{}
	}
	ok := false
	for _, o := range r.Overrides {
		if !o.Declared || o.Void != "" {
			continue
		}
		declared := slices.ContainsFunc(g.ledger, func(e Entry) bool { return e.Kind == EntryOverrideDeclared && e.Override == o.ID })
		switch {
		case o.Entry == 0 || !declared:
			g.metOrFail(12, o, "is not in the ledger")
		case o.Commit != r.Head:
			g.fail(13, "the override of %s holds for %s", brief(o.Commit), brief(r.Head))
		case !when.Before(o.Expires):
			g.fail(13, "an override holds that expired at %s", o.Expires)
		case o.NeedsSecond && (o.Second == nil || o.Second.ID == o.By.ID || o.Second.ID == in.Pull.Author.ID):
			g.metOrFail(13, o, "has no second person")
		default:
			ok = true
		}
		if o.Second != nil {
			g.met["second person"]++
		}
	}
	if _, granted := r.Granted(); !ok || !granted {
		g.fail(12, "%s by nothing", r.State)
	}
	for _, o := range r.Overrides {
		f := slices.IndexFunc(in.Facts, func(f Fact) bool { return f.ID == o.ID })
		if !o.Declared || o.Void != "" || f < 0 {
			continue
		}
		for _, p := range in.Facts {
			if p.Kind == Pushed && p.Said.After(in.Facts[f].Said) && p.Commit != o.Commit && r.State == OverrideDeclared {
				g.fail(13, "an override outlived a push")
			}
		}
		if in.Facts[f].Edited {
			g.fail(14, "an edited override counts")
		}
		if r.State == OverrideDeclared && in.Policy.Overrides.Ceiling != nil && in.Judged != nil && in.Judged.Minutes > *in.Policy.Overrides.Ceiling && o.Entry > 0 && o.Second == nil && !o.NeedsSecond && in.PolicyFailure == "" {
			g.met["under the ceiling once"]++
		}
	}
}

// metOrFail lets pass an override that does not hold while another does.
func (g *game) metOrFail(invariant int, o Override, what string) {
	if !o.NeedsSecond || o.Second != nil {
		g.fail(invariant, "the override %s %s", o.ID, what)
	}
}

func (g *game) checkVerdicts() {
	for _, v := range g.rec.Verdicts {
		i := slices.IndexFunc(g.sayings, func(s *saying) bool { return s.fact.ID == v.Fact })
		switch {
		case i < 0:
			g.fail(1, "a verdict that nobody gave: %+v", v)
		case g.sayings[i].fact.Edited || g.sayings[i].fact.Actor.Bot:
			g.fail(14, "an edited comment, or a bot's, is a verdict")
		case g.sayings[i].commit != v.Commit && v.Kind == SignOff:
			g.fail(1, "what was said of %s is taken for %s", brief(g.sayings[i].commit), brief(v.Commit))
		}
	}
	for _, s := range g.rec.Requirements {
		if HomeOf(s.Domain) != "" && s.State == SignedOff {
			g.met["accepted"]++
		}
		for _, v := range s.SignedBy {
			if g.rec.Verdicts[v].Commit != g.rec.Head && s.State == SignedOff {
				g.met["carried"]++
			}
		}
	}
}

// checkEffects: what is shown follows the record, the check first.
func (g *game) checkEffects(was Record, in Input) {
	puts := slices.DeleteFunc(slices.Clone(g.last.Effects), func(e Effect) bool { return !e.Kind.Put() })
	first := Effect{}
	if len(puts) > 0 {
		first = puts[0]
	}
	changed := was.State != g.rec.State || was.Head != g.rec.Head
	begun := was.State != "" && was.State != NotGoverned || g.rec.State != NotGoverned
	if changed && begun && first.Kind != PutCheck {
		g.fail(7, "%s became %s, and first comes %q", was.State, g.rec.State, first.Kind)
	}
	quiet := g.rec.Mode == review.Observe || in.Pull.Draft
	for _, e := range puts {
		if quiet && (e.Kind == PutComment || e.Kind == PutReviewers || e.Kind == PutInline) {
			g.fail(8, "%s in a draft or in observe", e.Kind)
		}
		if e.Kind == PutCheck && e.Commit != g.rec.Head && g.rec.State != NotGoverned {
			g.fail(8, "a check on another commit")
		}
	}
}

// checkReplay: what a look comes to depends on what there is to see, not on how
// often and with how much of it one looked before.
func (g *game) checkReplay(in Input, was Record) {
	again := Advance(in, was)
	if dump(again) != dump(Advance(in, was)) {
		g.fail(16, "two looks at the same differ")
	}
	twice := Advance(in, g.rec)
	if dump(twice.Record) != dump(g.rec) || len(twice.Entries) > 0 {
		g.fail(15, "looking twice changes something:\n%s\n%s", dump(g.rec), dump(twice.Record))
	}
	in.Proofs = g.rec.Proofs
	start := Record{Subject: g.rec.Subject, Snapshots: g.rec.Snapshots}
	settle := func(in Input, rec Record) Record {
		for {
			out := Advance(in, rec)
			if rec = out.Record; len(out.Wanted) == 0 {
				return rec
			}
			for _, p := range out.Wanted {
				in.Proofs = append(slices.Clip(in.Proofs), g.prove(p))
			}
		}
	}
	once := settle(in, start)
	for range 2 {
		part := in
		part.Facts = in.Facts[:g.r.IntN(len(in.Facts)+1)]
		last := settle(in, settle(part, start))
		if last.Reopened {
			continue // an end that was written stands until more can be said
		}
		if got, want := same(last), same(once); got != want {
			g.fail(15, "%d of %d facts first:\n%s\nat once:\n%s", len(part.Facts), len(in.Facts), got, want)
		}
		g.met["prefix"]++
	}
}
