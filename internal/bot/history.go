package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/barraiser/barraiser/internal/change"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/sandbox"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/trend"
)

// # History
//
// Each repository that opted in has a trend of its default branch. Its points are
// made by a lane of the queue of their own, one repository at a time: first the
// last states of 26 weeks, then the newest state after each push. What was pushed
// while a state was judged is judged as one.
//
// Each point is stored when it is made, so a process that dies goes on where it
// was. A trend is by the rules of its time: where rules, prices or the policy's
// settings of them have changed, the newest state is judged once more before the
// series goes on, and what the change alone did is not taken for changed code.

const (
	backfill  = 26 * 7 * 24 * time.Hour
	aWeek     = 7 * 24 * time.Hour
	mostShown = 3 // findings of each
)

// keeps counts what is kept of a state beside its figures. With a higher number the
// newest state of each repository is judged once more after an upgrade, so that what
// older programs did not keep is there without a push.
const keeps = 3

// rulesOf names rules, prices and the settings of them, and what is kept of a state.
func rulesOf(s debt.Settings) (string, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("name the rules: %w", err)
	}
	sum := sha256.Sum256(text)
	return fmt.Sprintf("%s %s %d", debt.CatalogueVersion, hex.EncodeToString(sum[:8]), keeps), nil
}

// wantHistory calls for points up to a commit of the default branch.
func (b *Bot) wantHistory(ctx context.Context, repository int64, commit string, s debt.Settings) error {
	rules, err := rulesOf(s)
	if err != nil {
		return err
	}
	return b.Store.WantHistory(ctx, b.Jobs, repository, commit+" "+rules, b.Now())
}

// History makes the points of a repository that it lacks. Again says that more
// were asked for meanwhile. It is called once at a time for each.
func (b *Bot) History(ctx context.Context, repository int64) (again bool, err error) {
	known, err := b.Store.History(ctx, repository)
	if err != nil {
		return false, err
	}
	repo, err := b.Store.Repository(ctx, repository)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	problem := "the repository is not there any more"
	if err == nil && !repo.Removed && !repo.Archived {
		problem, err = b.historyOf(ctx, repo)
		if gone(err) {
			problem, err = "the repository or its default branch cannot be read", nil
		}
		if err != nil {
			return false, fmt.Errorf("history of %s: %w", repo.Full(), err)
		}
	}
	if err := b.Store.CompactPoints(ctx, repository, b.Now()); err != nil {
		return false, err
	}
	return b.Store.EndHistory(ctx, repository, known.Wanted, problem)
}

