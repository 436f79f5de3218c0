package githubtest_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/github/githubtest/contract"
)

// TestRoutesAreDescribed holds the two lists of operations together: what the
// server answers and what the judge can judge.
func TestRoutesAreDescribed(t *testing.T) {
	described, err := contract.Operations()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, p := range githubtest.Operations() {
		have[p] = true
	}
	for _, p := range described {
		if !have[p] {
			t.Errorf("%s is described and not answered", p)
		}
		delete(have, p)
	}
	for p := range have {
		t.Errorf("%s is answered and not described", p)
	}
}

func TestRepository(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	r, _, err := w.bot.Repositories.Get(w.ctx(), "acme", "shop")
	w.ok(err)
	if r.GetFullName() != shop || !r.GetPrivate() || r.GetDefaultBranch() != "main" || r.GetCloneURL() != w.CloneURL(shop) {
		t.Errorf("repository = %v", r)
	}
	file, _, _, err := w.bot.Repositories.GetContents(w.ctx(), "acme", "shop", "docs/read me.md", nil)
	w.ok(err)
	if text, err := file.GetContent(); err != nil || text != "Hello\n" {
		t.Errorf("content = %q, %v", text, err)
	}
	_, folder, _, err := w.bot.Repositories.GetContents(w.ctx(), "acme", "shop", "", nil)
	w.ok(err)
	if len(folder) != 3 || folder[0].GetType() != "dir" {
		t.Errorf("root = %v", folder)
	}
	if _, _, resp, _ := w.bot.Repositories.GetContents(w.ctx(), "acme", "shop", "barraiser.yml", nil); status(resp) != http.StatusNotFound {
		t.Errorf("absent file: %d, want 404", status(resp))
	}
	ref, _, err := w.bot.Git.GetRef(w.ctx(), "acme", "shop", "heads/main")
	w.ok(err)
	if ref.GetObject().GetSHA() != w.base {
		t.Errorf("main = %s, want %s", ref.GetObject().GetSHA(), w.base)
	}
	for _, sha := range []string{w.base, w.base[:8]} {
		c, _, err := w.bot.Git.GetCommit(w.ctx(), "acme", "shop", sha)
		w.ok(err)
		if c.GetMessage() != "Begin" || c.GetAuthor().GetEmail() != "alice@users.example" {
			t.Errorf("commit %s = %v", sha, c)
		}
	}
	c, _, err := w.bot.Repositories.GetCommit(w.ctx(), "acme", "shop", "main", nil)
	w.ok(err)
	if c.GetAuthor().GetLogin() != "alice" {
		t.Errorf("author of main = %v", c.GetAuthor())
	}
	branches, _, err := w.bot.Repositories.ListBranches(w.ctx(), "acme", "shop", nil)
	w.ok(err)
	if len(branches) != 1 || branches[0].GetProtected() {
		t.Errorf("branches = %v", branches)
	}
	w.commit(githubtest.Commit{Branch: "feature/a#b", Message: "On a branch with a slash"})
	b, _, err := w.bot.Repositories.GetBranch(w.ctx(), "acme", "shop", "feature/a#b", 0)
	w.ok(err)
	if b.GetName() != "feature/a#b" {
		t.Errorf("branch = %v", b)
	}
}

func TestRules(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	w.ok(w.Protect(shop, githubtest.Rule{RequiredChecks: []githubtest.RequiredCheck{{Name: "bar-raiser", AppID: w.App().ID}}, UpToDate: true, Approvals: 1}))
	w.ok(w.Protect(shop, githubtest.Rule{Branch: "release/*", Classic: true, RequiredChecks: []githubtest.RequiredCheck{{Name: "old"}}}))
	w.commit(githubtest.Commit{Branch: "release/1", Message: "Release"})
	rules, _, err := w.bot.Repositories.GetRulesForBranch(w.ctx(), "acme", "shop", "main")
	w.ok(err)
	if len(rules) != 2 || rules[0].Type != "required_status_checks" || rules[1].Type != "pull_request" {
		t.Errorf("rules of main = %v", rules)
	}
	rules, _, err = w.bot.Repositories.GetRulesForBranch(w.ctx(), "acme", "shop", "release/1")
	w.ok(err)
	if len(rules) != 0 {
		t.Errorf("rules of a branch with classic protection = %v, want none", rules)
	}
	b, _, err := w.bot.Repositories.GetBranch(w.ctx(), "acme", "shop", "release/1", 0)
	w.ok(err)
	if !b.GetProtected() {
		t.Errorf("branch = %v", b)
	}
}

