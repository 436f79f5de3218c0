package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/signoff"
)

// Installation is an account that has our App.
type Installation struct {
	ID           int64
	Owner        signoff.Account
	Organization bool
	Suspended    bool
	Since        time.Time // of the suspension, by GitHub's clock
	// Permissions are those that the owner granted, by GitHub's names: "checks",
	// "contents", "members", "metadata", "pull_requests" to "read" or "write".
	Permissions map[string]string
	Page        string // where the owner looks after it
}

// mostPages bounds every list: 100 of a page.
const mostPages = 1000

// Installations are all of the App.
func (a *App) Installations(ctx context.Context) ([]Installation, error) {
	c := a.client(scope{reach: asApp})
	var out []Installation
	_, err := pages(mostPages, func(opts github.ListOptions) (*github.Response, error) {
		list, resp, err := c.Apps.ListInstallations(ctx, &opts)
		for _, i := range list {
			out = append(out, installation(i))
		}
		return resp, err
	})
	return out, fail("list installations", err)
}

func installation(i *github.Installation) Installation {
	return Installation{
		ID: i.GetID(), Owner: account(i.Account), Organization: i.GetTargetType() == "Organization",
		Suspended: i.SuspendedAt != nil, Since: i.GetSuspendedAt().Time, Permissions: granted(i.GetPermissions()), Page: i.GetHTMLURL(),
	}
}

// Repositories are those that an installation lets us see.
func (a *App) Repositories(ctx context.Context, installation int64) ([]signoff.Repo, error) {
	out, err := a.repositories(ctx, a.client(scope{installation: installation, reach: toList}))
	return out, fail(fmt.Sprintf("list the repositories of installation %d", installation), err)
}

func (a *App) repositories(ctx context.Context, c *client) ([]signoff.Repo, error) {
	var out []signoff.Repo
	_, err := pages(mostPages, func(opts github.ListOptions) (*github.Response, error) {
		list, resp, err := c.Apps.ListRepos(ctx, &opts)
		if err == nil {
			out = append(out, repos(list.Repositories)...)
		}
		return resp, err
	})
	return out, err
}

// Repo is a repository by its number, as it is called now. It asks with a token
// that sees no other: GitHub documents no address by number.
func (a *App) Repo(ctx context.Context, installation, id int64) (signoff.Repo, error) {
	wanted := fmt.Sprintf("read repository %d", id)
	list, err := a.repositories(ctx, a.client(scope{installation: installation, repository: id, reach: toList}))
	if err != nil {
		// A token for a repository that is not ours to see is refused with 422.
		if status, ok := errors.AsType[*StatusError](ours(err)); ok && status.Code == http.StatusUnprocessableEntity {
			return signoff.Repo{}, fmt.Errorf("%s: %w", wanted, ErrNotFound)
		}
		return signoff.Repo{}, fail(wanted, err)
	}
	for _, r := range list {
		if r.ID == id {
			return r, nil
		}
	}
	return signoff.Repo{}, fmt.Errorf("%s: %w", wanted, ErrNotFound)
}

// RepoNamed is a repository that was called so when it was last seen, as it is
// now; ErrNotFound where that name is another one's by now, or nobody's. See Repo.
func (a *App) RepoNamed(ctx context.Context, installation int64, last signoff.Repo) (signoff.Repo, error) {
	wanted := "read repository " + last.Full()
	r, _, err := a.repo(installation, last).Repositories.Get(ctx, last.Owner, last.Name)
	if err != nil {
		return signoff.Repo{}, fail(wanted, err)
	}
	if r.GetID() != last.ID {
		return signoff.Repo{}, fmt.Errorf("%s: it is repository %d and not %d: %w", wanted, r.GetID(), last.ID, ErrNotFound)
	}
	return asRepo(r), nil
}

// BranchTip is the commit that a branch is at; ErrNotFound where there is none.
func (a *App) BranchTip(ctx context.Context, installation int64, repo signoff.Repo, branch string) (string, error) {
	tip, err := a.branchTip(ctx, a.repo(installation, repo), repo, branch)
	return tip, fail(fmt.Sprintf("read branch %s of %s", branch, repo.Full()), err)
}

func (a *App) branchTip(ctx context.Context, c *client, repo signoff.Repo, branch string) (string, error) {
	ref, _, err := c.Git.GetRef(ctx, repo.Owner, repo.Name, "heads/"+branch)
	if err != nil {
		return "", err
	}
	tip := commit(ref.GetObject().GetSHA())
	if tip == "" {
		return "", errors.New("no commit")
	}
	return tip, nil
}

// OrgPolicy is the policy file of an account.
type OrgPolicy struct {
	Found   bool
	Content []byte
	Commit  string // of its repository's default branch; "" where that is not readable
}

// The account's policy is in the repository of this name, in this file.
const orgRepository, orgFile = ".github", "barraiser.yml"

// largestPolicy bounds the file, in bytes.
const largestPolicy = 1 << 20

// OrgFile reads the policy of the account that owns a repository. Not found is an
// answer and no error: either there is none, or the repository that holds it is
// private and not given to the App.
func (a *App) OrgFile(ctx context.Context, installation int64, repo signoff.Repo) (OrgPolicy, error) {
	policy, err := a.orgFile(ctx, a.client(scope{installation: installation, name: orgRepository, reach: toContents}), repo.Owner)
	if status, ok := errors.AsType[*StatusError](ours(err)); ok && status.Code == http.StatusUnprocessableEntity {
		// The App was not given that repository, so there is no token for it. Where
		// it is public, a token for another one reads it too.
		policy, err = a.orgFile(ctx, a.client(scope{installation: installation, repository: repo.ID, reach: toContents}), repo.Owner)
	}
	if errors.Is(ours(err), ErrNotFound) {
		return OrgPolicy{}, nil
	}
	return policy, fail("read "+orgFile+" of "+repo.Owner, err)
}

func (a *App) orgFile(ctx context.Context, c *client, owner string) (OrgPolicy, error) {
	file, dir, _, err := c.Repositories.GetContents(ctx, owner, orgRepository, orgFile, nil)
	if err != nil {
		return OrgPolicy{}, err
	}
	if dir != nil || file.GetType() != "file" {
		return OrgPolicy{}, errors.New("not a file")
	}
	if file.GetSize() > largestPolicy {
		return OrgPolicy{}, fmt.Errorf("%d bytes, of %d at most", file.GetSize(), largestPolicy)
	}
	text, err := file.GetContent()
	if err != nil {
		return OrgPolicy{}, err
	}
	return OrgPolicy{Found: true, Content: []byte(text), Commit: file.GetSHA()}, nil
}
