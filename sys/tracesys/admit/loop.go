package admit

import (
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/internal/signame"
)

func (a *admitter) wait() string {
	if slices.Contains(a.c.Result, "deadline") {
		until, err := time.ParseDuration(a.c.Arg(0) + "s")
		if err != nil || a.c.End() < until-2*time.Microsecond {
			return "= without deadline, which has not come"
		}
	}
	return a.recorded()
}

func (a *admitter) draw() string {
	n, err1 := strconv.Atoi(a.c.Arg(1))
	v, err2 := strconv.Atoi(strings.Join(a.c.Result, " "))
	if err1 != nil || err2 != nil || v < 0 || v >= n {
		return "= a number from 0 to less than " + a.c.Arg(1)
	}
	return a.recorded()
}

// signals come from anybody at any time, but not CHLD, and not what nobody
// receives.
func (a *admitter) signals() string {
	for i, name := range a.c.Result {
		sig, ok := signame.Parse(name)
		if !ok || sig == syscall.SIGCHLD || sig == syscall.SIGKILL || sig == syscall.SIGSTOP || slices.Contains(a.c.Result[:i], name) {
			return "= without " + name
		}
	}
	return a.recorded()
}

func (a *admitter) subreaper() string { return as(a.k.BecomeSubreaper()) }
