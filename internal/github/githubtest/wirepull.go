package githubtest

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
)

func fmtID(id int64) string { return strconv.FormatInt(id, 10) }

// shownHead is the head that a read of the API shows: while it lags, the one
// before the last push. It is called once a request.
func (p *pull) shownHead() string {
	if p.laggingReads > 0 {
		p.laggingReads--
		return p.laggingHead
	}
	return p.headSHA
}

func (s *Server) pullURL(p *pull) string { return fmt.Sprintf("%s/pulls/%d", s.api(p.repo), p.number) }

func (s *Server) pullPage(p *pull) string { return fmt.Sprintf("%s/pull/%d", s.html(p.repo), p.number) }

// wirePullSimple is a pull request as in a list, with a head that may lag.
func (s *Server) wirePullSimple(p *pull, head string) object {
	url, page, issue := s.pullURL(p), s.pullPage(p), fmt.Sprintf("%s/issues/%d", s.api(p.repo), p.number)
	statuses := s.api(p.repo) + "/statuses/" + head
	link := func(href string) object { return object{"href": href} }
	users, teams := []object{}, []object{}
	for _, a := range p.requested {
		users = append(users, s.simpleUser(a))
	}
	for _, t := range p.requestedTeams {
		teams = append(teams, s.wireTeam(t))
	}
	var headRepo any
	if p.headRepo != nil {
		headRepo = s.wireRepo(p.headRepo)
	}
	return object{
		"id": p.id, "node_id": nodeID("PullRequest", p.id), "number": p.number, "state": p.state, "locked": false, "draft": p.draft,
		"title": p.title, "body": orNull(p.body), "user": s.simpleUser(p.author), "author_association": s.association(p.repo, p.author),
		"created_at": stamp(p.created), "updated_at": stamp(p.updated), "closed_at": stampOf(p.closed), "merged_at": stampOf(p.merged),
		"merge_commit_sha": orNull(p.mergeSHA), "assignee": nil, "assignees": []object{}, "labels": []object{}, "milestone": nil,
		"auto_merge": nil, "active_lock_reason": nil, "requested_reviewers": users, "requested_teams": teams,
		"head": object{
			"label": p.headOwner.Login + ":" + p.headBranch, "ref": p.headBranch, "sha": head, "user": s.simpleUser(p.headOwner), "repo": headRepo,
		},
		"base": object{
			"label": p.repo.owner.Login + ":" + p.baseBranch, "ref": p.baseBranch, "sha": p.baseSHA,
			"user": s.simpleUser(p.repo.owner), "repo": s.wireRepo(p.repo),
		},
		"url": url, "html_url": page, "diff_url": page + ".diff", "patch_url": page + ".patch", "issue_url": issue,
		"commits_url": url + "/commits", "comments_url": issue + "/comments", "review_comments_url": url + "/comments",
		"review_comment_url": s.api(p.repo) + "/pulls/comments{/number}", "statuses_url": statuses,
		"_links": object{
			"self": link(url), "html": link(page), "issue": link(issue), "comments": link(issue + "/comments"), "commits": link(url + "/commits"),
			"review_comments": link(url + "/comments"), "review_comment": link(s.api(p.repo) + "/pulls/comments{/number}"), "statuses": link(statuses),
		},
	}
}

// wirePull is one pull request on its own, with what has to be counted.
func (s *Server) wirePull(p *pull, head string) object {
	o := s.wirePullSimple(p, head)
	additions, deletions, files, commits := 0, 0, 0, 0
	if changes, err := p.repo.changes(p.baseSHA, head); err == nil { // no common history: nothing to count
		for _, c := range changes {
			additions, deletions, files = additions+c.additions, deletions+c.deletions, files+1
		}
	}
	if list, err := p.repo.between(p.baseSHA, head); err == nil {
		commits = len(list)
	}
	var mergeable any
	if p.state == stateOpen {
		mergeable = p.mergeable
	}
	maps.Copy(o, object{
		"merged": p.merged != nil, "merged_by": s.nullableUser(p.mergedBy), "mergeable": mergeable, "mergeable_state": s.mergeableState(p),
		"rebaseable": mergeable, "maintainer_can_modify": p.headRepo != p.repo, "additions": additions, "deletions": deletions,
		"changed_files": files, "commits": commits, "comments": len(p.comments), "review_comments": len(p.reviewComments),
	})
	return o
}

func (s *Server) wirePullMinimal(p *pull) object {
	repo := func(r *repository) object {
		return object{"id": r.id, "name": r.Name, "url": s.api(r)}
	}
	return object{
		"id": p.id, "number": p.number, "url": s.pullURL(p),
		"head": object{"ref": p.headBranch, "sha": p.headSHA, "repo": repo(p.headRepo)},
		"base": object{"ref": p.baseBranch, "sha": p.baseSHA, "repo": repo(p.repo)},
	}
}

