package git

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An UnknownRevisionError is a revision that names no commit.
type UnknownRevisionError struct {
	Rev     string
	Shallow bool // the clone is cut off, and the commit may lie beyond its edge
}

func (e *UnknownRevisionError) Error() string {
	if e.Rev == "HEAD" {
		return "HEAD names no commit: this repository has none yet"
	}
	clone, fetch := "repository", "git fetch"
	if e.Shallow {
		clone, fetch = "shallow clone", "git fetch --unshallow"
	}
	return fmt.Sprintf("%q names no commit of this %s; if it is on the remote, %s brings it", e.Rev, clone, fetch)
}

// Resolve returns the full hash of the commit that rev names, in any way that
// git knows: a branch, a tag, HEAD~2, a hash. The error is an
// *UnknownRevisionError where there is none.
func (r *Repo) Resolve(ctx context.Context, rev string) (commit string, err error) {
	return r.revParse(ctx, rev, "commit")
}

// TreeOf returns the hash of a commit's tree.
func (r *Repo) TreeOf(ctx context.Context, commit string) (tree string, err error) {
	return r.revParse(ctx, commit, "tree")
}

func (r *Repo) revParse(ctx context.Context, rev, kind string) (string, error) {
	// A NUL cannot be handed to a process; a leading ^ negates, and git would
	// answer it with the hash of what follows, preceded by a ^.
	if rev == "" || strings.ContainsRune(rev, 0) || strings.HasPrefix(rev, "^") {
		return "", &UnknownRevisionError{Rev: rev}
	}
	if validOID(rev) { // what needs no name needs no process of its own
		if oid, err := r.peel(ctx, rev, kind); err != nil || oid != "" {
			return oid, err
		}
	}
	oid, err := r.here("rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{"+kind+"}").line(ctx)
	if cmdErr, ok := errors.AsType[*commandError](err); ok && cmdErr.code > 0 {
		if c := firstComplaint(cmdErr.stderr); c == "" || c == "Needed a single revision" {
			return "", r.unknown(rev)
		}
	}
	if err != nil {
		return "", fmt.Errorf("resolve %q: %w", rev, r.explain(ctx, err))
	}
	if !validOID(oid) {
		return "", r.unknown(rev)
	}
	return oid, nil
}

// unknown is the error about a revision that names no commit.
func (r *Repo) unknown(rev string) error {
	shallow, err := r.Shallow()
	if err != nil {
		return fmt.Errorf("resolve %q: %w", rev, err)
	}
	return &UnknownRevisionError{Rev: rev, Shallow: shallow}
}

// validOID reports whether s is a full object name of either format.
func validOID(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

// A NoMergeBaseError is a pair of commits without a common ancestor in this
// repository.
type NoMergeBaseError struct {
	A, B    string
	Shallow bool   // the ancestor may exist, beyond the edge of a shallow clone
	Remote  string // where to fetch from, "" when it cannot be told
}

func (e *NoMergeBaseError) Error() string {
	s := fmt.Sprintf("%s and %s have no common ancestor", short(e.A), short(e.B))
	if e.Shallow {
		return s + " in this shallow clone; run: " + strings.TrimSpace("git fetch --unshallow "+e.Remote)
	}
	return s + ": their histories are unrelated; name another base"
}

// short is a revision as a message shows it.
func short(rev string) string {
	if validOID(rev) {
		return rev[:12]
	}
	return rev
}

// MergeBase returns the best common ancestor of two revisions, and where there
// are several (after criss-cross merges) the one that git lists first. The
// error is a *NoMergeBaseError where there is none.
func (r *Repo) MergeBase(ctx context.Context, a, b string) (commit string, err error) {
	if a == b && validOID(a) {
		return r.Resolve(ctx, a)
	}
	commit, err = r.here("merge-base", "--end-of-options", a, b).line(ctx)
	if err == nil {
		return commit, nil
	}
	cmdErr, ok := errors.AsType[*commandError](err)
	if !ok || cmdErr.code != 1 || firstComplaint(cmdErr.stderr) != "" {
		return "", fmt.Errorf("find the merge base of %s and %s: %w", short(a), short(b), err)
	}
	none := &NoMergeBaseError{A: a, B: b}
	if none.Shallow, err = r.Shallow(); err != nil {
		return "", fmt.Errorf("find the merge base of %s and %s: %w", short(a), short(b), err)
	}
	remotes, err := r.remotes(ctx)
	if err != nil {
		return "", err
	}
	if len(remotes) > 0 {
		none.Remote = remotes[0]
	}
	return "", none
}

// remotes lists the remotes that changes may be proposed to, the likeliest
// first: those that go by convention, or else the only one.
func (r *Repo) remotes(ctx context.Context) ([]string, error) {
	out, err := r.here("remote").text(ctx, maxLine)
	if err != nil {
		return nil, err
	}
	all := strings.Fields(out) // the name of a remote is part of a ref: no spaces
	var likely []string
	for _, name := range []string{"origin", "upstream"} {
		if slices.Contains(all, name) {
			likely = append(likely, name)
		}
	}
	if likely == nil && len(all) == 1 {
		return all, nil
	}
	return likely, nil
}

// DefaultBranch returns the branch that changes are most likely proposed to, as
// a person says it: "origin/main". It is the HEAD of the remote, where the
// clone recorded one, else main or master, of the remote or else local.
func (r *Repo) DefaultBranch(ctx context.Context) (rev string, err error) {
	remotes, err := r.remotes(ctx)
	if err != nil {
		return "", fmt.Errorf("find the default branch: %w", err)
	}
	var candidates []string
	for _, name := range []string{"HEAD", "main", "master"} {
		for _, remote := range remotes {
			candidates = append(candidates, "refs/remotes/"+remote+"/"+name)
		}
	}
	candidates = append(candidates, "refs/heads/main", "refs/heads/master")

	// for-each-ref leaves out a ref that points nowhere. The short form is
	// longer where "origin/main" alone would name something else.
	args := append([]string{"for-each-ref", "--format=%(refname) %(refname:short) %(symref:short)", "--end-of-options"}, candidates...)
	out, err := r.here(args...).text(ctx, maxLine)
	if err != nil {
		return "", fmt.Errorf("find the default branch: %w", err)
	}
	best, bestRank := "", len(candidates)
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		// Below refs/heads/main/ there may be more, which is not meant.
		if rank := slices.Index(candidates, fields[0]); rank >= 0 && rank < bestRank {
			best, bestRank = fields[len(fields)-1], rank
		}
	}
	if best == "" {
		return "", errors.New("cannot tell the default branch: there is no remote HEAD, main or master here; say what to compare with by --base")
	}
	return best, nil
}

// Remote returns the address of the remote that changes are most likely
// proposed to; empty where there is none.
func (r *Repo) Remote(ctx context.Context) (address string, err error) {
	remotes, err := r.remotes(ctx)
	if err != nil || len(remotes) == 0 {
		return "", err
	}
	address, err = r.here("remote", "get-url", "--", remotes[0]).line(ctx)
	if err != nil {
		return "", fmt.Errorf("find the address of %s: %w", remotes[0], err)
	}
	return address, nil
}
