package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"reflect"
	"strings"
	"sync"
)

//go:embed templates/*.tmpl
var templates embed.FS

// A page draws structs of one type.
type page[T any] struct{ template func() *template.Template }

// newPage reads a page's template when it is first drawn: a review is not to wait
// for the pages of the server. Each template defines "main"; frame.tmpl is around
// it, and parts.tmpl has what several of them use.
func newPage[T any](name string) page[T] {
	return page[T]{sync.OnceValue(func() *template.Template {
		return template.Must(template.New("frame.tmpl").ParseFS(templates,
			"templates/frame.tmpl", "templates/parts.tmpl", "templates/"+name+".tmpl"))
	})}
}

var (
	homePage       = newPage[home]("home")
	repoPage       = newPage[repoView]("repository")
	pullPage       = newPage[pullView]("pull")
	overridesPage  = newPage[overrideList]("overrides")
	entryPage      = newPage[entryView]("entry")
	rulesPage      = newPage[catalogue]("rules")
	trendPage      = newPage[trendView]("trend")
	ownersPage     = newPage[ownersView]("owners")
	methodPage     = newPage[methodView]("method")
	slackPage      = newPage[slackView]("slack")
	operationsPage = newPage[operations]("operations")
	strangerPage   = newPage[stranger]("stranger")
	refusalPage    = newPage[refused]("refusal")
)

// frame is what is around each page.
type frame[T any] struct {
	Title       string
	Style, Icon string // paths
	Here        string // the part of the site, "overrides"
	Viewer      string // login
	SignIn      string // path; empty: nobody can
	Operator    bool
	Slack       bool // there is one to be known in
	Main        T
}

// stranger is the page for who did not sign in.
type stranger struct{ SignIn string }

// refused is the page of an error.
type refused struct{ Title, Text, Back string }

// draw writes a page into memory: an error in the middle of it must not leave
// half of one.
func (p page[T]) draw(f frame[T]) ([]byte, error) {
	clean(reflect.ValueOf(&f).Elem())
	f.Style, f.Icon = stylePath, iconPath
	var b bytes.Buffer
	if err := p.template().Execute(&b, f); err != nil {
		return nil, fmt.Errorf("draw %q: %w", f.Title, err)
	}
	return b.Bytes(), nil
}

// render answers with a page. It is no method since those have no types of their
// own.
func render[T any](s *site, v *visit, p page[T], status int, title string, main T) {
	f := frame[T]{Title: title, Here: here(v.r.URL.Path), Viewer: v.who.Login, Operator: v.who.ID != 0 && s.operates(v), Slack: s.Slack, Main: main}
	if s.SignIn != nil {
		f.SignIn = "/signin"
		if v.r.Method == http.MethodGet {
			f.SignIn = signInPath(v.r.URL.RequestURI())
		}
	}
	content, err := p.draw(f)
	if err != nil {
		s.log.Error("draw a page", "path", v.r.URL.Path, "error", err)
		http.Error(v.w, "Something went wrong here.", http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	v.w.Write(content) // an error is the browser's having gone
}

func here(p string) string {
	switch first, _, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/"); first {
	case "", "trend", "overrides", "rules", "method", "slack", "operations":
		return first
	}
	return "repository"
}

var (
	//go:embed assets/style.css
	style []byte
	//go:embed assets/icon.svg
	icon []byte

	stylePath = assetPath("style.css", style)
	iconPath  = assetPath("icon.svg", icon)
)

// assetPath has a hash of the content in the name, so that a browser may keep it
// for ever: what is changed has another name.
func assetPath(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return "/assets/" + strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext
}

func (s *site) asset(v *visit) error {
	var content []byte
	var kind string
	switch v.r.URL.Path {
	case stylePath:
		content, kind = style, "text/css; charset=utf-8"
	case iconPath:
		content, kind = icon, "image/svg+xml"
	default:
		return errHidden
	}
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	v.w.Write(content) // an error is the browser's having gone
	return nil
}
