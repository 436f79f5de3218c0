package githubtest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

func (c *call) getApp() (any, error) {
	o := c.wireApp(&c.app)
	o["installations_count"] = len(c.installations)
	return o, nil
}

func (c *call) listInstallations() (any, error) {
	return drawn(c, c.installations, c.wireInstallation), nil
}

func (c *call) installationOnPath() (*installation, error) {
	id, err := c.number("installation_id")
	if err != nil {
		return nil, err
	}
	for _, i := range c.installations {
		if i.id == id {
			return i, nil
		}
	}
	return nil, notFound()
}

func (c *call) getInstallation(i *installation) (any, error) {
	return c.wireInstallation(i), nil
}

func (c *call) getOrgInstallation() (any, error) {
	a := c.account(c.r.PathValue("org"))
	if a == nil || c.installationIn(a) == nil {
		return nil, notFound()
	}
	return c.wireInstallation(c.installationIn(a)), nil
}

func (c *call) getRepoInstallation() (any, error) {
	return c.wireInstallation(c.installationOf(c.repo)), nil // an App sees only where it is installed
}

// tokenLife is docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app:
// "The installation access token will expire after 1 hour."
const tokenLife = time.Hour

// createToken follows docs.github.com/en/rest/apps/apps "Create an installation
// access token for an app": it may be narrowed to repositories and permissions
// of the installation, never widened.
func (c *call) createToken(i *installation) (any, error) {
	if i.suspended != nil {
		return nil, refuse(http.StatusForbidden, "This installation has been suspended")
	}
	var in struct {
		Repositories  []string          `json:"repositories"`
		RepositoryIDs []int64           `json:"repository_ids"`
		Permissions   map[string]string `json:"permissions"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	t := &token{value: "ghs_" + randomText(18), installation: i, permissions: i.permissions, expires: c.tokenNow().UTC().Truncate(time.Second).Add(tokenLife)}
	if in.Permissions != nil {
		if !within(in.Permissions, i.permissions) {
			return nil, refuse(http.StatusUnprocessableEntity, "The permissions requested are not granted to this installation.")
		}
		t.permissions = map[string]string{"metadata": "read"}
		for name, level := range in.Permissions {
			t.permissions[name] = level
		}
	}
	chosen, err := c.chosen(i, in.Repositories, in.RepositoryIDs)
	if err != nil {
		return nil, err
	}
	answer := object{"token": t.value, "expires_at": stamp(t.expires), "permissions": t.permissions, "repository_selection": i.selection()}
	if len(in.Repositories)+len(in.RepositoryIDs) > 0 {
		t.repos = map[int64]bool{}
		list := []object{}
		for _, r := range chosen {
			t.repos[r.id] = true
			list = append(list, c.wireRepo(r))
		}
		answer["repositories"], answer["repository_selection"] = list, "selected"
	}
	c.tokens[t.value] = t
	return answer, nil
}

func within(asked, granted map[string]string) bool {
	for name, level := range asked {
		if has := granted[name]; has == "" || has == "read" && level != "read" {
			return false
		}
	}
	return true
}

func (c *call) chosen(i *installation, names []string, ids []int64) ([]*repository, error) {
	var list []*repository
	for _, r := range c.covered(i) {
		if slices.Contains(names, r.Name) || slices.Contains(ids, r.id) {
			list = append(list, r)
		}
	}
	if len(list) < max(len(names), len(ids)) {
		return nil, refuse(http.StatusUnprocessableEntity, "There is at least one repository that does not exist or is not accessible to the parent installation.")
	}
	return list, nil
}

func (c *call) listInstallationRepositories() (any, error) {
	var list []*repository
	for _, r := range c.covered(c.who.token.installation) {
		if c.who.token.covers(r) {
			list = append(list, r)
		}
	}
	return object{
		"total_count": len(list), "repository_selection": c.who.token.installation.selection(), "repositories": drawn(c, list, c.wireRepo),
	}, nil
}

// getRateLimit does not count,
// docs.github.com/en/rest/rate-limit/rate-limit "Get rate limit status for the
// authenticated user".
func (c *call) getRateLimit() (any, error) {
	used, reset := c.rate(c.who, 0)
	c.rate(c.who, -1) // which this answer adds again
	r := object{"limit": hourlyLimit, "remaining": hourlyLimit - used, "reset": reset.Unix(), "used": used}
	return object{"resources": object{"core": r, "search": r}, "rate": r}, nil
}

// listDeliveries shows the newest first, by a cursor,
// docs.github.com/en/rest/apps/webhooks "List deliveries for an app webhook".
func (c *call) listDeliveries() (any, error) {
	per := min(max(c.queryInt("per_page", 30), 1), 100)
	before := int64(1) << 62
	if cursor := c.r.URL.Query().Get("cursor"); cursor != "" {
		n, err := strconv.ParseInt(cursor, 10, 64)
		if err != nil {
			return nil, refuse(http.StatusUnprocessableEntity, "Invalid cursor")
		}
		before = n
	}
	list := []object{}
	for _, d := range slices.Backward(c.deliveries) {
		if d.id >= before || d.status == "pending" || c.r.URL.Query().Get("status") == "failure" && d.status == statusOK {
			continue
		}
		if len(list) == per {
			q := c.r.URL.Query()
			q.Set("cursor", strconv.FormatInt(list[per-1]["id"].(int64), 10))
			c.header.Set("Link", "<"+c.URL()+"/app/hook/deliveries?"+q.Encode()+`>; rel="next"`)
			break
		}
		list = append(list, wireDelivery(d))
	}
	return list, nil
}

func wireDelivery(d *delivery) object {
	o := object{
		"id": d.id, "guid": d.guid, "delivered_at": stamp(d.at), "redelivery": d.redelivery, "duration": d.duration.Seconds(),
		"status": d.status, "status_code": d.code, "event": d.event, "action": orNull(d.action), "installation_id": d.installation, "repository_id": nil,
	}
	if d.repository != 0 {
		o["repository_id"] = d.repository
	}
	return o
}

func (c *call) deliveryOnPath() (*delivery, error) {
	id, err := c.number("delivery_id")
	if err != nil {
		return nil, err
	}
	for _, d := range c.deliveries {
		if d.id == id {
			return d, nil
		}
	}
	return nil, notFound()
}

func (c *call) getDelivery(d *delivery) (any, error) {
	o := wireDelivery(d)
	o["url"] = ""
	o["request"] = object{"headers": d.headers, "payload": rawJSON(d.payload)}
	o["response"] = object{"headers": object{}, "payload": orNull(d.answer)}
	return o, nil
}

func (c *call) redeliver(d *delivery) (any, error) {
	return object{}, c.sendAgain(d.id)
}
