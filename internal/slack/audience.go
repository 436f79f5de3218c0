package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	api "github.com/slack-go/slack"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// An audience is who reads one thread.
type audience struct {
	// name is by what it is stored: "channel:#eng-leads", "person:42", and
	// "person:42 in #eng-leads" for somebody whose account in Slack is not known
	// and who is named there.
	name    string
	channel string // id, or "#name"
	person  int64  // 0: the channel as such
	login   string // of the person, where it is known
	named   string // login of who is named
	// quiet is one whose message is brought up to date, and who is told nothing: it
	// is their own doing.
	quiet bool
}

// audiences are those whom an effect is for.
func (s *Slack) audiences(ctx context.Context, brief report.Brief, e signoff.Effect) ([]audience, error) {
	if e.Notice.Kind == signoff.NoticeClosed {
		return s.told(ctx, e.Subject)
	}
	if report.Turns(e.Notice.Kind) {
		return s.turned(ctx, brief, e)
	}
	channel := brief.Review.Policy.Overrides.Channel
	if len(e.Notice.To) == 0 {
		if channel == "" {
			s.log.WarnContext(ctx, "nobody is told: the policy has no channel", "notice", e.Notice.Kind, "subject", e.Subject.Key())
			return nil, nil
		}
		return []audience{{name: "channel:" + channel, channel: channel}}, nil
	}
	var out []audience
	for _, who := range e.Notice.To {
		direct, err := s.directTo(ctx, brief, who)
		if err == nil {
			err = s.noteUnmapped(ctx, e.Subject, who, direct == "")
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("find %s in Slack: %w", who.Login, err)
		case direct != "":
			out = append(out, audience{name: fmt.Sprintf("person:%d", who.ID), channel: direct, person: who.ID, login: who.Login})
		case channel != "":
			out = append(out, audience{name: fmt.Sprintf("person:%d in %s", who.ID, channel), channel: channel, person: who.ID, login: who.Login, named: who.Login})
		default:
			s.log.WarnContext(ctx, "not told: the account in Slack is not known and the policy has no channel", "login", who.Login, "notice", e.Notice.Kind, "subject", e.Subject.Key())
		}
	}
	return out, nil
}

// turned are the author of a pull request that turned, and those who have a thread
// about it. That something holds no longer is not told to bar raisers: whose word is
// needed is asked for it again. An author whose account in Slack is not known is not named anywhere: on the pull
// request it stands as well.
func (s *Slack) turned(ctx context.Context, brief report.Brief, e signoff.Effect) ([]audience, error) {
	threads, err := s.told(ctx, e.Subject)
	if err != nil {
		return nil, err
	}
	var out []audience
	for _, who := range e.Notice.To {
		direct, err := s.directTo(ctx, brief, who)
		if err == nil {
			err = s.noteUnmapped(ctx, e.Subject, who, direct == "")
		}
		if err != nil {
			return nil, fmt.Errorf("find %s in Slack: %w", who.Login, err)
		}
		if direct != "" {
			out = append(out, audience{name: fmt.Sprintf("person:%d", who.ID), channel: direct, person: who.ID, login: who.Login})
		}
	}
	for _, a := range threads {
		known := slices.ContainsFunc(out, func(b audience) bool { return a.name == b.name })
		if !known && (e.Notice.Kind != signoff.NoticeLapsed || a.person == 0) {
			a.quiet = a.person != 0 && a.person == e.Notice.By
			out = append(out, a)
		}
	}
	return out, nil
}

// direct reports whether an audience is one person who is called by a message.
func (a audience) direct() bool { return a.person != 0 && !strings.Contains(a.name, " in ") }

// told are the audiences that have a thread about a subject.
func (s *Slack) told(ctx context.Context, subject signoff.Subject) ([]audience, error) {
	rows, err := s.Store.PostedIn(ctx, store.PostedSlack, subject.Key())
	if err != nil {
		return nil, err
	}
	var out []audience
	for _, row := range rows {
		at, ok := parsePlace(row.Remote)
		if strings.HasPrefix(row.Name, toldPrefix) || !ok {
			continue
		}
		a := audience{name: row.Name, channel: at.channel}
		if _, err := fmt.Sscanf(row.Name, "person:%d", &a.person); err != nil {
			a.person = 0
		}
		out = append(out, a)
	}
	return out, nil
}

// directTo is the channel of the direct messages with somebody; empty where the
// account in Slack is not known.
func (s *Slack) directTo(ctx context.Context, brief report.Brief, who signoff.Account) (string, error) {
	for _, find := range []func(context.Context, report.Brief, signoff.Account) (string, error){mapped, s.linked, s.byMail} {
		member, err := find(ctx, brief, who)
		if err != nil {
			return "", err
		}
		if member == "" {
			continue
		}
		channel, err := s.open(ctx, member)
		if refused(err, noMember) {
			s.log.WarnContext(ctx, "cannot be written to in Slack", "login", who.Login, "member", member, "error", err)
			continue
		}
		if err == nil {
			s.learnZone(ctx, brief, who, member)
		}
		return channel, err
	}
	return "", nil
}

// mapped is what the policy says.
func mapped(_ context.Context, brief report.Brief, who signoff.Account) (string, error) {
	return brief.Review.Policy.People[strings.ToLower(who.Login)].Slack, nil
}

// linked is what the person proved.
func (s *Slack) linked(ctx context.Context, _ report.Brief, who signoff.Account) (string, error) {
	p, err := s.Store.Person(ctx, who.ID)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return p.Slack, err
}

// byMail asks Slack for the addresses of the policy.
func (s *Slack) byMail(ctx context.Context, brief report.Brief, who signoff.Account) (string, error) {
	for _, address := range brief.Review.Policy.People[strings.ToLower(who.Login)].Emails {
		var user *api.User
		err := s.call("users.lookupByEmail", "", func() (err error) {
			user, err = s.api.GetUserByEmailContext(ctx, address)
			return err
		})
		if refused(err, noMember) || err == nil && (user.ID == "" || user.Deleted || user.IsBot) {
			continue
		}
		if err != nil {
			return "", err
		}
		return user.ID, nil
	}
	return "", nil
}

// open is the channel of the direct messages with a member.
func (s *Slack) open(ctx context.Context, member string) (string, error) {
	if channel := s.recall(s.direct, member); channel != "" {
		return channel, nil
	}
	var channel *api.Channel
	err := s.call("conversations.open", "", func() (err error) {
		channel, _, _, err = s.api.OpenConversationContext(ctx, &api.OpenConversationParameters{Users: []string{member}})
		if err == nil && (channel == nil || channel.ID == "") {
			err = errNoAnswer
		}
		return err
	})
	if err != nil {
		return "", err
	}
	s.remember(s.direct, member, channel.ID)
	return channel.ID, nil
}

// noteUnmapped remembers who could not be written to, for operators to find, and
// forgets who can be by now.
func (s *Slack) noteUnmapped(ctx context.Context, subject signoff.Subject, who signoff.Account, unmapped bool) error {
	row := store.Posted{
		Kind: store.PostedUnmapped, Scope: strconv.FormatInt(subject.Installation, 10), Name: strconv.FormatInt(who.ID, 10), Remote: who.Login, At: s.Now(),
	}
	if unmapped {
		return s.Store.PutPosted(ctx, row)
	}
	return s.Store.RemovePosted(ctx, row.Kind, row.Scope, row.Name)
}
