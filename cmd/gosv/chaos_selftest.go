package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/chaos/live"
	"github.com/gosv/gosv/config"
	testproc "github.com/gosv/gosv/testproc/live"
)

// selftestCommand proves that chaos sees what it should.
func selftestCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "selftest",
		Short: "Judge supervisors with a deliberate fault: each must fail",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return selftest() },
	}
}

// trial is one supervisor under the selftest.
type trial struct {
	fault    fault // the zero fault: none
	program  string
	verdicts []chaos.Verdict
	output   string
	err      error
}

// selftest runs a right supervisor, which must pass, and every wrong one, side by
// side: each has a mark and a cgroup directory of its own.
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
		return sayStatus(chaosInterrupted, errors.New("the selftest was interrupted, and proves nothing"))
	}
	status := exitStatus(0)
	for _, t := range trials {
		status = max(status, t.say())
	}
	if status != 0 {
		return status
	}
	return nil
}

// selftestPlan has hits early enough to be followed by a few restarts.
func selftestPlan() chaos.Plan {
	p := chaos.Plan{Version: chaos.PlanVersion, Seed: 1, Tick: time.Second, Duration: 5 * time.Second}
	for at := 200 * time.Millisecond; at < p.Duration; at += time.Second {
		p.Faults = append(p.Faults, chaos.PlannedFault{At: at, Service: "orphans", Fault: "kill", Arg: "KILL"})
	}
	return p
}

// selftestServices are one that is hit, one that is not and dies at once of its stop
// signal, and one that takes a while to end. Their delays are long enough for a clock
// that runs too fast to be told from a machine that is slow.
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

// selftestSlack is wide: what is wrong here is wrong by more, and the machine may be
// busy with all the trials.
const selftestSlack = time.Second

// selftestWarmUp is also what a service may take to settle: who lost one takes all of
// it.
const selftestWarmUp = 20 * time.Second

func (t *trial) run(ctx context.Context, hurry chan struct{}) {
	gosv := &live.Gosv{Program: t.program, File: selftestServices()}
	if t.fault.Name != "" {
		gosv.Flags = []string{"--fault", t.fault.Name}
	}
	history, err := live.Run(ctx, live.Options{Supervisor: gosv, Run: newRun(), Plan: selftestPlan(), WarmUp: selftestWarmUp, Hurry: hurry})
	t.verdicts, t.output, t.err = chaos.Judge(history, chaos.Rules{Slack: selftestSlack}), gosv.Output(), err
}

var says = map[chaos.Outcome]string{chaos.Fail: "fails", chaos.Inconclusive: "cannot judge"}

// say tells how a trial went, and gives the status that follows from it.
func (t *trial) say() exitStatus {
	name, want := "no fault: everything passes", 0
	if t.fault.Name != "" {
		name, want = fmt.Sprintf("%s: %s", t.fault.Name, t.fault.Description), t.fault.Verdict
	}
	if t.err != nil {
		fmt.Printf("BROKEN  %s: %v\n", name, t.err)
		return chaosBroken
	}
	var fired []string
	seen := want == 0
	for _, v := range t.verdicts {
		if want == 0 {
			seen = seen && v.Outcome == chaos.Pass
		}
		if v.Outcome == chaos.Pass || v.Outcome == chaos.Inconclusive && want != 0 {
			continue
		}
		seen = seen || v.Number == want
		line := fmt.Sprintf("%s %d %s", says[v.Outcome], v.Number, v.Name)
		if len(v.Evidence) > 0 {
			line += ": " + v.Evidence[0]
		}
		fired = append(fired, line)
	}
	word, status := "ok", exitStatus(0)
	if !seen {
		word, status = "MISSED", chaosFailed
	}
	fmt.Printf("%-7s %s\n", word, name)
	for _, line := range fired {
		fmt.Printf("        %s\n", line)
	}
	if !seen && t.output != "" {
		fmt.Printf("        the last of what it wrote:\n%s", t.output)
	}
	return status
}
