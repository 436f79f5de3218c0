package impact

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

func isDockerfile(file string) bool {
	name := strings.ToLower(path.Base(file))
	named := name == "dockerfile" || name == "containerfile" || strings.HasPrefix(name, "dockerfile.") || strings.HasPrefix(name, "containerfile.") ||
		strings.HasSuffix(name, ".dockerfile") || strings.HasSuffix(name, ".containerfile")
	return named && !strings.HasPrefix(name, ".") && !inFolder(file, asideFolders) && !inFolder(file, []string{"tool", "tools", "hack", "dev"}) &&
		!slices.ContainsFunc(folders(file), func(dir string) bool { return strings.HasPrefix(dir, ".") })
}

func dockerfiles(c *comparison) []Evidence {
	var out []Evidence
	for _, f := range c.of(isDockerfile) {
		if f.unread() != "" {
			out = append(out, notRead(f))
			continue
		}
		had := map[string]int{}
		for _, in := range instructions(f.OldText) {
			had[in.text]++
		}
		for _, in := range instructions(f.NewText) {
			if had[in.text]--; had[in.text] < 0 {
				out = append(out, Evidence{Text: code(f.New) + " has the new " + code(in.text), File: f.New, Line: in.number})
			}
		}
		// Without its USER an image runs as root.
		for text, n := range had {
			if n > 0 && strings.HasPrefix(text, "USER ") && f.New != "" {
				out = append(out, Evidence{Text: code(f.New) + " lost " + code(text), File: f.New})
			}
		}
	}
	return out
}

// instructions are those of a Dockerfile that decide what the image is made of
// and as whom it runs. Tags and digests of images are left out: a new version
// of the same image is daily work, as a new version of a module is.
func instructions(text string) []numberedLine {
	var out []numberedLine
	var whole strings.Builder
	n, begin := 0, 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue // also between the lines of one instruction
		}
		if whole.Len() == 0 {
			begin = n
		}
		if more, ok := strings.CutSuffix(line, `\`); ok {
			whole.WriteString(more + " ")
			continue
		}
		if in := instruction(whole.String() + line); in != "" {
			out = append(out, numberedLine{in, begin})
		}
		whole.Reset()
	}
	if in := instruction(whole.String()); in != "" {
		out = append(out, numberedLine{in, begin})
	}
	return out
}

var copyFrom = regexp.MustCompile(`^--from=(\S+)$`)

// instruction normalises one instruction; empty: it decides nothing.
func instruction(text string) string {
	f := strings.Fields(text)
	if len(f) < 2 {
		return ""
	}
	verb := strings.ToUpper(f[0])
	switch verb {
	case "FROM":
		for i, arg := range f[1:] {
			if !strings.HasPrefix(arg, "--") {
				return "FROM " + withoutTag(f[i+1])
			}
		}
	case "COPY": // what is in the folder of the build was judged itself, and so for ADD
		if m := copyFrom.FindStringSubmatch(f[1]); m != nil && strings.Contains(m[1], "/") {
			return "COPY --from=" + withoutTag(m[1])
		}
	case "ADD":
		if strings.Contains(text, "://") || strings.Contains(text, "git@") {
			return "ADD " + strings.Join(f[1:], " ")
		}
	case "RUN", "USER", "EXPOSE", "ENTRYPOINT", "CMD":
		return verb + " " + strings.Join(f[1:], " ")
	}
	return ""
}

// withoutTag cuts the tag and the digest off an image. A colon before the last
// slash is that of a port.
func withoutTag(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		image = image[:i]
	}
	return image
}
