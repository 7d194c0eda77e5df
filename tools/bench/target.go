package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// peer is a program under test: how to start it over n services. leaves is a
// directory for cgroups, "" in the column without.
type peer struct {
	name    string
	command func(b *bench, leaves string) ([]string, error)
}

var (
	gosvPeer = peer{"gosv", func(b *bench, leaves string) ([]string, error) {
		path := filepath.Join(b.dir, "services.json")
		err := os.WriteFile(path, gosvConfig(b.n, b.program("pause"), leaves != ""), 0o600)
		return []string{b.program("gosv"), "--config", path}, err
	}}
	limitPeer = peer{"limit", func(b *bench, leaves string) ([]string, error) {
		return loopCommand(b, []string{"limit"}, "--cgroups", leaves), nil
	}}
	heldPeer = peer{"held", func(b *bench, leaves string) ([]string, error) {
		return loopCommand(b, []string{"limit", "--held"}, "--cgroups", leaves), nil
	}}
	barePeer = peer{"bareloop", func(b *bench, leaves string) ([]string, error) {
		return loopCommand(b, []string{"bareloop"}, "-cgroups", leaves), nil
	}}
)

func loopCommand(b *bench, argv []string, flag, leaves string) []string {
	argv[0] = b.program(argv[0])
	if leaves != "" {
		argv = append(argv, flag, leaves)
	}
	return append(argv, strconv.Itoa(b.n), b.program("pause"))
}

// gosvConfig is a configuration of n services that are restarted at once and
// for ever.
func gosvConfig(n int, pause string, cgroups bool) []byte {
	type object = map[string]any
	services := make([]object, n)
	for i := range services {
		services[i] = object{
			"name": fmt.Sprintf("s%d", i), "command": pause, "args": []string{strconv.Itoa(i)},
			"backoff": object{"initial": "0s"}, "max_restarts": -1,
		}
	}
	mode := "off"
	if cgroups {
		mode = "require"
	}
	text, err := json.Marshal(object{"cgroup": mode, "services": services})
	if err != nil {
		panic(err)
	}
	return text
}

// running is a program under test that was started.
type running struct {
	cmd   *exec.Cmd
	log   string
	ended chan error
}

func (b *bench) launch(p peer, leaves string) (*running, error) {
	argv, err := p.command(b, leaves)
	if err != nil {
		return nil, err
	}
	r := &running{log: filepath.Join(b.dir, p.name+".log"), ended: make(chan error, 1)}
	out, err := os.Create(r.log)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	r.cmd = exec.Command(argv[0], argv[1:]...)
	r.cmd.Env = append(os.Environ(), "BENCH_FIFO="+b.fifo.path)
	r.cmd.Stdout, r.cmd.Stderr = out, out
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", p.name, err)
	}
	go func() { r.ended <- r.cmd.Wait() }()
	return r, nil
}

// alive fails with the end of its log once the program is gone.
func (r *running) alive() error {
	select {
	case err := <-r.ended:
		r.ended <- err
		text, _ := os.ReadFile(r.log)
		return fmt.Errorf("%s ended by itself (%v); its last words: %s", r.cmd.Path, err, text[max(0, len(text)-500):])
	default:
		return nil
	}
}

// stop asks the program to end, and gives the time until it had.
func (r *running) stop() (time.Duration, error) {
	begin := monotonic()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, fmt.Errorf("cannot stop %s: %w", r.cmd.Path, err)
	}
	select {
	case err := <-r.ended:
		took := monotonic() - begin
		if err != nil {
			return 0, fmt.Errorf("%s was to end with 0 after TERM: %w", r.cmd.Path, err)
		}
		return took, nil
	case <-time.After(time.Minute):
		return 0, errors.New(r.cmd.Path + " did not end within a minute after TERM")
	}
}

// abandon ends a program that a failed measurement left running. Its services
// hear of it from stop where possible: a supervisor that is killed leaves them.
func (r *running) abandon(services map[int]int) {
	if r.alive() == nil {
		if _, err := r.stop(); err == nil {
			return
		}
	}
	_ = r.cmd.Process.Kill()
	for _, pid := range services {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}
