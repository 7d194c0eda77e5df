package integration

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/chaos/live"
	"github.com/gosv/gosv/config"
	testprocs "github.com/gosv/gosv/testproc/live"
)

const ms = time.Millisecond

// faultResult is the result of faults injected into a service "victim" beside a
// "bystander".
type faultResult struct {
	*testing.T
	chaos.History
	verdicts []chaos.Verdict
	output   string
}

// faultPlan says which faults are injected, and how.
type faultPlan struct {
	script   string // of the victim
	restart  config.Restart
	limits   bool
	cgroup   config.CgroupMode
	program  string // "": gosv
	flags    []string
	duration time.Duration
	ctx      context.Context
	progress func(live.Progress)
}

func (s faultPlan) inject(t *testing.T, planned ...chaos.PlannedFault) faultResult {
	t.Helper()
	if s.script == "" {
		s.script = idle
	}
	if s.restart == "" {
		s.restart = config.RestartAlways
	}
	if s.cgroup == "" {
		s.cgroup = config.CgroupAuto
	}
	if s.ctx == nil {
		s.ctx = t.Context()
	}
	file := config.File{Cgroup: s.cgroup, LineMax: config.DefaultLineMax}
	for name, script := range map[string]string{"victim": s.script, "bystander": idle} {
		path, args := testprocs.Command(script)
		svc := config.NewService(name, path, args...)
		svc.Restart, svc.MaxRestarts, svc.Backoff.Initial = s.restart, config.Unlimited, 20*ms
		file.Services = append(file.Services, svc)
	}
	plan := chaos.Plan{Version: chaos.PlanVersion, Tick: time.Second, Duration: max(s.duration, 500*ms), Faults: planned}
	for i := range plan.Faults {
		if !chaos.Catalogue[planned[i].Fault].TargetsSupervisor {
			plan.Faults[i].Service = "victim"
		}
	}
	gosv := &live.Gosv{Program: cmp.Or(s.program, binary), File: file, Limits: s.limits, Flags: s.flags}
	h, err := live.Run(s.ctx, live.Options{Supervisor: gosv, Run: fmt.Sprintf("test-%d-%d", os.Getpid(), marks.Add(1)), Plan: plan, Progress: s.progress})
	require.NoError(t, err, gosv.Output())
	u := faultResult{t, h, chaos.Judge(h, chaos.Rules{Slack: 5 * time.Second}), gosv.Output()}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("injections: %+v\nevents: %+v\nprocesses: %+v\noutput: %s", h.Injections, h.Events, h.Processes, u.output)
		}
	})
	return u
}

// done requires every verdict to pass, or skips the test with the reason why the
// machine cannot have the fault.
func (u faultResult) done() faultResult {
	u.Helper()
	for _, d := range u.Injections {
		if needs := chaos.Catalogue[d.Fault].Requires; d.Skipped != "" && needs != "" {
			u.Skipf("%s: %s (it needs %s)", d.Fault, d.Skipped, needs)
		}
		require.Empty(u, d.Skipped, d.Fault)
	}
	for _, v := range u.verdicts {
		if v.Outcome != chaos.NotRun {
			assert.Equal(u, chaos.Pass, v.Outcome, "%d %s: %q", v.Number, v.Name, v.Evidence)
		}
	}
	return u
}

// lives lists the main processes of the victim.
func (u faultResult) lives(n int) []chaos.ProcessRecord {
	u.Helper()
	all := slices.DeleteFunc(slices.Clone(u.Processes), func(l chaos.ProcessRecord) bool { return l.Service != "victim" })
	require.Len(u, all, n)
	return all
}

// hasChange reports whether the victim had such a change.
func (u faultResult) hasChange(cause, outcome string) chaos.Event {
	u.Helper()
	for _, e := range u.Events {
		if e.Service == "victim" && e.Cause == cause && strings.Contains(e.Outcome, outcome) {
			return e
		}
	}
	require.Failf(u, "not reported", "%s %q", cause, outcome)
	return chaos.Event{}
}

