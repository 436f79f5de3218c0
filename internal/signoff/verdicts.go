package signoff

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// said is a verdict with what of its fact does not go into the record.
type said struct {
	Verdict
	at      time.Time // when it was said
	place   int       // of the fact
	comment int64
	baseRef string
}

// listen reads the verdicts from the facts. Nothing else makes one: a host that
// lists a review may forge or move it, and so only revokes.
func (l *look) listen() {
	reviews := map[int64]bool{}
	for i, f := range l.facts {
		s, ok := l.verdict(f)
		if !ok || !l.inTime(f) || f.Review != 0 && reviews[f.Review] {
			continue
		}
		reviews[f.Review] = f.Review != 0
		s.place = i
		l.revoke(&s)
		l.place(&s.Verdict)
		l.said = append(l.said, s)
	}
	for _, s := range l.said {
		l.rec.Verdicts = append(l.rec.Verdicts, s.Verdict)
	}
}

// verdict makes a verdict of a fact. What was edited, or was said by a bot or in
// somebody else's name, is none.
func (l *look) verdict(f Fact) (said, bool) {
	s := said{
		Verdict: Verdict{Fact: f.ID, At: f.At, Actor: f.Actor, Commit: f.Commit, Review: f.Review, Text: f.Text},
		at:      told(f), comment: f.Comment, baseRef: f.BaseRef,
	}
	if !genuine(f) {
		return s, false
	}
	switch {
	case f.Kind == ReviewSubmitted && f.Commit != "":
		s.Source = "review"
		switch f.State {
		case Approved:
			s.Kind = SignOff
		case ChangesRequested:
			s.Kind = RequestChanges
		}
	case f.Kind == Commanded && f.Command != nil && f.Command.Wrong == "":
		s.Source = "command"
		if f.Comment == 0 {
			s.Source = "page"
		}
		s.Text, s.Commit = f.Command.Text, cmp.Or(f.Command.Commit, s.Commit)
		switch f.Command.Verb {
		case VerbSignOff:
			c, err := l.resolve(f.Command.Commit)
			if err != "" {
				return s, false
			}
			s.Kind, s.Commit = SignOff, c
		case VerbRequestChanges:
			s.Kind = RequestChanges
		case VerbRecommendAgainst:
			s.Kind = RecommendAgainst
		}
	}
	return s, s.Kind != ""
}

// genuine reports whether a person said it, and said it in the first place.
func genuine(f Fact) bool {
	return !f.Edited && f.Actor.ID != 0 && !f.Actor.Bot && (f.Author.ID == 0 || f.Author.ID == f.Actor.ID)
}

// told is when something was said.
func told(f Fact) time.Time {
	if f.Said.IsZero() {
		return f.At
	}
	return f.Said
}

// inTime reports whether something was said before the merge, if there was one.
// What is said later changes nothing any more.
func (l *look) inTime(f Fact) bool { return l.end == nil || !told(f).After(l.end.at) }

// revoke says why a verdict counts no longer. A sign-off ends with its review,
// whoever dismissed that; a no only where its own author withdraws it.
func (l *look) revoke(s *said) {
	if s.Review == 0 {
		return
	}
	later := false // dismissed, but after the merge
	for _, f := range l.facts {
		if f.Kind != ReviewDismissed || f.Review != s.Review {
			continue
		}
		switch own := f.Actor.ID == s.Actor.ID; {
		case !l.inTime(f):
			later = true
		case own:
			s.Revoked = "withdrawn"
		case s.Kind == SignOff:
			s.Revoked = "dismissed by " + f.Actor.Login
		}
	}
	if s.Revoked != "" || s.Kind != SignOff {
		return
	}
	switch i := slices.IndexFunc(l.in.Pull.Reviews, func(r HostReview) bool { return r.ID == s.Review }); {
	case i < 0:
		s.Revoked = "the host does not show the review"
		l.again(s.At.Add(lag)) // it may not show it yet
	case l.in.Pull.Reviews[i].State != Approved && !later:
		s.Revoked = "the host shows the review as " + string(l.in.Pull.Reviews[i].State)
	}
}

// place notes in whose name somebody speaks: the pools at this look and at
// earlier ones.
func (l *look) place(v *Verdict) {
	if i := slices.IndexFunc(l.was.Verdicts, func(old Verdict) bool { return old.Fact == v.Fact }); i >= 0 {
		v.Domains = slices.Clone(l.was.Verdicts[i].Domains)
		v.Commit = cmp.Or(v.Commit, l.was.Verdicts[i].Commit)
	}
	v.Commit = cmp.Or(v.Commit, l.head)
	for _, n := range l.needs {
		if _, ok := n.pool[v.Actor.ID]; ok && !slices.Contains(v.Domains, n.domain) {
			v.Domains = append(v.Domains, n.domain)
		}
	}
	slices.Sort(v.Domains)
}

// newer reports whether one verdict of a person certainly came after another.
func (a said) newer(b said) bool {
	switch {
	case !a.at.Equal(b.at):
		return a.at.After(b.at)
	case a.Review != 0 && b.Review != 0:
		return a.Review > b.Review
	case a.comment != 0 && b.comment != 0 && a.comment != b.comment:
		return a.comment > b.comment
	}
	return a.place > b.place
}

// counts reports whether a sign-off is one still: not revoked, and newer than
// each no and each revoked sign-off of the same person. So nothing that ends the
// newer brings back the older.
func (l *look) counts(i int) bool {
	s := l.said[i]
	if s.Kind != SignOff || s.Revoked != "" {
		return false
	}
	for j, other := range l.said {
		if j != i && other.Actor.ID == s.Actor.ID && (other.Kind != SignOff || other.Revoked != "") && !s.newer(other) {
			return false
		}
	}
	return true
}

// against returns those whose no stands in a domain, by index of the verdicts.
// It ends by its author's newer sign-off, on whatever commit, or by withdrawal.
func (l *look) against(n need) []int {
	var out []int
	for i, s := range l.said {
		if s.Kind == SignOff || s.Revoked != "" || !slices.Contains(s.Domains, n.domain) {
			continue
		}
		if !slices.ContainsFunc(l.said, func(o said) bool { return o.Kind == SignOff && o.Actor.ID == s.Actor.ID && o.newer(s) }) {
			out = append(out, i)
		}
	}
	return out
}

// resolve finds the commit that a person named by its first digits, among those
// that were ever the head. Two that begin alike name none: with 7 digits, one
// that begins like a signed one can be made in seconds.
func (l *look) resolve(short string) (commit, err string) {
	short = strings.ToLower(short)
	if len(short) < minCommit || strings.Trim(short, "0123456789abcdef") != "" {
		return "", "name the commit by at least 7 digits of its hash"
	}
	heads := []string{l.head, l.in.Pull.Head}
	for _, f := range l.facts {
		switch f.Kind {
		case Pushed:
			heads = append(heads, f.Commit, f.Before)
		case ReviewSubmitted, Merged:
			heads = append(heads, f.Commit)
		}
	}
	for _, s := range l.rec.Snapshots {
		heads = append(heads, s.Head)
	}
	for _, h := range heads {
		switch {
		case h == "" || !strings.HasPrefix(h, short) || h == commit:
		case commit != "":
			return "", "more than one commit begins with these digits: name it in full"
		default:
			commit = h
		}
	}
	if commit == "" {
		return "", "this is no commit that was ever the head here; the head is " + brief(l.head)
	}
	return commit, ""
}

func brief(commit string) string { return commit[:min(len(commit), minCommit)] }
