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

// errTwice reports a flag that was given twice and takes one value.
var errTwice = errors.New("given twice")

// once is a string flag that may be given once.
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

// fileName is a flag that names a file, which has a name.
type fileName struct{ value *string }

func (f *fileName) String() string {
	if f.value == nil {
		return "" // of the zero value, which pflag makes
	}
	return *f.value
}

func (f *fileName) Type() string { return "file" }

func (f *fileName) Set(text string) error {
	if text == "" {
		return errors.New("the name of a file must not be empty")
	}
	*f.value = text
	return nil
}

// exclusive makes a command refuse more than one flag of a group.
func exclusive(c *cobra.Command, groups ...[]string) {
	for _, group := range groups {
		c.MarkFlagsMutuallyExclusive(group...) // for completion; PreRunE has the better message
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

// sameFile reports whether two names refer to one file, which need not exist.
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

// strictHelp makes cobra's own commands refuse unknown arguments.
func strictHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	help, _, _ := root.Find([]string{"help"})
	help.Args = func(_ *cobra.Command, args []string) error {
		if c, rest, err := root.Find(args); err != nil || c == root && len(args) > 0 || len(rest) > 0 {
			return fmt.Errorf("there is no command %q; gosv --help lists the commands", strings.Join(args, " "))
		}
		return nil
	}
	shells, _, _ := root.Find([]string{"completion"})
	shells.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return errors.New("completion needs the name of a shell: bash, zsh, fish or powershell")
		}
		return fmt.Errorf("there is no completion for %q: use bash, zsh, fish or powershell", args[0])
	}
	shells.Args = cobra.ArbitraryArgs
}

// flagError explains an error of the flags.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return unknownFlag(c, unknown)
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

// valueKinds describes the types of flags whose own errors are hard to read.
var valueKinds = map[string]string{
	"int": "a whole number", "uint64": "a whole number from 0", "float64": "a number", "bool": "true or false",
	"duration": "a duration such as 500ms or 1m30s",
}
