package config

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"
)

// check refuses the words that a shell would expand further than Words does.
func (w *splitter) check(word *syntax.Word) (err error) {
	for i, part := range word.Parts {
		if literal, ok := part.(*syntax.Lit); ok {
			if err := w.checkLiteral(literal, i == 0); err != nil {
				return err
			}
		}
	}
	split := *word
	if syntax.SplitBraces(&split) && slices.ContainsFunc(split.Parts, isBraceExp) {
		return w.errorf(word.Pos(), "a shell may expand the braces in this word; %s", viaQuote)
	}
	syntax.Walk(word, func(node syntax.Node) bool {
		if err == nil {
			err = w.checkNode(node)
		}
		return err == nil
	})
	return err
}

func isBraceExp(part syntax.WordPart) bool {
	_, ok := part.(*syntax.BraceExp)
	return ok
}

// checkLiteral looks at unquoted text for globs and a tilde.
func (w *splitter) checkLiteral(literal *syntax.Lit, leading bool) error {
	if pattern.HasMeta(literal.Value, 0) {
		return w.errorf(literal.Pos(), "%s is a glob, for which a shell puts file names; %s", quote(literal.Value), viaQuote)
	}
	if !leading || !strings.HasPrefix(literal.Value, "~") {
		return nil
	}
	user, _, _ := strings.Cut(literal.Value[1:], "/")
	if user != "" {
		return w.errorf(literal.Pos(), "%s names the home of a user, which gosv does not look up; write the path", quote("~"+user))
	}
	if _, set := w.env("HOME"); !set {
		return w.errorf(literal.Pos(), `"~" stands for the variable HOME, which is not set`)
	}
	return nil
}

// checkNode refuses the expansions that need a shell.
func (w *splitter) checkNode(node syntax.Node) error {
	switch n := node.(type) {
	case nil, *syntax.Word, *syntax.Lit, *syntax.SglQuoted, *syntax.DblQuoted:
		return nil
	case *syntax.ParamExp:
		return w.checkParameter(n)
	case *syntax.CmdSubst:
		return w.errorf(n.Left, "$(...) and `...` run a command in a shell; %s", viaQuote)
	case *syntax.ArithmExp:
		return w.errorf(n.Left, "$((...)) calculates in a shell; %s", viaQuote)
	}
	return w.errorf(node.Pos(), "this needs a shell; %s", viaQuote)
}

func (w *splitter) checkParameter(p *syntax.ParamExp) error {
	if p.Param == nil || !syntax.ValidName(p.Param.Value) {
		return w.errorf(p.Pos(), "only variables such as $NAME and ${NAME} have a meaning here; %s", viaQuote)
	}
	changed := p.Flags != nil || p.Excl || p.Length || p.Width || p.IsSet || p.Index != nil ||
		len(p.Modifiers) > 0 || p.Slice != nil || p.Repl != nil || p.Names != 0
	if p.Exp != nil {
		changed = changed || p.Exp.Op > syntax.ErrorUnsetOrNull
	}
	if changed {
		return w.errorf(p.Pos(), "of ${%s...} only ${%s}, :- :+ and :? work here; %s", p.Param.Value, p.Param.Value, viaQuote)
	}
	return nil
}
