package github

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/barraiser/barraiser/internal/crash"
)

// Receiver takes what was sent and verified. An error says that it is not on the
// disk.
type Receiver interface {
	Receive(ctx context.Context, d Delivery, body []byte) (fresh bool, err error)
}

// Handler answers GitHub's webhooks: 202 once a delivery is on the disk, also
// where it was before; 401 without a word to whoever is not GitHub; 503 where it
// could not be stored, so that it shows as failed there and the sweep asks for it
// again. self says who we are, as far as it is known.
func Handler(log *slog.Logger, hook *Webhook, self func() Self, to Receiver, answered func(event string, status int, took time.Duration)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		event, status := receive(log, hook, self, to, r)
		w.Header().Set("Cache-Control", "no-store")
		if status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", http.MethodPost)
		}
		w.WriteHeader(status)
		answered(event, status, time.Since(began))
	})
}

func receive(log *slog.Logger, hook *Webhook, self func() Self, to Receiver, r *http.Request) (event string, status int) {
	if r.Method != http.MethodPost {
		return "", http.StatusMethodNotAllowed
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	switch {
	case err != nil:
		return "", http.StatusBadRequest
	case len(body) > MaxBody:
		return "", http.StatusRequestEntityTooLarge
	}
	crash.At("body read")
	if err := hook.Verify(r.Header, body); err != nil {
		log.Warn("webhook refused", "error", err, "remote", r.RemoteAddr)
		return "", http.StatusUnauthorized
	}
	crash.At("signature verified")
	d, err := Decode(r.Header, body, self(), time.Now())
	if err != nil {
		log.Warn("webhook not understood", "error", err)
		return "", http.StatusBadRequest
	}
	fresh, err := to.Receive(r.Context(), d, body)
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			log.Error("webhook not stored", "delivery", d.GUID, "event", d.Event, "error", err)
		}
		return d.Event, http.StatusServiceUnavailable
	}
	crash.At("stored " + d.Event)
	log.Info("webhook", "delivery", d.GUID, "event", d.Event, "action", d.Action, "new", fresh, "ignored", d.Ignored)
	return d.Event, http.StatusAccepted
}
