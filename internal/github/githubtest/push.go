package githubtest

import (
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

// A Commit is a commit to be written and pushed.
type Commit struct {
	// Branch is moved to the commit and made if need be. When it is empty the
	// commit is written and nothing points at it.
	Branch string
	// Files are the contents by path. They are added to the tree of the first
	// parent; Delete is taken out of it, or all of it with Replace.
	Files   map[string]string
	Delete  []string
	Replace bool

	Message  string
	Trailers []string // such as "Co-authored-by: A <a@users.example>"
	// Author and Committer are the pusher, now, as far as they are not given.
	Author, Committer Person
	// Parents are the tip of Branch, or else of the default branch, when nil.
	Parents []string

	Pusher string // a login; the repository's owner when empty
	Force  bool   // Branch may lose commits
}

// Commit writes a commit, pushes it, and returns its SHA.
func (s *Server) Commit(repo string, in Commit) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.mustRepository(repo)
	if err != nil {
		return "", err
	}
	by := r.owner
	if in.Pusher != "" {
		if by, err = s.mustAccount(in.Pusher); err != nil {
			return "", err
		}
	}
	if in.Parents == nil {
		for _, tip := range []string{r.branch(in.Branch), r.branch(r.DefaultBranch)} {
			if tip != "" {
				in.Parents = []string{tip}
				break
			}
		}
	}
	in.Author, in.Committer = s.signed(in.Author, by), s.signed(in.Committer, by)
	sha, err := r.write(in)
	if err != nil {
		return "", fmt.Errorf("write a commit to %s: %w", repo, err)
	}
	if in.Branch == "" {
		return sha, nil
	}
	return sha, s.push(r, by, in.Branch, sha, in.Force)
}

func (s *Server) signed(p Person, by *account) Person {
	if p.Name == "" {
		p.Name = by.display()
	}
	if p.Email == "" {
		p.Email = by.Email
	}
	if p.Date.IsZero() {
		p.Date = s.today()
	}
	return p
}

func (a *account) display() string {
	if a.Name != "" {
		return a.Name
	}
	return a.Login
}

// write makes one commit by one git fast-import.
func (r *repository) write(in Commit) (string, error) {
	message := in.Message
	if len(in.Trailers) > 0 {
		message = strings.TrimRight(message, "\n") + "\n\n" + strings.Join(in.Trailers, "\n")
	}
	const scratch = "refs/githubtest/new"
	var b strings.Builder
	fmt.Fprintf(&b, "feature done\ncommit %s\nmark :1\n", scratch)
	fmt.Fprintf(&b, "author %s <%s> %s\n", in.Author.Name, in.Author.Email, gitDate(in.Author.Date))
	fmt.Fprintf(&b, "committer %s <%s> %s\n", in.Committer.Name, in.Committer.Email, gitDate(in.Committer.Date))
	fmt.Fprintf(&b, "data %d\n%s\n", len(message), message)
	for i, parent := range in.Parents {
		fmt.Fprintf(&b, "%s %s\n", []string{"from", "merge"}[min(i, 1)], parent)
	}
	if in.Replace {
		b.WriteString("deleteall\n")
	}
	for _, name := range in.Delete {
		fmt.Fprintf(&b, "D %q\n", name)
	}
	for _, name := range slices.Sorted(maps.Keys(in.Files)) {
		if path.Clean("/" + name)[1:] != name {
			return "", fmt.Errorf("path %q is not clean", name)
		}
		fmt.Fprintf(&b, "M 100644 inline %q\ndata %d\n%s\n", name, len(in.Files[name]), in.Files[name])
	}
	b.WriteString("get-mark :1\ndone\n")
	out, err := runGit(r.dir, b.String(), gitEnv(), "fast-import", "--quiet", "--force", "--cat-blob-fd=1")
	if err != nil {
		return "", err
	}
	if _, err := r.git("update-ref", "-d", scratch); err != nil {
		return "", err
	}
	return strings.TrimSpace(out), nil
}

// Push moves a branch to a commit that is there, as the named person. An empty
// SHA deletes the branch. A move that loses commits must be forced.
func (s *Server) Push(repo, by, branch, sha string, force bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, a, err := s.mustBoth(repo, by)
	if err != nil {
		return err
	}
	if sha != "" {
		full, ok := r.resolve(sha)
		if !ok {
			return invalid("Object does not exist: " + sha)
		}
		sha = full
	}
	return s.push(r, a, branch, sha, force)
}

// Tag names a commit that is there, as a release does, without a webhook.
func (s *Server) Tag(repo, name, sha string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.mustRepository(repo)
	if err != nil {
		return err
	}
	return r.setRef("refs/tags/"+name, sha)
}

// Import takes the branches and tags of a repository on this disk, without a
// webhook: it is history that was there before.
func (s *Server) Import(repo, dir string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.mustRepository(repo)
	if err != nil {
		return err
	}
	if _, err := r.git("fetch", "--quiet", "--no-tags", dir, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"); err != nil {
		return err
	}
	out, err := r.git("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags")
	if err != nil {
		return err
	}
	for line := range strings.Lines(out) {
		sha, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		r.refs[name] = sha
	}
	return nil
}

// push moves a branch and does all that GitHub does upon it: the push event,
// pull requests from the branch get new commits, and those into it are merged
// anew, or closed as merged when it has their commits.
func (s *Server) push(r *repository, by *account, branch, sha string, force bool) error {
	old := r.branch(branch)
	if old == sha {
		return nil
	}
	forced := old != "" && sha != "" && !r.isAncestor(old, sha)
	if forced && !force {
		return refuse(http.StatusUnprocessableEntity, "Update is not a fast forward")
	}
	if err := r.setRef("refs/heads/"+branch, sha); err != nil {
		return err
	}
	r.pushed = s.today()
	if err := s.emitPush(r, by, branch, old, sha, forced); err != nil {
		return err
	}
	if sha != "" {
		s.openSuite(r, branch, old, sha)
	}
	for _, target := range s.repos {
		for _, p := range target.pulls {
			if p.state != stateOpen {
				continue
			}
			if p.headRepo == r && p.headBranch == branch {
				if err := s.headMoved(p, by, sha); err != nil {
					return err
				}
			}
			if target == r && p.baseBranch == branch && p.state == stateOpen {
				if err := s.baseMoved(p, by, sha); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
