package faultysup

import (
	"strings"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// LoseExitStatus reports every exit as status 0.
func LoseExitStatus(k sys.Kernel) sys.Kernel { return loseExitStatus{k} }

type loseExitStatus struct{ sys.Kernel }

func (k loseExitStatus) Peek(h sys.Handle) (sys.Status, bool, error) {
	_, ended, err := k.Kernel.Peek(h)
	return sys.Status{}, ended, err
}

func (k loseExitStatus) Reap(h sys.Handle) (sys.Status, bool, error) {
	_, ended, err := k.Kernel.Reap(h)
	return sys.Status{}, ended, err
}

// LoseEveryThirdExitStatus reports the status of every third exit as 0.
func LoseEveryThirdExitStatus(k sys.Kernel) sys.Kernel {
	return &loseEveryThirdExitStatus{Kernel: k, lost: map[sys.Handle]bool{}}
}

type loseEveryThirdExitStatus struct {
	sys.Kernel
	exits int
	lost  map[sys.Handle]bool // whether the status of an exit is lost
}

func (k *loseEveryThirdExitStatus) Peek(h sys.Handle) (sys.Status, bool, error) {
	return k.change(h)(k.Kernel.Peek(h))
}

func (k *loseEveryThirdExitStatus) Reap(h sys.Handle) (sys.Status, bool, error) {
	return k.change(h)(k.Kernel.Reap(h))
}

func (k *loseEveryThirdExitStatus) Close(h sys.Handle) {
	delete(k.lost, h)
	k.Kernel.Close(h)
}

// change counts each exit once, however often it is asked for.
func (k *loseEveryThirdExitStatus) change(h sys.Handle) func(sys.Status, bool, error) (sys.Status, bool, error) {
	return func(s sys.Status, ended bool, err error) (sys.Status, bool, error) {
		if _, known := k.lost[h]; ended && !known {
			k.exits++
			k.lost[h] = k.exits%3 == 0
		}
		if k.lost[h] {
			s = sys.Status{}
		}
		return s, ended, err
	}
}

// MissExits never reports that a child has exited.
func MissExits(k sys.Kernel) sys.Kernel { return missExits{k} }

type missExits struct{ sys.Kernel }

func (k missExits) Exited() []sys.Handle { k.Kernel.Exited(); return nil }

func (k missExits) Peek(sys.Handle) (sys.Status, bool, error) { return sys.Status{}, false, nil }

func (k missExits) Reap(sys.Handle) (sys.Status, bool, error) { return sys.Status{}, false, nil }

// RepeatStaleExit reports the exit of a handle that does not exist.
func RepeatStaleExit(k sys.Kernel) sys.Kernel { return repeatStaleExit{k} }

type repeatStaleExit struct{ sys.Kernel }

func (k repeatStaleExit) Exited() []sys.Handle { return append(k.Kernel.Exited(), 77) }

// IgnoreOrphans hides orphans, and the environment of every process.
func IgnoreOrphans(k sys.Kernel) sys.Kernel { return ignoreOrphans{k} }

type ignoreOrphans struct{ sys.Kernel }

func (k ignoreOrphans) Orphans() (sys.Orphans, error)       { return sys.Orphans{}, nil }
func (k ignoreOrphans) AnyZombie() (int, sys.Status, error) { return 0, sys.Status{}, nil }

func (k ignoreOrphans) ReadFile(path string) ([]byte, error) {
	if strings.HasSuffix(path, "/environ") {
		return nil, syscall.ESRCH
	}
	return k.Kernel.ReadFile(path)
}
