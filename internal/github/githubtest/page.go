package githubtest

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

//go:embed templates/*.html
var templateFiles embed.FS

// check hands the template of a check its two values.
var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"check": func(repository string, c checkView) runPage { return runPage{Repository: repository, Check: c} },
}).ParseFS(templateFiles, "templates/*.html"))

// pageRoutes are the pages for people. Whoever opens them chooses who to be, by
// a cookie: there is nothing here to protect, and only this machine can ask.
func (s *Server) pageRoutes() http.Handler {
	mux := http.NewServeMux()
	page := func(pattern string, show func(*visit) (string, any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.showPage(w, r, show) })
	}
	form := func(pattern string, do func(*visit) (string, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.takeForm(w, r, do) })
	}
	page("GET /{$}", (*visit).showHome)
	page("GET /{owner}/{repo}", (*visit).showRepository)
	page("GET /{owner}/{repo}/pull/{number}", (*visit).showPull)
	page("GET /{owner}/{repo}/runs/{id}", (*visit).showRun)
	page("GET /login/oauth/authorize", (*visit).showSignIn)
	form("POST /login/oauth/authorize", (*visit).signIn)
	form("POST /you", (*visit).become)
	form("POST /{owner}/{repo}/pulls", (*visit).open)
	form("POST /{owner}/{repo}/pull/{number}/comment", (*visit).comment)
	form("POST /{owner}/{repo}/pull/{number}/review", (*visit).review)
	form("POST /{owner}/{repo}/pull/{number}/merge", (*visit).merge)
	form("POST /{owner}/{repo}/pull/{number}/edit", (*visit).edit)
	form("POST /{owner}/{repo}/pull/{number}/request", (*visit).request)
	form("POST /{owner}/{repo}/pull/{number}/update", (*visit).update)
	form("POST /{owner}/{repo}/runs/{id}/press", (*visit).press)
	// Forms of other sites are refused, so that no page elsewhere can act here.
	// That for a new App is posted by the site that wants one: there it is to show
	// a page first, on which a person agrees.
	form("POST /settings/apps/new", (*visit).newApp)
	form("POST /organizations/{owner}/settings/apps/new", (*visit).newApp)
	protection := http.NewCrossOriginProtection()
	protection.AddInsecureBypassPattern("POST /settings/apps/new")
	protection.AddInsecureBypassPattern("POST /organizations/{owner}/settings/apps/new")
	return protection.Handler(mux)
}

// A visit is one request for a page, or of a form.
type visit struct {
	*Server
	w   http.ResponseWriter
	r   *http.Request
	you string // a login, or empty
}

// youCookie keeps who the visitor is.
const youCookie = "you"

func (s *Server) visit(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{Server: s, w: w, r: r}
	if c, err := r.Cookie(youCookie); err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if a := s.account(c.Value); a != nil && a.kind == KindUser {
			v.you = a.Login
		}
	}
	return v
}

// A frame is what every page has around its content.
type frame struct {
	Title   string
	You     string
	People  []string
	Here    string
	Refresh int // seconds after which the page is asked for again; 0: never
	Page    any
}

func (s *Server) showPage(w http.ResponseWriter, r *http.Request, show func(*visit) (string, any, error)) {
	v := s.visit(w, r)
	s.mu.Lock()
	title, content, err := show(v)
	s.mu.Unlock()
	if err != nil {
		v.refuse(err)
		return
	}
	v.draw(http.StatusOK, title, content)
}

