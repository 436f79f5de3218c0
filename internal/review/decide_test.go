package review

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
)

// TestDecide tells the stories of testdata/decide: a policy, a CODEOWNERS and
// facts, one a line, and the decision.
func TestDecide(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("testdata", "decide", "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			p, s, want := readStory(t, archive)
			got := describe(Decide(p, s))
			if *update {
				last := &archive.Files[len(archive.Files)-1]
				if last.Name != "want" {
					archive.Files = append(archive.Files, txtar.File{Name: "want"})
					last = &archive.Files[len(archive.Files)-1]
				}
				last.Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
			} else if got != want {
				t.Errorf("Decide =\n%swant\n%s", got, want)
			}
		})
	}
}

// readStory makes the arguments of Decide.
func readStory(t *testing.T, archive *txtar.Archive) (p Policy, s Snapshot, want string) {
	t.Helper()
	for _, f := range archive.Files {
		var problems []Problem
		switch f.Name {
		case "policy.yml":
			p, problems = ParsePolicy(nil, &File{Name: f.Name, Content: f.Data})
		case "CODEOWNERS":
			s.Codeowners, problems = ParseCodeowners(File{Name: f.Name, Content: f.Data})
		case "facts":
			var c debt.Comparison
			for line := range strings.Lines(string(f.Data)) {
				verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
				addFact(t, &s, &c, verb, rest, strings.Fields(rest))
			}
			c.Settings = p.Rules
			s.Delta = debt.Compare(c)
		case "want":
			want = string(f.Data)
		default:
			t.Fatalf("what is %s?", f.Name)
		}
		if len(problems) > 0 {
			t.Fatal(problems)
		}
	}
	return p, s, want
}

func addFact(t *testing.T, s *Snapshot, c *debt.Comparison, verb, rest string, words []string) {
	t.Helper()
	file := func(path string, f impact.File) {
		s.Files = append(s.Files, path)
		s.Change.Files = append(s.Change.Files, f)
	}
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	switch verb {
	case "author":
		s.Involved.Authors = append(s.Involved.Authors, readIdentity(rest))
	case "opener":
		s.Involved.Opener = rest
	case "other":
		s.Involved.Others = append(s.Involved.Others, readIdentity(rest))
	case "A":
		file(rest, impact.File{New: rest, Added: 10, NewText: "CREATE TABLE t (id INT);\n"})
	case "M":
		file(rest, impact.File{Old: rest, New: rest, Added: 10})
	case "D":
		file(rest, impact.File{Old: rest, Deleted: 10})
	case "says":
		body := ""
		if s.Description != nil {
			body = *s.Description
		}
		body += rest + "\n"
		s.Description = &body
	case "import":
		// the importing package, what it imports, and where
		s.Change.Head.Packages = append(s.Change.Head.Packages, impact.Package{Path: words[0], Dir: words[0], Imports: []string{words[1]}}, impact.Package{Path: words[1], Dir: words[1]})
		s.Change.Head.Marks = append(s.Change.Head.Marks, impact.Mark{Kind: impact.Import, Key: words[1], Package: words[0], File: words[2], Line: 3})
	case "flag":
		s.Change.Head.Marks = append(s.Change.Head.Marks, impact.Mark{Kind: impact.FlagCall, Key: "openfeature " + words[0], Package: "pay", File: words[1], Line: 4})
	case "day":
		s.Day = Date(rest)
	case "seed":
		s.Seed = rest
	case "revert":
		s.Change.Revert = rest
	case "roster":
		if s.Roster == nil {
			s.Roster = Roster{}
		}
		s.Roster[Principal(words[0])] = words[1:]
	case "load":
		if s.Load == nil {
			s.Load = map[string]int{}
		}
		s.Load[words[0]] = number(words[1])
	case "capacity":
		s.Capacity = number(rest)
	case "busy":
		s.Busy = append(s.Busy, rest)
	case "no-access":
		s.NoAccess = append(s.NoAccess, rest)
	case "gap":
		s.Coverage.Skipped = append(s.Coverage.Skipped, debt.Skipped{File: rest, Reason: "symbolic link"})
	case "break":
		s.Change.Breaks = append(s.Change.Breaks, impact.Break{
			Package: words[0], Symbol: words[1], Importers: number(words[2]), File: words[3], Line: 1, Message: "changed",
		})
	case "base", "head":
		m := debt.Measure{
			Rule: words[0], Value: float64(number(words[1])), File: words[2], Symbol: words[3], Line: 1, EndLine: 1,
			Package: filepath.Dir(words[2]), Message: words[0], Test: strings.HasSuffix(words[2], "_test.go"),
		}
		side := map[string]*debt.Side{"base": &c.Base, "head": &c.Head}[verb]
		side.Measures = append(side.Measures, m)
	default:
		t.Fatalf("what is the fact %q?", verb)
	}
}

// readIdentity reads "Name <address>".
func readIdentity(s string) Identity {
	name, email, _ := strings.Cut(s, "<")
	return Identity{Name: strings.TrimSpace(name), Email: strings.TrimSuffix(email, ">")}
}

// describe writes a decision down, one thing a line.
func describe(d Decision) string {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("outcome: %s", d.Outcome)
	for _, r := range d.Reasons {
		line("because: %s", r)
	}
	for _, r := range d.Requirements {
		line("%s: asks %q, then %q, of %v; second: %v; load known: %v", r.Domain, r.Assignee, r.Backup, r.Pool, r.NeedsSecond, r.LoadKnown)
		if r.Why != "" {
			line("\t%s", r.Why)
		}
		for _, c := range r.Candidates {
			line("\tmay: %s, load %d, domains %d", c.Login, c.Load, c.Domains)
		}
		for _, e := range r.Excluded {
			line("\tmay not: %s %s (%s)", e.Who, e.Why, e.Rule)
		}
	}
	for _, who := range d.Unattributed {
		line("unattributed: %s", who)
	}
	if len(d.Unread) > 0 {
		line("unread: %v", d.Unread)
	}
	line("ownership: stated %v, author's teams %v", d.Ownership.Stated, d.Ownership.AuthorTeams)
	for _, h := range d.Ownership.Homes {
		line("\thome: %s, files %d, away %v", h.Owner, h.Files, h.Away)
	}
	for _, f := range d.Ownership.Unowned {
		line("\tunowned: %s", f)
	}
	for _, h := range d.AwayHomes {
		line("away: %s, lead %q, files %d, rises %v, accept %v: asks %q, then %q", h.Owner, h.Lead, h.Files, h.Rises(), h.Accept, h.Assignee, h.Backup)
		if h.Why != "" {
			line("\t%s", h.Why)
		}
		for _, e := range h.Excluded {
			line("\tmay not: %s %s (%s)", e.Who, e.Why, e.Rule)
		}
	}
	for _, s := range d.Sections {
		line("section %s %s: %s", s.Name, s.State, s.Why)
		for _, what := range s.Lacks {
			line("\t%s", what)
		}
	}
	if c := d.Cheapest; c != nil {
		line("cheapest: mend %v in %g min, then the net is %g min; still needs %v", c.Findings, c.Minutes, c.Net, c.StillNeeds)
	}
	return b.String()
}
