package git

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// releaseRefs are the tags of a mirror.
const releaseRefs = "refs/barraiser/releases/"

var releaseName = regexp.MustCompile(`^v[0-9]+\.[0-9]+\.[0-9]+$`)

// FetchReleases brings the tags of releases ("v1.2.3", no others) on commits that
// the mirror has, so nothing but the tags comes, and lets go of those that the remote
// has no more. What [Mirror.Fetch] says of credential is true here.
func (m *Mirror) FetchReleases(ctx context.Context, credential func() (string, error)) error {
	unlock, err := m.lock(ctx)
	if err != nil {
		return fmt.Errorf("fetch releases: %w", err)
	}
	defer unlock()
	token := ""
	if credential != nil {
		if token, err = credential(); err != nil {
			return fmt.Errorf("fetch releases: %w", err)
		}
	}
	if err := m.fetchReleases(ctx, token); err != nil {
		return fmt.Errorf("fetch releases: %w", withoutToken(err, token))
	}
	return nil
}

func (m *Mirror) fetchReleases(ctx context.Context, token string) error {
	there, err := m.releasesThere(ctx, token)
	if err != nil {
		return err
	}
	here, err := m.releasesHere(ctx)
	if err != nil {
		return err
	}
	var gone strings.Builder
	for name := range here {
		if _, ok := there[name]; !ok {
			fmt.Fprintf(&gone, "delete %s%s\n", releaseRefs, name)
		}
	}
	if gone.Len() > 0 {
		c := m.command("update-ref", "--stdin")
		c.stdin = gone.String()
		if _, err := c.line(ctx); err != nil {
			return err
		}
	}
	held, err := m.held(ctx, there)
	if err != nil {
		return err
	}
	var refs []string
	for name, r := range there {
		if held[r.commit] && here[name] != r.object {
			refs = append(refs, "+refs/tags/"+name+":"+releaseRefs+name)
		}
	}
	slices.Sort(refs)
	for some := range slices.Chunk(refs, mostFetched) {
		if err := m.fetch(ctx, some, "the releases", token); err != nil {
			return err
		}
	}
	return nil
}

// A release is a tag and the commit that it is on: the same where the tag is no
// object of its own.
type release struct{ object, commit string }

// releasesThere are those of the remote, by name.
func (m *Mirror) releasesThere(ctx context.Context, token string) (map[string]release, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, m.FetchTime, errors.New("the remote did not list its tags in time"))
	defer cancel()
	c := m.command("ls-remote", "--quiet", "--tags", "--end-of-options", m.remote.String(), "v*")
	c.env = append(c.env, m.network(token)...)
	out, err := c.text(ctx, maxTags)
	if err != nil {
		return nil, err
	}
	all := map[string]release{}
	for line := range strings.Lines(out) {
		oid, ref, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		name, peeled := strings.CutSuffix(strings.TrimPrefix(ref, "refs/tags/"), "^{}")
		if !validOID(oid) || !releaseName.MatchString(name) {
			continue
		}
		r := all[name] // the tag comes before what it is on
		if r.commit = oid; !peeled {
			r.object = oid
		}
		all[name] = r
	}
	return all, nil
}

// releasesHere are those of the mirror, by name: what each is.
func (m *Mirror) releasesHere(ctx context.Context) (map[string]string, error) {
	out, err := m.command("for-each-ref", "--format=%(objectname) %(refname)", releaseRefs).text(ctx, maxTags)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for line := range strings.Lines(out) {
		oid, ref, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		all[strings.TrimPrefix(ref, releaseRefs)] = oid
	}
	return all, nil
}

// held are the commits that the mirror has.
func (m *Mirror) held(ctx context.Context, releases map[string]release) (map[string]bool, error) {
	var asked strings.Builder
	for _, r := range releases {
		asked.WriteString(r.commit + "\n")
	}
	c := m.command("cat-file", "--batch-check=%(objectname) %(objecttype)")
	c.stdin = asked.String()
	out, err := c.text(ctx, maxTags)
	if err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for line := range strings.Lines(out) {
		if oid, ok := strings.CutSuffix(strings.TrimSuffix(line, "\n"), " commit"); ok {
			all[oid] = true
		}
	}
	return all, nil
}
