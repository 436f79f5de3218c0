package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// # History
//
// Commits are read in the user's repository, by rev-list, which alone of the
// commands that walk looks at nothing in the configuration that names a program
// (log would verify signatures). What they changed is read in the scratch
// repository, by diff-tree, which gets them by hash on its standard input.
//
// What a commit changed against its parent, and who wrote what a merge brought,
// never changes. So both are kept, see historyCache, and another run reads only
// the commits that are new.

// A Person is who wrote, committed or is thanked, as the commit says. Nobody
// has checked it.
type Person struct{ Name, Email string }

// A Step is one change of a branch: a commit of its first-parent chain with
// what it changed against its first parent. A merge is one step, whatever was
// merged.
type Step struct {
	Commit string
	Parent string    // the first one; "" for a root
	When   time.Time // it was committed; zero where the commit says nonsense
	// Authors are the e-mail addresses of those who wrote it, in lower case,
	// sorted: of a merge the authors of the commits that it brought, and its own
	// only where it brought none.
	Authors []string
	// Counted says that the step is of the time that was asked for. Only then
	// there are a message (at most maxMessage bytes of it), numbers of lines, and
	// renames of files that were changed as well; else no message, zeros, and
	// only renames that changed nothing.
	Counted bool
	Message string
	Files   []FileStat // in git's order
}

// Subject is the first line of the message.
func (s Step) Subject() string {
	line, _, _ := strings.Cut(s.Message, "\n")
	return line
}

// A FileStat is a file that a step changed. The path is as hostile as its
// author.
type FileStat struct {
	Path    string // after the step; of a deleted file, before it
	OldPath string // of a renamed file, else ""
	// Added and Deleted are numbers of lines, 0 of a binary file and of one that
	// is larger than Limits.FileBytes.
	Added, Deleted int
}

// maxMessage is more than GitHub takes for a pull request's description
// (65,536 characters), which becomes the message of a squashed merge.
const maxMessage = 128 << 10

// Steps returns the steps of a branch that ends in the commit tip, the newest
// first and back to its beginning, with those since then counted. In a shallow
// clone they end where the clone does; see Shallow. cache is a folder that keeps
// them for the next run, "" for none.
func (r *Repo) Steps(ctx context.Context, tip string, since time.Time, cache string) ([]Step, error) {
	return r.stepsSince(ctx, tip, func(time.Time) time.Time { return since }, cache)
}

// RecentSteps are Steps with those counted that are at most so much older than the tip.
func (r *Repo) RecentSteps(ctx context.Context, tip string, span time.Duration, cache string) ([]Step, error) {
	return r.stepsSince(ctx, tip, func(newest time.Time) time.Time { return newest.Add(-span) }, cache)
}

// stepsSince are Steps with those counted since a time that may hang on that of tip,
// which is zero in a history without steps.
func (r *Repo) stepsSince(ctx context.Context, tip string, since func(newest time.Time) time.Time, cache string) ([]Step, error) {
	steps, err := r.steps(ctx, tip, since, cache)
	if err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", short(tip), r.explain(ctx, err))
	}
	return steps, nil
}

// A keptStep is a step with both views of its files. So what a step is taken
// for depends on the time that is asked for, and not on what an earlier run has
// asked.
type keptStep struct {
	Plain Step // not counted
	Seen  bool // the rest is there, as it is of the counted step
	Text  string
	Stats []FileStat
}

func (r *Repo) steps(ctx context.Context, tip string, sinceOf func(newest time.Time) time.Time, cache string) ([]Step, error) {
	edge, err := r.shallowEdge()
	if err != nil {
		return nil, err
	}
	kept := historyCache{dir: cache, kind: "steps", edge: edge}
	var known []keptStep
	from, err := recallNearest(ctx, r, kept, tip, 0, &known)
	if err != nil {
		return nil, err
	}
	if from != "" && (len(known) == 0 || known[0].Plain.Commit != from) {
		from, known = "", nil
	}
	fresh := from != tip
	if fresh {
		added, err := r.newSteps(ctx, tip, from, edge)
		if err != nil {
			return nil, err
		}
		known = append(added, known...)
	}
	var newest time.Time
	if len(known) > 0 {
		newest = known[0].Plain.When
	}
	since := sinceOf(newest)
	looked, err := r.lookInto(ctx, known, since)
	if err != nil {
		return nil, err
	}
	if fresh || looked {
		kept.keep(tip, known)
	}
	steps := make([]Step, len(known))
	for i, k := range known {
		steps[i] = k.Plain
		if !k.Plain.When.Before(since) {
			steps[i].Counted, steps[i].Message, steps[i].Files = true, k.Text, k.Stats
		}
	}
	return steps, nil
}

// Shallow reports whether the history of this clone was cut off.
func (r *Repo) Shallow() (bool, error) {
	edge, err := r.shallowEdge()
	return edge != "", err
}

// When returns when a commit was committed, the zero time where it says
// nonsense.
func (r *Repo) When(ctx context.Context, rev string) (time.Time, error) {
	var when time.Time
	err := r.revList(ctx, false, func(c commit) error {
		when = c.when
		return nil
	}, "--max-count=1", "--end-of-options", rev)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the time of %s: %w", short(rev), err)
	}
	return when, nil
}

// shallowEdge is the list of commits whose parents are not in a shallow clone,
// one a line, "" in a complete one. Compared with nothing, such a commit would
// have added every file.
func (r *Repo) shallowEdge() (string, error) {
	edge, err := os.ReadFile(r.shallow)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	return string(edge), nil
}

