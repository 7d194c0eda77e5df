package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// errTwice is a flag that has one value and was given two.
var errTwice = errors.New("given twice")

// once is a string that is set at most once.
type once struct {
	value *string
	set   bool
}

func (o *once) String() string {
	if o.value == nil {
		return "" // of the zero value, which pflag makes
	}
	return *o.value
}

func (o *once) Type() string { return "string" }

func (o *once) Set(text string) error {
	if o.set {
		return errTwice
	}
	*o.value, o.set = text, true
	return nil
}

// exclusive lets a command have at most one flag of each group.
func exclusive(c *cobra.Command, groups ...[]string) {
	for _, group := range groups {
		c.MarkFlagsMutuallyExclusive(group...) // for completion; its error is not for people
	}
	c.PreRunE = func(cmd *cobra.Command, _ []string) error {
		for _, group := range groups {
			var given []string
			for _, name := range group {
				if cmd.Flags().Changed(name) {
					given = append(given, "--"+name)
				}
			}
			if len(given) > 1 {
				return fmt.Errorf("%s exclude each other: give one of them", strings.Join(given, " and "))
			}
		}
		return nil
	}
}

// sameFile tells whether two names are of one file, which need not be there.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	if err == nil && err2 == nil {
		return os.SameFile(one, other)
	}
	a, err = filepath.Abs(a)
	b, err2 = filepath.Abs(b)
	return err == nil && err2 == nil && a == b
}

// strictHelp has cobra's own commands take only what they know.
func strictHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	help, _, _ := root.Find([]string{"help"})
	help.Args = func(_ *cobra.Command, args []string) error {
		if c, rest, err := root.Find(args); err != nil || c == root && len(args) > 0 || len(rest) > 0 {
			return fmt.Errorf("there is no command %q; gosv --help names those that there are", strings.Join(args, " "))
		}
		return nil
	}
	shells, _, _ := root.Find([]string{"completion"})
	shells.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return errors.New("say for which shell: bash, zsh, fish or powershell")
		}
		return fmt.Errorf("there is no completion for %q: it is made for bash, zsh, fish and powershell", args[0])
	}
	shells.Args = cobra.ArbitraryArgs
}

// flagError puts an error of the flags into a sentence.
func flagError(_ *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return fmt.Errorf("there is no flag -%.1s; flags are whole words, such as --help", unknown.GetSpecifiedShortnames())
	case errors.As(err, &unknown):
		return fmt.Errorf("there is no flag --%s", unknown.GetSpecifiedName())
	case errors.As(err, &bare):
		name, _ := pflag.UnquoteUsage(bare.GetFlag())
		return fmt.Errorf("--%s needs a value: --%s %s", bare.GetFlag().Name, bare.GetFlag().Name, strings.ToUpper(name))
	case errors.As(err, &wrong) && errors.Is(err, errTwice):
		return fmt.Errorf("--%s is given twice: it takes one value; several services go into a file, for --config", wrong.GetFlag().Name)
	case errors.As(err, &wrong):
		flag := wrong.GetFlag()
		if kind, known := valueKinds[flag.Value.Type()]; known {
			return fmt.Errorf("--%s takes %s, not %q", flag.Name, kind, wrong.GetValue())
		}
		return fmt.Errorf("--%s: %w", flag.Name, errors.Unwrap(wrong))
	}
	return err
}

// valueKinds are what flags take whose own errors are not for people.
var valueKinds = map[string]string{
	"int": "a whole number", "uint64": "a whole number from 0", "float64": "a number", "bool": "true or false",
	"duration": "a duration such as 500ms or 1m30s",
}
