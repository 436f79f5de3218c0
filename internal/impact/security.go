package impact

import (
	"slices"
	"strings"
)

// sensitive reports whether an import is of what guards something or gets
// around what Go guards. Hashes and crypto/rand are not in it: most of their
// uses are cache keys, checksums and ids, where nothing is guarded, and what
// signs or encrypts needs one of the others as well.
func sensitive(path string) bool {
	switch path {
	case "os/exec", "unsafe", "plugin", "C":
		return true
	case "crypto", "crypto/md5", "crypto/sha1", "crypto/sha256", "crypto/sha512", "crypto/sha3", "crypto/rand":
		return false
	case "golang.org/x/crypto/blake2b", "golang.org/x/crypto/blake2s", "golang.org/x/crypto/sha3",
		"golang.org/x/crypto/md4", "golang.org/x/crypto/ripemd160":
		return false
	}
	return strings.HasPrefix(path, "crypto/") || strings.HasPrefix(path, "golang.org/x/crypto/")
}

// sensitiveImports are packages that begin to use what is sensitive. Another
// file of one that did so already is none.
func sensitiveImports(c *comparison) []Evidence {
	type use struct{ pkg, path string }
	known := map[use]bool{}
	for _, m := range c.Base.Marks {
		if m.Kind == Import {
			known[use{m.Package, m.Key}] = true
		}
	}
	var out []Evidence
	for _, m := range c.marks.added {
		u := use{m.Package, m.Key}
		if m.Kind != Import || !sensitive(m.Key) || known[u] || workshop(m.File) {
			continue
		}
		known[u] = true
		out = append(out, c.at(m, "%s imports %s now", code(c.dir(m.Package)), code(m.Key)))
	}
	return out
}

// sensitiveWords name code that decides who may do what. "token" is not among
// them: as often it is that of a parser.
var sensitiveWords = []string{
	"auth", "authn", "authz", "authentication", "authorization", "authenticator", "authorizer",
	"login", "session", "sessions", "oauth", "oauth2", "oidc", "jwt", "saml", "sso", "tls", "mtls",
	"credential", "credentials", "password", "passwords", "secret", "secrets", "acl", "rbac", "permission", "permissions",
	"attestation", "attestations", "certificate", "certificates", "cert", "certs", "x509", "pki", "crypto", "encryption", "signing",
}

func isSensitive(file string) bool {
	return isGo(file) && !workshop(file) &&
		slices.ContainsFunc(words(strings.TrimSuffix(file, ".go")), func(w string) bool { return slices.Contains(sensitiveWords, w) })
}

// sensitiveLines is the number of changed lines of code from which on a change
// of such a file is one of what it does.
const sensitiveLines = 25

// sensitivePaths compares the lines of all such files together, so that code
// that moves among them is no change.
func sensitivePaths(c *comparison) []Evidence {
	var out []Evidence
	old, now := map[string]int{}, map[string]int{}
	for _, f := range c.of(isSensitive) {
		if f.Uncounted {
			continue // generated
		}
		if f.unread() != "" {
			out = append(out, notRead(f))
			continue
		}
		before, after := goLines(f.OldText), goLines(f.NewText)
		add(old, before)
		add(now, after)
		if n := linesApart(before, after); n > 0 {
			out = append(out, Evidence{Text: plural(n, "line of code", "lines of code") + " changed in " + code(f.path()), File: f.path()})
		}
	}
	if linesApart(old, now) < sensitiveLines {
		return slices.DeleteFunc(out, func(e Evidence) bool { return !strings.Contains(e.Text, "could not be read") })
	}
	return out
}

func add(sum, lines map[string]int) {
	for line, n := range lines {
		sum[line] += n
	}
}

func tlsVerify(c *comparison) []Evidence {
	var out []Evidence
	for _, m := range c.marks.added {
		if m.Kind == InsecureTLS && !aside(m.File) {
			out = append(out, c.at(m, "%s does not verify TLS certificates", code(c.name(m))))
		}
	}
	return out
}

func nosec(c *comparison) []Evidence {
	var out []Evidence
	for _, m := range c.marks.added {
		if m.Kind == NoSec && !workshop(m.File) {
			out = append(out, c.at(m, "new %s", code(m.Key)))
		}
	}
	return out
}
