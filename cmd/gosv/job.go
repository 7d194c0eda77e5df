package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/gosv/gosv/config"
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
	format, err := logs.ChooseFormat(opt.logFormat, toJournal())
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
	if trace != nil && isRegular(trace) && (sameOpenFile(trace, os.Stdout) || sameOpenFile(trace, os.Stderr) || sameOpenFile(trace, events)) {
		return nil, fmt.Errorf("--trace: cannot record in %s: gosv writes other output there; name another file", opt.trace)
	}
	return &job{
		plan: plan, dumpMaps: opt.dumpMaps, format: format,
		eventFile: events, traceFile: trace,
	}, nil
}

// run supervises until nothing is left to do.
func (j *job) run(kernel *linux.Kernel, v *outputs) supervisor.Result {
	var seam sys.Kernel
	seam, j.trace = recorded(kernel, j.traceFile)
	logger := newLogObserver(v.log, v.exits, v.stderr, j.plan.file.Services)
	var observer supervisor.Observer = logger
	if j.eventFile != nil {
		j.events = j.newEventLog(observer, kernel, v)
		observer = j.events
	}
	observer = j.control.observe(observer, kernel, j.plan.file.Services)
	reload := newReloader(j.plan, v.log, func(services []config.Service) {
		logger.configure(services)
		j.control.configure(services)
	})
	s := supervisor.New(supervisor.Options{
		Kernel: seam, Services: j.plan.file.Services, Observer: newMemoryReleaser(observer, j.plan.file.Services),
		Environ: withoutListenVariables(os.Environ()), Dir: j.plan.dir, Cgroup: j.plan.file.Cgroup, Host: host(kernel),
		Attached: j.plan.attached, DumpMaps: j.dumpMaps, Reload: reload.onHangup(),
		Output: func(service string) (sys.Sink, sys.Sink) {
			both := v.exits.capture(service, v.files.stream(service, v.stdout))
			return both, both
		},
	})
	reload.attach(s)
	j.control.serve(s, v.history, reload)
	defer j.control.close()
	return s.Run()
}

// newEventLog writes events through the Destination of stdout or stderr if the file is
// the same.
func (j *job) newEventLog(next supervisor.Observer, kernel *linux.Kernel, v *outputs) *eventlog.Log {
	if dest := v.leadingTo(j.eventFile); dest != nil {
		return eventlog.NewShared(dest, next, kernel.Monotonic)
	}
	return eventlog.New(j.eventFile, next, kernel.Monotonic, logFailure(v.log, "events are", j.eventFile.Name()))
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
	h.Container = inContainer()
	return h
}

// inContainer reports whether gosv runs in a container, by the files and the variable
// that Docker, podman and systemd-nspawn set (systemd's CONTAINER_INTERFACE).
func inContainer() bool {
	if os.Getenv("container") != "" {
		return true
	}
	for _, file := range []string{"/.dockerenv", "/run/.containerenv", "/run/systemd/container"} {
		if _, err := os.Stat(file); err == nil {
			return true
		}
	}
	return false
}
