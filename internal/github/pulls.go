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

// lag are the waits before reading again what should be there: GitHub answers
// from copies that are some seconds behind what its webhooks say.
var lag = []time.Duration{200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second}

// Pull reads a pull request, with its reviews and the tip of its base.
//
// Where a webhook said what the head is, known names it: an answer with another
// head, or with none, is asked for again for some seconds. A head that is another
// one even then is taken to be newer. Known may be empty.
func (a *App) Pull(ctx context.Context, installation int64, repo signoff.Repo, number int, known string) (signoff.Pull, error) {
	pull, err := a.pull(ctx, a.repo(installation, repo), repo, number, known)
	return pull, fail(fmt.Sprintf("read %s#%d", repo.Full(), number), err)
}

func (a *App) pull(ctx context.Context, c *client, repo signoff.Repo, number int, known string) (signoff.Pull, error) {
	p, err := a.freshPull(ctx, c, repo, number, known)
	if err != nil {
		return signoff.Pull{}, err
	}
	if id := p.GetBase().GetRepo().GetID(); id != repo.ID {
		return signoff.Pull{}, fmt.Errorf("answered by repository %d instead of %d: %w", id, repo.ID, ErrNotFound)
	}
	pull := asPull(repo, p)
	if pull.Head == "" {
		return signoff.Pull{}, errors.New("no commit as its head")
	}
	pull.URL = a.PullURL(pull.Repo, number)
	if pull.Reviews, err = reviews(ctx, c, repo, number); err != nil {
		return signoff.Pull{}, err
	}
	pull.BaseTip, err = a.branchTip(ctx, c, repo, pull.BaseRef)
	if errors.Is(ours(err), ErrNotFound) {
		err = nil // the base was deleted
	}
	return pull, err
}

func (a *App) freshPull(ctx context.Context, c *client, repo signoff.Repo, number int, known string) (*github.PullRequest, error) {
	for try := 0; ; try++ {
		p, _, err := c.PullRequests.Get(ctx, repo.Owner, repo.Name, number)
		fresh := err == nil && (known == "" || p.GetHead().GetSHA() == known)
		missing := errors.Is(ours(err), ErrNotFound) && known != ""
		if fresh || err != nil && !missing || try == len(lag) {
			return p, err
		}
		if err := a.wait(ctx, lag[try]); err != nil {
			return nil, err
		}
	}
}

func asPull(repo signoff.Repo, p *github.PullRequest) signoff.Pull {
	now := repo
	if r := p.GetBase().GetRepo(); r != nil {
		now = asRepo(r)
	}
	pull := signoff.Pull{
		Repo: now, Number: p.GetNumber(), Title: p.GetTitle(), Body: p.GetBody(), Author: account(p.User),
		Open: p.GetState() == "open", Draft: p.GetDraft(),
		Head: commit(p.GetHead().GetSHA()), HeadRef: p.GetHead().GetRef(), Fork: p.GetHead().GetRepo().GetID() != repo.ID,
		BaseRef: p.GetBase().GetRef(), Opened: p.GetCreatedAt().UTC(), Merged: p.GetMerged() || p.MergedAt != nil,
	}
	for _, u := range p.RequestedReviewers {
		pull.Requested = append(pull.Requested, account(u))
	}
	if pull.Merged {
		pull.MergedAt, pull.MergedBy = p.GetMergedAt().UTC(), account(p.MergedBy)
		// Of an open pull request this is a commit that GitHub made to see whether
		// it merges.
		pull.MergeCommit = commit(p.GetMergeCommitSHA())
	}
	return pull
}

func reviews(ctx context.Context, c *client, repo signoff.Repo, number int) ([]signoff.HostReview, error) {
	var out []signoff.HostReview
	_, err := pages(mostPages, func(opts github.ListOptions) (*github.Response, error) {
		list, resp, err := c.PullRequests.ListReviews(ctx, repo.Owner, repo.Name, number, &opts)
		for _, r := range list {
			state, submitted := reviewStates[strings.ToLower(r.GetState())]
			if !submitted {
				continue
			}
			out = append(out, signoff.HostReview{
				ID: r.GetID(), Author: account(r.User), State: state, Commit: commit(r.GetCommitID()),
				Submitted: r.GetSubmittedAt().UTC(), Body: r.GetBody(),
			})
		}
		return resp, err
	})
	return out, err
}

// OpenPull is a pull request in a list: enough to see whether it needs a look.
// Lists lag behind more than single reads, so nothing is decided by it.
type OpenPull struct {
	Number        int
	Head, BaseRef string
	Draft         bool
	Updated       time.Time
}

