package signoff

import (
	"fmt"
	"slices"
	"time"

	"github.com/barraiser/barraiser/internal/impact"
)

var anybody = []string{"ann", "bob", "maria", "jo", "kim", "eve", "maria", "jo", "sam", "zed", "robot[bot]"}

// moves are what can happen; those that are there more than once do so more often.
var moves = []func(*game){
	(*game).approve, (*game).approve, (*game).approve, (*game).approve, (*game).speak, (*game).speak,
	(*game).refuse, (*game).dismissOne, (*game).pushNew, (*game).pushSame, (*game).pushSame, (*game).pushBack,
	(*game).retargetOne, (*game).overrideOne, (*game).overrideTwo, (*game).cancelOne, (*game).declineOne, (*game).reassignOne,
	(*game).judgeTrouble, (*game).policyTrouble, (*game).policyEdit, (*game).people, (*game).draft, (*game).close,
	(*game).mergeOne, (*game).wait, (*game).arrive, (*game).arrive, (*game).hostLag, (*game).governed, (*game).requestOne,
	(*game).followOne, (*game).followOne, (*game).followOn,
	(*game).describe,
}

func (g *game) say(f Fact, kind VerdictKind, c change) {
	s := &saying{fact: f, kind: kind, commit: c.head, class: g.classes[c], policy: g.in.PolicyID, baseRef: g.in.Pull.BaseRef, review: f.Review != 0}
	if g.in.PolicyFailure != "" || !g.in.Governed {
		s.policy = "" // nobody saw what was asked for
	}
	g.sayings = append(g.sayings, s)
}

// approve is a review of the head, or of an older one in a page that was not
// loaded anew.
func (g *game) approve() {
	if g.in.Pull.Merged && g.r.IntN(3) > 0 {
		return
	}
	who, c, state := pick(g, anybody...), g.now(), pick(g, Approved, Approved, Approved, Commented)
	if g.r.IntN(5) == 0 {
		c = pick(g, g.heads...)
		if c.base != g.in.MergeBase {
			c = g.now()
		}
	}
	f := g.world.review(who, state, c.head)
	if state == Approved {
		g.say(f, SignOff, c)
	}
	g.note("%s: %s reviews %s: %s", f.ID, who, brief(c.head), state)
	g.send(f)
}

// speak is a command, which people give when they saw the commit judged.
func (g *game) speak() {
	who := pick(g, anybody...)
	if !g.looked[Snapshot{g.in.Pull.Head, g.in.MergeBase, g.in.Pull.BaseRef, g.in.PolicyID}] {
		return
	}
	f := g.world.command(who, "/bar signoff "+brief(g.in.Pull.Head))
	f.Edited = g.r.IntN(6) == 0
	g.say(f, SignOff, g.now())
	g.note("%s: %s signs %s off, edited %v", f.ID, who, brief(g.in.Pull.Head), f.Edited)
	g.send(f)
}

func (g *game) refuse() {
	who := pick(g, anybody...)
	var f Fact
	if g.r.IntN(2) == 0 {
		f = g.world.review(who, ChangesRequested, g.in.Pull.Head)
		g.say(f, RequestChanges, g.now())
	} else {
		f = g.world.command(who, "/bar recommend-against it is wrong")
		g.say(f, RecommendAgainst, g.now())
	}
	g.note("%s: %s refuses", f.ID, who)
	g.send(f)
}

func (g *game) dismissOne() {
	var reviews []*saying
	for _, s := range g.sayings {
		if s.review && len(s.dismissed) == 0 {
			reviews = append(reviews, s)
		}
	}
	if len(reviews) == 0 {
		return
	}
	s := pick(g, reviews...)
	who := pick(g, "ann", "bob", s.fact.Actor.Login)
	f := g.world.dismiss(who, s.fact.Review)
	s.dismissed = append(s.dismissed, f)
	g.note("%s: %s dismisses %s", f.ID, who, s.fact.ID)
	g.send(f)
}

func (g *game) push(who string, c change, is class) {
	if !g.in.Pull.Open {
		return
	}
	g.classes[c] = is
	g.heads = append(g.heads, c)
	f := g.world.push(who, c.head, c.base)
	g.bases[g.in.Pull.BaseRef] = c.base
	g.note("%s: %s pushes %s on %s as %v", f.ID, who, brief(c.head), brief(c.base), is)
	if g.r.IntN(8) > 0 {
		g.deliver(f) // a lost one of a signer cannot be known
	} else if who != "ann" {
		g.held = append(g.held, f)
	}
}

func (g *game) pushNew() {
	g.push(pick(g, "ann", "ann", "bob", "maria", "robot[bot]"), change{g.commit(), g.in.MergeBase}, class{content: g.r.IntN(40)})
}

// pushSame rebases, and may bring a finding with it.
func (g *game) pushSame() {
	is := g.classes[g.now()]
	if g.r.IntN(4) == 0 {
		is.findings++
	}
	g.push(pick(g, "ann", "ann", "robot[bot]", "jo"), change{g.commit(), sha(fmt.Sprint("base ", g.commits))}, is)
}

func (g *game) pushBack() {
	c := pick(g, g.heads...)
	if c.base == g.in.MergeBase && c.head != g.in.Pull.Head {
		g.push("ann", c, g.classes[c])
	}
}

