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

// StartWrapping is a supervisor whose services are started through wrappers of chaos.
type StartWrapping interface {
	// startWrapper returns the wrapper of a service.
	startWrapper(service string) (startWrapper, bool)
}

func (t target) startWrapper() (startWrapper, error) {
	if s, ok := t.supervisor.(StartWrapping); ok {
		if w, ok := s.startWrapper(t.service.Name); ok {
			return w, nil
		}
	}
	return startWrapper{}, unsupported("this supervisor starts the programs of its services directly")
}

// startBound is how long a start may take once its delay is over.
const startBound = 2 * time.Second

// restartBound returns how long the next start may take.
func (t target) restartBound() time.Duration {
	return lifecycle.Delay(t.service.Backoff, t.last.Attempt+1, 1) + startBound
}

// failStarts kills the main process. Starts fail until one was reported to have failed.
func (t target) failStarts(undo func() error) (effect, error) {
	before := t.last.Restarts
	return t.killMainAfter(effect{lasts: t.restartBound(), undo: undo, endsWhen: func(last chaos.Event) bool {
		return last.Restarts > before+1 || last.Restarts == before+1 && last.Cause == lifecycle.SpawnFailed.String()
	}})
}

func startMissing(t target, _ string) (effect, error) {
	s, err := t.startWrapper()
	if err != nil {
		return effect{}, err
	}
	if err := os.Rename(s.script, s.hiddenPath()); err != nil {
		return effect{}, err
	}
	return t.failStarts(func() error { return os.Rename(s.hiddenPath(), s.script) })
}

func startDenied(t target, _ string) (effect, error) {
	s, err := t.startWrapper()
	if err != nil {
		return effect{}, err
	}
	if err := os.Chmod(s.script, 0o600); err != nil {
		return effect{}, err
	}
	return t.failStarts(func() error { return os.Chmod(s.script, 0o700) })
}

// startBusy holds the program open for writing, execve(2) ETXTBSY. Linux 6.11 and 6.12
// execute it nevertheless.
func startBusy(t target, _ string) (effect, error) {
	s, err := t.startWrapper()
	if err != nil {
		return effect{}, err
	}
	file, err := os.OpenFile(s.script, os.O_WRONLY, 0)
	if errors.Is(err, unix.ETXTBSY) {
		return effect{}, unsupported("it is being started")
	}
	if err != nil {
		return effect{}, err
	}
	return t.failStarts(file.Close)
}

// instructNext kills the main process. The next start carries out an instruction.
func (t target) instructNext(text string) (effect, error) {
	s, err := t.startWrapper()
	if err != nil {
		return effect{}, err
	}
	if err := s.instruct(text); err != nil {
		return effect{}, err
	}
	return t.killMainAfter(effect{lasts: t.restartBound(), undo: s.cancel, endsWhen: func(chaos.Event) bool { return s.done() }})
}

func startExit(t target, arg string) (effect, error) {
	if arg == "0" && t.service.Restart != config.RestartAlways {
		return effect{}, unsupported("its policy does not restart it after exit status 0")
	}
	return t.instructNext("exit " + arg)
}

func startSlow(t target, arg string) (effect, error) { return t.instructNext("sleep " + arg) }

func orphan(t target, _ string) (effect, error) {
	return t.instructNext("testproc daemon {sleep forever}")
}

func escape(t target, _ string) (effect, error) {
	return t.instructNext("testproc daemon {setsid; sleep forever}")
}
