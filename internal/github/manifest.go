package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-github/v60/github"
)

// Asked are the permissions of an App that we register: those that are Needed, and
// to be sent merge groups, which only repositories with a merge queue need.
var Asked = map[string]string{
	"checks": "write", "contents": "read", "members": "read", "merge_queues": "read", "metadata": "read", "pull_requests": "write",
}

// Sent are the events that an App of that manifest subscribes to: those that are
// needed, and the merge groups.
var Sent = append(slices.Clone(Subscribed), MergeGroups)

// Credentials are an App that was just registered. They are secrets.
type Credentials struct {
	ID                                                int64
	Slug, Name                                        string
	PrivateKey, WebhookSecret, ClientID, ClientSecret string
	Page                                              string // for people
}

// String tells none of the secrets.
func (c Credentials) String() string { return fmt.Sprintf("App %d, %s", c.ID, c.Slug) }

// CompleteManifest exchanges the code with which GitHub sends somebody back who
// registered an App by a manifest. It works once. No token is needed: there is
// nobody yet to have one. APIURL is as in Config.
func CompleteManifest(ctx context.Context, apiURL, code string) (Credentials, error) {
	const wanted = "exchange the code for the App"
	base, err := parseURL(apiURL)
	if err != nil {
		return Credentials{}, fmt.Errorf("%s: %w", wanted, err)
	}
	if !plain(code, 200) {
		return Credentials{}, fmt.Errorf("%s: it is no code", wanted)
	}
	if !strings.HasSuffix(base.Path, "/") {
		base.Path += "/"
	}
	c := github.NewClient(&http.Client{Transport: patient(), CheckRedirect: sameHost, Timeout: requestTimeout})
	c.BaseURL, c.UserAgent = base, "bar-raiser"
	app, _, err := c.Apps.CompleteAppManifest(ctx, code)
	if err != nil {
		return Credentials{}, fail(wanted, err)
	}
	out := Credentials{
		ID: app.GetID(), Slug: app.GetSlug(), Name: app.GetName(), PrivateKey: app.GetPEM(), WebhookSecret: app.GetWebhookSecret(),
		ClientID: app.GetClientID(), ClientSecret: app.GetClientSecret(), Page: app.GetHTMLURL(),
	}
	if out.ID <= 0 || out.PrivateKey == "" || out.WebhookSecret == "" {
		return Credentials{}, errors.New(wanted + ": GitHub gave no number, key or webhook secret")
	}
	return out, nil
}
