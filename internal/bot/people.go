package bot

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// loadWindow is for how long having been asked weighs on who is asked next.
const loadWindow = 30 * 24 * time.Hour

// readPeople reads who the accounts are that the policy and the owners of the
// changed files name. A team that cannot be read matches nobody; an account that
// is not there grants nothing; anything else that goes wrong ends the look, since
// unknown is never success.
func (l *look) readPeople(ctx context.Context, files []string) error {
	names := l.principals(files)
	l.in.Roster = review.Roster{}
	l.in.Accounts = map[string]signoff.Account{}
	for _, name := range names {
		if name.IsTeam() {
			if err := l.readTeam(ctx, name); err != nil {
				return err
			}
		}
	}
	for _, name := range names {
		low := strings.ToLower(string(name))
		if _, known := l.in.Accounts[low]; known || name.IsTeam() {
			continue
		}
		account, err := l.bot.Host.Account(ctx, l.subject.Installation, string(name))
		switch {
		case gone(err):
		case err != nil:
			return err
		default:
			l.in.Accounts[low] = account
		}
	}
	var err error
	if l.in.Timezones, err = l.bot.Store.Timezones(ctx); err != nil {
		return err
	}
	l.in.Zones = zones(l.in.Policy, l.in.Timezones)
	return l.readWriters(ctx)
}

// principals are all logins and teams that a decision may look at, once each.
func (l *look) principals(files []string) []review.Principal {
	p := l.in.Policy
	set := map[review.Principal]bool{}
	add := func(list ...review.Principal) {
		for _, name := range list {
			set[name] = name != ""
		}
	}
	for _, d := range p.Domains {
		add(d.Pool...)
	}
	for _, t := range p.Teams {
		add(t.Members...)
		add(review.Principal(t.Lead))
	}
	add(p.Overrides.Allowed...)
	add(p.Overrides.Second...)
	add(p.Overrides.Tell...)
	for _, who := range overriders(l.in.Pull, l.row.Record.Overrides, l.in.Facts) {
		add(reportingLine(p, who)...)
	}
	owners := review.Owners{Policy: p, Codeowners: l.owners}
	for _, f := range files {
		for _, o := range owners.Of(f) {
			if o.Team == "" && !strings.Contains(strings.TrimPrefix(string(o.Principal), "@"), "@") {
				add(o.Principal)
			}
		}
	}
	delete(set, "")
	return slices.Sorted(maps.Keys(set))
}

// overriders are those who went in, or are about to be found to have.
func overriders(p signoff.Pull, overrides []signoff.Override, facts []signoff.Fact) []signoff.Account {
	out := []signoff.Account{p.Author, p.MergedBy}
	for _, o := range overrides {
		out = append(out, o.By)
	}
	for _, f := range facts {
		acts := f.Kind == signoff.Pushed || f.Kind == signoff.Merged || f.Kind == signoff.ReviewDismissed
		if acts || f.Command != nil && f.Command.Verb == signoff.VerbOverride {
			out = append(out, f.Actor)
		}
	}
	return out
}

// reportingLine is somebody with all above.
func reportingLine(p review.Policy, who signoff.Account) []review.Principal {
	if _, known := p.People[strings.ToLower(who.Login)]; !known {
		return nil
	}
	out := []review.Principal{review.Principal(strings.ToLower(who.Login))}
	for _, login := range p.Managers(who.Login) {
		out = append(out, review.Principal(login))
	}
	return out
}

func (l *look) readTeam(ctx context.Context, team review.Principal) error {
	org, slug, ok := strings.Cut(strings.TrimPrefix(string(team), "@"), "/")
	if !ok {
		return nil
	}
	members, err := l.bot.Host.TeamMembers(ctx, l.subject.Installation, org, slug)
	if gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	logins := make([]string, len(members))
	for i, m := range members {
		logins[i] = strings.ToLower(m.Login)
		l.in.Accounts[logins[i]] = m
	}
	l.in.Roster[review.Principal(strings.ToLower(string(team)))] = logins
	return nil
}

// readWriters asks of everybody who gave a command whether they may write.
func (l *look) readWriters(ctx context.Context) error {
	l.in.Writers = map[int64]bool{}
	for _, f := range slices.Backward(l.in.Facts) { // the newest has the login of today
		if _, asked := l.in.Writers[f.Actor.ID]; asked || f.Kind != signoff.Commanded || f.Actor.Bot {
			continue
		}
		level, err := l.bot.Host.Permission(ctx, l.subject.Installation, l.repo, f.Actor)
		if err != nil {
			return err
		}
		l.in.Writers[f.Actor.ID] = level.Writes()
	}
	return nil
}

// zones loads the time zones of the policy's people and of others. One that this
// machine does not know is left out.
func zones(p review.Policy, others map[string]string) map[string]*time.Location {
	names := slices.Collect(maps.Values(others))
	for _, person := range p.People {
		names = append(names, person.Timezone)
	}
	out := map[string]*time.Location{}
	for _, name := range names {
		if name == "" || out[name] != nil {
			continue
		}
		if zone, err := time.LoadLocation(name); err == nil {
			out[name] = zone
		}
	}
	return out
}

// availability is what the store knows: who was asked lately, and whom the host
// would not ask.
func (l *look) availability(ctx context.Context) (review.Availability, error) {
	load, err := l.bot.Store.AskedSince(ctx, l.in.Now.Add(-loadWindow))
	if err != nil {
		return review.Availability{}, err
	}
	a := review.Availability{Load: load}
	asked, err := l.bot.Store.PostedIn(ctx, store.PostedReviewer, l.subject.Key())
	for _, p := range asked {
		if p.Hash == store.Refused {
			a.NoAccess = append(a.NoAccess, p.Name)
		}
	}
	return a, err
}

// involved adds those whom only the host knows: who opened the pull request, who
// pushed to it, and whose account an address in a commit is.
func (l *look) involved(ctx context.Context, in review.Involved) (review.Involved, error) {
	logins, err := l.addresses(ctx)
	if err != nil {
		return in, err
	}
	attribute := func(list []review.Identity) []review.Identity {
		list = slices.Clone(list)
		for i := range list {
			list[i].Login = cmp.Or(list[i].Login, logins[strings.ToLower(list[i].Email)])
		}
		return list
	}
	in.Authors, in.Others = attribute(in.Authors), attribute(in.Others)
	in.Authors = append(in.Authors, review.Identity{Login: l.in.Pull.Author.Login})
	if !l.in.Pull.Author.Bot {
		in.Opener = l.in.Pull.Author.Login
	}
	for _, f := range l.in.Facts {
		if f.Kind == signoff.Pushed && f.Actor.Login != "" && !f.Actor.Bot {
			in.Others = append(in.Others, review.Identity{Login: f.Actor.Login})
		}
	}
	return in, nil
}

// addresses are the logins of the addresses in the commits, by the address in
// lower case. Two accounts can not have one.
func (l *look) addresses(ctx context.Context) (map[string]string, error) {
	commits, err := l.bot.Host.PullCommits(ctx, l.subject.Installation, l.repo, l.in.Pull.Number)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, c := range commits {
		for email, account := range map[string]signoff.Account{c.AuthorEmail: c.AuthorAccount, c.CommitterEmail: c.CommitterAccount} {
			if email != "" && account.Login != "" && !account.Bot {
				out[strings.ToLower(email)] = account.Login
			}
		}
	}
	return out, nil
}
