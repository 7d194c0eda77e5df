package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/internal/english"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

func checkCommand() *cobra.Command {
	strict := false
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a configuration, and what this machine lacks for it",
		Long: `Check a configuration, and what this machine lacks for it, without starting anything.

The exit status is 78 if the file is wrong or if a service could not be started as it
is (no such program, no permission, no such directory, a required cgroup that cannot be
made), else 0; with --strict it is 78 for a warning, too.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("check takes the name of one file, and got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return check(cmd.OutOrStdout(), args[0], strict) },
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "exit with status 78 for a warning, too")
	return cmd
}

// finding is something that check reports beside the diagnostics of the loader.
type finding struct {
	severity config.Severity
	text     string
}

func check(out io.Writer, name string, strict bool) error {
	p, err := filePlan(name)
	if err != nil {
		return err
	}
	found := cgroupFindings(name, p.file)
	for _, svc := range p.file.Services {
		for _, text := range obstacles(svc, p.dir) {
			found = append(found, finding{config.Error, fmt.Sprintf("service %q: %s", svc.Name, text)})
		}
	}
	errs := 0
	for _, f := range found {
		if f.severity == config.Error {
			errs++
		}
		fmt.Fprintf(os.Stderr, "%s: %s: %s\n", config.Printable(name), f.severity, config.Printable(f.text))
	}
	warnings := p.warned + len(found) - errs
	summary := english.Count(len(p.file.Services), "service") + ", " + english.Count(warnings, "warning")
	if errs > 0 {
		summary += ", " + english.Count(errs, "error")
	}
	if _, err := fmt.Fprintf(out, "%s: %s\n", config.Printable(name), summary); err != nil {
		return err
	}
	if errs > 0 || strict && warnings > 0 {
		return statusConfig
	}
	return nil
}

// obstacles are what would keep a service from starting here and now. gosv itself
// starts nevertheless: the program may be installed by the time it is needed.
func obstacles(svc config.Service, base string) (all []string) {
	dir := svc.Dir
	if dir != "" && !filepath.IsAbs(dir) {
		dir = filepath.Join(base, dir)
	}
	if dir != "" {
		if _, err := os.Stat(dir + "/."); err != nil { // so it must be a directory that may be entered
			all = append(all, fmt.Sprintf("its dir %s cannot be used: %v", dir, errors.Unwrap(err)))
		}
	}
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, replaced := svc.Env[name]
		return replaced
	})
	for name, value := range svc.Env {
		env = append(env, name+"="+value)
	}
	if err := linux.CheckProgram(sys.SpawnRequest{Path: svc.Command, Args: svc.Args, Dir: dir, Env: env}); err != nil {
		all = append(all, fmt.Sprintf("its command cannot be started now: %v", err))
	}
	return all
}
