package githubtest

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A MergeMethod is how a pull request is merged.
type MergeMethod string

const (
	MergeCommit MergeMethod = "merge"
	MergeSquash MergeMethod = "squash"
	MergeRebase MergeMethod = "rebase"
)

// A Merge is how to merge. The zero value makes a merge commit of whatever the
// head is.
type Merge struct {
	Method         MergeMethod
	SHA            string // what the head must be
	Title, Message string
}

// MergePull merges a pull request as the named person and returns the commit
// that the base then points at.
func (s *Server) MergePull(repo string, number int, by string, m Merge) (string, error) {
	err := s.onPull(repo, number, by, func(p *pull, a *account) error { return s.merge(p, a, &m) })
	return m.SHA, err
}

// merge follows docs.github.com/en/rest/pulls/pulls "Merge a pull request": 405
// where it cannot be merged, 409 where the head is another than was named.
func (s *Server) merge(p *pull, by *account, m *Merge) error {
	if !s.permission(p.repo, by).atLeast(PermissionWrite) {
		return refuse(http.StatusForbidden, "Must have push access to merge")
	}
	if p.state != stateOpen {
		return refuse(http.StatusMethodNotAllowed, "Pull Request is not mergeable")
	}
	if m.SHA != "" && m.SHA != p.headSHA {
		return refuse(http.StatusConflict, "Head branch was modified. Review and try the merge again.")
	}
	if why := s.blocked(p); len(why) > 0 {
		return refuse(http.StatusMethodNotAllowed, "%s", strings.Join(why, "\n"))
	}
	sha, err := s.mergeCommit(p, by, m)
	if err != nil {
		return err
	}
	s.markMerged(p, by, sha)
	if err := s.push(p.repo, by, p.baseBranch, sha, true); err != nil {
		return err
	}
	s.emitPull(p, by, "closed", nil)
	m.SHA = sha
	return nil
}

// Blocked says why a pull request cannot be merged, in GitHub's words; nothing
// when it can.
func (s *Server) Blocked(repo string, number int) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.mustRepository(repo)
	if err != nil {
		return nil, err
	}
	p := r.pull(number)
	if p == nil {
		return nil, notFound()
	}
	return s.blocked(p), nil
}

func (s *Server) blocked(p *pull) []string {
	var why []string
	if p.draft {
		why = append(why, "Pull Request is still a draft")
	}
	if !p.mergeable {
		why = append(why, "Pull Request is not mergeable")
	}
	for _, rule := range p.repo.rulesFor(p.baseBranch) {
		why = append(why, s.violations(p, rule)...)
	}
	return why
}

func (s *Server) violations(p *pull, rule Rule) []string {
	var why []string
	for _, c := range rule.RequiredChecks {
		switch run := p.repo.latestRun(p.headSHA, c); {
		case run == nil || run.Status != StatusCompleted:
			why = append(why, fmt.Sprintf("Required status check %q is expected.", c.Name))
		case !run.Conclusion.passes():
			why = append(why, fmt.Sprintf("Required status check %q is failing.", c.Name))
		}
	}
	if rule.UpToDate && !p.repo.isAncestor(p.repo.branch(p.baseBranch), p.headSHA) {
		why = append(why, "The head branch is not up to date with the base branch.")
	}
	if rule.Approvals > 0 {
		approvals, refusals := s.opinions(p)
		if refusals > 0 {
			why = append(why, "Changes have been requested.")
		}
		if approvals < rule.Approvals {
			why = append(why, fmt.Sprintf("At least %d approving review is required by reviewers with write access.", rule.Approvals))
		}
	}
	return why
}

// opinions counts the last word of each person with write access. Where stale
// approvals are not dismissed, one of an earlier head counts,
// docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches
// "Require pull request reviews before merging".
func (s *Server) opinions(p *pull) (approvals, refusals int) {
	last := map[*account]ReviewState{}
	for _, v := range p.reviews {
		if v.state != ReviewCommented && v.state != ReviewPending && s.permission(p.repo, v.user).atLeast(PermissionWrite) {
			last[v.user] = v.state
		}
	}
	for _, state := range last {
		switch state {
		case ReviewApproved:
			approvals++
		case ReviewChangesRequested:
			refusals++
		}
	}
	return approvals, refusals
}

// mergeableState is the summary of docs.github.com/en/graphql/reference/enums
// "MergeStateStatus", in lower case.
func (s *Server) mergeableState(p *pull) string {
	why := s.blocked(p)
	switch {
	case p.state != stateOpen:
		return "unknown"
	case !p.mergeable:
		return "dirty"
	case p.draft:
		return "draft"
	case len(why) == 1 && strings.HasPrefix(why[0], "The head branch is not up to date"):
		return "behind"
	case len(why) > 0:
		return "blocked"
	}
	for _, run := range p.repo.runs {
		if run.HeadSHA == p.headSHA && run.Status == StatusCompleted && !run.Conclusion.passes() {
			return "unstable"
		}
	}
	return "clean"
}

