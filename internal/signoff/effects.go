package signoff

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// Key names what an effect is about: of several Puts with one key the newest
// counts, and of Tells there is only one.
func (e Effect) Key() string {
	if e.Kind.Put() {
		return string(e.Kind) + " " + e.Subject.Key() + " " + e.Commit
	}
	return string(e.Kind) + " " + e.Subject.Key() + " " + e.Fact
}

// unseen is a look at what is not guarded: nothing is shown, but that a check
// which was there must not stay as it was.
func (l *look) unseen(why string) Outcome {
	l.snapshot()
	if l.was.State == "" || l.was.State == NotGoverned {
		l.rec.State, l.rec.Why = NotGoverned, why
		l.rec.Verdicts = l.was.Verdicts
		return l.done()
	}
	l.rec.Mode, l.rec.BaseRef = l.was.Mode, l.in.Pull.BaseRef
	l.rec.State, l.rec.Why, l.rec.Verdicts = NotGoverned, why, l.was.Verdicts
	for i := range l.rec.Requirements {
		s := &l.rec.Requirements[i]
		s.State, s.Why, s.Assigned, s.SignedBy = NotGoverned, "", nil, nil
	}
	for i := range l.rec.Overrides {
		l.void(&l.rec.Overrides[i], "the change is for another branch")
	}
	if !l.in.OptedIn {
		l.history()
		return l.done()
	}
	return l.finish()
}

// done is an outcome of which nothing is shown. What was overridden is followed up
// all the same.
func (l *look) done() Outcome {
	if len(l.rec.Overrides) > 0 && !l.followed {
		l.followUp()
	}
	l.out.Record = l.rec
	return l.out
}

// recheck is how often a sign-off is looked at that nothing happens to. It hangs on
// who is in which team and reports to whom, and of that nothing reliable is told.
const recheck = time.Hour

// finish adds what the change of the record is to show.
func (l *look) finish() Outcome {
	if l.rec.State == SignedOff {
		l.again(l.in.Now.Add(recheck))
	}
	l.turnedOut()
	l.followUp()
	l.lookAgain()
	l.turns()
	l.history()
	if l.shown() {
		l.puts()
	}
	l.config()
	return l.done()
}

// followUp takes the steps that follow the overrides. It is done whatever became
// of the pull request.
func (l *look) followUp() {
	l.followed = true
	f := l.follow()
	if l.rec.State == MergedOverridden {
		for _, o := range slices.Backward(l.rec.Overrides) {
			if l.grants(o) {
				f.used = o.ID
				break
			}
		}
	}
	f.run(l.facts, func(fact Fact) bool { return l.fresh[fact.ID] }, l.respond)
	l.out.Entries = f.entries
	l.out.Effects = append(l.out.Effects, f.effects...)
	l.again(f.next)
}

// follow is the follow-up of the record at this look.
func (l *look) follow() *follow {
	return &follow{
		directory: l.directory(), now: l.in.Now, subject: l.rec.Subject, policy: l.in.Policy, unknown: l.in.PolicyFailure != "" || !l.in.OptedIn,
		quiet: l.rec.Mode == review.Observe, author: l.in.Pull.Author, overrides: l.rec.Overrides, entries: l.out.Entries,
	}
}

// shown reports whether the record differs in what is shown.
func (l *look) shown() bool {
	a, b := l.was, l.rec
	for _, r := range []*Record{&a, &b} {
		r.Facts, r.Pending, r.Entered, r.Config, r.History, r.Reopened = 0, nil, nil, "", nil, false
	}
	return !reflect.DeepEqual(a, b) && normal(a) != normal(b)
}

// normal is a record as it comes back from the store.
func normal(r Record) string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // unreachable: a record holds only texts, numbers and times
	}
	return string(text)
}

// puts brings all channels of the mode to the new state. What could be a
// downgrade goes first: the check.
func (l *look) puts() {
	kinds := []EffectKind{PutCheck}
	guessed := l.in.PolicyFailure != "" && l.was.Mode == ""
	loud := l.rec.Mode != review.Observe && !l.in.Pull.Draft && !guessed
	if loud {
		kinds = append(kinds, PutComment, PutReviewers, PutInline)
	}
	var first []Effect
	for _, k := range kinds {
		e := Effect{Kind: k, Subject: l.rec.Subject}
		if k == PutCheck {
			e.Commit = l.head
		}
		first = append(first, e)
	}
	l.out.Effects = append(first, l.out.Effects...)
}

