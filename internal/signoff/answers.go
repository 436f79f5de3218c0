package signoff

import (
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/impact"
)

// A ruling is the answer to a command.
type ruling struct {
	ok, wait bool
	reply    string // one sentence without a full stop
}

var granted, wait = ruling{ok: true}, ruling{wait: true}

func refuse(why string) ruling { return ruling{reply: why} }

// rulings has a row for each verb that does something.
var rulings = map[Verb]func(*look, Fact) ruling{
	VerbRetry:            (*look).retry,
	VerbSignOff:          (*look).signOff,
	VerbRequestChanges:   (*look).speakAgainst,
	VerbRecommendAgainst: (*look).speakAgainst,
	VerbDecline:          (*look).decline,
	VerbReassign:         (*look).reassign,
	VerbRequire:          (*look).demanded,
	VerbOverride:         (*look).declare,
	VerbOverrideCancel:   (*look).cancel,
	VerbDismiss:          (*look).dismiss,
	VerbCorrect:          (*look).correct,
	VerbDeviation:        (*look).lookedAgain,
}

const (
	reactSeen    = "eyes"
	reactDone    = "+1"
	reactRefused = "confused"
)

// answer answers the commands that were not answered yet, in the order in which
// they came. A bot gets no answer: two of them would talk for ever.
func (l *look) answer() {
	for _, f := range l.facts {
		if f.Kind != Commanded || f.Command == nil || !l.fresh[f.ID] || f.Actor.Bot || follows(f) {
			continue
		}
		l.respond(f, l.rule)
	}
}

// respond answers a command with a ruling.
func (l *look) respond(f Fact, rule func(Fact) ruling) {
	if !slices.Contains(l.was.Pending, f.ID) {
		l.react(f, reactSeen)
	}
	switch r := rule(f); {
	case r.wait:
		l.rec.Pending = append(l.rec.Pending, f.ID)
	case r.ok:
		l.react(f, reactDone)
		l.reply(f, r.reply)
	default:
		l.react(f, reactRefused)
		l.reply(f, r.reply)
	}
}

func (l *look) rule(f Fact) ruling {
	c := f.Command
	row, acts := rulings[c.Verb]
	switch {
	case c.Wrong != "":
		return refuse(c.Wrong)
	case f.Edited:
		return refuse("an edited comment counts for nothing: write a new one")
	case !genuine(f):
		return refuse("only who wrote a comment can say something with it")
	case c.Verb == VerbHelp:
		return ruling{ok: true, reply: Help()}
	case !acts:
		show := *c
		l.tell(Effect{Kind: TellReply, Comment: f.Comment, Command: &show, Fact: f.ID})
		return granted
	case c.Verb == VerbCorrect || c.Verb == VerbDeviation:
		return row(l, f)
	case l.frozen || !l.inTime(f):
		return refuse("it is merged")
	}
	return row(l, f)
}

func (l *look) react(f Fact, reaction string) {
	if f.Comment != 0 {
		l.tell(Effect{Kind: TellReaction, Comment: f.Comment, Text: reaction, Fact: f.ID + " " + reaction})
	}
}

func (l *look) reply(f Fact, text string) {
	if text == "" {
		return
	}
	if !strings.HasSuffix(text, "\n") {
		text = strings.ToUpper(text[:1]) + text[1:] + "."
	}
	l.tell(Effect{Kind: TellReply, Comment: f.Comment, Text: text, Fact: f.ID})
}

func (l *look) retry(f Fact) ruling {
	if !l.steers(f.Actor) {
		return refuse("who may write to the repository may ask for that, the author, and " + l.signers())
	}
	return granted // the look that answers it has judged again: it counts them
}

// known reports whether it is known what has to be signed, and by whom.
func (l *look) known() bool {
	return l.in.PolicyFailure == "" && l.judged != nil && l.judged.Failure == ""
}

func (l *look) signOff(f Fact) ruling {
	commit, err := l.resolve(f.Command.Commit)
	switch {
	case err != "":
		return refuse(err)
	case !l.known():
		return wait
	case len(l.needs) == 0:
		return refuse("no sign-off is needed")
	case !l.signs(f.Actor):
		return refuse("who may sign: " + l.signers())
	case commit != l.head:
		return refuse("the head is another commit now: look at what is new, then `/bar signoff " + brief(l.head) + "`")
	}
	for i := range l.said {
		if l.said[i].Fact != f.ID {
			continue
		}
		switch c, _, _ := l.covered(l.said[i]); c {
		case unknown:
			return wait
		case uncovers:
			return refuse("this commit was another change before: please approve it with a review, which says for which branch")
		}
	}
	return granted
}

