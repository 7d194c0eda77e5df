package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/gosv/gosv/chaos/sabotage"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/logs"
	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

// job is what the command line asks for.
type job struct {
	plan     plan
	services []config.Service // as bug would have them
	dumpMaps bool
	format   logs.Format
	bug      sabotage.Bug

	eventFile, traceFile *os.File // nil: not asked for
	events               *eventLog
	trace                *recording
}

// newJob reads what the command line names, and opens what is to be written when
// nothing else can be wrong: --trace loses what its file held.
func newJob(opt options) (*job, error) {
	if err := opt.validate(); err != nil {
		return nil, err
	}
	format, err := logs.ChooseFormat(opt.logFormat, linux.IsTerminal(2))
	if err != nil {
		return nil, fmt.Errorf("--log-format: %w", err)
	}
	plan, err := opt.plan()
	if err != nil {
		return nil, err
	}
	bug, err := planting(opt.plant)
	if err != nil {
		return nil, err
	}
	events, err := openEvents(opt.events)
	if err != nil {
		return nil, err
	}
	trace, err := openTrace(opt.trace)
	if err != nil {
		return nil, err
	}
	return &job{
		plan: plan, services: bug.Services(plan.file.Services), dumpMaps: opt.dumpMaps, format: format, bug: bug,
		eventFile: events, traceFile: trace,
	}, nil
}

// run does it.
func (j *job) run(kernel *linux.Kernel, v *voices) supervisor.Result {
	if j.bug.Name != "" {
		v.log.Warn(fmt.Sprintf("--plant %s: this gosv is wrong on purpose, to try gosv chaos on it: %s", j.bug.Name, j.bug.Story))
	}
	var seam sys.Kernel
	seam, j.trace = recorded(kernel, j.traceFile)
	var observer supervisor.Observer = newNarrator(v.log, v.stderr, j.services)
	if j.events = newEventLog(j.eventFile, observer, kernel.Monotonic, v.log); j.events != nil {
		observer = j.events
	}
	s := supervisor.New(supervisor.Options{
		Kernel: j.bug.Kernel(seam), Services: j.services, Observer: newTidier(observer, j.services),
		Environ: os.Environ(), Dir: j.plan.dir, Cgroup: j.plan.file.Cgroup, Host: host(kernel),
		Attached: j.plan.attached, DumpMaps: j.dumpMaps,
		Output: func(service string) (sys.Sink, sys.Sink) {
			return v.stdout.NewStream(service), v.stdout.NewStream(service)
		},
	})
	return s.Run()
}

// close completes the files.
func (j *job) close(log *slog.Logger) {
	for _, end := range []func() error{j.events.end, j.trace.end} {
		if err := end(); err != nil {
			log.Warn(err.Error())
		}
	}
}

// planting gives what gosv is wrong about on purpose: nothing, unless that is asked for.
func planting(name string) (sabotage.Bug, error) {
	bug, known := sabotage.Find(name)
	if name != "" && !known {
		return bug, fmt.Errorf("--plant: unknown bug %q", name)
	}
	return bug, nil
}

// host is what the advice at the start depends on.
func host(kernel *linux.Kernel) supervisor.Host {
	_, err := os.Stat("/run/systemd/system") // sd_booted(3)
	h := supervisor.Host{Systemd: err == nil, UID: os.Getuid(), Command: os.Args}
	if err := procfs.CheckSelf(kernel, os.Getpid()); errors.Is(err, procfs.ErrForeign) {
		h.Blind = err
	}
	return h
}
