package main

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

const longHelp = `gosv starts services, restarts, limits and stops them in order, and loses none.

  gosv                         a demo: two services, one of which keeps failing
  gosv --config services.json  run the services of a file
  gosv --run "cmd args"        run one command, restart it when it fails
  gosv check services.json     say whether a file is right, and what is missing
  gosv sim --seeds 1000        search gosv for bugs on a simulated Linux
  gosv chaos --config FILE     kill services at random and judge what comes back

Signals: TERM, INT and QUIT stop all services and end gosv (a second one kills
at once), USR1 writes everything known about every service to stderr.
Statuses: 0 all ended well, 1 a service failed, 2 usage, 78 configuration; with
--run the command's own: 128+n for signal n, 127 not found, 126 not executable.`

// rootUsage follows longHelp, which has named the verbs.
const rootUsage = `Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
`

func rootCommand() *cobra.Command {
	var opt options
	root := &cobra.Command{
		Use:           "gosv",
		Short:         "A process supervisor for Linux",
		Long:          longHelp,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("there is no command %q; a program is run by --run %q, the services of a file by --config FILE", args[0], strings.Join(args, " "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			opt.runGiven = cmd.Flags().Changed("run")
			opt.configGiven = cmd.Flags().Changed("config")
			opt.maxRestartsGiven = cmd.Flags().Changed("max-restarts")
			for _, name := range []string{"trace", "events"} {
				if file := cmd.Flag(name); file.Changed && file.Value.String() == "" {
					return fmt.Errorf("--%s needs the name of a file", name)
				}
			}
			return supervise(opt)
		},
	}
	f := root.Flags()
	f.SortFlags = false
	f.Var(&once{value: &opt.config}, "config", "run the services of this `file`")
	f.Var(&once{value: &opt.run}, "run", "run this one `command`, split into words as in a shell")
	f.IntVar(&opt.maxRestarts, "max-restarts", 5, "with --run: at most `N` in a row, -1 any")
	f.StringVar(&opt.logFormat, "log-format", "", "gosv's own log: text or json (text on a terminal)")
	f.BoolVar(&opt.dumpMaps, "dump-maps", false, "list every memory mapping in dumps (USR1)")
	f.StringVar(&opt.trace, "trace", "", "record calls to the kernel in this `file`")
	f.StringVar(&opt.events, "events", "", "write every change of a service to this `file`, as a line of JSON")
	_ = f.MarkHidden("events") // for programs, and the help is to fit a screen
	exclusive(root, []string{"config", "run"})
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate("{{if .HasParent}}" + root.UsageTemplate() + "{{else}}" + rootUsage + "{{end}}")
	root.AddCommand(checkCommand(), chaosCommand(), demoCommand(), simCommand())
	return root
}

// options are the root command's flags.
type options struct {
	config, run, logFormat, trace, events   string
	maxRestarts                             int
	dumpMaps                                bool
	runGiven, configGiven, maxRestartsGiven bool
}

// validate finds what flags cannot say for themselves.
func (o options) validate() error {
	switch {
	case o.configGiven && o.config == "":
		return errors.New("--config needs the name of a file")
	case sameFile(o.config, o.trace):
		return fmt.Errorf("--config and --trace name the same file, %s: it would be lost", o.config)
	case sameFile(o.config, o.events):
		return fmt.Errorf("--config and --events name the same file, %s", o.config)
	case sameFile(o.trace, o.events):
		return fmt.Errorf("--trace and --events name the same file, %s: give each its own", o.trace)
	case o.maxRestartsGiven && !o.runGiven:
		return errors.New("--max-restarts goes with --run; in a file it is the key \"max_restarts\" of a service")
	case o.maxRestarts < -1:
		return fmt.Errorf("--max-restarts is %d: use 0 for none, -1 for no limit", o.maxRestarts)
	}
	return nil
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}
