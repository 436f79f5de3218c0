package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// home is what waits: for the viewer, and for others.
type home struct {
	Yours        []pullRow
	Waiting      []pullRow
	More         int // that wait and are not listed
	Overrides    []overrideRow
	Repositories []repoRow
	Unasked      int // repositories that there was no time to ask about
}

type repoRow struct {
	Name, Path    string
	Private       bool
	Open, Waiting int
}

// pullRow is a pull request in a list.
type pullRow struct {
	Repo, Path, Title, Author string
	Number                    int
	State                     badge
	Debt                      string // net; empty where it is not known
	Asked                     string // logins
	Since                     moment
	Mode                      string
}

const (
	// maxWaiting is how many pull requests the start lists: who has more than
	// that waiting does not read a list.
	maxWaiting   = 25
	maxOpen      = 500 // open pull requests that are looked at for it
	newOverrides = 5
)

func (s *site) home(v *visit) error {
	repos, unasked, err := s.readable(v)
	if err != nil {
		return err
	}
	h := home{Unasked: unasked}
	rows, _, err := s.Store.Pulls(v.ctx(), store.PullFilter{Repositories: ids(repos), OpenOnly: true}, store.Page{Limit: maxOpen})
	if err != nil {
		return err
	}
	open, waiting := map[int64]int{}, map[int64]int{}
	var wait []store.Row
	for _, row := range rows {
		open[row.Subject.Repository]++
		if unsettled(row.State) && asks(row) {
			waiting[row.Subject.Repository]++
			wait = append(wait, row)
		}
	}
	slices.SortStableFunc(wait, func(a, b store.Row) int { return since(a).Compare(since(b)) })
	byID := byNumber(repos)
	yours := slices.DeleteFunc(slices.Clone(wait), func(row store.Row) bool { return !waitsFor(row, v.who) })
	others := slices.DeleteFunc(wait, func(row store.Row) bool { return waitsFor(row, v.who) })
	for _, list := range []*[]store.Row{&yours, &others} {
		if n := len(*list); n > maxWaiting {
			*list, h.More = (*list)[:maxWaiting], h.More+n-maxWaiting
		}
	}
	if h.Yours, err = s.pullRows(v, yours, byID); err != nil {
		return err
	}
	if h.Waiting, err = s.pullRows(v, others, byID); err != nil {
		return err
	}
	list, _, err := s.Store.Overrides(v.ctx(), store.OverrideFilter{Repositories: ids(repos)}, store.Page{Limit: newOverrides})
	if err != nil {
		return err
	}
	h.Overrides = overrideRows(list, byID, v.now)
	for _, repo := range repos {
		h.Repositories = append(h.Repositories, repoRow{repo.Full(), "/" + repo.Full(), repo.Private, open[repo.ID], waiting[repo.ID]})
	}
	render(s, v, homePage, http.StatusOK, "What waits", h)
	return nil
}

// asks says that people are asked: neither of a draft, nor where it only
// observes.
func asks(row store.Row) bool { return !row.Record.Draft && !observes(row.Record) }

// since is how long a pull request waits.
func since(row store.Row) time.Time {
	first := row.Updated
	for _, q := range row.Record.Requirements {
		if !q.First.IsZero() && q.First.Before(first) {
			first = q.First
		}
	}
	return first
}

// waitsFor reports whether somebody is asked: first, as the second who has to
// sign, or as the backup once that was offered.
func waitsFor(row store.Row, who signoff.Account) bool {
	return slices.ContainsFunc(row.Record.Requirements, func(q signoff.Standing) bool {
		a := q.Assigned
		if q.State != signoff.Awaiting || a == nil {
			return false
		}
		return a.To.ID == who.ID || a.Backup.ID == who.ID && (q.Second || a.Step == signoff.BackupOffered)
	})
}

// pullRows are rows for people, with what only the loop knows.
func (s *site) pullRows(v *visit, rows []store.Row, repos map[int64]store.Repository) (out []pullRow, err error) {
	for _, row := range rows {
		repo, ok := repos[row.Subject.Repository]
		if !ok {
			continue
		}
		p := pullRow{
			Repo: repo.Full(), Path: pullPath(repo.Repo, row.Subject.Number), Number: row.Subject.Number,
			State: state(row.State), Since: at(since(row), v.now), Mode: string(row.Mode),
		}
		for _, q := range row.Record.Requirements {
			if q.State == signoff.Awaiting && q.Assigned != nil {
				p.Asked = joined(p.Asked, "@"+q.Assigned.To.Login)
			}
		}
		line, err := s.Briefs.Line(v.ctx(), row.Subject)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		p.Title, p.Author = line.Title, line.Author
		if line.Net != nil && row.Record.Analysis != "" && row.State != signoff.Evaluating {
			p.Debt = signed(*line.Net)
		}
		if p.Title == "" {
			p.Title = "Not looked at yet"
		}
		out = append(out, p)
	}
	return out, nil
}

// joined adds a name that is not in there.
func joined(list, name string) string {
	switch {
	case list == "":
		return name
	case list == name || len(list) > len(name) && list[len(list)-len(name)-2:] == ", "+name:
		return list
	}
	return list + ", " + name
}

const (
	maxAsked   = 2000 // repositories that are asked about for one page
	askAtOnce  = 16
	askingTime = 8 * time.Second
)

// readable are the repositories that the viewer may read, by name, and how many
// could not be asked about in the time that a page may take.
func (s *site) readable(v *visit) (repos []store.Repository, unasked int, err error) {
	all, err := s.Store.Repositories(v.ctx())
	if err != nil {
		return nil, 0, err
	}
	slices.SortFunc(all, byName)
	repos, unasked = s.readableAmong(v, all)
	return repos, unasked, nil
}

// readableAmong are those of the list that the viewer may read.
func (s *site) readableAmong(v *visit, all []store.Repository) (repos []store.Repository, unasked int) {
	if len(all) > maxAsked {
		all, unasked = all[:maxAsked], len(all)-maxAsked
	}
	ctx, cancel := context.WithTimeout(v.ctx(), askingTime)
	defer cancel()
	may, asked := make([]bool, len(all)), make([]bool, len(all))
	turns := make(chan struct{}, askAtOnce)
	var asking sync.WaitGroup
	for i, repo := range all {
		turns <- struct{}{}
		asking.Go(func() {
			defer func() { <-turns }()
			if asked[i] = ctx.Err() == nil; asked[i] {
				may[i] = s.canRead(ctx, repo, v.who)
			}
		})
	}
	asking.Wait()
	for i, repo := range all {
		switch {
		case may[i]:
			repos = append(repos, repo)
		case !asked[i]:
			unasked++
		}
	}
	return repos, unasked
}

// ids is never nil: nil selects all.
func ids(repos []store.Repository) []int64 {
	out := make([]int64, 0, len(repos))
	for _, repo := range repos {
		out = append(out, repo.ID)
	}
	return out
}

func byNumber(repos []store.Repository) map[int64]store.Repository {
	out := map[int64]store.Repository{}
	for _, repo := range repos {
		out[repo.ID] = repo
	}
	return out
}
