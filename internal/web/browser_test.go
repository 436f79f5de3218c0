package web

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var pictures = flag.String("pictures", "", "folder for pictures of the pages, to look at")

// A chromium is a real browser that is signed in.
type chromium struct {
	t   *testing.T
	ctx context.Context
	w   *world

	mu        sync.Mutex
	requested []string // since the page was opened
}

// newChromium starts a browser with a profile of its own. What is not installed is
// skipped, and fails where CI is "true".
func newChromium(t *testing.T, w *world, login string) *chromium {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		program, err = exec.LookPath("google-chrome")
	}
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no chromium; run scripts/setup")
		}
		t.Skip("no chromium; run scripts/setup")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WSURLReadTimeout(3*time.Minute), // it starts in a second, where nothing else runs
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	c := &chromium{t: t, ctx: ctx, w: w}
	c.must(chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	c.must(chromedp.Listen(ctx, func(event any) {
		if sent, ok := event.(*network.EventRequestWillBeSent); ok {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.requested = append(c.requested, sent.Request.URL)
		}
	}))
	if _, err = chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	// A browser tells scripts of the page what its policy refused; this one is of the
	// debugger, which no policy stops.
	_, err = chromedp.Call(ctx, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{
		Source: `window.refused = []; document.addEventListener('securitypolicyviolation', e => refused.push(e.violatedDirective + ' ' + e.blockedURI))`,
	})
	c.must(err)
	if login == "" {
		return c
	}
	u, err := url.Parse(w.server.URL)
	c.must(err)
	for _, cookie := range w.browse(login).client.Jar.Cookies(u) {
		_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: cookie.Name, Value: cookie.Value, URL: w.server.URL})
		c.must(err)
	}
	return c
}

func (c *chromium) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// open goes to a page.
func (c *chromium) open(path string) {
	c.t.Helper()
	c.mu.Lock()
	c.requested = nil
	c.mu.Unlock()
	c.must(chromedp.Do(c.ctx, chromedp.Navigate(c.w.server.URL+path)))
}

// show shows the page in a window of a width, light or dark.
func (c *chromium) show(width int64, theme string) {
	c.t.Helper()
	_, err := chromedp.Call(c.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
	})
	c.must(err)
	c.must(chromedp.Do(c.ctx, chromedp.EmulateViewport(width, 900)))
}

// ask evaluates an expression in the page. Of a promise it is what it promises.
func ask[T any](c *chromium, expression string) T {
	c.t.Helper()
	out, err := chromedp.Run(c.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		c.t.Fatalf("%.60s: %v", expression, err)
	}
	return out
}

// picture keeps the whole page as an image for people.
func (c *chromium) picture(path string, width int64, theme string) {
	c.t.Helper()
	if *pictures == "" {
		return
	}
	png, err := chromedp.Run(c.ctx, chromedp.FullScreenshot(100))
	c.must(err)
	name := strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-", "%", "").Replace(path), "-")
	c.must(os.WriteFile(filepath.Join(*pictures, fmt.Sprintf("%s-%d-%s.png", cmp.Or(name, "home"), width, theme)), png, 0o644))
}

// browserPages are looked at in a browser, for somebody who may see much.
var browserPages = append([]string{
	"/", "/acme/pay", "/acme/pay/pull/1284", "/acme/pay/pull/1281", "/overrides", "/overrides/0", "/rules", "/method", "/acme/absent", "/slack",
}, trendPages...)

// TestBrowser holds that each page fits the screen of a phone and of a desk, light
// and dark, that its images are drawn, that it asks nobody else for anything, that
// its policy refuses nothing of it, and that axe-core finds nothing serious or
// critical on it, with all that is folded opened.
func TestBrowser(t *testing.T) {
	source := axe(t)
	w := newWorld(t)
	w.grown("Names that are rather long, as people give them")
	w.sign()
	c := newChromium(t, w, "maria-k")
	for _, path := range browserPages {
		c.open(path)
		for _, theme := range []string{"dark", "light"} {
			for _, width := range []int64{320, 1280} {
				c.show(width, theme)
				c.look(path, width, theme)
			}
		}
		c.accessible(path, source)
	}
	t.Run("keyboard", c.keyboard)
}

