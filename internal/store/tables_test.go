package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

func incompressible(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b) // it never fails
	return b
}

// same compares what a method returned.
func same[T any](t *testing.T, what string, want T) func(got T, err error) {
	return func(got T, err error) {
		t.Helper()
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", what, err, diff)
		}
	}
}

// missing wants ErrNotFound.
func missing[T any](t *testing.T, what string) func(got T, err error) {
	return func(_ T, err error) {
		t.Helper()
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s = %v, want %v", what, err, store.ErrNotFound)
		}
	}
}

// done wants no error.
func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestPosted(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		p := store.Posted{Kind: store.PostedInline, Scope: pull.Key(), Name: "F1", Remote: "99", Hash: "h", Version: 3, At: start}
		q := p
		q.Name, q.Remote = "F2", "100"
		for _, p := range []store.Posted{q, p} {
			done(t, db.PutPosted(ctx, p))
		}
		p.Hash, p.Version = "h2", 4
		done(t, db.PutPosted(ctx, p))
		same(t, "Posted", p)(db.Posted(ctx, p.Kind, p.Scope, p.Name))
		same(t, "PostedIn", []store.Posted{p, q})(db.PostedIn(ctx, p.Kind, p.Scope))
		done(t, db.RemovePosted(ctx, p.Kind, p.Scope, p.Name))
		missing[store.Posted](t, "Posted of what was removed")(db.Posted(ctx, p.Kind, p.Scope, p.Name))
		missing[store.Posted](t, "Posted of another kind")(db.Posted(ctx, store.PostedCheck, q.Scope, q.Name))
	})
}

func TestHost(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		i := store.Installation{ID: 7, Account: signoff.Account{ID: 70, Login: "acme"}}
		done(t, db.PutInstallation(ctx, jobs{}, i, start))
		i.Suspended = true
		done(t, db.PutInstallation(ctx, jobs{}, i, start))
		same(t, "Installation", i)(db.Installation(ctx, 7))
		missing[store.Installation](t, "Installation of none")(db.Installation(ctx, 8))
		same(t, "Installations", []store.Installation{i})(db.Installations(ctx))

		a := store.Repository{Repo: signoff.Repo{ID: 1, Owner: "Acme", Name: "api", Private: true, DefaultBranch: "main"}, Installation: 7}
		b := store.Repository{Repo: signoff.Repo{ID: 2, Owner: "acme", Name: "web", DefaultBranch: "trunk", Archived: true}, Installation: 7}
		done(t, db.PutRepository(ctx, jobs{}, a, start))
		done(t, db.PutRepository(ctx, jobs{}, b, start))
		done(t, db.Swept(ctx, 1, start))
		a.Swept = start
		done(t, db.PutRepository(ctx, jobs{}, a, start)) // it keeps when it was swept
		same(t, "Repository", a)(db.Repository(ctx, 1))
		same(t, "Repositories", []store.Repository{b, a})(db.Repositories(ctx))
		same(t, "RepositoryNamed", a)(db.RepositoryNamed(ctx, "acme", "API"))
		missing[store.Repository](t, "RepositoryNamed of none")(db.RepositoryNamed(ctx, "acme", "none"))
		b.Removed = true
		done(t, db.PutRepository(ctx, jobs{}, b, start))
		same(t, "Repositories", []store.Repository{a})(db.Repositories(ctx))
		missing[store.Repository](t, "Repository of none")(db.Repository(ctx, 3))
	})
}

func TestPeople(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		done(t, db.PutLogin(ctx, 5, "ana"))
		done(t, db.LinkSlack(ctx, store.Person{ID: 5, Login: "ana", Slack: "U1", Linked: start}))
		done(t, db.PutLogin(ctx, 5, "anna"))
		same(t, "Person", store.Person{ID: 5, Login: "anna", Slack: "U1", Linked: start})(db.Person(ctx, 5))
		done(t, db.LinkSlack(ctx, store.Person{ID: 6, Login: "bob", Slack: "U1", Linked: start}))
		same(t, "Person whose link another proved", store.Person{ID: 5, Login: "anna"})(db.Person(ctx, 5))
		same(t, "PersonInSlack", store.Person{ID: 6, Login: "bob", Slack: "U1", Linked: start})(db.PersonInSlack(ctx, "U1"))
		missing[store.Person](t, "PersonInSlack of nobody")(db.PersonInSlack(ctx, ""))
		missing[store.Person](t, "Person of nobody")(db.Person(ctx, 9))

		done(t, db.PutTimezone(ctx, 5, "Anna", "Europe/Berlin"))
		done(t, db.PutTimezone(ctx, 7, "new", "UTC"))
		same(t, "Timezones", map[string]string{"anna": "Europe/Berlin", "new": "UTC"})(db.Timezones(ctx))
		done(t, db.UnlinkSlack(ctx, 6))
		missing[store.Person](t, "PersonInSlack who unlinked")(db.PersonInSlack(ctx, "U1"))

		s := store.Session{Hash: "h", Account: 5, Created: start, Seen: start, Expires: start.Add(time.Hour)}
		done(t, db.PutSession(ctx, s))
		s.Seen = start.Add(time.Minute)
		done(t, db.PutSession(ctx, s))
		same(t, "Session", s)(db.Session(ctx, "h", start.Add(59*time.Minute)))
		missing[store.Session](t, "Session that has ended")(db.Session(ctx, "h", s.Expires))
		done(t, db.EndSession(ctx, "h"))
		missing[store.Session](t, "Session that was ended")(db.Session(ctx, "h", start))
		done(t, db.PutSession(ctx, s))
		done(t, db.EndSessions(ctx, 5))
		missing[store.Session](t, "Session of an account that was signed out")(db.Session(ctx, "h", start))

		same(t, "Setting of none", "")(db.Setting(ctx, "cursor"))
		done(t, db.Set(ctx, "cursor", "1"))
		done(t, db.Set(ctx, "cursor", "2"))
		same(t, "Setting", "2")(db.Setting(ctx, "cursor"))
	})
}

