package githubtest

import (
	"encoding/json"
	"slices"
)

// rawJSON is text that is JSON already.
func rawJSON(text []byte) json.RawMessage { return text }

func (c *call) getSelf() (any, error) { return c.wireUser(c.who.user), nil }

func (c *call) listOwnOrgs() (any, error) {
	var orgs []*account
	for _, a := range c.accounts {
		if _, member := a.members[c.who.user.id]; member && !a.deleted {
			orgs = append(orgs, a)
		}
	}
	return drawn(c, orgs, c.organizationSimple), nil
}

func (c *call) getUser() (any, error) {
	a := c.account(c.r.PathValue("username"))
	if a == nil {
		return nil, notFound()
	}
	return c.wireUser(a), nil
}

func (c *call) getUserByID() (any, error) {
	id, err := c.number("account_id")
	if err != nil {
		return nil, err
	}
	a := c.accountByID(id)
	if a == nil {
		return nil, notFound()
	}
	return c.wireUser(a), nil
}

// orgOnPath is the organisation of the path. An App sees who is a member only
// where it is installed; others see nobody: no membership is public here.
func (c *call) orgOnPath() (*account, error) {
	o, err := c.org(c.r.PathValue("org"))
	if err != nil {
		return nil, err
	}
	sees := false
	switch c.who.kind {
	case asInstallation:
		sees = c.who.token.installation.account == o
	case asUser:
		_, sees = o.members[c.who.user.id]
	}
	if !sees {
		return nil, notFound()
	}
	return o, nil
}

func (c *call) membersOf(o *account) []*account {
	var list []*account
	for _, a := range c.accounts {
		if _, ok := o.members[a.id]; ok && !a.deleted {
			list = append(list, a)
		}
	}
	return list
}

func (c *call) listMembers(o *account) (any, error) {
	list := c.membersOf(o)
	if role := c.r.URL.Query().Get("role"); role == "admin" || role == "member" {
		list = slices.DeleteFunc(list, func(a *account) bool { return o.members[a.id] != Role(role) })
	}
	return drawn(c, list, c.simpleUser), nil
}

// memberOnPath is the person of the path, if a member.
func (c *call) memberOnPath(o *account) (*account, error) {
	a := c.account(c.r.PathValue("username"))
	if a == nil || o.members[a.id] == "" {
		return nil, notFound()
	}
	return a, nil
}

func (c *call) checkMember(o *account) (any, error) {
	_, err := c.memberOnPath(o)
	return nil, err
}

func (c *call) getMembership(o *account) (any, error) {
	a, err := c.memberOnPath(o)
	if err != nil {
		return nil, err
	}
	return object{
		"url": c.URL() + "/orgs/" + o.Login + "/memberships/" + a.Login, "state": "active", "role": string(o.members[a.id]),
		"organization_url": c.URL() + "/orgs/" + o.Login, "organization": c.organizationSimple(o), "user": c.simpleUser(a),
	}, nil
}

func (c *call) listTeams(o *account) (any, error) {
	return drawn(c, o.teams, c.wireTeam), nil
}

func (c *call) teamOnPath() (*team, error) {
	o, err := c.orgOnPath()
	if err != nil {
		return nil, err
	}
	if t := c.team(o, c.r.PathValue("team_slug")); t != nil {
		return t, nil
	}
	return nil, notFound()
}

func (c *call) getTeam(t *team) (any, error) {
	return c.wireTeamFull(t), nil
}

func (c *call) listTeamMembers(t *team) (any, error) {
	return drawn(c, t.members, c.simpleUser), nil
}

func (c *call) getTeamMembership(t *team) (any, error) {
	a := c.account(c.r.PathValue("username"))
	if a == nil || !t.has(a) {
		return nil, notFound()
	}
	return object{
		"url":  c.URL() + "/orgs/" + t.org.Login + "/teams/" + t.slug + "/memberships/" + a.Login,
		"role": "member", "state": "active",
	}, nil
}

// getPermission follows docs.github.com/en/rest/collaborators/collaborators "Get
// repository permissions for a user": permission has the old names, role_name
// the full ones. Somebody without access has "none".
func (c *call) getPermission() (any, error) {
	a := c.account(c.r.PathValue("username"))
	if a == nil {
		return nil, notFound()
	}
	p := c.permission(c.repo, a)
	user := c.simpleUser(a)
	user["role_name"] = string(p)
	user["permissions"] = object{
		"pull": p.atLeast(PermissionRead), "triage": p.atLeast(PermissionTriage), "push": p.atLeast(PermissionWrite),
		"maintain": p.atLeast(PermissionMaintain), "admin": p.atLeast(PermissionAdmin),
	}
	return object{"permission": p.legacy(), "role_name": string(p), "user": user}, nil
}
