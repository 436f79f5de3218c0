package system_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/store/storetest"
)

var update = flag.Bool("update", false, "rewrite the transcripts in docs/overrides.md")

// followed is the policy with people above each other. They work at any time,
// since so do the tests: but for the minute before midnight, which is far away where
// they are.
var followed = policy + strings.ReplaceAll(`overrides: {allowed: [sam-r], reason: 10, channel: "#eng-leads", acknowledge: 3d}
people:
  ann-k:   {emails: [ann-k@acme.example], manager: sam-r, timezone: ZONE}
  maria-k: {emails: [maria-k@acme.example], timezone: ZONE}
  jo-b:    {emails: [jo-b@acme.example], timezone: ZONE}
  sam-r:   {emails: [sam-r@acme.example], manager: dora-m, timezone: ZONE}
  dora-m:  {emails: [dora-m@acme.example], timezone: ZONE}
hours: {days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "23:59"}
`, "ZONE", morning(time.Now()))

// morning is a time zone in which it is not yet noon.
func morning(now time.Time) string {
	if now.UTC().Hour() < 12 {
		return "UTC"
	}
	return "Etc/GMT+12" // twelve hours behind
}

// A life is an override on a GitHub and in a Slack that others wrote, with what
// was said in it.
type life struct {
	*emulated
	slack  *slackEmulator
	number int
	head   string
	lines  strings.Builder
	seen   map[string]bool // of messages, by place, ts and text
}

func newLife(t *testing.T, g *emulated, slack *slackEmulator, branch string) *life {
	t.Helper()
	l := &life{emulated: g, slack: slack, seen: map[string]bool{}}
	for _, where := range []string{"#eng-leads", "@maria-k", "@jo-b", "@sam-r", "@dora-m"} {
		for _, m := range slack.said(where) {
			l.seen[where+m.TS+m.words()] = true
		}
	}
	l.head = g.tree.commit(branch, "ann-k", "Use the store", g.base, map[string]string{
		"pay/" + branch + ".go": "package pay\n\nimport \"acme.example/pay/store\"\n\n// Cost of " + branch + ".\nfunc cost() int { return store.Get() }\n",
	})
	var pull struct{ Number int }
	g.by("ann-k", "POST", "/pulls", map[string]any{"title": "Use the store", "head": branch, "base": "main"}, &pull)
	l.number = pull.Number
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("on #%d:\n%s", l.number, strings.Join(g.comments(l.number), "\n----\n"))
		}
	})
	l.note("On GitHub", "ann-k opens a pull request, \"Use the store\"")
	l.concludes(l.head, "action_required")
	l.show()
	return l
}

// note writes what happened into the transcript.
func (l *life) note(where, what string) {
	fmt.Fprintf(&l.lines, "%s: %s\n", where, strings.ReplaceAll(what, "\n", "\n    "))
}

// show writes what the check shows by now.
func (l *life) show() {
	c := l.check(l.head)
	l.note("The check", c.Conclusion+", \""+c.Output.Title+"\"")
}

// says comments on the pull request.
func (l *life) says(login, text string) int64 {
	l.t.Helper()
	var comment struct{ ID int64 }
	l.by(login, "POST", fmt.Sprintf("/issues/%d/comments", l.number), map[string]any{"body": text}, &comment)
	l.note("On GitHub", login+" comments: "+text)
	return comment.ID
}

// answered waits for the reaction to a comment.
func (l *life) answered(comment int64, reaction string) {
	l.t.Helper()
	eventually(l.t, "the reaction is "+reaction, func() bool { return l.host.reacted(fmt.Sprintf("%d %s", comment, reaction)) })
}

// told waits for a message, and writes it into the transcript.
func (l *life) told(where, text string) slackMessage {
	l.t.Helper()
	m := l.slack.tells(where, text, fmt.Sprintf(" #%d ", l.number))
	in := where
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		in += ", in the thread"
	}
	if key := where + m.TS + m.words(); !l.seen[key] {
		l.seen[key] = true
		l.note("In Slack, "+in, "\n"+m.words())
	}
	return m
}

