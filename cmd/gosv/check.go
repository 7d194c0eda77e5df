package main

import (
	"errors"
	"fmt"
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
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Say whether a configuration is right, and what this machine lacks for it",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("check takes the name of one file, and got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := filePlan(args[0])
			if err != nil {
				return err
			}
			warnings := cgroupWarnings(args[0], p.file)
			for _, svc := range p.file.Services {
				for _, w := range machineWarnings(svc, p.dir) {
					warnings = append(warnings, fmt.Sprintf("service %q: %s", svc.Name, w))
				}
			}
			for _, w := range warnings {
				fmt.Fprintf(os.Stderr, "%s: warning: %s\n", args[0], w)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %s\n", args[0], english.Count(len(p.file.Services), "service"), english.Count(p.warned+len(warnings), "warning"))
			return err
		},
	}
}

// machineWarnings tells what would keep a service from starting here and now.
// They are not errors: the program may be installed by the time it is started.
func machineWarnings(svc config.Service, base string) []string {
	var warnings []string
	dir := svc.Dir
	if dir != "" && !filepath.IsAbs(dir) {
		dir = filepath.Join(base, dir)
	}
	if dir != "" {
		if _, err := os.Stat(dir + "/."); err != nil { // so it must be a directory that may be entered
			warnings = append(warnings, fmt.Sprintf("its dir %s cannot be used: %v", dir, errors.Unwrap(err)))
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
		warnings = append(warnings, fmt.Sprintf("its command cannot be started now: %v", err))
	}
	return warnings
}
