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

  gosv chaos --config services.json --kill-rate 0.2 --duration 60s
  gosv chaos --config services.json --faults kill,stop --dry-run
  gosv chaos --plan plan.json --config services.json

Statuses: 0 all verdicts pass, 1 one failed, 2 usage, 3 this machine cannot run
it, 4 inconclusive, 5 the supervisor crashed or hung, 6 chaos itself failed,
130 interrupted, and everything is as it was.

Faults: `

// chaosOptions are the flags of gosv chaos.
type chaosOptions struct {
	config, run           string
	testprocs             int
	rate                  float64
	mtbf                  time.Duration
	count                 int
	seed                  uint64
	duration, tick        time.Duration
	faults                []string
	plan, planOut, gosv   string
	dryRun                bool
	allowGiveUp           bool
	protect               []string
	maxVictims            int
	minGap, warmUp, slack time.Duration
	trace                 string
	reports               reports
	baseline              string
	given                 func(flag string) bool
}

func chaosCommand() *cobra.Command {
	var opt chaosOptions
	cmd := &cobra.Command{
		Use:   "chaos [flags]",
		Short: "Kill services at random and judge what comes back",
		Long:  chaosHelp + folded(append(chaos.FaultNames(), chaos.AllFaults), len("Faults: ")),
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
	f.Var(&once{value: &opt.config}, "config", "the services of this `FILE`")
	f.Var(&once{value: &opt.run}, "run", "this command, split into words: a `CMD` as in a shell")
	f.IntVar(&opt.testprocs, "testprocs", defaultTestprocs, "so many (`N`) bundled services")
	f.Float64Var(&opt.rate, "kill-rate", 0.2, "a service is hit with `P` in each tick")
	f.DurationVar(&opt.mtbf, "mtbf", 0, "instead: mean `TIME` between a service's hits")
	f.IntVar(&opt.count, "count", 0, "instead: `N` hits in all")
	f.Uint64Var(&opt.seed, "seed", 0, "`N` fixes what, whom and when (printed if not given)")
	f.DurationVar(&opt.duration, "duration", time.Minute, "how much `TIME` faults are done for")
	f.DurationVar(&opt.tick, "tick", time.Second, "the `TIME` that a rate refers to")
	f.StringSliceVar(&opt.faults, "faults", []string{"kill"}, "what is done, `A,B,...`")
	f.StringVar(&opt.plan, "plan", "", "do the plan in this `FILE`")
	f.StringVar(&opt.planOut, "plan-out", "", "write the plan to this `FILE`")
	f.BoolVar(&opt.dryRun, "dry-run", false, "only print the plan")
	f.BoolVar(&opt.allowGiveUp, "allow-give-up", false, "hit also beyond max_restarts")
	f.StringSliceVar(&opt.protect, "protect", nil, "services `A,B,...` are spared")
	f.IntVar(&opt.maxVictims, "max-victims", 0, "at most `N` services down at once (0: any)")
	f.DurationVar(&opt.minGap, "min-gap", 0, "least `TIME` between two hits")
	f.DurationVar(&opt.warmUp, "warm-up", 30*time.Second, "`TIME` for services to become steady")
	f.DurationVar(&opt.slack, "slack", chaos.DefaultSlack, "`TIME` beyond the delay of a restart")
	f.StringVar(&opt.trace, "trace", "", "record gosv's calls to the kernel in this `FILE`")
	f.Var(&opt.reports, "report", "write reports: "+strings.Join(kinds(), ", "))
	f.StringVar(&opt.baseline, "baseline", "", "compare with the JSON report in this `FILE`")
	f.StringVar(&opt.gosv, "gosv", "", "judge the gosv that this `COMMAND` starts")
	exclusive(cmd, []string{"config", "run", "testprocs"}, []string{"kill-rate", "mtbf", "count", "plan"}, []string{"seed", "plan"}, []string{"duration", "plan"}, []string{"tick", "plan"}, []string{"faults", "plan"})
	cmd.AddCommand(selftestCommand())
	return cmd
}

// helpWidth is that of a small terminal.
const helpWidth = 80

// folded lists words in lines that fit; the first begins in a column.
func folded(words []string, column int) string {
	var b strings.Builder
	for i, word := range words {
		if i > 0 {
			b.WriteByte(',')
			column++
			if column+len(word)+2 > helpWidth {
				b.WriteByte('\n')
				column = -1
			} else {
				b.WriteByte(' ')
			}
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
