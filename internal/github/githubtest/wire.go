package githubtest

import (
	"maps"
	"strings"
)

// object is a JSON object on its way out.
type object = map[string]any

// ghost stands for accounts that were deleted (observed).
var ghost = &account{User: User{Login: "ghost"}, id: 10137, kind: KindUser}

// userLinks are the addresses in the JSON of every account.
var userLinks = map[string]string{
	"followers_url": "followers", "following_url": "following{/other_user}", "gists_url": "gists{/gist_id}",
	"starred_url": "starred{/owner}{/repo}", "subscriptions_url": "subscriptions", "organizations_url": "orgs",
	"repos_url": "repos", "events_url": "events{/privacy}", "received_events_url": "received_events",
}

func (s *Server) simpleUser(a *account) object {
	if a.deleted {
		a = ghost
	}
	url := s.URL() + "/users/" + a.Login
	o := object{
		"login": a.Login, "id": a.id, "node_id": nodeID(string(a.kind), a.id), "type": string(a.kind), "site_admin": false,
		"avatar_url": s.URL() + "/avatars/" + a.Login, "gravatar_id": "", "url": url, "html_url": s.URL() + "/" + a.Login, "user_view_type": "public",
	}
	for name, path := range userLinks {
		o[name] = url + "/" + path
	}
	return o
}

// nullableUser is null for who was deleted, where GitHub says so.
func (s *Server) nullableUser(a *account) any {
	if a == nil || a.deleted {
		return nil
	}
	return s.simpleUser(a)
}

func (s *Server) wireUser(a *account) object {
	o := s.simpleUser(a)
	var name any
	if a.Name != "" {
		name = a.Name
	}
	maps.Copy(o, object{
		"name": name, "email": nil, "bio": nil, "blog": "", "company": nil, "hireable": nil, "location": nil,
		"followers": 0, "following": 0, "public_gists": 0, "public_repos": 0,
		"created_at": stamp(a.created), "updated_at": stamp(a.created),
	})
	return o
}

func (s *Server) organizationSimple(a *account) object {
	url := s.URL() + "/orgs/" + a.Login
	return object{
		"login": a.Login, "id": a.id, "node_id": nodeID("Organization", a.id), "url": url, "avatar_url": s.URL() + "/avatars/" + a.Login,
		"description": nil, "repos_url": url + "/repos", "events_url": url + "/events", "hooks_url": url + "/hooks",
		"issues_url": url + "/issues", "members_url": url + "/members{/member}", "public_members_url": url + "/public_members{/member}",
	}
}

func (s *Server) wireTeam(t *team) object {
	url := s.URL() + "/orgs/" + t.org.Login + "/teams/" + t.slug
	return object{
		"id": t.id, "node_id": nodeID("Team", t.id), "name": t.slug, "slug": t.slug, "description": nil, "privacy": "closed",
		"permission": "pull", "notification_setting": "notifications_enabled", "parent": nil, "url": url,
		"html_url":    s.URL() + "/orgs/" + t.org.Login + "/teams/" + t.slug,
		"members_url": url + "/members{/member}", "repositories_url": url + "/repos",
		"type": "organization", "organization_id": t.org.id,
	}
}

func (s *Server) wireTeamFull(t *team) object {
	o := s.wireTeam(t)
	org := s.organizationSimple(t.org)
	maps.Copy(org, object{
		"type": "Organization", "html_url": s.URL() + "/" + t.org.Login, "created_at": stamp(t.org.created), "updated_at": stamp(t.org.created),
		"archived_at": nil, "followers": 0, "following": 0, "public_gists": 0, "public_repos": 0,
		"has_organization_projects": false, "has_repository_projects": false,
	})
	maps.Copy(o, object{
		"created_at": stamp(t.created), "updated_at": stamp(t.created), "members_count": len(t.members), "repos_count": 0, "organization": org,
	})
	return o
}

// api and html are the addresses of a repository for machines and for people.
func (s *Server) api(r *repository) string  { return s.URL() + "/repos/" + r.fullName() }
func (s *Server) html(r *repository) string { return s.URL() + "/" + r.fullName() }

