package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/config"
)

const runHelp = `Run one command in gosv's place and restart it when it fails.

  gosv run -- python3 server.py --port 80
  gosv run --max-restarts 3 -- ./worker

The words after -- are the program and its arguments, exactly as they stand: no
shell reads them. The command has gosv's stdin, stdout, stderr and terminal, and
gosv ends with its last exit status: 128+n for signal n, 127 if the program was
not found, 126 if it could not be executed.`

func runCommand() *cobra.Command {
	var opt options
	c := &cobra.Command{
		Use:   "run [flags] -- COMMAND [ARGS]",
		Short: "Run one command and restart it when it fails",
		Long:  runHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return errors.New("run needs a command: gosv run -- COMMAND ARGS")
			case cmd.ArgsLenAtDash() != 0:
				return fmt.Errorf("run needs -- before the command: gosv run -- %s, or gosv --run %q", shellWords(args), strings.Join(args, " "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneWord(args); err != nil {
				return err
			}
			opt.command = args
			opt.maxRestartsGiven = cmd.Flags().Changed("max-restarts")
			return supervise(opt)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().SetInterspersed(false) // the command's own flags follow its name
	c.Flags().IntVar(&opt.maxRestarts, "max-restarts", 5, "at most `N` consecutive restarts; 0 none, -1 unlimited")
	addLogFlags(c.Flags(), &opt)
	return c
}

// oneWord refuses a whole command line in one word, which gosv run does not split.
func oneWord(args []string) error {
	word := args[0]
	if len(args) > 1 || !strings.ContainsAny(word, " \t") {
		return nil
	}
	if _, err := os.Stat(word); err == nil {
		return nil // a program whose name has a space
	}
	return fmt.Errorf("cannot run %q: there is no such program; use gosv run -- %s, or gosv --run %q", word, word, word)
}

// runPlan is the plan of gosv run and of --run.
func (o options) runPlan() (plan, error) {
	words := o.command
	if o.command == nil {
		var err error
		if words, err = config.Words(o.run, os.LookupEnv); err != nil {
			return plan{}, fmt.Errorf("--run: %w", err)
		}
	}
	svc := config.NewService(serviceName(words[0]), words[0], words[1:]...)
	svc.Restart = config.RestartOnFailure
	svc.MaxRestarts = o.maxRestarts
	return plan{attached: true, file: config.File{Cgroup: config.CgroupAuto, LineMax: config.DefaultLineMax, Services: []config.Service{svc}}}, nil
}

// serviceName makes a name for a command: the last part of its path. Characters
// that a name cannot have become underscores, dots too, since the kernel's own files
// in a cgroup have one.
func serviceName(command string) string {
	name := []byte(filepath.Base(command))
	for i, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || c != '-' && c != '_') {
			name[i] = '_'
		}
	}
	return string(name[:min(len(name), 32)])
}