func (l *look) speakAgainst(f Fact) ruling {
	switch {
	case !l.known():
		return wait
	case len(l.needs) == 0:
		return refuse("no sign-off is needed, so there is nothing to withhold")
	}
	for _, n := range l.needs {
		if _, ok := n.pool[f.Actor.ID]; ok {
			return granted
		}
	}
	return refuse("whose word counts here: " + l.signers())
}

func (l *look) decline(f Fact) ruling {
	switch {
	case !l.known():
		return wait
	case !l.signs(f.Actor):
		return refuse("nobody asked you; who may sign: " + l.signers())
	}
	l.rec.Declined = append(l.rec.Declined, Refusal{Fact: f.ID, Who: f.Actor, Why: f.Command.Text})
	l.assign() // the backup may be another one now, too
	return granted
}

func (l *look) reassign(f Fact) ruling {
	switch {
	case !l.known():
		return wait
	case !l.steers(f.Actor):
		return refuse("who may write to the repository may do that, the author, and " + l.signers())
	case !l.asks():
		return refuse("nobody is asked here now")
	}
	to := l.in.Accounts[strings.ToLower(f.Command.Object)]
	done := false
	for i := range l.needs {
		n, s := &l.needs[i], &l.rec.Requirements[i]
		switch {
		case s.State != Awaiting && s.State != Unassigned:
		case f.Command.Object != "" && has(l.free(n), to):
			s.State = Awaiting
			if s.Assigned == nil || s.Assigned.To.ID != to.ID {
				l.offer(i, to, f.Actor)
			}
			done = true
		case f.Command.Object == "" && s.Assigned != nil && s.Assigned.Backup.ID != 0:
			l.pass(i, "passed on by "+f.Actor.Login)
			done = true
		}
	}
	if !done {
		return refuse("who can be asked: " + l.signers() + ", unless they declined")
	}
	return granted
}

// demands takes up what people demand in addition. That needs to be known before
// the requirements are listed.
func (l *look) demands() {
	for _, f := range l.facts {
		if f.Kind != Commanded || f.Command == nil || f.Command.Verb != VerbRequire || f.Command.Wrong != "" {
			continue
		}
		has := slices.ContainsFunc(l.rec.Required, func(d Demand) bool { return d.Fact == f.ID })
		if l.fresh[f.ID] && genuine(f) && l.inTime(f) && !has && l.in.Writers[f.Actor.ID] {
			l.rec.Required = append(l.rec.Required, Demand{f.ID, impact.Domain(f.Command.Object), f.Actor, f.Command.Text})
		}
	}
}

func (l *look) demanded(f Fact) ruling {
	if slices.ContainsFunc(l.rec.Required, func(d Demand) bool { return d.Fact == f.ID }) {
		return granted
	}
	return refuse("who may write to the repository may ask for another sign-off")
}

// dismiss proposes that a finding is wrong, or grants it: that takes somebody who
// may sign.
func (l *look) dismiss(f Fact) ruling {
	if l.judged == nil {
		return wait
	}
	c := f.Command
	print := c.Object
	if p, ok := l.rec.Numbered(c.Object); ok {
		print = p
	}
	if !slices.Contains(l.judged.Findings, print) {
		return refuse("there is no such finding in " + brief(l.head))
	}
	i := slices.IndexFunc(l.rec.Dismissals, func(d Dismissal) bool { return d.Fingerprint == print })
	if i < 0 {
		i = len(l.rec.Dismissals)
		l.rec.Dismissals = append(l.rec.Dismissals, Dismissal{Fact: f.ID, Fingerprint: print, By: f.Actor, Why: c.Text})
	}
	d := &l.rec.Dismissals[i]
	switch {
	case d.Granted != nil:
		return refuse("it is dismissed already")
	case l.signs(f.Actor):
		who := f.Actor
		d.Granted = &who
		return granted
	case d.Fact != f.ID:
		return refuse("it was proposed already; who may grant it: " + l.signers())
	}
	return ruling{ok: true, reply: "proposed; who may grant it, with the same command: " + l.signers()}
}
