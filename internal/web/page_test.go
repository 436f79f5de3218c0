package web

import (
	"flag"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/signoff"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares a page with testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	// The names of the assets change with each of their bytes.
	got = strings.NewReplacer(stylePath, "/assets/style.css", iconPath, "/assets/icon.svg").Replace(got)
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; go test -update rewrites it):\n%s", path, diff)
	}
}

// drawn is the page of a story for somebody with all rights.
func drawn(t *testing.T, name string) string {
	t.Helper()
	b := stories()[name]
	v := &visit{now: storyNow, who: accounts["maria-k"], repo: acmePay, brief: b, seen: true, covered: 3}
	v.row.Record = b.Record
	if !b.Record.State.Ended() {
		v.may = rights{sign: true, override: name != "overridden", second: name == "carried", take: name == "overridden"}
	}
	p := newPullView(v, "form-1")
	out, err := pullPage.draw(frame[pullView]{Title: p.Title, Viewer: "maria-k", SignIn: "/signin", Here: "repository", Main: p})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestPull(t *testing.T) {
	for name := range stories() {
		t.Run(name, func(t *testing.T) { golden(t, "pull-"+name+".html", drawn(t, name)) })
	}
}

// TestHostile: text from outside stays text. The page has the tags and attributes
// of the same page with harmless text, whatever is said in it.
func TestHostile(t *testing.T) {
	page := drawn(t, "hostile")
	if n := strings.Count(page, "gnp.exe"); n < 40 {
		t.Fatalf("the hostile text is there %d times: the test looks at a page without it", n)
	}
	for _, bad := range []string{"\x1b", "\u202e", "\u200b", "\xff"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	tags := map[string]bool{}
	for name := range stories() {
		if name != "hostile" {
			for _, tag := range tagsOf(drawn(t, name)) {
				tags[tag] = true
			}
		}
	}
	for _, tag := range tagsOf(page) {
		if !tags[tag] {
			t.Errorf("the page has a tag that no harmless one has: %s", tag)
		}
	}
}

var (
	tagForm   = regexp.MustCompile(`<[^>]*>`)
	valueForm = regexp.MustCompile(`="[^"]*"`)
)

// tagsOf are the tags without the values of their attributes.
func tagsOf(page string) (out []string) {
	for _, tag := range tagForm.FindAllString(page, -1) {
		out = append(out, valueForm.ReplaceAllString(tag, "="))
	}
	return out
}

// TestTemplates draws each page of nothing, of everything once, and of lists with
// empty rows: a field that a template names and its struct does not have fails.
func TestTemplates(t *testing.T) {
	drawAll(t, "home", homePage)
	drawAll(t, "repository", repoPage)
	drawAll(t, "pull", pullPage)
	drawAll(t, "overrides", overridesPage)
	drawAll(t, "entry", entryPage)
	drawAll(t, "trend", trendPage)
	drawAll(t, "owners", ownersPage)
	drawAll(t, "rules", rulesPage)
	drawAll(t, "method", methodPage)
	drawAll(t, "stranger", strangerPage)
	drawAll(t, "slack", slackPage)
	drawAll(t, "operations", operationsPage)
	drawAll(t, "refusal", refusalPage)
	files, err := filepath.Glob("templates/*.tmpl")
	// The frame, the parts, and the page of the setup, which cmd/bot draws in all its
	// states by going through it.
	if err != nil || len(files) != 13+3 {
		t.Errorf("%d templates, %v: one of them is not drawn here", len(files), err)
	}
}

func drawAll[T any](t *testing.T, name string, p page[T]) {
	t.Helper()
	for _, depth := range []int{0, 1, 2, 9} {
		var f frame[T]
		fill(reflect.ValueOf(&f).Elem(), depth)
		page, err := p.draw(f)
		if err != nil {
			t.Errorf("%s, filled %d deep: %v", name, depth, err)
			continue
		}
		sound(t, fmt.Sprintf("%s, filled %d deep", name, depth), string(page))
	}
}

// fill sets all fields, and lists to one element, down to a depth of lists.
func fill(v reflect.Value, depth int) {
	if depth == 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("some<text>")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), depth-1)
		}
	}
}

