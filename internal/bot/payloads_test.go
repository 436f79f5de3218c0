package bot_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/github/payloadtest"
	"github.com/barraiser/barraiser/internal/queue"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

var hookSecret = bytes.Repeat([]byte("s"), 32)

var mutations = flag.Int("mutations", 7, "of each real payload, that many are sent beside it")

// A sent payload, as it was answered.
type sent struct {
	guid   string
	event  string
	body   []byte
	status int
}

// Whatever GitHub sends, and whatever it may become, is answered without a panic or
// a 5xx, and of what is answered with 202 nothing is lost: not the delivery, not a
// fact in it, not a look that it calls for.
func TestPayloads(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, store.SQLite)
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})) // the rest is of each that is odd
	hub, err := githubtest.New(githubtest.Options{Dir: t.TempDir()})                               // for a key; it is never asked
	must(t, err)
	t.Cleanup(func() { must(t, hub.Close()) })
	host, err := github.New(log, github.Config{AppID: hub.App().ID, Key: hub.App().PrivateKeyPEM(), APIURL: hub.URL() + "/", GitURL: hub.URL(), WebURL: hub.URL()})
	must(t, err)
	jobs, err := queue.New(t.Context(), log, db, nil, queue.Config{})
	must(t, err)
	b := bot.New(log, bot.Config{Store: db, Host: host, Now: time.Now, Program: "test"}, 1)
	b.Jobs = jobs
	hook, err := github.NewWebhook(hookSecret)
	must(t, err)
	handler := github.Handler(log, hook, func() github.Self { return github.Self{} }, b, func(string, int, time.Duration) {})

	todo := make(chan sent)
	var all []sent
	var mu sync.Mutex
	var wait sync.WaitGroup
	for range 64 { // at once, as they come
		wait.Go(func() {
			for s := range todo {
				s.status = answer(handler, s)
				mu.Lock()
				all = append(all, s)
				mu.Unlock()
			}
		})
	}
	for i, p := range payloadtest.Real(t) {
		rng := rand.New(rand.NewPCG(2, uint64(i)))
		for k := range *mutations + 1 {
			body := installed(t, p.Body)
			if k > 0 {
				body = payloadtest.Mutate(t, rng, body)
			}
			todo <- sent{guid: fmt.Sprintf("%d-%d", i, k), event: p.Event, body: body}
		}
	}
	close(todo)
	wait.Wait()
	kept(t, db, all)
}

// installed is a payload as an App gets it. Most were sent to the hook of a
// repository, and name no installation.
func installed(t *testing.T, body []byte) []byte {
	t.Helper()
	var doc map[string]json.RawMessage
	must(t, json.Unmarshal(body, &doc))
	if doc["installation"] == nil {
		doc["installation"] = json.RawMessage(`{"id":2}`)
	}
	body, err := json.Marshal(doc)
	must(t, err)
	return body
}

// answer sends one, signed. A panic would end the test.
func answer(handler http.Handler, s sent) int {
	r := httptest.NewRequest(http.MethodPost, "/webhook/github", bytes.NewReader(s.body))
	h := hmac.New(sha256.New, hookSecret)
	h.Write(s.body)
	r.Header = hookHeader(s)
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(h.Sum(nil)))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Code
}

func hookHeader(s sent) http.Header {
	return http.Header{"Content-Type": {"application/json"}, "X-Github-Event": {s.event}, "X-Github-Delivery": {s.guid}}
}

// kept compares what was answered with what is stored.
func kept(t *testing.T, db *store.DB, all []sent) {
	statuses, guids := map[int]int{}, []string(nil)
	looks, facts := map[signoff.Subject]int64{}, map[signoff.Subject][]string{}
	for _, s := range all {
		statuses[s.status]++
		if s.status != http.StatusAccepted {
			t.Errorf("%s %s was answered with %d: %.2000s", s.guid, s.event, s.status, s.body)
			continue
		}
		guids = append(guids, s.guid)
		d, err := github.Decode(hookHeader(s), s.body, github.Self{}, time.Now())
		must(t, err)
		for _, subject := range d.Raised {
			looks[subject]++
		}
		for _, f := range d.Facts {
			facts[f.Subject] = append(facts[f.Subject], f.Fact.ID)
		}
	}
	lost, err := db.Unknown(t.Context(), guids)
	must(t, err)
	if len(lost) > 0 {
		t.Errorf("%d of %d deliveries that were accepted are not stored: %.1000q", len(lost), len(guids), lost)
	}
	for subject, n := range looks {
		row, stored, err := db.Load(t.Context(), subject)
		must(t, err)
		if row.Wanted < n { // a head may have called for more
			t.Errorf("%d deliveries call for a look at %s, and %d are called for", n, subject.Key(), row.Wanted)
		}
		for _, id := range facts[subject] {
			if !slices.ContainsFunc(stored, func(f signoff.Fact) bool { return f.ID == id }) {
				t.Errorf("the fact %s of %s is lost", id, subject.Key())
			}
		}
	}
	called, told := int64(0), 0
	for subject, n := range looks {
		called, told = called+n, told+len(facts[subject])
	}
	if called < 20 || told < 5 {
		t.Errorf("only %d looks and %d facts: the payloads prove little", called, told)
	}
	t.Logf("%d payloads: %v; %d looks at %d subjects, %d facts", len(all), statuses, called, len(looks), told)
}
