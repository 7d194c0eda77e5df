package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/procfs"
)

// Gosv is gosv as a supervisor under chaos: a child process of its own, with a
// configuration made from the user's, in a cgroup directory of its own.
type Gosv struct {
	Program string // the path of gosv
	File    config.File
	Dir     string   // that relative directories of services start from; "" is the working directory
	Flags   []string // further ones for gosv
	Trace   string   // the file that its calls to the kernel are recorded in; "": they are not
	Limits  bool     // faults set limits, also of services that have none

	dir               *runDir // with the configuration
	private           *privateCgroup
	process           *os.Process
	output            *tail
	events            chan chaos.Event
	ended             chan struct{}
	status            int
	firstByInvocation map[string]Process // main processes by their invocation

	wrapStarts bool                    // services are started by stand-ins
	wrappers   map[string]startWrapper // by service
	logToFile  bool                    // the log goes to a file
	logFile    *logFile                // nil: to the pipe of output
}

var _ Supervisor = (*Gosv)(nil)

// Services implements Supervisor.
func (g *Gosv) Services() []config.Service { return g.File.Services }

// Pid implements Supervisor.
func (g *Gosv) Pid() int { return g.process.Pid }

// Told implements Supervisor.
func (g *Gosv) Events() <-chan chaos.Event { return g.events }

// Ended implements Supervisor.
func (g *Gosv) Ended() <-chan struct{} { return g.ended }

// Status implements Supervisor.
func (g *Gosv) Status() int { return g.status }

// refused is gosv's status for a configuration that cannot be, on this machine or at
// all (EX_CONFIG of sysexits.h).
const refused = 78

// Refused implements Refuser: what was read is in order, so the machine lacks
// something.
func (g *Gosv) Refused() bool { return g.status == refused }

// Kill implements Supervisor.
func (g *Gosv) Kill() { _ = g.process.Kill() }

// Stop implements Supervisor.
func (g *Gosv) Stop() error {
	if err := g.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("cannot tell gosv to end: %w", err)
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

// Main implements Supervisor. gosv makes every main process the leader of a group
// in its own session. An orphan that it adopted may be one, too: but it has the
// invocation of another, and runs something else or outlived it.
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

// isTwin tells whether one program was started twice as the same instance.
func isDuplicate(first, p Process) bool {
	return isAlive(first) && commandLine(first.Pid) == commandLine(p.Pid)
}

// Start implements Supervisor.
func (g *Gosv) Start(run string) error {
	err := g.start(run)
	if err != nil && !errors.As(err, &CannotRun{}) { // such as a full disk, or too many open files
		return CannotRun{fmt.Errorf("cannot make a run ready: %w", err)}
	}
	return err
}

func (g *Gosv) start(run string) (err error) {
	g.events, g.ended, g.firstByInvocation = make(chan chaos.Event, 1024), make(chan struct{}), map[string]Process{}
	reclaimDeadRuns()
	if g.dir, err = newRunDir(run); err != nil {
		return err
	}
	name, err := g.configure(run)
	if err != nil {
		return err
	}
	limited := slices.ContainsFunc(g.File.Services, func(svc config.Service) bool { return svc.Limits.Any() })
	cgroup := privateName(run)
	if err := g.dir.recordCgroup(cgroup); err != nil {
		return err
	}
	g.private = newPrivateCgroup(cgroup, (g.Limits || limited) && g.File.Cgroup != config.CgroupOff)
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer write.Close()
	var out *os.File
	if g.output, out, err = newTail(); err != nil {
		return err
	}
	defer out.Close()
	stdout := out
	if g.logToFile {
		if g.logFile, err = newLogFile(filepath.Join(g.dir.name, logName)); err != nil {
			return err
		}
		stdout = g.logFile.File
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	// A group of its own keeps ^C from it. Should this program die, it is told to end,
	// and has the lock of the directory until it has. One that is stopped then is continued
	// as a member of an orphaned group, if who adopts it is of another session (setpgid(2)).
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	release := g.private.spawnInto(attr)
	defer release()
	words := []string{g.Program, "--config", name, "--socket", "none", "--log-format", "json", "--events", "/proc/self/fd/3"}
	if g.Trace != "" {
		words = append(words, "--trace", g.Trace)
	}
	words = append(words, g.Flags...)
	g.process, err = os.StartProcess(g.Program, words,
		&os.ProcAttr{Env: os.Environ(), Files: []*os.File{null, stdout, out, write, g.dir.lock}, Sys: attr})
	if err != nil {
		return CannotRun{fmt.Errorf("cannot start gosv: %w", err)}
	}
	go g.wait()
	go readEvents(read, g.events)
	return nil
}

// What else is in the directory of the configuration.
const (
	configName  = "services.json"
	logName     = "stdout"
	wrappersDir = "programs"
)

// configure writes a configuration with the marks, and with every directory absolute.
func (g *Gosv) configure(run string) (name string, err error) {
	file := g.File
	file.Services = nil
	for _, svc := range g.File.Services {
		env := map[string]string{MarkRun: run, MarkService: svc.Name}
		for name, value := range svc.Env {
			env[name] = value
		}
		svc.Env = env
		if svc.Dir != "" {
			if svc.Dir, err = filepath.Abs(filepath.Join(g.base(svc.Dir), svc.Dir)); err != nil {
				return "", err
			}
		}
		if svc, err = g.wrapStart(svc); err != nil {
			return "", err
		}
		file.Services = append(file.Services, svc)
	}
	text, err := json.Marshal(file)
	if err != nil {
		return "", err
	}
	name = filepath.Join(g.dir.name, configName)
	return name, os.WriteFile(name, text, 0o600)
}

func (g *Gosv) base(dir string) string {
	if filepath.IsAbs(dir) {
		return ""
	}
	return g.Dir
}

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
	close(g.ended)
}

// outputBound is how long the rest of the output is waited for: a process that
// escaped may hold it.
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
