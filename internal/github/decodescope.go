package github

import (
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/signoff"
)

func readInstallation(d *decoder, event any) {
	e := event.(*github.InstallationEvent)
	if e.GetInstallation().GetAppID() != 0 && d.self.ID != 0 && e.GetInstallation().GetAppID() != d.self.ID {
		d.ignore("an installation of another App")
		return
	}
	d.Account = account(e.GetInstallation().GetAccount())
	d.Organization = d.Account.Login
	switch e.GetAction() {
	case "created", "unsuspend", "new_permissions_accepted":
		d.SweepAll = true
	case "deleted", "suspend":
		d.GoneAll = true
	default:
		d.ignore("changes nothing that we look at")
	}
}

func readInstallationRepositories(d *decoder, event any) {
	e := event.(*github.InstallationRepositoriesEvent)
	d.Sweep, d.Gone = repos(e.RepositoriesAdded), repos(e.RepositoriesRemoved)
	if len(d.Sweep)+len(d.Gone) == 0 {
		d.ignore("names no repository")
	}
}

func repos(list []*github.Repository) []signoff.Repo {
	var out []signoff.Repo
	for _, r := range list {
		if r.GetID() > 0 {
			out = append(out, asRepo(r))
		}
	}
	return out
}

// asRepo is a repository as GitHub says it; the short form of payloads about
// installations has no owner but in the full name.
func asRepo(r *github.Repository) signoff.Repo {
	owner := r.GetOwner().GetLogin()
	if owner == "" {
		owner, _, _ = strings.Cut(r.GetFullName(), "/")
	}
	return signoff.Repo{
		ID: r.GetID(), Owner: owner, Name: r.GetName(), Private: r.GetPrivate(),
		DefaultBranch: r.GetDefaultBranch(), Archived: r.GetArchived(),
	}
}

func readRepository(d *decoder, event any) {
	e := event.(*github.RepositoryEvent)
	if d.Repository.ID == 0 {
		d.ignore("names no repository")
		return
	}
	switch e.GetAction() {
	case "renamed", "transferred", "archived", "unarchived", "edited", "privatized", "publicized":
		d.Sweep = []signoff.Repo{d.Repository}
	case "deleted":
		d.Gone = []signoff.Repo{d.Repository}
	default:
		d.ignore("changes nothing that we look at")
	}
}

// readDirectory: somebody joined or left a team or the organisation. The teams
// are read again, not taken from the payload.
func readDirectory(d *decoder, _ any) {
	if d.Organization == "" {
		d.ignore("names no organisation")
		return
	}
	d.Directory = true
}
