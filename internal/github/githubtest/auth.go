package githubtest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"
)

// A caller is a kind of who asks.
type caller string

const (
	anonymous      caller = "anonymous"
	asApp          caller = "app"          // by a JWT
	asInstallation caller = "installation" // by an installation token
	asUser         caller = "user"         // by a token of the OAuth flow
	asAnyone       caller = ""             // in a route: no matter who
)

type actor struct {
	kind  caller
	user  *account // the person, or the App's bot
	token *token
}

func (a *actor) key() string {
	switch {
	case a == nil:
		return "anonymous"
	case a.token != nil && a.token.installation != nil:
		return fmt.Sprint("installation ", a.token.installation.id)
	case a.user != nil:
		return fmt.Sprint("user ", a.user.id)
	}
	return string(a.kind)
}

// A token is an installation token or one of a person.
type token struct {
	value        string
	user         *account
	installation *installation
	repos        map[int64]bool    // nil: all of the installation
	permissions  map[string]string // of an installation
	expires      time.Time         // zero: never
}

func randomText(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// authenticate finds who asks. A token that is not known is refused also where
// none is needed.
func (s *Server) authenticate(r *http.Request) (*actor, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return &actor{kind: anonymous}, nil
	}
	scheme, value, _ := strings.Cut(header, " ")
	switch strings.ToLower(scheme) {
	case "bearer", "token":
		if strings.Count(value, ".") == 2 {
			return s.authenticateApp(value)
		}
	case "basic":
		_, password, ok := r.BasicAuth()
		if !ok {
			return nil, badCredentials()
		}
		value = password
	default:
		return nil, badCredentials()
	}
	t := s.tokens[value]
	if t == nil || !t.expires.IsZero() && !s.tokenNow().Before(t.expires) {
		return nil, badCredentials()
	}
	if t.installation != nil {
		if t.installation.suspended != nil {
			return nil, refuse(http.StatusForbidden, "This installation has been suspended")
		}
		return &actor{kind: asInstallation, user: s.bot, token: t}, nil
	}
	return &actor{kind: asUser, user: t.user, token: t}, nil
}

func badCredentials() *Error { return refuse(http.StatusUnauthorized, "Bad credentials") }

// maxJWT is how far in the future a JWT of the App may expire,
// docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
// "About JSON Web Tokens (JWTs)".
const maxJWT = 10 * time.Minute

func (s *Server) authenticateApp(jwt string) (*actor, error) {
	undecodable := refuse(http.StatusUnauthorized, "A JSON web token could not be decoded")
	parts := strings.Split(jwt, ".")
	var head struct{ Alg string }
	var claims struct {
		Iss      json.RawMessage
		Iat, Exp float64
	}
	if !decodePart(parts[0], &head) || !decodePart(parts[1], &claims) || head.Alg != "RS256" {
		return nil, undecodable
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return nil, undecodable
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(&s.app.Key.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		return nil, undecodable
	}
	// The issuer is the App's id, as a number or as text, or its client id.
	issuer := strings.Trim(string(claims.Iss), `"`)
	if issuer != fmt.Sprint(s.app.ID) && issuer != s.app.ClientID {
		return nil, refuse(http.StatusUnauthorized, "Integration must generate a public key")
	}
	now := s.tokenNow()
	exp, iat := unixTime(claims.Exp), unixTime(claims.Iat)
	switch {
	case !now.Before(exp):
		return nil, refuse(http.StatusUnauthorized, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case exp.After(now.Add(maxJWT + time.Second)):
		return nil, refuse(http.StatusUnauthorized, "'Expiration time' claim ('exp') is too far in the future")
	case iat.After(now.Add(time.Minute)):
		return nil, refuse(http.StatusUnauthorized, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	return &actor{kind: asApp, user: s.bot}, nil
}

func decodePart(part string, v any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, v) == nil
}

func unixTime(seconds float64) time.Time {
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(part*1e9))
}

// admit refuses a caller of the wrong kind.
func (a *actor) admit(rt route) error {
	switch {
	case rt.who == a.kind:
		return nil
	case rt.who == asAnyone && a.kind == asApp:
		// A JWT opens the App's own endpoints only,
		// docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/about-authentication-with-a-github-app
		// "Authentication as a GitHub App".
		return refuse(http.StatusForbidden, "Resource not accessible by integration")
	case rt.who == asAnyone && a.kind == anonymous && !strings.HasPrefix(rt.pattern, "GET "):
		return refuse(http.StatusUnauthorized, "Requires authentication")
	case rt.who == asAnyone:
		return nil
	case rt.who == asApp:
		return refuse(http.StatusUnauthorized, "A JSON web token could not be decoded")
	case a.kind == anonymous:
		return refuse(http.StatusUnauthorized, "Requires authentication")
	}
	return refuse(http.StatusForbidden, "Resource not accessible by integration")
}

// permit refuses an installation that lacks a permission such as
// "checks:write". What a person may do depends on the repository, and is
// checked there.
func (a *actor) permit(need string) error {
	name, level, _ := strings.Cut(need, ":")
	if need == "" || a.kind == anonymous || a.kind == asApp {
		return nil
	}
	if a.kind == asUser {
		if name == "checks" && level == "write" {
			// docs.github.com/en/rest/checks/runs: "Write permission for the
			// REST API to interact with checks is only available to GitHub Apps."
			return refuse(http.StatusForbidden, "You must authenticate via a GitHub App.")
		}
		return nil
	}
	has := a.token.permissions[name]
	if has == "write" || has == "admin" || has == "read" && level == "read" {
		return nil
	}
	return refuse(http.StatusForbidden, "Resource not accessible by integration")
}

// visible finds a repository that the caller may read. One that it may not
// read does not exist for it.
func (s *Server) visible(who *actor, owner, name string) (*repository, error) {
	r := s.repository(owner + "/" + name)
	if r == nil {
		return nil, notFound()
	}
	ok := false
	switch who.kind {
	case anonymous:
		ok = !r.private()
	case asApp:
		ok = s.installationOf(r) != nil
	case asInstallation:
		ok = who.token.covers(r)
	case asUser:
		ok = s.permission(r, who.user).atLeast(PermissionRead)
	}
	if !ok {
		return nil, notFound()
	}
	return r, nil
}

func (t *token) covers(r *repository) bool {
	return t.installation.covers(r) && (t.repos == nil || t.repos[r.id])
}

// UserToken is a token by which a person calls the API, as the OAuth flow
// would give it.
func (s *Server) UserToken(login string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.mustAccount(login)
	if err != nil {
		return "", err
	}
	return s.userToken(a).value, nil
}

func (s *Server) userToken(a *account) *token {
	t := &token{value: "ghu_" + randomText(18), user: a}
	s.tokens[t.value] = t
	return t
}
