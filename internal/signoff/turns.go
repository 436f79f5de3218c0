package signoff

import (
	"fmt"
	"slices"
)

// turning are the states between which a pull request turns, for those who wait. The
// others are on the way: a push that carries its sign-off over passes through them,
// and is no news.
var turning = map[State]bool{
	NotRequired: true, Unassigned: true, Awaiting: true, ChangesRequestedBy: true, RecommendedAgainst: true, SignedOff: true,
}

// turns tells the author, and those who were told of the pull request before, that it
// was signed off, that changes are asked for, or that something that allowed the merge
// holds no longer. Ends are told by closing, and what somebody did is not told to
// them.
func (l *look) turns() {
	if l.end != nil || l.frozen || !l.in.Pull.Open || l.in.Pull.Draft {
		return
	}
	for _, e := range l.out.Entries {
		if e.Kind == EntryOverrideWithdrawn || e.Kind == EntryOverrideLapsed {
			l.turn("lapsed:"+e.Override, Notice{Kind: NoticeLapsed, Override: e.Override, By: e.Actor.ID})
		}
	}
	var before State
	for _, t := range slices.Backward(l.was.History) {
		if t.Domain == "" && turning[t.To] {
			before = t.To
			break
		}
	}
	now := l.rec.State
	if now == before || !turning[now] {
		return
	}
	n := Notice{By: l.mover("", now).ID}
	switch {
	case now == SignedOff:
		n.Kind = NoticeSignedOff
	case now == ChangesRequestedBy, now == RecommendedAgainst:
		n.Kind = NoticeChanges
	case before == SignedOff && now != NotRequired:
		n.Kind = NoticeLapsed
	default:
		return
	}
	l.turn(fmt.Sprintf("%s:%d:%d", n.Kind, l.in.Now.Unix(), l.rec.Facts), n)
}

// turn tells of one of them. A bot reads no messages.
func (l *look) turn(key string, n Notice) {
	if who := l.in.Pull.Author; !who.Bot && who.ID != 0 && who.ID != n.By {
		n.To = []Account{who}
	}
	l.notice(key, n)
}
