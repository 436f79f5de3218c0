package git

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Mirror is a bare repository of ours that holds commits of a remote one, with
// all that they contain. It is where the service reads what it reviews.
//
// # Design
//
// Nothing is fetched but commits by their hash, each kept by a ref of its own,
// refs/barraiser/keep/HASH, which git writes after it has seen that nothing the
// commit needs is missing: where the ref is, the commit is whole, and what the
// remote calls its branches does not matter. Tags of releases are the exception, and
// they are kept apart, see [Mirror.FetchReleases]. The remote's address and the token
// are not stored: the address because repositories are renamed, the token because
// it is a secret. The token is in the environment of the one git that needs it.
//
// One fetch runs at a time, under a lock of the file system, so that processes
// share a mirror; who waited for the lock looks again whether the commits have
// come meanwhile, so that one commit is fetched once. Reading takes no lock.
type Mirror struct {
	// FetchBytes bounds what one fetch brings, and FetchTime how long it takes.
	// Change them before the first use.
	FetchBytes int64
	FetchTime  time.Duration

	dir    string
	remote *url.URL
	sha256 bool
}

// keptRefs are the refs of a mirror.
const keptRefs = "refs/barraiser/keep/"

// mostFetched bounds the commits of one fetch.
const mostFetched = 256

// OpenMirror opens the mirror in a folder, and makes it where there is none. The
// address is of http or https, and has no user and no password.
func OpenMirror(ctx context.Context, dir, address string) (*Mirror, error) {
	remote, err := url.Parse(address)
	if err != nil || remote.Host == "" || remote.Scheme != "https" && remote.Scheme != "http" {
		return nil, fmt.Errorf("mirror %s: %q is no http address", dir, address)
	}
	if remote.User != nil || remote.RawQuery != "" || remote.Fragment != "" || strings.ContainsFunc(address, func(c rune) bool { return c <= ' ' }) {
		return nil, fmt.Errorf("mirror %s: address with more than a host and a path", dir)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("mirror %s: %w", dir, err)
	}
	m := &Mirror{FetchBytes: 4 << 30, FetchTime: 10 * time.Minute, dir: abs, remote: remote}
	if err := m.init(ctx); err != nil {
		return nil, fmt.Errorf("mirror %s: %w", dir, err)
	}
	return m, nil
}

func (m *Mirror) gitDir() string { return filepath.Join(m.dir, "repo.git") }

// init makes the repository. A folder that a killed init left is completed by the
// next one.
func (m *Mirror) init(ctx context.Context) error {
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return err
	}
	if _, err := os.Stat(m.ready()); errors.Is(err, fs.ErrNotExist) {
		unlock, err := m.lock(ctx)
		if err != nil {
			return err
		}
		defer unlock()
		c := command{dir: m.dir, env: noConfig(), args: []string{"init", "--quiet", "--bare", "--template=", "--object-format=sha1", m.gitDir()}}
		if _, err := c.line(ctx); err != nil {
			return err
		}
		if err := os.WriteFile(m.ready(), nil, 0o600); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	format, err := m.command("rev-parse", "--show-object-format").line(ctx)
	m.sha256 = format == "sha256"
	return err
}

// ready is there once the repository is whole.
func (m *Mirror) ready() string { return filepath.Join(m.dir, "ready") }

// command runs in the mirror, without a configuration but that of the mirror
// itself, which is ours.
func (m *Mirror) command(args ...string) command {
	return command{dir: m.gitDir(), env: append(noConfig(), "GIT_DIR="+m.gitDir(), "HOME="+m.dir), args: args}
}

// A NotOnRemoteError is a commit that the remote does not have, or does not give.
type NotOnRemoteError struct{ Commit string }

func (e *NotOnRemoteError) Error() string {
	return fmt.Sprintf("the remote does not have %s", short(e.Commit))
}

// Fetch brings commits, by their full hashes, with all that they contain. Those
// that are there already cost no network and no credential. The credential, a
// token of GitHub, is asked for when it is about to be used; nil: none is needed.
//
// The error is a *NotOnRemoteError where the remote lacks one of the commits, and
// a *TooLargeError where they are more than FetchBytes.
func (m *Mirror) Fetch(ctx context.Context, commits []string, credential func() (string, error)) error {
	commits = distinct(commits)
	if len(commits) > mostFetched {
		return fmt.Errorf("fetch: %d commits, of %d at most", len(commits), mostFetched)
	}
	for _, c := range commits {
		if !validOID(c) || len(c) == 64 != m.sha256 {
			return fmt.Errorf("fetch: %q is no full commit hash of this repository", c)
		}
	}
	missing, err := m.missing(ctx, commits)
	if err != nil || len(missing) == 0 {
		return err
	}
	unlock, err := m.lock(ctx)
	if err != nil {
		return fmt.Errorf("fetch: %w", err)
	}
	defer unlock()
	if missing, err = m.missing(ctx, commits); err != nil || len(missing) == 0 {
		return err
	}
	token := ""
	if credential != nil {
		if token, err = credential(); err != nil {
			return fmt.Errorf("fetch: %w", err)
		}
	}
	var refs []string
	for _, c := range missing {
		refs = append(refs, "+"+c+":"+keptRefs+c)
	}
	if err := m.fetch(ctx, refs, missing[0], token); err != nil {
		return fmt.Errorf("fetch %s: %w", short(missing[0]), err)
	}
	return nil
}

