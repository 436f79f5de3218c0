package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

const (
	sessionIdle = 30 * time.Minute
	sessionLife = 8 * time.Hour
	// sessionStep is how often it is written that a session was seen.
	sessionStep = time.Minute
	// secretSize is the number of random bytes of a session, a state, a verifier.
	secretSize = 32
)

// cookieName has the prefix with which browsers take a cookie from its own host
// alone, and only by https. Without https, on loopback, they would refuse it.
func (s *site) cookieName(name string) string {
	if s.secure {
		return "__Host-" + name
	}
	return name
}

const (
	sessionCookie = "barraiser"
	signInCookie  = "barraiser-signin"
)

// setCookie sets a cookie that no script reads and no other site's form sends.
// It is Lax and not Strict: people follow a link from GitHub to a page of ours.
func (s *site) setCookie(v *visit, name, value string, life time.Duration) {
	age := int(life / time.Second)
	if value == "" {
		age = -1
	}
	http.SetCookie(v.w, &http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: age, Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (s *site) cookie(v *visit, name string) string {
	c, err := v.r.Cookie(s.cookieName(name))
	if err != nil { // there is none
		return ""
	}
	return c.Value
}

// secret draws a value that nobody can guess.
func (s *site) secret() (string, error) {
	var b [secretSize]byte
	if _, err := io.ReadFull(s.Random, b[:]); err != nil {
		return "", fmt.Errorf("draw a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// secretLength is that of a secret as text.
var secretLength = base64.RawURLEncoding.EncodedLen(secretSize)

// sessionHash is what the store knows of a session: who reads the store can sign
// in as nobody.
func sessionHash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// ends is when a session ends that was seen now.
func ends(created, seen time.Time) time.Time {
	idle, life := seen.Add(sessionIdle), created.Add(sessionLife)
	if idle.Before(life) {
		return idle
	}
	return life
}

// recognise finds out by the cookie who asks. It is nobody where sign-in is not
// configured: nobody could have signed in with this configuration.
func (s *site) recognise(v *visit) error {
	secret := s.cookie(v, sessionCookie)
	if s.SignIn == nil || len(secret) != secretLength {
		return nil
	}
	session, err := s.Store.Session(v.ctx(), sessionHash(secret), v.now)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	person, err := s.Store.Person(v.ctx(), session.Account)
	if err != nil {
		return err
	}
	if v.now.Sub(session.Seen) >= sessionStep {
		session.Seen, session.Expires = v.now, ends(session.Created, v.now)
		if err := s.Store.PutSession(v.ctx(), session); err != nil {
			return err
		}
	}
	v.session, v.who = session, signoff.Account{ID: person.ID, Login: person.Login}
	return nil
}

// begin makes a new session, whatever the browser had before: a value that
// somebody put there never becomes one.
func (s *site) begin(v *visit, who signoff.Account) error {
	if v.session.Hash != "" {
		if err := s.Store.EndSession(v.ctx(), v.session.Hash); err != nil {
			return err
		}
	}
	secret, err := s.secret()
	if err != nil {
		return err
	}
	if err := s.Store.PutLogin(v.ctx(), who.ID, who.Login); err != nil {
		return err
	}
	session := store.Session{Hash: sessionHash(secret), Account: who.ID, Created: v.now, Seen: v.now, Expires: ends(v.now, v.now)}
	if err := s.Store.PutSession(v.ctx(), session); err != nil {
		return err
	}
	s.setCookie(v, sessionCookie, secret, sessionLife)
	return nil
}

// signOut ends the session and does not mind that there is none.
func (s *site) signOut(v *visit) error {
	if v.session.Hash != "" {
		if err := s.Store.EndSession(v.ctx(), v.session.Hash); err != nil {
			return err
		}
	}
	s.setCookie(v, sessionCookie, "", 0)
	http.Redirect(v.w, v.r, "/rules", http.StatusSeeOther)
	return nil
}