// historyOf judges what is to be judged of a repository. Where that is nothing,
// problem says why.
func (b *Bot) historyOf(ctx context.Context, repo store.Repository) (problem string, err error) {
	tip, err := b.Host.BranchTip(ctx, repo.Installation, repo.Repo, repo.DefaultBranch)
	if err != nil {
		return "", err
	}
	mirror, err := b.Mirrors.Fetch(ctx, repo.Installation, repo.Repo, tip)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	tree, err := mirror.TreeOf(ctx, tip)
	if err != nil {
		return "", err
	}
	file, err := change.PolicyFile(ctx, mirror, tree)
	if err != nil {
		return "", err
	}
	beneath, err := b.orgFile(ctx, repo.Installation, repo.Repo)
	if err != nil {
		return "", err
	}
	policy, problems := review.ParsePolicy(beneath, file)
	switch {
	case beneath == nil && file == nil:
		return "the repository has not opted in", nil
	case len(problems) > 0:
		return "the policy does not hold: " + problems[0].String(), nil
	}
	dir, err := os.MkdirTemp(b.Judge.Scratch, "history-")
	if err != nil {
		return "", fmt.Errorf("make room for states: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	h := history{bot: b, repo: repo, mirror: mirror, policy: policy, tree: tree, dir: dir}
	if err := h.makeUpTo(ctx, tip); err != nil {
		return "", err
	}
	return "", h.lookOut(ctx, tip, beneath)
}

// orgFile is the policy of the organisation, nil where it has none.
func (b *Bot) orgFile(ctx context.Context, installation int64, repo signoff.Repo) (*review.File, error) {
	org, err := b.Host.OrgFile(ctx, installation, repo)
	if err != nil || !org.Found {
		return nil, err // unknown is not absent
	}
	return &review.File{Name: repo.Owner + "/.github/barraiser.yml", Content: org.Content}, nil
}

// history makes points of one repository.
type history struct {
	bot    *Bot
	repo   store.Repository
	mirror *git.Repo
	policy review.Policy
	tree   string // that the policy is from
	dir    string
	rules  string
	owners debt.Owners

	judge  *trend.Judge
	newest store.Point // Number is 0 before the first
	state  debt.State  // that it was priced from
}

// makeUpTo makes the points from the newest one to the tip.
func (h *history) makeUpTo(ctx context.Context, tip string) (err error) {
	if h.rules, err = rulesOf(h.policy.Rules); err != nil {
		return err
	}
	if err := h.readNewest(ctx); err != nil {
		return err
	}
	states, err := h.states(ctx, tip)
	if err != nil {
		return err
	}
	codeowners, _, err := change.Codeowners(ctx, h.mirror, h.tree)
	if err != nil {
		return err
	}
	b, owners := h.bot, review.Owners{Policy: h.policy, Codeowners: codeowners}
	h.owners = trend.Partition(h.policy, owners)
	h.judge = trend.New(trend.Config{
		Repo: h.mirror, Dir: h.dir, Policy: h.policy, Owners: owners, PolicyTree: h.tree,
		Toolchain: b.Judge.Toolchain, Facts: filepath.Join(b.Judge.Cache, "facts"), Timeout: b.Judge.Timeout, MaxMemory: b.Judge.MaxMemory,
		Sandbox: func() (sandbox.Sandbox, error) { return b.Judge.Sandbox, nil },
		Download: func(ctx context.Context, tree string) error {
			// What is missing will be named by the analysis.
			_, err := change.Download(ctx, h.mirror, tree, h.dir, b.Judge.Toolchain, b.Judge.Proxy)
			return err
		},
	})
	defer h.judge.Close()
	for i, s := range states {
		if err := b.Store.PlanHistory(ctx, h.repo.ID, len(states)-i, b.Now()); err != nil {
			return err
		}
		if err := b.yield(ctx); err != nil {
			return err
		}
		if err := h.add(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (h *history) readNewest(ctx context.Context) error {
	newest, err := h.bot.Store.NewestPoint(ctx, h.repo.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	details, err := h.bot.Store.Details(ctx, h.repo.ID, newest.Number)
	h.newest, h.state = newest, details.State
	return err
}

// states are those to judge, the oldest first: once more the newest that has a
// point, where that was judged by other rules, and the last of each week since.
func (h *history) states(ctx context.Context, tip string) ([]trend.State, error) {
	until, err := h.mirror.When(ctx, tip)
	if err != nil {
		return nil, err
	}
	from := until.Add(-backfill)
	if h.newest.Number > 0 {
		from = h.newest.At
	}
	steps, err := h.mirror.Steps(ctx, tip, from, filepath.Join(h.bot.Judge.Cache, historyFolder))
	if err != nil {
		return nil, err
	}
	if h.newest.Number == 0 {
		return trend.Pick(steps, from, aWeek, h.policy), nil
	}
	var since []git.Step
	onBranch := false
	for _, step := range steps {
		if onBranch = step.Commit == h.newest.Commit; onBranch {
			break
		}
		since = append(since, step)
	}
	if !onBranch { // the branch was rewritten: what came since cannot be told apart
		since = since[:min(1, len(since))]
	}
	states := trend.Pick(since, time.Time{}, aWeek, h.policy)
	if h.newest.Rules != h.rules && known(ctx, h.mirror, h.newest.Commit) {
		states = append([]trend.State{{Commit: h.newest.Commit, At: h.newest.At}}, states...)
	}
	return states, nil
}

// add judges a state and stores its point.
func (h *history) add(ctx context.Context, s trend.State) error {
	previous, before := h.newest.Commit, h.state
	if s.Commit == previous || !known(ctx, h.mirror, previous) {
		previous, before = "", debt.State{}
	}
	began := time.Now()
	judged, err := h.judge.Judge(ctx, s, previous, before)
	failed, broken := errors.AsType[*engine.Failure](err)
	var p debt.Point
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case broken:
		p = debt.Point{Commit: s.Commit, At: s.At, Catalogue: debt.CatalogueVersion, Gap: failed.Reason}
	case err != nil:
		return fmt.Errorf("judge %s: %w", s.Commit, err)
	default:
		p = judged.Point(s, h.policy.Rules)
	}
	p.Merged = s.Merged
	h.join(&p, previous != "")
	details := store.Details{State: judged.State, Spots: briefly(judged.Spots)}
	details.Fronts = judged.State.Fronts(h.policy.Rules, details.Spots, h.owners, store.FrontSpots)
	number, err := h.bot.Store.AddPoint(ctx, h.repo.ID, h.newest.Number, p, h.rules, details)
	if err != nil {
		return err
	}
	h.bot.log.Info("judged a state", "repository", h.repo.Full(), "commit", s.Commit, "seconds", time.Since(began).Seconds(), "gap", p.Gap)
	h.newest, h.state = store.Point{Number: number, Rules: h.rules, Point: p}, judged.State
	return nil
}

// join says what the step to a point was, where nothing could be compared: what
// came by other rules, or what nobody can tell.
func (h *history) join(p *debt.Point, compared bool) {
	if h.newest.Number == 0 || compared {
		return
	}
	moved := p.Principal - h.newest.Principal
	if p.Commit == h.newest.Commit && p.Gap == "" && h.newest.Gap == "" {
		p.Repriced = moved
	} else {
		p.Other = moved
	}
}

// briefly has of each place what is dearest about it.
func briefly(spots []debt.Hotspot) []debt.Hotspot {
	for i := range spots {
		spots[i].Findings = spots[i].Findings[:min(mostShown, len(spots[i].Findings))]
	}
	return spots
}

// yield waits until a pull request could be judged at once. A state does not take
// that place: whoever pushes meanwhile waits for no history.
func (b *Bot) yield(ctx context.Context) error {
	select {
	case b.judging <- struct{}{}:
		<-b.judging
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
