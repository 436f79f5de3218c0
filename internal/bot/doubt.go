package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// DESIGN
//
// GitHub shows, of all checks of one name on a commit, the newest of each App; a
// branch rule that does not name an App takes anybody's. So our check can be
// written over in two ways: by whoever has our key, in place, and by another App
// beside it.
//
// Each event about a check of our name is compared with what we wrote, by a mark.
// Where they differ, what was posted is in doubt: it is forgotten and put once
// more, as an update of ours or, where another's is newer, as a new check. What we
// write ourselves comes back as such an event too and has the right mark, unless
// it comes before we noted what we wrote: then we write the same once more.
//
// Nobody wins against a process that answers every check of ours: after
// mostRepairs of one check we say so in the log and on the check, and leave it to
// the sweep, once an hour.

// mostRepairs is how often one check is put right at once.
const mostRepairs = 10

func checkScope(repository int64, sha string) string { return fmt.Sprintf("%d/%s", repository, sha) }

// doubts are what a delivery shows to be other than we wrote it.
func (b *Bot) doubts(ctx context.Context, d github.Delivery) ([]store.Doubt, error) {
	var suspects []github.ShownCheck
	if d.Shown != nil {
		suspects = append(suspects, *d.Shown)
	}
	if p := d.Pressed; p != nil && p.Commit != "" { // GitHub has reset the suite
		suspects = append(suspects, github.ShownCheck{Name: report.CheckName, Commit: p.Commit})
	}
	var out []store.Doubt
	for _, shown := range suspects {
		posted, err := b.posted(ctx, store.PostedCheck, checkScope(d.Repository.ID, shown.Commit), shown.Name)
		if err != nil {
			return nil, err
		}
		if posted.Remote == "" || shown.Ours && (shown.Mark() == posted.Version || older(shown, posted)) {
			continue
		}
		repaired, err := b.posted(ctx, store.PostedRepair, posted.Scope, posted.Name)
		if err != nil {
			return nil, err
		}
		if d.Shown != nil && repaired.Version >= mostRepairs {
			b.log.Error("a check of ours is written over again and again", "repository", d.Repository.Full(), "commit", shown.Commit, "app", shown.App)
			continue
		}
		doubt, ok, err := b.doubtOf(ctx, d.Repository.ID, shown.Commit, shown.Name)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, doubt)
		}
	}
	return out, nil
}

// older reports whether a check of ours is one that we have replaced: the event of
// its end may come late.
func older(shown github.ShownCheck, posted store.Posted) bool {
	id, err := strconv.ParseInt(posted.Remote, 10, 64)
	return err == nil && shown.ID < id
}

// doubtOf is the doubt in a check; false where nobody needs it any more.
func (b *Bot) doubtOf(ctx context.Context, repository int64, sha, name string) (store.Doubt, bool, error) {
	kind := signoff.PutCheck
	switch name {
	case report.CheckName:
	case report.ConfigCheckName:
		kind = signoff.PutConfigCheck
	default:
		return store.Doubt{}, false, nil
	}
	rows, err := b.Store.AtHead(ctx, repository, sha)
	if err != nil {
		return store.Doubt{}, false, err
	}
	// The tip of a branch may be the same commit, and a branch has no check.
	at := slices.IndexFunc(rows, func(r store.Row) bool { return r.Subject.Kind == signoff.PullRequest })
	if at < 0 {
		return store.Doubt{}, false, nil
	}
	return store.Doubt{
		Kind: store.PostedCheck, Scope: checkScope(repository, sha), Name: name,
		Put: signoff.Effect{Kind: kind, Subject: rows[at].Subject, Commit: sha},
	}, true, nil
}

// repairing looks at a check that is in doubt, before it is put: where it is not
// as we left it that is counted, and another App that wrote it is named. It
// returns that name, which the check is to show from then on.
func (b *Bot) repairing(ctx context.Context, installation int64, repo signoff.Repo, posted store.Posted, check signoff.Check) (by string, err error) {
	repaired, err := b.posted(ctx, store.PostedRepair, posted.Scope, posted.Name)
	if err != nil || posted.Hash != "" || posted.Remote == "" {
		return repaired.Remote, err
	}
	shown, err := b.Host.Checks(ctx, installation, repo, check.Commit, check.Name)
	if err != nil || len(shown) == 0 {
		return repaired.Remote, err
	}
	if newest := shown[0]; newest.Mark() == posted.Version || newest.Ours && older(newest, posted) {
		return repaired.Remote, nil
	} else if !newest.Ours {
		repaired.Remote = newest.App
	}
	b.log.Warn("a check of ours was written over", "repository", repo.Full(), "commit", check.Commit, "check", check.Name,
		"by", repaired.Remote, "shows", shown[0].Conclusion, "times", repaired.Version+1)
	return repaired.Remote, b.Store.PutPosted(ctx, store.Posted{
		Kind: store.PostedRepair, Scope: posted.Scope, Name: posted.Name, Remote: repaired.Remote, Version: repaired.Version + 1, At: b.Now(),
	})
}

// verifyCheck compares what GitHub shows on an open pull request with what we
// wrote, for events that were lost.
func (b *Bot) verifyCheck(ctx context.Context, repo store.Repository, sha string) error {
	posted, err := b.posted(ctx, store.PostedCheck, checkScope(repo.ID, sha), report.CheckName)
	if err != nil || posted.Remote == "" {
		return err
	}
	shown, err := b.Host.Checks(ctx, repo.Installation, repo.Repo, sha, report.CheckName)
	if err != nil {
		return err
	}
	if len(shown) > 0 && shown[0].Ours && shown[0].Mark() == posted.Version {
		return nil
	}
	doubt, ok, err := b.doubtOf(ctx, repo.ID, sha, report.CheckName)
	if err != nil || !ok {
		return err
	}
	return b.Store.Doubt(ctx, b.Jobs, b.Now(), doubt)
}
