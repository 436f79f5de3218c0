package engine

import (
	"bytes"
	"path"
	"path/filepath"
	"strings"
)

// tampered says why a vendored file of the head is not simply taken for a copy of
// what its module is: it was changed, and nothing says that anything else is to be
// vendored. It is empty where the file may be left out like other vendored code.
func (s *session) tampered(rel string) string {
	if s.job.Base == "" {
		return ""
	}
	root, file, ok := strings.Cut("/"+rel, "/vendor/")
	if !ok {
		return ""
	}
	root = strings.TrimPrefix(root, "/")
	pkg, list := path.Dir(file), path.Join(root, "vendor", "modules.txt")
	was, err := s.base.read(list)
	if err != nil {
		return "" // nothing was vendored there by the go command
	}
	before := vendoredFrom(was, pkg)
	if before == "" {
		return ""
	}
	now, err := s.head.read(list)
	if err != nil {
		return "vendored, and vendor/modules.txt could not be read"
	}
	if vendoredFrom(now, pkg) != before || s.copied(root, before, file) {
		return ""
	}
	return "vendored, and changed without another version of its module in vendor/modules.txt"
}

// vendoredFrom returns the line of modules.txt that names the module of a package:
// "# example.com/dep v1.0.0" or "# example.com/dep v1.0.0 => ./dep".
func vendoredFrom(modules []byte, pkg string) string {
	module := ""
	for line := range bytes.Lines(modules) {
		switch line := strings.TrimSpace(string(line)); {
		case strings.HasPrefix(line, "# "):
			module = line
		case line == pkg:
			return module
		}
	}
	return ""
}

// copied reports whether a vendored file is that of the folder of the repository
// by which its module is replaced.
func (s *session) copied(root, module, file string) bool {
	name, by, ok := strings.Cut(strings.TrimPrefix(module, "# "), " => ")
	if name, _, _ = strings.Cut(name, " "); !ok || !filepath.IsLocal(filepath.FromSlash(path.Join(root, by))) {
		return false
	}
	original, err := s.head.read(path.Join(root, by, strings.TrimPrefix(strings.TrimPrefix(file, name), "/")))
	if err != nil {
		return false
	}
	vendored, err := s.head.read(path.Join(root, "vendor", file))
	return err == nil && bytes.Equal(original, vendored)
}
