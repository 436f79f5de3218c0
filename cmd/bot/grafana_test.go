package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/store"
)

// dashboard is what a test looks at of docs/grafana.json.
type dashboard struct {
	Panels []struct {
		Type, Title, Description string
		GridPos                  struct{ X, Y, W, H int }
		FieldConfig              struct{ Defaults struct{ Unit string } }
		Targets                  []struct {
			Expr       string
			Datasource struct{ UID string }
		}
	}
	Templating struct {
		List []struct{ Name, Definition string }
	}
}

// TestDashboard holds that each metric and label of the dashboard is one of ours,
// that each metric of ours is on it, and that each panel says what it shows.
func TestDashboard(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "grafana.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	known := scraped(t)
	shown := map[string]bool{}
	look := func(where, expr string) {
		for _, name := range regexp.MustCompile(`\b(?:barraiser|go|process)_\w+`).FindAllString(expr, -1) {
			shown[name] = true
			if known[name] == nil {
				t.Errorf("%s: there is no metric %s", where, name)
				continue
			}
			for _, label := range labelsIn(expr) {
				if !known[name][label] {
					t.Errorf("%s: %s has no label %s", where, name, label)
				}
			}
		}
	}
	for _, v := range d.Templating.List {
		look("variable "+v.Name, strings.TrimSuffix(v.Definition, ", job)"))
	}
	for i, p := range d.Panels {
		if p.Type == "row" {
			continue
		}
		if p.Title == "" || p.Description == "" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
			t.Errorf("panel %q lacks a title, a description, a unit or what it shows", p.Title)
		}
		for _, target := range p.Targets {
			look("panel "+p.Title, target.Expr)
			if target.Datasource.UID != "${datasource}" {
				t.Errorf("panel %q is of the data source %q of one installation", p.Title, target.Datasource.UID)
			}
		}
		for _, q := range d.Panels[:i] {
			a, b := p.GridPos, q.GridPos
			if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Errorf("panels %q and %q lie over each other", p.Title, q.Title)
			}
		}
	}
	for name := range known {
		family := regexp.MustCompile(`_(bucket|count|sum)$`).ReplaceAllString(name, "")
		if strings.HasPrefix(name, "barraiser_") && !shown[name] && !shown[family+"_bucket"] {
			t.Errorf("no panel shows %s", name)
		}
	}
}

// labelsIn are the labels that an expression selects and sums by.
func labelsIn(expr string) (out []string) {
	for _, m := range regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)\s*"`).FindAllStringSubmatch(expr, -1) {
		out = append(out, m[1])
	}
	for _, m := range regexp.MustCompile(`by \(([^)]*)\)`).FindAllStringSubmatch(expr, -1) {
		for label := range strings.SplitSeq(m[1], ",") {
			out = append(out, strings.TrimSpace(label))
		}
	}
	return out
}

// scraped are the metrics of a server, with their labels, as Prometheus gets them.
func scraped(t *testing.T) map[string]map[string]bool {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	m := newMetrics()
	m.answered("push", 202, time.Millisecond)
	watched{m, nil}.time("reconcile", time.Now(), nil)
	answer := httptest.NewRecorder()
	m.handler(db).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	known := map[string]map[string]bool{}
	for line := range strings.Lines(answer.Body.String()) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, labels, _ := strings.Cut(strings.Fields(line)[0], "{")
		if known[name] == nil {
			known[name] = map[string]bool{"job": true, "instance": true} // of Prometheus
		}
		for _, label := range labelsIn(labels) {
			known[name][label] = true
		}
	}
	if len(known) < 20 {
		t.Fatalf("%d metrics, want those of the process beside ours:\n%s", len(known), answer.Body)
	}
	return known
}
