package system_test

import (
	"slices"
	"testing"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/slack/slacktest"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

// slackPoints are those of TestCrash that need a Slack.
var slackPoints = []string{"Slack message sent, not marked", "Slack message marked"}

// TestCrashSlack ends servers about a message to Slack: it is sent once, and all
// else goes on as in TestCrash.
func TestCrashSlack(t *testing.T) {
	t.Parallel()
	engines := storetest.Engines[:1]
	if *crashes {
		engines = storetest.Engines
	}
	program, err := buildCrashing()
	must(t, err)
	for _, engine := range engines {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			chat, err := slacktest.New(slacktest.Options{})
			must(t, err)
			t.Cleanup(func() { must(t, chat.Close()) })
			chat.AddChannel("eng-leads")
			for _, login := range people {
				chat.AddMember(slacktest.Member{Name: login, RealName: login, Email: login + "@acme.example"})
			}
			w := newKilled(t)
			w.base, err = w.hub.Commit(repo, githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Tell people", Files: map[string]string{
				".github/barraiser.yml": followed,
			}})
			must(t, err)
			w.server.program = program
			env := append(w.server.env, "BARRAISER_DATABASE_URL="+storetest.URL(t, engine),
				"BARRAISER_SLACK_TOKEN="+chat.Token(), "BARRAISER_SLACK_SIGNING_SECRET="+chat.SigningSecret(), "BARRAISER_SLACK_API_URL="+chat.APIURL())
			for i, point := range slackPoints {
				w.server.env = append(slices.Clone(env), "BARRAISER_CRASH_AT="+point)
				w.start()
				w.open(i)
				w.untilCrashed(point)
			}
			w.server.env = env
			w.start()
			w.open(len(slackPoints))
			w.settled()
			w.server.stop()
			saidOnce(t, chat)
		})
	}
}

// saidOnce finds what was said twice in one place.
func saidOnce(t *testing.T, chat *slacktest.Server) {
	t.Helper()
	places, all := []string{"#eng-leads"}, 0
	for _, login := range people {
		places = append(places, "@"+login)
	}
	for _, place := range places {
		said := map[string]bool{}
		for _, m := range chat.Messages(place) {
			words := m.Thread + ": " + m.String()
			if said[words] {
				t.Errorf("%s was told twice: %s", place, words)
			}
			said[words] = true
			all++
		}
	}
	if all < len(slackPoints) {
		t.Errorf("%d messages were sent, which proves nothing", all)
	}
}