// merge merges the pull request.
func (l *life) merge(login string) {
	l.t.Helper()
	var merged struct{ SHA string }
	l.by(login, "PUT", fmt.Sprintf("/pulls/%d/merge", l.number), map[string]any{"sha": l.head}, &merged)
	var c gitCommit
	l.by(login, "GET", "/git/commits/"+merged.SHA, nil, &c)
	l.tree.take(c)
	l.note("On GitHub", login+" merges it")
}

// ledger waits for an entry in the ledger, and has the program verify it.
func (l *life) ledger(entry string) {
	l.t.Helper()
	eventually(l.t, "the ledger has "+entry, func() bool {
		return strings.Contains(l.server.run("ledger", "show", "--last", "100"), entry)
	})
	if verified := l.server.run("ledger", "verify"); !strings.Contains(verified, "entries") {
		l.t.Errorf("ledger verify = %s", verified)
	}
}

// declared is the life of a declared override: asked, refused to the wrong role,
// granted, posted, acknowledged, promised, kept.
func declared(t *testing.T, g *emulated, slack *slackEmulator) string {
	l := newLife(t, g, slack, "hotfix")
	asked := "@maria-k"
	if len(slack.said(asked)) == 0 {
		eventually(t, "somebody is asked", func() bool { return len(slack.said("@maria-k"))+len(slack.said("@jo-b")) > 0 })
		if len(slack.said(asked)) == 0 {
			asked = "@jo-b"
		}
	}
	l.told(asked, "Your sign-off is asked")
	l.answered(l.says("ann-k", "/bar override "+l.head[:8]+" Customers are charged twice"), "confused")
	l.note("The bot", "reacts with confused: ann-k may not")
	due := time.Now().AddDate(0, 0, 14).UTC().Format(time.DateOnly)
	l.answered(l.says("sam-r", "/bar override "+l.head[:8]+" Customers are charged twice; INC-881"), "+1")
	l.concludes(l.head, "neutral")
	l.show()
	first := l.told("#eng-leads", "goes in without sign-off")
	if note, _ := first.Metadata.Payload["checkpoint"].(string); !strings.Contains(note, "— ") {
		t.Errorf("metadata of the message = %v, want the signed checkpoint of the ledger in it", first.Metadata.Payload)
	}
	g.unprotect() // a check that is neutral is good enough for GitHub, and not for the emulator
	l.merge("sam-r")
	g.protect()
	l.told("#eng-leads", "Merged, overridden by sam-r")
	ask := l.told("@dora-m", "To acknowledge")
	name := regexp.MustCompile(`OVR-\d+`).FindString(ask.words())
	if name == "" {
		t.Fatalf("the message names no override:\n%s", ask.words())
	}
	value := regexp.MustCompile(`"value":"([^"]+)"`).FindStringSubmatch(string(ask.Blocks))
	if len(value) != 2 {
		t.Fatalf("the message has no button: %s", ask.Blocks)
	}
	// Slack knows her, and we know her address; that proves nothing.
	if status := slack.press(g.server.url, "dora-m", "@dora-m", "acknowledge", value[1]); status != http.StatusOK {
		t.Errorf("pressed: %d, want 200", status)
	}
	l.note("In Slack", "dora-m presses Acknowledge, and is told that nothing was recorded: she has not shown who she is on GitHub")
	if answer := slack.command(g.server.url, "dora-m", ""); !strings.Contains(answer, "not shown yet") {
		t.Errorf("/bar-raiser = %s", answer)
	}
	l.answered(l.says("ann-k", "/bar acknowledge "+name), "confused")
	l.note("The bot", "reacts with confused: ann-k is not above sam-r")
	newBrowser(t, "dora-m").links(slack, g)
	l.note("In Slack", "dora-m asks for a link with /bar-raiser link, signs in with GitHub, and agrees on the page")
	l.presses("dora-m", "@dora-m", "Acknowledge", ask)
	if status := slack.again(g.server.url); status != http.StatusOK {
		t.Errorf("the same click again: %d, want 200", status)
	}
	l.told("#eng-leads", name+": acknowledged by dora-m")
	l.answered(l.says("sam-r", "/bar promise "+name+" PAY-1301 "+due), "+1")
	l.told("#eng-leads", "PAY-1301")
	l.answered(l.says("sam-r", "/bar kept "+name+" https://ci.example/run/7"), "+1")
	l.presses("dora-m", "@dora-m", "It was kept", l.told("@dora-m", "Was it kept?"))
	l.told("#eng-leads", "checked by dora-m")
	l.ledger("kept")
	if n := l.entries("acknowledged"); n != 1 {
		t.Errorf("%d entries of the acknowledgement in the ledger, want 1", n)
	}
	return l.lines.String()
}

