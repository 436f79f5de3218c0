package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/change"
	"github.com/barraiser/barraiser/internal/crash"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// A look is what is read of one pull request before anything is decided.
type look struct {
	bot     *Bot
	subject signoff.Subject
	row     store.Row
	repo    signoff.Repo
	mirror  *git.Repo // nil where git is not needed
	pair    pair
	owners  review.Codeowners
	in      signoff.Input
	found   *judgement // nil: not judged yet
}

// close gives back what the look holds.
func (l *look) close() error {
	if l.mirror == nil {
		return nil
	}
	return l.mirror.Close()
}

// read reads the pull request and, where it matters, its code's two sides and the
// policy. Close the look, with an error too.
func (b *Bot) read(ctx context.Context, row store.Row, facts []signoff.Fact) (*look, error) {
	s := row.Subject
	l := &look{bot: b, subject: s, row: row}
	repo, err := b.repository(ctx, s)
	if err != nil {
		return l, err
	}
	l.repo = repo
	l.in = signoff.Input{Now: b.Now(), Facts: facts}
	if row.Record.Merge != nil {
		switch a, err := b.Store.Aftermath(ctx, store.Landing{Subject: s}); {
		case err == nil:
			l.in.Aftermath = &a
		case !errors.Is(err, store.ErrNotFound):
			return l, err
		}
	}
	if l.in.Pull, err = b.Host.Pull(ctx, s.Installation, repo, s.Number, knownHead(facts)); err != nil {
		return l, err
	}
	crash.At("pull request read")
	if l.in.Absent, err = l.absent(ctx); err != nil {
		return l, err
	}
	return l, l.readSides(ctx)
}

// absent reports whether the pull request was merged while nothing was told us: a
// merge that was is none of these.
func (l *look) absent(ctx context.Context) (bool, error) {
	heard := slices.ContainsFunc(l.in.Facts, func(f signoff.Fact) bool { return f.Kind == signoff.Merged })
	if !l.in.Pull.Merged || heard {
		return false, nil
	}
	all, err := l.bot.Store.Absences(ctx, l.subject.Installation, l.subject.Repository)
	return slices.ContainsFunc(all, func(a store.Absence) bool { return a.Contains(l.in.Pull.MergedAt) }), err
}

// repository is the one of a subject as it is called now. Asking by the name that
// it had is one request; only after a rename they are listed.
func (b *Bot) repository(ctx context.Context, s signoff.Subject) (signoff.Repo, error) {
	last, err := b.Store.Repository(ctx, s.Repository)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return signoff.Repo{}, err
	default:
		repo, err := b.Host.RepoNamed(ctx, s.Installation, last.Repo)
		if !gone(err) {
			return repo, err
		}
	}
	return b.Host.Repo(ctx, s.Installation, s.Repository)
}

// knownHead is the commit that the newest delivery says is the head.
func knownHead(facts []signoff.Fact) string {
	for _, f := range slices.Backward(facts) {
		if f.Kind == signoff.Pushed {
			return f.Commit
		}
	}
	return ""
}

// readSides finds the two commits that are compared. Of a merged pull request
// that is the base branch as it was before: after the merge its head is a part
// of the base.
func (l *look) readSides(ctx context.Context) (err error) {
	p := l.in.Pull
	base := p.BaseTip
	commits := []string{p.Head, base}
	if p.Merged {
		commits = []string{p.Head, p.MergeCommit}
	}
	commits = slices.DeleteFunc(commits, func(c string) bool { return c == "" })
	if l.mirror, err = l.bot.Mirrors.Fetch(ctx, l.subject.Installation, l.repo, commits...); err != nil {
		return err
	}
	crash.At("fetched")
	if p.Merged {
		if base, err = l.mirror.Resolve(ctx, p.MergeCommit+"^1"); err != nil {
			return err
		}
	}
	if base == "" { // the branch was deleted: what is known is what was seen last
		if base = l.row.Record.MergeBase; base == "" {
			return nil // it was never looked at, and never will be
		}
	}
	l.pair.repository, l.pair.attempt = l.repo.ID, attempts(l.in.Facts)
	l.pair.head.Commit, l.pair.head.Name = p.Head, p.HeadRef
	l.pair.base.Name = p.BaseRef
	if l.pair.base.Commit, err = l.mergeBase(ctx, base); err != nil {
		return err
	}
	for _, side := range []*review.Revision{&l.pair.base, &l.pair.head} {
		if side.Tree, err = l.mirror.TreeOf(ctx, side.Commit); err != nil {
			return err
		}
	}
	l.in.MergeBase, l.in.HeadTree = l.pair.base.Commit, l.pair.head.Tree
	return l.readBase(ctx, base)
}

// mostAttempts bounds how often a pull request is judged again by command.
const mostAttempts = 20

// attempts counts how often somebody asked to judge again.
func attempts(facts []signoff.Fact) int {
	n := 0
	for _, f := range facts {
		if f.Command != nil && f.Command.Verb == signoff.VerbRetry && !f.Edited && !f.Actor.Bot {
			n++
		}
	}
	return min(n, mostAttempts)
}

// mergeBase is the commit that the head is compared with. After a merge that is
// what it was compared with before. A base that has the head was merged with it,
// though the host may have shown the pull request before and the branch after.
func (l *look) mergeBase(ctx context.Context, base string) (string, error) {
	p, rec := l.in.Pull, l.row.Record
	compared := rec.Head == p.Head && rec.BaseRef == p.BaseRef && rec.Compared()
	if p.Merged && compared {
		return rec.MergeBase, nil
	}
	common, err := l.mirror.MergeBase(ctx, base, p.Head)
	if common == p.Head && compared {
		return rec.MergeBase, err
	}
	return common, err
}

