package githubtest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"time"
)

// codeLife is docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app:
// "This code will expire in 10 minutes", and works once.
const codeLife = 10 * time.Minute

type oauthCode struct {
	user      *account
	redirect  string
	challenge string // S256, empty without PKCE
	expires   time.Time
}

// authorize answers a person's consent: the address to go back to, with a code
// and the state that came.
func (s *Server) authorize(login string, q url.Values) (string, error) {
	user, err := s.mustAccount(login)
	if err != nil {
		return "", err
	}
	back, err := s.redirectOf(q)
	if err != nil {
		return "", err
	}
	code := randomText(10)
	s.codes[code] = &oauthCode{
		user: user, redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"), expires: s.now().Add(codeLife),
	}
	answer := back.Query()
	answer.Set("code", code)
	if q.Has("state") {
		answer.Set("state", q.Get("state"))
	}
	back.RawQuery = answer.Encode()
	return back.String(), nil
}

// redirectOf checks a request to sign in, as far as it can be before anyone
// agreed.
func (s *Server) redirectOf(q url.Values) (*url.URL, error) {
	if q.Get("client_id") != s.app.ClientID {
		return nil, notFound()
	}
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Host == "" || back.Scheme != "http" && back.Scheme != "https" {
		return nil, refuse(http.StatusBadRequest, "The redirect_uri is not associated with this application.")
	}
	if method := q.Get("code_challenge_method"); q.Has("code_challenge") && method != "S256" {
		return nil, refuse(http.StatusBadRequest, "code_challenge_method must be S256")
	}
	return back, nil
}

// Authorize stands for a person who signs in: it takes the address that the
// browser was sent to, agrees as that person, and returns the address that the
// browser would be sent back to.
func (s *Server) Authorize(login, address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.authorize(login, u.Query())
}

// serveAccessToken exchanges a code for a token. Refusals are answers with
// status 200, docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors.
func (s *Server) serveAccessToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "Not Found", http.StatusNotFound)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	form, err := accessTokenForm(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := s.exchange(form)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Accept")); kind == "application/json" {
		fields := map[string]string{}
		for k := range answer {
			fields[k] = answer.Get(k)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		json.NewEncoder(w).Encode(fields)
		return
	}
	w.Header().Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	w.Write([]byte(answer.Encode()))
}

func accessTokenForm(r *http.Request) (url.Values, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		fields := map[string]string{}
		if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
			return nil, err
		}
		form := url.Values{}
		for k, v := range fields {
			form.Set(k, v)
		}
		return form, nil
	}
	err := r.ParseForm()
	return r.Form, err
}

func (s *Server) exchange(form url.Values) url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	no := func(code, description string) url.Values {
		return url.Values{"error": {code}, "error_description": {description}}
	}
	if form.Get("client_id") != s.app.ClientID || subtle.ConstantTimeCompare([]byte(form.Get("client_secret")), []byte(s.app.ClientSecret)) == 0 {
		return no("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
	}
	code := s.codes[form.Get("code")]
	delete(s.codes, form.Get("code"))
	switch {
	case code == nil, code.user.deleted, s.now().After(code.expires):
		return no("bad_verification_code", "The code passed is incorrect or expired.")
	case form.Has("redirect_uri") && form.Get("redirect_uri") != code.redirect:
		return no("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application.")
	case code.challenge != "" && challengeOf(form.Get("code_verifier")) != code.challenge:
		return no("bad_verification_code", "The code passed is incorrect or expired.")
	}
	return url.Values{"access_token": {s.userToken(code.user).value}, "token_type": {"bearer"}, "scope": {""}}
}

// challengeOf is RFC 7636, section 4.2.
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
