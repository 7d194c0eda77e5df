package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// Start implements Supervisor.
func (g *Gosv) Start(run string) error {
	err := g.start(run)
	if err != nil && !errors.As(err, &CannotRun{}) { // such as a full disk, or too many open files
		return CannotRun{fmt.Errorf("cannot prepare a run: %w", err)}
	}
	return err
}

func (g *Gosv) start(run string) (err error) {
	g.events, g.ended, g.firstByInvocation = make(chan chaos.Event, 1024), make(chan struct{}), map[string]Process{}
	reclaimDeadRuns()
	if g.dir, err = newRunDir(run); err != nil {
		return err
	}
	configuration, err := g.configure(run)
	if err != nil {
		return err
	}
	limited := slices.ContainsFunc(g.File.Services, func(svc config.Service) bool { return svc.Limits.Any() })
	cgroup := privateName(run)
	if err := g.dir.recordCgroup(cgroup); err != nil {
		return err
	}
	g.private = newPrivateCgroup(cgroup, (g.Limits || limited) && g.File.Cgroup != config.CgroupOff)
	return g.spawn(configuration)
}

// spawn starts the process, with its log on stdout and its events on descriptor 3.
func (g *Gosv) spawn(configuration string) error {
	stdout, stderr, err := g.openOutput()
	if err != nil {
		return err
	}
	defer stderr.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer write.Close()
	// A process group of its own keeps ^C away from it. If this program dies, gosv gets
	// TERM, and keeps the lock of the directory until it ends. If a fault has stopped it,
	// the kernel continues it as a member of an orphaned process group, unless its new
	// parent is of the same session, setpgid(2).
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	release := g.private.spawnInto(attr)
	defer release()
	g.leash = newLeash()
	g.process, err = g.leash.Start(g.Program, g.arguments(configuration),
		&os.ProcAttr{Env: os.Environ(), Files: []*os.File{null, stdout, stderr, write, g.dir.lock}, Sys: attr})
	if err != nil {
		g.leash.Release()
		read.Close()
		return CannotRun{fmt.Errorf("cannot start gosv: %w", err)}
	}
	go g.wait()
	go readEvents(read, g.events)
	return nil
}

func (g *Gosv) arguments(configuration string) []string {
	words := []string{g.Program, "--config", configuration, "--socket", "none", "--log-format", "json", "--events", "/proc/self/fd/3"}
	if g.Trace != "" {
		words = append(words, "--trace", g.Trace)
	}
	return append(words, g.Flags...)
}

// openOutput opens what stdout and stderr of gosv go to.
func (g *Gosv) openOutput() (stdout, stderr *os.File, err error) {
	if g.output, stderr, err = newTail(); err != nil {
		return nil, nil, err
	}
	if !g.logToFile {
		return stderr, stderr, nil
	}
	if g.logFile, err = newLogFile(filepath.Join(g.dir.name, logName)); err != nil {
		return nil, nil, errors.Join(err, stderr.Close())
	}
	return g.logFile.File, stderr, nil
}

// Names in the directory of a run.
const (
	configName  = "services.json"
	logName     = "stdout"
	wrappersDir = "programs"
)

// configure writes a configuration with the mark, and with absolute directories.
func (g *Gosv) configure(run string) (name string, err error) {
	file := g.File
	file.Services = nil
	for _, svc := range g.File.Services {
		env := map[string]string{MarkRun: run, MarkService: svc.Name}
		maps.Copy(env, svc.Env)
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