func (u faultResult) lasted(i int, least time.Duration) {
	u.Helper()
	assert.GreaterOrEqual(u, u.Injections[i].UndoneAt-u.Injections[i].At, least)
}

func once(fault, arg string) chaos.PlannedFault {
	return chaos.PlannedFault{At: 50 * ms, Fault: fault, Arg: arg}
}

const (
	twoOfThem = "fork {sleep forever}; print ready; sleep forever"
	handles   = "on TERM {exit 0}; print ready; sleep forever"
)

// faults are the tests of single faults: each injected fault had its effect.
var faults = map[string]func(t *testing.T){
	"kill": func(t *testing.T) {
		u := faultPlan{}.inject(t, once("kill", "KILL")).done()
		assert.NotZero(t, u.lives(2)[0].ExitedAt)
	},
	"signal": func(t *testing.T) {
		u := faultPlan{}.inject(t, once("signal", "USR1")).done()
		u.hasChange("main-exited", "USR1")
		assert.True(t, u.Injections[0].Lethal)
	},
	"signal that is handled": func(t *testing.T) {
		u := faultPlan{script: handles}.inject(t, once("signal", "TERM")).done()
		u.hasChange("main-exited", "exit status 0")
		assert.False(t, u.Injections[0].Lethal)
	},
	"kill-member": func(t *testing.T) {
		u := faultPlan{script: twoOfThem}.inject(t, once("kill-member", "")).done()
		u.lives(1)
	},
	"kill-group": func(t *testing.T) {
		u := faultPlan{script: twoOfThem}.inject(t, once("kill-group", "")).done()
		u.lives(2)
	},
	"kill-cgroup": func(t *testing.T) {
		u := faultPlan{script: twoOfThem}.inject(t, once("kill-cgroup", "")).done()
		u.lives(2)
	},
	"stop": func(t *testing.T) {
		u := faultPlan{duration: 1500 * ms}.inject(t, once("stop", "100ms")).done()
		u.lives(1)
		u.lasted(0, 100*ms)
	},
	"freeze": func(t *testing.T) {
		u := faultPlan{duration: 1500 * ms}.inject(t, once("freeze", "100ms")).done()
		u.lives(1)
		u.lasted(0, 100*ms)
	},
	"start-missing": func(t *testing.T) {
		u := faultPlan{}.inject(t, once("start-missing", "")).done()
		u.hasChange("spawn-failed", "no such file or directory")
		u.lives(2)
	},
	"start-denied": func(t *testing.T) {
		u := faultPlan{}.inject(t, once("start-denied", "")).done()
		u.hasChange("spawn-failed", "permission denied")
		u.lives(2)
	},
	"start-busy": func(t *testing.T) {
		u := faultPlan{}.inject(t, once("start-busy", "")).done()
		if !slices.ContainsFunc(u.Events, func(e chaos.Event) bool { return e.Cause == "spawn-failed" }) {
			t.Skip("this kernel starts a program that is being written (Linux 6.11, 6.12)")
		}
		u.hasChange("spawn-failed", "text file busy")
	},
	"start-exit": func(t *testing.T) {
		u := faultPlan{}.inject(t, once("start-exit", "75")).done()
		u.hasChange("main-exited", "exit status 75")
	},
	"start-slow": func(t *testing.T) {
		u := faultPlan{duration: time.Second}.inject(t, once("start-slow", "500ms")).done()
		u.lives(2)
		assert.Equal(t, 2, strings.Count(u.output, "victim | ready"), u.output)
	},
	"hold-output": func(t *testing.T) {
		u := faultPlan{duration: 2500 * ms}.inject(t, once("hold-output", "1s")).done()
		u.lasted(0, time.Second)
		assert.Less(t, u.lives(2)[1].FirstSeen, u.Injections[0].UndoneAt, "the restart did not wait for the pipe")
	},
	"flood": func(t *testing.T) {
		u := faultPlan{duration: 2 * time.Second}.inject(t, once("flood", "")).done()
		u.lives(1)
		assert.Contains(t, u.output, "a line of the flood that gosv chaos writes")
	},
	"full-log": func(t *testing.T) {
		// On a busy machine the log may be full for too short a time to be written to:
		// then it is full for longer.
		const lost, again = "the output of services is being lost", "the output of services is written again"
		for _, arg := range chaos.Catalogue["full-log"].Args {
			full, err := time.ParseDuration(arg)
			require.NoError(t, err)
			u := faultPlan{script: "loop {print still here; sleep 10ms}", duration: 2*full + time.Second}.inject(t, once("full-log", arg)).done()
			u.lives(1)
			u.lasted(0, full)
			if strings.Contains(u.output, lost) && strings.Contains(u.output, again) {
				return
			}
			t.Logf("full for %v: %s", full, u.output)
		}
		assert.Fail(t, "neither was reported: "+lost+"; "+again)
	},
	"stop-supervisor": func(t *testing.T) {
		kill := chaos.PlannedFault{At: 200 * ms, Fault: "kill", Arg: "KILL"}
		u := faultPlan{duration: 2500 * ms}.inject(t, once("stop-supervisor", "1s"), kill).done()
		u.lasted(0, time.Second)
		assert.Less(t, u.lives(2)[0].ExitedAt, u.Injections[0].UndoneAt)
		assert.GreaterOrEqual(t, u.hasChange("main-exited", "KILL").At, u.Injections[0].At+time.Second)
	},
	"memory":     func(t *testing.T) { faultPlan{limits: true}.inject(t, once("memory", "")).done() },
	"cpu":        func(t *testing.T) { faultPlan{limits: true}.inject(t, once("cpu", "100ms")).done() },
	"fork-burst": func(t *testing.T) { faultPlan{limits: true}.inject(t, once("fork-burst", "")).done() },
}