// sound holds a page to what makes it usable by everybody: one main heading, one
// main part, labelled sections and fields, tables with captions and headers.
func sound(t *testing.T, name, page string) {
	t.Helper()
	for part, want := range map[string]int{"<h1": 1, "<main": 1, "<html lang=\"en\">": 1, "class=\"skip\" href=\"#main\"": 1, "<title>": 1} {
		if got := strings.Count(page, part); got != want {
			t.Errorf("%s: %d times %s, want %d", name, got, part, want)
		}
	}
	for _, bad := range []string{"<script", "<style", " style=", " onclick=", "javascript:", "<no value>", "ZgotmplZ", "%!"} {
		if strings.Contains(page, bad) {
			t.Errorf("%s has %s", name, bad)
		}
	}
	if tables, captions := strings.Count(page, "<table"), strings.Count(page, "<caption"); tables != captions {
		t.Errorf("%s: %d tables with %d captions", name, tables, captions)
	}
	for _, th := range regexp.MustCompile(`<th\b[^>]*>`).FindAllString(page, -1) {
		if !strings.Contains(th, "scope=") {
			t.Errorf("%s: a header without a scope: %s", name, th)
		}
	}
	for _, m := range regexp.MustCompile(`aria-labelledby="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, ` id="`+m[1]+`"`) {
			t.Errorf("%s: nothing has the id %s", name, m[1])
		}
	}
	fields := regexp.MustCompile(`<(input|select|textarea)\b[^>]*>`).FindAllString(page, -1)
	labels := strings.Count(page, "<label>")
	for _, f := range fields {
		if !strings.Contains(f, `type="hidden"`) {
			labels--
		}
	}
	if labels != 0 {
		t.Errorf("%s: %+d labels to the fields", name, labels)
	}
}

// TestSound holds the real pages to the same.
func TestSound(t *testing.T) {
	w := newWorld(t)
	w.tell()
	w.sign()
	for _, login := range []string{"", "maria-k", "sam-r", "stranger"} {
		b := w.browse(login)
		for _, path := range []string{
			"/", "/acme/pay", "/acme/site", "/acme/pay/pull/1284", "/acme/pay/pull/1270", "/acme/pay/pull/1281", "/acme/pay/pull/1290",
			"/overrides", "/overrides?state=x", "/overrides/0", "/rules", "/method", "/nothing",
		} {
			sound(t, path+" for "+login, b.get(path).Body)
		}
	}
}

// TestPages keeps the pages that hang on no clock of the store.
func TestPages(t *testing.T) {
	w := newWorld(t)
	w.tell()
	w.sign()
	b := w.browse("maria-k")
	for name, path := range map[string]string{
		"home": "/", "overrides": "/overrides?state=void", "entry": "/overrides/0", "absent": "/acme/absent",
	} {
		golden(t, name+".html", b.get(path).Body)
	}
	golden(t, "stranger.html", w.browse("").get("/acme/pay").Body)
}

// TestCatalogue: the rules and the triggers are all there, each to be linked to.
func TestCatalogue(t *testing.T) {
	b := newWorld(t).browse("")
	rules, method := b.get("/rules").Body, b.get("/method").Body
	for _, r := range debt.Catalogue {
		if !strings.Contains(rules, `id="`+r.ID+`"`) || !strings.Contains(rules, template.HTMLEscapeString(r.Title)) {
			t.Errorf("the page of the rules lacks %s", r.ID)
		}
	}
	for _, trigger := range impact.Triggers {
		if !strings.Contains(method, "<code>"+trigger.Name+"</code>") {
			t.Errorf("the page of the method lacks %s", trigger.Name)
		}
	}
}

// TestVerdictThatDoesNotCount: a sign-off is never shown as one where it meets
// nothing, such as that of an author.
func TestVerdictThatDoesNotCount(t *testing.T) {
	b := stories()["awaiting"]
	b.Record.Verdicts = []signoff.Verdict{
		{Actor: accounts["maria-k"], Kind: signoff.SignOff, Commit: b.Record.Head, Source: "command"},
		{Actor: accounts["maria-k"], Kind: signoff.SignOff, Commit: b.Record.Head, Source: "review", Revoked: "withdrawn"},
	}
	got := verdicts(b, &visit{now: storyNow})
	if len(got) != 2 || got[0].Idle == "" || got[1].Idle != "" || got[1].Revoked != "withdrawn" {
		t.Fatalf("verdicts = %+v, want one that counts for nothing and one that was withdrawn", got)
	}
	for _, row := range got {
		if row.Kind.Tone != toneRest || row.Kind.Text == verdictBadges[signoff.SignOff].Text {
			t.Errorf("shown as %+v, want that it does not count", row.Kind)
		}
	}
}
