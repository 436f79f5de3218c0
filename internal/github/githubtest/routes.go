package githubtest

import (
	"net/http"
	"strings"
)

// A route is one operation of the API. The operations of the description that
// the judge has are the same ones; a test compares the two.
type route struct {
	pattern string
	who     caller
	need    string // the App's permission, as in "checks:write"
	status  int    // of a success
	serve   func(*call) (any, error)
}

const (
	ok        = http.StatusOK
	created   = http.StatusCreated
	accepted  = http.StatusAccepted
	noContent = http.StatusNoContent
)

var routes = []route{
	{"GET /app", asApp, "", ok, (*call).getApp},
	{"POST /app-manifests/{code}/conversions", anonymous, "", created, (*call).convertManifest},
	{"GET /app/installations", asApp, "", ok, (*call).listInstallations},
	{"GET /app/installations/{installation_id}", asApp, "", ok, of((*call).installationOnPath, (*call).getInstallation)},
	{"POST /app/installations/{installation_id}/access_tokens", asApp, "", created, of((*call).installationOnPath, (*call).createToken)},
	{"GET /app/hook/deliveries", asApp, "", ok, (*call).listDeliveries},
	{"GET /app/hook/deliveries/{delivery_id}", asApp, "", ok, of((*call).deliveryOnPath, (*call).getDelivery)},
	{"POST /app/hook/deliveries/{delivery_id}/attempts", asApp, "", accepted, of((*call).deliveryOnPath, (*call).redeliver)},
	{"GET /orgs/{org}/installation", asApp, "", ok, (*call).getOrgInstallation},
	{"GET /repos/{owner}/{repo}/installation", asApp, "", ok, (*call).getRepoInstallation},
	{"GET /installation/repositories", asInstallation, "", ok, (*call).listInstallationRepositories},
	{"GET /rate_limit", asAnyone, "", ok, (*call).getRateLimit},

	{"GET /user", asUser, "", ok, (*call).getSelf},
	{"GET /user/orgs", asUser, "", ok, (*call).listOwnOrgs},
	{"GET /user/{account_id}", asAnyone, "", ok, (*call).getUserByID},
	{"GET /users/{username}", asAnyone, "", ok, (*call).getUser},
	{"GET /orgs/{org}/members", asAnyone, "members:read", ok, of((*call).orgOnPath, (*call).listMembers)},
	{"GET /orgs/{org}/members/{username}", asAnyone, "members:read", noContent, of((*call).orgOnPath, (*call).checkMember)},
	{"GET /orgs/{org}/memberships/{username}", asAnyone, "members:read", ok, of((*call).orgOnPath, (*call).getMembership)},
	{"GET /orgs/{org}/teams", asAnyone, "members:read", ok, of((*call).orgOnPath, (*call).listTeams)},
	{"GET /orgs/{org}/teams/{team_slug}", asAnyone, "members:read", ok, of((*call).teamOnPath, (*call).getTeam)},
	{"GET /orgs/{org}/teams/{team_slug}/members", asAnyone, "members:read", ok, of((*call).teamOnPath, (*call).listTeamMembers)},
	{"GET /orgs/{org}/teams/{team_slug}/memberships/{username}", asAnyone, "members:read", ok, of((*call).teamOnPath, (*call).getTeamMembership)},

	{"GET /repos/{owner}/{repo}", asAnyone, "metadata:read", ok, (*call).getRepository},
	{"GET /repos/{owner}/{repo}/collaborators/{username}/permission", asAnyone, "metadata:read", ok, (*call).getPermission},
	{"GET /repos/{owner}/{repo}/branches", asAnyone, "contents:read", ok, (*call).listBranches},
	{"GET /repos/{owner}/{repo}/branches/{branch...}", asAnyone, "contents:read", ok, (*call).getBranch},
	{"GET /repos/{owner}/{repo}/rules/branches/{branch...}", asAnyone, "metadata:read", ok, (*call).listRules},
	{"GET /repos/{owner}/{repo}/contents/{path...}", asAnyone, "contents:read", ok, (*call).getContents},
	{"GET /repos/{owner}/{repo}/git/ref/{ref...}", asAnyone, "contents:read", ok, (*call).getRef},
	{"GET /repos/{owner}/{repo}/git/commits/{commit_sha}", asAnyone, "contents:read", ok, (*call).getGitCommit},
	{"GET /repos/{owner}/{repo}/commits/{ref}", asAnyone, "contents:read", ok, (*call).getCommit},
	{"GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls", asAnyone, "pull_requests:read", ok, (*call).listPullsOfCommit},
	{"GET /repos/{owner}/{repo}/compare/{basehead...}", asAnyone, "contents:read", ok, (*call).compare},

	{"GET /repos/{owner}/{repo}/pulls", asAnyone, "pull_requests:read", ok, (*call).listPulls},
	{"POST /repos/{owner}/{repo}/pulls", asAnyone, "pull_requests:write", created, (*call).createPull},
	{"GET /repos/{owner}/{repo}/pulls/{pull_number}", asAnyone, "pull_requests:read", ok, of((*call).pullOnPath, (*call).getPull)},
	{"PATCH /repos/{owner}/{repo}/pulls/{pull_number}", asAnyone, "pull_requests:write", ok, of((*call).pullOnPath, (*call).updatePull)},
	{"GET /repos/{owner}/{repo}/pulls/{pull_number}/commits", asAnyone, "pull_requests:read", ok, of((*call).pullOnPath, (*call).listPullCommits)},
	{"GET /repos/{owner}/{repo}/pulls/{pull_number}/files", asAnyone, "pull_requests:read", ok, of((*call).pullOnPath, (*call).listPullFiles)},
	{"PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", asAnyone, "contents:write", ok, of((*call).pullOnPath, (*call).mergePull)},
	{"PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch", asAnyone, "pull_requests:write", accepted, of((*call).pullOnPath, (*call).updateBranch)},
	{"GET /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", asAnyone, "pull_requests:read", ok, of((*call).pullOnPath, (*call).listRequested)},
	{"POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", asAnyone, "pull_requests:write", created, of((*call).pullOnPath, (*call).requestReviewers)},
	{"DELETE /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", asAnyone, "pull_requests:write", ok, of((*call).pullOnPath, (*call).removeRequested)},
	{"GET /repos/{owner}/{repo}/pulls/{pull_number}/comments", asAnyone, "pull_requests:read", ok, of((*call).pullOnPath, (*call).listReviewComments)},
	{"POST /repos/{owner}/{repo}/pulls/{pull_number}/comments", asAnyone, "pull_requests:write", created, of((*call).pullOnPath, (*call).createReviewComment)},
	{"GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", asAnyone, "pull_requests:read", ok, of((*call).pullOnPath, (*call).listReviews)},
	{"POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews", asAnyone, "pull_requests:write", ok, of((*call).pullOnPath, (*call).createReview)},
	{"GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", asAnyone, "pull_requests:read", ok, of((*call).reviewOnPath, (*call).getReview)},
	{"PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", asAnyone, "pull_requests:write", ok, of((*call).reviewOnPath, (*call).editReview)},
	{"GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/comments", asAnyone, "pull_requests:read", ok, of((*call).reviewOnPath, (*call).listCommentsOfReview)},
	{"POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/events", asAnyone, "pull_requests:write", ok, of((*call).reviewOnPath, (*call).submitReview)},
	{"PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals", asAnyone, "pull_requests:write", ok, of((*call).reviewOnPath, (*call).dismissReview)},

	{"GET /repos/{owner}/{repo}/issues/{issue_number}/comments", asAnyone, "pull_requests:read", ok, of((*call).pullOnPath, (*call).listComments)},
	{"POST /repos/{owner}/{repo}/issues/{issue_number}/comments", asAnyone, "pull_requests:write", created, of((*call).pullOnPath, (*call).createComment)},
	{"GET /repos/{owner}/{repo}/issues/comments/{comment_id}", asAnyone, "pull_requests:read", ok, of((*call).commentOnPath, (*call).getComment)},
	{"PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", asAnyone, "pull_requests:write", ok, of((*call).commentOnPath, (*call).updateComment)},
	{"DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", asAnyone, "pull_requests:write", noContent, of((*call).commentOnPath, (*call).deleteComment)},
	{"POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", asAnyone, "pull_requests:write", created, of((*call).commentOnPath, (*call).createReaction)},

	{"POST /repos/{owner}/{repo}/check-runs", asAnyone, "checks:write", created, (*call).createCheck},
	{"GET /repos/{owner}/{repo}/check-runs/{check_run_id}", asAnyone, "checks:read", ok, of((*call).runOnPath, (*call).getCheck)},
	{"PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", asAnyone, "checks:write", ok, of((*call).runOnPath, (*call).updateCheck)},
	{"GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", asAnyone, "checks:read", ok, of((*call).runOnPath, (*call).listAnnotations)},
	{"GET /repos/{owner}/{repo}/commits/{ref}/check-runs", asAnyone, "checks:read", ok, (*call).listChecks},
	{"GET /repos/{owner}/{repo}/commits/{ref}/check-suites", asAnyone, "checks:read", ok, (*call).listSuites},
	{"GET /repos/{owner}/{repo}/check-suites/{check_suite_id}", asAnyone, "checks:read", ok, (*call).getSuite},
}

// of makes an endpoint of a function that takes what the path names.
func of[T any](find func(*call) (T, error), serve func(*call, T) (any, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		named, err := find(c)
		if err != nil {
			return nil, err
		}
		return serve(c, named)
	}
}

// Operations are what the API answers, as "GET /app": GitHub's names for them.
func Operations() []string {
	var list []string
	for _, rt := range routes {
		list = append(list, strings.ReplaceAll(rt.pattern, "...}", "}"))
	}
	return list
}
