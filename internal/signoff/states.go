package signoff

import (
	"slices"
	"time"

	"github.com/barraiser/barraiser/internal/review"
)

// states has a row for each state, the gravest first: a pull request is in the
// gravest one of its requirements. What is not in here is unknown, and that is
// never success.
var states = []struct {
	state                  State
	enforce, warn, observe Conclusion
	title                  string
	end                    bool // it leaves only by being opened again
}{
	{RecommendedAgainst, Failure, Neutral, Neutral, "Recommended against", false},
	{ChangesRequestedBy, Failure, Neutral, Neutral, "Changes requested", false},
	{Incomplete, ActionRequired, Neutral, Neutral, "Could not be analysed", false},
	{Unassigned, ActionRequired, Neutral, Neutral, "Sign-off needed, nobody to ask", false},
	{Awaiting, ActionRequired, Neutral, Neutral, "Sign-off needed", false},
	{Evaluating, InProgress, InProgress, InProgress, "Being analysed", false},
	{CarryOver, InProgress, InProgress, Neutral, "Checking whether the sign-off still holds", false},
	// Only once all else is there: a merge without it is none without a sign-off.
	{Undescribed, ActionRequired, Neutral, Neutral, "Description to be completed", false},
	{OverrideDeclared, Neutral, Neutral, Neutral, "Overridden", false},
	{SignedOff, Success, Success, Neutral, "Signed off", false},
	{NotRequired, Success, Success, Neutral, "Within the bar", false},
	{NotGoverned, Neutral, Neutral, Neutral, "Not guarded by the bar", false},

	// A check stays as it was left: Record.Conclusion.
	{MergedClean, Neutral, Neutral, Neutral, "Merged", true},
	{MergedOverridden, Neutral, Neutral, Neutral, "Merged with an override", true},
	{MergedUndeclared, Neutral, Neutral, Neutral, "Merged without sign-off", true},
	{MergedUnverified, Neutral, Neutral, Neutral, "Merged unseen", true},
	{Closed, Neutral, Neutral, Neutral, "Closed", true},
}

func row(s State) int {
	for i := range states {
		if states[i].state == s {
			return i
		}
	}
	return -1
}

// Conclusion is what the check shows in a state.
func (s State) Conclusion(m review.Mode) Conclusion {
	i := row(s)
	switch {
	case i < 0 && m == review.Enforce:
		return ActionRequired
	case i < 0:
		return Neutral
	case m == review.Enforce:
		return states[i].enforce
	case m == review.Warn:
		return states[i].warn
	}
	return states[i].observe
}

// Title is the state in a few words.
func (s State) Title() string {
	if i := row(s); i >= 0 {
		return states[i].title
	}
	return string(s)
}

// Ended reports whether nothing more is asked of anybody.
func (s State) Ended() bool {
	i := row(s)
	return i >= 0 && states[i].end
}

// EndStates are the states that ended.
func EndStates() []State {
	var out []State
	for _, row := range states {
		if row.end {
			out = append(out, row.state)
		}
	}
	return out
}

// merged reports whether it is how a merge ended. It changes into another only
// where something is heard late that was said before the merge.
func (s State) merged() bool { return s.Ended() && s != Closed }

// MergedAt is when it was found out that the pull request is merged, and whether
// it is; zero: that is not known.
func (r Record) MergedAt() (at time.Time, merged bool) {
	if !r.State.merged() {
		return time.Time{}, false
	}
	for _, t := range r.History {
		if t.Domain == "" && t.To.merged() {
			return t.At, true
		}
	}
	return time.Time{}, true
}

// gravest returns the gravest of the states.
func gravest(all ...State) State {
	for _, row := range states {
		if slices.Contains(all, row.state) {
			return row.state
		}
	}
	return Evaluating
}

// Conclusion is what the check of a pull request shows. One that ended keeps
// what it was left with; nobody will end what was in progress then.
func (r Record) Conclusion() Conclusion {
	if !r.State.Ended() {
		return r.State.Conclusion(r.Mode)
	}
	if c := r.Left.Conclusion(r.Mode); c != InProgress {
		return c
	}
	return Neutral
}

// gravity orders the conclusions.
var gravity = []Conclusion{Failure, ActionRequired, InProgress, Neutral, Success}

// Fold is the conclusion of a check that several subjects share, since they have
// the same head: the gravest. Only those belong in it that are open on a governed
// branch. Of none it is unknown, and so in progress.
func Fold(all ...Conclusion) Conclusion {
	for _, c := range gravity {
		if slices.Contains(all, c) {
			return c
		}
	}
	return InProgress
}
