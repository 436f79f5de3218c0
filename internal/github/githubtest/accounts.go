package githubtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Kind is what an account is. The values are GitHub's.
type Kind string

const (
	KindUser         Kind = "User"
	KindBot          Kind = "Bot"
	KindOrganization Kind = "Organization"
)

// A User is a person to be added, or a bot. An empty email is
// LOGIN@users.example.
type User struct {
	Login, Name, Email string
}

// Role is a member's role in an organisation.
type Role string

const (
	RoleMember Role = "member"
	RoleAdmin  Role = "admin"
)

type account struct {
	User
	id      int64
	kind    Kind
	created time.Time
	deleted bool
	members map[int64]Role // of an organisation
	teams   []*team
}

type team struct {
	id      int64
	org     *account
	slug    string
	created time.Time
	members []*account
}

func (t *team) has(a *account) bool { return slices.Contains(t.members, a) }

// AddUser makes the account of a person and returns its id.
func (s *Server) AddUser(u User) (int64, error) { return s.add(u, KindUser) }

// AddBot makes the account of a machine, such as that of another App.
func (s *Server) AddBot(u User) (int64, error) { return s.add(u, KindBot) }

// AddOrg makes an organisation with the given members, in the role of members.
func (s *Server) AddOrg(login string, members ...string) (int64, error) {
	id, err := s.add(User{Login: login}, KindOrganization)
	if err != nil {
		return 0, err
	}
	for _, m := range members {
		if err := s.SetMember(login, m, RoleMember); err != nil {
			return 0, err
		}
	}
	return id, nil
}

func (s *Server) add(u User, kind Kind) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.loginIsFree(u.Login); err != nil {
		return 0, err
	}
	return s.addAccount(u, kind).id, nil
}

func (s *Server) loginIsFree(login string) error {
	reserved := apiRoots[login] || login == "login" || login == "apps"
	if login == "" || reserved || strings.ContainsAny(login, "/ ") {
		return invalid(fmt.Sprintf("login %q is not available", login))
	}
	if s.account(login) != nil {
		return invalid(fmt.Sprintf("login %q is taken", login))
	}
	return nil
}

func (s *Server) addAccount(u User, kind Kind) *account {
	a := &account{User: u, id: s.id(), kind: kind, created: s.today(), members: map[int64]Role{}}
	if a.Email == "" {
		a.Email = strings.TrimSuffix(u.Login, "[bot]") + "@users.example"
	}
	s.accounts = append(s.accounts, a)
	return a
}

// account finds a living account by its login, in which case does not matter.
func (s *Server) account(login string) *account {
	for _, a := range s.accounts {
		if !a.deleted && strings.EqualFold(a.Login, login) {
			return a
		}
	}
	return nil
}

func (s *Server) mustAccount(login string) (*account, error) {
	if a := s.account(login); a != nil {
		return a, nil
	}
	return nil, refuse(http.StatusNotFound, "account %q: Not Found", login)
}

func (s *Server) accountByID(id int64) *account {
	for _, a := range s.accounts {
		if a.id == id && !a.deleted {
			return a
		}
	}
	return nil
}

// accountByEmail is how GitHub finds the account of a commit's author,
// docs.github.com/en/account-and-profile "Why are my contributions not showing
// up on my profile?".
func (s *Server) accountByEmail(email string) *account {
	for _, a := range s.accounts {
		if !a.deleted && a.kind != KindOrganization && strings.EqualFold(a.Email, email) {
			return a
		}
	}
	return nil
}

// RenameUser changes a login. The id stays, and the old login is free to be
// taken by someone else.
func (s *Server) RenameUser(login, to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.mustAccount(login)
	if err != nil {
		return err
	}
	if err := s.loginIsFree(to); err != nil {
		return err
	}
	a.Login = to
	return nil
}

// DeleteUser removes an account: memberships, access, requests and tokens go,
// what it wrote stays as the ghost's,
// docs.github.com/en/account-and-profile "Deleting your personal account".
func (s *Server) DeleteUser(login string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.mustAccount(login)
	if err != nil {
		return err
	}
	for _, org := range s.accounts {
		delete(org.members, a.id)
		for _, t := range org.teams {
			t.members = without(t.members, a)
		}
	}
	for _, r := range s.repos {
		delete(r.collaborators, a.id)
		for _, p := range r.pulls {
			p.requested = without(p.requested, a)
		}
	}
	for value, t := range s.tokens {
		if t.user == a {
			delete(s.tokens, value)
		}
	}
	a.deleted = true
	return nil
}

// SetMember puts a person into an organisation, or changes the role.
func (s *Server) SetMember(org, login string, role Role) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, a, err := s.orgAnd(org, login)
	if err != nil {
		return err
	}
	_, was := o.members[a.id]
	o.members[a.id] = role
	if !was {
		s.emitMember(o, a, "member_added")
	}
	return nil
}

// RemoveMember takes a person out of an organisation and of all its teams.
func (s *Server) RemoveMember(org, login string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, a, err := s.orgAnd(org, login)
	if err != nil {
		return err
	}
	for _, t := range o.teams {
		if t.has(a) {
			t.members = without(t.members, a)
			s.emitMembership(t, a, "removed")
		}
	}
	delete(o.members, a.id)
	s.emitMember(o, a, "member_removed")
	return nil
}

// AddTeam makes a team. Its members must be members of the organisation, and
// are made so.
func (s *Server) AddTeam(org, slug string, members ...string) (int64, error) {
	s.mu.Lock()
	o, err := s.org(org)
	if err == nil && s.team(o, slug) != nil {
		err = invalid(fmt.Sprintf("team %s/%s exists", org, slug))
	}
	if err != nil {
		s.mu.Unlock()
		return 0, err
	}
	t := &team{id: s.id(), org: o, slug: slug, created: s.today()}
	o.teams = append(o.teams, t)
	s.emitTeam(t, "created")
	s.mu.Unlock()
	for _, m := range members {
		if err := s.AddTeamMember(org, slug, m); err != nil {
			return 0, err
		}
	}
	return t.id, nil
}

// AddTeamMember puts a person into a team, and into its organisation if need
// be.
func (s *Server) AddTeamMember(org, slug, login string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, a, err := s.orgAnd(org, login)
	if err != nil {
		return err
	}
	t := s.team(o, slug)
	if t == nil {
		return notFound()
	}
	if _, ok := o.members[a.id]; !ok {
		o.members[a.id] = RoleMember
		s.emitMember(o, a, "member_added")
	}
	if !t.has(a) {
		t.members = append(t.members, a)
		s.emitMembership(t, a, "added")
	}
	return nil
}

// RemoveTeamMember takes a person out of a team.
func (s *Server) RemoveTeamMember(org, slug, login string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, a, err := s.orgAnd(org, login)
	if err != nil {
		return err
	}
	t := s.team(o, slug)
	if t == nil || !t.has(a) {
		return notFound()
	}
	t.members = without(t.members, a)
	s.emitMembership(t, a, "removed")
	return nil
}

func (s *Server) org(login string) (*account, error) {
	o := s.account(login)
	if o == nil || o.kind != KindOrganization {
		return nil, notFound()
	}
	return o, nil
}

func (s *Server) orgAnd(org, login string) (o, a *account, err error) {
	if o, err = s.org(org); err == nil {
		a, err = s.mustAccount(login)
	}
	return o, a, err
}

func (s *Server) team(org *account, slug string) *team {
	for _, t := range org.teams {
		if strings.EqualFold(t.slug, slug) {
			return t
		}
	}
	return nil
}

func without[T comparable](list []T, v T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(e T) bool { return e == v })
}
