package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/sandbox"
	"github.com/barraiser/barraiser/internal/store"
)

// TestReady starts a server while GitHub cannot be reached, in each of its roles: it is
// ready, and takes deliveries that either of its two secrets signed, where it takes any.
// Of itself it tells strangers nothing but that.
func TestReady(t *testing.T) {
	hub, err := githubtest.New(githubtest.Options{Dir: t.TempDir()}) // for a key
	check(t, err)
	check(t, hub.Close())
	now, before, other := strongSecret, strings.Repeat("o", leastSecret), strings.Repeat("x", leastSecret)
	for role, want := range map[role]struct{ now, before, other, home int }{
		roleAll:    {http.StatusAccepted, http.StatusAccepted, http.StatusUnauthorized, http.StatusServiceUnavailable},
		roleWeb:    {http.StatusAccepted, http.StatusAccepted, http.StatusUnauthorized, http.StatusServiceUnavailable},
		roleWorker: {http.StatusNotFound, http.StatusNotFound, http.StatusNotFound, http.StatusNotFound},
	} {
		t.Run(string(role), func(t *testing.T) {
			const nobody = "http://127.0.0.1:1/"
			data := t.TempDir()
			var said lockedText
			here := served(t, &said, serveConfig{
				appID: hub.App().ID, privateKey: hub.App().PrivateKeyPEM(), webhook: []byte(now), webhookOld: []byte(before),
				apiURL: nobody, gitURL: nobody, webURL: nobody, publicURL: "https://bar.example", listen: "127.0.0.1:0", data: data,
				database: "sqlite:" + filepath.Join(data, "db"), sandbox: sandbox.Off, role: role, goproxy: "off",
				sweep: time.Hour, judgeTime: time.Hour, judgeMemory: 1 << 30,
			})
			for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
				if status, body := fetched(t, http.MethodGet, here+path, nil, nil); status != http.StatusOK || body != want {
					t.Errorf("%s = %d %q, want 200 %q", path, status, body, want)
				}
			}
			if status, body := fetched(t, http.MethodGet, here+"/metrics", nil, nil); status != http.StatusOK || !strings.Contains(body, "barraiser_waiting") {
				t.Errorf("/metrics = %d %s", status, body)
			}
			if status, _ := fetched(t, http.MethodGet, here+"/", nil, nil); status != want.home { // nobody can sign in
				t.Errorf("/ = %d, want %d", status, want.home)
			}
			body := []byte(`{"zen":"Keep it logically awesome."}`)
			for secret, want := range map[string]int{now: want.now, before: want.before, other: want.other} {
				mac := hmac.New(sha256.New, []byte(secret))
				mac.Write(body)
				status, answer := fetched(t, http.MethodPost, here+"/webhook/github", body, http.Header{
					"Content-Type": {"application/json"}, "X-Github-Event": {"ping"}, "X-Github-Delivery": {"by-" + secret[:1]},
					"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac.Sum(nil))},
				})
				if status != want || want != http.StatusNotFound && answer != "" {
					t.Errorf("a delivery signed by %.1s… = %d %q, want %d", secret, status, answer, want)
				}
			}
			if strings.Contains(said.String(), "known on GitHub") {
				t.Errorf("GitHub was reached, and so this test shows nothing:\n%s", said.String())
			}
		})
	}
}

// served starts a server that ends with the test, and returns where it listens.
func served(t *testing.T, log io.Writer, config serveConfig) (here string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	listens, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() {
		ended <- serve(ctx, newLogger(log, slog.LevelInfo), config, func(a net.Addr) { listens <- a })
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve() = %v", err)
		}
	})
	select {
	case a := <-listens:
		return "http://" + a.String()
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	}
	return ""
}

func fetched(t *testing.T, method, address string, body []byte, header http.Header) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, bytes.NewReader(body))
	check(t, err)
	maps.Copy(r.Header, header)
	resp, err := http.DefaultClient.Do(r)
	check(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	check(t, err)
	return resp.StatusCode, string(text)
}

// TestNotReady: where deliveries cannot be stored the server is not ready, and says
// why in its log alone.
func TestNotReady(t *testing.T) {
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "db"))
	check(t, err)
	check(t, db.Close())
	var log bytes.Buffer
	s := &server{log: newLogger(&log, slog.LevelInfo), db: db}
	w := httptest.NewRecorder()
	s.ready(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	if w.Code != http.StatusServiceUnavailable || w.Body.String() != "not ready\n" || !strings.Contains(log.String(), `"error"`) {
		t.Errorf("/readyz of a closed store = %d %q; log %s", w.Code, w.Body, log.String())
	}
}
