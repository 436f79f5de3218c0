package review

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hmarr/codeowners"
)

// CodeownersFiles is where GitHub looks, in its order; it takes the first one.
var CodeownersFiles = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// MaxCodeownersBytes is the size from which GitHub does not load the file.
const MaxCodeownersBytes = 3 << 20

// What a file may hold at most, so that none takes long to match. The longest
// public ones have some 10,000 lines.
const (
	maxOwnerRules     = 20_000
	maxOwnerPattern   = 255 // bytes
	maxOwnerWildcards = 16
)

// Codeowners is a CODEOWNERS file as GitHub reads it: the last pattern that
// matches decides, and one without owners takes them away. The zero Codeowners
// is that of a repository without the file.
//
// Not included: GitLab's sections, !, [ ] and \#. GitHub knows none of them.
type Codeowners struct{ rules []ownerRule }

type ownerRule struct {
	codeowners.Rule
	begin string // what each path that matches begins with
}

// ParseCodeowners reads the file. A line that cannot be read is skipped, as
// GitHub does it, and is a problem.
func ParseCodeowners(f File) (Codeowners, []Problem) {
	r := reader{file: f.Name}
	if len(f.Content) >= MaxCodeownersBytes {
		r.problem(span{1, 1, 1}, "the file has %d bytes, and GitHub loads none from %d on", len(f.Content), MaxCodeownersBytes)
		return Codeowners{}, r.problems
	}
	r.lines = strings.SplitAfter(strings.TrimPrefix(string(f.Content), "\ufeff"), "\n")
	var c Codeowners
	for i, line := range r.lines {
		text := strings.TrimSpace(line)
		if text == "" || text[0] == '#' {
			continue
		}
		at := span{i + 1, 1, len([]rune(strings.TrimRight(line, "\r\n")))}
		rule, err := parseOwnerLine(text)
		switch {
		case err != nil:
			r.problem(at, "this line is skipped: %v", err)
		case len(c.rules) == maxOwnerRules:
			r.problem(at, "the file has more than %d patterns, so none is read", maxOwnerRules)
			return Codeowners{}, r.told()
		default:
			c.rules = append(c.rules, rule)
		}
	}
	return c, r.told()
}

// parseOwnerLine reads one line. The library is given no more than that, since
// it drops all of a file for one line that it cannot read.
func parseOwnerLine(line string) (ownerRule, error) {
	rules, err := codeowners.ParseFile(strings.NewReader(line), codeowners.WithOwnerMatchers(ownerMatchers))
	if err != nil {
		return ownerRule{}, errors.New(strings.TrimPrefix(err.Error(), "line 1: "))
	}
	if len(rules) != 1 {
		return ownerRule{}, errors.New("it is too long") // for the library's scanner, which says nothing
	}
	pattern := rules[0].RawPattern()
	switch {
	case pattern == "/": // the library's Match panics on it
		return ownerRule{}, errors.New(`"/" is no file; the pattern for all of them is *`)
	case len(pattern) > maxOwnerPattern, strings.Count(pattern, "*")+strings.Count(pattern, "?") > maxOwnerWildcards:
		return ownerRule{}, fmt.Errorf("its pattern is too intricate; up to %d characters and %d wildcards are read", maxOwnerPattern, maxOwnerWildcards)
	case strings.HasPrefix(line[len(pattern):], "#"):
		return ownerRule{}, errors.New("a comment begins within its pattern")
	}
	return ownerRule{rules[0], beginning(pattern)}, nil
}

// ownerMatchers are the library's, but for addresses: it knows only top-level
// domains of up to six letters.
var ownerMatchers = []codeowners.OwnerMatcher{
	codeowners.OwnerMatchFunc(codeowners.MatchTeamOwner),
	codeowners.OwnerMatchFunc(codeowners.MatchUsernameOwner),
	codeowners.OwnerMatchFunc(func(s string) (codeowners.Owner, error) {
		if !ownerAddress.MatchString(s) {
			return codeowners.Owner{}, codeowners.ErrNoMatch
		}
		return codeowners.Owner{Value: s, Type: codeowners.EmailOwner}, nil
	}),
}

