package analyzers

import (
	"fmt"
	"go/version"
	"path"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// Module is one go.mod of a tree.
type Module struct {
	Dir  string // relative to the repository; "." for its root
	File *modfile.File
	// Known is what the module cache says of the modules that the file requires
	// directly, by path. What it does not hold is not known, and no finding.
	Known map[string]KnownModule
}

// KnownModule is what is known offline of a module.
type KnownModule struct {
	// Released says that a version is known which is neither a pre-release nor
	// a pseudo-version.
	Released bool
	// Latest is the go.mod of the newest known version, in which its author
	// deprecates the module or takes versions back; nil: none is known.
	Latest *modfile.File
}

func (m Module) path() string {
	if m.File.Module == nil {
		return ""
	}
	return m.File.Module.Mod.Path
}

// at is a measure of one line of the file, about the module named by about.
func (m Module) at(rule string, line *modfile.Line, about, message string) ProgramMeasure {
	out := ProgramMeasure{
		Rule: rule, Module: m.path(), Symbol: about, File: path.Join(m.Dir, "go.mod"),
		Line: 1, EndLine: 1, Column: 1, Message: message, Value: 1,
		Node: digest(m.path() + " " + about),
	}
	if line != nil {
		out.Line, out.EndLine, out.Column = line.Start.Line, line.End.Line, line.Start.LineRune
	}
	return out
}

// forks measures modules that are replaced by one of another path. The same
// path at another version is a pin and no fork.
func forks(t *Tree) []ProgramMeasure {
	var out []ProgramMeasure
	for _, m := range t.Modules {
		for _, r := range m.File.Replace {
			if r.New.Version != "" && r.New.Path != r.Old.Path {
				out = append(out, m.at("mod/replace-fork", r.Syntax, r.Old.Path, r.Old.Path+" is replaced by "+r.New.Path))
			}
		}
	}
	return out
}

// localReplaces measures modules of others that are replaced by a folder. The
// modules of one repository may well replace each other by their folders: that
// is how they are worked on together.
func localReplaces(t *Tree) []ProgramMeasure {
	var out []ProgramMeasure
	for _, m := range t.Modules {
		for _, r := range m.File.Replace {
			if r.New.Version == "" && !m.sibling(r.Old.Path, r.New.Path) {
				out = append(out, m.at("mod/replace-local", r.Syntax, r.Old.Path, r.Old.Path+" is replaced by the folder "+r.New.Path))
			}
		}
	}
	return out
}

// sibling reports whether the module that is replaced by a folder, as seen from
// m, is of the same repository: less their folders both have one path.
//
//	example.com/m/v3 in "." and example.com/m/api/v3 in "api": both example.com/m
func (m Module) sibling(replaced, folder string) bool {
	dir := path.Join(m.Dir, strings.ReplaceAll(folder, `\`, "/"))
	if strings.HasPrefix(dir, "../") {
		return false
	}
	own, okOwn := repositoryPath(m.path(), m.Dir)
	other, okOther := repositoryPath(replaced, dir)
	return okOwn && okOther && own == other
}

// repositoryPath is the import path of the folder that a module's is relative
// to; ok is false where the two have nothing in common.
func repositoryPath(modulePath, dir string) (root string, ok bool) {
	prefix, _, ok := module.SplitPathVersion(modulePath)
	if !ok || dir == "." {
		return prefix, ok
	}
	for _, p := range []string{prefix, modulePath} { // client/v3 may lie in client or in client/v3
		if root, ok := strings.CutSuffix(p, "/"+dir); ok {
			return root, true
		}
	}
	return "", false
}

// direct calls visit for each module that is required directly and not
// replaced.
func (m Module) direct(visit func(*modfile.Require)) {
	replaced := map[string]bool{}
	for _, r := range m.File.Replace {
		if r.Old.Version == "" {
			replaced[r.Old.Path] = true
		}
	}
	for _, r := range m.File.Require {
		if !r.Indirect && !replaced[r.Mod.Path] {
			visit(r)
		}
	}
}

// pseudoVersions measures direct dependencies on a commit between releases, of
// modules that have releases.
func pseudoVersions(t *Tree) []ProgramMeasure {
	var out []ProgramMeasure
	for _, m := range t.Modules {
		m.direct(func(r *modfile.Require) {
			if !module.IsPseudoVersion(r.Mod.Version) {
				return
			}
			// Of v1.2.4-0.DATE-COMMIT the form itself says that there is a v1.2.3.
			base, err := module.PseudoVersionBase(r.Mod.Version)
			if m.Known[r.Mod.Path].Released || err == nil && base != "" && semver.Prerelease(base) == "" {
				out = append(out, m.at("mod/pseudo-version", r.Syntax, r.Mod.Path,
					r.Mod.Path+" is required at a commit, though it has releases"))
			}
		})
	}
	return out
}

// retracted measures direct dependencies that their authors have taken back or
// deprecated.
func retracted(t *Tree) []ProgramMeasure {
	var out []ProgramMeasure
	for _, m := range t.Modules {
		m.direct(func(r *modfile.Require) {
			latest := m.Known[r.Mod.Path].Latest
			if latest == nil {
				return
			}
			if latest.Module != nil && latest.Module.Deprecated != "" {
				out = append(out, m.at("mod/retracted", r.Syntax, r.Mod.Path,
					r.Mod.Path+" is deprecated: "+shorten(oneLine(latest.Module.Deprecated), 80)))
				return
			}
			for _, v := range latest.Retract {
				if semver.Compare(v.Low, r.Mod.Version) <= 0 && semver.Compare(r.Mod.Version, v.High) <= 0 {
					out = append(out, m.at("mod/retracted", r.Syntax, r.Mod.Path,
						strings.TrimSuffix(r.Mod.Path+" "+r.Mod.Version+" is retracted: "+shorten(oneLine(v.Rationale), 80), ": ")))
					return
				}
			}
		})
	}
	return out
}

var goRelease = regexp.MustCompile(`^go1\.([0-9]{1,4})`)

// minor is the n of a release go1.n; 0 where it is no such release.
func minor(release string) int {
	m := goRelease.FindStringSubmatch(release)
	if m == nil || !version.IsValid(release) {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0 // unreachable: the pattern has digits
	}
	return n
}

// goDirectives measures modules whose language is that of a Go release which
// is no longer maintained: two are, the newest and the one before
// (https://go.dev/doc/devel/release).
func goDirectives(t *Tree) []ProgramMeasure {
	now := minor(t.Toolchain)
	var out []ProgramMeasure
	for _, m := range t.Modules {
		if m.File.Go == nil {
			continue // go 1.16 by definition, but the file says nothing
		}
		if n := minor("go" + m.File.Go.Version); n > 0 && n <= now-2 {
			out = append(out, m.at("mod/go-directive", m.File.Go.Syntax, "",
				fmt.Sprintf("go %s is %d releases behind go1.%d", m.File.Go.Version, now-n, now)))
		}
	}
	return out
}