// newSteps walks from tip back to the step from (exclusive), "" for the whole
// history, and tells of each who wrote it and which files it changed.
func (r *Repo) newSteps(ctx context.Context, tip, from, edge string) ([]keptStep, error) {
	revs := []string{"--end-of-options", tip}
	if from != "" {
		revs = append(revs, "^"+from)
	}
	g := make(graph)
	err := r.revList(ctx, false, func(c commit) error {
		g[c.hash] = node{c.parents, c.when, strings.ToLower(c.author.Email)}
		return nil
	}, revs...)
	if err != nil {
		return nil, err
	}
	steps := g.chain(tip)
	g.attribute(steps)
	steps = slices.DeleteFunc(steps, func(s keptStep) bool { return strings.Contains(edge, s.Plain.Commit) })

	todo := make(map[string]*[]FileStat, len(steps))
	var list strings.Builder
	for i := range steps {
		s := &steps[i].Plain
		todo[s.Commit] = &s.Files
		list.WriteString(s.pair())
	}
	return steps, r.compare(ctx, list.String(), todo, exactRenames...)
}

// A graph holds commits by their hash.
type graph map[string]node

type node struct {
	parents []string
	when    time.Time
	author  string
}

// chain lists the steps from tip back to where the graph ends.
func (g graph) chain(tip string) []keptStep {
	var steps []keptStep
	for hash := tip; hash != ""; {
		c, ok := g[hash]
		if !ok {
			break
		}
		s := Step{Commit: hash, When: c.when}
		if len(c.parents) > 0 {
			s.Parent = c.parents[0]
		}
		steps = append(steps, keptStep{Plain: s})
		hash = s.Parent
	}
	return steps
}

// attribute finds the authors of each step. From the oldest on, what a step
// reaches and none before it did is what it brought.
func (g graph) attribute(steps []keptStep) {
	seen := make(map[string]bool, len(g))
	for _, s := range steps {
		seen[s.Plain.Commit] = true
	}
	for i := len(steps) - 1; i >= 0; i-- {
		s := &steps[i].Plain
		own := g[s.Commit]
		for brought := slices.Clone(own.parents); len(brought) > 0; {
			hash := brought[len(brought)-1]
			brought = brought[:len(brought)-1]
			c, ok := g[hash]
			if !ok || seen[hash] {
				continue
			}
			seen[hash] = true
			brought = append(brought, c.parents...)
			if len(c.parents) < 2 { // who merges wrote nothing
				s.Authors = append(s.Authors, c.author)
			}
		}
		if len(s.Authors) == 0 {
			s.Authors = []string{own.author}
		}
		slices.Sort(s.Authors)
		s.Authors = slices.Compact(s.Authors)
	}
}

// pair is a step as diff-tree takes it: the commit and what to compare it with.
func (s Step) pair() string { return strings.TrimRight(s.Commit+" "+s.Parent, " ") + "\n" }

// lookInto counts those steps since then that are not, and reports whether
// there were any.
func (r *Repo) lookInto(ctx context.Context, steps []keptStep, since time.Time) (bool, error) {
	todo := make(map[string]*[]FileStat)
	messages := make(map[string]*string)
	var pairs, commits strings.Builder
	for i := range steps {
		s := &steps[i]
		if hash := s.Plain.Commit; !s.Seen && !s.Plain.When.Before(since) {
			s.Seen = true
			todo[hash], messages[hash] = &s.Stats, &s.Text
			pairs.WriteString(s.Plain.pair())
			commits.WriteString(hash + "\n")
		}
	}
	if len(todo) == 0 {
		return false, nil
	}
	c := r.revListCommand(true, "--no-walk=unsorted", "--stdin")
	c.stdin = commits.String()
	err := c.run(ctx, func(out *bufio.Reader) error {
		return parseCommits(out, true, func(c commit) error {
			if m := messages[c.hash]; m != nil {
				*m = c.message
			}
			return nil
		})
	})
	if err != nil {
		return false, err
	}
	return true, r.compare(ctx, pairs.String(), todo, append([]string{"--numstat"}, renames...)...)
}

// compare lists what the commits of a list changed, into files. A commit that
// changed nothing is not mentioned.
func (r *Repo) compare(ctx context.Context, list string, files map[string]*[]FileStat, options ...string) error {
	if len(files) == 0 {
		return nil
	}
	return r.diffCommits(list, append([]string{"--raw"}, options...)...).run(ctx, func(out *bufio.Reader) error {
		return parseStats(out, r.Limits.Entries, func(commit string, stats []FileStat) error {
			to := files[commit]
			if to == nil {
				return fmt.Errorf("answer for %s, which was not asked for", short(commit))
			}
			*to = stats
			return nil
		})
	})
}

// emptyTree is the name of a tree without files, which git knows by itself.
func (r *Repo) emptyTree() string {
	if r.sha256 {
		return "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
	}
	return "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
}

// diffCommits is a diff-tree that compares each commit of a list with the
// parents that the list gives it, or else with its own.
func (r *Repo) diffCommits(list string, options ...string) command {
	args := []string{"diff-tree", "--stdin", "--root", "-r", "-z", "--no-abbrev", "--no-ext-diff", "--no-textconv"}
	c := r.content(append(args, options...)...)
	// What is larger than a file may be is not compared line by line.
	c.env = append(c.env, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=core.bigFileThreshold",
		"GIT_CONFIG_VALUE_0="+strconv.FormatInt(r.Limits.FileBytes, 10))
	c.stdin = list
	return c
}