// wireIssue is a pull request as the issue that it is, too.
func (s *Server) wireIssue(p *pull) object {
	issue := fmt.Sprintf("%s/issues/%d", s.api(p.repo), p.number)
	return object{
		"id": p.id + 1<<40, "node_id": nodeID("Issue", p.id), "number": p.number, "title": p.title, "body": orNull(p.body), "state": p.state,
		"user": s.simpleUser(p.author), "url": issue, "html_url": s.pullPage(p), "comments": len(p.comments), "comments_url": issue + "/comments",
		"labels": []object{}, "assignees": []object{}, "locked": false, "author_association": s.association(p.repo, p.author),
		"created_at": stamp(p.created), "updated_at": stamp(p.updated), "closed_at": stampOf(p.closed),
		"pull_request": object{"url": s.pullURL(p), "html_url": s.pullPage(p), "diff_url": s.pullPage(p) + ".diff", "patch_url": s.pullPage(p) + ".patch"},
	}
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// association is docs.github.com/en/graphql/reference/enums
// "CommentAuthorAssociation", without first-timers.
func (s *Server) association(r *repository, a *account) string {
	_, member := r.owner.members[a.id]
	switch {
	case a == r.owner:
		return "OWNER"
	case member:
		return "MEMBER"
	case r.collaborators[a.id].atLeast(PermissionRead):
		return "COLLABORATOR"
	}
	for _, p := range r.pulls {
		if p.author == a && p.merged != nil {
			return "CONTRIBUTOR"
		}
	}
	return "NONE"
}

func (s *Server) wireReview(v *review) object {
	page := fmt.Sprintf("%s#pullrequestreview-%d", s.pullPage(v.pull), v.id)
	o := object{
		"id": v.id, "node_id": nodeID("PullRequestReview", v.id), "user": s.nullableUser(v.user), "body": v.body, "state": string(v.state),
		"commit_id": v.commitID, "html_url": page, "pull_request_url": s.pullURL(v.pull), "author_association": s.association(v.pull.repo, v.user),
		"_links": object{"html": object{"href": page}, "pull_request": object{"href": s.pullURL(v.pull)}},
	}
	if v.state != ReviewPending {
		o["submitted_at"] = stamp(v.submitted)
	}
	return o
}

func (s *Server) wireReviewComment(c *reviewComment) object {
	url := fmt.Sprintf("%s/pulls/comments/%d", s.api(c.pull.repo), c.id)
	page := fmt.Sprintf("%s#discussion_r%d", s.pullPage(c.pull), c.id)
	var review any
	if c.review != nil {
		review = c.review.id
	}
	o := object{
		"id": c.id, "node_id": nodeID("PullRequestReviewComment", c.id), "pull_request_review_id": review, "user": s.nullableUser(c.user),
		"body": c.Body, "path": c.Path, "diff_hunk": c.hunk, "commit_id": c.commitID, "original_commit_id": c.originalCommitID,
		"side": c.Side, "position": max(c.position, 1), "original_position": max(c.position, 1),
		"created_at": stamp(c.created), "updated_at": stamp(c.updated), "author_association": s.association(c.pull.repo, c.user),
		"url": url, "html_url": page, "pull_request_url": s.pullURL(c.pull),
		"_links": object{"self": object{"href": url}, "html": object{"href": page}, "pull_request": object{"href": s.pullURL(c.pull)}},
	}
	if c.Line != 0 {
		o["line"], o["original_line"], o["subject_type"] = c.Line, c.Line, "line"
	} else {
		o["subject_type"] = "file"
	}
	if c.StartLine != 0 {
		o["start_line"], o["original_start_line"], o["start_side"] = c.StartLine, c.StartLine, c.Side
	}
	if c.inReplyTo != 0 {
		o["in_reply_to_id"] = c.inReplyTo
	}
	return o
}

func (s *Server) wireComment(c *comment) object {
	url := fmt.Sprintf("%s/issues/comments/%d", s.api(c.pull.repo), c.id)
	counts := object{"url": url + "/reactions", "total_count": len(c.reactions)}
	for _, kind := range reactionKinds {
		n := 0
		for _, x := range c.reactions {
			if x.content == kind {
				n++
			}
		}
		counts[kind] = n
	}
	o := object{
		"id": c.id, "node_id": nodeID("IssueComment", c.id), "user": s.nullableUser(c.user), "body": c.body, "url": url,
		"html_url":   fmt.Sprintf("%s#issuecomment-%d", s.pullPage(c.pull), c.id),
		"issue_url":  fmt.Sprintf("%s/issues/%d", s.api(c.pull.repo), c.pull.number),
		"created_at": stamp(c.created), "updated_at": stamp(c.updated), "author_association": s.association(c.pull.repo, c.user),
		"reactions": counts,
	}
	if c.user == s.bot {
		o["performed_via_github_app"] = s.wireApp(&s.app)
	}
	return o
}

func (s *Server) wireRun(r *repository, run *checkRun) object {
	url := fmt.Sprintf("%s/check-runs/%d", s.api(r), run.ID)
	page := fmt.Sprintf("%s/runs/%d", s.html(r), run.ID)
	details := run.DetailsURL
	if details == "" {
		details = page
	}
	return object{
		"id": run.ID, "node_id": nodeID("CheckRun", run.ID), "name": run.Name, "head_sha": run.HeadSHA, "external_id": run.ExternalID,
		"status": run.Status, "conclusion": orNull(string(run.Conclusion)), "details_url": details, "url": url, "html_url": page,
		"started_at": stampOf(run.StartedAt), "completed_at": stampOf(run.CompletedAt), "app": s.wireApp(run.app),
		"check_suite": object{"id": run.suite.id}, "pull_requests": s.pullsAt(r, run.HeadSHA),
		"output": object{
			"title": orNull(run.Output.Title), "summary": orNull(run.Output.Summary), "text": orNull(run.Output.Text),
			"annotations_count": len(run.Output.Annotations), "annotations_url": url + "/annotations",
		},
	}
}

// pullsAt are the open pull requests with a head, of this repository only: a
// check run does not show those of forks,
// docs.github.com/en/rest/checks/runs: "Forked pull requests are not included."
func (s *Server) pullsAt(r *repository, sha string) []object {
	list := []object{}
	for _, p := range r.pulls {
		if p.state == stateOpen && p.headSHA == sha && p.headRepo == r {
			list = append(list, s.wirePullMinimal(p))
		}
	}
	return list
}

func (s *Server) wireSuite(r *repository, v *suite) object {
	url := fmt.Sprintf("%s/check-suites/%d", s.api(r), v.id)
	status, conclusion, count := StatusQueued, any(nil), 0
	for _, run := range r.runs {
		if run.suite != v {
			continue
		}
		count++
		if status == StatusQueued || run.Status != StatusCompleted {
			status = run.Status
		}
		conclusion = orNull(string(run.Conclusion))
	}
	o := object{
		"id": v.id, "node_id": nodeID("CheckSuite", v.id), "head_branch": orNull(v.branch), "head_sha": v.headSHA, "status": status,
		"conclusion": conclusion, "before": orNull(v.before), "after": v.headSHA, "app": s.wireApp(v.app), "pull_requests": s.pullsAt(r, v.headSHA),
		"repository": s.wireRepo(r), "url": url, "check_runs_url": url + "/check-runs", "latest_check_runs_count": count,
		"created_at": stamp(v.created), "updated_at": stamp(v.updated),
	}
	if c, err := r.commit(v.headSHA); err == nil {
		o["head_commit"] = object{
			"id": c.sha, "tree_id": c.tree, "message": c.message, "timestamp": stamp(c.committer.Date),
			"author":    object{"name": c.author.Name, "email": c.author.Email},
			"committer": object{"name": c.committer.Name, "email": c.committer.Email},
		}
	}
	return o
}

// wireCommit is a commit of the commits API; the accounts are those with the
// addresses of author and committer.
func (s *Server) wireCommit(r *repository, c *commit) object {
	url := s.api(r) + "/commits/" + c.sha
	parents := []object{}
	for _, p := range c.parents {
		parents = append(parents, object{"sha": p, "url": s.api(r) + "/commits/" + p, "html_url": s.html(r) + "/commit/" + p})
	}
	return object{
		"sha": c.sha, "node_id": nodeID("Commit "+c.sha, r.id), "url": url, "html_url": s.html(r) + "/commit/" + c.sha, "comments_url": url + "/comments",
		"author": s.nullableUser(s.accountByEmail(c.author.Email)), "committer": s.nullableUser(s.accountByEmail(c.committer.Email)),
		"parents": parents,
		"commit": object{
			"message": c.message, "comment_count": 0, "url": s.api(r) + "/git/commits/" + c.sha, "tree": s.wireTree(r, c),
			"author": wirePerson(c.author), "committer": wirePerson(c.committer), "verification": unsigned(),
		},
	}
}

func (s *Server) wireTree(r *repository, c *commit) object {
	return object{"sha": c.tree, "url": s.api(r) + "/git/trees/" + c.tree}
}

func wirePerson(p Person) object {
	return object{"name": p.Name, "email": p.Email, "date": stamp(p.Date)}
}

func unsigned() object {
	return object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}
}

func (s *Server) wireChange(r *repository, head string, c *change) object {
	o := object{
		"sha": c.blob, "filename": c.path, "status": c.status, "additions": c.additions, "deletions": c.deletions,
		"changes": c.additions + c.deletions, "blob_url": s.html(r) + "/blob/" + head + "/" + c.path,
		"raw_url": s.html(r) + "/raw/" + head + "/" + c.path, "contents_url": s.api(r) + "/contents/" + c.path + "?ref=" + head,
	}
	if c.patch != "" {
		o["patch"] = strings.TrimSuffix(c.patch, "\n")
	}
	if c.previous != "" {
		o["previous_filename"] = c.previous
	}
	return o
}
