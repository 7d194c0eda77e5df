package supervisord

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/chaos/live"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Daemon is supervisord as a supervisor under chaos.
type Daemon struct {
	Program  string // the path of supervisord
	Programs []Service

	dir     string // temporary
	process *os.Process
	events  *os.File // both ends are held, so that neither side sees an end in between
	answers *os.File
	gate    *os.File
	changes chan chaos.Event
	ended   chan struct{}
	status  int
	log     string // supervisord's own, when the directory is gone
}

var _ live.Supervisor = (*Daemon)(nil)

// Services implements live.Supervisor: they bear the policies that supervisord has.
func (d *Daemon) Services() (services []config.Service) {
	for _, s := range d.Programs {
		services = append(services, s.policy())
	}
	return services
}

// Start implements live.Supervisor.
func (d *Daemon) Start(run string) (err error) {
	d.changes, d.ended = make(chan chaos.Event, 1024), make(chan struct{})
	if d.dir, err = os.MkdirTemp("", "gosv-supervisord-"); err != nil {
		return live.CannotRun{Err: fmt.Errorf("cannot make a temporary directory: %w", err)}
	}
	if err := lay(d.dir, run, d.Programs); err != nil {
		return err
	}
	for pipe, end := range map[string]**os.File{eventsPipe: &d.events, answerPipe: &d.answers, gatePipe: &d.gate} {
		if *end, err = os.OpenFile(filepath.Join(d.dir, pipe), os.O_RDWR, 0); err != nil {
			return err
		}
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	d.process, err = os.StartProcess(d.Program, []string{d.Program, "-c", filepath.Join(d.dir, confFile)}, &os.ProcAttr{
		Env: os.Environ(), Files: []*os.File{null, null, null},
		// A group of its own keeps ^C from it; should this program die, it ends, too.
		Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM},
	})
	if err != nil {
		return live.CannotRun{Err: fmt.Errorf("cannot start supervisord: %w", err)}
	}
	go d.wait()
	go d.listen()
	return nil
}

// listen answers supervisord, and passes its notifications on.
func (d *Daemon) listen() {
	defer close(d.changes)
	t, open, r := newTranslator(d.Programs), map[string]bool{}, bufio.NewReader(d.events)
	for _, s := range d.Programs {
		open[s.Name] = true
	}
	answer := ready
	for {
		if _, err := io.WriteString(d.answers, answer); err != nil {
			return
		}
		n, err := readNotification(r)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if err != nil { // reported as a change of no service: the judge finds it
			d.changes <- chaos.Event{At: live.Now(), Outcome: err.Error()}
			return
		}
		answer = accepted + ready
		e, ok := t.translate(n, live.Now())
		if !ok {
			continue
		}
		d.changes <- e
		switch e.To {
		case lifecycle.Stopped.String(), lifecycle.Exited.String(), lifecycle.Failed.String():
			delete(open, e.Service)
		default:
			open[e.Service] = true
		}
		if len(open) == 0 {
			_ = d.gate.Close()
		}
	}
}

// lastWords is how long a pipe whose writers have ended is read.
const lastWords = 100 * time.Millisecond

func (d *Daemon) wait() {
	state, err := d.process.Wait()
	switch status, ok := state.Sys().(syscall.WaitStatus); {
	case err != nil || !ok:
		d.status = -1
	case status.Signaled():
		d.status = 128 + int(status.Signal())
	default:
		d.status = status.ExitStatus()
	}
	_ = d.events.SetReadDeadline(time.Now().Add(lastWords))
	close(d.ended)
}

// Main implements live.Supervisor: supervisord adopts no process.
func (d *Daemon) Main(p live.Process) bool { return p.Ppid == d.process.Pid }

// Pid implements live.Supervisor.
func (d *Daemon) Pid() int { return d.process.Pid }

// Events implements live.Supervisor.
func (d *Daemon) Events() <-chan chaos.Event { return d.changes }

// Cgroup implements live.Supervisor: supervisord knows none.
func (d *Daemon) Cgroup() string { return "" }

// Stop implements live.Supervisor.
func (d *Daemon) Stop() error {
	if err := d.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("cannot signal supervisord to end: %w", err)
	}
	return nil
}

// Kill implements live.Supervisor.
func (d *Daemon) Kill() { _ = d.process.Kill() }

// Ended implements live.Supervisor.
func (d *Daemon) Ended() <-chan struct{} { return d.ended }

// Status implements live.Supervisor.
func (d *Daemon) Status() int { return d.status }

// Output implements live.Supervisor: supervisord's own log.
func (d *Daemon) Output() string {
	if d.log == "" && d.dir != "" {
		text, _ := os.ReadFile(filepath.Join(d.dir, logFile))
		return string(text)
	}
	return d.log
}

// Close implements live.Supervisor.
func (d *Daemon) Close() (left []chaos.Leak) {
	for _, end := range []*os.File{d.events, d.answers, d.gate} {
		if end != nil {
			_ = end.Close()
		}
	}
	if d.dir == "" {
		return nil
	}
	d.log = d.Output()
	for _, name := range unknownFiles(d.dir, d.Programs) {
		left = append(left, chaos.Leak{Kind: "file", What: name + " in the directory of its configuration"})
	}
	_ = os.RemoveAll(d.dir)
	return left
}
