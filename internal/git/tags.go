package git

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxTags bounds a list of tags in bytes: repositories that tag every build have tens
// of thousands.
const maxTags = 16 << 20

// A Tag is a name for a commit, with when the tag or else its commit was made.
type Tag struct {
	Name string
	At   time.Time
}

// Tags returns the names of the tags on commit and its ancestors, as DatedTags does.
// Those of the releases of a mirror are not among them: whether they were fetched
// depends on the machine, and what a review says must not.
func (r *Repo) Tags(ctx context.Context, commit, cache string) ([]string, error) {
	tags, err := r.tagsIn(ctx, "refs/tags", commit, cache)
	var names []string
	for _, t := range tags {
		names = append(names, t.Name)
	}
	return names, err
}

// DatedTags returns the tags on commit and its ancestors, the newest first,
// by when the tag or else its commit was made; zero where a tag says nonsense.
// In a shallow clone, and where tags
// were not fetched, some are not known. Those of a mirror are its releases. cache is
// a folder that keeps the answer, empty for none: git walks the whole history for
// the first one, and for a later commit what is new since.
func (r *Repo) DatedTags(ctx context.Context, commit, cache string) ([]Tag, error) {
	return r.tagsIn(ctx, cmp.Or(r.dated, "refs/tags"), commit, cache)
}

const (
	nearTags    = 500 // how many commits are looked back for an answer that was kept
	mostNewTags = 100 // how many tags are asked for by their names, which are arguments
)

// tagsIn are the tags below a place of refs.
func (r *Repo) tagsIn(ctx context.Context, refs, commit, cache string) ([]Tag, error) {
	all, err := r.here("for-each-ref", "--format=%(objectname) %(refname)", refs).text(ctx, maxTags)
	if err != nil {
		return nil, fmt.Errorf("list the tags: %w", err)
	}
	if all == "" {
		return nil, nil
	}
	tags, err := r.tagsOf(ctx, refs, all, commit, cache)
	if err != nil {
		return nil, fmt.Errorf("list the tags of %s: %w", short(commit), err)
	}
	for i := range tags {
		tags[i].Name = strings.TrimPrefix(tags[i].Name, strings.TrimSuffix(refs, "/")+"/")
	}
	return tags, nil
}

// tagsOf are those of all tags that a commit descends from, by the names of their refs.
func (r *Repo) tagsOf(ctx context.Context, refs, all, commit, cache string) ([]Tag, error) {
	edge, err := r.shallowEdge()
	if err != nil {
		return nil, err
	}
	kept := historyCache{dir: cache, kind: "tags\x00" + all, edge: edge}
	var tags []Tag
	from, err := recallNearest(ctx, r, kept, commit, nearTags, &tags)
	if err != nil || from == commit {
		return tags, err
	}
	whole := []string{"--merged=" + commit, refs}
	which := whole
	if from != "" {
		if which, err = r.tagsSince(ctx, all, tags, from, commit); err != nil {
			return nil, err
		}
	}
	if len(which) > mostNewTags {
		tags, which = nil, whole
	}
	added, err := r.tagDates(ctx, which)
	if err != nil {
		return nil, err
	}
	tags = append(tags, added...)
	slices.SortFunc(tags, func(a, b Tag) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Name, b.Name)) })
	kept.keep(commit, tags)
	return tags, nil
}

// tagDates are the tags that for-each-ref names, none where it is asked for none.
func (r *Repo) tagDates(ctx context.Context, which []string) ([]Tag, error) {
	if len(which) == 0 {
		return nil, nil
	}
	out, err := r.here(append([]string{"for-each-ref", "--format=%(refname) %(creatordate:unix)"}, which...)...).text(ctx, maxTags)
	if err != nil {
		return nil, err
	}
	var tags []Tag
	for line := range strings.Lines(out) {
		name, at, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if name == "" {
			continue
		}
		t := Tag{Name: name}
		if seconds, err := strconv.ParseInt(at, 10, 64); err == nil {
			t.At = time.Unix(seconds, 0).UTC()
		}
		tags = append(tags, t)
	}
	return tags, nil
}

// tagsSince names those of all tags that are on the commits since another one, of
// which the tags are known.
func (r *Repo) tagsSince(ctx context.Context, all string, known []Tag, from, to string) ([]string, error) {
	fresh := map[string]bool{}
	err := r.revList(ctx, false, func(c commit) error {
		fresh[c.hash] = true
		return nil
	}, "--end-of-options", to, "^"+from)
	if err != nil {
		return nil, err
	}
	had := make(map[string]bool, len(known))
	for _, t := range known {
		had[t.Name] = true
	}
	var names, objects []string
	for line := range strings.Lines(all) {
		oid, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !had[name] && validOID(oid) {
			names, objects = append(names, name), append(objects, oid+"^{commit}")
		}
	}
	var found []string
	err = r.ask(ctx, askInfo, objects, func(o object, _ io.Reader) error {
		if fresh[o.oid] {
			found = append(found, names[0])
		}
		names = names[1:]
		return nil
	})
	return found, err
}