// readBase reads what the base branch says about people: the policy of the
// branch as it is, not of the merge base, since whoever proposes a change
// chooses where it branches off.
func (l *look) readBase(ctx context.Context, base string) error {
	tree, err := l.mirror.TreeOf(ctx, base)
	if err != nil {
		return err
	}
	if l.owners, _, err = change.Codeowners(ctx, l.mirror, tree); err != nil {
		return err
	}
	file, err := change.PolicyFile(ctx, l.mirror, tree)
	if err != nil {
		l.in.PolicyFailure = fmt.Sprintf("%s of the base cannot be read: %v", review.PolicyPath, err)
		return nil
	}
	return l.layPolicies(ctx, file)
}

// layPolicies lays the repository's policy over its organisation's, and looks at
// the one that the change brings along.
func (l *look) layPolicies(ctx context.Context, file *review.File) error {
	beneath, err := l.bot.orgFile(ctx, l.subject.Installation, l.repo)
	if err != nil {
		return err
	}
	policy, problems := review.ParsePolicy(beneath, file)
	l.in.OptedIn = beneath != nil || file != nil
	l.in.Policy, l.in.PolicyID = policy, policyID(beneath, file)
	if len(problems) > 0 {
		l.in.PolicyFailure = "the policy of the base does not hold: " + problems[0].String()
	}
	l.in.Governed = policy.Governs(l.in.Pull.BaseRef, l.repo.DefaultBranch)
	l.pair.policy, l.pair.policyID = policy, l.in.PolicyID

	head, err := change.PolicyFile(ctx, l.mirror, l.pair.head.Tree)
	switch {
	case err != nil:
		l.in.HeadPolicy = []review.Problem{{Position: review.Position{File: review.PolicyPath, Line: 1, Column: 1}, What: err.Error()}}
	case head != nil && (file == nil || string(file.Content) != string(head.Content)):
		_, l.in.HeadPolicy = review.ParsePolicy(beneath, head)
	}
	return nil
}

// policyID names the content of the files.
func policyID(files ...*review.File) string {
	h := sha256.New()
	for _, f := range files {
		if f != nil {
			fmt.Fprintf(h, "%d:", len(f.Content))
			h.Write(f.Content)
		}
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// judged looks for the judgement over the pair. Whatever version of ours made it
// holds, so that an upgrade changes nothing for a pull request that was judged.
func (l *look) judged(ctx context.Context) error {
	j, err := l.bot.storedJudgement(ctx, l.pair.analysisID())
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return l.take(ctx, j)
}

// take makes the decision over what was found.
func (l *look) take(ctx context.Context, j *judgement) (err error) {
	l.found = j
	if err := l.readPeople(ctx, j.Files); err != nil {
		return err
	}
	s := j.snapshot()
	s.Codeowners, s.Roster = l.owners, l.in.Roster
	if s.Availability, err = l.availability(ctx); err != nil {
		return err
	}
	s.Day = review.Date(l.in.Now.UTC().Format("2006-01-02"))
	s.Description = &l.in.Pull.Body
	s.Seed = fmt.Sprintf("%d#%d", l.repo.ID, l.in.Pull.Number)
	if s.Involved, err = l.involved(ctx, s.Involved); err != nil {
		return err
	}
	decision := review.Decide(l.in.Policy, s)
	for i := range decision.Requirements {
		discreet(l.repo, &decision.Requirements[i].Assignment)
	}
	if j.Failure != "" {
		decision.Outcome, decision.Reasons = review.Incomplete, slices.Insert(decision.Reasons, 0, j.Failure)
	}
	judged := &signoff.Judged{
		ID: l.pair.analysisID(), Base: j.Base.Commit, Head: j.Head.Commit, Decision: decision,
		Minutes: j.Delta.Net, Failure: j.Failure,
	}
	judged.Demanded = demanded(l.in.Policy, s, l.row.Record.Required, l.in.Facts)
	for d, a := range judged.Demanded {
		discreet(l.repo, &a)
		judged.Demanded[d] = a
	}
	judged.Findings, judged.Listed = introduced(j.Delta), report.Listed(j.Delta)
	l.in.Judged = judged
	return nil
}

// demanded are those who may sign in domains that a person asks for.
func demanded(p review.Policy, s review.Snapshot, required []signoff.Demand, facts []signoff.Fact) map[impact.Domain]review.Assignment {
	var domains []impact.Domain
	add := func(d impact.Domain) {
		if _, known := p.Domains[d]; known && !slices.Contains(domains, d) {
			domains = append(domains, d)
		}
	}
	for _, r := range required {
		add(r.Domain)
	}
	for _, f := range facts { // those that this look is to answer
		if f.Command != nil && f.Command.Verb == signoff.VerbRequire {
			add(impact.Domain(strings.ToLower(f.Command.Object)))
		}
	}
	out := map[impact.Domain]review.Assignment{}
	for i, a := range review.Assign(p, s, domains) {
		out[domains[i]] = a
	}
	return out
}

// discreet takes out of a choice who reports to whom, where everybody may read
// what comes of it: that is personnel data. It is done before anything is stored
// or drawn, since the reason is told in many places.
func discreet(repo signoff.Repo, a *review.Assignment) {
	if repo.Private {
		return
	}
	a.Excluded = slices.Clone(a.Excluded)
	for i, x := range a.Excluded {
		if x.Rule == "reporting-line" {
			a.Excluded[i].Rule, a.Excluded[i].Why = "not-independent", "is not independent of the change"
		}
	}
}

// gone reports whether an error says that what was asked for is not there.
func gone(err error) bool { return errors.Is(err, github.ErrNotFound) }
