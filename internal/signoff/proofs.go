package signoff

import (
	"cmp"
	"slices"
)

// snapshot remembers the change that is looked at, and the proofs that came. The
// merge base of what is not guarded may not be known.
func (l *look) snapshot() {
	if l.head != "" && (l.base != "" || !l.in.Governed) && l.in.PolicyFailure == "" {
		if now := l.now(); !slices.Contains(l.rec.Snapshots, now) {
			l.rec.Snapshots = append(l.rec.Snapshots, now)
		}
	}
	for _, p := range l.in.Proofs {
		if !slices.ContainsFunc(l.rec.Proofs, func(old Proof) bool { return old.pair() == p.pair() }) {
			l.rec.Proofs = append(l.rec.Proofs, p)
		}
	}
}

func (l *look) now() Snapshot {
	return Snapshot{Head: l.head, MergeBase: l.base, BaseRef: l.in.Pull.BaseRef, Policy: l.in.PolicyID}
}

// A change is a pair of commits: what was signed, and what is to be merged.
type change struct{ head, base string }

func (p Proof) pair() [2]change {
	return [2]change{{p.From, p.FromBase}, {p.To, p.ToBase}}
}

// holds reports whether a proof carries a sign-off on: what is new in To, nobody
// has signed.
func (p Proof) holds() bool { return p.Holds && p.NewFindings == 0 }

// A cover says whether what was said of one change holds for the present one.
type cover int

const (
	covers   cover = iota
	unknown        // until a proof is there
	uncovers       // never
)

// covered judges a verdict. One head may have been two changes: with two merge
// bases, or for two branches. Where it is not known which of them the person saw,
// it has to hold from each of them.
func (l *look) covered(s said) (c cover, want []Proof, why string) {
	now := l.now()
	baseRef := cmp.Or(s.baseRef, l.retargeted(s))
	seen := 0
	for _, snap := range l.rec.Snapshots {
		if snap.Head != s.Commit || s.baseRef != "" && snap.BaseRef != s.baseRef {
			continue
		}
		if snap.BaseRef == baseRef || baseRef == "" {
			seen++
		}
		switch next, proofs, text := l.carried(snap, now); next {
		case unknown:
			want = append(want, proofs...)
			c = max(c, unknown)
		case uncovers:
			c, why = uncovers, text
		}
	}
	switch {
	case l.base == "":
		return unknown, nil, ""
	case seen == 0 && baseRef != "" && s.Commit == l.head:
		return uncovers, nil, "it was said when the change was for " + baseRef
	case seen == 0:
		return uncovers, nil, brief(s.Commit) + ", which was signed, was never judged here"
	case c == uncovers:
		return c, nil, why
	}
	return c, want, ""
}

// retargeted is the branch that another was chosen for after a verdict, which so
// may be the one it was said for. That is no proof of it: an earlier choice may
// not have been heard of.
func (l *look) retargeted(s said) string {
	for i, f := range l.facts {
		if f.Kind == Retargeted && after(f, i, l.facts[s.place], s.place) {
			return f.Before
		}
	}
	return ""
}

// carried says whether one snapshot's sign-off holds for another snapshot: by one
// proof or by a chain of them. It is asked for from the beginning of the chain
// and from its newest end, whichever holds.
func (l *look) carried(from, to Snapshot) (c cover, want []Proof, why string) {
	a, b := change{from.Head, from.MergeBase}, change{to.Head, to.MergeBase}
	switch {
	case a == b && (from.BaseRef == to.BaseRef || from.Policy == to.Policy):
		return covers, nil, ""
	case from.MergeBase == "":
		return uncovers, nil, brief(from.Head) + " was signed when nothing guarded " + from.BaseRef
	case from.Policy != to.Policy:
		return uncovers, nil, "the policy is another one than when " + brief(from.Head) + " was signed"
	}
	reached := []change{a}
	for i := 0; i < len(reached); i++ {
		for _, p := range l.rec.Proofs {
			if pair := p.pair(); pair[0] == reached[i] && p.holds() && !slices.Contains(reached, pair[1]) {
				reached = append(reached, pair[1])
			}
		}
	}
	if slices.Contains(reached, b) {
		return covers, nil, ""
	}
	ends := []change{a}
	if last := reached[len(reached)-1]; last != a {
		ends = append(ends, last)
	}
	for _, end := range ends {
		i := slices.IndexFunc(l.rec.Proofs, func(p Proof) bool { return p.pair() == [2]change{end, b} })
		if i < 0 {
			want = append(want, Proof{From: end.head, FromBase: end.base, To: b.head, ToBase: b.base})
		} else {
			why = failed(l.rec.Proofs[i])
		}
	}
	if len(want) > 0 {
		return unknown, want, ""
	}
	return uncovers, nil, why
}

func failed(p Proof) string {
	switch {
	case p.Why != "":
		return "it is not the change that was signed at " + brief(p.From) + ": " + p.Why
	case p.Holds:
		return "there are findings that were not there when " + brief(p.From) + " was signed"
	}
	return "it is not the change that was signed at " + brief(p.From)
}

// want asks for proofs, each once.
func (l *look) want(proofs []Proof) {
	for _, p := range proofs {
		if !slices.Contains(l.out.Wanted, p) {
			l.out.Wanted = append(l.out.Wanted, p)
		}
	}
}
