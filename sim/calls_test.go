package sim_test

import (
	"fmt"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/internal/golden"
	"github.com/gosv/gosv/supervisor"
)

// callsOf are the calls that gosv makes in a plain life of a service that takes a
// moment to stop, and what it says, in the order of their instants.
func callsOf(machine fakesys.Options, script string) string {
	var trace strings.Builder
	machine.Trace = &trace
	k := fakesys.New(machine)
	k.AddProgram("/svc/web", script)
	seen := &noticed{}
	s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/svc/web")}, Observer: seen})
	k.At(5*time.Second, "end", func() { k.SignalSelf(syscall.SIGTERM) })
	s.Run()
	var calls []string
	for line := range strings.Lines(trace.String()) {
		if m := call.FindStringSubmatch(line); m != nil && !empty.MatchString(m[2]) {
			what, _, _ := strings.Cut(m[2], " <- ")
			calls = append(calls, m[1]+" "+strings.TrimSpace(what))
		}
	}
	return strings.Join(append(calls, seen.notices...), "\n") + "\n"
}

// call is a line of the trace that gosv itself makes.
var call = regexp.MustCompile(`^ *\d+ (\S+) +10 +(.*)`)

// empty are drains of nothing, and what the kernel notes of a call.
var empty = regexp.MustCompile(`^((spawned|exited|changed|finished|signals) 0|fork |cgroup |woke )`)

// noticed keeps what is told, whatever its level.
type noticed struct {
	supervisor.NopObserver
	notices []string
}

func (n *noticed) Event(at time.Duration, e supervisor.Event) {
	text := e.String()
	if e.Of() != "" {
		text = e.Of() + ": " + text
	}
	n.notices = append(n.notices, fmt.Sprintf("%v %v: %s", at, e.Level(), text))
}

// A plain life costs these calls and no others: what is looked at, and when, is
// looked at by people.
func TestAPlainLifeCostsTheseCalls(t *testing.T) {
	const slow = "on TERM {sleep 200ms; exit 0}; sleep forever"
	grouped := fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/user", Own: "/user/me"}}
	for file, text := range map[string]string{
		"testdata/calls-grouped.txt":         callsOf(grouped, slow),
		"testdata/calls-without-cgroups.txt": callsOf(fakesys.Options{}, slow),
		"testdata/calls-leftovers.txt":       callsOf(fakesys.Options{}, "fork {setsid; sleep forever}; sleep 2s; exit 0"),
	} {
		golden.Equal(t, file, text)
	}
}
