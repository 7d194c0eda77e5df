package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/chaos"
)

const chaosHelp = `Inject faults into the services of a configuration, and judge how gosv deals
with them. The command starts a gosv of its own for the services, and ends it.
Without --config or --run it uses built-in services.

  gosv chaos --config services.json --kill-rate 0.2 --duration 60s
  gosv chaos --config services.json --faults kill,stop --dry-run
  gosv chaos --plan plan.json --config services.json

Exit status: 0 every verdict passed, 1 one failed, 2 usage error, 3 this machine
cannot run it, 4 inconclusive, 5 the supervisor crashed or hung, 6 chaos itself
failed, 130 interrupted.

Faults: `

// chaosOptions are the flags of gosv chaos.
type chaosOptions struct {
	config, run           string
	count                 int
	rate                  float64
	mtbf                  time.Duration
	faultCount            int
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
	maxRecovery           time.Duration
	maxRegression         string
	probes                []string
	quiet                 bool
	given                 func(flag string) bool
}

func chaosCommand() *cobra.Command {
	var opt chaosOptions
	cmd := &cobra.Command{
		Use:   "chaos [flags]",
		Short: "Inject faults into services and judge how gosv deals with them",
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
	f.Var(&once{value: &opt.config}, "config", "use the services of this configuration `FILE`")
	f.Var(&once{value: &opt.run}, "run", "use one service that runs `CMD`, split into words")
	f.IntVar(&opt.count, "services", defaultServices, "use `N` built-in services")
	f.Float64Var(&opt.rate, "kill-rate", 0.2, "probability `P` of a fault per tick")
	f.DurationVar(&opt.mtbf, "mtbf", 0, "instead: mean `TIME` between faults of a service")
	f.IntVar(&opt.faultCount, "count", 0, "instead: `N` faults in all")
	f.Uint64Var(&opt.seed, "seed", 0, "seed `N` of the plan (default: random, printed)")
	f.DurationVar(&opt.duration, "duration", time.Minute, "inject faults for this `TIME`")
	f.DurationVar(&opt.tick, "tick", time.Second, "`TIME` that --kill-rate refers to")
	f.StringSliceVar(&opt.faults, "faults", []string{"kill"}, "kinds of faults, `A,B,...`")
	f.StringVar(&opt.plan, "plan", "", "carry out the plan in this `FILE`")
	f.StringVar(&opt.planOut, "plan-out", "", "write the plan to this `FILE`")
	f.BoolVar(&opt.dryRun, "dry-run", false, "only print the plan")
	f.BoolVar(&opt.allowGiveUp, "allow-give-up", false, "inject faults even if max_restarts is exceeded")
	f.StringSliceVar(&opt.protect, "protect", nil, "inject no faults into services `A,B,...`")
	f.IntVar(&opt.maxVictims, "max-victims", 0, "at most `N` services down at once (0: any number)")
	f.DurationVar(&opt.minGap, "min-gap", 0, "shortest `TIME` between two faults")
	f.DurationVar(&opt.warmUp, "warm-up", 30*time.Second, "`TIME` for services to become stable")
	f.DurationVar(&opt.slack, "slack", chaos.DefaultSlack, "`TIME` that a restart may be late")
	f.StringVar(&opt.trace, "trace", "", "record gosv's system calls in this `FILE`")
	f.Var(&opt.reports, "report", "write reports: "+strings.Join(kinds(), ", "))
	f.StringVar(&opt.baseline, "baseline", "", "compare with the JSON report in this `FILE`")
	f.StringVar(&opt.maxRegression, "max-regression", "", "fail if a recovery is `P%` slower than --baseline")
	f.DurationVar(&opt.maxRecovery, "max-recovery", 0, "fail if a recovery takes longer than `TIME`")
	f.StringArrayVar(&opt.probes, "probe", nil, "recovered means that `SERVICE=PROBE` succeeds")
	f.BoolVar(&opt.quiet, "quiet", false, "show only what did not pass, and no progress")
	f.StringVar(&opt.gosv, "gosv", "", "judge the gosv that this `COMMAND` starts")
	exclusive(cmd, []string{"config", "run", "services"}, []string{"kill-rate", "mtbf", "count", "plan"}, []string{"seed", "plan"}, []string{"duration", "plan"}, []string{"tick", "plan"}, []string{"faults", "plan"})
	cmd.AddCommand(selftestCommand())
	return cmd
}

// helpWidth is the width of a small terminal.
const helpWidth = 80

// folded lists words in lines that fit a small terminal. The first begins in a column.
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
