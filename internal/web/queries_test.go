package web

import (
	"context"
	"fmt"
	"testing"

	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// openDoor is a GitHub on which everybody may read everything.
type openDoor struct{}

func (openDoor) CanRead(context.Context, int64, signoff.Repo, signoff.Account) (bool, error) {
	return true, nil
}

func (openDoor) InTeam(context.Context, int64, review.Principal, signoff.Account) (bool, error) {
	return false, nil
}

// TestQueries: what a page asks of the database does not hang on how many
// repositories, points, pull requests and overrides there are, but on what it shows.
func TestQueries(t *testing.T) {
	t.Parallel()
	pages := append([]string{
		"/", "/?scope=all", "/overrides", "/overrides?state=stands", "/overrides.csv", "/overrides.json", "/trend", "/rules", "/method", "/acme/pay",
		"/trend/acme/files/repositories.csv", "/trend/acme/files/debt-wide-light.svg", "/acme/pay/trend/files/trend.json",
	}, trendPages...)
	asked := func(repositories, weeks int) map[string]int64 {
		w := newWorld(t, func(c *Config) { c.Visible = openDoor{} })
		w.grown("others")
		for i := range repositories {
			id := int64(100 + i)
			repo := store.Repository{Repo: signoff.Repo{ID: id, Owner: "acme", Name: fmt.Sprintf("more-%d", i), DefaultBranch: "main"}, Installation: 7}
			w.must(w.db.PutRepository(t.Context(), jobs{}, repo, storyNow))
			w.grow(repo, weeks, 900, 4, "others")
			w.must(w.db.PutOutlook(t.Context(), store.Outlook{Repository: id}))
			w.put(numbered(waiting(), repo.Repo, 3, "One that waits"))
			w.put(numbered(overridden(), repo.Repo, 4, "One that went past"))
		}
		out := map[string]int64{}
		for _, page := range pages {
			b := w.browse("maria-k") // signed in, with nothing kept of another page
			w.later(2 * sheetTime)
			before := w.db.Queries()
			if got := b.get(page); got.Code != ok && got.Code != seeOther {
				t.Fatalf("%s = %d", page, got.Code)
			}
			out[page] = w.db.Queries() - before
		}
		return out
	}
	few, many := asked(6, 3), asked(18, 9)
	for _, page := range pages {
		if few[page] != many[page] {
			t.Errorf("%s asks %d times with 9 repositories, %d times with 21", page, few[page], many[page])
		}
		if few[page] == 0 || few[page] > 40 {
			t.Errorf("%s asks %d times", page, few[page])
		}
	}
}
