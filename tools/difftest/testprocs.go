package difftest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/gosv/gosv/internal/signame"
)

type order struct {
	name   string
	sig    syscall.Signal
	script string
}

// orders are what a testproc can be ordered to do, each by a signal of its own, and
// answered by a line.
var orders = []order{
	{"exit", syscall.SIGHUP, "print exits; exit 3"},
	{"die", syscall.SIGINT, "print dies; die SEGV"},
	{"stop", syscall.SIGQUIT, "print stops; stop; print goes on"},
	{"fork", syscall.SIGALRM, "fork {CHILD}"},
	{"daemon", syscall.SIGVTALRM, "daemon {CHILD}"},
	{"setsid", syscall.SIGPWR, "setsid; print leads"},
	{"ping", syscall.SIGUSR1, "print pong"},
	{"ignore-term", syscall.SIGUSR2, "ignore TERM; print ignores"},
	{"handle-term", syscall.SIGXFSZ, "on TERM {print bye; exit 4}; print handles"},
	{"default-term", syscall.SIGIO, "default TERM; print mortal"},
	{"end-leader", syscall.SIGXCPU, "end-leader; print ended"},
	{"wait", syscall.SIGWINCH, "print waits; wait; print waited"},
}

// handled are the signals that a testproc may have a handler for.
func handled(sig syscall.Signal) bool {
	return sig == syscall.SIGTERM || slices.ContainsFunc(orders, func(o order) bool { return o.sig == sig })
}

// overtakes reports whether a process that is frozen or stopped has another signal
// waiting that it may have a handler for: which of two handlers comes first is
// between its threads, and no fact of the kernel.
func (s *Side) overtakes(p *proc, sig syscall.Signal) bool {
	text, err := s.k.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil || p.gone || !handled(sig) || strings.Contains(string(text), "\nState:\tZ") {
		return false // what killed a zombie may still pend
	}
	_, field, _ := strings.Cut(string(text), "\nShdPnd:\t")
	field, _, _ = strings.Cut(field, "\n")
	waiting, _ := strconv.ParseUint(field, 16, 64)
	for other := syscall.Signal(1); other <= syscall.SIGSYS; other++ {
		if other != sig && handled(other) && waiting&(1<<(other-1)) != 0 {
			return true
		}
	}
	return false
}

// generations is how many generations of forks obey.
const generations = 2

// obedient is a testproc that takes every order.
func obedient(forks int) string {
	var b strings.Builder
	for _, o := range orders {
		script := o.script
		if strings.Contains(script, "CHILD") {
			if forks == 0 {
				continue
			}
			script = strings.Replace(script, "CHILD", obedient(forks-1), 1)
		}
		b.WriteString("on " + signame.Name(o.sig) + " {" + script + "}; ")
	}
	return b.String() + "default TERM; print ready; sleep forever"
}

// testprocs are the programs that sequences start.
var testprocs = map[string]string{
	"obedient": obedient(generations),
	"exits":    "print ready; exit 7",
	"dies":     "print ready; die TERM",
	"crowd":    "fork {sleep forever}; fork {setsid; sleep forever}; print ready; sleep forever",
	"leaves":   "daemon {print ready; sleep forever}; fork {sleep forever}; exit 5",
	"zombies":  "fork {exit 1}; fork {die HUP}; print ready; sleep forever",
	"blocks":   "print ready; block forever",
}
