package signoff

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/review"
)

// above is who reports to whom in the games, and who is told at the end of it.
func (g *game) above() {
	g.in.Policy.People = map[string]review.Person{"sam": {Manager: "mia"}, "mia": {Manager: "dora"}, "ann": {Manager: "mia"}, "bob": {Manager: "ann"}}
	for _, login := range []string{"mia", "dora"} {
		g.account(login)
	}
	rules := &g.in.Policy.Overrides
	rules.Tell = []review.Principal{"dana", "bob"}
	rules.Level = g.r.IntN(3)
	if g.r.IntN(2) == 0 {
		rules.Justify, rules.Acknowledge, rules.Decide = 24*time.Hour, 72*time.Hour, 100*time.Hour
	}
}

// followOne is a step of the follow-up, by whoever and mostly of the one that is
// open.
func (g *game) followOne() {
	line := pick(g, "justify it could not wait", "justify no", "acknowledge", "acknowledge", "accept", "accept it is fine",
		"promise PAY-7 2026-12-01", "promise PAY-7 2020-12-01", "kept https://pay.example/7", "kept", "void it was none")
	if n := len(g.rec.Overrides); n > 1 || g.r.IntN(6) == 0 {
		verb, rest := cut(line)
		line = fmt.Sprintf("%s OVR-%d %s", verb, g.r.IntN(len(g.ledger)+1), rest)
	}
	f := g.world.command(pick(g, "sam", "sam", "ann", "bob", "mia", "dora", "dana", "zed", "robot[bot]"), "/bar "+line)
	f.Edited = g.r.IntN(8) == 0
	g.note("%s: %s: %s", f.ID, f.Actor.Login, line)
	g.send(f)
}

// followOn does what the follow-up waits for, by one who may.
func (g *game) followOn() {
	for range 4 {
		if len(g.rec.Overrides) == 0 {
			return
		}
		o := g.rec.Overrides[g.r.IntN(len(g.rec.Overrides))]
		w := o.Waits()
		who, line := w.Who, map[Verb]string{
			VerbJustify: "justify", VerbAcknowledge: "acknowledge", VerbAccept: "accept", VerbKept: "kept",
		}[w.For]
		name := " OVR-" + strings.TrimPrefix(o.Name(), namePrefix)
		switch w.For {
		case VerbJustify:
			name += " it could not wait"
		case VerbAccept:
			if g.r.IntN(3) > 0 && len(o.Doers) > 0 {
				who, line, name = o.Doers, "promise", name+" PAY-7 2026-12-01"
			}
		case VerbKept:
			name += " https://pay.example/7"
		}
		if upper := slices.Concat(o.Line...); len(upper) > 0 && g.r.IntN(8) == 0 {
			who, line, name = upper, "void", " OVR-"+strings.TrimPrefix(o.Name(), namePrefix)+" it was none"
		}
		if len(who) == 0 || line == "" {
			return
		}
		f := g.world.command(pick(g, who...).Login, "/bar "+line+name)
		g.note("%s: %s: %s%s", f.ID, f.Actor.Login, line, name)
		g.send(f)
		g.in.Now = g.in.Now.Add(time.Hour)
		g.peek()
	}
}

// checkFollow holds the follow-up against invariant 17, by the ledger alone where
// it can: what is written there nobody can take back.
func (g *game) checkFollow() {
	closed, promised := map[string]EntryKind{}, map[string]bool{}
	once := map[string]bool{}
	for _, e := range g.ledger {
		if e.Override == "" {
			continue
		}
		key := string(e.Kind) + " " + e.Override + " " + string(e.Late)
		switch e.Kind {
		case EntryOverrideDeclared, EntryOverrideDetected, EntryOverrideWithdrawn, EntryOverrideLapsed:
		default:
			if once[key] {
				g.fail(17, "%s is in the ledger twice", key)
			}
			once[key] = true
		}
		if by := closed[e.Override]; by != "" && e.Kind != EntryKind(Escalated) {
			g.fail(17, "%s of %s, which was closed: %s", e.Kind, e.Override, by)
		}
		switch e.Kind {
		case EntryKind(Promised):
			promised[e.Override] = true
		case EntryKind(Kept):
			if !promised[e.Override] {
				g.fail(17, "what was never promised is kept")
			}
			closed[e.Override] = e.Kind
		case EntryKind(Accepted), EntryOverrideVoided, EntryOverrideLapsed, EntryOverrideWithdrawn:
			closed[e.Override] = e.Kind
		}
	}
	for _, o := range g.rec.Overrides {
		g.checkSteps(o)
	}
}

func (g *game) checkSteps(o Override) {
	g.met["follow "+string(o.Stage())]++
	part := func(who Account) bool {
		return who.ID == o.By.ID || who.ID == g.in.Pull.Author.ID || o.Second != nil && who.ID == o.Second.ID
	}
	for _, s := range o.Steps {
		switch s.Kind {
		case Acknowledged, Accepted, Voided:
			if part(s.By) || s.By.Bot {
				g.fail(17, "%s by %s, who has a part in it", s.Kind, s.By.Login)
			}
		case Kept:
			if s.Checked != nil && part(*s.Checked) {
				g.fail(17, "%s checked it, who has a part in it", s.Checked.Login)
			}
		case Overdue:
			g.met["overdue"]++
		}
		if s.Entry == 0 && !(s.Kind == Kept && s.Checked == nil) {
			g.fail(17, "%s is not in the ledger", s.Kind)
		}
		if i := slices.IndexFunc(g.lastInput().Facts, func(f Fact) bool { return f.ID == s.Fact && f.Edited }); i >= 0 {
			g.fail(14, "an edited comment is a step")
		}
	}
	if o.Stage() == StageKept && !o.did(Acknowledged) {
		g.fail(17, "kept, and nobody has seen it")
	}
}
