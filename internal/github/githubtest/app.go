package githubtest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// An App is a GitHub App. Its zero value is completed by New.
type App struct {
	ID           int64
	Slug, Name   string
	Owner        string            // login of the account that registered it
	Permissions  map[string]string // as in {"checks": "write"}
	Events       []string          // that it subscribes to
	ClientID     string
	ClientSecret string
	// WebhookSecret signs the deliveries.
	WebhookSecret string
	// Key signs the App's JWTs. Making one takes a tenth of a second or more,
	// so tests may share one.
	Key *rsa.PrivateKey
}

// defaultPermissions are those that the bot asks for.
var defaultPermissions = map[string]string{
	"checks": "write", "contents": "read", "members": "read",
	"merge_queues": "read", "metadata": "read", "pull_requests": "write",
}

var defaultEvents = []string{
	"check_run", "check_suite", "issue_comment", "member", "membership", "organization",
	"pull_request", "pull_request_review", "pull_request_review_comment", "push", "team",
}

func (a App) complete() (App, error) {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	if a.ID == 0 {
		a.ID = 4242
	}
	set(&a.Slug, "bar-raiser")
	set(&a.Name, "Bar Raiser")
	set(&a.Owner, "app-owner")
	set(&a.ClientID, "Iv1."+randomText(8))
	set(&a.ClientSecret, randomText(20))
	set(&a.WebhookSecret, randomText(32))
	if a.Permissions == nil {
		a.Permissions = maps.Clone(defaultPermissions)
	}
	if a.Events == nil {
		a.Events = slices.Clone(defaultEvents)
	}
	if a.Key == nil {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return a, fmt.Errorf("make the App's key: %w", err)
		}
		a.Key = key
	}
	return a, nil
}

// PrivateKeyPEM is the App's key as GitHub lets one download it.
func (a App) PrivateKeyPEM() []byte {
	der := x509.MarshalPKCS1PrivateKey(a.Key)
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: der})
}

// App is the App of this server, with its key and secrets.
func (s *Server) App() App { return s.app }

// An installation is the App in one account.
type installation struct {
	id          int64
	account     *account
	all         bool // of the account's repositories
	repos       map[int64]bool
	permissions map[string]string
	created     time.Time
	suspended   *time.Time
}

func (i *installation) covers(r *repository) bool {
	return r.owner == i.account && (i.all || i.repos[r.id])
}

func (i *installation) selection() string {
	if i.all {
		return "all"
	}
	return "selected"
}

// Install puts the App into an account, for the named repositories or, when
// none is named, for all, and returns the installation's id.
func (s *Server) Install(owner string, repos ...string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.mustAccount(owner)
	if err != nil {
		return 0, err
	}
	if s.installationIn(a) != nil {
		return 0, invalid("the App is installed in " + owner + " already")
	}
	i := &installation{
		id: s.id(), account: a, all: len(repos) == 0, repos: map[int64]bool{},
		permissions: maps.Clone(s.app.Permissions), created: s.today(),
	}
	chosen, err := s.named(a, repos)
	if err != nil {
		return 0, err
	}
	for _, r := range chosen {
		i.repos[r.id] = true
	}
	s.installations = append(s.installations, i)
	s.emitInstallation(i, "created", a)
	return i.id, nil
}

// Uninstall takes the App out of an account. Its tokens end.
func (s *Server) Uninstall(owner string) error {
	return s.withInstallation(owner, func(i *installation) error {
		s.emitInstallation(i, "deleted", i.account)
		s.installations = without(s.installations, i)
		maps.DeleteFunc(s.tokens, func(_ string, t *token) bool { return t.installation == i })
		return nil
	})
}

// Suspend stops an installation: no deliveries, and every call is refused,
// docs.github.com/en/apps/maintaining-github-apps/suspending-a-github-app-installation.
func (s *Server) Suspend(owner string) error {
	return s.withInstallation(owner, func(i *installation) error {
		now := s.today()
		s.emitInstallation(i, "suspend", i.account)
		i.suspended = &now
		return nil
	})
}

// Unsuspend undoes Suspend.
func (s *Server) Unsuspend(owner string) error {
	return s.withInstallation(owner, func(i *installation) error {
		i.suspended = nil
		s.emitInstallation(i, "unsuspend", i.account)
		return nil
	})
}

// AddToInstallation gives the App further repositories of an account.
func (s *Server) AddToInstallation(owner string, repos ...string) error {
	return s.withInstallation(owner, func(i *installation) error {
		added, err := s.named(i.account, repos)
		if err != nil {
			return err
		}
		for _, r := range added {
			i.repos[r.id] = true
		}
		s.emitInstallationRepositories(i, added, nil)
		return nil
	})
}

// RemoveFromInstallation takes repositories of an account away from the App.
func (s *Server) RemoveFromInstallation(owner string, repos ...string) error {
	return s.withInstallation(owner, func(i *installation) error {
		removed, err := s.named(i.account, repos)
		if err != nil {
			return err
		}
		s.emitInstallationRepositories(i, nil, removed)
		for _, r := range removed {
			delete(i.repos, r.id)
		}
		return nil
	})
}

// SetPermission changes what the App may do in an account, as when its owner
// accepted other permissions; level is "read", "write" or "" for nothing.
// Tokens that were given out keep what they had.
func (s *Server) SetPermission(owner, name, level string) error {
	return s.withInstallation(owner, func(i *installation) error {
		i.permissions = maps.Clone(i.permissions)
		i.permissions[name] = level
		if level == "" {
			delete(i.permissions, name)
		}
		s.emitInstallation(i, "new_permissions_accepted", i.account)
		return nil
	})
}

func (s *Server) withInstallation(owner string, do func(*installation) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.mustAccount(owner)
	if err != nil {
		return err
	}
	i := s.installationIn(a)
	if i == nil {
		return refuse(http.StatusNotFound, "the App is not installed in %s", owner)
	}
	return do(i)
}

// named are repositories of an account by their names, with or without the
// owner's.
func (s *Server) named(owner *account, names []string) ([]*repository, error) {
	var list []*repository
	for _, name := range names {
		if !strings.Contains(name, "/") {
			name = owner.Login + "/" + name
		}
		r, err := s.mustRepository(name)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

func (s *Server) installationIn(a *account) *installation {
	for _, i := range s.installations {
		if i.account == a {
			return i
		}
	}
	return nil
}

func (s *Server) installationOf(r *repository) *installation {
	if i := s.installationIn(r.owner); i != nil && i.covers(r) {
		return i
	}
	return nil
}

// covered are the repositories of an installation.
func (s *Server) covered(i *installation) []*repository {
	var list []*repository
	for _, r := range s.repos {
		if i.covers(r) {
			list = append(list, r)
		}
	}
	return list
}
