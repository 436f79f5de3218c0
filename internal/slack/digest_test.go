package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

// week is a digest with a chart.
func week() report.Digest {
	end := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	d := report.Digest{Begin: end.AddDate(0, 0, -7), End: end, Repositories: 3, Pages: "https://bar.example"}
	for i := range 4 {
		p := debt.Point{At: end.AddDate(0, 0, 7*(i-4)), Judged: true}
		p.Principal = float64(100 - 10*i)
		d.Survey.Points = append(d.Survey.Points, p)
	}
	d.Survey.Begin.Principal, d.Survey.End.Principal = 100, 70
	return d
}

func (w *world) digest(d report.Digest) error {
	w.t.Helper()
	w.settle()
	return w.slack.Digest(w.t.Context(), 7, "#eng-leads", d)
}

// kinds are the types of a message's blocks.
func kinds(t *testing.T, m said) []string {
	t.Helper()
	var blocks []struct{ Type string }
	if len(m.Blocks) > 0 {
		if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
			t.Fatal(err)
		}
	}
	out := []string{}
	for _, b := range blocks {
		out = append(out, b.Type)
	}
	return out
}

// TestDigest: a week is told once, with its chart, whatever Slack makes of the chart.
func TestDigest(t *testing.T) {
	whole, bare := []string{"header", "section", "image", "actions"}, []string{"header", "section", "actions"}
	invalid := fault{status: http.StatusOK, body: `{"ok":false,"error":"invalid_blocks"}`}
	for _, tt := range []struct {
		name   string
		faults map[string][]fault
		want   []string
		fails  int // how often before it is told
	}{
		{name: "all is well", want: whole},
		{name: "Slack still looks at the file", faults: map[string][]fault{"chat.postMessage": {invalid, invalid}}, want: whole},
		{name: "Slack does not like the file", faults: map[string][]fault{"chat.postMessage": {invalid, invalid, invalid, invalid}}, want: bare},
		{name: "Slack likes no block", faults: map[string][]fault{"chat.postMessage": {invalid, invalid, invalid, invalid, invalid}}, want: []string{}},
		{name: "the scope is missing", faults: map[string][]fault{"files.getUploadURLExternal": {{status: 200, body: `{"ok":false,"error":"missing_scope","needed":"files:write"}`}}}, want: bare},
		{name: "the file is not taken", faults: map[string][]fault{"upload": {{status: 500}}}, want: bare},
		{name: "the file is not completed", faults: map[string][]fault{"files.completeUploadExternal": {{cut: true}}}, want: bare},
		{name: "the answer is lost", faults: map[string][]fault{"chat.postMessage": {{after: true, cut: true}}}, want: whole, fails: 1},
		{name: "too many at once", faults: map[string][]fault{"chat.postMessage": {{status: 429, retryAfter: "20"}}}, want: whole, fails: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.faults = tt.faults
			if w.faults == nil {
				w.faults = map[string][]fault{}
			}
			for range tt.fails {
				if err := w.digest(week()); err == nil {
					t.Fatal("told in spite of the fault")
				}
			}
			for range 2 { // once more, after it was told
				if err := w.digest(week()); err != nil {
					t.Fatal(err)
				}
			}
			if len(w.said) != 1 {
				t.Fatalf("%d messages, want 1", len(w.said))
			}
			if d := cmp.Diff(tt.want, kinds(t, w.said[0])); d != "" {
				t.Errorf("blocks (-want +got):\n%s", d)
			}
			if text := w.said[0].Text; !strings.HasPrefix(text, "The bar in the week of 16 Nov to 22 Nov 2026. Debt fell 30 %") {
				t.Errorf("text = %q", text)
			}
			if slices.Contains(tt.want, "image") && !strings.HasPrefix(w.uploaded, "\x89PNG") {
				t.Errorf("%d bytes were uploaded, and are no PNG", len(w.uploaded))
			}
		})
	}
}

// TestDigestOfNext: the next week and another channel are told as well; a server
// that begins anew remembers.
func TestDigestOfNext(t *testing.T) {
	w := newWorld(t)
	db := storetest.Open(t, store.SQLite)
	next := week()
	next.Begin, next.End, next.Survey.Points = next.End, next.End.AddDate(0, 0, 7), nil
	for _, step := range []struct {
		channel string
		digest  report.Digest
	}{{"#eng-leads", week()}, {"#Eng-Leads", week()}, {"#random", week()}, {"#eng-leads", next}, {"#eng-leads", week()}} {
		w.settle()
		if err := w.start(db).Digest(t.Context(), 7, step.channel, step.digest); err != nil {
			t.Fatal(err)
		}
	}
	got := []string{}
	for _, m := range w.said {
		text, _, _ := strings.Cut(m.Text, ".")
		got = append(got, fmt.Sprint(m.Channel, " ", text, " ", len(kinds(t, m))))
	}
	want := []string{"C1 The bar in the week of 16 Nov to 22 Nov 2026 4", "C9 The bar in the week of 16 Nov to 22 Nov 2026 4", "C1 The bar in the week of 23 Nov to 29 Nov 2026 3"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestDigestDown: while Slack is away nothing is taken for told.
func TestDigestDown(t *testing.T) {
	w := newWorld(t)
	w.archived["C1"] = "is_archived"
	err := w.digest(week())
	if e, ok := errors.AsType[*RefusedError](err); !ok || e.Code != "is_archived" {
		t.Errorf("Digest = %v, want that the channel is archived", err)
	}
	delete(w.archived, "C1")
	if err := w.digest(week()); err != nil || len(w.said) != 1 {
		t.Errorf("Digest = %v, %d messages, want 1", err, len(w.said))
	}
}

// uploads is where Slack takes files, and uploadID what it calls the only one.
const (
	uploads  = "upload"
	uploadID = "F1"
)

// announce, upload and complete are the three steps of a file.
func (w *workspace) announce(form url.Values) map[string]any {
	if form.Get("filename") == "" || form.Get("length") == "0" || form.Get("alt_txt") == "" {
		w.t.Errorf("the file is announced as %v", form)
	}
	return map[string]any{"file_id": uploadID, "upload_url": w.url + uploads}
}

func (w *workspace) upload(rw http.ResponseWriter, r *http.Request) {
	file, _, err := r.FormFile("file")
	if err != nil {
		w.t.Errorf("upload: %v", err)
		return
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		w.t.Error(err)
	}
	if queue := w.faults[uploads]; len(queue) > 0 {
		w.faults[uploads] = queue[1:]
		w.fail(rw, queue[0])
		return
	}
	w.uploaded = string(content)
	fmt.Fprintf(rw, "OK - %d", len(content))
}

func (w *workspace) complete(form url.Values) map[string]any {
	if form.Get("channel_id") != "" || w.uploaded == "" {
		w.t.Errorf("completed as %v after %d bytes", form, len(w.uploaded))
	}
	return map[string]any{"files": []map[string]any{{"id": uploadID}}}
}
