package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// signInLife is how long GitHub's page may be open.
const signInLife = 10 * time.Minute

// callback is the page that GitHub sends people back to.
func (s *site) callback() string { return s.origin + "/signin/callback" }

// signInPath is the link that signs in and comes back.
func signInPath(back string) string { return "/signin?" + url.Values{"to": {localPath(back)}}.Encode() }

// maxPath bounds a path to come back to, in bytes.
const maxPath = 1024

// localPath is a path of ours to go back to; what may be none is "/". A browser
// takes //host and /\host for another host, and drops tabs and line ends before
// it looks.
func localPath(s string) string {
	bad := func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }
	if len(s) > maxPath || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsFunc(s, bad) {
		return "/"
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") {
		return "/"
	}
	if u.Path == "/signin" || strings.HasPrefix(u.Path, "/signin/") || u.Path == "/signout" {
		return "/"
	}
	return s
}

// signIn sends the browser to GitHub. What it has to know when it comes back is
// in a cookie: the state, the verifier of PKCE, and where it wanted to go. The
// cookie is the browser's own, so that it may read it; another browser that
// comes with the same answer of GitHub does not have it.
func (s *site) signIn(v *visit) error {
	if s.SignIn == nil {
		return errNoSignIn
	}
	state, err := s.secret()
	if err != nil {
		return err
	}
	verifier, err := s.secret()
	if err != nil {
		return err
	}
	back := localPath(v.r.URL.Query().Get("to"))
	s.setCookie(v, signInCookie, state+"."+verifier+"."+base64.RawURLEncoding.EncodeToString([]byte(back)), signInLife)
	challenge := sha256.Sum256([]byte(verifier)) // RFC 7636, 4.2
	address := s.SignIn.AuthorizeURL(state, base64.RawURLEncoding.EncodeToString(challenge[:]), s.callback())
	http.Redirect(v.w, v.r, address, http.StatusSeeOther)
	return nil
}

// signedIn takes the browser that comes back from GitHub.
func (s *site) signedIn(v *visit) error {
	if s.SignIn == nil {
		return errNoSignIn
	}
	cookie := strings.Split(s.cookie(v, signInCookie), ".")
	s.setCookie(v, signInCookie, "", 0) // it is good for one answer
	q := v.r.URL.Query()
	state, code := q.Get("state"), q.Get("code")
	if len(cookie) != 3 || len(cookie[0]) != secretLength || subtle.ConstantTimeCompare([]byte(cookie[0]), []byte(state)) == 0 {
		return refusal{http.StatusForbidden, "This sign-in did not begin here",
			"It began in another browser, or more than ten minutes ago. Begin again.", "/signin"}
	}
	back, err := base64.RawURLEncoding.DecodeString(cookie[2])
	if err != nil {
		back = []byte("/")
	}
	if q.Get("error") != "" || code == "" {
		return refusal{http.StatusForbidden, "GitHub did not sign you in", "It was cancelled there, or refused. Begin again.", signInPath(string(back))}
	}
	who, err := s.SignIn.Exchange(v.ctx(), code, cookie[1], s.callback())
	if err != nil || who.ID <= 0 || who.Bot {
		s.log.Warn("sign in", "account", who.ID, "error", err)
		return refusal{http.StatusForbidden, "GitHub did not confirm who you are", "Begin again; if it stays so, the server's log says why.", signInPath(string(back))}
	}
	if err := s.begin(v, who); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, localPath(string(back)), http.StatusSeeOther)
	return nil
}
