package githubtest

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// Permission is what an account may do in a repository,
// docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization.
type Permission string

const (
	PermissionNone     Permission = "none"
	PermissionRead     Permission = "read"
	PermissionTriage   Permission = "triage"
	PermissionWrite    Permission = "write"
	PermissionMaintain Permission = "maintain"
	PermissionAdmin    Permission = "admin"
)

var permissionOrder = []Permission{
	PermissionNone, PermissionRead, PermissionTriage, PermissionWrite, PermissionMaintain, PermissionAdmin,
}

func (p Permission) atLeast(q Permission) bool {
	return slices.Index(permissionOrder, p) >= slices.Index(permissionOrder, q)
}

// legacy is the permission by its old name: the roles between are folded,
// docs.github.com/en/rest/collaborators/collaborators "Get repository
// permissions for a user".
func (p Permission) legacy() string {
	switch p {
	case PermissionTriage:
		return "read"
	case PermissionMaintain:
		return "write"
	}
	return string(p)
}

// A Repository is a repository to be made.
type Repository struct {
	Owner, Name   string
	Description   string
	Private       bool
	DefaultBranch string // "main" when empty
}

// A Rule protects branches. It stands for a ruleset, or with Classic for a
// branch protection rule, which the public rules endpoint does not show.
type Rule struct {
	Branch         string // a pattern of path.Match; the default branch when empty
	RequiredChecks []RequiredCheck
	UpToDate       bool // the head must contain the tip of the base
	Approvals      int  // by people with write access
	DismissStale   bool // a push takes approvals away
	Classic        bool

	id int64
}

// A RequiredCheck names a check that must have passed. AppID 0 takes it from
// any App.
type RequiredCheck struct {
	Name  string
	AppID int64
}

type repository struct {
	Repository
	id            int64
	owner         *account
	dir           string
	created       time.Time
	pushed        time.Time
	refs          map[string]string // full name to SHA: what the bare repository has
	collaborators map[int64]Permission
	teams         map[*team]Permission
	rules         []Rule
	parent        *repository // of a fork
	last          int         // number of the newest pull request
	pulls         []*pull
	suites        []*suite
	runs          []*checkRun
	commits       map[string]*commit // what was read of git
	answers       map[string]string  // of git, by the question
}

func (r *repository) fullName() string { return r.owner.Login + "/" + r.Name }

func (r *repository) branch(name string) string { return r.refs["refs/heads/"+name] }

// AddRepository makes an empty repository and returns its id.
func (s *Server) AddRepository(in Repository) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.newRepository(in)
	if err != nil {
		return 0, err
	}
	return r.id, nil
}

func (s *Server) newRepository(in Repository) (*repository, error) {
	owner, err := s.mustAccount(in.Owner)
	if err != nil {
		return nil, err
	}
	if s.repository(in.Owner+"/"+in.Name) != nil {
		return nil, invalid("name already exists on this account")
	}
	if in.DefaultBranch == "" {
		in.DefaultBranch = "main"
	}
	r := &repository{
		Repository: in, id: s.id(), owner: owner, created: s.today(), pushed: s.today(),
		refs: map[string]string{}, collaborators: map[int64]Permission{}, teams: map[*team]Permission{},
		commits: map[string]*commit{}, answers: map[string]string{},
	}
	r.dir = s.repoDir(r.id)
	if err := r.init(); err != nil {
		return nil, err
	}
	s.repos = append(s.repos, r)
	if i := s.installationIn(owner); i != nil && i.all {
		s.emitInstallationRepositories(i, []*repository{r}, nil)
	}
	return r, nil
}

// Fork copies a repository into another account and returns the id of the
// copy.
func (s *Server) Fork(repo, owner string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	parent, err := s.mustRepository(repo)
	if err != nil {
		return 0, err
	}
	in := parent.Repository
	in.Owner = owner
	r, err := s.newRepository(in)
	if err != nil {
		return 0, err
	}
	r.parent = parent
	for name, sha := range parent.refs {
		if strings.HasPrefix(name, "refs/heads/") {
			r.refs[name] = sha
		}
	}
	if _, err := r.git("fetch", "--quiet", parent.dir, "+refs/heads/*:refs/heads/*"); err != nil {
		return 0, err
	}
	return r.id, nil
}

// DeleteRepository removes a repository. Pull requests that came from it stay,
// without a head repository.
func (s *Server) DeleteRepository(repo string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.mustRepository(repo)
	if err != nil {
		return err
	}
	s.repos = without(s.repos, r)
	for _, other := range s.repos {
		for _, p := range other.pulls {
			if p.headRepo == r {
				p.headRepo = nil
			}
		}
	}
	return os.RemoveAll(r.dir)
}

