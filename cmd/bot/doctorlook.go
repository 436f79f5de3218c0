package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/sandbox"
	"github.com/barraiser/barraiser/internal/slack"
	"github.com/barraiser/barraiser/internal/store"
)

// A patient is what the examinations look at. What one of them found out, those
// after it use.
type patient struct {
	config    serveConfig
	wrong     []error
	toolchain engine.Toolchain
	app       doctorApp // of doctorgithub.go
	db        *store.DB // nil: it could not be opened, or there is none yet
}

func (p *patient) close() {
	if p.db != nil {
		p.db.Close() // nothing was written
	}
}

// examinations has a row for each thing, in the order in which they build on each
// other.
var examinations = []struct {
	name string
	look func(p *patient, ctx context.Context) []symptom
}{
	{"toolchain", (*patient).lookToolchain},
	{"git", (*patient).lookGit},
	{"configuration", (*patient).lookSettings},
	{"data folder", (*patient).lookData},
	{"store", (*patient).lookStore},
	{"sandbox", (*patient).lookSandbox},
	{"app", (*patient).lookApp},
	{"clock", (*patient).lookClock},
	{"permissions", (*patient).lookPermissions},
	{"deliveries", (*patient).lookDeliveries},
	{"public url", (*patient).lookPublicURL},
	{"slack", (*patient).lookSlack},
	{"people", (*patient).lookPeople},
}

func (p *patient) lookToolchain(ctx context.Context) []symptom {
	t, err := engine.FindToolchain(ctx)
	if err != nil {
		return []symptom{broken("install Go, https://go.dev/dl, and put it on the server's PATH", "%v", err)}
	}
	p.toolchain = t
	return []symptom{fine("%s in %s", t.Version, t.Root)}
}

// leastGit is the version of git that has merge-tree --write-tree.
var leastGit = [2]int{2, 38}

var gitVersion = regexp.MustCompile(`(\d+)\.(\d+)`)

func (p *patient) lookGit(ctx context.Context) []symptom {
	need := fmt.Sprintf("install git %d.%d or newer", leastGit[0], leastGit[1])
	out, err := exec.CommandContext(ctx, "git", "--version").Output()
	if err != nil {
		return []symptom{broken(need, "git does not run: %v", err)}
	}
	says := strings.TrimSpace(string(out))
	m := gitVersion.FindStringSubmatch(says)
	if m == nil {
		return []symptom{doubtful(need, "%.80q is no version", says)}
	}
	var v [2]int
	for i := range v {
		if v[i], err = strconv.Atoi(m[i+1]); err != nil {
			return []symptom{doubtful(need, "%.80q is no version", says)}
		}
	}
	if slices.Compare(v[:], leastGit[:]) < 0 {
		return []symptom{broken(need, "%s is too old", says)}
	}
	return []symptom{fine("%s", says)}
}

func (p *patient) lookSettings(context.Context) (out []symptom) {
	for _, err := range p.wrong {
		out = append(out, broken("set it; or start bot serve without any of the App's settings, for a page that registers one", "%v", err))
	}
	if p.config.webhookOld != nil {
		out = append(out, doubtful("take "+envPrefix+"GITHUB_WEBHOOK_SECRET_OLD away once the new secret is on GitHub", "two webhook secrets are accepted"))
	}
	if p.config.clientID == "" || p.config.clientSecret == "" {
		out = append(out, doubtful("set "+envPrefix+"GITHUB_CLIENT_ID and "+envPrefix+"GITHUB_CLIENT_SECRET", "nobody can sign in to the pages"))
	}
	if len(out) == 0 {
		out = append(out, fine("complete"))
	}
	return out
}

func (p *patient) lookData(context.Context) []symptom {
	dir := p.config.data
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return []symptom{fine("%s will be made at the first start", dir)}
	}
	if err != nil || !info.IsDir() {
		return []symptom{broken("give the server a folder of its own", "%s is no folder that can be used: %v", dir, err)}
	}
	probe, err := os.CreateTemp(dir, "doctor-")
	if err != nil {
		return []symptom{broken("let the server's user write there, and run the doctor as that user", "%v", err)}
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return []symptom{broken("look at the file system", "%v", err)}
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return []symptom{doubtful("chmod 700 "+dir, "other users may look into %s (%v)", dir, mode)}
	}
	return []symptom{fine("%s", dir)}
}

// backlogAge is since when a subject may wait before that is worth a word.
const backlogAge = 10 * time.Minute

