package analyzers

import (
	"go/token"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// plainFiles are the files of a pass in a file set of their own, at the same
// positions, in which a position says nothing but file and offset. It is for
// adopted code that resolves positions with //line directives applied, or even
// opens the file of that name: under review, "//line /dev/zero:1" is the
// name's author.
type plainFiles struct {
	fset  *token.FileSet
	files []*token.File
}

func newPlainFiles(pass *analysis.Pass) plainFiles {
	p := plainFiles{fset: token.NewFileSet()}
	for i, f := range pass.Files {
		was := pass.Fset.File(f.FileStart)
		// A NUL makes a name that no system opens.
		file := token.NewFileSet().AddFile(strconv.Itoa(i)+"\x00", was.Base(), was.Size())
		file.SetLines(was.Lines())
		p.files = append(p.files, file)
		p.fset.AddExistingFiles(file)
	}
	return p
}

// file is the index of the file that pos names; -1 where none.
func (p plainFiles) file(pos token.Position) int {
	i, err := strconv.Atoi(strings.TrimSuffix(pos.Filename, "\x00"))
	if err != nil || i >= len(p.files) {
		return -1
	}
	return i
}

// pos is the position that was resolved to pos; NoPos where there is none.
func (p plainFiles) pos(pos token.Position) token.Pos {
	if i := p.file(pos); i >= 0 {
		return p.files[i].Pos(pos.Offset)
	}
	return token.NoPos
}

// line is the file, by its index in the pass, and the line of pos.
func (p plainFiles) line(pos token.Pos) fileLine {
	at := p.fset.PositionFor(pos, false)
	return fileLine{p.file(at), at.Line}
}