func (s *Server) repository(fullName string) *repository {
	for _, r := range s.repos {
		if strings.EqualFold(r.fullName(), fullName) {
			return r
		}
	}
	return nil
}

func (s *Server) mustRepository(fullName string) (*repository, error) {
	if r := s.repository(fullName); r != nil {
		return r, nil
	}
	return nil, refuse(http.StatusNotFound, "repository %q: Not Found", fullName)
}

func (s *Server) mustBoth(repo, login string) (*repository, *account, error) {
	r, err := s.mustRepository(repo)
	if err != nil {
		return nil, nil, err
	}
	a, err := s.mustAccount(login)
	return r, a, err
}

// SetCollaborator gives an account a permission in a repository, or takes it
// away with PermissionNone.
func (s *Server) SetCollaborator(repo, login string, p Permission) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, a, err := s.mustBoth(repo, login)
	if err != nil {
		return err
	}
	if !slices.Contains(permissionOrder, p) {
		return invalid(fmt.Sprintf("permission %q", p))
	}
	r.collaborators[a.id] = p
	return nil
}

// SetTeamPermission gives a team of the repository's owner a permission in it.
func (s *Server) SetTeamPermission(repo, slug string, p Permission) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.mustRepository(repo)
	if err != nil {
		return err
	}
	t := s.team(r.owner, slug)
	if t == nil {
		return notFound()
	}
	r.teams[t] = p
	return nil
}

// Protect adds a rule to a repository.
func (s *Server) Protect(repo string, rule Rule) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.mustRepository(repo)
	if err != nil {
		return err
	}
	if _, err := path.Match(rule.Branch, ""); err != nil {
		return invalid(fmt.Sprintf("pattern %q: %v", rule.Branch, err))
	}
	rule.id = s.id()
	r.rules = append(r.rules, rule)
	return nil
}

// Unprotect removes all rules of a repository.
func (s *Server) Unprotect(repo string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.mustRepository(repo)
	if err != nil {
		return err
	}
	r.rules = nil
	return nil
}

// rulesFor are the rules of a branch, rulesets and classic ones.
func (r *repository) rulesFor(branch string) []Rule {
	var list []Rule
	for _, rule := range r.rules {
		pattern := rule.Branch
		if pattern == "" {
			pattern = r.DefaultBranch
		}
		if ok, _ := path.Match(pattern, branch); ok { // Protect checked the pattern
			list = append(list, rule)
		}
	}
	return list
}

// permission is the highest that anything gives: ownership, membership, a
// team, an invitation, or that all may read,
// docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization.
func (s *Server) permission(r *repository, a *account) Permission {
	best := PermissionNone
	raise := func(p Permission) {
		if p.atLeast(best) {
			best = p
		}
	}
	if a == nil || a.deleted {
		return best
	}
	if !r.private() {
		raise(PermissionRead)
	}
	if a == r.owner {
		raise(PermissionAdmin)
	}
	raise(r.collaborators[a.id].orNone())
	switch role, member := r.owner.members[a.id]; {
	case role == RoleAdmin:
		raise(PermissionAdmin)
	case member:
		raise(PermissionRead) // the base permission of an organisation
	}
	for t, p := range r.teams {
		if t.has(a) {
			raise(p)
		}
	}
	if a == s.bot {
		if i := s.installationOf(r); i != nil {
			raise(PermissionRead)
			if i.permissions["contents"] == "write" {
				raise(PermissionWrite)
			}
		}
	}
	return best
}

func (p Permission) orNone() Permission {
	if p == "" {
		return PermissionNone
	}
	return p
}

func (r *repository) private() bool { return r.Repository.Private }

// branches are the names of the branches, sorted.
func (r *repository) branches() []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(r.refs)) {
		if branch, ok := strings.CutPrefix(name, "refs/heads/"); ok {
			list = append(list, branch)
		}
	}
	return list
}

// resolve finds the commit that a REST path names: a branch, a full ref, a
// tag, or a commit that is there, by at least seven digits.
func (r *repository) resolve(name string) (string, bool) {
	for _, full := range []string{name, "refs/" + name, "refs/heads/" + name, "refs/tags/" + name} {
		if sha, ok := r.refs[full]; ok {
			return sha, true
		}
	}
	if len(name) < 7 || strings.Trim(name, "0123456789abcdef") != "" {
		return "", false
	}
	sha, err := r.git("rev-parse", "--verify", "--quiet", name+"^{commit}")
	return sha, err == nil
}
