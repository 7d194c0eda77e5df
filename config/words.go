package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// WordsError says why a command line is not one plain command.
type WordsError struct {
	Column  int // characters from 1; newlines count as characters
	Message string
}

func (e *WordsError) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Message) }

// Words splits a command line into a command and its arguments as a shell
// would, without being one. It understands quotes, backslashes, $NAME, ${NAME},
// ${NAME:-default} with its kin (- :+ + :? ?), and ~ for HOME. Unquoted
// variables are split at blanks, as in a shell.
//
// Whatever a shell would do beyond that is refused with a *WordsError, never
// passed on in silence: several commands, pipes, redirections, substitutions,
// assignments, comments, globs, braces. An unset variable is an error. What a
// variable holds is never a glob.
func Words(line string, env func(string) (string, bool)) ([]string, error) {
	w := &splitter{line: line, env: env}
	return w.split()
}

const (
	viaShell = `to use it, give the line to a shell: sh -c '...'`
	viaQuote = `quote it to pass it on as it is, or give the line to a shell: sh -c '...'`
)

// splitter is one call of Words.
type splitter struct {
	line string
	env  func(string) (string, bool)
}

func (w *splitter) errorf(at syntax.Pos, format string, args ...any) *WordsError {
	offset := min(int(at.Offset()), len(w.line))
	return &WordsError{1 + utf8.RuneCountInString(w.line[:offset]), fmt.Sprintf(format, args...)}
}

func (w *splitter) split() ([]string, error) {
	if err := w.checkBytes(); err != nil {
		return nil, err
	}
	file, err := syntax.NewParser(syntax.KeepComments(true)).Parse(strings.NewReader(w.line), "")
	if err != nil {
		return nil, w.explain(err)
	}
	call, err := w.oneCall(file)
	if err != nil {
		return nil, err
	}
	for _, word := range call.Args {
		if err := w.check(word); err != nil {
			return nil, err
		}
	}
	words, err := expand.Fields(&expand.Config{Env: environment(w.env), NoUnset: true}, call.Args...)
	if err != nil {
		return nil, w.explain(err)
	}
	if len(words) == 0 || words[0] == "" {
		return nil, w.errorf(call.Pos(), "the name of the program is empty")
	}
	return words, nil
}

// checkBytes refuses what the kernel, or the shell's parser, cannot take.
func (w *splitter) checkBytes() error {
	if at := strings.IndexByte(w.line, 0); at >= 0 {
		return &WordsError{1 + utf8.RuneCountInString(w.line[:at]), "a command line cannot hold a NUL byte"}
	}
	if at := invalidUTF8([]byte(w.line)); at >= 0 {
		return &WordsError{1 + utf8.RuneCountInString(w.line[:at]),
			fmt.Sprintf("byte 0x%02x is not UTF-8, which is all that can be split here; put the command into a script and run that", w.line[at])}
	}
	return nil
}

// explain turns an error of the shell's parser or expander into ours.
func (w *splitter) explain(err error) error {
	var parse syntax.ParseError
	var lang syntax.LangError
	var unset expand.UnsetParameterError
	switch {
	case errors.As(err, &parse) && strings.Contains(parse.Text, "EOF"):
		return w.errorf(parse.Pos, "%s; close it, or put a backslash before it", parse.Text)
	case errors.As(err, &parse):
		return w.errorf(parse.Pos, "%s; %s", parse.Text, viaQuote)
	case errors.As(err, &lang):
		return w.errorf(lang.Pos, "%s is a shell's; %s", lang.Feature, viaQuote)
	case errors.As(err, &unset):
		return w.explainUnset(unset.Node)
	}
	return &WordsError{1, err.Error()}
}