func (s *Server) mergeCommit(p *pull, by *account, m *Merge) (string, error) {
	now := s.today()
	author := Person{Name: by.display(), Email: by.Email, Date: now}
	github := Person{Name: "GitHub", Email: "noreply@github.example", Date: now}
	base := p.repo.branch(p.baseBranch)
	tree, ok := p.repo.mergeTree(base, p.headSHA)
	if !ok {
		return "", refuse(http.StatusMethodNotAllowed, "Pull Request is not mergeable")
	}
	title, message := m.Title, m.Message
	switch m.Method {
	case MergeCommit, "":
		if title == "" {
			title = fmt.Sprintf("Merge pull request #%d from %s/%s", p.number, p.headOwner.Login, p.headBranch)
		}
		if message == "" {
			message = p.title
		}
		return p.repo.commitTree(tree, title+"\n\n"+message+"\n", author, github, base, p.headSHA)
	case MergeSquash:
		if title == "" {
			title = fmt.Sprintf("%s (#%d)", p.title, p.number)
		}
		wrote := Person{Name: p.author.display(), Email: p.author.Email, Date: now}
		return p.repo.commitTree(tree, strings.TrimSpace(title+"\n\n"+message)+"\n", wrote, github, base)
	case MergeRebase:
		return p.repo.rebase(base, p.headSHA, Person{Name: author.Name, Email: author.Email, Date: now})
	}
	return "", invalid(fmt.Sprintf("merge_method %q", m.Method))
}

// rebase writes the commits of head anew on top of base, in a work tree that
// is gone afterwards. Authors stay and the committer changes, also where base
// has not moved,
// docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges
// "Rebase and merge your commits".
func (r *repository) rebase(base, head string, committer Person) (string, error) {
	commits, err := r.between(base, head)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(filepath.Dir(r.dir), "rebase-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	tree := filepath.Join(dir, "tree")
	if _, err := r.git("worktree", "add", "--quiet", "--detach", tree, base); err != nil {
		return "", err
	}
	defer r.git("worktree", "remove", "--force", tree) // what stays is pruned by the next one
	env := gitEnv("GIT_COMMITTER_NAME="+committer.Name, "GIT_COMMITTER_EMAIL="+committer.Email, "GIT_COMMITTER_DATE="+gitDate(committer.Date))
	for _, c := range commits {
		if len(c.parents) > 1 {
			continue
		}
		env = slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, "GIT_AUTHOR_") })
		if _, err := runGit(tree, "", env, "cherry-pick", "--allow-empty", c.sha); err != nil {
			return "", refuse(http.StatusMethodNotAllowed, "This branch can't be rebased")
		}
	}
	return runGit(tree, "", env, "rev-parse", "HEAD")
}

// UpdateBranch merges the base into the head as the named person, and returns
// the new head.
func (s *Server) UpdateBranch(repo string, number int, by string) (string, error) {
	var sha string
	err := s.onPull(repo, number, by, func(p *pull, a *account) (err error) {
		sha, err = s.updateFromBase(p, a, "")
		return err
	})
	return sha, err
}

// updateFromBase follows docs.github.com/en/rest/pulls/pulls "Update a pull
// request branch". GitHub does it after its answer; here it is done before.
func (s *Server) updateFromBase(p *pull, by *account, expected string) (string, error) {
	base := p.repo.branch(p.baseBranch)
	switch {
	case expected != "" && expected != p.headSHA:
		return "", refuse(http.StatusUnprocessableEntity, "expected head sha didn’t match current head ref.")
	case p.headRepo == nil || p.state != stateOpen:
		return "", refuse(http.StatusUnprocessableEntity, "There are no new commits on the base branch.")
	case !s.permission(p.headRepo, by).atLeast(PermissionWrite):
		return "", refuse(http.StatusForbidden, "Resource not accessible")
	case p.repo.isAncestor(base, p.headSHA):
		return "", refuse(http.StatusUnprocessableEntity, "There are no new commits on the base branch.")
	}
	tree, ok := p.repo.mergeTree(p.headSHA, base)
	if !ok {
		return "", refuse(http.StatusUnprocessableEntity, "merge conflict between base and head")
	}
	now := s.today()
	sha, err := p.repo.commitTree(tree, fmt.Sprintf("Merge branch '%s' into %s\n", p.baseBranch, p.headBranch),
		Person{Name: by.display(), Email: by.Email, Date: now}, Person{Name: "GitHub", Email: "noreply@github.example", Date: now}, p.headSHA, base)
	if err != nil {
		return "", err
	}
	if p.headRepo != p.repo {
		if _, err := p.headRepo.git("fetch", "--quiet", p.repo.dir, sha); err != nil {
			return "", err
		}
	}
	return sha, s.push(p.headRepo, by, p.headBranch, sha, false)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func stampOf(t *time.Time) any {
	if t == nil {
		return nil
	}
	return stamp(*t)
}
