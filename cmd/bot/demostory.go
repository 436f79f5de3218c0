package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/slack/slacktest"
)

// demoFiles are the trees of the demo: base is the repository as it begins, each
// other folder is what a pull request changes.
//
//go:embed all:demo
var demoFiles embed.FS

const demoRepo = "acme/pay"

// demoStory makes the history of the demo, through the simulated GitHub alone.
type demoStory struct {
	hub  *githubtest.Server
	chat *slacktest.Server
	// pages is the address of the server.
	pages string
	out   io.Writer
}

var demoPeople = []githubtest.User{
	{Login: "ann-k", Name: "Ann K", Email: "ann@acme.example"},
	{Login: "ben-t", Name: "Ben T", Email: "ben@acme.example"},
	{Login: "maria-k", Name: "Maria K", Email: "maria@acme.example"},
	{Login: "jo-b", Name: "Jo B", Email: "jo@acme.example"},
	{Login: "sam-r", Name: "Sam R", Email: "sam@acme.example"},
	{Login: "dora-m", Name: "Dora M", Email: "dora@acme.example"},
}

// demoBranch is what a visitor may open a pull request from: a folder of demoFiles
// as well. Its author belongs to the team whose code it changes.
const demoBranch, demoAuthor, demoTitle = "statement", "ann-k", "Write statements of what was charged"

// demoPull is a pull request of the demo: a folder of demoFiles, and what
// becomes of it.
type demoPull struct {
	folder, author, title, body string
	draft                       bool
	then                        func(s *demoStory, ctx context.Context, number int, head string) error
}

var demoPulls = []demoPull{
	{folder: "rounding", author: "ann-k", title: "Round half to even", then: (*demoStory).mergeWhenGreen},
	{folder: "edge", author: "ben-t", title: "Read rates from the store", then: (*demoStory).signAndMerge,
		body: "## Press release\n\nCustomers see today's rates, not those of the last deploy.\n"},
	{folder: "hotfix", author: "ann-k", title: "Restart the ledger when refunds stick", then: (*demoStory).overrideAndMerge,
		body: "Refunds are stuck since this morning.\n"},
	{folder: "schema", author: "ben-t", title: "Rename a column of the public report",
		body: "## Press release\n\nReports name amounts as the bank does.\n"},
	{folder: "draft", author: "ann-k", title: "Try another way to settle", draft: true},
}

// tell makes the history.
func (s *demoStory) tell(ctx context.Context) error {
	if err := s.begin(); err != nil {
		return err
	}
	for _, p := range demoPulls {
		number, head, err := s.open(p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.folder, err)
		}
		s.say("#%d %q by %s", number, p.title, p.author)
		if err := s.judged(ctx, head); err != nil {
			return fmt.Errorf("%s: %w", p.folder, err)
		}
		s.say("   %s", s.check(head).Output.Title)
		if p.then != nil {
			if err := p.then(s, ctx, number, head); err != nil {
				return fmt.Errorf("%s: %w", p.folder, err)
			}
		}
	}
	files, err := demoFolder(demoBranch)
	if err != nil {
		return err
	}
	if _, err := s.hub.Commit(demoRepo, githubtest.Commit{Branch: demoBranch, Pusher: demoAuthor, Message: demoTitle, Files: files}); err != nil {
		return fmt.Errorf("%s: %w", demoBranch, err)
	}
	s.say(demoSteps, s.hub.URL(), demoRepo, demoAuthor, demoBranch, s.chat.URL(), s.pages)
	return nil
}

// demoSteps are what a visitor is told to try: the simulated GitHub, the repository,
// an author, a branch, the simulated Slack, the pages.
const demoSteps = `
Ready. Try:

 1. Open a pull request. On %[1]s/%[2]s be %[3]s, whom you
    choose at the top, and open one from the branch %[4]s. Seconds later its check
    says whose sign-off is needed, and why, and it cannot be merged.
 2. Sign it off: be whom it asks, and press Approve. The check turns green, and it
    can be merged. Try the comment /bar signoff SHA as %[3]s before: an author's word
    counts for nothing, and is answered so.
 3. Go past the bar: as sam-r comment /bar override SHA REASON on pull request 4, as
    Bar Raiser's comment there says. Its check turns neutral, and it can be merged.
 4. See who is told, on %[5]s: as Dora M acknowledge the override
    of pull request 3 in #eng-leads. The first time it asks who that is on GitHub:
    follow its link, be dora-m there, agree, and press Acknowledge once more. What
    sam-r offered with it, PAY-14 in two weeks, is a promise from there on.
 5. See what is kept, on %[6]s: sign in as sam-r, whom the bar
    concerns most. There are the pull requests, the overrides, and under /trend the
    debt of the last weeks, which are made up.
`