// draw fills the template that is named for the type of the page.
func (v *visit) draw(status int, title string, content any) {
	name := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", content), "githubtest.")) + ".html"
	f := frame{Title: title, You: v.you, People: v.People(), Here: v.r.URL.RequestURI(), Page: content}
	if p, ok := content.(interface{ Refresh() int }); ok {
		f.Refresh = p.Refresh()
	}
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, name, f); err != nil {
		http.Error(v.w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	// Comments are strangers' text; they are escaped, and this is the second lock.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	v.w.WriteHeader(status)
	v.w.Write(out.Bytes())
}

func (v *visit) refuse(err error) {
	status := http.StatusInternalServerError
	if e, ok := errors.AsType[*Error](err); ok {
		status = e.Status
	}
	v.draw(status, "That did not work", problemPage{Message: err.Error(), Back: v.r.Referer()})
}

// takeForm does what a form asks and goes back to a page.
func (s *Server) takeForm(w http.ResponseWriter, r *http.Request, do func(*visit) (string, error)) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	v := s.visit(w, r)
	to, err := do(v)
	if err != nil {
		v.refuse(err)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// People are the logins of all persons, in the order in which they were added.
func (s *Server) People() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.people()
}

// people leaves out the owner of the App, who has no part in the play.
func (s *Server) people() []string {
	var list []string
	for _, a := range s.accounts {
		if a.kind == KindUser && !a.deleted && a.Login != s.app.Owner {
			list = append(list, a.Login)
		}
	}
	return list
}

func (v *visit) repoName() string { return v.r.PathValue("owner") + "/" + v.r.PathValue("repo") }

func (v *visit) pullNumber() int {
	n, err := strconv.Atoi(v.r.PathValue("number"))
	if err != nil {
		return 0 // which no pull request has
	}
	return n
}

func (v *visit) pullPath() string { return fmt.Sprintf("/%s/pull/%d", v.repoName(), v.pullNumber()) }

// signedIn is who the visitor is, or an error that asks.
func (v *visit) signedIn() (string, error) {
	if v.you == "" {
		return "", refuse(http.StatusUnauthorized, "Choose who you are first, at the top of the page")
	}
	return v.you, nil
}

func (v *visit) become() (string, error) {
	http.SetCookie(v.w, &http.Cookie{Name: youCookie, Value: v.r.FormValue("login"), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	here := v.r.FormValue("here")
	if !strings.HasPrefix(here, "/") || strings.HasPrefix(here, "//") {
		here = "/" // nowhere else
	}
	return here, nil
}

func (v *visit) signIn() (string, error) {
	q, err := url.ParseQuery(v.r.FormValue("request"))
	if err != nil {
		return "", refuse(http.StatusBadRequest, "The request to sign in is broken")
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.authorize(v.r.FormValue("login"), q)
}

func (v *visit) open() (string, error) {
	you, err := v.signedIn()
	if err != nil {
		return "", err
	}
	n, err := v.OpenPull(v.repoName(), Pull{
		Author: you, Title: v.r.FormValue("title"), Body: v.r.FormValue("body"), Head: v.r.FormValue("head"), Draft: v.r.FormValue("draft") != "",
	})
	return fmt.Sprintf("/%s/pull/%d", v.repoName(), n), err
}

func (v *visit) comment() (string, error) {
	you, err := v.signedIn()
	if err != nil {
		return "", err
	}
	_, err = v.Comment(v.repoName(), v.pullNumber(), you, v.r.FormValue("body"))
	return v.pullPath(), err
}

func (v *visit) review() (string, error) {
	you, err := v.signedIn()
	if err != nil {
		return "", err
	}
	_, err = v.AddReview(v.repoName(), v.pullNumber(), Review{Author: you, State: ReviewState(v.r.FormValue("state")), Body: v.r.FormValue("body")})
	return v.pullPath(), err
}

// merge merges the head that the page showed.
func (v *visit) merge() (string, error) {
	you, err := v.signedIn()
	if err != nil {
		return "", err
	}
	_, err = v.MergePull(v.repoName(), v.pullNumber(), you, Merge{Method: MergeMethod(v.r.FormValue("method")), SHA: v.r.FormValue("sha")})
	return v.pullPath(), err
}

func (v *visit) edit() (string, error) {
	you, err := v.signedIn()
	if err != nil {
		return "", err
	}
	var e Edit
	yes, no := true, false
	switch v.r.FormValue("to") {
	case "open":
		e.Open = &yes
	case "closed":
		e.Open = &no
	case "draft":
		e.Draft = &yes
	case "ready":
		e.Draft = &no
	}
	return v.pullPath(), v.EditPull(v.repoName(), v.pullNumber(), you, e)
}

func (v *visit) request() (string, error) {
	you, err := v.signedIn()
	if err != nil {
		return "", err
	}
	return v.pullPath(), v.RequestReview(v.repoName(), v.pullNumber(), you, v.r.FormValue("reviewer"))
}

func (v *visit) update() (string, error) {
	you, err := v.signedIn()
	if err != nil {
		return "", err
	}
	_, err = v.UpdateBranch(v.repoName(), v.pullNumber(), you)
	return v.pullPath(), err
}

// press is a button of a check run: one of its actions, or to run it again.
func (v *visit) press() (string, error) {
	you, err := v.signedIn()
	if err != nil {
		return "", err
	}
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return "", notFound()
	}
	back := fmt.Sprintf("/%s/runs/%d", v.repoName(), id)
	if action := v.r.FormValue("action"); action != "" {
		return back, v.RequestAction(v.repoName(), id, you, action)
	}
	return back, v.Rerequest(v.repoName(), id, you)
}
