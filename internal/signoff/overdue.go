package signoff

import (
	"cmp"
	"slices"
	"time"

	"github.com/barraiser/barraiser/internal/review"
)

// ahead is how long before a deadline the reminder comes at most. Before one that
// is near it comes when half of the time is over.
const ahead = 3 * 24 * time.Hour

// deadline notes when what an override waits for is late, reminds of it, and tells
// one level up that it is.
func (f *follow) deadline(o *Override) {
	if f.unknown || f.quiet {
		return
	}
	w := o.Waits()
	w.Due = f.due(*o, w)
	o.Deadline = w.Due
	if w.For == "" || w.Due.IsZero() || o.late(w.For) {
		return
	}
	if remind := w.Due.Add(-min(ahead, w.Due.Sub(w.Since)/2)); f.now.Before(remind) {
		f.again(remind)
	} else if f.now.Before(w.Due) && !slices.Contains(o.Reminded, w.For) {
		o.Reminded = append(o.Reminded, w.For)
		f.notice(*o, NoticeDue, w.For, "", w.Who)
	}
	if f.now.Before(w.Due) {
		f.again(w.Due)
		return
	}
	f.overdue(o, w)
}

// late reports whether it was noted already that something did not come in time.
func (o Override) late(step Verb) bool {
	return slices.ContainsFunc(o.Steps, func(s Followed) bool { return s.Kind == Overdue && s.Late == step })
}

// overdue notes that something did not come, and tells those above whom it was
// waited for: of a reason that is missing, the first level; of what that level has
// to do, or has to see to, the next.
func (f *follow) overdue(o *Override, w Wait) {
	level := 1
	if w.For == VerbJustify {
		level = 0
	}
	to := f.present(*o, level)
	o.Steps = append(o.Steps,
		Followed{Kind: Overdue, At: f.now, Late: w.For},
		Followed{Kind: Escalated, At: f.now, Late: w.For, To: to})
	f.notice(*o, NoticeOverdue, w.For, "", to)
}

// due is when what waits is late. A time of the policy that ends outside of
// working hours ends when the next ones begin; a promise is kept on its day.
func (f *follow) due(o Override, w Wait) time.Time {
	rules := f.policy.Overrides
	acknowledge := rules.Acknowledge
	var span time.Duration
	switch w.For {
	case VerbJustify:
		span = cmp.Or(rules.Justify, acknowledge)
	case VerbAcknowledge:
		span = acknowledge
	case VerbAccept:
		span = cmp.Or(rules.Decide, acknowledge)
	case VerbKept:
		promise, _ := o.step(Promised)
		end := endOf(promise.Due)
		if w.Check && !w.Since.Add(acknowledge).Before(end) {
			break // whoever checks has as long as for anything else
		}
		return f.working(end)
	}
	if span == 0 && w.Check {
		span = acknowledge
	}
	if span == 0 || w.For == "" {
		return time.Time{}
	}
	return f.working(w.Since.Add(span))
}

// endOf is the end of a day in UTC; zero where it is none.
func endOf(day review.Date) time.Time {
	t, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, 1)
}

// working is a moment, or the beginning of the next working hours after it.
func (f *follow) working(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	return WorktimeOf(f.policy, "", nil).Next(at)
}

func (f *follow) again(at time.Time) {
	if at.After(f.now) && (f.next.IsZero() || at.Before(f.next)) {
		f.next = at
	}
}

// enter has the steps stored that are not in the ledger, in their order. One that
// is closed takes no more, so what was said to be kept waits for its check.
func (f *follow) enter(o *Override) {
	for _, s := range o.Steps {
		if s.Entry > 0 || s.Kind == Kept && s.Checked == nil {
			continue
		}
		e := Entry{
			Kind: EntryKind(s.Kind), Subject: f.subject, At: f.now, Actor: s.By, Override: o.ID, Step: s.Key(),
			Data: s.Link, Due: s.Due, Late: s.Late, To: s.To,
		}
		switch s.Kind {
		case Promised:
			e.Promise = s.Text
		case Kept:
			e.Second, e.About = s.Checked, o.keyOf(Promised, "")
			if e.Second.ID == e.Actor.ID {
				e.Second = nil
			}
		case Overdue:
			if s.Late == VerbKept {
				e.About = o.keyOf(Promised, "")
			}
		case Escalated:
			e.About = o.keyOf(Overdue, s.Late)
		default:
			e.Reason = s.Text
		}
		f.entries = append(f.entries, e)
	}
}

// keyOf is the key of a step.
func (o Override) keyOf(kind StepKind, late Verb) string {
	for _, s := range o.Steps {
		if s.Kind == kind && s.Late == late {
			return s.Key()
		}
	}
	return ""
}
