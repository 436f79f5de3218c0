package githubtest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/github/githubtest"
)

func TestSignIn(t *testing.T) {
	now := time.Now()
	w := newWorld(t, githubtest.Options{Now: func() time.Time { return now }})
	const verifier = "a-verifier-of-at-least-forty-three-characters-long"
	sum := sha256.Sum256([]byte(verifier))
	ask := url.Values{
		"client_id": {w.App().ClientID}, "redirect_uri": {"http://127.0.0.1:1/callback"}, "state": {"s1"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	address := w.URL() + "/login/oauth/authorize?" + ask.Encode()
	code := func() string {
		back, err := w.Authorize("carol", address)
		w.ok(err)
		u, err := url.Parse(back)
		w.ok(err)
		if u.Path != "/callback" || u.Query().Get("state") != "s1" {
			t.Errorf("sent back to %s", back)
		}
		return u.Query().Get("code")
	}
	exchange := func(form url.Values) map[string]string {
		req, err := http.NewRequest(http.MethodPost, w.URL()+"/login/oauth/access_token", strings.NewReader(form.Encode()))
		w.ok(err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Accept", "application/json")
		resp, err := http.DefaultClient.Do(req)
		w.ok(err)
		defer resp.Body.Close()
		var answer map[string]string
		w.ok(json.NewDecoder(resp.Body).Decode(&answer))
		return answer
	}
	form := func(code string) url.Values {
		return url.Values{"client_id": {w.App().ClientID}, "client_secret": {w.App().ClientSecret}, "code": {code}, "code_verifier": {verifier}}
	}
	used := code()
	token := exchange(form(used))["access_token"]
	u, _, err := w.client(w.judge()).WithAuthToken(token).Users.Get(w.ctx(), "")
	w.ok(err)
	if u.GetLogin() != "carol" {
		t.Errorf("signed in as %s", u.GetLogin())
	}
	for name, c := range map[string]struct {
		change func(url.Values)
		want   string
	}{
		"code used":      {func(f url.Values) { f.Set("code", used) }, "bad_verification_code"},
		"wrong verifier": {func(f url.Values) { f.Set("code_verifier", "other") }, "bad_verification_code"},
		"wrong secret":   {func(f url.Values) { f.Set("client_secret", "other") }, "incorrect_client_credentials"},
		"other redirect": {func(f url.Values) { f.Set("redirect_uri", "http://evil.example/") }, "redirect_uri_mismatch"},
		"too late":       {func(url.Values) { now = now.Add(11 * time.Minute) }, "bad_verification_code"},
	} {
		f := form(code())
		c.change(f)
		if got := exchange(f); got["error"] != c.want || got["access_token"] != "" {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
	for name, bad := range map[string]string{
		"other client": strings.Replace(address, w.App().ClientID, "other", 1),
		"plain PKCE":   strings.Replace(address, "S256", "plain", 1),
		"no redirect":  w.URL() + "/login/oauth/authorize?client_id=" + w.App().ClientID,
	} {
		if back, err := w.Authorize("carol", bad); err == nil {
			t.Errorf("%s: sent back to %s", name, back)
		}
	}
	resp, err := http.Get(address)
	w.ok(err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	w.ok(err)
	if !strings.Contains(string(page), "carol") {
		t.Errorf("the page to sign in does not offer carol: %s", page)
	}
}