func TestCompare(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	files := map[string]string{}
	for i := range 310 {
		files[fmt.Sprintf("many/%03d.txt", i)] = "x\n"
	}
	head := w.commit(githubtest.Commit{Branch: "many", Message: "Many files", Files: files, Delete: []string{"main.go"}})
	w.commit(githubtest.Commit{Branch: "main", Message: "Meanwhile", Files: map[string]string{"other.go": "package main\n"}})
	c, _, err := w.bot.Repositories.CompareCommits(w.ctx(), "acme", "shop", "main", head, nil)
	w.ok(err)
	if c.GetStatus() != "diverged" || c.GetAheadBy() != 1 || c.GetBehindBy() != 1 || c.GetMergeBaseCommit().GetSHA() != w.base {
		t.Errorf("comparison = %s, %d ahead, %d behind, base %s", c.GetStatus(), c.GetAheadBy(), c.GetBehindBy(), c.GetMergeBaseCommit().GetSHA())
	}
	if len(c.Files) != 300 {
		t.Errorf("%d files, want the cap of 300", len(c.Files))
	}
	if c.Files[0].GetFilename() != "main.go" || c.Files[0].GetStatus() != "removed" || c.Files[0].GetDeletions() != 4 || c.Files[0].GetPatch() == "" {
		t.Errorf("first file = %v", c.Files[0])
	}
	if _, resp, _ := w.bot.Repositories.CompareCommits(w.ctx(), "acme", "shop", "main", "nothing", nil); status(resp) != http.StatusNotFound {
		t.Errorf("unknown head: %d, want 404", status(resp))
	}
}

func TestAccounts(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	u, _, err := w.bot.Users.Get(w.ctx(), "ALICE")
	w.ok(err)
	if u.GetLogin() != "alice" || u.GetName() != "Alice" {
		t.Errorf("user = %v", u)
	}
	w.ok(w.RenameUser("alice", "alicia"))
	again, _, err := w.bot.Users.GetByID(w.ctx(), u.GetID())
	w.ok(err)
	if again.GetLogin() != "alicia" {
		t.Errorf("by id = %v, want the new login", again)
	}
	w.must(w.AddUser(githubtest.User{Login: "alice"})) // the login is reused
	if taken, _, err := w.bot.Users.Get(w.ctx(), "alice"); err != nil || taken.GetID() == u.GetID() {
		t.Errorf("alice = %d, %v; want another account than %d", taken.GetID(), err, u.GetID())
	}
	if member, _, err := w.bot.Organizations.IsMember(w.ctx(), "acme", "alicia"); err != nil || !member {
		t.Errorf("IsMember(alicia) = %v, %v", member, err)
	}
	if member, _, err := w.bot.Organizations.IsMember(w.ctx(), "acme", "alice"); err != nil || member {
		t.Errorf("IsMember(alice) = %v, %v", member, err)
	}
	m, _, err := w.bot.Organizations.GetOrgMembership(w.ctx(), "bob", "acme")
	w.ok(err)
	if m.GetRole() != "member" || m.GetState() != "active" {
		t.Errorf("membership = %v", m)
	}
	members, _, err := w.bot.Organizations.ListMembers(w.ctx(), "acme", nil)
	w.ok(err)
	if len(members) != 3 {
		t.Errorf("%d members, want 3", len(members))
	}
	teams, _, err := w.bot.Teams.ListTeams(w.ctx(), "acme", nil)
	w.ok(err)
	team, _, err := w.bot.Teams.GetTeamBySlug(w.ctx(), "acme", "raisers")
	w.ok(err)
	if len(teams) != 1 || teams[0].GetID() != team.GetID() || team.GetMembersCount() != 2 {
		t.Errorf("teams = %v, %v", teams, team)
	}
	w.ok(w.RemoveTeamMember("acme", "raisers", "carol"))
	in, _, err := w.bot.Teams.ListTeamMembersBySlug(w.ctx(), "acme", "raisers", nil)
	w.ok(err)
	if len(in) != 1 || in[0].GetLogin() != "bob" {
		t.Errorf("team members = %v", in)
	}
	if _, _, err := w.bot.Teams.GetTeamMembershipBySlug(w.ctx(), "acme", "raisers", "bob"); err != nil {
		t.Error(err)
	}
	if _, resp, _ := w.bot.Teams.GetTeamMembershipBySlug(w.ctx(), "acme", "raisers", "carol"); status(resp) != http.StatusNotFound {
		t.Errorf("carol left the team: %d, want 404", status(resp))
	}
	for login, want := range map[string]string{"bob": "write", "carol": "read", "mallory": "none"} {
		p, _, err := w.bot.Repositories.GetPermissionLevel(w.ctx(), "acme", "shop", login)
		w.ok(err)
		if p.GetPermission() != want {
			t.Errorf("permission of %s = %s, want %s", login, p.GetPermission(), want)
		}
	}
	w.ok(w.DeleteUser("bob"))
	if _, resp, _ := w.bot.Users.Get(w.ctx(), "bob"); status(resp) != http.StatusNotFound {
		t.Errorf("deleted account: %d, want 404", status(resp))
	}
	orgs, _, err := w.as("carol").Organizations.List(w.ctx(), "", nil)
	w.ok(err)
	self, _, err := w.as("carol").Users.Get(w.ctx(), "")
	w.ok(err)
	if len(orgs) != 1 || self.GetLogin() != "carol" {
		t.Errorf("carol = %v in %v", self, orgs)
	}
	if _, resp, _ := w.as("mallory").Repositories.Get(w.ctx(), "acme", "shop"); status(resp) != http.StatusNotFound {
		t.Errorf("mallory on a private repository: %d, want 404", status(resp))
	}
}

