package impact

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// A fileKind is a kind of file whose text a trigger compares.
type fileKind struct {
	is func(file string) bool
	// fold leaves out of a text what says nothing, so that only a change of the
	// rest is one.
	fold func(file, text string) string
}

// The kinds of file that are looked at as a whole: any change of what they say
// is the fact. Those that are read in detail have their own file here.
var (
	templateFile    = fileKind{isTemplate, func(_, text string) string { return htmlSyntax.fold(withoutTemplateComments(text)) }}
	translationFile = fileKind{isTranslation, foldByExtension}
	openAPIFile     = fileKind{isOpenAPI, foldByExtension}
	flagFile        = fileKind{isFlagFile, foldByExtension}
	migrationFile   = fileKind{isMigration, func(_, text string) string { return sqlSyntax.fold(text) }}
	protoFile       = fileKind{isProto, func(_, text string) string { return protoSyntax.fold(text) }}
)

// read are the files whose text triggers ask for.
var read = []func(file string) bool{
	isTemplate, isTranslation, isOpenAPI, isFlagFile, isMigration, isProto,
	isModuleFile, isWorkflow, isDockerfile, isSQL, isSensitive,
}

// Reads reports whether a trigger compares the text of a file, so that the
// caller has to hand it over for both sides, or say in File.Unread why not. A
// renamed file is read where Reads names one of its paths.
func Reads(file string) bool {
	return slices.ContainsFunc(read, func(is func(string) bool) bool { return is(file) })
}

// path is where the file is, or was.
func (f File) path() string { return cmp.Or(f.New, f.Old) }

// is reports whether the file is of a kind on either side.
func (f File) is(kind func(string) bool) bool {
	return f.Old != "" && kind(f.Old) || f.New != "" && kind(f.New)
}

// unread says why the file could not be compared; empty: it can. A file that
// has changed lines and no text was not handed over.
func (f File) unread() string {
	if f.Unread == "" && f.Added+f.Deleted > 0 && f.OldText == "" && f.NewText == "" {
		return "its text is not at hand"
	}
	return f.Unread
}

// of returns the changed files of a kind, in their order. File.Uncounted is not
// asked: a description of an API counts where the text around it does not.
func (c *comparison) of(kind func(string) bool) []File {
	var out []File
	for _, f := range c.Files {
		if f.is(kind) {
			out = append(out, f)
		}
	}
	return out
}

// fire is the trigger that any change of such a file fires.
func (k fileKind) fire(c *comparison) []Evidence {
	var out []Evidence
	for _, f := range c.of(k.is) {
		switch {
		case f.unread() != "":
			out = append(out, notRead(f))
		case k.fold(f.Old, f.OldText) == k.fold(f.New, f.NewText):
		case f.Old == "":
			out = append(out, Evidence{Text: code(f.New) + " is new", File: f.New})
		case f.New == "":
			out = append(out, Evidence{Text: code(f.Old) + " removed", File: f.Old})
		default:
			out = append(out, Evidence{Text: code(f.New) + " changed", File: f.New})
		}
	}
	return out
}

// notRead is the evidence where nobody can say that nothing is there.
func notRead(f File) Evidence {
	return Evidence{Text: code(f.path()) + " could not be read: " + f.unread(), File: f.path()}
}

// Templates that make pages, mails and messages. Those that make code, charts
// and workflows of others are read by no user of the product, and .html alone
// is mostly the page of a tool or of a report.
func isTemplate(file string) bool {
	name := strings.ToLower(path.Base(file))
	made, ext := strings.TrimSuffix(name, path.Ext(name)), path.Ext(name)
	switch ext {
	case ".tmpl", ".gotmpl", ".tpl", ".gohtml", ".templ", ".mustache", ".hbs", ".jet", ".qtpl", ".html", ".htm":
	default:
		return false
	}
	switch path.Ext(made) {
	case ".go", ".yaml", ".yml", ".json", ".proto", ".sh", ".sql", ".mod", ".md":
		return false
	}
	in := folders(strings.ToLower(file))
	if ext == ".html" || ext == ".htm" {
		if !slices.ContainsFunc(in, func(dir string) bool {
			return strings.Contains(dir, "templ") || strings.Contains(dir, "email") || dir == "views"
		}) {
			return false
		}
	}
	return !workshop(file) && !slices.ContainsFunc(in, func(dir string) bool {
		return dir == ".github" || dir == "charts" || strings.Contains(dir, "helm") || strings.Contains(dir, "codegen") || strings.HasSuffix(dir, "gen")
	})
}

// withoutTemplateComments drops {{/* */}}.
func withoutTemplateComments(text string) string {
	var out strings.Builder
	for {
		begin := strings.Index(text, "{{/*")
		if begin < 0 {
			break
		}
		out.WriteString(text[:begin])
		text = text[begin:]
		text = text[until(text, "*/}}"):]
	}
	out.WriteString(text)
	return out.String()
}

var translationFolders = []string{"locale", "locales", "i18n", "l10n", "translation", "translations"}

// isTranslation: by an extension that only translations have, or by the folder.
func isTranslation(file string) bool {
	if aside(file) {
		return false
	}
	name := strings.ToLower(path.Base(file))
	switch path.Ext(name) {
	case ".po", ".xlf", ".xliff", ".arb":
		return true
	case ".json", ".yaml", ".yml", ".toml", ".properties", ".ftl":
		return strings.HasPrefix(name, "active.") || // go-i18n: active.de.toml
			slices.ContainsFunc(folders(strings.ToLower(file)), func(dir string) bool { return slices.Contains(translationFolders, dir) })
	}
	return false
}

// isOpenAPI: a description of an API is one wherever it lies, also among docs.
func isOpenAPI(file string) bool {
	lower := strings.ToLower(file)
	switch path.Ext(lower) {
	case ".yaml", ".yml", ".json":
	default:
		return false
	}
	in := folders(lower)
	if slices.ContainsFunc(in, func(dir string) bool {
		return strings.HasPrefix(dir, "test") || strings.HasPrefix(dir, "example") || dir == "vendor" || dir == "third_party" || dir == "node_modules"
	}) {
		return false
	}
	named := words(path.Base(lower))
	return slices.Contains(named, "openapi") || slices.Contains(named, "swagger") || slices.Contains(in, "openapi")
}

// isFlagFile: the definitions that flagd and GO Feature Flag read, or what is
// named for feature flags.
func isFlagFile(file string) bool {
	switch path.Ext(strings.ToLower(file)) {
	case ".json", ".yaml", ".yml", ".toml":
	default:
		return false
	}
	named := strings.Join(words(path.Base(file)), " ")
	return !aside(file) && (strings.Contains(named, "flagd") || strings.Contains(named, "goff") ||
		strings.Contains(named, "feature flag") || strings.Contains(named, "featureflag"))
}

// foldByExtension knows comments and white space of YAML and JSON, and takes
// other lines as they are, without those that begin with a #.
func foldByExtension(file, text string) string {
	switch path.Ext(strings.ToLower(file)) {
	case ".json", ".arb":
		return foldJSON(text)
	case ".yaml", ".yml", ".toml":
		return foldYAML(text)
	}
	var out strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		// gettext writes the day of the last work on the file into it.
		if line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, `"PO-Revision-Date`) && !strings.HasPrefix(line, `"POT-Creation-Date`) {
			out.WriteString(line + "\n")
		}
	}
	return out.String()
}