func TestEachChaosFaultHasItsEffect(t *testing.T) {
	t.Parallel()
	for name := range chaos.Catalogue {
		if name != "orphan" && name != "escape" { // see below
			assert.Contains(t, faults, name)
		}
	}
	for name, test := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

// faultyGosv builds gosv-faulty.
func faultyGosv(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "gosv-faulty")
	out, err := exec.Command("go", "build", "-o", name, "../cmd/gosv-faulty").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return name
}

// Orphans and escaped processes are found by a supervisor that looks for them; without
// that they are leaks.
func TestForgottenOrphansAreReportedAsLeaks(t *testing.T) {
	long(t)
	t.Parallel()
	for _, c := range []struct {
		fault  string
		leaked bool
	}{{"orphan", false}, {"escape", false}, {"escape", true}} {
		t.Run(fmt.Sprint(c.fault, c.leaked), func(t *testing.T) {
			t.Parallel()
			kill := chaos.PlannedFault{At: 900 * ms, Fault: "kill", Arg: "KILL"}
			s := faultPlan{cgroup: config.CgroupOff, duration: 1500 * ms}
			if c.leaked {
				s.program, s.flags = faultyGosv(t), []string{"--fault", "leaked-orphan"}
			}
			u := s.inject(t, once(c.fault, ""), kill)
			if !c.leaked {
				u.done().lives(3)
				return
			}
			assert.Equal(t, chaos.Fail, u.verdicts[7].Outcome)
			assert.Contains(t, fmt.Sprint(u.Leaks), "of an earlier run of victim")
		})
	}
}

// An interrupt also undoes a fault that was injected into the supervisor.
func TestInterruptContinuesAStoppedSupervisor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	interrupt := func(p live.Progress) {
		if p.Done > 0 {
			cancel()
		}
	}
	u := faultPlan{ctx: ctx, progress: interrupt, duration: time.Minute}.inject(t, once("stop-supervisor", "3s"))
	assert.Less(t, u.Injections[0].UndoneAt-u.Injections[0].At, 2900*ms)
	assert.False(t, u.End.Hung)
	assert.Zero(t, u.End.Status)
	assert.Empty(t, u.Leaks)
}
