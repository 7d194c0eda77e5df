package main

import (
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/gosv/gosv/internal/english"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys/linux"
)

// supervise is gosv's main job.
func supervise(opt options) error {
	beSupervisor()
	j, err := newJob(opt)
	if err != nil {
		return err
	}
	// Handlers are installed before anything else starts: a signal that comes while
	// services are being started must not end gosv.
	kernel, err := linux.New(linux.Options{Signals: signalsFor(j.plan)})
	if err != nil {
		return cannotSetUp(explainSetUp(err, len(j.plan.file.Services)))
	}
	lock, err := lockConfig(kernel, opt.config)
	if err != nil {
		return cannotSetUp(err)
	}
	defer lock.Close() // a nil *os.File has nothing to close
	v := newOutputs(j.format, j.plan.file.LineMax)
	if err := checkDescriptors(len(j.plan.file.Services), v.log); err != nil {
		return cannotSetUp(err)
	}
	v.log.Info(fmt.Sprintf("gosv %s: %s", version(), english.Count(len(j.plan.file.Services), "service")), "pid", os.Getpid())
	if v.files, err = openLogFiles(j.plan, v); err != nil {
		v.log.Error(err.Error())
		v.stderr.Close(flushBound)
		return statusConfig
	}
	if j.control, err = openControl(opt.control, j.plan, v.log); err != nil {
		return cannotSetUp(err)
	}
	result := j.run(kernel, v)
	// The kernel's handlers go now. One more signal must not turn an end that went
	// well, and takes a bounded time, into a failure.
	for _, sig := range signalsFor(j.plan) {
		signal.Notify(make(chan os.Signal, 1), sig)
	}
	read := sayStuck(v.log)
	kernel.Shutdown(flushBound)
	v.exits.close()
	j.close(v.log)
	v.files.close()
	v.closeStdout()
	read()
	status := conclude(result, j.plan.attached, func(text string) { v.log.Error(text) })
	v.stderr.Close(flushBound)
	if key := result.Key; key != 0 && len(result.Unkillable) == 0 {
		return deathBySignal(key)
	}
	if status != 0 {
		return status
	}
	return nil
}

func cannotSetUp(err error) error {
	fmt.Fprintf(os.Stderr, "gosv: cannot set up: %v\n", err)
	return statusFailed
}

// signalsFor gives the signals that gosv reacts to.
func signalsFor(p plan) []syscall.Signal {
	wanted := slices.Concat(linux.DefaultSignals, linux.FaultSignals)
	if p.attached {
		wanted = append(wanted, syscall.SIGCONT, syscall.SIGTSTP)
	}
	return wanted
}

func leftovers(list []supervisor.Leftover) string {
	words := make([]string, len(list))
	for i, l := range list {
		words[i] = l.String()
	}
	return strings.Join(words, ", ")
}

// conclude logs what went wrong and returns gosv's exit status.
func conclude(r supervisor.Result, attached bool, say func(string)) exitStatus {
	if r.Err != nil {
		say(r.Err.Error())
		return statusConfig
	}
	if len(r.Unkillable) > 0 {
		say("cannot kill all processes; left: " + leftovers(r.Unkillable))
	}
	switch {
	case len(r.Unkillable) > 0:
		return statusFailed
	case r.Essential != "":
		return exitStatus(r.Last.ExitCode())
	case attached && r.Last.Cause == lifecycle.NoOutcome:
		return exitStatus(128 + int(r.Signal)) // shut down before the command was started
	case attached:
		return exitStatus(r.Last.ExitCode())
	case r.Shutdown || len(r.Failed) == 0:
		return 0
	}
	return statusFailed
}
