package faultysup

import (
	"syscall"

	"github.com/gosv/gosv/sys"
)

// DropSignals discards signals to the supervisor.
func DropSignals(k sys.Kernel) sys.Kernel { return dropSignals{k} }

type dropSignals struct{ sys.Kernel }

func (k dropSignals) Signals() []syscall.Signal { k.Kernel.Signals(); return nil }

// DropStopSignals sends process groups only SIGKILL and SIGCONT.
func DropStopSignals(k sys.Kernel) sys.Kernel { return dropStopSignals{k} }

type dropStopSignals struct{ sys.Kernel }

func (k dropStopSignals) SignalGroup(h sys.Handle, sig syscall.Signal) error {
	if sig != syscall.SIGKILL && sig != syscall.SIGCONT {
		return nil
	}
	return k.Kernel.SignalGroup(h, sig)
}

// DropFirstStopSignal loses the first SIGTERM that is sent to a process group.
func DropFirstStopSignal(k sys.Kernel) sys.Kernel { return &dropFirstStopSignal{Kernel: k} }

type dropFirstStopSignal struct {
	sys.Kernel
	dropped bool
}

func (k *dropFirstStopSignal) SignalGroup(h sys.Handle, sig syscall.Signal) error {
	if sig == syscall.SIGTERM && !k.dropped {
		k.dropped = true
		return nil
	}
	return k.Kernel.SignalGroup(h, sig)
}