// undeclared is the life of an override that nobody declared: merged without
// sign-off, detected, told, justified.
func undeclared(t *testing.T, g *emulated, slack *slackEmulator) string {
	l := newLife(t, g, slack, "quick")
	g.unprotect()
	l.note("On GitHub", "sam-r takes the protection of main away")
	l.merge("sam-r")
	l.told("#eng-leads", "was merged without sign-off")
	ask := l.told("@sam-r", "Say why")
	name := regexp.MustCompile(`OVR-\d+`).FindString(ask.words())
	if name == "" {
		t.Fatalf("the message names no override:\n%s", ask.words())
	}
	l.told("@dora-m", name)
	l.answered(l.says("ann-k", "/bar justify "+name+" It was urgent, I think"), "confused")
	l.note("The bot", "reacts with confused: ann-k did not merge it")
	l.answered(l.says("sam-r", "/bar justify "+name+" The queue stood still and nobody was awake to sign"), "+1")
	l.told("#eng-leads", name+": sam-r says why")
	l.ledger("justified")
	return l.lines.String()
}

// TestOverrides is the life of a declared override and of one that nobody
// declared, on a GitHub and in a Slack that others wrote, on each database. What was
// said is the same on both, and is in docs/overrides.md.
func TestOverrides(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			slack := newSlackEmulator(t)
			settings := map[string]string{
				"SLACK_TOKEN": slackToken, "SLACK_SIGNING_SECRET": slackSecret, "SLACK_API_URL": slack.api,
				"GITHUB_CLIENT_ID": "Iv1.0123456789abcdef", "GITHUB_CLIENT_SECRET": "not a client secret",
			}
			if engine == postgres {
				settings["DATABASE_URL"] = storetest.URL(t, engine)
			}
			g := newEmulated(t, followed, settings)
			told := map[string]string{"declared": tidy(declared(t, g, slack)), "undeclared": tidy(undeclared(t, g, slack))}
			g.server.stop()
			transcripts(t, told)
		})
	}
}

// tidy takes out what differs each time.
func tidy(s string) string {
	for _, r := range []struct{ pattern, with string }{
		{`\b[0-9a-f]{7,40}\b`, "9f2c1ab"},
		{`(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ [A-Z][a-z]{2}( \d{4})? \d\d:\d\d UTC`, "Wed 25 Nov 09:00 UTC"},
		{`\b20\d\d-\d\d-\d\d\b`, "2026-12-04"},
		{`, asked [^\n]* before`, ", asked 2 h before"},
		{`\b(maria-k|jo-b)\b`, "maria-k"},
		{`OVR-\d+`, "OVR-7"}, // it counts all entries, and how many there are by then hangs on what is seen first
		{`(?m)[ \t\x{200b}]+$`, ""}, {`\x{200b}`, ""},
	} {
		s = regexp.MustCompile(r.pattern).ReplaceAllString(s, r.with)
	}
	return s
}

// transcribing is held while the page is rewritten.
var transcribing sync.Mutex

// transcripts compares what was said with the page, or writes it there.
func transcripts(t *testing.T, told map[string]string) {
	t.Helper()
	transcribing.Lock()
	defer transcribing.Unlock()
	name := filepath.Join("..", "..", "docs", "overrides.md")
	content, err := os.ReadFile(name)
	must(t, err)
	page := string(content)
	for title, text := range told {
		begin, end := "<!-- transcript: "+title+" -->\n", "<!-- /transcript -->"
		before, rest, ok := strings.Cut(page, begin)
		old, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("%s has no place for the transcript %q", name, title)
		}
		want := "\n```\n" + text + "```\n\n"
		if diff := cmp.Diff(old, want); diff != "" && !*update {
			t.Errorf("%s, %s (-page +said; go test ./internal/system -run Overrides -update rewrites it):\n%s", name, title, diff)
		}
		page = before + begin + want + end + after
	}
	if *update {
		must(t, os.WriteFile(name, []byte(page), 0o644))
	}
}
