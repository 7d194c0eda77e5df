package main

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const longHelp = `gosv starts services, restarts them when they fail, limits and stops them.

  gosv                         a demo: two services, one of which keeps failing
  gosv --config services.json  run the services of a file
  gosv run -- CMD ARGS         run one command, restart it when it fails
  gosv status                  describe start stop restart logs events wait
  gosv check services.json     check a file, and what this machine lacks for it
  gosv sim --seeds 1000        test gosv itself on a simulated Linux kernel
  gosv chaos --config FILE     kill services at random, verify that they recover

Signals: TERM, INT, QUIT stop all and end gosv (twice: kill), USR1 dumps state.
Exit status: 0 all ended well, 1 a service failed, 2 usage, 78 configuration.`

// rootUsage follows longHelp, which lists the commands.
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
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownWord(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			opt.runGiven = cmd.Flags().Changed("run")
			opt.configGiven = cmd.Flags().Changed("config")
			opt.maxRestartsGiven = cmd.Flags().Changed("max-restarts")
			return supervise(opt)
		},
	}
	f := root.Flags()
	f.SortFlags = false
	f.Var(&once{value: &opt.config}, "config", "run the services of this `file`")
	f.Var(&once{value: &opt.run}, "run", "run this one `command`, split into words as by a shell")
	f.IntVar(&opt.maxRestarts, "max-restarts", 5, "with --run: at most `N` in a row, -1 any")
	addLogFlags(f, &opt)
	opt.control.addFlags(f)
	exclusive(root, []string{"config", "run"})
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate("{{if .HasParent}}" + root.UsageTemplate() + "{{else}}" + rootUsage + "{{end}}")
	root.AddCommand(actionCommands()...)
	root.AddCommand(statusCommand(), describeCommand(), signalCommand(), resetCommand(), eventsCommand(), logsCommand(), waitCommand(), reloadCommand(), topCommand(), shutdownCommand())
	root.AddCommand(runCommand(), checkCommand(), chaosCommand(), demoCommand(), simCommand(), versionCommand())
	return root
}

// addLogFlags adds the flags that the root command and run share.
func addLogFlags(f *pflag.FlagSet, opt *options) {
	f.StringVar(&opt.logFormat, "log-format", "", "gosv's own log: text or json (default text)")
	f.BoolVar(&opt.dumpMaps, "dump-maps", false, "list every memory mapping in dumps (USR1)")
	f.Var(&fileName{&opt.trace}, "trace", "record calls to the kernel in this `file`")
	f.Var(&fileName{&opt.events}, "events", "append each event to this `file`, a line of JSON")
}

// versionCommand is for those who try it before --version.
func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs, Hidden: true,
		Run: func(cmd *cobra.Command, _ []string) { fmt.Fprintf(cmd.OutOrStdout(), "gosv version %s\n", version()) },
	}
}

// options are the flags of gosv and of gosv run.
type options struct {
	command                                 []string // of gosv run
	config, run, logFormat, trace, events   string
	maxRestarts                             int
	dumpMaps                                bool
	runGiven, configGiven, maxRestartsGiven bool
	control                                 controlOptions
}

// validate finds combinations of flags that make no sense.
func (o options) validate() error {
	switch {
	case o.configGiven && o.config == "":
		return errors.New("--config needs the name of a file")
	case sameFile(o.config, o.trace):
		return fmt.Errorf("--config and --trace name the same file, %s: the configuration would be lost", o.config)
	case sameFile(o.config, o.events):
		return fmt.Errorf("--config and --events name the same file, %s", o.config)
	case sameFile(o.trace, o.events):
		return fmt.Errorf("--trace and --events name the same file, %s: give each its own", o.trace)
	case o.maxRestartsGiven && !o.runGiven && o.command == nil:
		return errors.New("--max-restarts goes with --run; in a file it is the key \"max_restarts\" of a service")
	case o.maxRestarts < -1:
		return fmt.Errorf("--max-restarts is %d: use 0 for none, -1 for unlimited", o.maxRestarts)
	}
	return nil
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}