func (p *patient) lookStore(ctx context.Context) []symptom {
	db, version, newest, err := store.OpenAsIs(ctx, p.config.database)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []symptom{fine("an SQLite file will be made at the first start")}
	case err != nil:
		return []symptom{broken("look at "+envPrefix+"DATABASE_URL, and whether the database runs", "%v", err)}
	case version > newest:
		return []symptom{broken("use the program that wrote it, or a newer one", "the tables are of version %d and this program knows %d", version, newest), closing(db)}
	case version < newest:
		return []symptom{doubtful("take a backup before you start this program", "the tables are of version %d and the next start brings them to %d", version, newest), closing(db)}
	}
	p.db = db
	out := []symptom{fine("%s, tables of version %d", db.Engine(), version)}
	b, err := db.Backlog(ctx)
	switch {
	case err != nil:
		out = append(out, broken("look at the database", "%v", err))
	case !b.Oldest.IsZero() && time.Since(b.Oldest) > backlogAge:
		out = append(out, doubtful("see that a worker runs, and its log", "%d subjects wait, the oldest since %s", b.Subjects, b.Oldest.Format(time.RFC3339)))
	}
	letters, err := db.Letters(ctx, 1000)
	if err == nil && len(letters) > 0 {
		out = append(out, doubtful("see the page of operations", "%d effects fail; the oldest: %s", len(letters), letters[0].Problem))
	}
	return out
}

// closing closes a store that is of no use to the others, and says that it was.
func closing(db *store.DB) symptom {
	if err := db.Close(); err != nil {
		return doubtful("", "%v", err)
	}
	return fine("%s answers", db.Engine())
}

func (p *patient) lookSandbox(ctx context.Context) []symptom {
	if p.config.sandbox == sandbox.Off {
		return []symptom{doubtful("set "+envPrefix+"SANDBOX to auto", "it is off: what judges code is confined by nothing")}
	}
	s := sandbox.Find()
	escapes, err := s.Escapes(ctx)
	if err == nil && p.toolchain.Bin != "" {
		err = tryWithin(ctx, s, p.toolchain)
	}
	strict := p.config.sandbox == sandbox.Strict
	switch {
	case err != nil && strict:
		return []symptom{broken("see docs/server.md, Sandbox", "nothing is judged, since it is strict and does not hold: %v", err)}
	case err != nil:
		return []symptom{doubtful("see docs/server.md, Sandbox", "code is judged without one: %v", err)}
	case len(escapes) > 0:
		found := fmt.Sprintf("a process in it can %s (layers: %s%s)", strings.Join(escapes, ", "), s, missingLayers(s))
		if strict {
			return []symptom{broken("see docs/server.md, Sandbox", "nothing is judged, since it is strict: %s", found)}
		}
		return []symptom{doubtful("see docs/server.md, Sandbox", "%s", found)}
	}
	return []symptom{fine("%s; no attempt to escape succeeds", s)}
}

// tryWithin judges a module of two packages within a sandbox.
func tryWithin(ctx context.Context, s sandbox.Sandbox, t engine.Toolchain) (err error) {
	scratch, err := ownScratch(defaultCache())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, scratch.Close()) }()
	return engine.TrySandbox(ctx, s, t, scratch.Dir)
}

// outside is how long the doctor waits for an answer.
const outside = 15 * time.Second

func (p *patient) lookPublicURL(ctx context.Context) []symptom {
	u, err := url.Parse(p.config.publicURL)
	if err != nil || u.Host == "" {
		return []symptom{broken("set "+envPrefix+"PUBLIC_URL", "%q is no address", p.config.publicURL)}
	}
	var out []symptom
	switch host := u.Hostname(); {
	case host == "localhost" || host == "127.0.0.1" || host == "::1":
		out = append(out, doubtful("set "+envPrefix+"PUBLIC_URL to the address that GitHub and people reach", "%s is this machine only: links lead nowhere for others", p.config.publicURL))
	case u.Scheme != "https":
		out = append(out, doubtful("put a proxy with TLS before it", "%s is without TLS, and people sign in there", p.config.publicURL))
	}
	ctx, stop := context.WithTimeout(ctx, outside)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(p.config.publicURL, "/")+"/healthz", nil)
	if err != nil {
		return append(out, broken("set "+envPrefix+"PUBLIC_URL", "%v", err))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return append(out, doubtful("start the server, and see that the proxy leads to it", "nothing answers there: %v", err))
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return append(out, doubtful("see that the proxy leads to the server", "%s/healthz answers %d", p.config.publicURL, resp.StatusCode))
	}
	return append(out, fine("%s answers", p.config.publicURL))
}

func (p *patient) lookSlack(ctx context.Context) []symptom {
	if p.config.slackToken == "" {
		return []symptom{fine("not configured: nobody is told there")}
	}
	var out []symptom
	if p.config.slackSecret == "" {
		out = append(out, doubtful("set "+envPrefix+"SLACK_SIGNING_SECRET", "buttons in Slack are refused"))
	}
	lacking, err := slack.LackingScopes(ctx, p.config.slackToken, p.config.slackURL)
	refused, isRefused := errors.AsType[*slack.RefusedError](err)
	switch {
	case isRefused:
		out = append(out, broken("take the bot's token of the installed Slack app", "%v", refused))
	case err != nil:
		out = append(out, doubtful("look at the network", "%v", err))
	case len(lacking) > 0:
		out = append(out, broken("update the Slack app by docs/slack-manifest.yml and install it again", "the token lacks %s", strings.Join(lacking, ", ")))
	default:
		out = append(out, fine("the token has its %d scopes", len(slack.Scopes)))
	}
	return out
}
