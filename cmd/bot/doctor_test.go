package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/process"
	"github.com/barraiser/barraiser/internal/sandbox"
	"github.com/barraiser/barraiser/internal/slack"
)

// TestDoctor examines a server against a simulated GitHub, each time with
// something else that is wrong. Of wants, each is "health check: part of what is
// found or to be done"; nothing else may fail.
func TestDoctor(t *testing.T) {
	hub, err := githubtest.New(githubtest.Options{Dir: t.TempDir(), App: githubtest.App{Events: github.Sent}})
	check(t, err)
	t.Cleanup(func() { check(t, hub.Close()) })
	_, err = hub.AddUser(githubtest.User{Login: "ann-k"})
	check(t, err)
	_, err = hub.AddOrg("acme", "ann-k")
	check(t, err)
	healthy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/webhook/github" {
			w.WriteHeader(http.StatusAccepted)
		}
	}))
	t.Cleanup(healthy.Close)
	scopes := strings.Join(slack.Scopes, ",")
	workspace := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := `{"ok":true}`
		switch r.Header.Get("Authorization") {
		case "Bearer xoxb-good":
			w.Header().Set("X-OAuth-Scopes", scopes)
		case "Bearer xoxb-poor":
			w.Header().Set("X-OAuth-Scopes", "chat:write, commands")
		default:
			answer = `{"ok":false,"error":"invalid_auth"}`
		}
		if _, err := w.Write([]byte(answer)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(workspace.Close)
	app := hub.App()
	data := t.TempDir()
	base := serveConfig{
		appID: app.ID, privateKey: app.PrivateKeyPEM(), webhook: []byte(app.WebhookSecret), clientID: "id", clientSecret: "secret",
		apiURL: hub.URL() + "/", gitURL: hub.URL(), webURL: hub.URL(), data: data, database: "sqlite:" + filepath.Join(data, "db"),
		publicURL: healthy.URL, sandbox: sandbox.Off, role: roleAll,
	}
	const closed = "http://127.0.0.1:1" // where nobody listens

	for _, test := range []struct {
		name   string
		change func(c *serveConfig)
		wrong  []error
		wants  []string
	}{
		{name: "installed nowhere", wants: []string{"ok app: bar-raiser", "ok clock: with GitHub's", "warn permissions: /installations/new", "warn deliveries: none", "ok store: will be made", "warn sandbox: off", "ok slack: not configured"}},
		{name: "installed", change: func(*serveConfig) {
			hub.SetWebhook(healthy.URL + "/webhook/github")
			_, err := hub.Install("acme")
			check(t, err)
			check(t, hub.Wait(t.Context()))
		}, wants: []string{"ok permissions: granted in 1 of 1", "ok deliveries: all taken", "ok public url: answers"}},
		{name: "a permission that is not granted", change: func(*serveConfig) { check(t, hub.SetPermission("acme", "checks", "read")) },
			wants: []string{"fail permissions: acme has not granted checks: write", "fail permissions: /permissions/update"}},
		{name: "suspended, and refused deliveries", change: func(*serveConfig) {
			check(t, hub.SetPermission("acme", "checks", "write"))
			hub.SetWebhook(healthy.URL + "/webhook/github")
			refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
			t.Cleanup(refusing.Close)
			check(t, hub.Wait(t.Context()))
			hub.SetWebhook(refusing.URL)
			check(t, hub.Suspend("acme"))
			check(t, hub.Wait(t.Context()))
		}, wants: []string{"warn permissions: suspended in acme", "fail deliveries: the answer 401", "fail deliveries: same webhook secret"}},
		{name: "another App's key", change: func(c *serveConfig) { c.appID = 99 }, wants: []string{"fail app: does not know the App 99", "warn clock: could not be asked"}},
		{name: "no network", change: func(c *serveConfig) { c.apiURL, c.publicURL = closed+"/", closed },
			wants: []string{"warn app: could not be asked", "warn permissions: not known", "warn public url: nothing answers"}},
		{name: "nothing configured", change: func(c *serveConfig) {
			*c = serveConfig{data: filepath.Join(data, "none"), database: "sqlite:" + filepath.Join(data, "none", "db"), publicURL: "http://localhost:1", sandbox: sandbox.Off}
		}, wrong: []error{process.ErrLocked}, wants: []string{"fail configuration: lock", "warn configuration: sign in", "fail app: no App yet", "ok data folder: will be made", "warn public url: this machine only"}},
		{name: "no database", change: func(c *serveConfig) { c.database = "mysql:x" }, wants: []string{"fail store: neither sqlite:PATH"}},
		{name: "Slack", change: func(c *serveConfig) {
			c.slackToken, c.slackSecret, c.slackURL = "xoxb-good", "s", workspace.URL
			people(t, c.database)
		}, wants: []string{"ok store: sqlite, tables of version", "ok slack: has its", "warn people: named there by the policy: @maria-k @sam-r\n", "warn people: could not be written to in Slack: @lou-p\n"}},
		{name: "Slack without scopes", change: func(c *serveConfig) { c.slackToken, c.slackURL = "xoxb-poor", workspace.URL },
			wants: []string{"warn slack: buttons", "fail slack: lacks channels:history"}},
		{name: "Slack refuses", change: func(c *serveConfig) { c.slackToken, c.slackURL = "xoxb-bad", workspace.URL }, wants: []string{"fail slack: invalid_auth"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := base
			if test.change != nil {
				test.change(&c)
			}
			found := examine(t.Context(), &patient{config: c, wrong: test.wrong})
			followsSchema(t, found)
			var all strings.Builder
			check(t, printSymptoms(&all, found))
			for _, s := range found {
				if s.Health == healthFail && !wanted(test.wants, s) && s.Check != "permissions" && s.Check != "deliveries" {
					t.Errorf("fails unexpectedly: %+v", s)
				}
			}
			for _, want := range test.wants {
				if !satisfied(want, found) {
					t.Errorf("nothing is %q:\n%s", want, all.String())
				}
			}
			for _, secret := range []string{app.WebhookSecret, "xoxb-", "PRIVATE KEY"} {
				if strings.Contains(all.String(), secret) {
					t.Errorf("prints a secret:\n%s", all.String())
				}
			}
		})
	}
}

