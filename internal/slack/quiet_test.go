package slack

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// TestQuiet: a direct message waits until its reader works, in the reader's time
// zone. The world's clock stands at a Friday, 11:15 in UTC.
func TestQuiet(t *testing.T) {
	person := func(p review.Person) func(*world, *report.Brief) {
		return func(_ *world, b *report.Brief) {
			p.Slack = "UMARIA"
			b.Review.Policy.People = map[string]review.Person{"maria-k": p}
		}
	}
	profile := func(zone string) func(*world, *report.Brief) {
		return func(w *world, _ *report.Brief) { w.zones = map[string]string{"UMARIA": zone} }
	}
	for _, tt := range []struct {
		name  string
		setup func(*world, *report.Brief)
		ahead time.Duration // of the clock
		until string        // empty: it is sent at once
	}{
		{"at work", nil, 0, ""},
		{"in the evening, over the weekend", nil, 6 * time.Hour, "2026-11-23T09:00:00Z"},
		{"on a Sunday", nil, 48 * time.Hour, "2026-11-23T09:00:00Z"},
		{"where it is early, by the policy", person(review.Person{Timezone: "America/New_York"}), 0, "2026-11-20T14:00:00Z"},
		{"where it is early, by Slack", profile("America/New_York"), 0, "2026-11-20T14:00:00Z"},
		{"the policy goes before Slack", func(w *world, b *report.Brief) {
			person(review.Person{Timezone: "Europe/Berlin"})(w, b)
			profile("America/New_York")(w, b)
		}, 0, ""},
		{"a zone that nobody knows", profile("Nowhere/Else"), 0, ""},
		{"absent", person(review.Person{Absent: []review.DateRange{{From: "2026-11-16", To: "2026-11-24"}}}), 0, "2026-11-25T09:00:00Z"},
		{"own hours", person(review.Person{Hours: &review.Hours{Days: []time.Weekday{time.Friday}, From: 12 * 60, To: 13 * 60}}), 0, "2026-11-20T12:00:00Z"},
		{"who never works", person(review.Person{Hours: &review.Hours{}}), 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, b := newWorld(t), waiting()
			if tt.setup != nil {
				tt.setup(w, &b)
			}
			w.clock.add(tt.ahead)
			asked := notice(signoff.NoticeAsked, "a1", maria)
			err := w.slack.Notify(t.Context(), b, asked)
			if tt.until == "" {
				if err != nil || len(w.said) != 1 {
					t.Fatalf("Notify() = %v, messages %v, want one", err, w.outline())
				}
				return
			}
			var held *HeldError
			if !errors.As(err, &held) || held.HoldUntil().UTC().Format(time.RFC3339) != tt.until || held.Login != "maria-k" {
				t.Fatalf("Notify() = %v, want held until %s", err, tt.until)
			}
			if len(w.said) > 0 {
				t.Fatalf("messages = %v, want none", w.outline())
			}
			w.slack = w.start(w.slack.Store) // another process, at that time
			w.clock.add(held.Until.Sub(w.clock.now()))
			if err := w.slack.Notify(t.Context(), b, asked); err != nil || len(w.said) != 1 {
				t.Errorf("Notify() then = %v, messages %v, want one", err, w.outline())
			}
		})
	}
}

// TestQuietForOne: while one sleeps the others are told, and the channel never
// sleeps.
func TestQuietForOne(t *testing.T) {
	w, b := newWorld(t), waiting()
	w.mails = map[string]map[string]any{"jo@acme.example": {"id": "UJO"}}
	w.zones = map[string]string{"UMARIA": "Asia/Tokyo", "UJO": "Europe/Berlin"}
	w.settle()
	both := notice(signoff.NoticeAsked, "a1", maria, jo)
	for range 2 {
		var held *HeldError
		if err := w.slack.Notify(t.Context(), b, both); !errors.As(err, &held) {
			t.Fatalf("Notify() = %v, want held", err)
		}
	}
	w.clock.add(12 * time.Hour) // 23:15 in UTC, a Friday night
	w.notify(overridden(b, "d-1"), notice(signoff.NoticeOverride, "d-1"))
	w.clock.add(49 * time.Hour) // Monday, 9:15 in Tokyo
	w.notify(b, both)
	if d := cmp.Diff([]string{"DJO Your sign-off is asked", "C1 Override", "DMARIA Your sign-off is asked"}, w.outline()); d != "" {
		t.Errorf("messages (-want +got):\n%s", d)
	}
	// The end is told in their threads, each in their time.
	closed := notice(signoff.NoticeClosed, "m1")
	w.settle()
	var held *HeldError
	if err := w.slack.Notify(t.Context(), ended(overridden(b, "d-1"), signoff.MergedOverridden), closed); !errors.As(err, &held) || held.Login != "jo-b" {
		t.Errorf("Notify(closed) = %v, want held for jo-b", err)
	}
	if got := w.outline(); len(got) != 5 {
		t.Errorf("messages = %v, want the end in the channel and with maria-k", got)
	}
}

// TestUnmapped: who could not be told is remembered until they can be.
func TestUnmapped(t *testing.T) {
	w := newWorld(t)
	unmapped := func() (logins string) {
		t.Helper()
		list, err := w.slack.Store.PostedOf(t.Context(), store.PostedUnmapped)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			logins += p.Remote + " "
		}
		return strings.TrimSpace(logins)
	}
	w.notify(waiting(), notice(signoff.NoticeAsked, "a1", maria))
	w.notify(waiting(), notice(signoff.NoticeAsked, "a2", sam))
	if got := unmapped(); got != "sam-r" {
		t.Errorf("unmapped = %q, want sam-r", got)
	}
	w.link(sam, "USAM")
	w.notify(waiting(), notice(signoff.NoticeReminder, "r1", sam))
	if got := unmapped(); got != "" {
		t.Errorf("unmapped = %q once linked, want nobody", got)
	}
}