func (c *chromium) look(path string, width int64, theme string) {
	c.t.Helper()
	where := fmt.Sprintf("%s, %d px, %s", path, width, theme)
	if wide := ask[int64](c, `document.scrollingElement.scrollWidth`); wide > width {
		c.t.Errorf("%s: the page is %d px wide; over its edge: %s", where, wide, ask[string](c, `[...document.querySelectorAll('main *')]
			.filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(' … ')`))
	}
	paper := ask[string](c, `getComputedStyle(document.body).backgroundColor`)
	if dark := paper != "rgb(255, 255, 255)"; dark != (theme == "dark") {
		c.t.Errorf("%s: the paper is %s", where, paper)
	}
	// A browser takes its time to fetch the picture that fits.
	fits := "-" + map[bool]string{true: "narrow", false: "(wide|half)"}[width == 320] + "-" + theme + ".svg"
	for _, wrong := range ask[[]string](c, fmt.Sprintf(`(async () => {
		for (const end = Date.now() + 60000; ; await new Promise(r => setTimeout(r, 20))) {
			const wrong = [...document.images].filter(i => !i.currentSrc.match(%q) || !i.complete || !i.naturalWidth).map(i => i.currentSrc)
			if (!wrong.length || Date.now() > end) return wrong
		}})()`, fits)) {
		c.t.Errorf("%s shows %q, want one that ends in %s, and is drawn", where, wrong, fits)
	}
	for _, refused := range ask[[]string](c, `refused`) {
		c.t.Errorf("%s: the policy refused %s", where, refused)
	}
	c.mu.Lock()
	for _, request := range c.requested {
		if !strings.HasPrefix(request, c.w.server.URL+"/") && !strings.HasPrefix(request, "data:") { // the latter is of the browser's own fields
			c.t.Errorf("%s asks for %s", where, request)
		}
	}
	c.mu.Unlock()
	c.picture(path, width, theme)
}

// axe is where scripts/setup puts what looks at accessibility.
func axe(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("BARRAISER_TEST_TOOLS")
	if dir == "" {
		dir = filepath.Join(cmp.Or(os.Getenv("XDG_CACHE_HOME"), filepath.Join(os.Getenv("HOME"), ".cache")), "barraiser-test")
	}
	source, err := os.ReadFile(filepath.Join(dir, "axe", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no axe-core; run scripts/setup: %v", err)
		}
		t.Skip("no axe-core; run scripts/setup")
	}
	return string(source)
}

// accessible asks axe-core about the page that is open. Of the dark theme only the
// contrast is another.
func (c *chromium) accessible(path, source string) {
	c.t.Helper()
	type finding struct {
		ID, Impact, Help string
		Nodes            []struct{ HTML string }
	}
	type result struct {
		Passes     int
		Violations []finding
	}
	const run = `axe.run(document, %s).then(r => ({passes: r.passes.length, violations: r.violations.map(v =>
		({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map(n => ({html: n.html.slice(0, 160)}))}))}))`
	ask[bool](c, source+`; document.querySelectorAll('details').forEach(d => d.open = true); true`)
	for _, turn := range []struct {
		theme, options string
		passes         int
	}{
		{"light", `{}`, 10}, {"dark", `{runOnly: ['color-contrast']}`, 1},
	} {
		c.show(1280, turn.theme)
		found := ask[result](c, fmt.Sprintf(run, turn.options))
		if found.Passes+len(found.Violations) < turn.passes {
			c.t.Errorf("%s, %s: axe-core looked at %d things: it did not run", path, turn.theme, found.Passes)
		}
		for _, v := range found.Violations {
			if v.Impact == "serious" || v.Impact == "critical" {
				c.t.Errorf("%s, %s: %s, %s: %s, as %+v", path, turn.theme, v.Impact, v.ID, v.Help, v.Nodes[0])
			}
		}
	}
}

// keyboard holds that with the tab key alone one comes to each table that is wider
// than the screen, sees where one is, and can scroll it.
func (c *chromium) keyboard(t *testing.T) {
	c.open("/acme/pay/trend")
	c.show(320, "light")
	want := ask[int](c, `document.querySelectorAll('.scroll').length - document.querySelectorAll('details:not([open]) .scroll').length`)
	reached := map[string]bool{}
	for range 400 {
		c.must(chromedp.Do(c.ctx, chromedp.KeyEvent(kb.Tab)))
		at := ask[string](c, `document.activeElement.matches('.scroll') ? document.activeElement.ariaLabel : document.activeElement === document.body ? 'end' : ''`)
		if at == "end" {
			break
		}
		if at == "" || reached[at] {
			continue
		}
		reached[at] = true
		if style := ask[string](c, `getComputedStyle(document.activeElement).outlineStyle`); style != "solid" {
			t.Errorf("%q has the focus, and an outline that is %s", at, style)
		}
		if ask[bool](c, `document.activeElement.scrollWidth > document.activeElement.clientWidth`) {
			c.must(chromedp.Do(c.ctx, chromedp.KeyEvent(kb.ArrowRight)))
			deadline := time.Now().Add(time.Minute)
			for ask[float64](c, `document.activeElement.scrollLeft`) == 0 && time.Now().Before(deadline) {
			}
			if ask[float64](c, `document.activeElement.scrollLeft`) == 0 {
				t.Errorf("%q is not scrolled by the arrow keys", at)
			}
		}
	}
	if len(reached) != want || want < 2 {
		t.Errorf("the tab key came to %d of %d tables: %v", len(reached), want, reached)
	}
}
