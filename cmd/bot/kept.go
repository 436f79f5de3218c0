package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"time"

	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/review"
)

// resultsFolder is the part of the cache that keeps what whole changes came to.
const resultsFolder = "results"

// resultName names what judging a change comes to, by all that decides over it:
// both trees, the tags, the policy, and the day, by which experiments end and
// modules age. It is empty where nothing may be kept.
func (r *reviewCommand) resultName(rev *review.Review, tags []string) (string, error) {
	if r.cache == "" {
		return "", nil
	}
	policy, err := json.Marshal([]any{rev.Policy, tags})
	if err != nil {
		return "", err
	}
	return engine.ResultName(r.toolchain, rev.Base.Tree, rev.Head.Tree, string(policy), time.Now().UTC().Format(time.DateOnly))
}

// judgePair writes both trees out and has them judged, where that was not done
// before.
func (r *reviewCommand) judgePair(ctx context.Context, rev *review.Review, change *change) (*engine.Result, review.Engine, error) {
	begun := time.Now()
	if err := r.findToolchain(ctx); err != nil {
		return nil, review.Engine{}, err
	}
	tags, err := r.repo.Tags(ctx, rev.Base.Commit)
	if err != nil {
		return nil, review.Engine{}, usage(err)
	}
	name, err := r.resultName(rev, tags)
	if err != nil {
		return nil, review.Engine{}, err
	}
	if name != "" {
		if res, ok := engine.KeptResult(r.cacheFolder(resultsFolder), name); ok {
			stats := engineStats(res, begun)
			if r.verbose {
				explainKept(r.stderr, time.Since(begun))
			}
			return res, stats, nil
		}
	}
	unread, err := r.writeTrees(ctx, map[string]string{baseDir: rev.Base.Tree, headDir: rev.Head.Tree})
	if err != nil {
		return nil, review.Engine{}, usage(err)
	}
	base, head := filepath.Join(r.job, baseDir), filepath.Join(r.job, headDir)
	stated, err := r.stated(ctx, rev.Policy, rev.Base.Tree, base, head)
	if err != nil {
		return nil, review.Engine{}, usage(err)
	}
	res, stats, err := r.judge(ctx, engine.Job{
		Base: base, Head: head, Files: change.goFiles, Unread: unread, Tags: tags, Settings: rev.Policy.Rules, Stated: stated,
	})
	if err == nil && name != "" && r.cache != "" {
		err = engine.KeepResult(r.cacheFolder(resultsFolder), name, res)
	}
	return res, stats, err
}
