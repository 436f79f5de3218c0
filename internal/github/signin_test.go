package github

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/signoff"
)

// The credential opens the one repository to git, and no other.
func TestCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.hub.AddRepository(githubtest.Repository{Owner: "acme", Name: "secret", Private: true})
	w.must(err)
	w.must(w.hub.AddToInstallation("acme", "acme/secret"))
	token, err := w.app.Credential(t.Context(), w.installation, w.repo)()
	if err != nil || token == "" {
		t.Fatalf("Credential() = %q, %v", token, err)
	}
	for _, test := range []struct {
		repo signoff.Repo
		ok   bool
	}{{w.repo, true}, {signoff.Repo{Owner: "acme", Name: "secret"}, false}} {
		mirror, err := git.OpenMirror(t.Context(), t.TempDir(), w.app.RemoteURL(test.repo))
		w.must(err)
		err = mirror.Fetch(t.Context(), []string{w.head, w.base}, w.app.Credential(t.Context(), w.installation, w.repo))
		if (err == nil) != test.ok || err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("Fetch() of %s = %v", test.repo.Full(), err)
		}
	}
	if strings.Contains(w.logged.String(), token) {
		t.Error("the token is in the log")
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const verifier = "a-verifier-that-is-long-enough-for-pkce-0123456789"
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	code := func() string {
		t.Helper()
		back, err := w.hub.Authorize("maria-k", w.app.AuthorizeURL("state-1", challenge, "http://127.0.0.1:9/back"))
		w.must(err)
		u, err := url.Parse(back)
		w.must(err)
		if u.Query().Get("state") != "state-1" {
			t.Errorf("came back to %s", back)
		}
		return u.Query().Get("code")
	}
	used := code()
	who, err := w.app.Exchange(t.Context(), used, verifier, "http://127.0.0.1:9/back")
	if err != nil || who.Login != "maria-k" || who.ID == 0 {
		t.Errorf("Exchange() = %+v, %v", who, err)
	}
	for name, try := range map[string][2]string{"again": {used, verifier}, "another verifier": {code(), "x" + verifier}, "no code": {"nonsense", verifier}} {
		if who, err := w.app.Exchange(t.Context(), try[0], try[1], "http://127.0.0.1:9/back"); !errors.Is(err, ErrSignInRefused) || who.ID != 0 {
			t.Errorf("Exchange(%s) = %+v, %v", name, who, err)
		}
	}
}
