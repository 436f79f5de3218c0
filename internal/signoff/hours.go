package signoff

import (
	"cmp"
	"time"

	"github.com/barraiser/barraiser/internal/review"
)

// A Worktime is when one person works.
type Worktime struct {
	login  string
	policy review.Policy
	hours  review.Hours
	zone   *time.Location
}

// horizon is how far ahead working time is looked for. Who is away for longer
// is not reminded.
const horizon = 400 // days

// WorktimeOf is that of a login in lower case by the policy. A zone that is nil is
// UTC.
func WorktimeOf(p review.Policy, login string, zone *time.Location) Worktime {
	if zone == nil {
		zone = time.UTC
	}
	return Worktime{login, p, p.HoursOf(login), zone}
}

// worktime is by the zone of the policy, else by what the person says elsewhere.
func (l *look) worktime(login string) Worktime {
	zone := cmp.Or(l.in.Policy.People[login].Timezone, l.in.Timezones[login])
	return WorktimeOf(l.in.Policy, login, l.in.Zones[zone])
}

// Next returns the first moment from a time on at which the person works, which
// may be that time; zero where it is beyond the horizon.
func (w Worktime) Next(from time.Time) time.Time { return w.after(from, 0) }

// after returns the moment at which the person has worked for d since from; zero
// where that is beyond the horizon.
func (w Worktime) after(from time.Time, d time.Duration) time.Time {
	y, m, day := from.In(w.zone).Date()
	for i := range horizon {
		begin, end, ok := w.day(y, m, day+i)
		if begin.Before(from) {
			begin = from
		}
		if !ok || !begin.Before(end) {
			continue
		}
		if span := end.Sub(begin); span < d {
			d -= span
			continue
		}
		return begin.Add(d).UTC()
	}
	return time.Time{}
}

// day returns the working hours of one day. They are taken by the clock on the
// wall, so a day on which the clocks change is no longer than others.
func (w Worktime) day(y int, m time.Month, d int) (begin, end time.Time, ok bool) {
	noon := time.Date(y, m, d, 12, 0, 0, 0, w.zone)
	if w.policy.AbsentOn(w.login, review.Date(noon.Format(time.DateOnly))) {
		return begin, end, false
	}
	for _, weekday := range w.hours.Days {
		if weekday == noon.Weekday() {
			at := func(c review.Clock) time.Time { return time.Date(y, m, d, 0, int(c), 0, 0, w.zone) }
			return at(w.hours.From), at(w.hours.To), true
		}
	}
	return begin, end, false
}
