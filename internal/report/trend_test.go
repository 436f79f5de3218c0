package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// history is a trend of sixteen weeks: the debt falls, one state is not whole,
// and one step is a jump. Texts from outside are s.
func history(s string) Trend {
	t := Trend{
		Repository: "example.com/acme/pay", Catalogue: "1", Since: 15 * 7, Every: 7,
		Branch: review.Revision{Commit: headCommit, Tree: tree, Name: "origin/main"},
	}
	rank := .4
	for i := range 16 {
		p := debt.Point{
			Commit: strings.Repeat(fmt.Sprintf("%x", i), 40), At: time.Date(2026, 1, 5+7*i, 12, 0, 0, 0, time.UTC), Judged: true, Rank: &rank,
			Figures: debt.Figures{
				Lines: 10_000 + 100*i, Principal: 3000 - 40*float64(i), Tests: 12, Interest: 120 + float64(i), Payable: 90,
				ByRule:      map[string]float64{"cognitive": 2000 - 40*float64(i), "nesting": 1000, "vet": 10},
				ByComponent: map[string]float64{"pay": 1500, "": 1500 - 40*float64(i), s: 3},
				ByTeam:      map[string]float64{s: 3000 - 40*float64(i)},
				ByGoal:      map[string]float64{"faster payouts": 800},
				Costs: map[debt.Division]map[string]debt.Cost{
					debt.Components: {"pay": {Interest: 100, Payable: 90, Lines: 6000}, "": {Interest: 20 + float64(i), Lines: 4000 + 100*i}},
					debt.Teams:      {s: {Interest: 120 + float64(i), Payable: 90, Lines: 10_000 + 100*i}},
					debt.Goals:      {"faster payouts": {Interest: 100, Lines: 800}}, // too few for the corpus
				},
			},
			Step: debt.Step{Introduced: 10, Repaid: 50, Flows: map[debt.Division]map[string]debt.Flow{
				debt.Families: {"cognitive": {Introduced: 10, Repaid: 50}},
				debt.Teams:    {s: {Introduced: 10, Repaid: 50}},
			}},
			Merged: []debt.Merged{{Commit: baseCommit, Title: s, Files: []string{"a.go"}}},
		}
		if i == 0 {
			p.Step, p.Merged = debt.Step{}, nil
		}
		if i == 9 {
			p.Principal += 300
			p.Introduced, p.Moves = 350, []debt.Move{{Rule: "cognitive", File: "a.go", Minutes: 300}}
		}
		if i == 12 {
			p.Credit = []debt.Credit{
				{Commit: headCommit, Title: s, By: []string{"Payments"}, Minutes: 45, Packages: 3, Teams: []string{"Ledger", s}},
				{Commit: baseCommit, Title: "Mend a leaf", Minutes: 5},
			}
		}
		if i == 5 {
			p.Gap, p.Rank, p.Step = s, nil, debt.Step{Other: -12}
		}
		t.Points = append(t.Points, p)
	}
	t.Jumps = debt.Jumps(t.Points, 3)
	t.Hints = []string{s}
	t.Events = []debt.Event{
		{At: t.Points[3].At.Add(-time.Hour), Kind: debt.Released, Name: "v1.2.0"},
		{At: t.Points[9].At, Kind: debt.ModeChanged, Name: "enforce", Was: s},
	}
	t.Risk = &impact.Drift{Recent: 40, Earlier: 130, Higher: .62, Direction: impact.Rising}
	return t
}

func spotsOf(s string) Hotspots {
	h := hotspots()
	h.Spots = append(h.Spots, spot(s+".go", s, 3, 40, 0, 0, 0))
	return h
}

