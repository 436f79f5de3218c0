package main

import (
	"bytes"
	_ "embed" // the text of a first policy
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/barraiser/barraiser/internal/review"
)

// A proposal is what bot init makes of a repository's files.
type proposal struct {
	components []proposedComponent
	teams      []proposedTeam
}

type proposedComponent struct{ Name, Glob, Owners string }

type proposedTeam struct {
	Name, GitHub string
	Owns         []string
}

// maxComponents is how many components are worth a look. Beyond, the folders
// below internal and pkg are taken together.
const maxComponents = 40

// containers are folders whose folders are the parts; they are none themselves.
// The commands together are one part: what is below cmd starts the others.
var containers = map[string]bool{"internal": true, "pkg": true, "apps": true, "services": true, "modules": true, "libs": true}

func newProposal(files []string, owners review.Codeowners) proposal {
	folders := map[string][]string{} // Go files by the folder that is a component
	for _, depth := range []int{2, 1} {
		clear(folders)
		for _, f := range files {
			if isSource(f) {
				dir := part(path.Dir(f), depth)
				folders[dir] = append(folders[dir], f)
			}
		}
		if len(folders) <= maxComponents {
			break
		}
	}
	var p proposal
	owns := map[string][]string{}
	names := map[string]bool{}
	for _, dir := range slices.Sorted(maps.Keys(folders)) {
		if dir == "." {
			continue // files at the top are what holds the others together
		}
		name := slug(dir)
		if names[name] {
			name = slug(strings.ReplaceAll(dir, "/", "-"))
		}
		for n := 2; names[name]; n++ {
			name = fmt.Sprint(slug(dir), "-", n)
		}
		names[name] = true
		c := proposedComponent{Name: name, Glob: dir + "/**"}
		shared := commonOwners(folders[dir], owners)
		for _, o := range shared {
			if o.IsTeam() {
				owns[string(o)] = append(owns[string(o)], c.Glob)
				break // the first one; two teams cannot own the same code here
			}
		}
		c.Owners = ownerText(shared)
		p.components = append(p.components, c)
	}
	taken := map[string]bool{}
	for _, team := range slices.Sorted(maps.Keys(owns)) {
		_, short, _ := strings.Cut(team, "/")
		name := slug(short)
		if taken[name] {
			name = slug(strings.ReplaceAll(team[1:], "/", "-"))
		}
		taken[name] = true
		p.teams = append(p.teams, proposedTeam{Name: name, GitHub: team, Owns: owns[team]})
	}
	return p
}

// isSource tells the Go files that make a component from those that nobody here
// writes or ships, and from those that no glob would name.
func isSource(file string) bool {
	if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
		return false
	}
	for dir := range strings.SplitSeq(path.Dir(file), "/") {
		if dir == "vendor" || dir == "testdata" || strings.HasPrefix(dir, "_") || len(dir) > 1 && dir[0] == '.' {
			return false
		}
	}
	return len(file) < 200 && utf8.ValidString(file) && !strings.ContainsAny(file, "*?[]{}\\")
}

// part is the folder that stands for a package: the first one on the way to it,
// or the second one below a container.
func part(dir string, depth int) string {
	first, rest, below := strings.Cut(dir, "/")
	if !below || depth < 2 || !containers[first] {
		return first
	}
	second, _, _ := strings.Cut(rest, "/")
	return first + "/" + second
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// slug makes a name of a folder: its last part, since internal/pay is pay to
// people.
func slug(dir string) string {
	base := strings.Trim(notInName.ReplaceAllString(path.Base(dir), "-"), "-_")
	if base == "" {
		base = "part"
	}
	return base[:min(len(base), 60)]
}

// commonOwners are the owners of all of the files, none where they differ.
func commonOwners(files []string, owners review.Codeowners) []review.Principal {
	var common []review.Principal
	for i, f := range files {
		of := owners.Of(f)
		if i > 0 && !slices.Equal(of, common) {
			return nil
		}
		common = of
	}
	return common
}

func ownerText(owners []review.Principal) string {
	var out []string
	for _, o := range owners {
		out = append(out, o.Mention())
	}
	return strings.Join(out, " ")
}

// mistakable are names that some reader of YAML takes for a number, for nothing
// or for yes.
var mistakable = regexp.MustCompile(`(?i)^([^a-z].*|true|false|null|yes|no|on|off|y|n)$`)

//go:embed policy.tmpl
var policyText string

var policyTemplate = template.Must(template.New("policy").Funcs(template.FuncMap{
	"name": func(s string) string {
		if mistakable.MatchString(s) {
			return strconv.Quote(s)
		}
		return s
	},
	"quote": strconv.Quote,
	"list": func(all []string) string {
		var out []string
		for _, s := range all {
			out = append(out, strconv.Quote(s))
		}
		return "[" + strings.Join(out, ", ") + "]"
	},
}).Parse(policyText))

// file writes the proposal down.
func (p proposal) file() []byte {
	var b bytes.Buffer
	data := struct {
		Components []proposedComponent
		Teams      []proposedTeam
	}{p.components, p.teams}
	if err := policyTemplate.Execute(&b, data); err != nil {
		panic(fmt.Sprintf("policy.tmpl: %v", err)) // unreachable: the template and its data are ours
	}
	return b.Bytes()
}
