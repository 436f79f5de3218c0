package githubtest

import (
	"cmp"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The pages as their templates see them. They hold plain values, so that they
// are drawn without the lock.

type problemPage struct {
	Message, Back string
}

type homePage struct {
	Repositories []repositoryRow
	Hidden       int // that the visitor may not read
}

type repositoryRow struct {
	Name, Description string
	Private           bool
	Open              int
}

type repositoryPage struct {
	Name, Description, Clone string
	Open, Closed             []pullRow
	Ready                    []string // branches without an open pull request
}

type pullRow struct {
	Number                              int
	Title, Author, State, Head, Updated string
}

type pullPage struct {
	pullRow
	Repository, Base, SHA string
	Body                  template.HTML
	Commits               []commitRow
	Files                 []fileRow
	Checks                []checkView
	Timeline              []entry
	Requested             []string
	CanAsk                []string // who may be asked for a review
	Blocked               []string
	Behind                bool
	Required              []string
	MayMerge              bool
	fresh                 bool
}

type commitRow struct{ SHA, Title, Author string }

type fileRow struct {
	Path, Status, Patch  string
	Additions, Deletions int
}

type checkView struct {
	ID                 int64
	Name, App, State   string
	Title, DetailsLink string
	Summary, Text      template.HTML
	Annotations        []Annotation
	Actions            []Action
	Required           bool
}

type entry struct {
	at              time.Time
	Who, What, When string
	Path, Hunk      string
	Body            template.HTML
	Reactions       []string
}

type runPage struct {
	Repository string
	Check      checkView
	Pulls      []int
}

type signinPage struct {
	App, Request string
	People       []string
}

func clock(t time.Time) string { return t.Format("2 Jan 2006 15:04") }

func (v *visit) mayRead(r *repository) bool {
	return v.permission(r, v.account(v.you)).atLeast(PermissionRead) || v.you == "" && !r.private()
}

func (v *visit) showHome() (string, any, error) {
	var page homePage
	for _, r := range v.repos {
		if !v.mayRead(r) {
			page.Hidden++
			continue
		}
		row := repositoryRow{Name: r.fullName(), Description: r.Description, Private: r.private()}
		for _, p := range r.pulls {
			if p.state == stateOpen {
				row.Open++
			}
		}
		page.Repositories = append(page.Repositories, row)
	}
	return "Repositories", page, nil
}

func (v *visit) readable() (*repository, error) {
	r := v.repository(v.repoName())
	if r == nil || !v.mayRead(r) {
		return nil, notFound()
	}
	return r, nil
}

func row(p *pull) pullRow {
	state := p.state
	switch {
	case p.merged != nil:
		state = "merged"
	case p.draft && p.state == stateOpen:
		state = "draft"
	}
	return pullRow{
		Number: p.number, Title: p.title, Author: name(p.author), State: state,
		Head: p.headOwner.Login + ":" + p.headBranch, Updated: clock(p.updated),
	}
}

func name(a *account) string {
	if a == nil || a.deleted {
		return ghost.Login
	}
	return a.Login
}

func (v *visit) showRepository() (string, any, error) {
	r, err := v.readable()
	if err != nil {
		return "", nil, err
	}
	page := repositoryPage{Name: r.fullName(), Description: r.Description, Clone: v.URL() + "/" + r.fullName() + ".git"}
	busy := map[string]bool{r.DefaultBranch: true}
	for _, p := range slices.Backward(r.pulls) {
		if p.state != stateOpen {
			page.Closed = append(page.Closed, row(p))
			continue
		}
		page.Open = append(page.Open, row(p))
		if p.headRepo == r {
			busy[p.headBranch] = true
		}
	}
	for _, branch := range r.branches() {
		if !busy[branch] && !r.isAncestor(r.branch(branch), r.branch(r.DefaultBranch)) {
			page.Ready = append(page.Ready, branch)
		}
	}
	return r.fullName(), page, nil
}

func (v *visit) showPull() (string, any, error) {
	r, err := v.readable()
	if err != nil {
		return "", nil, err
	}
	p := r.pull(v.pullNumber())
	if p == nil {
		return "", nil, notFound()
	}
	page := pullPage{
		pullRow: row(p), Repository: r.fullName(), Base: p.baseBranch, SHA: p.headSHA, Body: prose(p.body), Timeline: v.timeline(p),
		MayMerge: v.permission(r, v.account(v.you)).atLeast(PermissionWrite),
	}
	for _, a := range p.requested {
		page.Requested = append(page.Requested, a.Login)
	}
	for _, a := range v.accounts {
		if a.kind == KindUser && a != p.author && !slices.Contains(p.requested, a) && !a.deleted && v.collaborates(r, a) {
			page.CanAsk = append(page.CanAsk, a.Login)
		}
	}
	if p.state == stateOpen {
		page.Blocked = v.blocked(p)
		page.fresh = v.now().Sub(p.updated) < freshness
		page.Behind = !r.isAncestor(r.branch(p.baseBranch), p.headSHA)
	}
	required := map[string]bool{}
	for _, rule := range r.rulesFor(p.baseBranch) {
		for _, c := range rule.RequiredChecks {
			required[c.Name] = true
			page.Required = append(page.Required, c.Name)
		}
	}
	seen := map[string]bool{}
	for _, run := range slices.Backward(r.runs) {
		if key := run.app.Slug + " " + run.Name; run.HeadSHA == p.headSHA && !seen[key] {
			seen[key] = true
			view := v.view(r, run)
			view.Required = required[run.Name]
			page.Checks = append(page.Checks, view)
		}
	}
	if err := page.fill(p); err != nil {
		return "", nil, err
	}
	return p.title, page, nil
}

// fill reads what git knows of a pull request.
func (page *pullPage) fill(p *pull) error {
	commits, err := p.repo.between(p.baseSHA, p.headSHA)
	if err != nil {
		return err
	}
	for _, c := range commits {
		title, _, _ := strings.Cut(c.message, "\n")
		page.Commits = append(page.Commits, commitRow{SHA: c.sha[:7], Title: title, Author: c.author.Name})
	}
	changes, err := p.repo.changes(p.baseSHA, p.headSHA)
	if err != nil {
		return err
	}
	for _, f := range changes {
		page.Files = append(page.Files, fileRow{Path: f.path, Status: f.status, Patch: f.patch, Additions: f.additions, Deletions: f.deletions})
	}
	return nil
}

func (v *visit) view(r *repository, run *checkRun) checkView {
	state := string(run.Conclusion)
	if run.Status != StatusCompleted {
		state = strings.ReplaceAll(run.Status, "_", " ")
	}
	c := checkView{
		ID: run.ID, Name: run.Name, App: run.app.Name, State: strings.ReplaceAll(state, "_", " "), Title: run.Output.Title,
		Summary: prose(run.Output.Summary), Text: prose(run.Output.Text), Annotations: slices.Clone(run.Output.Annotations),
	}
	if strings.HasPrefix(run.DetailsURL, "http://") || strings.HasPrefix(run.DetailsURL, "https://") {
		c.DetailsLink = run.DetailsURL
	}
	if v.permission(r, v.account(v.you)).atLeast(PermissionWrite) {
		c.Actions = slices.Clone(run.Actions)
	}
	return c
}

var verbs = map[ReviewState]string{
	ReviewApproved: "approved", ReviewChangesRequested: "requested changes", ReviewCommented: "reviewed", ReviewDismissed: "reviewed (dismissed)",
}

// Refresh is after how many seconds a browser asks for the page again, 0: never. A
// page of GitHub changes by itself; this one has no script, and does so for a while
// after somebody did something, which is when the App answers.
func (page pullPage) Refresh() int {
	if page.fresh {
		return 2
	}
	return 0
}

// freshness is how long after the newest event a page asks for what came of it.
// Whoever then writes a comment is not interrupted.
const freshness = 15 * time.Second

// timeline is all that was said, in order.
func (v *visit) timeline(p *pull) []entry {
	var list []entry
	for _, c := range p.comments {
		e := entry{at: c.created, Who: name(c.user), What: "commented", Body: prose(c.body)}
		for _, x := range c.reactions {
			e.Reactions = append(e.Reactions, name(x.user)+": "+x.content)
		}
		list = append(list, e)
	}
	for _, r := range p.reviews {
		if r.state == ReviewPending {
			continue
		}
		commit := r.commitID[:min(7, len(r.commitID))]
		list = append(list, entry{at: r.submitted, Who: name(r.user), What: verbs[r.state] + " at " + commit, Body: prose(r.body)})
	}
	for _, c := range p.published() {
		list = append(list, entry{at: c.created, Who: name(c.user), What: "commented on", Path: c.Path + ":" + strconv.Itoa(c.Line), Hunk: c.hunk, Body: prose(c.Body)})
	}
	slices.SortStableFunc(list, func(a, b entry) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	for i := range list {
		list[i].When = clock(list[i].at)
	}
	return list
}

func (v *visit) showRun() (string, any, error) {
	r, err := v.readable()
	if err != nil {
		return "", nil, err
	}
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return "", nil, notFound()
	}
	run := r.run(id)
	if run == nil {
		return "", nil, notFound()
	}
	page := runPage{Repository: r.fullName(), Check: v.view(r, run)}
	for _, p := range r.pulls {
		if p.headSHA == run.HeadSHA {
			page.Pulls = append(page.Pulls, p.number)
		}
	}
	return run.Name, page, nil
}

func (v *visit) showSignIn() (string, any, error) {
	q := v.r.URL.Query()
	if _, err := v.redirectOf(q); err != nil {
		return "", nil, err
	}
	page := signinPage{App: v.app.Name, Request: v.r.URL.RawQuery, People: v.people()}
	if len(page.People) == 0 {
		return "", nil, refuse(http.StatusNotFound, "There is no one to sign in as")
	}
	return "Sign in", page, nil
}
