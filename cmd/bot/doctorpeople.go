package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// recently is for how long somebody who was asked is looked for.
const recently = 90 * 24 * time.Hour

// lookPeople finds those whom nobody can tell of anything in Slack: those of whom
// that was tried in vain, and those who were asked and are known by none of the three
// ways. An address that the policy has counts as one: whether it is known in Slack
// shows when it is needed.
func (p *patient) lookPeople(ctx context.Context) []symptom {
	switch {
	case p.config.slackToken == "":
		return nil
	case p.db == nil:
		return []symptom{fine("nobody was asked yet")}
	}
	linked, err := p.db.Linked(ctx)
	if err != nil {
		return []symptom{doubtful("look at the database", "%v", err)}
	}
	asked, unknown, err := p.unknownInSlack(ctx, linked, time.Now().Add(-recently))
	if err != nil {
		return []symptom{doubtful("look at the database", "%v", err)}
	}
	failed, err := p.db.PostedOf(ctx, store.PostedUnmapped)
	if err != nil {
		return []symptom{doubtful("look at the database", "%v", err)}
	}
	var unreached []string
	for _, f := range failed {
		if login := strings.ToLower(f.Remote); !linked[login] { // since then
			unreached = append(unreached, login)
		}
	}
	unknown = slices.DeleteFunc(unknown, func(login string) bool { return slices.Contains(unreached, login) })
	var out []symptom
	if len(unreached) > 0 {
		out = append(out, doubtful("see that people.NAME.slack or emails in the policy are right, or have them link their accounts on the page /slack",
			"could not be written to in Slack: %s", atLogins(unreached)))
	}
	if len(unknown) > 0 {
		out = append(out, doubtful("have them link their accounts on the page /slack, or name them in the policy: people.NAME.slack or emails",
			"asked in the last 90 days, and neither linked with Slack nor named there by the policy: %s", atLogins(unknown)))
	}
	if len(out) == 0 {
		out = append(out, fine("all %d who were asked in the last 90 days are linked with Slack, or named by the policy", asked))
	}
	return out
}

// unknownInSlack counts who was asked since a time, and returns those of them who
// are neither linked with Slack nor named by the policy of what they were asked last.
func (p *patient) unknownInSlack(ctx context.Context, linked map[string]bool, since time.Time) (asked int, unknown []string, err error) {
	all, err := p.db.PostedOf(ctx, store.PostedReviewer)
	if err != nil {
		return 0, nil, err
	}
	last := map[string]store.Posted{} // by login
	for _, a := range all {
		if a.Hash == store.Asked && !a.At.Before(since) && a.At.After(last[a.Name].At) {
			last[a.Name] = a
		}
	}
	for login, a := range last {
		if linked[login] {
			continue
		}
		s, err := signoff.ParseSubject(a.Scope)
		if err != nil {
			return 0, nil, err
		}
		policy, err := bot.PolicyOf(ctx, p.db, s)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return 0, nil, err
		}
		if person := policy.People[login]; person.Slack == "" && len(person.Emails) == 0 {
			unknown = append(unknown, login)
		}
	}
	return len(last), unknown, nil
}

// atLogins are people in a line, the first twenty of them.
func atLogins(logins []string) string {
	const most = 20
	slices.Sort(logins)
	logins = slices.Compact(logins)
	line := "@" + strings.Join(logins[:min(len(logins), most)], " @")
	if n := len(logins) - most; n > 0 {
		line += fmt.Sprintf(" and %d more", n)
	}
	return line
}