// A link is good once, for its member's newest, and until it expires.
func TestSlackLinks(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		link := func(hash, member string) store.SlackLink {
			return store.SlackLink{Hash: hash, Member: member, Name: "anna", Team: "acme", Expires: start.Add(time.Hour)}
		}
		ana := store.Person{ID: 5, Login: "ana"}
		done(t, db.LinkSlack(ctx, store.Person{ID: 6, Login: "bob", Slack: "U1", Linked: start}))
		done(t, db.PutSlackLink(ctx, link("first", "U1")))
		done(t, db.PutSlackLink(ctx, link("second", "U1")))
		done(t, db.PutSlackLink(ctx, link("other", "U2")))
		missing[store.SlackLink](t, "link that a newer one replaced")(db.SlackLink(ctx, "first", start))
		missing[store.SlackLink](t, "link that has expired")(db.SlackLink(ctx, "second", start.Add(time.Hour)))
		missing[store.SlackLink](t, "use of a link that has expired")(db.UseSlackLink(ctx, "second", ana, start.Add(time.Hour)))
		same(t, "SlackLink", link("second", "U1"))(db.SlackLink(ctx, "second", start))
		same(t, "UseSlackLink", link("second", "U1"))(db.UseSlackLink(ctx, "second", ana, start))
		missing[store.SlackLink](t, "use of a link that was used")(db.UseSlackLink(ctx, "second", ana, start))
		same(t, "PersonInSlack", store.Person{ID: 5, Login: "ana", Slack: "U1", Linked: start})(db.PersonInSlack(ctx, "U1"))
		same(t, "Person who had the member", store.Person{ID: 6, Login: "bob"})(db.Person(ctx, 6))
		_, err := db.Prune(ctx, start.Add(2*time.Hour), store.DefaultRetention)
		done(t, err)
		missing[store.SlackLink](t, "link that was pruned")(db.SlackLink(ctx, "other", start))
	})
}

