package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/control/api"
)

// reconfigurable is what a reload asks of the supervisor.
type reconfigurable interface {
	Reconfigure([]config.Service, func(error)) error
}

// reloader reads the configuration file again and has the supervisor apply it.
type reloader struct {
	log     *slog.Logger
	path    string
	dir     string // base of relative directories
	sup     reconfigurable
	applied func([]config.Service) // called from the loop when a reload was applied
	hangups chan struct{}

	mu     sync.Mutex // one reload at a time
	file   config.File
	text   []byte
	loaded time.Time
}

// newReloader gives nil for a plan whose file cannot be read again.
func newReloader(p plan, log *slog.Logger, applied func([]config.Service)) *reloader {
	if p.path == "" {
		return nil
	}
	return &reloader{log: log, path: p.path, dir: p.dir, file: p.file, text: p.text, loaded: time.Now(), applied: applied, hangups: make(chan struct{}, 1)}
}

// onHangup is what HUP does; nil without a file.
func (r *reloader) onHangup() func() {
	if r == nil {
		return nil
	}
	return r.hangup
}

// attach gives the reloader its supervisor, and begins to obey HUP.
func (r *reloader) attach(s reconfigurable) {
	if r != nil {
		r.sup = s
		go r.run()
	}
}

// hangup asks for a reload and does not wait for it. The loop calls it.
func (r *reloader) hangup() {
	select {
	case r.hangups <- struct{}{}:
	default: // one is asked for already, and will read what is there then
	}
}

// run reloads after each HUP.
func (r *reloader) run() {
	for range r.hangups {
		if _, err := r.reload(context.Background(), false); err != nil {
			r.log.Error(fmt.Sprintf("SIGHUP: %v; the configuration stays as it is", err))
		}
	}
}

// reload compares the file with what runs and, unless dryRun, applies it.
func (r *reloader) reload(ctx context.Context, dryRun bool) (api.Reload, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text, err := readUpTo(r.path, config.MaxText+1)
	if err != nil {
		return api.Reload{}, fmt.Errorf("cannot read the configuration: %w", err)
	}
	file, diagnostics := config.Load(config.Printable(r.path), text)
	if config.Failed(diagnostics) {
		return api.Reload{}, invalid(diagnostics)
	}
	if errs := resolve(&file, r.dir, systemAccounts{}); errs != nil {
		return api.Reload{}, errors.Join(errs...)
	}
	done := compare(r.path, r.file, file)
	if dryRun {
		return done, nil
	}
	if err := r.apply(ctx, file); err != nil {
		return api.Reload{}, fmt.Errorf("cannot apply the configuration: %w", err)
	}
	done.Applied, r.file, r.text, r.loaded = true, file, text, time.Now()
	for _, line := range planLines(done) {
		r.log.Info("reload: " + line)
	}
	return done, nil
}

// apply waits until the supervisor has taken the configuration, or refused it.
func (r *reloader) apply(ctx context.Context, file config.File) error {
	answer := make(chan error, 1)
	err := r.sup.Reconfigure(file.Services, func(err error) {
		if err == nil {
			r.applied(file.Services)
		}
		answer <- err
	})
	if err != nil {
		return err
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func invalid(diagnostics []config.Diagnostic) error {
	var lines []string
	for _, d := range diagnostics {
		lines = append(lines, d.String())
	}
	return errors.New(strings.Join(lines, "\n"))
}

// compare says what a reload does, or did.
func compare(path string, before, after config.File) api.Reload {
	plan := api.Reload{File: path, Changes: []api.ReloadChange{}}
	for _, c := range config.Compare(before.Services, after.Services) {
		if c.Action == config.Unchanged {
			plan.Unchanged++
			continue
		}
		plan.Changes = append(plan.Changes, api.ReloadChange{Service: c.Service, Action: string(c.Action), Keys: c.Keys})
	}
	for _, key := range []struct {
		name string
		same bool
	}{
		{"cgroup", before.Cgroup == after.Cgroup}, {"line_max", before.LineMax == after.LineMax}, {"log_dir", before.LogDir == after.LogDir},
		{"socket", before.Socket == after.Socket}, {"socket_group", before.SocketGroup == after.SocketGroup},
	} {
		if !key.same {
			plan.Pending = append(plan.Pending, key.name)
		}
	}
	return plan
}

// planLines writes a plan for people.
func planLines(plan api.Reload) (lines []string) {
	words := map[string]string{
		"live": "apply at once", "next-start": "apply at the next start", "restart": "restart", "stop": "stop and remove", "start": "start",
	}
	for _, c := range plan.Changes {
		line := c.Service + ": " + words[c.Action]
		if len(c.Keys) > 0 {
			line += " (" + strings.Join(c.Keys, ", ") + ")"
		}
		lines = append(lines, line)
	}
	for _, key := range plan.Pending {
		lines = append(lines, "gosv: "+key+" takes effect when gosv is started again")
	}
	if len(lines) == 0 {
		lines = append(lines, "nothing has changed")
	}
	return lines
}

// config says which file runs, and whether it is still the one on disk.
func (r *reloader) config() api.Config {
	r.mu.Lock()
	text, loaded := r.text, r.loaded
	r.mu.Unlock()
	c := api.Config{File: r.path, Loaded: loaded}
	if info, err := os.Stat(r.path); err == nil && info.ModTime().Before(loaded) && info.Size() == int64(len(text)) {
		return c
	}
	now, err := readUpTo(r.path, config.MaxText+1)
	c.Changed = err != nil || !bytes.Equal(now, text)
	return c
}
