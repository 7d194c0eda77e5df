package main

import (
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/chaos/sabotage"
	"github.com/gosv/gosv/logs"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

// flushBound is how long the end of gosv waits for its own last words to be
// taken: a stuck terminal or pipe must not keep it.
const flushBound = 2 * time.Second

// supervise is gosv's main job.
func supervise(opt options) error {
	beSupervisor()
	if err := opt.validate(); err != nil {
		return err
	}
	stderrTTY, stdoutTTY := linux.IsTerminal(2), linux.IsTerminal(1)
	format, err := logs.ChooseFormat(opt.logFormat, stderrTTY)
	if err != nil {
		return fmt.Errorf("--log-format: %w", err)
	}
	p, err := opt.plan()
	if err != nil {
		return err
	}
	bug, err := planting(opt.plant)
	if err != nil {
		return err
	}
	file, err := openTrace(opt.trace)
	if err != nil {
		return err
	}
	events, err := openEvents(opt.events)
	if err != nil {
		return err
	}
	// Handlers stand before anything else starts: a signal that comes while
	// services are being started must find somebody.
	kernel, err := linux.New(linux.Options{Signals: signalsFor(p), MainThread: true})
	if err != nil {
		fmt.Fprintf(os.Stderr, "gosv: cannot set up: %v\n", explainSetUp(err, len(p.file.Services)))
		return statusFailed
	}
	stderr := logs.NewDestination(linux.TerminalWriter(2), logs.Options{Policy: logs.Drop, Bell: bell()})
	log := logs.NewLogger(stderr, format)
	stdout := logs.NewDestination(linux.TerminalWriter(1), logs.Options{
		Colour: logs.UseColour(stdoutTTY, os.Getenv), LineMax: p.file.LineMax, Bell: bell(), OnFailure: sayOutput(log),
	})
	if err := checkDescriptors(len(p.file.Services), log); err != nil {
		fmt.Fprintf(os.Stderr, "gosv: cannot set up: %v\n", err)
		return statusFailed
	}
	log.Info(fmt.Sprintf("gosv %s: %s", version(), count(len(p.file.Services), "service")), "pid", os.Getpid())
	seam, trace := recorded(kernel, file)
	seam, p.file.Services = bug.Kernel(seam), bug.Services(p.file.Services)
	observer := events.passing(newNarrator(log, stderr, p.file.Services), kernel.Monotonic)
	s := supervisor.New(supervisor.Options{
		Kernel: seam, Services: p.file.Services, Observer: newTidier(observer, p.file.Services),
		Environ: os.Environ(), Dir: p.dir, Cgroup: p.file.Cgroup, Host: host(),
		Attached: p.attached, DumpMaps: opt.dumpMaps,
		Output: func(service string) (sys.Sink, sys.Sink) { return stdout.NewStream(service), stdout.NewStream(service) },
	})
	result := s.Run()
	// The kernel's handlers go now. A signal more, from somebody impatient,
	// must not make a failure of an end that went well and is bounded.
	for _, sig := range signalsFor(p) {
		signal.Notify(make(chan os.Signal, 1), sig)
	}
	written := sayStuck(log)
	kernel.Shutdown(flushBound)
	if err := events.end(); err != nil {
		log.Warn(err.Error())
	}
	if err := trace.end(); err != nil {
		log.Warn(err.Error())
	}
	lost := stdout.Close(flushBound)
	written()
	if lost.LostLines > 0 {
		log.Warn(fmt.Sprintf("%d lines of output (%d bytes) were lost: stdout did not take them", lost.LostLines, lost.LostBytes))
	}
	status := conclude(result, p.attached, func(text string) { log.Error(text) })
	stderr.Close(flushBound)
	if status != 0 {
		return status
	}
	return nil
}

// planting gives what gosv is wrong about on purpose: nothing, unless that is asked for.
func planting(name string) (sabotage.Bug, error) {
	bug, known := sabotage.Find(name)
	if name != "" && !known {
		return bug, fmt.Errorf("--plant: unknown bug %q", name)
	}
	return bug, nil
}

// bell is what wakes the goroutine of a destination.
func bell() logs.Bell {
	b, err := linux.NewBell()
	if err != nil {
		return nil // EMFILE: the destination has a bell of its own
	}
	return b
}

// signalsFor gives the signals that gosv reacts to.
func signalsFor(p plan) []syscall.Signal {
	wanted := slices.Concat(linux.DefaultSignals, linux.FaultSignals)
	if p.attached {
		wanted = append(wanted, syscall.SIGCONT, syscall.SIGTSTP)
	}
	return wanted
}

// sayOutput tells when the output of services begins to get lost, and when it
// is taken again.
func sayOutput(log *slog.Logger) func(error) {
	return func(err error) {
		if err != nil {
			log.Error(fmt.Sprintf("the output of services is being lost: cannot write to stdout: %v", err))
			return
		}
		log.Info("the output of services is written again")
	}
}

// host is what the advice about cgroups depends on.
func host() supervisor.Host {
	_, err := os.Stat("/run/systemd/system") // sd_booted(3)
	return supervisor.Host{Systemd: err == nil, UID: os.Getuid(), Command: os.Args}
}

// conclude says what is to be said at the end, and gives gosv's own status.
func conclude(r supervisor.Result, attached bool, say func(string)) exitStatus {
	if r.Err != nil {
		say(r.Err.Error())
		return statusConfig
	}
	if len(r.Unkillable) > 0 {
		say("gosv ends, and could not kill what is left of: " + strings.Join(r.Unkillable, ", "))
	}
	switch {
	case len(r.Unkillable) > 0:
		return statusFailed
	case attached && r.Last.Cause == lifecycle.NoOutcome:
		return exitStatus(128 + int(r.Signal)) // told to end before the command had begun
	case attached:
		return exitStatus(r.Last.ExitCode())
	case r.Shutdown || len(r.Failed) == 0:
		return 0
	}
	return statusFailed
}
