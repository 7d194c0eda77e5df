package main

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/config"
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
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := filePlan(args[0])
			if err != nil {
				return err
			}
			warnings := 0
			for _, svc := range p.file.Services {
				for _, w := range machineWarnings(svc, p.dir) {
					fmt.Fprintf(os.Stderr, "%s: warning: service %q: %s\n", args[0], svc.Name, w)
					warnings++
				}
			}
			fmt.Printf("%s: %d services, %d warnings\n", args[0], len(p.file.Services), warnings)
			return nil
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
	if info, err := os.Stat(dir); dir != "" && err != nil {
		warnings = append(warnings, fmt.Sprintf("its dir cannot be used: %v", err))
	} else if dir != "" && !info.IsDir() {
		warnings = append(warnings, fmt.Sprintf("its dir %s is not a folder", dir))
	}
	path, ok := svc.Env["PATH"]
	if !ok {
		path = os.Getenv("PATH")
	}
	if w := commandWarning(svc.Command, dir, path); w != "" {
		warnings = append(warnings, w)
	}
	return warnings
}

func commandWarning(command, dir, path string) string {
	if strings.Contains(command, "/") {
		if !filepath.IsAbs(command) {
			command = filepath.Join(dir, command)
		}
		info, err := os.Stat(command)
		switch {
		case err != nil:
			return fmt.Sprintf("its command cannot be found: %v", err)
		case info.IsDir() || info.Mode()&0o111 == 0:
			return fmt.Sprintf("its command %s is not executable", command)
		}
		return ""
	}
	for _, folder := range filepath.SplitList(path) {
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(dir, folder)
		}
		info, err := os.Stat(filepath.Join(folder, command))
		if err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return ""
		}
	}
	return fmt.Sprintf("its command %q is not in the PATH of %s", command, whoami())
}

func whoami() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "this user"
}
