package githubtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// gitEnv is the whole environment of every git command: no configuration of
// this machine's user takes part, and no hook or prompt.
func gitEnv(more ...string) []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.DevNull, "TMPDIR=" + os.TempDir(),
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "TZ=UTC",
		"GIT_AUTHOR_NAME=GitHub", "GIT_AUTHOR_EMAIL=noreply@github.example",
		"GIT_COMMITTER_NAME=GitHub", "GIT_COMMITTER_EMAIL=noreply@github.example",
	}, more...)
}

// runGit runs git in a folder and returns its output without the last newline.
func runGit(dir, stdin string, env []string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = env
	cmd.Stdin = strings.NewReader(stdin)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(complaint.Bytes()))
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

func (r *repository) git(args ...string) (string, error) {
	return runGit(r.dir, "", gitEnv(), args...)
}

// ask is git for questions whose answer cannot change, since they name commits
// by their SHA: it is asked once.
func (r *repository) ask(args ...string) (string, error) {
	key := strings.Join(args, "\x00")
	if answer, ok := r.answers[key]; ok {
		return answer, nil
	}
	answer, err := r.git(args...)
	if err == nil {
		r.answers[key] = answer
	}
	return answer, err
}

// init makes the bare repository. Reachable and other commits may be fetched
// by their SHA, as at GitHub (observed).
func (r *repository) init() error {
	if err := os.Mkdir(r.dir, 0o755); err != nil {
		return err
	}
	if _, err := r.git("init", "--quiet", "--bare", "--template=", "--initial-branch="+r.DefaultBranch); err != nil {
		return err
	}
	config, err := os.OpenFile(r.dir+"/config", os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = config.WriteString("[uploadpack]\n\tallowReachableSHA1InWant = true\n\tallowAnySHA1InWant = true\n\tallowFilter = true\n" +
		"[gc]\n\tauto = 0\n[http]\n\treceivepack = false\n")
	if closeErr := config.Close(); err == nil {
		err = closeErr
	}
	return err
}

// setRef moves a ref here and on disk; an empty SHA deletes it.
func (r *repository) setRef(name, sha string) error {
	if sha == "" {
		delete(r.refs, name)
		_, err := r.git("update-ref", "-d", name)
		return err
	}
	if r.refs[name] == sha {
		return nil
	}
	if _, err := r.git("update-ref", name, sha); err != nil {
		return err
	}
	r.refs[name] = sha
	return nil
}

// A Person is the author or committer of a commit.
type Person struct {
	Name, Email string
	Date        time.Time
}

// A commit is what git says of one. It never changes, so it is read once.
type commit struct {
	sha, tree         string
	parents           []string
	author, committer Person
	message           string
}

// logFormat prints one commit, its fields ended by NUL.
const logFormat = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00"

// log lists commits, newest first, by arguments of git log that name commits by
// their SHA.
func (r *repository) log(args ...string) ([]*commit, error) {
	out, err := r.ask(append([]string{"log", "-z", "--format=" + logFormat}, args...)...)
	if err != nil {
		return nil, err
	}
	const fields = 10
	parts := strings.Split(out, "\x00")
	var list []*commit
	for len(parts) >= fields {
		p := parts[:fields]
		c := &commit{sha: strings.TrimSpace(p[0]), tree: p[1], parents: strings.Fields(p[2]), message: strings.TrimSuffix(p[9], "\n")}
		c.author = Person{Name: p[3], Email: p[4], Date: parseDate(p[5])}
		c.committer = Person{Name: p[6], Email: p[7], Date: parseDate(p[8])}
		if known := r.commits[c.sha]; known != nil {
			c = known
		}
		r.commits[c.sha] = c
		list = append(list, c)
		parts = parts[fields:]
		if len(parts) > 0 && parts[0] == "" {
			parts = parts[1:] // -z ends the entry once more
		}
	}
	return list, nil
}

func parseDate(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{} // unreachable: git wrote it by %aI
	}
	return t.UTC()
}

func (r *repository) commit(sha string) (*commit, error) {
	if c := r.commits[sha]; c != nil {
		return c, nil
	}
	list, err := r.log("-1", sha)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// between lists the commits of head that base lacks, oldest first.
func (r *repository) between(base, head string) ([]*commit, error) {
	list, err := r.log("--topo-order", base+".."+head)
	slices.Reverse(list)
	return list, err
}

func (r *repository) mergeBase(a, b string) (string, error) {
	return r.ask("merge-base", a, b)
}

func (r *repository) isAncestor(a, b string) bool {
	if a == b {
		return true
	}
	base, err := r.mergeBase(a, b)
	return err == nil && base == a
}

// mergeTree is the tree of a merge, or ok=false where the two conflict.
func (r *repository) mergeTree(base, head string) (tree string, ok bool) {
	out, err := r.ask("merge-tree", "--write-tree", base, head)
	tree, _, _ = strings.Cut(out, "\n")
	return tree, err == nil
}

// commitTree writes a commit of a tree.
func (r *repository) commitTree(tree, message string, author, committer Person, parents ...string) (string, error) {
	args := []string{"commit-tree", tree}
	for _, p := range parents {
		args = append(args, "-p", p)
	}
	env := gitEnv(
		"GIT_AUTHOR_NAME="+author.Name, "GIT_AUTHOR_EMAIL="+author.Email, "GIT_AUTHOR_DATE="+gitDate(author.Date),
		"GIT_COMMITTER_NAME="+committer.Name, "GIT_COMMITTER_EMAIL="+committer.Email, "GIT_COMMITTER_DATE="+gitDate(committer.Date),
	)
	return runGit(r.dir, message, env, args...)
}

func gitDate(t time.Time) string { return fmt.Sprintf("%d +0000", t.Unix()) }
