package web

import (
	"net/http"

	"github.com/barraiser/barraiser/internal/store"
)

// repoView is one repository: what is open, what was, and its overrides.
type repoView struct {
	Name, Path, URL string
	Private         bool
	Open, Recent    []pullRow
	MoreOpen        bool
	Overrides       []overrideRow
}

const (
	maxListed = 30 // pull requests of a list on a page
	maxRecent = 15
)

func (s *site) repository(v *visit) error {
	only := []int64{v.repo.ID}
	repos := map[int64]store.Repository{v.repo.ID: v.repo}
	out := repoView{Name: v.repo.Full(), Path: "/" + v.repo.Full(), Private: v.repo.Private}
	open, next, err := s.Store.Pulls(v.ctx(), store.PullFilter{Repositories: only, OpenOnly: true}, store.Page{Limit: maxListed})
	if err != nil {
		return err
	}
	out.MoreOpen = next != ""
	if out.Open, err = s.pullRows(v, open, repos); err != nil {
		return err
	}
	// The newest of all; those that are open are among them and are listed above.
	newest, _, err := s.Store.Pulls(v.ctx(), store.PullFilter{Repositories: only}, store.Page{Limit: maxRecent + maxListed})
	if err != nil {
		return err
	}
	var ended []store.Row
	for _, row := range newest {
		if !row.Open && len(ended) < maxRecent {
			ended = append(ended, row)
		}
	}
	if out.Recent, err = s.pullRows(v, ended, repos); err != nil {
		return err
	}
	for i := range ended {
		out.Recent[i].Since = at(ended[i].Updated, v.now)
	}
	list, _, err := s.Store.Overrides(v.ctx(), store.OverrideFilter{Repositories: only}, store.Page{Limit: maxRecent})
	if err != nil {
		return err
	}
	out.Overrides = overrideRows(list, repos, v.now)
	render(s, v, repoPage, http.StatusOK, out.Name, out)
	return nil
}
