package live

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/procfs"
)

// Gosv runs gosv as the supervisor: a child process with a configuration that is made
// from the user's, in a cgroup of its own.
type Gosv struct {
	Program string // the path of gosv
	File    config.File
	Dir     string   // the base of relative directories of services; empty: the working directory
	Flags   []string // further flags for gosv
	Trace   string   // the file that its calls to the kernel are recorded in; empty: none
	Limits  bool     // faults set limits, even on services that have none

	dir               *runDir // with the configuration
	private           *privateCgroup
	process           *os.Process
	leash             *leash // has the thread that started the process
	output            *tail
	events            chan chaos.Event
	ended             chan struct{}
	status            int
	firstByInvocation map[string]Process // main processes

	wrapStarts bool                    // services are started through wrappers
	wrappers   map[string]startWrapper // by service
	logToFile  bool
	logFile    *logFile // nil if the log goes to the pipe of output
}

var _ Supervisor = (*Gosv)(nil)

// Services implements Supervisor.
func (g *Gosv) Services() []config.Service { return g.File.Services }

// Pid implements Supervisor.
func (g *Gosv) Pid() int { return g.process.Pid }

// Events implements Supervisor.
func (g *Gosv) Events() <-chan chaos.Event { return g.events }

// Ended implements Supervisor.
func (g *Gosv) Ended() <-chan struct{} { return g.ended }

// Status implements Supervisor.
func (g *Gosv) Status() int { return g.status }

// refused is gosv's status for a configuration that is not possible, on this machine or at
// all (EX_CONFIG of sysexits.h).
const refused = 78

// Refused implements Refuser. The configuration was valid, so the machine lacks something.
func (g *Gosv) Refused() bool { return g.status == refused }

// Kill implements Supervisor.
func (g *Gosv) Kill() { _ = g.process.Kill() }

// Stop implements Supervisor.
func (g *Gosv) Stop() error {
	if err := g.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("cannot signal gosv: %w", err)
	}
	return nil
}

// Output implements Supervisor.
func (g *Gosv) Output() string {
	if g.output == nil {
		return ""
	}
	if g.logFile != nil {
		return g.logFile.tail() + g.output.String()
	}
	return g.output.String()
}

// Cgroup implements Supervisor.
func (g *Gosv) Cgroup() string { return g.private.supervisorDir() }

// Main implements Supervisor. gosv makes every main process the leader of a process group
// in gosv's own session. An orphan that gosv adopted may be a leader, too, but then the
// main process had its invocation ID first.
func (g *Gosv) Main(p Process) bool {
	own, ok := readStat(g.process.Pid)
	if !ok || p.Ppid != g.process.Pid || p.Pgrp != p.Pid || p.Session != own.Session {
		return false
	}
	invocation, _ := procfs.Getenv(p.Env, procfs.InvocationVariable)
	first, known := g.firstByInvocation[invocation]
	if !known {
		g.firstByInvocation[invocation] = p
		return true
	}
	return first.Pid == p.Pid || isDuplicate(first, p)
}

// isDuplicate reports whether a program was started twice with the same invocation ID.
func isDuplicate(first, p Process) bool {
	return isAlive(first) && commandLine(first.Pid) == commandLine(p.Pid)
}

// wait waits for the end of gosv.
func (g *Gosv) wait() {
	state, err := g.process.Wait()
	switch status, ok := state.Sys().(syscall.WaitStatus); {
	case err != nil || !ok:
		g.status = -1
	case status.Signaled():
		g.status = 128 + int(status.Signal())
	default:
		g.status = status.ExitStatus()
	}
	g.leash.Release()
	close(g.ended)
}

// outputBound is how long the rest of the output is waited for: a process that escaped
// may hold the pipe open.
const outputBound = time.Second

// Close implements Supervisor.
func (g *Gosv) Close() (left []chaos.Leak) {
	if g.output != nil && g.process != nil {
		select {
		case <-g.output.done:
		case <-time.After(outputBound):
		}
	}
	for _, err := range g.private.remove() {
		left = append(left, chaos.Leak{Kind: "cgroup", What: err.Error()})
	}
	if g.dir == nil {
		return left
	}
	entries, _ := os.ReadDir(g.dir.name)
	for _, e := range entries {
		if !slices.Contains([]string{configName, logName, wrappersDir, cgroupNote}, e.Name()) {
			left = append(left, chaos.Leak{Kind: "file", What: e.Name() + " in the directory of its configuration"})
		}
	}
	g.dir.remove()
	return left
}
