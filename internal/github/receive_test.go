package github

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A shelf takes what was verified, or nothing.
type shelf struct {
	bodies []string
	full   error
}

func (s *shelf) Receive(_ context.Context, _ Delivery, body []byte) (bool, error) {
	if s.full != nil {
		return false, s.full
	}
	s.bodies = append(s.bodies, string(body))
	return true, nil
}

// TestHandler sends what GitHub does and what others would. Whatever is not signed is
// refused before anything reads it: what is no JSON gets the same answer as what is,
// and nobody is handed it. Nothing is said to whoever sent it.
func TestHandler(t *testing.T) {
	t.Parallel()
	good, odd := []byte(`{"zen":"Keep it logically awesome."}`), []byte("no JSON at all")
	bySHA1 := hmac.New(sha1.New, secretA)
	bySHA1.Write(good)
	signed := func(values ...string) http.Header { return http.Header{signatureHeader: values} }
	for _, test := range []struct {
		name   string
		method string // "": POST
		header http.Header
		body   []byte
		full   error
		want   int
	}{
		{name: "signed", header: signed(sign(secretA, good)), body: good, want: http.StatusAccepted},
		{name: "signed by the secret of before", header: signed(sign(secretB, good)), body: good, want: http.StatusAccepted},
		{name: "signed, and no JSON", header: signed(sign(secretA, odd)), body: odd, want: http.StatusBadRequest},
		{name: "signed, and the disk is full", header: signed(sign(secretA, good)), body: good, full: errors.New("disk full"), want: http.StatusServiceUnavailable},
		{name: "unsigned", body: good, want: http.StatusUnauthorized},
		{name: "unsigned, and no JSON", body: odd, want: http.StatusUnauthorized},
		{name: "wrongly signed", header: signed(sign([]byte("another secret, of 32 bytes also"), good)), body: good, want: http.StatusUnauthorized},
		{name: "wrongly signed, and no JSON", header: signed(sign(secretA, good)), body: odd, want: http.StatusUnauthorized},
		{name: "signed twice", header: signed(sign(secretA, good), sign(secretA, good)), body: good, want: http.StatusUnauthorized},
		{name: "SHA-1 only", header: http.Header{"X-Hub-Signature": {"sha1=" + hex.EncodeToString(bySHA1.Sum(nil))}}, body: good, want: http.StatusUnauthorized},
		{name: "signed by nothing", header: signed(sign(nil, good)), body: good, want: http.StatusUnauthorized},
		{name: "read", method: http.MethodGet, header: signed(sign(secretA, nil)), want: http.StatusMethodNotAllowed},
		{name: "too large", body: bytes.Repeat([]byte("x"), MaxBody+1), want: http.StatusRequestEntityTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			hook, err := NewWebhook(secretA, secretB)
			if err != nil {
				t.Fatal(err)
			}
			to, counted := &shelf{full: test.full}, ""
			handler := Handler(slog.New(slog.DiscardHandler), hook, func() Self { return Self{} }, to, func(event string, status int, _ time.Duration) {
				counted = fmt.Sprint(event, " ", status)
			})
			r := httptest.NewRequest(http.MethodPost, "/webhook/github", bytes.NewReader(test.body))
			if test.method != "" {
				r.Method = test.method
			}
			for name, values := range test.header {
				r.Header[name] = values
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-GitHub-Event", "ping")
			r.Header.Set("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			said, err := io.ReadAll(w.Result().Body)
			if err != nil || w.Code != test.want || len(said) > 0 {
				t.Errorf("answer %d %q, %v, want %d and not a word", w.Code, said, err, test.want)
			}
			if stored := len(to.bodies) == 1 && to.bodies[0] == string(test.body); stored != (test.want == http.StatusAccepted) || len(to.bodies) > 1 {
				t.Errorf("handed over: %q", to.bodies)
			}
			if !strings.HasSuffix(counted, fmt.Sprint(" ", test.want)) {
				t.Errorf("counted as %q", counted)
			}
			// The name of an event is a label of a metric, and not for strangers to choose.
			if test.want == http.StatusUnauthorized && counted != " 401" {
				t.Errorf("what is not signed is counted as %q", counted)
			}
		})
	}
}
