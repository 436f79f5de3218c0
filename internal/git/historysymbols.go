package git

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// parseTouched reads a patch without context, as parseHunks does, and calls
// visit for the declaration of each changed line of code, and once before with
// "" for the file. The calls may repeat.
//
// The header of a hunk names the declaration that its first line is in, as far
// as git can tell; a line of the hunk that begins another one goes before that.
// A line that starts at the margin and begins none is no code inside of a
// declaration: it is blank, a comment, an import, or the brace that closes one.
func parseTouched(in *bufio.Reader, visit func(file int, symbol string) error) error {
	return parseHunks(in, func(file int, h Hunk, header string) error {
		return parseHunkLines(in, h, declarationOf(header), func(symbol string) error {
			return visit(file, symbol)
		})
	})
}

// parseHunkLines reads as many lines as the hunk has. What a removed line says
// may look like a header of the patch.
func parseHunkLines(in *bufio.Reader, h Hunk, before declaration, visit func(symbol string) error) error {
	for _, side := range []struct {
		mark  string
		lines int
	}{{"-", h.OldLines}, {"+", h.NewLines}} {
		current := before
		for n := 0; n < side.lines; {
			line, err := lineStart(in)
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				return err
			}
			if strings.HasPrefix(line, `\`) { // "\ No newline at end of file" of the side before
				continue
			}
			text, ok := strings.CutPrefix(line, side.mark)
			if !ok {
				return fmt.Errorf("unexpected line %.80q in a hunk", line)
			}
			n++
			symbol, code := current.read(strings.TrimRight(text, "\r\n"))
			if !code {
				continue
			}
			if err := visit(""); err != nil {
				return err
			}
			if symbol == "" {
				continue
			}
			if err := visit(symbol); err != nil {
				return err
			}
		}
	}
	return nil
}

// A declaration is what lines are in.
type declaration struct {
	symbol string // "" where it has no name, or one that was not understood
	group  bool   // it is a list in brackets, whose parts have names of their own
}

// read tells what a line touches, and whether it is code at all, and goes on to
// the declaration that it begins.
func (d *declaration) read(line string) (symbol string, code bool) {
	switch {
	case line == "":
		return "", false
	case line[0] != ' ' && line[0] != '\t':
		next := declarationOf(line)
		if next == (declaration{}) {
			return "", false
		}
		*d = next
		return d.symbol, true
	case strings.TrimSpace(line) == "":
		return "", false
	case d.group && line[0] == '\t':
		if name := leadingName(line[1:]); name != "" {
			d.symbol = name
		}
	}
	return d.symbol, true
}

// declarationOf reads the line that begins a declaration, the rest of which may
// be missing. The zero declaration: it begins none.
func declarationOf(line string) declaration {
	keyword, rest, ok := strings.Cut(line, " ")
	if !ok {
		return declaration{}
	}
	switch keyword {
	case "func":
		return declaration{symbol: funcName(rest)}
	case "type", "var", "const":
		if strings.HasPrefix(rest, "(") {
			return declaration{group: true}
		}
		return declaration{symbol: leadingName(rest)}
	}
	return declaration{}
}

// funcName reads "Name(" and "(t *Type[P]) Name(", with "" for what it does not
// understand or what was cut.
func funcName(s string) string {
	receiver := ""
	if in, ok := strings.CutPrefix(s, "("); ok {
		in, after, ok := strings.Cut(in, ") ")
		if !ok {
			return ""
		}
		base, _, _ := strings.Cut(in, "[")
		base = base[strings.LastIndexAny(base, " *(")+1:]
		receiver, s = strings.TrimRight(base, ")")+".", after
	}
	name := leadingName(s)
	if rest := s[len(name):]; name == "" || receiver == "." || !strings.HasPrefix(rest, "(") && !strings.HasPrefix(rest, "[") {
		return ""
	}
	return receiver + name
}

// leadingName is the identifier that s begins with.
func leadingName(s string) string {
	for i, c := range s {
		if c != '_' && c < 0x80 && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return s[:i]
		}
	}
	return s
}
