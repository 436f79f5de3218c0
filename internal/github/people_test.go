package github

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReviewers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	err := w.app.RequestReviewers(t.Context(), w.installation, w.repo, w.number, []string{"sam", "stranger", "maria-k", "jo"})
	refused, ok := errors.AsType[*ReviewersRefusedError](err)
	if !ok || len(refused.Refused) != 2 || refused.Refused[0].Login != "sam" || refused.Refused[1].Login != "stranger" || refused.Refused[1].Why == "" {
		t.Errorf("RequestReviewers() = %v", err)
	}
	asked := func() (logins []string) {
		t.Helper()
		pull, err := w.app.Pull(t.Context(), w.installation, w.repo, w.number, "")
		w.must(err)
		for _, a := range pull.Requested {
			logins = append(logins, a.Login)
		}
		return logins
	}
	if diff := cmp.Diff([]string{"maria-k", "jo"}, asked()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	w.must(w.app.WithdrawReviewers(t.Context(), w.installation, w.repo, w.number, []string{"jo"}))
	w.must(w.app.WithdrawReviewers(t.Context(), w.installation, w.repo, w.number, nil))
	if diff := cmp.Diff([]string{"maria-k"}, asked()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	_, err := w.hub.AddTeam("acme", "bar", "maria-k")
	w.must(err)
	now := time.Now()
	w.app.now = func() time.Time { return now }
	members := func() (logins []string) {
		t.Helper()
		list, err := w.app.TeamMembers(ctx, w.installation, "acme", "bar")
		w.must(err)
		for _, a := range list {
			logins = append(logins, a.Login)
		}
		slices.Sort(logins)
		return logins
	}
	if got := members(); !slices.Equal(got, []string{"maria-k"}) {
		t.Errorf("TeamMembers() = %q", got)
	}
	w.must(w.hub.AddTeamMember("acme", "bar", "jo"))
	if got := members(); len(got) != 1 {
		t.Errorf("TeamMembers() within five minutes = %q: it was not kept", got)
	}
	now = now.Add(rollAge)
	if got := members(); len(got) != 2 {
		t.Errorf("TeamMembers() after five minutes = %q", got)
	}
	w.must(w.hub.RemoveTeamMember("acme", "bar", "jo"))
	w.app.ForgetTeams("ACME")
	if got := members(); len(got) != 1 {
		t.Errorf("TeamMembers() after ForgetTeams = %q", got)
	}
	if _, err := w.app.TeamMembers(ctx, w.installation, "acme", "none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("TeamMembers(none) = %v", err)
	}

	maria, err := w.app.Account(ctx, w.installation, "Maria-K")
	if err != nil || maria.Login != "maria-k" || maria.ID == 0 || maria.Bot {
		t.Errorf("Account() = %+v, %v", maria, err)
	}
	w.must(w.hub.RenameUser("maria-k", "maria"))
	if got, err := w.app.AccountByID(ctx, w.installation, maria.ID); err != nil || got.Login != "maria" || got.ID != maria.ID {
		t.Errorf("AccountByID() = %+v, %v", got, err)
	}
	if got, err := w.app.Account(ctx, w.installation, "nobody-at-all"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Account(nobody) = %+v, %v", got, err)
	}
	for login, want := range map[string]Permission{"jo": CanWrite, "stranger": CanNothing} {
		who, err := w.app.Account(ctx, w.installation, login)
		w.must(err)
		if got, err := w.app.Permission(ctx, w.installation, w.repo, who); err != nil || got != want {
			t.Errorf("Permission(%s) = %s, %v, want %s", login, got, err, want)
		}
		who.ID++
		if got, err := w.app.Permission(ctx, w.installation, w.repo, who); err != nil || got != CanNothing {
			t.Errorf("Permission(%s, as another account) = %s, %v, want %s", login, got, err, CanNothing)
		}
	}
}
