package impact

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

func isWorkflow(file string) bool {
	ext := path.Ext(file)
	if ext != ".yml" && ext != ".yaml" {
		return false
	}
	return path.Dir(file) == ".github/workflows" || strings.HasPrefix(file, ".github/actions/") || file == "action.yml" || file == "action.yaml"
}

// workflowRights are what lets a workflow harm those who use the repository:
// rights, secrets, code of others, and input that anybody can write. Only what
// the base's changed workflows did not have counts: another job, another check
// or a new version of an action that was used already are daily work.
var workflowRights = []struct {
	says  string         // with the first group of match in the place of %s
	match *regexp.Regexp // of a line
	// harmless takes a match back.
	harmless func(what, line string) bool
	// code says that it is about code of others, and no right of this one.
	code bool
}{
	{says: "may write %s", match: regexp.MustCompile(`^\s*(actions|attestations|checks|contents|deployments|discussions|id-token|issues|models|packages|pages|pull-requests|repository-projects|security-events|statuses):\s*["']?write\b`)},
	{says: "may write everything: %s", match: regexp.MustCompile(`^\s*permissions:\s*["']?(write-all)\b`)},
	{says: "reads the secret %s", match: regexp.MustCompile(`\bsecrets(?:\.|\[')([A-Za-z_]\w*)`), harmless: isJobToken},
	{says: "hands all secrets on: %s", match: regexp.MustCompile(`^\s*(secrets:\s*["']?inherit)\b`)},
	{says: "runs with the repository's rights on what others send: %s", match: regexp.MustCompile(`(?:^|[\s\[,"'-])(pull_request_target|workflow_run|issue_comment)(?:$|[\s\],"':])`)},
	{says: "runs on a machine of one's own: %s", match: regexp.MustCompile(`\b(self-hosted)\b`)},
	{says: "puts text of others into a script: %s", match: regexp.MustCompile(`\$\{\{\s*(github\.(?:head_ref|event\.(?:issue|pull_request|comment|review|discussion|head_commit|commits)[\w.*\[\]]*\.(?:title|body|message|ref|label|name|email)))\b`), harmless: assigns},
	{says: "runs the action %s", match: regexp.MustCompile(`^\s*(?:-\s*)?uses:\s*["']?((?:docker://)?[\w.-]+/[\w./-]+)[@:]`), harmless: isGitHubs, code: true},
}

// isJobToken: what it may do is said by permissions.
func isJobToken(what, _ string) bool { return what == "GITHUB_TOKEN" }

// isGitHubs: who does not trust them cannot trust the runner.
func isGitHubs(what, _ string) bool {
	return strings.HasPrefix(what, "actions/") || strings.HasPrefix(what, "github/")
}

var assignment = regexp.MustCompile(`^\s*(?:-\s*)?(?:[\w-]+:\s*["']?\$\{\{[^}]*\}\}["']?$|(?:if|group|name|run-name|concurrency):)`)

// assigns reports whether a line gives an expression to a variable or asks for
// it, which is how text of others does not become part of a script.
func assigns(_, line string) bool { return assignment.MatchString(line) }

// A workflowText is what a workflow's text says.
type workflowText struct {
	rights     []numberedLine // each once
	privileged bool           // it can do harm by what its own scripts do
	scripts    []numberedLine
}

func readWorkflow(text string) workflowText {
	var w workflowText
	lines := yamlLines(text)
	for _, l := range lines {
		for _, r := range workflowRights {
			for _, m := range r.match.FindAllStringSubmatch(l.text, -1) {
				if r.harmless != nil && r.harmless(m[1], l.text) {
					continue
				}
				w.privileged = w.privileged || !r.code
				says := strings.Replace(r.says, "%s", code(m[1]), 1)
				if !slices.ContainsFunc(w.rights, func(o numberedLine) bool { return o.text == says }) {
					w.rights = append(w.rights, numberedLine{says, l.number})
				}
			}
		}
	}
	w.scripts = scripts(lines)
	return w
}

var (
	runKey  = regexp.MustCompile(`^(\s*(?:-\s+)?)run:\s*(.*)$`)
	version = regexp.MustCompile(`\bv?\d+(?:\.\d+)+[\w.+-]*|\b[0-9a-f]{12,}\b`)
)

// scripts are the lines under run:, without versions and digests, whose change
// is daily work.
func scripts(lines []numberedLine) []numberedLine {
	var out []numberedLine
	column := -1 // of the key whose script goes on
	for _, l := range lines {
		text := strings.TrimSpace(l.text)
		if m := runKey.FindStringSubmatch(l.text); m != nil {
			column, text = len(m[1]), m[2]
			if text == "" || text[0] == '|' || text[0] == '>' {
				continue
			}
		} else if indent := len(l.text) - len(strings.TrimLeft(l.text, " ")); indent <= column {
			column = -1
		}
		if column >= 0 {
			out = append(out, numberedLine{version.ReplaceAllString(text, "VERSION"), l.number})
		}
	}
	return out
}

// workflows fires where a workflow gets a right, where one that has rights runs
// another script, and where an image is made otherwise.
func workflows(c *comparison) []Evidence {
	files := c.of(isWorkflow)
	rights, ran := map[string]bool{}, map[string]bool{}
	for _, f := range files {
		old := readWorkflow(f.OldText)
		for _, r := range old.rights {
			rights[r.text] = true
		}
		for _, s := range old.scripts {
			ran[s.text] = true
		}
	}
	var out []Evidence
	for _, f := range files {
		if f.unread() != "" {
			out = append(out, notRead(f))
			continue
		}
		now := readWorkflow(f.NewText)
		for _, r := range now.rights {
			if !rights[r.text] {
				out = append(out, Evidence{Text: code(f.New) + " " + r.text, File: f.New, Line: r.number})
			}
		}
		fresh := slices.DeleteFunc(now.scripts, func(s numberedLine) bool { return ran[s.text] })
		if now.privileged && len(fresh) > 0 {
			text := code(f.New) + " runs another script with the rights that it has: " + code(fresh[0].text)
			if n := len(fresh) - 1; n > 0 {
				text += " and " + plural(n, "line", "lines") + " more"
			}
			out = append(out, Evidence{Text: text, File: f.New, Line: fresh[0].number})
		}
	}
	return append(out, dockerfiles(c)...)
}