func TestTrend(t *testing.T) {
	for name, trend := range map[string]Trend{
		"trend":         history("Split the reconciler"),
		"trend.empty":   {Catalogue: "1", Since: 7, Every: 7, Branch: review.Revision{Commit: headCommit, Name: "HEAD"}},
		"trend.hostile": history(hostile),
	} {
		t.Run(name, func(t *testing.T) {
			var text, all, plainText, md, js, table bytes.Buffer
			for _, err := range []error{
				TrendText(&text, trend, TrendOptions{TextOptions: TextOptions{Width: 100}}),
				TrendText(&all, trend, TrendOptions{TextOptions: TextOptions{All: true}}),
				TrendText(&plainText, trend, TrendOptions{ASCII: true}),
				TrendMarkdown(&md, trend), TrendCSV(&table, trend), TrendJSON(&js, trend),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			golden(t, name+".txt", text.Bytes())
			golden(t, name+".all.txt", all.Bytes())
			golden(t, name+".ascii.txt", plainText.Bytes())
			golden(t, name+".md", md.Bytes())
			golden(t, name+".csv", table.Bytes())
			golden(t, name+".json", js.Bytes())
			validate(t, compile(t, TrendSchema), js.Bytes())
			if i := strings.IndexAny(plainText.String(), "▁▂▃▄▅▆▇█→"); i >= 0 {
				t.Errorf("ASCII text holds %q", plainText.String()[i:i+3])
			}
		})
	}
}

func TestTrendSchemaIsWhole(t *testing.T) {
	whole := history("x")
	whole.Points[0].Credit = whole.Points[12].Credit // the first of a list is looked at
	var b bytes.Buffer
	if err := TrendJSON(&b, whole); err != nil {
		t.Fatal(err)
	}
	var schema, output map[string]any
	if err := errors.Join(json.Unmarshal(TrendSchema, &schema), json.Unmarshal(b.Bytes(), &output)); err != nil {
		t.Fatal(err)
	}
	walker{t, schema["definitions"].(map[string]any)}.walk("trend", schema, output)
}

// TestTrendJSONKeys: what others read by name stays.
func TestTrendJSONKeys(t *testing.T) {
	var b bytes.Buffer
	if err := TrendJSON(&b, history("x")); err != nil {
		t.Fatal(err)
	}
	var output struct {
		SchemaVersion *int
		Catalogue     *string
		Points        []map[string]any
	}
	if err := json.Unmarshal(b.Bytes(), &output); err != nil {
		t.Fatal(err)
	}
	if output.SchemaVersion == nil || output.Catalogue == nil || len(output.Points) == 0 {
		t.Fatalf("schemaVersion %v, catalogue %v, %d points", output.SchemaVersion, output.Catalogue, len(output.Points))
	}
	for _, key := range []string{
		"commit", "at", "kloc", "principal", "density", "percentile", "interest", "introduced", "repaid", "byRule", "byComponent", "byTeam",
		"payable", "byGoal", "credit",
	} {
		if _, ok := output.Points[0][key]; !ok {
			t.Errorf("a point has no %q", key)
		}
	}
}

// TestSentenceOfRepriced: what the rules did the code did not.
func TestSentenceOfRepriced(t *testing.T) {
	day := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	point := func(week int, principal, repriced float64) debt.Point {
		return debt.Point{At: day.AddDate(0, 0, 7*week), Figures: debt.Figures{Lines: 1000, Principal: principal}, Step: debt.Step{Repriced: repriced}}
	}
	trend := Trend{Since: 365, Points: []debt.Point{point(0, 100, 0), point(1, 100, 0), point(1, 200, 100), point(2, 150, 0)}}
	if got, want := trend.Sentence(), "Debt fell 25 % in 2 weeks."; got != want {
		t.Errorf("sentence = %q, want %q", got, want)
	}
}

func TestTrendJSONRefusesWhatIsNoNumber(t *testing.T) {
	trend := history("x")
	trend.Points[0].Principal = math.NaN()
	var b bytes.Buffer
	if err := TrendJSON(&b, trend); err == nil || b.Len() > 0 {
		t.Errorf("error %v and %d bytes, want an error and none", err, b.Len())
	}
	if _, err := Site(trend, Hotspots{}); err == nil {
		t.Error("Site took it, want an error")
	}
}

func TestSentence(t *testing.T) {
	at := func(day int, principal float64, gap string) debt.Point {
		return debt.Point{At: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC), Figures: debt.Figures{Principal: principal, Lines: 1000}, Gap: gap}
	}
	for _, tt := range []struct {
		points []debt.Point
		want   string
	}{
		{nil, "Nothing can be compared: fewer than two states could be analysed."},
		{[]debt.Point{at(1, 100, "")}, "There is one state, so there is no trend yet."},
		{[]debt.Point{at(1, 100, ""), at(29, 77, "")}, "Debt fell 23 % in 4 weeks."},
		{[]debt.Point{at(1, 100, ""), at(8, 101.5, "")}, "Debt rose 1.5 % in 7 days."},
		{[]debt.Point{at(1, 100, ""), at(2, 100, "")}, "Debt stayed as it was in 1 day."},
		{[]debt.Point{at(1, 0, ""), at(29, 90, "")}, "Debt rose from nothing to 1 h 30 min in 4 weeks."},
		{[]debt.Point{at(1, 0, "broken"), at(8, 100, ""), at(22, 50, ""), at(29, 0, "broken")}, "Debt fell 50 % in 2 weeks."},
		{[]debt.Point{at(1, 100, "broken"), at(29, 77, "")}, "Nothing can be compared: fewer than two states could be analysed."},
	} {
		if got := (Trend{Points: tt.points, Since: 365}).Sentence(); got != tt.want {
			t.Errorf("Sentence = %q, want %q", got, tt.want)
		}
	}
	early := Trend{Points: []debt.Point{at(1, 100, ""), at(29, 77, "")}, Since: 21}
	if got, want := early.Sentence(), "Debt fell 23 % in 3 weeks."; got != want {
		t.Errorf("Sentence = %q, want %q", got, want)
	}
}

