package github

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/google/go-github/v60/github"
)

// Needed are the permissions without which the App does not do what it is for, by
// GitHub's names. The first version asks for all that a later one may use, since
// each that is added has to be granted by every owner.
var Needed = map[string]string{
	"checks": "write", "contents": "read", "members": "read", "metadata": "read", "pull_requests": "write",
}

// Subscribed are the events that the App has to be sent. Those of installations
// are sent to every App.
var Subscribed = []string{
	"check_run", "check_suite", "issue_comment", "membership", "organization",
	"pull_request", "pull_request_review", "push", "repository", "team",
}

// MergeGroups is the event without which nobody answers a merge queue that waits for
// our check. It takes the permission to read merge queues.
const MergeGroups = "merge_group"

// Lacking are the needed permissions that are not granted, as "checks: write", in
// order.
func Lacking(granted map[string]string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(Needed)) {
		if level := granted[name]; level != Needed[name] && level != "write" && level != "admin" {
			out = append(out, name+": "+Needed[name])
		}
	}
	return out
}

// Registration is the App as it is registered.
type Registration struct {
	Slug, Owner string
	Page        string // for people
	Permissions map[string]string
	Events      []string
	Clock       time.Time // of GitHub, to the second; zero where it did not say
}

// Registration reads how the App is registered.
func (a *App) Registration(ctx context.Context) (Registration, error) {
	app, resp, err := a.client(scope{reach: asApp}).Apps.Get(ctx, "")
	if err != nil {
		return Registration{}, fail("read our App", err)
	}
	r := Registration{
		Slug: app.GetSlug(), Owner: app.GetOwner().GetLogin(), Page: app.GetHTMLURL(),
		Permissions: granted(app.GetPermissions()), Events: app.Events,
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		r.Clock = at
	}
	return r, nil
}

// granted are permissions by GitHub's names.
func granted(p *github.InstallationPermissions) map[string]string {
	out := map[string]string{}
	for name, level := range map[string]string{
		"checks": p.GetChecks(), "contents": p.GetContents(), "members": p.GetMembers(),
		"metadata": p.GetMetadata(), "pull_requests": p.GetPullRequests(),
	} {
		if level != "" {
			out[name] = level
		}
	}
	return out
}