// missing are those of the commits that are not kept yet.
func (m *Mirror) missing(ctx context.Context, commits []string) ([]string, error) {
	if len(commits) == 0 {
		return nil, nil
	}
	args := []string{"for-each-ref", "--format=%(refname)"}
	for _, c := range commits {
		args = append(args, keptRefs+c)
	}
	out, err := m.command(args...).text(ctx, maxLine)
	if err != nil {
		return nil, fmt.Errorf("look for commits: %w", err)
	}
	kept := strings.Fields(out)
	return slices.DeleteFunc(slices.Clone(commits), func(c string) bool { return slices.Contains(kept, keptRefs+c) }), nil
}

// notOurRef is what the far side says of a commit that it lacks.
var notOurRef = regexp.MustCompile(`not our ref ([0-9a-f]{40,64})`)

// fetch brings refs, as git names them on its command line. Where they are too
// large, that is said of a commit.
func (m *Mirror) fetch(ctx context.Context, refs []string, commit, token string) error {
	m.sweep(time.Now().Add(-m.FetchTime - time.Minute))
	began := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, m.FetchTime, fmt.Errorf("not done after %s", m.FetchTime))
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		m.watch(ctx, stop, commit)
	}()

	c := m.command(append([]string{
		"fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
		"--no-auto-maintenance", "--no-show-forced-updates", "--end-of-options", m.remote.String(),
	}, refs...)...)
	c.env = append(c.env, m.network(token)...)
	_, err := c.text(ctx, maxLine)
	cause := context.Cause(ctx) // before stop gives it one
	stop(nil)
	<-watched
	if err == nil {
		return nil
	}
	m.sweepSince(began)
	if ctx.Err() != nil && cause != nil {
		return cause
	}
	if cmdErr, ok := errors.AsType[*commandError](err); ok {
		if lacking := notOurRef.FindStringSubmatch(cmdErr.stderr); lacking != nil {
			return &NotOnRemoteError{lacking[1]}
		}
	}
	return withoutToken(err, token)
}

// withoutToken is an error that names no token.
func withoutToken(err error, token string) error {
	if err != nil && token != "" && strings.Contains(err.Error(), token) {
		return errors.New(strings.ReplaceAll(err.Error(), token, "***"))
	}
	return err
}

// passed are the variables that say how to reach the network, and whom to trust
// there.
var passed = []string{
	"HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",
}

// network is the environment of a fetch. The settings come by the environment as
// well, for the token is one of them, and arguments can be read by everybody on
// the machine.
func (m *Mirror) network(token string) []string {
	settings := [][2]string{
		{"safe.bareRepository", "explicit"},
		{"credential.helper", ""},
		{"transfer.credentialsInUrl", "die"},
		{"http.followRedirects", "false"}, // the header with the token would go along
		{"http.lowSpeedLimit", "1000"},    // bytes a second, below which
		{"http.lowSpeedTime", "60"},       // for so many seconds it gives up
		{"protocol.version", "2"},
		{"fetch.unpackLimit", "1"}, // always a pack, which can be watched and swept
		{"fetch.fsckObjects", "true"},
		// Marks of old tools in histories that GitHub holds by the thousand, and
		// which mislead nobody. GitLab's Gitaly lets the same three pass.
		{"fetch.fsck.zeroPaddedFilemode", "ignore"},
		{"fetch.fsck.badTimezone", "ignore"},
		{"fetch.fsck.missingSpaceBeforeDate", "ignore"},
		{"gc.auto", "0"},
		{"maintenance.auto", "false"},
	}
	if token != "" {
		basic := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + token))
		settings = append(settings, [2]string{"http." + m.remote.String() + ".extraHeader", "Authorization: Basic " + basic})
	}
	env := []string{"GIT_ALLOW_PROTOCOL=" + m.remote.Scheme, "GIT_CONFIG_COUNT=" + strconv.Itoa(len(settings))}
	for i, s := range settings {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, s[0]), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, s[1]))
	}
	for _, name := range passed {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// Repo is the mirror as a repository to read. What is fetched later is there as
// well. Its scratch repository lies below scratch, as that of [Open]. Close it.
func (m *Mirror) Repo(scratch string) (*Repo, error) {
	r := &Repo{
		Limits: DefaultLimits, countedOK: make(map[string]bool),
		gitDir: m.gitDir(), objects: filepath.Join(m.gitDir(), "objects"), shallow: filepath.Join(m.gitDir(), "shallow"), sha256: m.sha256, dated: releaseRefs,
	}
	if err := r.initScratch(scratch); err != nil {
		return nil, fmt.Errorf("open mirror %s: %w", m.dir, errors.Join(err, r.Close()))
	}
	return r, nil
}