func TestSpark(t *testing.T) {
	yes := func(n int) []bool { return slices.Repeat([]bool{true}, n) }
	for _, tt := range []struct {
		values      []float64
		known       []bool
		zero, ascii bool
		want        string
	}{
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7}, yes(8), false, false, "▁▂▃▄▅▆▇█"},
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7}, yes(8), false, true, "_.-=+*%#"},
		{[]float64{100, 100.1}, yes(2), false, false, "▄▄"},
		{[]float64{7, 7}, yes(2), true, false, "██"},
		{[]float64{0, 0}, yes(2), true, false, "▁▁"},
		{[]float64{1, 99, 2}, []bool{true, false, true}, false, false, "▁ █"},
		{nil, nil, false, false, ""},
	} {
		if got := spark(tt.values, tt.known, tt.zero, tt.ascii); got != tt.want {
			t.Errorf("spark(%v, zero %t, ascii %t) = %q, want %q", tt.values, tt.zero, tt.ascii, got, tt.want)
		}
	}
	long := make([]float64, 400)
	long[399] = 1
	if got := []rune(spark(long, yes(400), false, false)); len(got) != maxSpark || got[maxSpark-1] != '█' {
		t.Errorf("400 values are %d columns that end in %q, want %d and the last value", len(got), got[len(got)-1], maxSpark)
	}
}