var ownerAddress = regexp.MustCompile(`^[^@/]+@[^@/]+\.[A-Za-z0-9-]+$`)

// beginning is the part of a pattern up to its first wildcard, where paths have
// to begin with it: most rules are told by it alone, without their regular
// expression.
func beginning(pattern string) string {
	if i := strings.Index(pattern, "/"); i < 0 || i == len(pattern)-1 {
		return "" // such a pattern matches in any folder
	}
	pattern = strings.TrimPrefix(pattern, "/")
	if i := strings.IndexAny(pattern, `*?\`); i >= 0 {
		pattern = pattern[:i]
	}
	return pattern
}

// Stated reports whether the file says anything.
func (c Codeowners) Stated() bool { return len(c.rules) > 0 }

// Of returns the owners of a file in lower case, in their order. Beside logins
// and GitHub teams these may be e-mail addresses.
func (c Codeowners) Of(file string) []Principal {
	for _, r := range slices.Backward(c.rules) {
		if !strings.HasPrefix(file, r.begin) {
			continue
		}
		if ok, err := r.Match(file); err != nil || !ok {
			continue
		}
		var owners []Principal
		for _, o := range r.Owners {
			name := strings.ToLower(o.Value)
			if o.Type == codeowners.TeamOwner {
				name = "@" + name
			}
			owners = append(owners, Principal(name))
		}
		return owners
	}
	return nil
}

// An Owner is a team of the policy or, where Team is empty, whom CODEOWNERS
// names: a login, a GitHub team of which the policy knows nothing, or the
// address of nobody that is known.
type Owner struct {
	Team      string
	Principal Principal
}

func (o Owner) String() string {
	if o.Team != "" {
		return o.Team
	}
	return o.Principal.Mention()
}

// isAddress tells an address of a CODEOWNERS file from a login and a team.
func (p Principal) isAddress() bool { return strings.LastIndex(string(p), "@") > 0 }

// Mention writes a principal as CODEOWNERS does: "@jo-b", "@acme/payments".
func (p Principal) Mention() string {
	if p.IsTeam() || p.isAddress() {
		return string(p)
	}
	return "@" + string(p)
}

// Owners says who owns a file: the team of the policy that says so by its owns,
// else whom CODEOWNERS names.
type Owners struct {
	Policy     Policy
	Codeowners Codeowners
}

// Stated reports whether the repository says anything of ownership, so that a
// file without an owner stands out.
func (o Owners) Stated() bool {
	if o.Codeowners.Stated() {
		return true
	}
	for _, t := range o.Policy.Teams {
		if len(t.Owns) > 0 {
			return true
		}
	}
	return false
}

// Of returns the owners of a file, none where it has none. Of a package, ask
// for one of its files: a pattern such as /pay/*.go matches no folder.
func (o Owners) Of(file string) []Owner {
	if team := o.Policy.TeamOf(file); team != "" {
		return []Owner{{Team: team}}
	}
	var owners []Owner
	add := func(owner Owner) {
		if !slices.Contains(owners, owner) {
			owners = append(owners, owner)
		}
	}
	for _, p := range o.Codeowners.Of(file) {
		var teams []string
		if p.IsTeam() {
			teams = o.Policy.TeamsOf(p)
		} else if p.isAddress() {
			p = Principal(cmp.Or(o.Policy.LoginOf(string(p)), string(p)))
		}
		for _, t := range teams {
			add(Owner{Team: t})
		}
		if len(teams) == 0 {
			add(Owner{Principal: p})
		}
	}
	return owners
}

// TeamOf names the owners of a file in one text, empty where it has none.
func (o Owners) TeamOf(file string) string {
	var names []string
	for _, owner := range o.Of(file) {
		names = append(names, fmt.Sprint(owner))
	}
	return strings.Join(names, ", ")
}