// config shows the mistakes that the change puts into the policy, and that they
// are mended.
func (l *look) config() {
	if !l.in.Governed || l.end != nil {
		return
	}
	var texts []string
	for _, p := range l.in.HeadPolicy {
		texts = append(texts, p.String())
	}
	hash := ""
	if len(texts) > 0 {
		sum := sha256.Sum256([]byte(l.head + "\n" + strings.Join(texts, "\n")))
		hash = hex.EncodeToString(sum[:8])
	}
	if hash != l.was.Config {
		l.out.Effects = slices.Insert(l.out.Effects, 0, Effect{Kind: PutConfigCheck, Subject: l.rec.Subject, Commit: l.head})
	}
	l.rec.Config = hash
}

// tell adds a Tell about a fact.
func (l *look) tell(e Effect) {
	e.Subject = l.rec.Subject
	l.out.Effects = append(l.out.Effects, e)
}

// notice tells people in Slack. In observe nobody is told.
func (l *look) notice(key string, n Notice) {
	if l.rec.Mode != review.Observe {
		l.tell(Effect{Kind: TellNotice, Fact: key, Notice: &n})
	}
}

// history notes what changed of the states.
func (l *look) history() {
	add := func(d impact.Domain, from, to State, why string) {
		if from == to {
			return
		}
		t := Transition{At: l.in.Now, Head: l.rec.Head, Domain: d, From: from, To: to, By: l.mover(d, to), Why: why}
		l.rec.History = append(l.rec.History, t)
	}
	for _, s := range l.rec.Requirements {
		var from State
		if i := slices.IndexFunc(l.was.Requirements, func(old Standing) bool { return old.Domain == s.Domain }); i >= 0 {
			from = l.was.Requirements[i].State
		}
		add(s.Domain, from, s.State, s.Why)
	}
	for _, old := range l.was.Requirements {
		if !slices.ContainsFunc(l.rec.Requirements, func(s Standing) bool { return s.Domain == old.Domain }) {
			add(old.Domain, old.State, NotRequired, "no longer asked for")
		}
	}
	add("", l.was.State, l.rec.State, l.rec.Why)
}

// mover is who brought a domain, or the whole for none, into a state by what they
// said or did; nobody where a push, a timer or we ourselves did.
func (l *look) mover(d impact.Domain, to State) Account {
	switch to {
	case SignedOff, ChangesRequestedBy, RecommendedAgainst:
		return l.lastSaid(d, to)
	case OverrideDeclared:
		if i := slices.IndexFunc(l.rec.Overrides, l.grants); i >= 0 {
			return l.rec.Overrides[i].By
		}
	case MergedClean, MergedOverridden, MergedUndeclared, MergedUnverified:
		if l.end != nil {
			return l.end.by
		}
	}
	return Account{}
}

// lastSaid is whose word a state rests on, the last one's of several.
func (l *look) lastSaid(d impact.Domain, to State) (who Account) {
	last := -1
	for i, n := range l.needs {
		if i >= len(l.rec.Requirements) || d != "" && n.domain != d || l.rec.Requirements[i].State != to {
			continue
		}
		words := n.covering
		if to != SignedOff {
			words = l.against(n)
		}
		for _, v := range words {
			if v > last && (to == SignedOff || to == ChangesRequestedBy || l.said[v].Kind == RecommendAgainst) {
				last, who = v, l.said[v].Actor
			}
		}
	}
	return who
}

// enter records the sign-offs that count, each once.
func (l *look) enter() {
	for i, s := range l.rec.Requirements {
		if i >= len(l.needs) {
			break
		}
		for _, v := range l.needs[i].covering {
			key := l.said[v].Fact + " " + string(s.Domain)
			if slices.Contains(l.rec.Entered, key) {
				continue
			}
			l.rec.Entered = append(l.rec.Entered, key)
			l.out.Entries = append(l.out.Entries, Entry{
				Kind: EntrySignedOff, Subject: l.rec.Subject, At: l.in.Now, Actor: l.said[v].Actor, Commit: l.head,
				Domains: []impact.Domain{s.Domain}, Reason: l.said[v].Text, Minutes: l.minutes(),
			})
		}
	}
}

func (l *look) minutes() int {
	if l.judged == nil {
		return 0
	}
	return int(l.judged.Minutes)
}
