package bot_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/signoff"
)

// silentHost is a host that can stop to say who may do what.
type silentHost struct {
	bot.Host
	silent atomic.Bool
}

func (h *silentHost) Permission(ctx context.Context, installation int64, repo signoff.Repo, who signoff.Account) (github.Permission, error) {
	if h.silent.Load() {
		return "", errors.New("502")
	}
	return h.Host.Permission(ctx, installation, repo, who)
}

// TestSight: who may read a repository is asked of GitHub, and believed for five
// minutes. Whoever it does not know may not, nor does anybody whom it cannot be asked
// about, nor who had a login before its owner of today.
func TestSight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := map[string]int64{}
	for _, login := range []string{"reader", "stranger"} {
		id, err := w.hub.AddUser(githubtest.User{Login: login})
		must(t, err)
		ids[login] = id
	}
	number, err := w.hub.AddRepository(githubtest.Repository{Owner: "acme", Name: "secret", Private: true})
	must(t, err)
	must(t, w.hub.AddToInstallation("acme", "acme/secret"))
	must(t, w.hub.SetCollaborator("acme/secret", "reader", githubtest.PermissionRead))
	w.forbidden()
	var installation int64
	w.until("the repository is known", func() bool {
		repos, err := w.db.Repositories(t.Context())
		must(t, err)
		for _, r := range repos {
			if r.ID == number {
				installation = r.Installation
			}
		}
		return installation != 0
	})
	now := time.Now()
	host := &silentHost{Host: w.host}
	sight := bot.NewSight(host, func() time.Time { return now })
	secret := signoff.Repo{ID: number, Owner: "acme", Name: "secret", Private: true}
	sees := func(when, login string, want bool) {
		t.Helper()
		got, err := sight.CanRead(t.Context(), installation, secret, signoff.Account{ID: ids[login], Login: login})
		if got != want || err != nil {
			t.Errorf("%s: %s can read it: %t, %v, want %t", when, login, got, err, want)
		}
	}
	sees("at first", "reader", true)
	sees("at first", "stranger", false)
	must(t, w.hub.SetCollaborator("acme/secret", "reader", githubtest.PermissionNone))
	must(t, w.hub.SetCollaborator("acme/secret", "stranger", githubtest.PermissionRead))
	now = now.Add(5*time.Minute - time.Second)
	sees("before five minutes", "reader", true)
	now = now.Add(time.Second)
	sees("after five minutes", "reader", false)
	sees("after five minutes", "stranger", true)

	now = now.Add(time.Hour)
	host.silent.Store(true)
	if can, err := sight.CanRead(t.Context(), installation, secret, signoff.Account{ID: ids["stranger"], Login: "stranger"}); can || err == nil {
		t.Errorf("while GitHub says nothing: %t, %v", can, err)
	}
	host.silent.Store(false)
	sees("afterwards", "stranger", true)

	must(t, w.hub.RenameUser("stranger", "friend"))
	_, err = w.hub.AddUser(githubtest.User{Login: "stranger"})
	must(t, err)
	must(t, w.hub.SetCollaborator("acme/secret", "stranger", githubtest.PermissionRead))
	now = now.Add(time.Hour)
	sees("by a login that is another's", "stranger", false)
}
