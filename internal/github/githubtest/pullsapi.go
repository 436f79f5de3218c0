package githubtest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// pullOnPath is the pull request that the path names, by either word.
func (c *call) pullOnPath() (*pull, error) {
	name := "pull_number"
	if c.r.PathValue(name) == "" {
		name = "issue_number"
	}
	n, err := c.number(name)
	if err != nil {
		return nil, err
	}
	p := c.repo.pull(int(n))
	if p == nil {
		return nil, notFound()
	}
	return p, nil
}

func (c *call) listPulls() (any, error) {
	q := c.r.URL.Query()
	state := q.Get("state")
	if state == "" {
		state = stateOpen
	}
	list := slices.DeleteFunc(slices.Clone(c.repo.pulls), func(p *pull) bool {
		label := p.headOwner.Login + ":" + p.headBranch
		return state != "all" && p.state != state ||
			q.Get("base") != "" && q.Get("base") != p.baseBranch ||
			q.Get("head") != "" && !strings.EqualFold(q.Get("head"), label)
	})
	when := func(p *pull) int64 {
		if q.Get("sort") == "updated" {
			return p.updated.Unix()
		}
		return int64(p.number)
	}
	slices.SortStableFunc(list, func(a, b *pull) int { return int(when(a) - when(b)) })
	// Newest first unless it says otherwise, docs.github.com/en/rest/pulls/pulls
	// "List pull requests".
	if q.Get("direction") == "desc" || q.Get("direction") == "" && (q.Get("sort") == "created" || q.Get("sort") == "") {
		slices.Reverse(list)
	}
	return drawn(c, list, func(p *pull) object { return c.wirePullSimple(p, p.shownHead()) }), nil
}

// listPullsOfCommit follows docs.github.com/en/rest/commits/commits "List pull
// requests associated with a commit": the merged pull request that brought the
// commit to the default branch, and else the open ones.
func (c *call) listPullsOfCommit() (any, error) {
	sha, found := c.repo.resolve(c.r.PathValue("commit_sha"))
	if !found {
		return nil, refuse(http.StatusUnprocessableEntity, "No commit found for SHA: %s", c.r.PathValue("commit_sha"))
	}
	var list []*pull
	for _, p := range c.repo.pulls {
		// A merged pull request is found by its commits and by what merging it made.
		inside := p.repo.isAncestor(sha, p.headSHA) && !p.repo.isAncestor(sha, p.baseSHA)
		if (p.state == stateOpen || p.merged != nil) && (inside || p.merged != nil && p.mergeSHA == sha) {
			list = append(list, p)
		}
	}
	return drawn(c, list, func(p *pull) object { return c.wirePullSimple(p, p.headSHA) }), nil
}

func (c *call) createPull() (any, error) {
	var in struct {
		Title, Body, Head, Base string
		Draft                   bool
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	p, err := c.openPull(c.repo, c.who.user, Pull{Title: in.Title, Body: in.Body, Head: in.Head, Base: in.Base, Draft: in.Draft})
	if err != nil {
		return nil, err
	}
	return c.wirePull(p, p.headSHA), nil
}

func (c *call) getPull(p *pull) (any, error) {
	o := c.wirePull(p, p.shownHead())
	if p.laggingMerge > 0 {
		p.laggingMerge--
		maps.Copy(o, object{"state": stateOpen, "closed_at": nil, "merged": false, "merged_at": nil, "merged_by": nil, "merge_commit_sha": nil})
	}
	return o, nil
}

func (c *call) updatePull(p *pull) (any, error) {
	var in struct{ Title, Body, State, Base *string }
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	e := Edit{Title: in.Title, Body: in.Body, Base: in.Base}
	if in.State != nil {
		open := *in.State == stateOpen
		e.Open = &open
	}
	if err := c.editPull(p, c.who.user, e); err != nil {
		return nil, err
	}
	return c.wirePull(p, p.headSHA), nil
}

// The caps of docs.github.com/en/rest/pulls/pulls "List commits on a pull
// request" and "List pull requests files".
const (
	maxPullCommits = 250
	maxPullFiles   = 3000
)

func (c *call) listPullCommits(p *pull) (any, error) {
	list, err := c.repo.between(p.baseSHA, p.shownHead())
	if err != nil {
		return nil, err
	}
	list = list[:min(len(list), maxPullCommits)]
	return drawn(c, list, func(k *commit) object { return c.wireCommit(c.repo, k) }), nil
}

func (c *call) listPullFiles(p *pull) (any, error) {
	head := p.shownHead()
	list, err := c.repo.changes(p.baseSHA, head)
	if err != nil {
		return nil, err
	}
	list = list[:min(len(list), maxPullFiles)]
	return drawn(c, list, func(f *change) object { return c.wireChange(c.repo, head, f) }), nil
}

func (c *call) mergePull(p *pull) (any, error) {
	var in struct {
		Title   string      `json:"commit_title"`
		Message string      `json:"commit_message"`
		Method  MergeMethod `json:"merge_method"`
		SHA     string      `json:"sha"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	m := Merge{Method: in.Method, SHA: in.SHA, Title: in.Title, Message: in.Message}
	if err := c.merge(p, c.who.user, &m); err != nil {
		return nil, err
	}
	return object{"sha": m.SHA, "merged": true, "message": "Pull Request successfully merged"}, nil
}

func (c *call) updateBranch(p *pull) (any, error) {
	var in struct {
		Expected string `json:"expected_head_sha"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if _, err := c.updateFromBase(p, c.who.user, in.Expected); err != nil {
		return nil, err
	}
	return object{"message": "Updating pull request branch.", "url": c.pullURL(p)}, nil
}

func (c *call) listRequested(p *pull) (any, error) {
	o := c.wirePullSimple(p, p.headSHA)
	return object{"users": o["requested_reviewers"], "teams": o["requested_teams"]}, nil
}

type requestedBody struct {
	Reviewers []string
	Teams     []string `json:"team_reviewers"`
}

// requested reads whom a request names. People need write access to ask,
// docs.github.com/en/pull-requests/collaborating-with-pull-requests/proposing-changes-to-your-work-with-pull-requests/requesting-a-pull-request-review;
// an author with read access may not, here.
func (c *call) requested() (in requestedBody, err error) {
	if err := c.decode(&in); err != nil {
		return in, err
	}
	if c.who.kind == asUser && !c.permission(c.repo, c.who.user).atLeast(PermissionTriage) {
		return in, refuse(http.StatusForbidden, "Must have push access to the repository")
	}
	return in, nil
}

func (c *call) requestReviewers(p *pull) (any, error) {
	in, err := c.requested()
	if err != nil {
		return nil, err
	}
	if err := c.request(p, c.who.user, in.Reviewers, in.Teams); err != nil {
		return nil, err
	}
	return c.wirePullSimple(p, p.headSHA), nil
}

func (c *call) removeRequested(p *pull) (any, error) {
	in, err := c.requested()
	if err != nil {
		return nil, err
	}
	c.unrequest(p, c.who.user, in.Reviewers, in.Teams)
	return c.wirePullSimple(p, p.headSHA), nil
}