func (g *game) retargetOne() {
	if !g.in.Pull.Open {
		return
	}
	g.peek() // people saw it for the branch before
	f := g.fact(Retargeted, "ann")
	f.Before = g.in.Pull.BaseRef
	g.in.Pull.BaseRef = pick(g, "main", "release", "next")
	f.BaseRef = g.in.Pull.BaseRef
	was := g.classes[g.now()]
	g.in.MergeBase = g.bases[g.in.Pull.BaseRef]
	if _, known := g.classes[g.now()]; !known {
		g.classes[g.now()] = class{content: 40 + g.r.IntN(40), findings: was.findings}
	}
	g.note("%s: for %s on %s", f.ID, f.BaseRef, brief(g.in.MergeBase))
	g.send(f)
	g.peek()
}

func (g *game) overrideOne() {
	who := pick(g, "sam", "sam", "bob", "dana", "zed", "ann", "maria")
	c := g.in.Pull.Head
	if g.r.IntN(6) == 0 {
		c = pick(g, g.heads...).head
	}
	f := g.world.command(who, "/bar override "+brief(c)+" it is urgent")
	f.Edited = g.r.IntN(8) == 0
	g.note("%s: %s overrides %s", f.ID, who, brief(c))
	g.send(f)
}

// overrideTwo is an override with the second person's.
func (g *game) overrideTwo() {
	for _, who := range []string{pick(g, "sam", "bob"), pick(g, "dana", "ann", "sam")} {
		f := g.world.command(who, "/bar override "+brief(g.in.Pull.Head)+" it is urgent")
		g.note("%s: %s overrides %s", f.ID, who, brief(g.in.Pull.Head))
		g.send(f)
		g.in.Now = g.in.Now.Add(time.Second)
	}
}

func (g *game) cancelOne() {
	f := g.world.command(pick(g, "sam", "zed"), "/bar override-cancel")
	g.note("%s: cancel", f.ID)
	g.send(f)
}

func (g *game) declineOne() {
	f := g.world.command(pick(g, anybody...), "/bar decline no time")
	g.note("%s: %s declines", f.ID, f.Actor.Login)
	g.send(f)
}

func (g *game) reassignOne() {
	line := "/bar reassign " + pick(g, "", "@jo", "@maria", "@zed")
	f := g.world.command(pick(g, anybody...), line)
	g.note("%s: %s", f.ID, line)
	g.send(f)
}

func (g *game) requestOne() {
	g.in.Pull.Requested = append(slices.Clip(g.in.Pull.Requested), g.account(pick(g, "jo", "kim", "zed")))
}

// describe edits the description.
func (g *game) describe() {
	g.written = g.r.IntN(2) == 0
	g.in.Pull.Body = pick(g, "", "Faster.", "## Press release")
	g.note("description: %v", g.written)
}

func (g *game) judgeTrouble() {
	g.trouble = pick(g, "", "", "none", "failure", "gaps")
	g.note("judgement: %q", g.trouble)
}

func (g *game) policyTrouble() {
	g.in.PolicyFailure = pick(g, "", "", "HTTP 502")
	g.note("policy failure: %q", g.in.PolicyFailure)
}

func (g *game) policyEdit() {
	g.in.PolicyID = fmt.Sprintf("p%d", g.commits)
	g.pools[impact.Design] = pick(g, []string{"maria", "jo", "kim"}, []string{"jo", "kim"}, []string{"maria", "jo", "kim", "bob"})
	g.note("policy %s: %v", g.in.PolicyID, g.pools)
	g.peek()
}

// people become insiders, absent or somebody else.
func (g *game) people() {
	login := pick(g, "maria", "jo", "eve", "zed")
	switch g.r.IntN(4) {
	case 0:
		g.insider[login] = pick(g, "involved", "author-team", "reporting-line")
	case 1:
		g.insider[login] = pick(g, "absent", "at-capacity", "busy")
	case 2:
		delete(g.insider, login)
	case 3:
		a := g.in.Accounts[login]
		a.ID = pick(g, g.ids[login], g.ids[login], 900+g.ids[login], 0)
		g.in.Accounts[login] = a
	}
	g.note("%s is %q, account %d", login, g.insider[login], g.in.Accounts[login].ID)
}

func (g *game) draft() { g.in.Pull.Draft = g.r.IntN(3) == 0 }

func (g *game) close() {
	if !g.in.Pull.Merged {
		g.in.Pull.Open = g.r.IntN(3) > 0
		g.note("open: %v", g.in.Pull.Open)
	}
}

func (g *game) mergeOne() {
	if g.in.Pull.Merged || !g.in.Pull.Open || g.r.IntN(2) == 0 || g.lagging != "" {
		return
	}
	g.in.Absent = g.r.IntN(8) == 0
	f := g.world.merge(pick(g, "ann", "sam"))
	g.note("%s: merged %s, absent %v", f.ID, brief(f.Commit), g.in.Absent)
	g.send(f)
}

func (g *game) wait() {
	d := pick(g, time.Minute, time.Hour, 5*time.Hour, 30*time.Hour, 8*24*time.Hour)
	g.in.Now = g.in.Now.Add(d)
	g.note("after %s", d)
}

// arrive delivers what was held back, in any order.
func (g *game) arrive() {
	g.r.Shuffle(len(g.held), func(i, j int) { g.held[i], g.held[j] = g.held[j], g.held[i] })
	for _, f := range g.held {
		g.deliver(f)
	}
	g.held = nil
}

func (g *game) hostLag() {
	g.lagging = ""
	if n := len(g.heads); n > 1 && g.r.IntN(2) == 0 && g.in.Pull.Open && g.heads[n-2].base == g.in.MergeBase {
		g.lagging = g.heads[n-2].head
	}
}

func (g *game) governed() { g.in.Governed = g.r.IntN(3) > 0 }
