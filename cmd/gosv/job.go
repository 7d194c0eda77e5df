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

// job is what the command line asks for, with the files that it names opened.
type job struct {
	plan     plan
	services []config.Service // as bug would have them
	dumpMaps bool
	format   logs.Format
	bug      sabotage.Bug
	tape     *os.File // what trace is written to
	trace    *recording
	events   *eventLog
}

func newJob(opt options) (j *job, err error) {
	j = &job{dumpMaps: opt.dumpMaps}
	if err := opt.validate(); err != nil {
		return nil, err
	}
	if j.format, err = logs.ChooseFormat(opt.logFormat, linux.IsTerminal(2)); err != nil {
		return nil, fmt.Errorf("--log-format: %w", err)
	}
	if j.plan, err = opt.plan(); err != nil {
		return nil, err
	}
	if j.bug, err = planting(opt.plant); err != nil {
		return nil, err
	}
	j.services = j.bug.Services(j.plan.file.Services)
	if j.tape, err = openTrace(opt.trace); err != nil {
		return nil, err
	}
	j.events, err = openEvents(opt.events)
	return j, err
}

// run does it.
func (j *job) run(kernel *linux.Kernel, v *voices) supervisor.Result {
	var seam sys.Kernel
	seam, j.trace = recorded(kernel, j.tape)
	observer := j.events.passing(newNarrator(v.log, v.stderr, j.services), kernel.Monotonic)
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
