package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/signoff"
)

// How people sign in to our pages: GitHub says who they are, and
// nothing more is asked of it in their name.
// Source: docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/
// generating-a-user-access-token-for-a-github-app.

// AuthorizeURL is where a person is sent to. State is bound to the browser, and
// challenge is the base64url of the SHA-256 of a verifier that we keep. Redirect
// is the page of ours to come back to.
func (a *App) AuthorizeURL(state, challenge, redirect string) string {
	return a.config.WebURL + "/login/oauth/authorize?" + url.Values{
		"client_id": {a.config.ClientID}, "state": {state}, "redirect_uri": {redirect},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}.Encode()
}

// ErrSignInRefused is a code that GitHub does not take: used already, too old, or
// not begun by us.
var ErrSignInRefused = errors.New("sign-in refused")

// Exchange finds out who signed in. The token that GitHub gives for that is used
// once and kept nowhere.
func (a *App) Exchange(ctx context.Context, code, verifier, redirect string) (signoff.Account, error) {
	const wanted = "sign in"
	if a.config.ClientID == "" || a.config.ClientSecret == "" {
		return signoff.Account{}, errors.New("sign in: the client id or secret of the GitHub App is missing")
	}
	token, err := a.userToken(ctx, code, verifier, redirect)
	if errors.Is(err, ErrSignInRefused) {
		return signoff.Account{}, fmt.Errorf("%s: %w", wanted, err)
	}
	if err != nil {
		return signoff.Account{}, fail(wanted, err)
	}
	c := github.NewClient(&http.Client{
		Transport: &asUser{token: token, base: a.config.Transport}, CheckRedirect: sameHost, Timeout: requestTimeout,
	})
	base := *a.api
	c.BaseURL, c.UserAgent = &base, "bar-raiser"
	user, _, err := c.Users.Get(ctx, "")
	if err != nil {
		return signoff.Account{}, fail(wanted, err)
	}
	if user.GetID() <= 0 || user.GetType() != "User" {
		return signoff.Account{}, fmt.Errorf("%s: %q is no person", wanted, user.GetLogin())
	}
	return account(user), nil
}

type asUser struct {
	token string
	base  http.RoundTripper
}

func (t *asUser) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+t.token)
	return t.base.RoundTrip(req)
}

// largestToken bounds the answer with a token, in bytes.
const largestToken = 64 << 10

func (a *App) userToken(ctx context.Context, code, verifier, redirect string) (string, error) {
	form := url.Values{
		"client_id": {a.config.ClientID}, "client_secret": {a.config.ClientSecret}, "code": {code},
		"code_verifier": {verifier}, "redirect_uri": {redirect},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.config.WebURL+"/login/oauth/access_token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	plain := &http.Client{Transport: a.config.Transport, Timeout: requestTimeout, CheckRedirect: noRedirect}
	resp, err := plain.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, largestToken))
	if err != nil {
		return "", err
	}
	if resp.StatusCode >= 500 {
		return "", &StatusError{Code: resp.StatusCode}
	}
	var answer struct {
		Token string `json:"access_token"`
		Type  string `json:"token_type"`
		Error string `json:"error"`
	}
	// GitHub answers 200 also to a wrong code, with an error in it.
	if json.Unmarshal(text, &answer) != nil || resp.StatusCode != http.StatusOK || answer.Token == "" || !strings.EqualFold(answer.Type, "bearer") {
		if plain := strings.Trim(answer.Error, "abcdefghijklmnopqrstuvwxyz_"); plain == "" && answer.Error != "" {
			return "", fmt.Errorf("%w: %.60s", ErrSignInRefused, answer.Error)
		}
		return "", ErrSignInRefused
	}
	return answer.Token, nil
}

// noRedirect: the secret goes to the one address that was configured.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