// repoLinks are the addresses in the JSON of every repository.
const repoLinks = `archive_url={archive_format}{/ref} assignees_url=assignees{/user} blobs_url=git/blobs{/sha}
branches_url=branches{/branch} collaborators_url=collaborators{/collaborator} comments_url=comments{/number}
commits_url=commits{/sha} compare_url=compare/{base}...{head} contents_url=contents/{+path} contributors_url=contributors
deployments_url=deployments downloads_url=downloads events_url=events forks_url=forks git_commits_url=git/commits{/sha}
git_refs_url=git/refs{/sha} git_tags_url=git/tags{/sha} hooks_url=hooks issue_comment_url=issues/comments{/number}
issue_events_url=issues/events{/number} issues_url=issues{/number} keys_url=keys{/key_id} labels_url=labels{/name}
languages_url=languages merges_url=merges milestones_url=milestones{/number} notifications_url=notifications{?since,all,participating}
pulls_url=pulls{/number} releases_url=releases{/id} stargazers_url=stargazers statuses_url=statuses/{sha}
subscribers_url=subscribers subscription_url=subscription tags_url=tags teams_url=teams trees_url=git/trees{/sha}`

func (s *Server) wireRepo(r *repository) object {
	var description any
	if r.Description != "" {
		description = r.Description
	}
	open := 0
	for _, p := range r.pulls {
		if p.state == stateOpen {
			open++
		}
	}
	url, page := s.api(r), s.html(r)
	o := object{
		"id": r.id, "node_id": nodeID("Repository", r.id), "name": r.Name, "full_name": r.fullName(), "owner": s.simpleUser(r.owner),
		"private": r.private(), "visibility": map[bool]string{true: "private", false: "public"}[r.private()],
		"description": description, "fork": r.parent != nil, "default_branch": r.DefaultBranch,
		"url": url, "html_url": page, "clone_url": page + ".git", "git_url": page + ".git", "ssh_url": "git@localhost:" + r.fullName() + ".git",
		"svn_url": page, "mirror_url": nil, "homepage": nil, "language": nil, "license": nil, "archived": false, "disabled": false,
		"has_issues": true, "has_projects": false, "has_wiki": false, "has_pages": false, "has_downloads": false, "has_discussions": false,
		"forks": 0, "forks_count": 0, "open_issues": open, "open_issues_count": open, "watchers": 0, "watchers_count": 0,
		"stargazers_count": 0, "size": 0, "topics": []string{}, "is_template": false, "web_commit_signoff_required": false, "allow_forking": true,
		"created_at": stamp(r.created), "updated_at": stamp(r.pushed), "pushed_at": stamp(r.pushed),
	}
	for link := range strings.FieldsSeq(repoLinks) {
		name, path, _ := strings.Cut(link, "=")
		o[name] = url + "/" + path
	}
	return o
}

func (s *Server) wireRepoFull(r *repository) object {
	o := s.wireRepo(r)
	maps.Copy(o, object{"network_count": 0, "subscribers_count": 0})
	if r.parent != nil {
		o["parent"], o["source"] = s.wireRepo(r.parent), s.wireRepo(r.parent)
	}
	return o
}

func (s *Server) wireInstallation(i *installation) object {
	url := s.URL() + "/app/installations/" + fmtID(i.id)
	return object{
		"id": i.id, "account": s.simpleUser(i.account), "app_id": s.app.ID, "app_slug": s.app.Slug, "client_id": s.app.ClientID,
		"target_id": i.account.id, "target_type": string(i.account.kind), "repository_selection": i.selection(),
		"permissions": i.permissions, "events": s.app.Events, "single_file_name": nil,
		"has_multiple_single_files": false, "single_file_paths": []string{},
		"access_tokens_url": url + "/access_tokens", "repositories_url": s.URL() + "/installation/repositories",
		"html_url":   s.URL() + "/settings/installations/" + fmtID(i.id),
		"created_at": stamp(i.created), "updated_at": stamp(i.created), "suspended_at": stampOf(i.suspended), "suspended_by": nil,
	}
}

func (s *Server) wireApp(a *App) object {
	permissions, events := a.Permissions, a.Events
	if permissions == nil {
		permissions, events = map[string]string{}, []string{}
	}
	owner := s.account(a.Owner)
	if owner == nil {
		owner = ghost
	}
	day := stamp(s.bot.created)
	return object{
		"id": a.ID, "slug": a.Slug, "node_id": nodeID("Integration", a.ID), "name": a.Name, "description": "", "owner": s.simpleUser(owner),
		"external_url": s.URL() + "/apps/" + a.Slug, "html_url": s.URL() + "/apps/" + a.Slug,
		"permissions": permissions, "events": events, "created_at": day, "updated_at": day,
	}
}
