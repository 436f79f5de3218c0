package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// # The weekly digest
//
// Of each installation, the repositories whose policies name the same channel share
// one digest a week. The timer is what is stored: of each channel, the last week that
// it was told of. So a restart changes nothing, and a server that was away at the
// hour tells when it is back, for three days. A channel that is seen for the first
// time is told of the week that ends next, and not of the one before.

const (
	// digestPatience is for how long is tried to tell a digest. Later, the next one
	// is near.
	digestPatience = 3 * 24 * time.Hour
	// followWeeks is how far back a digest counts what was followed up.
	followWeeks = 13
	mostDigest  = 5000 // overrides and pull requests that a digest counts
)

// A circle are the repositories that share a channel.
type circle struct {
	installation int64
	channel      string
	policy       review.Policy // of the first of them, whose day and hours count
	repos        []store.Repository
}

// sweepDigests tells each channel whose time has come. That one cannot be told does
// not keep the others from it.
func (b *Bot) sweepDigests(ctx context.Context) error {
	if b.Notifier == nil {
		return nil
	}
	circles, err := b.circles(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, c := range circles {
		if err := b.digest(ctx, c); err != nil {
			failed = append(failed, fmt.Errorf("digest of %s: %w", c.channel, err))
		}
	}
	return errors.Join(failed...)
}

// circles are all that want a digest, as their default branches said at the last
// look.
func (b *Bot) circles(ctx context.Context) ([]*circle, error) {
	installations, err := b.Store.Installations(ctx)
	if err != nil {
		return nil, err
	}
	here := map[int64]bool{}
	for _, i := range installations {
		here[i.ID] = !i.Suspended && !i.Deleted
	}
	repos, err := b.Store.Repositories(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(repos, func(a, b store.Repository) int { return cmp.Compare(a.ID, b.ID) })
	var out []*circle
	for _, repo := range repos {
		if repo.Removed || repo.Archived || !here[repo.Installation] {
			continue
		}
		policy, err := b.standingPolicy(ctx, repo)
		if err != nil {
			return nil, err
		}
		d, wanted := policy.WeeklyDigest()
		if !wanted {
			continue
		}
		i := slices.IndexFunc(out, func(c *circle) bool {
			return c.installation == repo.Installation && strings.EqualFold(c.channel, d.Channel)
		})
		if i < 0 {
			out, i = append(out, &circle{installation: repo.Installation, channel: d.Channel, policy: policy}), len(out)
		}
		out[i].repos = append(out[i].repos, repo)
	}
	return out, nil
}

// standingPolicy is what the default branch said at the last look, the zero value
// where it was not looked at.
func (b *Bot) standingPolicy(ctx context.Context, repo store.Repository) (review.Policy, error) {
	s := signoff.Subject{Installation: repo.Installation, Repository: repo.ID, Kind: signoff.Branch, Ref: repo.DefaultBranch}
	_, content, err := b.Store.View(ctx, s)
	if errors.Is(err, store.ErrNotFound) {
		return review.Policy{}, nil
	}
	if err != nil {
		return review.Policy{}, err
	}
	var v struct{ Policy review.Policy }
	if err := json.Unmarshal(content, &v); err != nil {
		return review.Policy{}, fmt.Errorf("stored view of %s: %w", s.Key(), err)
	}
	return v.Policy, nil
}

// digest tells a circle of the week, once its time has come.
func (b *Bot) digest(ctx context.Context, c *circle) error {
	now := b.Now()
	end, due := digestTime(c.policy, now)
	week := end.AddDate(0, 0, -7)
	setting := fmt.Sprintf("digest %d %s", c.installation, strings.ToLower(c.channel))
	text, err := b.Store.Setting(ctx, setting)
	if err != nil {
		return err
	}
	told := func(week time.Time) error { return b.Store.Set(ctx, setting, week.Format(time.DateOnly)) }
	last, err := time.ParseInLocation(time.DateOnly, text, end.Location())
	switch {
	case err != nil && now.Before(due): // it is seen for the first time
		return told(week.AddDate(0, 0, -7))
	case err != nil:
		return told(week)
	case now.Before(due), week.Before(last.AddDate(0, 0, 7)):
		return nil
	case now.Sub(due) > digestPatience:
		b.log.Error("a digest could not be told in time and is left out", "channel", c.channel, "week", week.Format(time.DateOnly))
		return told(week)
	}
	d, err := b.weekOf(ctx, c, end)
	if err != nil {
		return err
	}
	if !d.Empty() {
		if err := b.Notifier.Digest(ctx, c.installation, c.channel, d); err != nil {
			return err
		}
	}
	return told(week)
}

// digestTime is the end of the newest week that a policy wants to be told of, and
// when: at the time that it says, or when work begins after that. A zone that this
// machine does not know is UTC.
func digestTime(p review.Policy, now time.Time) (end, due time.Time) {
	d, _ := p.WeeklyDigest()
	zone, err := time.LoadLocation(d.Timezone)
	if err != nil {
		zone = time.UTC
	}
	local := now.In(zone)
	back := (int(local.Weekday()) - int(d.Day) + 7) % 7
	y, m, day := local.Date()
	at := func(day int) time.Time { return time.Date(y, m, day, 0, int(d.At), 0, 0, zone) }
	if at(day - back).After(now) {
		back += 7
	}
	end, due = time.Date(y, m, day-back, 0, 0, 0, 0, zone), at(day-back)
	if works := signoff.WorktimeOf(p, "", zone).Next(due); !works.IsZero() {
		due = works
	}
	return end, due
}

// weekOf gathers what a circle is told of the seven days before end.
func (b *Bot) weekOf(ctx context.Context, c *circle, end time.Time) (report.Digest, error) {
	d := report.Digest{Begin: end.AddDate(0, 0, -7), End: end, Repositories: len(c.repos), Pages: b.PublicURL}
	var err error
	if b.Survey != nil {
		if d.Survey, err = b.Survey(ctx, c.repos, end); err != nil {
			return d, err
		}
	}
	for _, repo := range c.repos {
		points, err := b.Store.Points(ctx, repo.ID, d.Begin, d.End)
		if err != nil {
			return d, err
		}
		for _, p := range points {
			for _, credit := range p.Credit {
				if d.Repaid == nil || credit.Reach() > d.Repaid.Reach() {
					d.Repaid = &report.Repayment{At: p.At, Repository: repo.Full(), Credit: credit}
				}
			}
		}
	}
	if d.Waiting, err = b.waiting(ctx, c.repos); err != nil {
		return d, err
	}
	d.Overrides, err = b.weekOverrides(ctx, c.repos, d.Begin, d.End)
	return d, err
}

// waiting are the pull requests that need a person, the one that waits longest
// first. Drafts ask nobody, and what is only observed neither.
func (b *Bot) waiting(ctx context.Context, repos []store.Repository) ([]report.WaitingPull, error) {
	rows, _, err := b.Store.Pulls(ctx, store.PullFilter{Repositories: idsOf(repos), OpenOnly: true}, store.Page{Limit: mostDigest})
	if err != nil {
		return nil, err
	}
	var out []report.WaitingPull
	for _, row := range rows {
		asks := !row.Record.Draft && row.Record.Mode != review.Observe && row.Record.Mode != ""
		if !asks || !report.NeedsPerson(row.State) {
			continue
		}
		line, err := b.Line(ctx, row.Subject)
		if err != nil {
			return nil, err
		}
		p := report.WaitingPull{Title: line.Title, Number: row.Subject.Number, State: row.State, Since: row.Updated}
		for _, q := range row.Record.Requirements {
			if !q.First.IsZero() && q.First.Before(p.Since) {
				p.Since = q.First
			}
		}
		i := slices.IndexFunc(repos, func(r store.Repository) bool { return r.ID == row.Subject.Repository })
		p.Repository = repos[i].Full()
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b report.WaitingPull) int { return a.Since.Compare(b.Since) })
	return out, nil
}

// weekOverrides counts the overrides that are in the ledger and were not withdrawn
// before anything came of them.
func (b *Bot) weekOverrides(ctx context.Context, repos []store.Repository, begin, end time.Time) (w report.WeekOverrides, err error) {
	list, _, err := b.Store.Overrides(ctx, store.OverrideFilter{
		Repositories: idsOf(repos), From: end.AddDate(0, 0, -7*followWeeks), To: end,
	}, store.Page{Limit: mostDigest})
	if err != nil {
		return w, err
	}
	for _, o := range list {
		if o.Override.Entry == 0 || o.Override.Void != "" {
			continue
		}
		if !o.Override.At.Before(begin) {
			w.Week++
			if !o.Override.Declared {
				w.Undeclared++
			}
		}
		stage := o.Override.Stage()
		if stage == signoff.NotFollowed {
			continue
		}
		w.Followed++
		if stage.Closed() {
			w.Settled++
		}
		if due := o.Override.Waits().Due; !due.IsZero() && due.Before(end) {
			w.Overdue++
		}
	}
	return w, nil
}

// idsOf is never nil: nil selects all.
func idsOf(repos []store.Repository) []int64 {
	out := make([]int64, 0, len(repos))
	for _, repo := range repos {
		out = append(out, repo.ID)
	}
	return out
}
