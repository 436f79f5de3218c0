package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/signoff"
)

// rollAge is for how long the members of a team are taken from memory.
const rollAge = 5 * time.Minute

type team struct {
	installation int64
	org, slug    string // in lower case
}

type roll struct {
	members []signoff.Account
	read    time.Time
}

// TeamMembers are the members of a team and of the teams below it, at most five
// minutes old. An unknown team is ErrNotFound.
func (a *App) TeamMembers(ctx context.Context, installation int64, org, slug string) ([]signoff.Account, error) {
	key := team{installation, strings.ToLower(org), strings.ToLower(slug)}
	a.mu.Lock()
	kept, ok := a.teams[key]
	a.mu.Unlock()
	if ok && a.now().Sub(kept.read) < rollAge {
		return append([]signoff.Account(nil), kept.members...), nil
	}
	began := a.now()
	c := a.client(scope{installation: installation, reach: toPeople})
	var members []signoff.Account
	_, err := pages(mostPages, func(opts github.ListOptions) (*github.Response, error) {
		list, resp, err := c.Teams.ListTeamMembersBySlug(ctx, org, slug, &github.TeamListTeamMembersOptions{ListOptions: opts})
		for _, u := range list {
			members = append(members, account(u))
		}
		return resp, err
	})
	if err != nil {
		return nil, fail(fmt.Sprintf("read the team %s of %s", slug, org), err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.teams) >= mostClients {
		clear(a.teams)
	}
	a.teams[key] = roll{members: members, read: began}
	return append([]signoff.Account(nil), members...), nil
}

// ForgetTeams makes the next TeamMembers ask again, after a webhook said that
// somebody joined or left.
func (a *App) ForgetTeams(org string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key := range a.teams {
		if key.org == strings.ToLower(org) {
			delete(a.teams, key)
		}
	}
}

// Account is who has a login now; ErrNotFound where nobody has.
func (a *App) Account(ctx context.Context, installation int64, login string) (signoff.Account, error) {
	u, _, err := a.client(scope{installation: installation, reach: toList}).Users.Get(ctx, login)
	if err != nil {
		return signoff.Account{}, fail("read the account "+login, err)
	}
	return account(u), nil
}

// AccountByID is what a number is called now; ErrNotFound after it was deleted.
func (a *App) AccountByID(ctx context.Context, installation, id int64) (signoff.Account, error) {
	u, _, err := a.client(scope{installation: installation, reach: toList}).Users.GetByID(ctx, id)
	if err != nil {
		return signoff.Account{}, fail(fmt.Sprintf("read the account %d", id), err)
	}
	return account(u), nil
}

// Permission is what a person may do in a repository.
type Permission string

// The permissions, each with those before it. GitHub gives "maintain" as
// CanWrite and "triage" as CanRead.
const (
	CanNothing Permission = "none"
	CanRead    Permission = "read"
	CanWrite   Permission = "write"
	CanAdmin   Permission = "admin"
)

// Writes says whether it is enough to push.
func (p Permission) Writes() bool { return p == CanWrite || p == CanAdmin }

// Permission reads what a person may do. GitHub is asked by the login, and where that is
// another account's by now, the person may do nothing.
func (a *App) Permission(ctx context.Context, installation int64, repo signoff.Repo, who signoff.Account) (Permission, error) {
	level, _, err := a.repo(installation, repo).Repositories.GetPermissionLevel(ctx, repo.Owner, repo.Name, who.Login)
	if err != nil {
		if errors.Is(ours(err), ErrNotFound) {
			return CanNothing, nil
		}
		return "", fail(fmt.Sprintf("read the permission of %s in %s", who.Login, repo.Full()), err)
	}
	if level.GetUser().GetID() != who.ID {
		return CanNothing, nil
	}
	switch p := Permission(level.GetPermission()); p {
	case CanNothing, CanRead, CanWrite, CanAdmin:
		return p, nil
	default:
		return CanNothing, nil // unknown is never more
	}
}

// Refused is a person whom GitHub will not ask for a review.
type Refused struct{ Login, Why string }

// A ReviewersRefusedError names who was refused. The others were asked.
type ReviewersRefusedError struct{ Refused []Refused }

func (e *ReviewersRefusedError) Error() string {
	var parts []string
	for _, r := range e.Refused {
		parts = append(parts, r.Login+": "+r.Why)
	}
	return "no review may be asked of " + strings.Join(parts, "; ")
}

// RequestReviewers asks people for a review, one by one, so that the refusal of
// one does not stop the others and says whom it is about. Who is asked already is
// not told again by GitHub.
func (a *App) RequestReviewers(ctx context.Context, installation int64, repo signoff.Repo, number int, logins []string) error {
	wanted := fmt.Sprintf("ask for a review of %s#%d", repo.Full(), number)
	c := a.repo(installation, repo)
	var refused []Refused
	for _, login := range logins {
		_, _, err := c.PullRequests.RequestReviewers(ctx, repo.Owner, repo.Name, number, github.ReviewersRequest{Reviewers: []string{login}})
		if status, ok := errors.AsType[*StatusError](ours(err)); ok && status.Code == http.StatusUnprocessableEntity {
			refused = append(refused, Refused{login, status.Message})
		} else if err != nil {
			return fail(wanted, err)
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf("%s: %w", wanted, &ReviewersRefusedError{refused})
	}
	return nil
}

// WithdrawReviewers takes requests back. Who is not asked any more is no error.
func (a *App) WithdrawReviewers(ctx context.Context, installation int64, repo signoff.Repo, number int, logins []string) error {
	if len(logins) == 0 {
		return nil
	}
	_, err := a.repo(installation, repo).PullRequests.RemoveReviewers(ctx, repo.Owner, repo.Name, number, github.ReviewersRequest{Reviewers: logins})
	return fail(fmt.Sprintf("withdraw the request for a review of %s#%d", repo.Full(), number), err)
}
