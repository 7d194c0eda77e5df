package live

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Starter is a supervisor whose services are started by programs of chaos's own.
type Starter interface {
	// standIn is the one of a service.
	standIn(service string) (standIn, bool)
}

func (t target) standIn() (standIn, error) {
	if s, ok := t.supervisor.(Starter); ok {
		if is, ok := s.standIn(t.service.Name); ok {
			return is, nil
		}
	}
	return standIn{}, refusal("this supervisor's services are started by their own programs")
}

// startBound is what a start may take when its delay is over.
const startBound = 2 * time.Second

// patience is how long the start after the next end may be away.
func (t target) patience() time.Duration {
	return lifecycle.Delay(t.service.Backoff, t.last.Attempt+1, 1) + startBound
}

// failing makes starts fail until one was told to have failed.
func (t target) failing(undo func() error) (deed, error) {
	before := t.last.Restarts
	return t.killing(deed{after: t.patience(), undo: undo, over: func(last chaos.Told) bool {
		return last.Restarts > before+1 || last.Restarts == before+1 && last.Cause == lifecycle.SpawnFailed.String()
	}})
}

func startMissing(t target, _ string) (deed, error) {
	s, err := t.standIn()
	if err != nil {
		return deed{}, err
	}
	if err := os.Rename(s.script, s.away()); err != nil {
		return deed{}, err
	}
	return t.failing(func() error { return os.Rename(s.away(), s.script) })
}

func startDenied(t target, _ string) (deed, error) {
	s, err := t.standIn()
	if err != nil {
		return deed{}, err
	}
	if err := os.Chmod(s.script, 0o600); err != nil {
		return deed{}, err
	}
	return t.failing(func() error { return os.Chmod(s.script, 0o700) })
}

// startBusy holds the program open for writing (execve(2): ETXTBSY). Linux 6.11 and
// 6.12 start it all the same.
func startBusy(t target, _ string) (deed, error) {
	s, err := t.standIn()
	if err != nil {
		return deed{}, err
	}
	file, err := os.OpenFile(s.script, os.O_WRONLY, 0)
	if errors.Is(err, unix.ETXTBSY) {
		return deed{}, refusal("it is being started")
	}
	if err != nil {
		return deed{}, err
	}
	return t.failing(file.Close)
}

// ordered has the next start obey an order.
func (t target) ordered(text string) (deed, error) {
	s, err := t.standIn()
	if err != nil {
		return deed{}, err
	}
	if err := s.orders(text); err != nil {
		return deed{}, err
	}
	return t.killing(deed{after: t.patience(), undo: s.recall, over: func(chaos.Told) bool { return s.obeyed() }})
}

func startExit(t target, arg string) (deed, error) {
	if arg == "0" && t.service.Restart != config.RestartAlways {
		return deed{}, refusal("an exit with 0 is not followed by a restart")
	}
	return t.ordered("exit " + arg)
}

func startSlow(t target, arg string) (deed, error) { return t.ordered("sleep " + arg) }

func orphan(t target, _ string) (deed, error) { return t.ordered("testproc daemon {sleep forever}") }

func escape(t target, _ string) (deed, error) {
	return t.ordered("testproc daemon {setsid; sleep forever}")
}
