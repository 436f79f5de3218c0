package githubtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

// A manifest is what somebody wants an App to be,
// docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest.
// There is one App here, which takes it over.
type manifest struct {
	Name        string               `json:"name"`
	URL         string               `json:"url"`
	Hook        struct{ URL string } `json:"hook_attributes"`
	Redirect    string               `json:"redirect_url"`
	Permissions map[string]string    `json:"default_permissions"`
	Events      []string             `json:"default_events"`
}

// newApp takes the form of a manifest, agrees as whoever the visitor is, and sends
// back with a code and the state that came.
func (v *visit) newApp() (string, error) {
	var m manifest
	if err := json.Unmarshal([]byte(v.r.PostFormValue("manifest")), &m); err != nil {
		return "", refuse(http.StatusUnprocessableEntity, "The manifest is no JSON")
	}
	back, err := url.Parse(m.Redirect)
	if err != nil || back.Host == "" || m.URL == "" || m.Hook.URL == "" {
		return "", refuse(http.StatusUnprocessableEntity, "The manifest lacks url, hook_attributes.url or redirect_url")
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if owner := v.r.PathValue("owner"); owner != "" {
		if _, err := v.mustAccount(owner); err != nil {
			return "", err
		}
	}
	code := randomText(20)
	v.manifests[code] = m
	q := back.Query()
	q.Set("code", code)
	if state := v.r.URL.Query().Get("state"); state != "" {
		q.Set("state", state)
	}
	back.RawQuery = q.Encode()
	return back.String(), nil
}

// convertManifest gives the App away, once for a code.
func (c *call) convertManifest() (any, error) {
	m, ok := c.manifests[c.r.PathValue("code")]
	if !ok {
		return nil, notFound()
	}
	delete(c.manifests, c.r.PathValue("code"))
	c.app.Permissions, c.app.Events = maps.Clone(m.Permissions), slices.Clone(m.Events)
	c.sender.update(func() { c.sender.url = m.Hook.URL })
	o := c.wireApp(&c.app)
	maps.Copy(o, object{
		"client_id": c.app.ClientID, "client_secret": c.app.ClientSecret, "webhook_secret": c.app.WebhookSecret, "pem": string(c.app.PrivateKeyPEM()),
	})
	return o, nil
}
