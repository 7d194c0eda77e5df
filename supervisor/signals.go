package supervisor

import (
	"syscall"

	"github.com/gosv/gosv/internal/signame"
)

// obeySignals takes the signals sent to gosv itself. From the drain on gosv is ending as
// fast as it can, and they change nothing.
func (s *Supervisor) obeySignals() {
	for _, sig := range s.k.Signals() {
		if s.phase <= running {
			s.signalled(sig)
		}
	}
}

// signalled obeys one signal.
func (s *Supervisor) signalled(sig syscall.Signal) {
	switch sig {
	case syscall.SIGINT, syscall.SIGQUIT:
		s.interrupted(sig)
	case syscall.SIGTSTP:
		if !s.forwardKey(sig) {
			s.stopSelf()
			s.resumeJob()
		}
	case syscall.SIGCONT:
		s.resumeJob()
	case syscall.SIGTERM,
		// The sender of one of these wants gosv to end, and would leave its services
		// behind.
		syscall.SIGILL, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGSEGV, syscall.SIGSTKFLT, syscall.SIGSYS:
		s.shutdown(sig)
	case syscall.SIGHUP:
		s.hangup()
	case syscall.SIGUSR1:
		s.startDump()
	case syscall.SIGUSR2:
		s.report(SignalIgnored{level: Info, Signal: sig, Reason: "there are no log files to reopen"})
	}
}

func name(sig syscall.Signal) string { return signame.Name(sig) }
