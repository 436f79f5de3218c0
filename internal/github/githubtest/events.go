package githubtest

import (
	"maps"
	"slices"
	"strings"
)

// The payloads are those of docs.github.com/en/webhooks/webhook-events-and-payloads,
// with the fields that a client of the REST API finds there too.

// emit sends an event of a repository to the App that is installed for it.
func (s *Server) emit(r *repository, by *account, event, action string, body, extra object) {
	i := s.installationOf(r)
	if i == nil {
		return
	}
	maps.Copy(body, extra)
	body["repository"] = s.wireRepo(r)
	body["sender"] = s.simpleUser(by)
	if action != "" {
		body["action"] = action
	}
	if r.owner.kind == KindOrganization {
		body["organization"] = s.organizationSimple(r.owner)
	}
	s.deliver(i, r, event, body)
}

func (s *Server) emitPull(p *pull, by *account, action string, extra object) {
	s.emit(p.repo, by, "pull_request", action, object{"number": p.number, "pull_request": s.wirePull(p, p.headSHA)}, extra)
}

func (s *Server) emitReview(v *review, by *account, action string, extra object) {
	body := s.wireReview(v)
	// Webhooks write the state in lower case, the REST API in upper case.
	body["state"] = strings.ToLower(string(v.state))
	s.emit(v.pull.repo, by, "pull_request_review", action, object{"review": body, "pull_request": s.wirePullSimple(v.pull, v.pull.headSHA)}, extra)
}

func (s *Server) emitReviewComment(c *reviewComment, action string) {
	s.emit(c.pull.repo, c.user, "pull_request_review_comment", action,
		object{"comment": s.wireReviewComment(c), "pull_request": s.wirePullSimple(c.pull, c.pull.headSHA)}, nil)
}

func (s *Server) emitComment(c *comment, by *account, action string, extra object) {
	s.emit(c.pull.repo, by, "issue_comment", action, object{"comment": s.wireComment(c), "issue": s.wireIssue(c.pull)}, extra)
}

func (s *Server) emitCheck(r *repository, run *checkRun, by *account, action string, extra object) {
	if run.app != &s.app && (action == "requested_action" || action == "rerequested") {
		return // those go to the App that made the run
	}
	s.emit(r, by, "check_run", action, object{"check_run": s.wireRun(r, run)}, extra)
}

func (s *Server) emitSuite(r *repository, v *suite, action string) {
	s.emit(r, r.owner, "check_suite", action, object{"check_suite": s.wireSuite(r, v)}, nil)
}

// maxPushCommits is how many commits a push event lists,
// docs.github.com/en/webhooks/webhook-events-and-payloads#push.
const maxPushCommits = 2048

const noCommit = "0000000000000000000000000000000000000000"

func (s *Server) emitPush(r *repository, by *account, branch, before, after string, forced bool) error {
	if s.installationOf(r) == nil {
		return nil
	}
	body := object{
		"ref": "refs/heads/" + branch, "before": orNone(before), "after": orNone(after), "base_ref": nil,
		"created": before == "", "deleted": after == "", "forced": forced,
		"pusher":  object{"name": by.Login, "email": by.Email},
		"compare": s.html(r) + "/compare/" + orNone(before) + "..." + orNone(after), "commits": []object{}, "head_commit": nil,
	}
	if after != "" {
		args := []string{after}
		if before != "" {
			args = append(args, "^"+before)
		} else {
			args = append(args, "-1")
		}
		commits, err := r.log(args...)
		if err != nil {
			return err
		}
		list := []object{}
		for _, c := range slices.Backward(commits[:min(len(commits), maxPushCommits)]) {
			list = append(list, s.pushedCommit(r, c))
		}
		head, err := r.commit(after)
		if err != nil {
			return err
		}
		body["commits"], body["head_commit"] = list, s.pushedCommit(r, head)
	}
	s.emit(r, by, "push", "", body, nil)
	return nil
}

func orNone(sha string) string {
	if sha == "" {
		return noCommit
	}
	return sha
}

func (s *Server) pushedCommit(r *repository, c *commit) object {
	person := func(p Person) object {
		who := object{"name": p.Name, "email": p.Email, "date": stamp(p.Date)}
		if a := s.accountByEmail(p.Email); a != nil {
			who["username"] = a.Login
		}
		return who
	}
	return object{
		"id": c.sha, "tree_id": c.tree, "message": c.message, "timestamp": stamp(c.committer.Date), "distinct": true,
		"url": s.html(r) + "/commit/" + c.sha, "author": person(c.author), "committer": person(c.committer),
		"added": []string{}, "removed": []string{}, "modified": []string{},
	}
}

func (s *Server) emitInstallation(i *installation, action string, by *account) {
	s.deliver(i, nil, "installation", object{
		"action": action, "repositories": s.repoNames(s.covered(i)), "sender": s.simpleUser(by),
	})
}

func (s *Server) emitInstallationRepositories(i *installation, added, removed []*repository) {
	action := "added"
	if len(removed) > 0 {
		action = "removed"
	}
	s.deliver(i, nil, "installation_repositories", object{
		"action": action, "repository_selection": i.selection(), "requester": nil,
		"repositories_added": s.repoNames(added), "repositories_removed": s.repoNames(removed), "sender": s.simpleUser(i.account),
	})
}

func (s *Server) repoNames(list []*repository) []object {
	names := []object{}
	for _, r := range list {
		names = append(names, object{
			"id": r.id, "node_id": nodeID("Repository", r.id), "name": r.Name, "full_name": r.fullName(), "private": r.private(),
		})
	}
	return names
}

// emitOrg sends an event of an organisation.
func (s *Server) emitOrg(org *account, event, action string, body object) {
	body["action"] = action
	body["organization"] = s.organizationSimple(org)
	body["sender"] = s.simpleUser(org)
	s.deliver(s.installationIn(org), nil, event, body)
}

func (s *Server) emitMember(org, a *account, action string) {
	s.emitOrg(org, "organization", action, object{"membership": object{
		"url": s.URL() + "/orgs/" + org.Login + "/memberships/" + a.Login, "state": "active", "role": string(org.members[a.id]),
		"organization_url": s.URL() + "/orgs/" + org.Login, "user": s.simpleUser(a),
	}})
}

func (s *Server) emitMembership(t *team, a *account, action string) {
	s.emitOrg(t.org, "membership", action, object{"scope": "team", "member": s.simpleUser(a), "team": s.wireTeam(t)})
}

func (s *Server) emitTeam(t *team, action string) {
	s.emitOrg(t.org, "team", action, object{"team": s.wireTeam(t)})
}
