package githubtest

import (
	"strconv"
	"strings"
)

// A change is one file of a diff.
type change struct {
	path, previous       string // previous where it was renamed
	status               string // GitHub's word
	blob                 string
	additions, deletions int
	patch                string // hunks only; empty for a binary file
}

var statusWords = map[byte]string{
	'A': "added", 'C': "copied", 'D': "removed", 'M': "modified", 'R': "renamed", 'T': "changed",
}

// changes are the files that head changed since it left base, the three dots
// of docs.github.com/en/pull-requests/collaborating-with-pull-requests/proposing-changes-to-your-work-with-pull-requests/about-comparing-branches-in-pull-requests.
func (r *repository) changes(base, head string) ([]*change, error) {
	rev := base + "..." + head
	raw, err := r.ask("diff", "--raw", "-z", "-M", "--no-abbrev", rev)
	if err != nil {
		return nil, err
	}
	counts, err := r.ask("diff", "--numstat", "-z", "-M", rev)
	if err != nil {
		return nil, err
	}
	patches, err := r.ask("diff", "-M", "--no-color", rev)
	if err != nil {
		return nil, err
	}
	list := parseRaw(raw)
	for _, c := range list {
		counts = c.count(counts)
	}
	// The three outputs name the files in the same order.
	for i, text := range strings.Split("\n"+patches, "\ndiff --git ")[1:] {
		if i >= len(list) {
			break
		}
		if at := strings.Index(text, "\n@@ "); at >= 0 {
			list[i].patch = text[at+1:]
		}
	}
	return list, nil
}

// parseRaw reads `git diff --raw -z`: ":mode mode sha sha status NUL path NUL",
// with two paths for a rename.
func parseRaw(raw string) []*change {
	var list []*change
	fields := strings.Split(raw, "\x00")
	for len(fields) >= 2 && strings.HasPrefix(fields[0], ":") {
		meta := strings.Fields(fields[0])
		c := &change{path: fields[1], status: statusWords[meta[4][0]], blob: meta[3]}
		if meta[4][0] == 'D' {
			c.blob = meta[2]
		}
		fields = fields[2:]
		if (meta[4][0] == 'R' || meta[4][0] == 'C') && len(fields) > 0 {
			c.previous, c.path, fields = c.path, fields[0], fields[1:]
		}
		list = append(list, c)
	}
	return list
}

// count takes one entry off `git diff --numstat -z`: "added TAB deleted TAB path
// NUL", or for a rename "added TAB deleted TAB NUL path NUL path NUL".
func (c *change) count(numstat string) (rest string) {
	entry, rest, _ := strings.Cut(numstat, "\x00")
	parts := strings.SplitN(entry, "\t", 3)
	if len(parts) == 3 {
		c.additions, _ = strconv.Atoi(parts[0]) // "-" for a binary file: 0, as GitHub says
		c.deletions, _ = strconv.Atoi(parts[1])
		if parts[2] == "" {
			_, rest, _ = strings.Cut(rest, "\x00")
			_, rest, _ = strings.Cut(rest, "\x00")
		}
	}
	return rest
}

// at finds a line of a side in the diff: the hunk up to it, and its position,
// which counts lines from the first hunk header,
// docs.github.com/en/rest/pulls/comments.
func (c *change) at(line int, side string) (hunk string, position int, found bool) {
	left, right := 0, 0
	var from int // where the hunk began
	lines := strings.Split(strings.TrimSuffix(c.patch, "\n"), "\n")
	for i, text := range lines {
		switch {
		case strings.HasPrefix(text, "@@ "):
			left, right = hunkStart(text)
			from = i
			continue
		case strings.HasPrefix(text, `\`):
			continue
		}
		here := 0
		switch text[:min(1, len(text))] {
		case "-":
			here = pick(side == "LEFT", left)
			left++
		case "+":
			here = pick(side == "RIGHT", right)
			right++
		default:
			here = pick(true, map[string]int{"LEFT": left, "RIGHT": right}[side])
			left, right = left+1, right+1
		}
		if here == line {
			return strings.Join(lines[from:i+1], "\n"), i, true
		}
	}
	return "", 0, false
}

func pick(ok bool, n int) int {
	if ok {
		return n
	}
	return 0
}

// hunkStart reads the first lines of "@@ -1,2 +3,4 @@".
func hunkStart(header string) (left, right int) {
	fields := strings.Fields(header)
	if len(fields) < 3 {
		return 0, 0
	}
	start := func(s string) int {
		s, _, _ = strings.Cut(s[1:], ",")
		n, _ := strconv.Atoi(s) // git wrote it
		return n
	}
	return start(fields[1]), start(fields[2])
}

// lineAt is the line of a side at a position of the diff, 0 where there is none.
func (c *change) lineAt(position int, side string) int {
	left, right := 0, 0
	for i, text := range strings.Split(c.patch, "\n") {
		if strings.HasPrefix(text, "@@ ") {
			left, right = hunkStart(text)
			continue
		}
		inLeft, inRight := !strings.HasPrefix(text, "+"), !strings.HasPrefix(text, "-")
		if i == position {
			if side == "RIGHT" {
				return pick(inRight, right)
			}
			return pick(inLeft, left)
		}
		left, right = left+pick(inLeft, 1), right+pick(inRight, 1)
	}
	return 0
}