func TestPages(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		ana := signoff.Account{ID: 5, Login: "ana"}
		overrides := []signoff.Override{
			{ID: "stands", Declared: true},
			{ID: "waits", Declared: true, NeedsSecond: true},
			{ID: "agreed", Declared: true, NeedsSecond: true, Second: &ana},
			{ID: "merge:c0ffee"},
			{ID: "void", Declared: true, Void: "a push"},
		}
		for n := range 5 {
			s := pull
			s.Number, s.Repository = n, int64(n%2)
			receive(t, db, delivery(fmt.Sprint("g", n), store.Raised{Subject: s}))
			row, _ := load(t, db, s)
			o := overrides[n]
			o.At = start.Add(time.Duration(n/2) * time.Hour) // two at the same time
			commit(t, db, row, signoff.Record{Subject: s, State: signoff.Awaiting, Overrides: []signoff.Override{o}})
		}
		listed := func(f store.OverrideFilter, limit int) (ids []string) {
			t.Helper()
			for page := (store.Page{Limit: limit}); ; {
				list, next, err := db.Overrides(ctx, f, page)
				done(t, err)
				for _, o := range list {
					ids = append(ids, o.Override.ID+" "+string(o.State))
				}
				if page.After = next; next == "" {
					return ids
				}
			}
		}
		all := []string{"void void", "merge:c0ffee detected", "agreed stands", "waits waits", "stands stands"}
		for limit := 1; limit <= 6; limit++ {
			if diff := cmp.Diff(all, listed(store.OverrideFilter{}, limit)); diff != "" {
				t.Errorf("overrides by %d (-want +got):\n%s", limit, diff)
			}
		}
		for _, c := range []struct {
			filter store.OverrideFilter
			want   []string
		}{
			{store.OverrideFilter{State: store.OverrideStands}, []string{"agreed stands", "stands stands"}},
			{store.OverrideFilter{From: start.Add(time.Hour), To: start.Add(2 * time.Hour)}, []string{"merge:c0ffee detected", "agreed stands"}},
			{store.OverrideFilter{Repositories: []int64{1, 3}}, []string{"merge:c0ffee detected", "waits waits"}},
			{store.OverrideFilter{Repositories: []int64{}}, nil},
		} {
			if diff := cmp.Diff(c.want, listed(c.filter, 2)); diff != "" {
				t.Errorf("Overrides(%+v) (-want +got):\n%s", c.filter, diff)
			}
		}

		same(t, "CountOverrides", map[store.OverrideState]int{store.OverrideStands: 2, store.OverrideWaits: 1, store.OverrideDetected: 1, store.OverrideVoid: 1})(
			db.CountOverrides(ctx, store.OverrideFilter{}))
		same(t, "CountOverrides of one repository", map[store.OverrideState]int{store.OverrideWaits: 1, store.OverrideDetected: 1})(
			db.CountOverrides(ctx, store.OverrideFilter{Repositories: []int64{1}}))
		if diff := cmp.Diff(all[1:], listed(store.OverrideFilter{Unsettled: true}, 2)); diff != "" {
			t.Errorf("unsettled overrides (-want +got):\n%s", diff)
		}

		var numbers []int
		for page := (store.Page{Limit: 2}); ; {
			rows, next, err := db.Pulls(ctx, store.PullFilter{State: signoff.Awaiting, OpenOnly: true, Repositories: []int64{0, 1}}, page)
			done(t, err)
			for _, r := range rows {
				numbers = append(numbers, r.Subject.Number)
			}
			if page.After = next; next == "" {
				break
			}
		}
		if want := []int{4, 3, 2, 1, 0}; !slices.Equal(numbers, want) {
			t.Errorf("pull requests = %v, want %v", numbers, want)
		}
		rows, _, err := db.Pulls(ctx, store.PullFilter{State: signoff.SignedOff}, store.Page{Limit: 2})
		if err != nil || len(rows) != 0 {
			t.Errorf("pull requests that are signed off = %v, %v", rows, err)
		}
	})
}

// What is told is told once, what is put counts by its newest.
func TestEffects(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		receive(t, db, delivery("g", store.Raised{Subject: pull}))
		tell := func(fact, text string) signoff.Effect {
			return signoff.Effect{Kind: signoff.TellReply, Subject: pull, Fact: fact, Text: text}
		}
		reminder := signoff.Effect{Kind: signoff.TellNotice, Subject: pull, Notice: &signoff.Notice{Kind: signoff.NoticeReminder}}
		put := signoff.Effect{Kind: signoff.PutComment, Subject: pull}
		row, _ := load(t, db, pull)
		commit(t, db, row, signoff.Record{}, tell("f1", "one"), put, tell("f2", "two"), reminder)
		pending := func(lane string) (list []store.Pending, texts []string) {
			t.Helper()
			list, err := db.Pending(ctx, lane)
			done(t, err)
			for _, p := range list {
				texts = append(texts, p.Effect.Text)
			}
			return list, texts
		}
		host, slack, comment := "tell-host/"+pull.Key(), "tell-slack/"+pull.Key(), "put-comment/"+pull.Key()
		list, texts := pending(host)
		if want := []string{"one", "two"}; !slices.Equal(texts, want) {
			t.Fatalf("to be told = %q, want %q", texts, want)
		}
		done(t, db.Performed(ctx, list[0]))
		noted, _ := pending(comment)
		row, _ = load(t, db, pull)
		put.Text = "newer"
		commit(t, db, row, signoff.Record{}, tell("f1", "one again"), tell("f3", "three"), put, reminder)
		if _, texts := pending(host); !slices.Equal(texts, []string{"two", "three"}) {
			t.Errorf("to be told = %q, want two and three", texts)
		}
		if _, texts := pending(slack); len(texts) != 2 {
			t.Errorf("reminders = %d, want 2: they are about no fact", len(texts))
		}
		// The put was raised while it was performed.
		done(t, db.Performed(ctx, noted[0]))
		list, texts = pending(comment)
		if !slices.Equal(texts, []string{"newer"}) {
			t.Fatalf("to be put = %q, want newer", texts)
		}
		done(t, db.Performed(ctx, list[0]))
		if list, _ := pending(comment); len(list) != 0 {
			t.Errorf("to be put = %v, want nothing", list)
		}
		same(t, "Unperformed", []string{host, slack})(db.Unperformed(ctx, time.Now().Add(time.Hour), 10))
		if got := counted(t, db, host); got != 2 {
			t.Errorf("jobs for %s = %d, want 2", host, got)
		}
		done(t, db.RequeueLanes(ctx, jobs{}, host))
		if got := counted(t, db, host); got != 3 {
			t.Errorf("jobs for %s = %d, want 3", host, got)
		}
	})
}