func (s *demoStory) say(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

// begin makes the people and the repository, and installs the App.
func (s *demoStory) begin() error {
	s.chat.AddChannel("#eng-leads")
	var logins []string
	for _, p := range demoPeople {
		s.chat.AddMember(slacktest.Member{Name: p.Login, RealName: p.Name, Email: p.Email, Timezone: time.Local.String()})
		if _, err := s.hub.AddUser(p); err != nil {
			return err
		}
		logins = append(logins, p.Login)
	}
	if _, err := s.hub.AddOrg("acme", logins...); err != nil {
		return err
	}
	if _, err := s.hub.AddRepository(githubtest.Repository{Owner: "acme", Name: "pay", Description: "Payments"}); err != nil {
		return err
	}
	for _, login := range logins {
		if err := s.hub.SetCollaborator(demoRepo, login, githubtest.PermissionWrite); err != nil {
			return err
		}
	}
	// Who has to get in whatever the checks say: an administrator.
	if err := s.hub.SetCollaborator(demoRepo, "sam-r", githubtest.PermissionAdmin); err != nil {
		return err
	}
	files, err := demoFolder("base")
	if err != nil {
		return err
	}
	if err := s.history(files, time.Now()); err != nil {
		return err
	}
	required := []githubtest.RequiredCheck{{Name: "bar-raiser", AppID: s.hub.App().ID}}
	if err := s.hub.Protect(demoRepo, githubtest.Rule{RequiredChecks: required}); err != nil {
		return err
	}
	_, err = s.hub.Install("acme")
	return err
}

// demoFolder reads a folder of demoFiles. Go files have .txt behind their names,
// so that they are no part of this program.
func demoFolder(name string) (map[string]string, error) {
	files := map[string]string{}
	root := path.Join("demo", name)
	err := fs.WalkDir(demoFiles, root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := demoFiles.ReadFile(file)
		files[strings.TrimSuffix(strings.TrimPrefix(file, root+"/"), ".txt")] = string(data)
		return err
	})
	return files, err
}

func (s *demoStory) open(p demoPull) (number int, head string, err error) {
	files, err := demoFolder(p.folder)
	if err != nil {
		return 0, "", err
	}
	if head, err = s.hub.Commit(demoRepo, githubtest.Commit{Branch: p.folder, Pusher: p.author, Message: p.title, Files: files}); err != nil {
		return 0, "", err
	}
	number, err = s.hub.OpenPull(demoRepo, githubtest.Pull{Author: p.author, Title: p.title, Body: p.body, Head: p.folder, Draft: p.draft})
	return number, head, err
}

func (s *demoStory) check(head string) githubtest.Check {
	checks, err := s.hub.Checks(demoRepo, head)
	if err != nil {
		return githubtest.Check{}
	}
	i := slices.IndexFunc(checks, func(c githubtest.Check) bool { return c.Name == "bar-raiser" })
	if i < 0 {
		return githubtest.Check{}
	}
	return checks[i]
}

// demoPatience is how long one step may take on a slow machine.
const demoPatience = 3 * time.Minute

// until waits for the check of a commit.
func (s *demoStory) until(ctx context.Context, head string, is func(githubtest.Check) bool) error {
	ctx, stop := context.WithTimeout(ctx, demoPatience)
	defer stop()
	for !is(s.check(head)) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the check of %s stays %q: %w", head[:7], s.check(head).Output.Title, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

func (s *demoStory) judged(ctx context.Context, head string) error {
	return s.until(ctx, head, func(c githubtest.Check) bool { return c.Conclusion != "" })
}

func green(c githubtest.Check) bool { return c.Conclusion == "success" || c.Conclusion == "neutral" }

func (s *demoStory) mergeWhenGreen(ctx context.Context, number int, head string) error {
	if err := s.until(ctx, head, green); err != nil {
		return err
	}
	_, err := s.hub.MergePull(demoRepo, number, "ann-k", githubtest.Merge{SHA: head})
	return err
}

// signAndMerge lets whoever may sign do it.
func (s *demoStory) signAndMerge(ctx context.Context, number int, head string) error {
	for _, login := range []string{"maria-k", "jo-b"} {
		if _, err := s.hub.AddReview(demoRepo, number, githubtest.Review{Author: login, State: githubtest.ReviewApproved, Body: "Read it; the edge is the right one."}); err != nil {
			return err
		}
	}
	if err := s.until(ctx, head, green); err != nil {
		return err
	}
	s.say("   signed off, merged")
	_, err := s.hub.MergePull(demoRepo, number, "ben-t", githubtest.Merge{SHA: head})
	return err
}

// overrideAndMerge goes in without a sign-off, and says so.
func (s *demoStory) overrideAndMerge(ctx context.Context, number int, head string) error {
	text := "/bar override " + head[:8] + " Refunds are stuck, customers call; INC-881 --follow-up PAY-14 --due " + time.Now().AddDate(0, 0, 14).Format(time.DateOnly)
	if _, err := s.hub.Comment(demoRepo, number, "sam-r", text); err != nil {
		return err
	}
	if err := s.until(ctx, head, green); err != nil {
		return err
	}
	s.say("   overridden by sam-r, merged")
	_, err := s.hub.MergePull(demoRepo, number, "sam-r", githubtest.Merge{SHA: head})
	return err
}
