package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/github"
)

// doctorApp is what GitHub said of the App.
type doctorApp struct {
	host         *github.App // nil: the settings do not make one
	registration *github.Registration
	here         time.Time // our clock when GitHub told its own
}

func (p *patient) lookApp(ctx context.Context) []symptom {
	c := p.config
	if c.appID == 0 || len(c.privateKey) == 0 {
		return []symptom{broken("start bot serve without any of the App's settings, for a page that registers one", "there is no App yet")}
	}
	host, err := github.New(slog.New(slog.NewTextHandler(io.Discard, nil)), github.Config{
		AppID: c.appID, Key: c.privateKey, APIURL: c.apiURL, GitURL: c.gitURL, WebURL: c.webURL,
	})
	if err != nil {
		return []symptom{broken("download a new private key from the App's page", "%v", err)}
	}
	p.app.host = host
	ctx, stop := context.WithTimeout(ctx, outside)
	defer stop()
	r, err := host.Registration(ctx)
	if status, ok := errors.AsType[*github.StatusError](err); ok {
		do := "see that the App's number and key belong together, and to this GitHub"
		return []symptom{broken(do, "GitHub does not know the App %d by this key: answer %d", c.appID, status.Code)}
	}
	if err != nil {
		return []symptom{doubtful("look at the network, and at "+envPrefix+"GITHUB_API_URL", "GitHub could not be asked: %v", err)}
	}
	p.app.registration, p.app.here = &r, time.Now()
	out := []symptom{fine("%s, of %s", r.Slug, r.Owner)}
	var missing []string
	for _, e := range github.Subscribed {
		if !slices.Contains(r.Events, e) {
			missing = append(missing, e)
		}
	}
	if len(missing) > 0 {
		out = append(out, broken("tick them on "+p.settingsPage("permissions"), "the App is not sent the events %s", strings.Join(missing, ", ")))
	}
	if !slices.Contains(r.Events, github.MergeGroups) {
		out = append(out, doubtful("where a repository has a merge queue, let the App read merge queues and tick the event on "+p.settingsPage("permissions"),
			"the App is not sent the event %s: a merge queue waits for its check in vain", github.MergeGroups))
	}
	return out
}

// settingsPage is a page of the App's settings. Those of an organisation are
// elsewhere; GitHub leads there from this address as well.
func (p *patient) settingsPage(name string) string {
	return strings.TrimSuffix(p.config.webURL, "/") + "/settings/apps/" + p.app.registration.Slug + "/" + name
}

// How far the clocks may be apart. A token of the App holds for ten minutes and
// may not begin in GitHub's future.
const (
	clockWorry = 10 * time.Second
	clockBreak = time.Minute
)

func (p *patient) lookClock(context.Context) []symptom {
	if p.app.registration == nil || p.app.registration.Clock.IsZero() {
		return []symptom{doubtful("", "not compared: GitHub could not be asked")}
	}
	const do = "let the machine keep its clock by NTP"
	off := p.app.here.Sub(p.app.registration.Clock).Round(time.Second)
	switch {
	case off.Abs() >= clockBreak:
		return []symptom{broken(do, "%v apart from GitHub's; its tokens will be refused", off)}
	case off.Abs() >= clockWorry:
		return []symptom{doubtful(do, "%v apart from GitHub's", off)}
	}
	return []symptom{fine("with GitHub's, to the second or so")}
}

func (p *patient) lookPermissions(ctx context.Context) (out []symptom) {
	if p.app.registration == nil {
		return []symptom{doubtful("", "not known: GitHub could not be asked")}
	}
	if lacking := github.Lacking(p.app.registration.Permissions); len(lacking) > 0 {
		out = append(out, broken("set them on "+p.settingsPage("permissions"), "the App does not ask for %s", strings.Join(lacking, ", ")))
	}
	ctx, stop := context.WithTimeout(ctx, outside)
	defer stop()
	all, err := p.app.host.Installations(ctx)
	switch {
	case err != nil:
		return append(out, doubtful("look at the network", "installations: %v", err))
	case len(all) == 0:
		page := strings.TrimSuffix(p.app.registration.Page, "/")
		return append(out, doubtful("install it: "+page+"/installations/new", "the App is installed nowhere"))
	}
	granted := 0
	for _, i := range all {
		lacking := github.Lacking(i.Permissions)
		switch {
		case i.Suspended:
			out = append(out, doubtful("unsuspend it on "+i.Page, "suspended in %s", i.Owner.Login))
		case len(lacking) > 0:
			out = append(out, broken("an owner approves it on "+strings.TrimSuffix(i.Page, "/")+"/permissions/update",
				"%s has not granted %s", i.Owner.Login, strings.Join(lacking, ", ")))
		default:
			granted++
		}
	}
	if granted > 0 {
		out = append(out, fine("granted in %d of %d accounts", granted, len(all)))
	}
	return out
}

func (p *patient) lookDeliveries(ctx context.Context) []symptom {
	if p.app.registration == nil {
		return []symptom{doubtful("", "not known: GitHub could not be asked")}
	}
	ctx, stop := context.WithTimeout(ctx, 2*outside)
	defer stop()
	list, whole, err := p.app.host.DeliveriesSince(ctx, time.Now().Add(-24*time.Hour))
	if err != nil {
		return []symptom{doubtful("look at the network", "not known: %v", err)}
	}
	if len(list) == 0 {
		return []symptom{doubtful("see that the webhook is active and leads here: "+p.settingsPage("hooks"), "none in the last day")}
	}
	// Of several attempts of one delivery the last counts.
	last := map[string]github.HookDelivery{}
	for _, d := range list {
		last[d.GUID] = d
	}
	failed, byStatus := 0, map[int]int{}
	for _, d := range last {
		if d.Status < 200 || d.Status > 299 {
			failed++
			byStatus[d.Status]++
		}
	}
	more := ""
	if !whole {
		more = " or more"
	}
	if failed == 0 {
		return []symptom{fine("%d%s in the last day, all taken", len(last), more)}
	}
	worst, n := 0, 0
	for status, count := range byStatus {
		if count > n || count == n && status < worst {
			worst, n = status, count
		}
	}
	found := fmt.Sprintf("%d of %d%s in the last day were not taken, most often with %s", failed, len(last), more, delivered(worst))
	do := "see the address of the webhook and the proxy before the server: " + p.settingsPage("hooks")
	if worst == 401 {
		do = "set the same webhook secret here and on " + p.settingsPage("hooks")
	}
	newest := list[len(list)-1]
	if newest.Status < 200 || newest.Status > 299 {
		return []symptom{broken(do, "%s; the newest among them", found)}
	}
	return []symptom{doubtful("the server asks for them again by itself", "%s; the newest was taken", found)}
}

// delivered is what came of a delivery.
func delivered(status int) string {
	if status == 0 {
		return "no answer"
	}
	return fmt.Sprintf("the answer %d", status)
}
