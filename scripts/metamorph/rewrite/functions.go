package rewrite

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"strings"
)

// RenameFunctions gives each unexported function of a package another name, by
// renaming all identifiers of that text in the package: fields and variables
// too, which is harmless, since nobody outside can name them. Files of the
// folder with another package clause, an external test, stay as they are. All
// files of the folder belong into the map; those in kept are not changed, and
// neither are the functions that they name.
func RenameFunctions(files map[string][]byte, kept map[string]bool) (map[string][]byte, error) {
	parsed := map[string]*ast.File{}
	names := map[string]map[string]bool{} // by package clause
	for name, src := range files {
		f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed[name] = f
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || fn.Body == nil || fn.Name.IsExported() || fn.Name.Name == "init" || fn.Name.Name == "main" || fn.Name.Name == "_" {
				continue
			}
			if names[f.Name.Name] == nil {
				names[f.Name.Name] = map[string]bool{}
			}
			names[f.Name.Name][fn.Name.Name] = true
		}
	}
	for name, src := range files {
		of := names[parsed[name].Name.Name]
		delete(of, parsed[name].Name.Name) // the package's own name is an identifier too
		if kept[name] {
			identifiers(src, func(_ int, text string) { delete(of, text) })
		}
		for _, imp := range parsed[name].Imports { // the name of a package may stand for it
			path := strings.Trim(imp.Path.Value, "`\"")
			delete(of, path[strings.LastIndexByte(path, '/')+1:])
			if imp.Name != nil {
				delete(of, imp.Name.Name)
			}
		}
		if bytes.Contains(src, []byte("//go:linkname")) || bytes.Contains(src, []byte(`"C"`)) {
			clear(of)
		}
		for text := range of {
			if types.Universe.Lookup(text) != nil {
				delete(of, text)
			}
		}
	}
	out := map[string][]byte{}
	for name, src := range files {
		of := names[parsed[name].Name.Name]
		if kept[name] {
			continue
		}
		var b bytes.Buffer
		at := 0
		identifiers(src, func(offset int, text string) {
			if of[text] {
				b.Write(src[at:offset])
				b.WriteString(text + "Renamed")
				at = offset + len(text)
			}
		})
		b.Write(src[at:])
		if at > 0 {
			out[name] = b.Bytes()
		}
	}
	return out, nil
}

func identifiers(src []byte, yield func(offset int, text string)) {
	file := token.NewFileSet().AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, 0)
	for {
		pos, tok, lit := s.Scan()
		switch tok {
		case token.EOF:
			return
		case token.IDENT:
			yield(file.Offset(pos), lit)
		}
	}
}
