package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/gosv/gosv/eventlog"
	"github.com/gosv/gosv/logs"
	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

// job is the supervising that the command line asks for.
type job struct {
	plan     plan
	dumpMaps bool
	format   logs.Format

	eventFile, traceFile *os.File // nil: not asked for
	events               *eventlog.Log
	control              *controlPlane // nil: no control socket
	trace                *recording
}

// newJob reads the files that the command line names. It opens those for output
// last: opening the file of --trace empties it.
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
	events, err := openEvents(opt.events)
	if err != nil {
		return nil, err
	}
	trace, err := openTrace(opt.trace)
	if err != nil {
		return nil, err
	}
	return &job{
		plan: plan, dumpMaps: opt.dumpMaps, format: format,
		eventFile: events, traceFile: trace,
	}, nil
}

// run supervises until nothing is left to do.
func (j *job) run(kernel *linux.Kernel, v *voices) supervisor.Result {
	var seam sys.Kernel
	seam, j.trace = recorded(kernel, j.traceFile)
	var observer supervisor.Observer = newNarrator(v.log, v.stderr, j.plan.file.Services)
	if j.eventFile != nil {
		j.events = eventlog.New(j.eventFile, observer, kernel.Monotonic, sayFailing(v.log, "events are", j.eventFile.Name()))
		observer = j.events
	}
	observer = j.control.observe(observer, kernel, j.plan.file.Services)
	s := supervisor.New(supervisor.Options{
		Kernel: seam, Services: j.plan.file.Services, Observer: newMemoryReleaser(observer, j.plan.file.Services),
		Environ: withoutListenVariables(os.Environ()), Dir: j.plan.dir, Cgroup: j.plan.file.Cgroup, Host: host(kernel),
		Attached: j.plan.attached, DumpMaps: j.dumpMaps,
		Output: func(service string) (sys.Sink, sys.Sink) {
			return v.stdout.NewStream(service), v.stdout.NewStream(service)
		},
	})
	j.control.serve(s)
	defer j.control.close()
	return s.Run()
}

// close writes what is left for the files of --events and --trace.
func (j *job) close(log *slog.Logger) {
	if j.events != nil {
		if err := j.events.Close(flushBound); err != nil {
			log.Warn("--events: " + err.Error())
		}
	}
	if err := j.trace.end(); err != nil {
		log.Warn(err.Error())
	}
}

// openEvents opens the file of --events; without one there is no log.
func openEvents(name string) (*os.File, error) {
	if name == "" {
		return nil, nil
	}
	file, err := eventlog.Open(name)
	if err != nil {
		return nil, fmt.Errorf("--events: %w", err)
	}
	return file, nil
}

// host is what the messages at the start depend on.
func host(kernel *linux.Kernel) supervisor.Host {
	_, err := os.Stat("/run/systemd/system") // sd_booted(3)
	h := supervisor.Host{Systemd: err == nil, UID: os.Getuid(), Command: os.Args}
	if err := procfs.CheckSelf(kernel, os.Getpid()); errors.Is(err, procfs.ErrForeign) {
		h.Blind = err
	}
	return h
}
