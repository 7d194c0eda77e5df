package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gosv/gosv/internal/nearest"
)

// unknownWord says what to write instead of words that are no command of gosv.
func unknownWord(root *cobra.Command, args []string) error {
	word := args[0]
	if root.Flags().Changed("run") {
		return unquotedRun(os.Args)
	}
	switch strings.ToLower(filepath.Ext(word)) {
	case ".json", ".jsonc", ".json5", ".hujson":
		return fmt.Errorf("there is no command %q; the services of a file are run by gosv --config %s", word, shellWords(args[:1]))
	case ".yaml", ".yml", ".toml", ".ini", ".conf":
		return fmt.Errorf("there is no command %q, and gosv reads JSON (comments and trailing commas are allowed): write the services into a .json file, for gosv --config FILE", word)
	}
	if meant, ok := nearest.Word(word, verbs(root)); ok {
		return fmt.Errorf("there is no command %q; did you mean gosv %s?", word, shellWords(append([]string{meant}, args[1:]...)))
	}
	return fmt.Errorf("there is no command %q; a program is run by gosv run -- %s, the services of a file by gosv --config FILE", word, shellWords(args))
}

// unquotedRun explains a --run whose command was not quoted. args is the whole command
// line.
func unquotedRun(args []string) error {
	words := args[slices.IndexFunc(args, func(word string) bool { return word == "--run" || strings.HasPrefix(word, "--run=") }):]
	if first, ok := strings.CutPrefix(words[0], "--run="); ok {
		words = append([]string{first}, words[1:]...)
	} else {
		words = words[1:]
	}
	if words[0] == "--" {
		words = words[1:]
	}
	return fmt.Errorf("--run takes the command as one word: use gosv run -- %s, or gosv --run %q", shellWords(words), strings.Join(words, " "))
}

func verbs(root *cobra.Command) (all []string) {
	for _, c := range root.Commands() {
		if !c.Hidden {
			all = append(all, c.Name())
		}
	}
	return all
}

// unknownFlag says what to write instead of a flag that a command does not have. A
// single hyphen before a whole word counts as two.
func unknownFlag(c *cobra.Command, unknown *pflag.NotExistError) error {
	if run := c.Flags().Lookup("run"); run != nil && run.Changed {
		return unquotedRun(os.Args)
	}
	written, shown := unknown.GetSpecifiedName(), "--"+unknown.GetSpecifiedName()
	if letters := unknown.GetSpecifiedShortnames(); letters != "" {
		written, _, _ = strings.Cut(letters, "=")
		shown = "-" + written
	}
	if meant, ok := nearest.Word(written, flagNames(c)); ok {
		return fmt.Errorf("there is no flag %s; did you mean --%s?", shown, meant)
	}
	if owner := c.Root(); c != owner {
		if meant, ok := nearest.Word(written, flagNames(owner)); ok {
			return fmt.Errorf("%s has no flag %s; --%s is a flag of gosv itself", c.CommandPath(), shown, meant)
		}
	}
	return fmt.Errorf("there is no flag %s", shown)
}

func flagNames(c *cobra.Command) (all []string) {
	c.Flags().VisitAll(func(f *pflag.Flag) { all = append(all, f.Name) })
	return all
}

// shellWords writes words so that a shell reads them back.
func shellWords(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = word
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return !plainInShell(r) }) {
			quoted[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// plainInShell reports whether a character needs no quotes in a shell.
func plainInShell(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./,:=@%+", r)
}