func TestClone(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	n, head := w.pull("feature")
	git := func(args ...string) (string, error) {
		out, err := exec.Command("git", append([]string{"-c", "credential.helper=", "-c", "core.askPass=true"}, args...)...).CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	address := w.fetchURL(shop)
	dir := filepath.Join(t.TempDir(), "clone")
	if out, err := git("clone", "--quiet", address, dir); err != nil {
		t.Fatalf("clone: %v\n%s", err, out)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "main.go")); err != nil || !strings.HasPrefix(string(text), "package main") {
		t.Errorf("main.go = %q, %v", text, err)
	}
	if out, err := git("-C", dir, "fetch", "--quiet", "origin", fmt.Sprintf("refs/pull/%d/merge:merge", n)); err != nil {
		t.Fatalf("fetch the test merge: %v\n%s", err, out)
	}
	if out, err := git("-C", dir, "rev-parse", "merge^2"); err != nil || out != head {
		t.Errorf("second parent of the test merge = %s, %v; want %s", out, err, head)
	}
	// A head that was pushed away can still be fetched by its SHA.
	w.commit(githubtest.Commit{Branch: "feature", Message: "Again", Parents: []string{w.base}, Force: true, Files: map[string]string{"x": "x"}})
	if out, err := git("-C", dir, "fetch", "--quiet", "origin", head); err != nil {
		t.Errorf("fetch an unreachable commit: %v\n%s", err, out)
	}
	for name, url := range map[string]string{"no token": w.CloneURL(shop), "wrong token": strings.Replace(w.CloneURL(shop), "http://", "http://x-access-token:nobody@", 1)} {
		if out, err := git("ls-remote", url); err == nil {
			t.Errorf("ls-remote with %s: %s", name, out)
		}
	}
	w.ok(w.Fail(githubtest.Fault{Path: "/acme/shop.git/info/refs", Status: http.StatusServiceUnavailable}))
	if out, err := git("ls-remote", address); err == nil {
		t.Errorf("ls-remote with a fault: %s", out)
	}
	if out, err := git("ls-remote", address); err != nil {
		t.Errorf("ls-remote after the fault: %v\n%s", err, out)
	}
	if out, err := git("-C", dir, "push", "origin", "merge"); err == nil {
		t.Errorf("push was taken: %s", out)
	}
	w.ok(w.Uninstall("acme"))
	if out, err := git("ls-remote", address); err == nil {
		t.Errorf("ls-remote after uninstalling: %s", out)
	}
}