// TestSite holds what is promised of the page: it is well-formed, runs nothing,
// loads nothing but what lies beside it, and says as text what its charts show.
func TestSite(t *testing.T) {
	files, err := Site(history(hostile), spotsOf(hostile))
	if err != nil {
		t.Fatal(err)
	}
	index := string(files["index.html"])
	for _, bad := range []string{"<script", " style=", "javascript:", " onerror", "http://", "https://", "<img src=x"} {
		// A text may name such things, escaped; a tag or attribute may not be one.
		if bad == "http://" || bad == "https://" {
			if regexp.MustCompile(`(?:src|srcset|href|action)="[^"]*` + bad).MatchString(index) {
				t.Errorf("the page leads to %s", bad)
			}
			continue
		}
		if strings.Contains(strings.ReplaceAll(index, "x onerror=alert(1)&gt;", ""), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(index, `content="default-src &#39;none&#39;; img-src &#39;self&#39;; style-src &#39;self&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`) {
		t.Error("the page has no policy")
	}
	refs := regexp.MustCompile(`(?:src|srcset|href)="([^"]+)"`).FindAllStringSubmatch(index, -1)
	if len(refs) < 20 {
		t.Fatalf("%d references, want charts and tables", len(refs))
	}
	for _, ref := range refs {
		if files[ref[1]] == nil {
			t.Errorf("the page names %s, which is not there", ref[1])
		}
	}
	for _, alt := range regexp.MustCompile(`<img [^>]*>`).FindAllString(index, -1) {
		if !regexp.MustCompile(` alt="[^"]{20,}"`).MatchString(alt) {
			t.Errorf("an image says nothing: %s", alt)
		}
	}
	if charts, tables := strings.Count(index, "<figure>"), strings.Count(index, "<table>"); charts < 7 || tables < 5 {
		t.Errorf("%d charts and %d tables, want 7 and 5 at least", charts, tables)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		switch {
		case strings.HasSuffix(name, ".svg"):
			wellFormed(t, name, files[name])
		case strings.HasSuffix(name, ".csv"):
			noFormula(t, name, files[name])
		case strings.HasSuffix(name, ".json"):
			if !json.Valid(files[name]) {
				t.Errorf("%s is no JSON", name)
			}
		}
	}
	again, err := Site(history(hostile), spotsOf(hostile))
	if err != nil {
		t.Fatal(err)
	}
	for name := range files {
		if !bytes.Equal(files[name], again[name]) {
			t.Errorf("%s is another one the second time", name)
		}
	}
}

func TestSiteWithoutAnything(t *testing.T) {
	files, err := Site(Trend{}, Hotspots{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(files["index.html"], []byte("<h1>Nothing can be compared")) {
		t.Errorf("the page says %s", files["index.html"])
	}
	one := history("x")
	one.Points, one.Jumps = one.Points[:1], nil
	if _, err := Site(one, Hotspots{}); err != nil {
		t.Error(err)
	}
	for i := range one.Points {
		one.Points[i].Gap = "broken"
	}
	if _, err := Site(one, Hotspots{}); err != nil {
		t.Error(err)
	}
}

func wellFormed(t *testing.T, name string, svg []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	title, last := false, xml.Name{}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			last = tok.Name
			if last.Local == "script" || last.Local == "image" || last.Local == "foreignObject" {
				t.Errorf("%s holds <%s>", name, last.Local)
			}
			for _, a := range tok.Attr {
				if bad := strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf"); bad {
					t.Errorf("%s: %s=%q", name, a.Name.Local, a.Value)
				}
			}
		case xml.CharData:
			title = title || last.Local == "title" && len(tok) > 3
		}
	}
	if !title {
		t.Errorf("%s has no title", name)
	}
}

func noFormula(t *testing.T, name string, table []byte) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(rows) < 2 {
		t.Errorf("%s has no rows", name)
	}
	number := regexp.MustCompile(`^-?[0-9.e+]+$`)
	for _, row := range rows {
		for _, field := range row {
			if field != "" && strings.ContainsAny(field[:1], "=+-@") && !number.MatchString(field) {
				t.Errorf("%s: %q", name, field)
			}
		}
	}
}

func TestEscapeCSV(t *testing.T) {
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "  =1": "'  =1", "\t=1": "' =1",
		"a=1": "a=1", "": "", "\u202e=1": "'=1",
	} {
		if got := escapeCSV(in); got != want {
			t.Errorf("escapeCSV(%q) = %q, want %q", in, got, want)
		}
	}
}