// followsSchema holds what is printed for programs against its schema.
func followsSchema(t *testing.T, found []symptom) {
	t.Helper()
	var out bytes.Buffer
	if exit, ok := errors.AsType[*exitError](prescribe(&out, "json", found)); ok && exit.code != exitSignOff {
		t.Errorf("prescribe() exits with %d", exit.code)
	}
	schema, err := os.ReadFile("doctor.schema.json")
	check(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	check(t, err)
	c := jsonschema.NewCompiler()
	check(t, c.AddResource("schema.json", doc))
	s, err := c.Compile("schema.json")
	check(t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(out.Bytes()))
	check(t, err)
	if err := s.Validate(v); err != nil {
		t.Errorf("%v\n%s", err, out.Bytes())
	}
}

func satisfied(want string, found []symptom) bool {
	for _, s := range found {
		if wanted([]string{want}, s) {
			return true
		}
	}
	return false
}

func wanted(wants []string, s symptom) bool {
	for _, want := range wants {
		if part, ok := strings.CutPrefix(want, string(s.Health)+" "+s.Check+": "); ok && strings.Contains(s.Found+"\n"+s.Do, part) {
			return true
		}
	}
	return false
}

func TestPrescribe(t *testing.T) {
	sick := []symptom{{"git", healthOK, "git 2.50", ""}, {"app", healthFail, "no \x1b[31mApp", "register one"}}
	var out bytes.Buffer
	err := prescribe(&out, "json", sick)
	if exit, ok := err.(*exitError); !ok || exit.code != 1 {
		t.Errorf("prescribe() = %v, want exit code 1", err)
	}
	var got struct {
		SchemaVersion, Failing int
		Checks                 []symptom
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.SchemaVersion != 1 || got.Failing != 1 || len(got.Checks) != 2 || got.Checks[1] != sick[1] {
		t.Errorf("JSON = %s, %v", out.Bytes(), err)
	}
	out.Reset()
	if err := prescribe(&out, "text", sick[:1]); err != nil || out.String() != "ok    git            git 2.50\n" {
		t.Errorf("text = %q, %v", out.String(), err)
	}
	out.Reset()
	if prescribe(&out, "text", sick) == nil || strings.Contains(out.String(), "\x1b") {
		t.Errorf("text = %q", out.String())
	}
}

// check ends the test where there is an error.
func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
