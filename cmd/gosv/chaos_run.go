package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/chaos/live"
	"github.com/gosv/gosv/chaos/report"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor"
)

// The statuses of gosv chaos.
const (
	chaosFailed       exitStatus = 1
	chaosCannotRun    exitStatus = 3
	chaosInconclusive exitStatus = 4
	chaosCrashed      exitStatus = 5
	chaosBroken       exitStatus = 6
	chaosInterrupted  exitStatus = 130
)

// execute runs gosv chaos.
func (o chaosOptions) execute() error {
	if err := o.check(); err != nil {
		return err
	}
	p, err := o.services()
	if err != nil {
		return err
	}
	drawn, expected, err := o.draw(p.file.Services)
	if err != nil {
		return err
	}
	baseline, err := readBaseline(o.baseline)
	if err != nil {
		return err
	}
	if !o.quiet {
		fmt.Fprintf(os.Stderr, "chaos: seed %d; %s planned, %.1f expected\n", drawn.Seed, chaos.Count(len(drawn.Faults), "fault is", "faults are"), expected)
	}
	if o.planOut != "" {
		if err := writeFile(o.planOut, drawn.Encode()); err != nil {
			return sayStatus(chaosBroken, fmt.Errorf("--plan-out: %w", err))
		}
	}
	if o.dryRun {
		return dryRun(drawn)
	}
	result := report.Result{Expected: expected, Command: o.again(drawn.Seed), Baseline: baseline}
	if len(drawn.Faults) == 0 {
		return o.nothing(result, chaos.History{Services: p.file.Services, Plan: drawn, Aborted: errNoFaults.Error()})
	}
	return o.carryOut(drawn, p, result)
}

// dryRun prints a plan.
func dryRun(p chaos.Plan) error {
	if _, err := os.Stdout.Write(p.Encode()); err != nil {
		return sayStatus(chaosBroken, err)
	}
	if len(p.Faults) == 0 {
		return sayStatus(chaosInconclusive, errNoFaults)
	}
	return nil
}

// errNoFaults is why nothing is started.
var errNoFaults = errors.New("the plan has no faults: raise the rate or the duration")

// nothing reports a plan without faults.
func (o chaosOptions) nothing(result report.Result, h chaos.History) error {
	result.History, result.Verdicts, result.Status = h, chaos.Judge(h, o.rules(h, result.Baseline)), int(chaosInconclusive)
	status, err := o.write(result)
	if err == nil {
		err = errNoFaults
	}
	return sayStatus(status, err)
}

// judged is the gosv that is judged: the running program, or that of --gosv.
func (o chaosOptions) judged() (program string, flags []string, err error) {
	if o.gosv == "" {
		if program, err = os.Executable(); err != nil {
			return "", nil, sayStatus(chaosCannotRun, fmt.Errorf("cannot find gosv's own program: %w", err))
		}
		return program, nil, nil
	}
	words, err := config.Words(o.gosv, os.LookupEnv)
	if err != nil {
		return "", nil, fmt.Errorf("--gosv: %w", err)
	}
	if program, err = filepath.Abs(words[0]); err == nil {
		_, err = os.Stat(program)
	}
	if err != nil {
		return "", nil, fmt.Errorf("--gosv: cannot find the program, which must be a path: %w", err)
	}
	return program, words[1:], nil
}

// carryOut carries out a plan, and writes the reports.
func (o chaosOptions) carryOut(drawn chaos.Plan, p plan, result report.Result) error {
	trace, err := o.traceFile()
	if err != nil {
		return err
	}
	program, flags, err := o.judged()
	if err != nil {
		return err
	}
	probes, err := o.serviceProbes(p.file.Services)
	if err != nil {
		return err
	}
	gosv := &live.Gosv{Program: program, Flags: flags, File: p.file, Dir: p.dir, Trace: trace, Limits: setsLimits(drawn)}
	ctx, hurry := interruptible()
	shown := newProgress(o.quiet)
	history, err := live.Run(ctx, live.Options{
		Supervisor: gosv, Run: newRun(), Plan: drawn, AllowGiveUp: o.allowGiveUp, Protected: o.protected(p.file.Services), Probes: probes,
		MaxVictims: o.maxVictims, MinGap: o.minGap, WarmUp: o.warmUp, Progress: shown.show, Hurry: hurry,
	})
	shown.end()
	if err != nil && len(history.Phases) == 0 {
		history.Aborted = err.Error()
	}
	result.History, result.Verdicts = history, chaos.Judge(history, o.rules(history, result.Baseline))
	status := runStatus(history, result.Verdicts, err, ctx.Err() != nil)
	result.Status = int(status)
	if status != 0 && gosv.Output() != "" {
		fmt.Fprintf(os.Stderr, "The last output of the supervisor and its services:\n%s\n", lastLines(gosv.Output(), linesShown))
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gosv chaos: %v\n", err)
	}
	if status, err = o.write(result); err != nil {
		return sayStatus(status, err)
	}
	if status != 0 {
		return status
	}
	return nil
}

// setsLimits reports whether a plan has faults that set limits on services.
func setsLimits(p chaos.Plan) bool {
	return slices.ContainsFunc(p.Faults, func(h chaos.PlannedFault) bool {
		return slices.Contains([]string{"memory", "cpu", "fork-burst"}, h.Fault)
	})
}

// linesShown is how much of the supervisor's output is shown after a failure.
const linesShown = 30

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func sayStatus(status exitStatus, err error) error {
	fmt.Fprintf(os.Stderr, "gosv chaos: %v\n", err)
	return status
}

// runStatus returns the exit status of a run.
func runStatus(h chaos.History, verdicts []chaos.Verdict, err error, interrupted bool) exitStatus {
	var cannot live.CannotRun
	switch {
	case errors.As(err, &cannot):
		return chaosCannotRun
	case err != nil:
		return chaosBroken
	case interrupted:
		return chaosInterrupted
	case h.End.Refused: // its output says what is missing
		return chaosCannotRun
	}
	return map[chaos.Outcome]exitStatus{
		chaos.Crashed: chaosCrashed, chaos.Fail: chaosFailed, chaos.Inconclusive: chaosInconclusive,
	}[chaos.Conclude(h, verdicts)]
}

// interruptible returns a context that the first INT, QUIT, TERM or HUP cancels, and a channel
// that the second one closes, unless it comes too soon after the first. A HUP that was
// ignored when the program started (nohup) stays ignored.
func interruptible() (ctx context.Context, hurry chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	hurry = make(chan struct{})
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	// A closed stdout must not end the run.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		<-signals
		cancel()
		for first := time.Now(); time.Since(first) < supervisor.ShutdownDebounce; {
			<-signals
		}
		close(hurry)
	}()
	return ctx, hurry
}

// newRun returns an identifier that no other run has.
func newRun() string {
	id := make([]byte, 8)
	_, _ = rand.Read(id) // it never fails (crypto/rand)
	return hex.EncodeToString(id)
}