func TestImport(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	dir := t.TempDir()
	for _, args := range [][]string{
		{"init", "--quiet", "-b", "trunk"}, {"-c", "user.name=A", "-c", "user.email=a@users.example", "commit", "--quiet", "--allow-empty", "-m", "Old"},
	} {
		if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	w.ok(w.Import(shop, dir))
	c, _, err := w.bot.Repositories.GetCommit(w.ctx(), "acme", "shop", "trunk", nil)
	w.ok(err)
	if c.GetCommit().GetMessage() != "Old" {
		t.Errorf("commit = %v", c)
	}
}

// TestCaps holds the ends of GitHub's lists, for which the bot reads the clone.
func TestCaps(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	var history strings.Builder // of 260 commits, by one git
	for i := range 260 {
		fmt.Fprintf(&history, "commit refs/heads/long\ncommitter A <a@users.example> %d +0000\ndata 1\nx\n", 1_700_000_000+i)
		if i == 0 {
			fmt.Fprintf(&history, "from %s\n", w.base)
		}
		fmt.Fprintf(&history, "M 100644 inline long.txt\ndata %d\n%d\n", len(fmt.Sprint(i)), i)
	}
	dir := t.TempDir()
	for _, args := range [][]string{
		{"init", "--quiet", "--bare"}, {"fetch", "--quiet", w.fetchURL(shop), "main:main"}, {"fast-import", "--quiet"},
	} {
		cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
		cmd.Stdin = strings.NewReader(history.String())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	w.ok(w.Import(shop, dir))
	long, err := w.OpenPull(shop, githubtest.Pull{Author: "alice", Title: "Long", Head: "long"})
	w.ok(err)
	files := map[string]string{}
	for i := range 3010 {
		files[fmt.Sprintf("wide/%04d", i)] = ""
	}
	w.commit(githubtest.Commit{Branch: "wide", Message: "Wide", Files: files})
	wide, err := w.OpenPull(shop, githubtest.Pull{Author: "alice", Title: "Wide", Head: "wide"})
	w.ok(err)

	last := func(list func(o *github.ListOptions) (int, *github.Response, error), perPage int) (total int) {
		o := &github.ListOptions{PerPage: perPage}
		_, resp, err := list(o)
		w.ok(err)
		o.Page = resp.LastPage
		n, _, err := list(o)
		w.ok(err)
		return (resp.LastPage-1)*perPage + n
	}
	if got := last(func(o *github.ListOptions) (int, *github.Response, error) {
		list, resp, err := w.bot.PullRequests.ListCommits(w.ctx(), "acme", "shop", long, o)
		return len(list), resp, err
	}, 100); got != 250 {
		t.Errorf("%d commits, want the cap of 250", got)
	}
	if got := last(func(o *github.ListOptions) (int, *github.Response, error) {
		list, resp, err := w.bot.PullRequests.ListFiles(w.ctx(), "acme", "shop", wide, o)
		return len(list), resp, err
	}, 100); got != 3000 {
		t.Errorf("%d files, want the cap of 3000", got)
	}
}

// fetchURL is the address of a repository with a token.
func (w *world) fetchURL(repo string) string {
	token, _, err := w.app.Apps.CreateInstallationToken(w.ctx(), w.installation(), nil)
	w.ok(err)
	return strings.Replace(w.CloneURL(repo), "http://", "http://x-access-token:"+token.GetToken()+"@", 1)
}

// installation is the id of the only installation.
func (w *world) installation() int64 {
	w.t.Helper()
	i, _, err := w.app.Apps.FindOrganizationInstallation(w.ctx(), "acme")
	w.ok(err)
	return i.GetID()
}

func TestConditional(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	n, _ := w.pull("feature")
	get := func(tag string) *http.Response {
		req, err := w.bot.NewRequest(http.MethodGet, fmt.Sprintf("repos/acme/shop/pulls/%d", n), nil)
		w.ok(err)
		req.Header.Set("If-None-Match", tag)
		resp, err := w.bot.BareDo(w.ctx(), req)
		if resp == nil {
			t.Fatal(err)
		}
		return resp.Response
	}
	tag := get("").Header.Get("ETag")
	if resp := get(tag); resp.StatusCode != http.StatusNotModified {
		t.Errorf("unchanged: %d, want 304", resp.StatusCode)
	}
	title := "Other"
	w.ok(w.EditPull(shop, n, "alice", githubtest.Edit{Title: &title}))
	if resp := get(tag); resp.StatusCode != http.StatusOK {
		t.Errorf("changed: %d, want 200", resp.StatusCode)
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	n, _ := w.pull("feature")
	for i := range 7 {
		w.must(w.Comment(shop, n, "bob", fmt.Sprint("comment ", i)))
	}
	opts := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{PerPage: 3}}
	var got []string
	for {
		page, resp, err := w.bot.Issues.ListComments(w.ctx(), "acme", "shop", n, opts)
		w.ok(err)
		for _, c := range page {
			got = append(got, c.GetBody())
		}
		if resp.NextPage == 0 {
			break
		}
		opts.Page = resp.NextPage
	}
	if len(got) != 7 || got[6] != "comment 6" {
		t.Errorf("comments over pages = %q", got)
	}
}
