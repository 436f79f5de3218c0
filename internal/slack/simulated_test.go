package slack

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/slack/slacktest"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

// TestSimulated is the way of a newcomer through the simulated Slack of the demo:
// an override is told, somebody presses, is asked who that is, shows it, presses
// again. All that is looked at is looked at on its page.
func TestSimulated(t *testing.T) {
	sim, err := slacktest.New(slacktest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	}()
	samID := sim.AddMember(slacktest.Member{Name: "sam", RealName: "Sam R", Email: "sam@acme.example", Timezone: "Europe/Berlin"})
	mariaID := sim.AddMember(slacktest.Member{Name: "maria", RealName: "Maria K", Email: "maria@acme.example", Timezone: "Europe/Berlin"})
	leads := sim.AddChannel("#eng-leads")
	s, err := New(slog.New(slog.NewTextHandler(t.Output(), nil)), Config{
		Token: sim.Token(), SigningSecret: sim.SigningSecret(), APIURL: sim.APIURL(), Store: storetest.Open(t, store.SQLite),
		Now: (&clock{at: workday}).now, Verbs: map[string]signoff.Verb{report.AcknowledgeAction: acknowledged}, LinkPage: "https://bar.example/slack/link",
	})
	if err != nil {
		t.Fatal(err)
	}
	s.wait = func(context.Context, time.Duration) error { return nil }
	b := overridden(waiting(), "d-1")
	b.Review.Policy.People = map[string]review.Person{"maria-k": {Emails: []string{"maria@acme.example"}}}
	b.Record.Overrides[0].Since, b.Record.Overrides[0].Line = workday, [][]signoff.Account{{sam}}
	a := &acted{}
	in := s.Interactions(a, briefed{b})
	mux := http.NewServeMux()
	mux.Handle("/slack/interactions", in)
	mux.Handle("/slack/commands", s.Commands())
	app := httptest.NewServer(mux)
	defer app.Close()
	sim.SetApp(app.URL)

	for _, e := range []signoff.Effect{notice(signoff.NoticeAsked, "a1", maria), notice(signoff.NoticeOverride, "d-1"), notice(signoff.NoticeOverride, "d-1")} {
		brief := b
		if e.Notice.Kind == signoff.NoticeAsked {
			brief.Record.State = signoff.Awaiting
		}
		if err := s.Notify(t.Context(), brief, e); err != nil {
			t.Fatal(err)
		}
	}
	page := look(t, sim.URL()+"/"+leads, samID)
	for _, want := range []string{`Override: acme/pay #1284`, "SEV-2 rollback", "Acknowledge", ">Open PR<", "#eng-leads"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the channel lacks %q:\n%s", want, page)
		}
	}
	direct := sim.Messages("@maria")
	if len(direct) != 1 || !strings.Contains(direct[0].String(), "Your sign-off is asked: acme/pay") {
		t.Fatalf("messages to maria: %v", direct)
	}
	if page := look(t, sim.URL()+"/"+direct[0].Channel, mariaID); !strings.Contains(page, "Your sign-off is asked") {
		t.Errorf("maria's page:\n%s", page)
	}
	if status := get(t, sim.URL()+"/"+direct[0].Channel, samID, io.Discard); status != http.StatusNotFound {
		t.Errorf("maria's messages for sam: %d, want 404", status)
	}

	press := url.Values{"ts": {sim.Messages("#eng-leads")[0].TS}, "action": {report.AcknowledgeAction}}
	submit(t, sim.URL()+"/"+leads+"/press", samID, press)
	in.Wait()
	page = look(t, sim.URL()+"/"+leads, samID)
	if !strings.Contains(page, "only you see this") || len(a.facts) != 0 {
		t.Fatalf("pressed by a stranger: facts %v\n%s", a.facts, page)
	}
	if strings.Contains(look(t, sim.URL()+"/"+leads, mariaID), "only you see this") {
		t.Error("maria sees what only sam is told")
	}
	submit(t, sim.URL()+"/"+leads+"/command", samID, url.Values{"text": {"link"}})
	said := sim.Messages("#eng-leads")
	_, address, ok := strings.Cut(string(said[len(said)-1].Blocks), `"url":"`)
	address, _, _ = strings.Cut(address, `"`)
	u, err := url.Parse(address)
	if !ok || err != nil {
		t.Fatalf("no link in %+v: %v", said[len(said)-1], err)
	}
	if _, err := s.Store.UseSlackLink(t.Context(), LinkHash(u.Query().Get("token")), store.Person{ID: sam.ID, Login: sam.Login}, s.Now()); err != nil {
		t.Fatal(err)
	}
	submit(t, sim.URL()+"/"+leads+"/press", samID, press)
	in.Wait()
	if len(a.facts) != 1 {
		t.Errorf("facts = %v, want one", a.facts)
	}
}

// look reads a page as a member.
func look(t *testing.T, address, member string) string {
	t.Helper()
	var page strings.Builder
	if status := get(t, address, member, &page); status != http.StatusOK {
		t.Fatalf("%s: %d\n%s", address, status, &page)
	}
	return page.String()
}

func get(t *testing.T, address, member string, to io.Writer) int {
	t.Helper()
	return request(t, http.MethodGet, address, member, nil, to)
}

// submit sends a form of the page as a member.
func submit(t *testing.T, address, member string, form url.Values) {
	t.Helper()
	var answer strings.Builder
	if status := request(t, http.MethodPost, address, member, form, &answer); status != http.StatusSeeOther {
		t.Fatalf("%s: %d\n%s", address, status, &answer)
	}
}

func request(t *testing.T, method, address, member string, form url.Values, to io.Writer) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "slack-you", Value: member})
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(to, resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}