// OpenPulls are the open pull requests of a repository, the newest first.
func (a *App) OpenPulls(ctx context.Context, installation int64, repo signoff.Repo) ([]OpenPull, error) {
	c := a.repo(installation, repo)
	var out []OpenPull
	_, err := pages(mostPages, func(opts github.ListOptions) (*github.Response, error) {
		list, resp, err := c.PullRequests.List(ctx, repo.Owner, repo.Name, &github.PullRequestListOptions{State: "open", ListOptions: opts})
		for _, p := range list {
			out = append(out, OpenPull{
				Number: p.GetNumber(), Head: commit(p.GetHead().GetSHA()), BaseRef: p.GetBase().GetRef(),
				Draft: p.GetDraft(), Updated: p.GetUpdatedAt().UTC(),
			})
		}
		return resp, err
	})
	return out, fail("list the open pull requests of "+repo.Full(), err)
}

// CommitPull is a pull request that a commit belongs to.
type CommitPull struct {
	Number      int
	Head        string
	BaseRef     string
	Open        bool
	Merged      bool
	MergedAt    time.Time
	MergeCommit string
}

// PullsOf are the pull requests of this repository that a commit belongs to, open
// or not. It is empty for a commit that GitHub does not know.
func (a *App) PullsOf(ctx context.Context, installation int64, repo signoff.Repo, sha string) ([]CommitPull, error) {
	c := a.repo(installation, repo)
	var out []CommitPull
	_, err := pages(mostPages, func(opts github.ListOptions) (*github.Response, error) {
		list, resp, err := c.PullRequests.ListPullRequestsWithCommit(ctx, repo.Owner, repo.Name, sha, &opts)
		for _, p := range list {
			if id := p.GetBase().GetRepo().GetID(); id != 0 && id != repo.ID {
				continue // of a fork of this repository
			}
			pull := CommitPull{
				Number: p.GetNumber(), Head: commit(p.GetHead().GetSHA()), BaseRef: p.GetBase().GetRef(),
				Open: p.GetState() == "open", Merged: p.MergedAt != nil,
			}
			if pull.Merged {
				pull.MergedAt, pull.MergeCommit = p.GetMergedAt().UTC(), commit(p.GetMergeCommitSHA())
			}
			out = append(out, pull)
		}
		return resp, err
	})
	if status, ok := errors.AsType[*StatusError](ours(err)); ok && (status.Code == http.StatusUnprocessableEntity || status.Code == http.StatusNotFound) {
		return nil, nil
	}
	return out, fail(fmt.Sprintf("list the pull requests of %.12s in %s", sha, repo.Full()), err)
}

// MergedPullsOf are those of PullsOf that were merged.
func (a *App) MergedPullsOf(ctx context.Context, installation int64, repo signoff.Repo, sha string) ([]CommitPull, error) {
	all, err := a.PullsOf(ctx, installation, repo, sha)
	var merged []CommitPull
	for _, p := range all {
		if p.Merged {
			merged = append(merged, p)
		}
	}
	return merged, err
}

// CommitPeople is who made a commit: what the commit says, and whose account the
// addresses are, where GitHub knows it. Anybody can write anybody's address into
// a commit.
type CommitPeople struct {
	SHA                             string
	AuthorEmail, CommitterEmail     string
	AuthorAccount, CommitterAccount signoff.Account // the zero Account: not known
}

// PullCommits are the commits of a pull request, of which GitHub lists the first
// 250.
func (a *App) PullCommits(ctx context.Context, installation int64, repo signoff.Repo, number int) ([]CommitPeople, error) {
	c := a.repo(installation, repo)
	var out []CommitPeople
	_, err := pages(mostPages, func(opts github.ListOptions) (*github.Response, error) {
		list, resp, err := c.PullRequests.ListCommits(ctx, repo.Owner, repo.Name, number, &opts)
		for _, rc := range list {
			p := CommitPeople{
				SHA: commit(rc.GetSHA()), AuthorEmail: rc.GetCommit().GetAuthor().GetEmail(), CommitterEmail: rc.GetCommit().GetCommitter().GetEmail(),
			}
			if rc.Author != nil {
				p.AuthorAccount = account(rc.Author)
			}
			if rc.Committer != nil {
				p.CommitterAccount = account(rc.Committer)
			}
			out = append(out, p)
		}
		return resp, err
	})
	return out, fail(fmt.Sprintf("list the commits of %s#%d", repo.Full(), number), err)
}
