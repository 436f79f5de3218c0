package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/sandbox"
	"github.com/barraiser/barraiser/internal/store"
)

// TestReady starts a server while GitHub cannot be reached: it is ready, and takes
// deliveries that either of its two secrets signed. Of itself it tells strangers
// nothing but that.
func TestReady(t *testing.T) {
	hub, err := githubtest.New(githubtest.Options{Dir: t.TempDir()}) // for a key
	check(t, err)
	check(t, hub.Close())
	const nobody = "http://127.0.0.1:1/"
	data := t.TempDir()
	config := serveConfig{
		appID: hub.App().ID, privateKey: hub.App().PrivateKeyPEM(), webhook: []byte(strongSecret), webhookOld: []byte(strings.Repeat("o", leastSecret)),
		apiURL: nobody, gitURL: nobody, webURL: nobody, publicURL: "https://bar.example", listen: "127.0.0.1:0", data: data,
		database: "sqlite:" + filepath.Join(data, "db"), sandbox: sandbox.Off, role: roleAll, goproxy: "off", sweep: 1 << 40, judgeTime: 1 << 40, judgeMemory: 1 << 30,
	}
	ctx, stop := context.WithCancel(t.Context())
	listens, ended := make(chan net.Addr, 1), make(chan error, 1)
	var said lockedText
	go func() {
		ended <- serve(ctx, newLogger(&said, slog.LevelInfo), config, func(a net.Addr) { listens <- a })
	}()
	var here string
	select {
	case a := <-listens:
		here = "http://" + a.String()
	case err := <-ended:
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		resp, err := http.Get(here + path)
		check(t, err)
		body, err := io.ReadAll(resp.Body)
		check(t, err)
		check(t, resp.Body.Close())
		if resp.StatusCode != http.StatusOK || string(body) != want {
			t.Errorf("%s = %d %q, want 200 %q", path, resp.StatusCode, body, want)
		}
	}
	for i, test := range []struct {
		secret string
		want   int
	}{
		{strongSecret, http.StatusAccepted}, {strings.Repeat("o", leastSecret), http.StatusAccepted}, {strings.Repeat("x", leastSecret), http.StatusUnauthorized},
	} {
		body := []byte(`{"zen":"Keep it logically awesome."}`)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, here+"/webhook/github", bytes.NewReader(body))
		check(t, err)
		mac := hmac.New(sha256.New, []byte(test.secret))
		mac.Write(body)
		r.Header = http.Header{
			"Content-Type": {"application/json"}, "X-Github-Event": {"ping"}, "X-Github-Delivery": {strings.Repeat("d", i+8)},
			"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac.Sum(nil))},
		}
		resp, err := http.DefaultClient.Do(r)
		check(t, err)
		check(t, resp.Body.Close())
		if resp.StatusCode != test.want {
			t.Errorf("a delivery signed by %.1s… = %d, want %d", test.secret, resp.StatusCode, test.want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("serve() = %v", err)
	}
	if strings.Contains(said.String(), "known on GitHub") {
		t.Errorf("GitHub was reached, and so this test shows nothing:\n%s", said.String())
	}
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
