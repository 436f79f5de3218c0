package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/github/githubtest"
)

// demoWeeks is how tangled two old files of the demo were at the end of each past
// week, so that there is a trend to see: how many rules of settlement are nested
// into each other in one, and how many notes to mend something are in the other. The
// commits are dated back; what they came to is judged as any history is.
var demoWeeks = []struct {
	rules, notes int
	by, message  string
}{
	{4, 1, "ben-t", "Settle by hand-written rules"},
	{5, 2, "ben-t", "Settle in three currencies"},
	{6, 2, "ann-k", "Round what the bank rounds"},
	{6, 4, "ben-t", "Import statements of the second bank"},
	{8, 5, "ann-k", "Settle refunds"},
	{9, 5, "ben-t", "Settle part refunds"},
	{9, 6, "jo-b", "Import the bank's holidays"},
	{7, 6, "maria-k", "Part the rules by currency"},
	{7, 4, "maria-k", "Import by a table"},
	{5, 3, "ann-k", "Let the ledger round"},
	{4, 2, "maria-k", "Settle refunds as payments"},
	{4, 1, "ben-t", "Import holidays from the calendar"},
}

// demoReleases are the releases, by the week that they close.
var demoReleases = map[int]string{3: "v1.0.0", 8: "v1.1.0"}

// history makes the commits of the past weeks on main, the first of them with the
// files that the demo begins with.
func (s *demoStory) history(base map[string]string, now time.Time) error {
	for i, week := range demoWeeks {
		files := map[string]string{"pay/rules.go": demoRules(week.rules), "ledger/statements.go": demoNotes(week.notes)}
		if i == 0 {
			for name, content := range base {
				files[name] = content
			}
		}
		who := s.person(week.by)
		who.Date = now.AddDate(0, 0, -7*(len(demoWeeks)-i))
		c := githubtest.Commit{Branch: "main", Pusher: week.by, Message: week.message, Files: files, Author: who, Committer: who}
		sha, err := s.hub.Commit(demoRepo, c)
		if err != nil {
			return err
		}
		if release := demoReleases[i]; release != "" {
			if err := s.hub.Tag(demoRepo, release, sha); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *demoStory) person(login string) githubtest.Person {
	for _, p := range demoPeople {
		if p.Login == login {
			return githubtest.Person{Name: p.Name, Email: p.Email}
		}
	}
	return githubtest.Person{Name: login}
}

// demoRules is a function with so many rules, each nested into the one before.
func demoRules(n int) string {
	var b strings.Builder
	b.WriteString("package pay\n\n// settles says which of the rules of settlement holds for an amount.\nfunc settles(amount int64, rules []int64) int {\n")
	for i := range n {
		fmt.Fprintf(&b, "%sif len(rules) > %d && amount > rules[%d] {\n", strings.Repeat("\t", i+1), i, i)
	}
	fmt.Fprintf(&b, "%sreturn %d\n", strings.Repeat("\t", n+1), n)
	for i := n - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "%s}\n", strings.Repeat("\t", i+1))
	}
	b.WriteString("\treturn 0\n}\n\nvar _ = settles\n")
	return b.String()
}

// demoNotes is a file with so many notes that something is to be mended.
func demoNotes(n int) string {
	var b strings.Builder
	b.WriteString("package ledger\n\n// statement is a line of a bank's statement.\ntype statement struct{ text string }\n\nvar _ = statement{}\n")
	for i := range n {
		fmt.Fprintf(&b, "\n// FIXME: bank %d writes its lines in another order.\nvar order%d = []int{%d}\n\nvar _ = order%d\n", i+1, i+1, i, i+1)
	}
	return b.String()
}
