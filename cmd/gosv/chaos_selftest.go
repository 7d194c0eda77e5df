package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/chaos/live"
	"github.com/gosv/gosv/config"
	testproc "github.com/gosv/gosv/testproc/live"
)

// selftestCommand checks that chaos detects faulty supervisors.
func selftestCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "selftest",
		Short: "Judge supervisors with a deliberate fault: each must fail",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return selftest() },
	}
}

// trial is one supervisor of the selftest.
type trial struct {
	fault    fault // the zero value for a correct supervisor
	program  string
	verdicts []chaos.Verdict
	output   string
	err      error
}

// selftest runs a correct supervisor, which must pass, and every faulty one, at the same
// time. Each has a mark and a cgroup of its own.
func selftest() error {
	self, err := os.Executable()
	if err != nil {
		return sayStatus(chaosCannotRun, fmt.Errorf("cannot find gosv's own program: %w", err))
	}
	faulty, faults, err := findFaulty(self)
	if err != nil {
		return sayStatus(chaosCannotRun, err)
	}
	trials := []*trial{{program: self}}
	for _, f := range faults {
		trials = append(trials, &trial{program: faulty, fault: f})
	}
	ctx, hurry := interruptible()
	var all sync.WaitGroup
	for _, t := range trials {
		all.Go(func() { t.run(ctx, hurry) })
	}
	all.Wait()
	if ctx.Err() != nil {
		return sayStatus(chaosInterrupted, errors.New("the selftest was interrupted"))
	}
	status := exitStatus(0)
	for _, t := range trials {
		status = worse(status, t.report())
	}
	if status != 0 {
		return status
	}
	return nil
}

// selftestPlan has faults early enough to be followed by a few restarts.
func selftestPlan() chaos.Plan {
	p := chaos.Plan{Version: chaos.PlanVersion, Seed: 1, Tick: time.Second, Duration: 5 * time.Second}
	for at := 200 * time.Millisecond; at < p.Duration; at += time.Second {
		p.Faults = append(p.Faults, chaos.PlannedFault{At: at, Service: "orphans", Fault: "kill", Arg: "KILL"},
			chaos.PlannedFault{At: at + 500*time.Millisecond, Service: "tidy", Fault: "kill", Arg: "KILL"})
	}
	return p
}

// selftestServices returns two services that get the faults, of which one takes some time to
// end, and a bystander that its stop signal ends at once. Their delays are long enough to distinguish a
// clock that runs too fast from a slow machine.
func selftestServices() config.File {
	file := config.File{Cgroup: config.CgroupOff, LineMax: config.DefaultLineMax}
	for name, script := range map[string]string{"orphans": "daemon {setsid; sleep forever}; sleep forever", "steady": "sleep forever", "tidy": "on USR1 {sleep 300ms; exit 0}; sleep forever"} {
		path, args := testproc.Command(script)
		svc := config.NewService(name, path, args...)
		svc.MaxRestarts = config.Unlimited
		svc.StopSignal = syscall.SIGUSR1 // Go's runtime has a handler of SIGTERM
		svc.Backoff = config.Backoff{Initial: 500 * time.Millisecond, Factor: 1.5, Max: 2 * time.Second, ResetAfter: time.Minute}
		svc.StopTimeout, svc.StartTimeout = 2*time.Second, 3*time.Second
		file.Services = append(file.Services, svc)
	}
	return file
}

// selftestSlack is wide, because the trials keep the machine busy. The deliberate faults are
// wrong by more.
const selftestSlack = time.Second

// selftestWarmUp is also how long services may take to settle. A lost restart takes all of it.
const selftestWarmUp = 20 * time.Second

func (t *trial) run(ctx context.Context, hurry chan struct{}) {
	gosv := &live.Gosv{Program: t.program, File: selftestServices()}
	if t.fault.Name != "" {
		gosv.Flags = []string{"--fault", t.fault.Name}
	}
	history, err := live.Run(ctx, live.Options{Supervisor: gosv, Run: newRun(), Plan: selftestPlan(), WarmUp: selftestWarmUp, Hurry: hurry})
	t.verdicts, t.output, t.err = chaos.Judge(history, chaos.Rules{Slack: selftestSlack}), gosv.Output(), err
}

// report prints how a trial went, and returns its exit status: 0, failed, inconclusive (the
// machine was too slow to judge, for example) or broken.
func (t *trial) report() exitStatus {
	name := "no fault: every verdict passes"
	if t.fault.Name != "" {
		name = fmt.Sprintf("%s: %s", t.fault.Name, t.fault.Description)
	}
	if t.err != nil {
		fmt.Printf("BROKEN    %s: %v\n", name, t.err)
		return chaosBroken
	}
	outcome := t.expected()
	status := map[chaos.Outcome]exitStatus{chaos.Pass: 0, chaos.Fail: chaosFailed, chaos.Inconclusive: chaosInconclusive}[outcome]
	word := map[chaos.Outcome]string{chaos.Pass: "ok", chaos.Fail: "MISSED", chaos.Inconclusive: "UNDECIDED"}[outcome]
	fmt.Printf("%-9s %s\n", word, name)
	for _, v := range t.verdicts {
		if v.Outcome == chaos.Fail || v.Outcome == chaos.Inconclusive && outcome != chaos.Pass {
			fmt.Printf("          %s: %d %s: %s\n", v.Outcome, v.Number, v.Name, strings.Join(v.Evidence[:1], ""))
		}
	}
	if outcome != chaos.Pass && t.output != "" {
		fmt.Printf("          the last output of the supervisor:\n%s", t.output)
	}
	return status
}

// expected is pass if the trial went as it should: the verdict of the fault failed, or, for
// the correct supervisor, every verdict passed.
func (t *trial) expected() chaos.Outcome {
	outcome := chaos.Pass
	for _, v := range t.verdicts {
		switch {
		case t.fault.Name == "" && v.Outcome == chaos.Fail:
			return chaos.Fail
		case t.fault.Name == "" && v.Outcome == chaos.Inconclusive:
			outcome = chaos.Inconclusive
		case v.Number != t.fault.Verdict:
		case v.Outcome == chaos.Pass:
			return chaos.Fail
		case v.Outcome == chaos.Inconclusive:
			return chaos.Inconclusive
		}
	}
	return outcome
}

// worse returns the more severe of two statuses of trials: a fault that was missed outweighs
// a trial that broke, and that one a trial that is inconclusive.
func worse(a, b exitStatus) exitStatus {
	order := []exitStatus{0, chaosInconclusive, chaosBroken, chaosFailed}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
