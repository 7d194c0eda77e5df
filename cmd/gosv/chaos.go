package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/chaos"
)

const chaosHelp = `Break the services of a configuration, as a plan from a seed says, and judge
what comes back: a gosv of its own is started for them, and ended. Without
--config or --run the services are bundled ones.

Statuses: 0 all verdicts pass, 1 one failed, 2 usage, 3 this machine cannot run
it, 4 inconclusive, 5 the supervisor crashed or hung, 6 chaos itself failed,
130 interrupted, and everything is as it was.`

// chaosOptions are the flags of gosv chaos.
type chaosOptions struct {
	config, run           string
	puppets               int
	rate                  float64
	mtbf                  time.Duration
	count                 int
	seed                  uint64
	duration, tick        time.Duration
	faults                []string
	plan, planOut, plant  string
	dryRun                bool
	allowGiveUp           bool
	protect               []string
	maxVictims            int
	minGap, warmUp, slack time.Duration
	trace                 string
	reports               map[string]string
	baseline              string
	given                 func(flag string) bool
}

func chaosCommand() *cobra.Command {
	var opt chaosOptions
	cmd := &cobra.Command{
		Use:   "chaos [flags]",
		Short: "Kill services at random and judge what comes back",
		Long:  chaosHelp,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("chaos takes flags only, not %q", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			opt.given = cmd.Flags().Changed
			return opt.execute()
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&opt.config, "config", "", "the services of this `file`")
	f.StringVar(&opt.run, "run", "", "this one `command`, split into words as in a shell")
	f.IntVar(&opt.puppets, "puppets", defaultPuppets, "that many bundled services")
	f.Float64Var(&opt.rate, "kill-rate", 0.2, "`probability`, 0 to 1, that a service is hit in a tick")
	f.DurationVar(&opt.mtbf, "mtbf", 0, "instead: mean time between the hits of a service")
	f.IntVar(&opt.count, "count", 0, "instead: `N` hits in all")
	f.Uint64Var(&opt.seed, "seed", 0, "fixes what is done, to whom and when (printed if not given)")
	f.DurationVar(&opt.duration, "duration", time.Minute, "how long faults are done")
	f.DurationVar(&opt.tick, "tick", time.Second, "what the rate refers to")
	f.StringSliceVar(&opt.faults, "faults", []string{"kill"}, "what is done: "+strings.Join(append(chaos.FaultNames(), chaos.AllFaults), ", "))
	f.StringVar(&opt.plan, "plan", "", "do the plan in this `file`")
	f.StringVar(&opt.planOut, "plan-out", "", "write the plan to this `file`")
	f.BoolVar(&opt.dryRun, "dry-run", false, "only print the plan")
	f.BoolVar(&opt.allowGiveUp, "allow-give-up", false, "hit services also when their max_restarts would be exceeded")
	f.StringSliceVar(&opt.protect, "protect", nil, "services that are not hit")
	f.IntVar(&opt.maxVictims, "max-victims", 0, "at most `N` services down at once (0: any number)")
	f.DurationVar(&opt.minGap, "min-gap", 0, "least time between two hits")
	f.DurationVar(&opt.warmUp, "warm-up", 30*time.Second, "how long services may take to become steady")
	f.DurationVar(&opt.slack, "slack", chaos.DefaultSlack, "what a restart may take beyond its delay")
	f.StringVar(&opt.trace, "trace", "", "record gosv's calls to the kernel in this `file`, and judge them")
	f.StringToStringVar(&opt.reports, "report", nil, "write reports: json=F,junit=F,markdown=F,svg=F")
	f.StringVar(&opt.baseline, "baseline", "", "compare recovery times with this earlier JSON `report`")
	f.StringVar(&opt.plant, "plant", "", "judge a supervisor that is wrong on purpose, as this `bug` of the selftest says")
	_ = f.MarkHidden("plant") // it fails for a flag that does not exist
	cmd.MarkFlagsMutuallyExclusive("config", "run", "puppets")
	cmd.MarkFlagsMutuallyExclusive("kill-rate", "mtbf", "count", "plan")
	cmd.MarkFlagsMutuallyExclusive("seed", "plan")
	cmd.MarkFlagsMutuallyExclusive("duration", "plan")
	cmd.AddCommand(selftestCommand())
	return cmd
}
