package web

import (
	"net/http"
)

// A role is what somebody has to be to get behind a route. Each but the first
// takes a session, and each from reader to taker the right to read the repository
// in the path.
type role string

const (
	anyone    role = "anyone"
	viewer    role = "viewer" // is signed in
	reader    role = "reader" // may read the repository
	signer    role = "signer" // may sign the pull request off
	overrider role = "overrider"
	taker     role = "taker"    // may take an override back
	follower  role = "follower" // may take the step of an override's follow-up that the path ends with
	operator  role = "operator" // is signed in, and runs the server
)

type route struct {
	method  string
	pattern string
	who     role
	serve   func(*site, *visit) error
}

// routes are all there are. What is not in here is not there, for anybody.
var routes = []route{
	{http.MethodGet, "/{$}", viewer, (*site).home},
	{http.MethodGet, "/rules", anyone, (*site).rules},
	{http.MethodGet, "/method", anyone, (*site).method},
	{http.MethodGet, "/assets/{name}", anyone, (*site).asset},

	{http.MethodGet, "/signin", anyone, (*site).signIn},
	{http.MethodGet, "/signin/callback", anyone, (*site).signedIn},
	{http.MethodPost, "/signout", anyone, (*site).signOut},

	{http.MethodGet, "/slack", viewer, (*site).slackAccount},
	{http.MethodGet, "/slack/link", viewer, (*site).openLink},
	{http.MethodPost, "/slack/link", viewer, (*site).confirmLink},
	{http.MethodPost, "/slack/unlink", viewer, (*site).unlink},

	{http.MethodGet, "/operations", operator, (*site).operations},
	{http.MethodPost, "/operations/resend", operator, (*site).resend},

	{http.MethodGet, "/overrides", viewer, (*site).overrides},
	{http.MethodGet, "/overrides.csv", viewer, (*site).overridesCSV},
	{http.MethodGet, "/overrides.json", viewer, (*site).overridesJSON},
	{http.MethodGet, "/overrides/{index}", viewer, (*site).entry}, // and reader, of the entry's repository

	{http.MethodGet, "/overrides/{index}/proof.json", viewer, (*site).proof},
	{http.MethodGet, "/overrides/{index}/checkpoint.txt", viewer, (*site).checkpoint},
	{http.MethodPost, "/overrides/{index}/justify", follower, (*site).follow},
	{http.MethodPost, "/overrides/{index}/acknowledge", follower, (*site).follow},
	{http.MethodPost, "/overrides/{index}/accept", follower, (*site).follow},
	{http.MethodPost, "/overrides/{index}/promise", follower, (*site).follow},
	{http.MethodPost, "/overrides/{index}/kept", follower, (*site).follow},
	{http.MethodPost, "/overrides/{index}/void", follower, (*site).follow},
	{http.MethodPost, "/overrides/{index}/correct", follower, (*site).follow},

	// Who may see nothing of an organisation does not learn that it is here.
	{http.MethodGet, "/trend", viewer, (*site).organisations},
	{http.MethodGet, "/trend/{owner}", viewer, (*site).trend},
	{http.MethodGet, "/trend/{owner}/files/{file}", viewer, (*site).trendFile},
	{http.MethodGet, "/trend/{owner}/team/{team}", viewer, (*site).trend},
	{http.MethodGet, "/trend/{owner}/team/{team}/files/{file}", viewer, (*site).trendFile},
	{http.MethodGet, "/trend/{owner}/goal/{goal}", viewer, (*site).trend},
	{http.MethodGet, "/trend/{owner}/goal/{goal}/files/{file}", viewer, (*site).trendFile},

	{http.MethodGet, "/{owner}/{repo}", reader, (*site).repository},
	{http.MethodGet, "/{owner}/{repo}/trend", reader, (*site).trend},
	{http.MethodGet, "/{owner}/{repo}/trend/files/{file}", reader, (*site).trendFile},
	{http.MethodGet, "/{owner}/{repo}/pull/{number}", reader, (*site).pull},
	{http.MethodPost, "/{owner}/{repo}/pull/{number}/signoff", signer, (*site).act},
	{http.MethodPost, "/{owner}/{repo}/pull/{number}/request-changes", signer, (*site).act},
	{http.MethodPost, "/{owner}/{repo}/pull/{number}/recommend-against", signer, (*site).act},
	{http.MethodPost, "/{owner}/{repo}/pull/{number}/override", overrider, (*site).act},
	{http.MethodPost, "/{owner}/{repo}/pull/{number}/override-cancel", taker, (*site).act},
}
