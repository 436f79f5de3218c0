// Package bot is the loop: it receives what happened, looks at what it happened
// to, and performs what comes of it.
//
//   - Receive stores a delivery and calls for a look. It is all that is done while
//     GitHub waits.
//   - Reconcile looks at one subject: it reads it afresh from the host and from
//     git, has its code judged where that was not done, and hands everything to
//     signoff.Advance, which is pure. What comes of it is committed at once:
//     record, ledger entries, effects.
//   - Perform does one effect on the host. A Put shows the newest record, whatever
//     called for it; a Tell is about one event.
//
// A delivery is only a hint. Reconcile gives the same answer when it came late,
// twice, out of order or never, and Sweep calls for it now and then.
//
// The package declares what it needs of the outside (Host) and does nothing
// there by itself.
package bot

import (
	"context"
	"log/slog"
	"time"

	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/ledger"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// Host is GitHub, as far as the loop needs it. Methods may be called
// concurrently. An error that wraps github.ErrNotFound says that what was asked
// for is not there, or not for us.
type Host interface {
	Installations(ctx context.Context) ([]github.Installation, error)
	Repositories(ctx context.Context, installation int64) ([]signoff.Repo, error)
	Repo(ctx context.Context, installation, id int64) (signoff.Repo, error)
	RepoNamed(ctx context.Context, installation int64, last signoff.Repo) (signoff.Repo, error)
	OrgFile(ctx context.Context, installation int64, repo signoff.Repo) (github.OrgPolicy, error)
	BranchTip(ctx context.Context, installation int64, repo signoff.Repo, branch string) (string, error)
	BranchRules(ctx context.Context, installation int64, repo signoff.Repo, branch string) (github.BranchRules, error)
	DeliveriesSince(ctx context.Context, since time.Time) (list []github.HookDelivery, whole bool, err error)
	Redeliver(ctx context.Context, id int64) error

	Pull(ctx context.Context, installation int64, repo signoff.Repo, number int, known string) (signoff.Pull, error)
	PullCommits(ctx context.Context, installation int64, repo signoff.Repo, number int) ([]github.CommitPeople, error)
	OpenPulls(ctx context.Context, installation int64, repo signoff.Repo) ([]github.OpenPull, error)
	PullsOf(ctx context.Context, installation int64, repo signoff.Repo, sha string) ([]github.CommitPull, error)
	MergedPullsOf(ctx context.Context, installation int64, repo signoff.Repo, sha string) ([]github.CommitPull, error)

	TeamMembers(ctx context.Context, installation int64, org, slug string) ([]signoff.Account, error)
	ForgetTeams(org string)
	Account(ctx context.Context, installation int64, login string) (signoff.Account, error)
	Permission(ctx context.Context, installation int64, repo signoff.Repo, who signoff.Account) (github.Permission, error)

	PutCheck(ctx context.Context, installation int64, repo signoff.Repo, check signoff.Check, known int64) (github.ShownCheck, error)
	Checks(ctx context.Context, installation int64, repo signoff.Repo, sha, name string) ([]github.ShownCheck, error)
	PutComment(ctx context.Context, installation int64, repo signoff.Repo, number int, comment github.Comment) (int64, error)
	PutInline(ctx context.Context, installation int64, repo signoff.Repo, number int, head string, comments []signoff.InlineComment) error
	RequestReviewers(ctx context.Context, installation int64, repo signoff.Repo, number int, logins []string) error
	WithdrawReviewers(ctx context.Context, installation int64, repo signoff.Repo, number int, logins []string) error
	Reply(ctx context.Context, installation int64, repo signoff.Repo, number int, marker, body string) (int64, error)
	React(ctx context.Context, installation int64, repo signoff.Repo, comment int64, reaction string) error
}

// Mirrors hands out the repositories as they lie on this machine, brought up to
// the commits that are asked for. Close the result.
type Mirrors interface {
	Fetch(ctx context.Context, installation int64, repo signoff.Repo, commits ...string) (*git.Repo, error)
	// FetchReleases brings the tags of releases on commits that are there.
	FetchReleases(ctx context.Context, installation int64, repo signoff.Repo) error
}

// Config is what a Bot is made of.
type Config struct {
	Store   *store.DB
	Jobs    store.Jobs
	Host    Host
	Mirrors Mirrors
	// Notifier tells people outside of the host; nil: nobody is told there.
	Notifier Notifier
	// Survey is what the pages say of the debt of repositories at a time; nil: a
	// digest goes without.
	Survey func(ctx context.Context, repos []store.Repository, at time.Time) (report.Survey, error)
	Judge  Judge
	// Origin is the ledger's name, and Key signs its checkpoints.
	Origin string
	Key    *ledger.Key
	// Checkpoints is a file to which each signed checkpoint is appended, and that
	// the ledger is held against before the next; empty: none.
	Checkpoints string
	Now         func() time.Time
	// Program names this build, in what is kept of a judgement.
	Program string
	// PublicURL is where the pages are, without a slash at its end.
	PublicURL string
}

// Bot is the loop. Its methods may be called concurrently; of one subject only
// one Reconcile runs at a time, which is the queue's to see to.
type Bot struct {
	log *slog.Logger
	Config
	judging chan struct{} // a token for each judgement that may run
}

// New makes a loop that judges at most so many pairs at once.
func New(log *slog.Logger, c Config, judgements int) *Bot {
	return &Bot{log: log, Config: c, judging: make(chan struct{}, judgements)}
}