func (w *splitter) explainUnset(p *syntax.ParamExp) error {
	name := p.Param.Value
	if p.Exp == nil {
		return w.errorf(p.Pos(), "variable %s is not set; set it, or write ${%s:-default}", name, name)
	}
	// ${NAME:?message}: the message is the user's own, and may be empty.
	message := ""
	if p.Exp.Word != nil {
		message = ": " + w.line[p.Exp.Word.Pos().Offset():p.Exp.Word.End().Offset()]
	}
	return w.errorf(p.Pos(), "variable %s is empty or not set%s", name, message)
}

// oneCall finds the only command, without assignments and redirections. Of two
// mistakes it names the first.
func (w *splitter) oneCall(file *syntax.File) (*syntax.CallExpr, error) {
	call, err := w.plainCall(file)
	if at, found := firstComment(file); found {
		comment := w.errorf(at, `"#" begins a comment in a shell, and the rest of the line would vanish; %s`, viaQuote)
		var before *WordsError
		if !errors.As(err, &before) || len(file.Stmts) == 0 || comment.Column < before.Column {
			return nil, comment
		}
	}
	return call, err
}

func (w *splitter) plainCall(file *syntax.File) (*syntax.CallExpr, error) {
	if len(file.Stmts) == 0 {
		return nil, &WordsError{1, "the command is empty; name a program and its arguments"}
	}
	first := file.Stmts[0]
	switch {
	case first.Negated:
		return nil, w.errorf(first.Position, `"!" is the shell's; %s`, viaShell)
	case len(first.Redirs) > 0:
		return nil, w.errorf(first.Redirs[0].OpPos, "%q redirects in a shell; %s", first.Redirs[0].Op, viaShell)
	case first.Semicolon.IsValid():
		return nil, w.errorf(first.Semicolon, "%q ends a command in a shell, and gosv runs one command; %s",
			w.line[first.Semicolon.Offset():first.Semicolon.Offset()+1], viaQuote)
	case len(file.Stmts) > 1:
		return nil, w.errorf(file.Stmts[1].Position, "a second command begins here, and gosv runs one; %s", viaShell)
	}
	call, plain := first.Cmd.(*syntax.CallExpr)
	if !plain {
		return nil, w.notPlain(first.Cmd)
	}
	if len(call.Assigns) > 0 {
		return nil, w.assignment(call)
	}
	return call, nil
}

// notPlain names the operator or keyword that makes a command more than a call.
func (w *splitter) notPlain(cmd syntax.Command) error {
	if binary, ok := cmd.(*syntax.BinaryCmd); ok {
		return w.errorf(binary.OpPos, "%q joins commands in a shell, and gosv runs one command; %s", binary.Op, viaQuote)
	}
	rest := w.line[min(int(cmd.Pos().Offset()), len(w.line)):]
	word, _, _ := strings.Cut(rest, " ")
	return w.errorf(cmd.Pos(), "%s begins shell syntax, and gosv runs one plain command; %s", quote(word), viaShell)
}

func (w *splitter) assignment(call *syntax.CallExpr) error {
	first := call.Assigns[0]
	end := first.End()
	text := w.line[first.Pos().Offset():min(int(end.Offset()), len(w.line))]
	if len(call.Args) == 0 {
		return w.errorf(first.Pos(), "%s sets a variable and runs nothing; name a program", shorten(text))
	}
	return w.errorf(first.Pos(), "%s before a command is the shell's way to set a variable; write env %s",
		shorten(text), shorten(w.line[first.Pos().Offset():]))
}

// firstComment finds a comment anywhere in the line.
func firstComment(file *syntax.File) (at syntax.Pos, found bool) {
	syntax.Walk(file, func(node syntax.Node) bool {
		if comment, ok := node.(*syntax.Comment); ok && !found {
			at, found = comment.Hash, true
		}
		return !found
	})
	return at, found
}

// environment lets the expander look variables up; an empty one is set.
type environment func(string) (string, bool)

func (e environment) Get(name string) expand.Variable {
	value, set := e(name)
	return expand.Variable{Set: set, Exported: set, Kind: expand.String, Str: value}
}

func (e environment) Each(func(name string, vr expand.Variable) bool) {}
