package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/store"
)

// A scope is what a page about debt is of: a repository, or what the viewer may
// read of an organisation, whole or one team's or one goal's part of it.
type scope struct {
	kind  report.SurveyKind
	owner string
	name  string // of the team or goal
	repos []store.Repository
	// unasked is how many repositories there was no time to ask about.
	unasked int
}

// path is where the scope's page is.
func (sc scope) path() string {
	switch sc.kind {
	case report.OfRepository:
		return "/" + sc.repos[0].Full() + "/trend"
	case report.OfTeam, report.OfGoal:
		return "/trend/" + sc.owner + "/" + string(sc.kind) + "/" + url.PathEscape(sc.name)
	}
	return "/trend/" + sc.owner
}

// title is what the page is called.
func (sc scope) title() string {
	switch sc.kind {
	case report.OfRepository:
		return sc.repos[0].Full()
	case report.OfTeam:
		return sc.name + ", a team of " + sc.owner
	case report.OfGoal:
		return sc.name + ", a goal of " + sc.owner
	}
	return sc.owner
}

// leadership is the view without names of files, commits and rules.
const leadership = "leadership"

// trendView is a page about debt.
type trendView struct {
	report.Parts
	Title, Of  string
	Crumbs     []link
	Leadership bool
	Other      string // path of the other view
	Files      string // path before the name of a file
	View       string // query behind it
	Catalogue  string
	Summed     int // repositories that are summed up; 0: it is of one
}

type link struct{ Name, Path string }

// organisations leads to the page of the only one, or lists all that the viewer may
// see something of.
func (s *site) organisations(v *visit) error {
	repos, unasked, err := s.readable(v)
	if err != nil {
		return err
	}
	out := ownersView{Unasked: unasked}
	for _, repo := range repos {
		if n := len(out.Owners); n == 0 || !strings.EqualFold(out.Owners[n-1].Name, repo.Owner) {
			out.Owners = append(out.Owners, ownerRow{Name: repo.Owner, Path: "/trend/" + repo.Owner})
		}
		out.Owners[len(out.Owners)-1].Repositories++
	}
	if len(out.Owners) == 1 {
		http.Redirect(v.w, v.r, out.Owners[0].Path, http.StatusSeeOther)
		return nil
	}
	render(s, v, ownersPage, http.StatusOK, "Trend", out)
	return nil
}

// ownersView lists organisations.
type ownersView struct {
	Owners  []ownerRow
	Unasked int
}

type ownerRow struct {
	Name, Path   string
	Repositories int
}

// scopeOf reads what the page of a path is of. What the viewer may see nothing of
// is hidden, as is a team or a goal that nothing is known of.
func (s *site) scopeOf(v *visit) (scope, error) {
	if v.repo.ID != 0 {
		return scope{kind: report.OfRepository, owner: v.repo.Owner, repos: []store.Repository{v.repo}}, nil
	}
	sc := scope{kind: report.OfOrganisation, owner: v.r.PathValue("owner")}
	if name := v.r.PathValue("team"); name != "" {
		sc.kind, sc.name = report.OfTeam, name
	}
	if name := v.r.PathValue("goal"); name != "" {
		sc.kind, sc.name = report.OfGoal, name
	}
	all, unasked, err := s.readableOf(v, sc.owner)
	if err != nil {
		return sc, err
	}
	if len(all) == 0 {
		return sc, errHidden
	}
	sc.repos, sc.unasked, sc.owner = all, unasked, all[0].Owner
	return sc, nil
}

// trend is the page of any scope.
func (s *site) trend(v *visit) error {
	sc, sheet, err := s.sheetOf(v)
	if err != nil {
		return err
	}
	out := trendView{
		Parts: sheet.Parts, Title: sc.title(), Of: string(sc.kind), Leadership: viewOf(v) == leadership, Files: sc.path() + "/files/",
		Catalogue: sheet.catalogue,
	}
	out.Other = sc.path() + "?view=" + leadership
	if out.Leadership {
		out.Other, out.View = sc.path(), "?view="+leadership
	}
	if sc.kind != report.OfRepository {
		out.Summed = len(sc.repos)
	}
	switch sc.kind {
	case report.OfRepository:
		out.Crumbs = []link{{sc.owner, "/trend/" + sc.owner + out.View}, {"Pull requests", "/" + sc.repos[0].Full()}}
	case report.OfTeam, report.OfGoal:
		out.Crumbs = []link{{sc.owner, "/trend/" + sc.owner + out.View}}
	}
	render(s, v, trendPage, http.StatusOK, sc.title()+": "+sheet.Sentence, out)
	return nil
}

// trendFile is a chart or a table of such a page.
func (s *site) trendFile(v *visit) error {
	_, sheet, err := s.sheetOf(v)
	if err != nil {
		return err
	}
	name := v.r.PathValue("file")
	content, ok, err := sheet.File(name)
	switch {
	case err != nil:
		return err
	case !ok:
		return errHidden
	}
	v.w.Header().Set("Content-Type", report.FileType(name))
	if !strings.HasSuffix(name, ".svg") {
		v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
	v.w.Write(content) // an error is the browser's having gone
	return nil
}

// viewOf is which of the two views is asked for; what is no view is the first.
func viewOf(v *visit) string {
	if v.r.URL.Query().Get("view") == leadership {
		return leadership
	}
	return ""
}

// readableOf are the repositories of one owner that the viewer may read.
func (s *site) readableOf(v *visit, owner string) ([]store.Repository, int, error) {
	all, err := s.Store.Repositories(v.ctx())
	if err != nil {
		return nil, 0, err
	}
	all = slices.DeleteFunc(all, func(r store.Repository) bool { return !strings.EqualFold(r.Owner, owner) })
	slices.SortFunc(all, byName)
	repos, unasked := s.readableAmong(v, all)
	return repos, unasked, nil
}

func byName(a, b store.Repository) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a.Full()), strings.ToLower(b.Full())), cmp.Compare(a.ID, b.ID))
}
