package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// mutant is a file with one operator changed.
type mutant struct {
	name string // "FILE FUNCTION: EXPRESSION: OPERATOR becomes OPERATOR", and "#2" for the second of that
	file string
	text []byte
}

// becomes are the mutations of gremlins: ARITHMETIC_BASE, CONDITIONALS_BOUNDARY,
// CONDITIONALS_NEGATION, INCREMENT_DECREMENT, INVERT_LOGICAL, INVERT_ASSIGNMENTS.
var becomes = map[token.Token][]token.Token{
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.QUO}, token.QUO: {token.MUL}, token.REM: {token.MUL},
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR}, token.GTR: {token.GEQ, token.LEQ}, token.GEQ: {token.GTR, token.LSS},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL}, token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.INC: {token.DEC}, token.DEC: {token.INC}, token.ADD_ASSIGN: {token.SUB_ASSIGN}, token.SUB_ASSIGN: {token.ADD_ASSIGN},
}

// mutate gives every mutant of a package, in the order of its text.
func mutate(root, dir string) (all []mutant, err error) {
	pkg, err := build.ImportDir(filepath.Join(root, dir), 0)
	if err != nil {
		return nil, err
	}
	for _, name := range pkg.GoFiles {
		file := dir + "/" + name
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			return nil, err
		}
		some, err := mutateFile(file, text)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func mutateFile(name string, text []byte) (all []mutant, err error) {
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, name, text, 0)
	if err != nil {
		return nil, err
	}
	seen := map[string]int{}
	for _, decl := range tree.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			pos, op := operator(n)
			for _, other := range becomes[op] {
				at := files.Position(pos).Offset
				m := mutant{name: fmt.Sprintf("%s %s: %s: %v becomes %v", name, f.Name.Name, source(files, n), op, other), file: name}
				if seen[m.name]++; seen[m.name] > 1 {
					m.name += fmt.Sprintf(" #%d", seen[m.name])
				}
				m.text = bytes.Join([][]byte{text[:at], []byte(other.String()), text[at+len(op.String()):]}, nil)
				all = append(all, m)
			}
			return true
		})
	}
	return all, nil
}

// operator is that of a node, and where it stands.
func operator(n ast.Node) (token.Pos, token.Token) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		return n.OpPos, n.Op
	case *ast.IncDecStmt:
		return n.TokPos, n.Tok
	case *ast.AssignStmt:
		return n.TokPos, n.Tok
	}
	return 0, token.ILLEGAL
}

// source is a node in one line.
func source(files *token.FileSet, n ast.Node) string {
	var b strings.Builder
	_ = printer.Fprint(&b, files, n) // a Builder takes everything
	return strings.Join(strings.Fields(b.String()), " ")
}

// equivalents reads lines "NAME = REASON"; "#" begins a comment.
func equivalents(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, ok := strings.Cut(line, " = ")
		if !ok {
			return nil, fmt.Errorf(`%s: the line %q is not "NAME = REASON"`, file, line)
		}
		all[name] = reason
	}
	return all, nil
}
