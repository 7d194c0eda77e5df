package sim_test

import (
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor"
)

// A process that has left its group forks and ends while gosv looks at all
// processes: it was listed, and its child was not. The restart must wait all the
// same. Which of them runs when is left to chance, in many runs.
func TestAForkDuringALookAtAllProcessesIsNotMissed(t *testing.T) {
	const last = "ignore TERM; sleep forever"
	const chain = "daemon {setsid; sleep 1s; daemon {daemon {daemon {" + last + "}}}}; sleep 1s; exit 1"
	for _, apart := range []bool{true, false} {
		for seed := range uint64(400) {
			s := Scenario{Services: one(chain), Machine: fakesys.Options{Preempt: true, OrphanAny: !apart}, EndAt: 4 * time.Second}
			r := s.Run(fakesys.FromSeed(seed))
			require.Empty(t, r.Violations, "seed %d, orphans can be told apart: %v", seed, apart)
		}
	}
}

// A start that hangs is no reason to leave orphans unreaped, where none of them
// can be taken for its child.
func TestAnExecThatHangsKeepsNoOrphanFromBeingReaped(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/web", "sleep 1s; daemon {sleep 2s}; sleep forever")
	k.AddFile("/svc/dead", fakesys.Hanging)
	var zombies []fakesys.Process
	looked := false
	k.At(4*time.Second, "look", func() {
		looked = true
		for _, p := range k.Processes() {
			if p.State == 'Z' {
				zombies = append(zombies, p)
			}
		}
		k.SignalSelf(syscall.SIGTERM)
	})
	supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/svc/web"), config.NewService("dead", "/svc/dead")}}).Run()
	require.True(t, looked)
	assert.Empty(t, zombies)
}

// Where there is an orphan, be it another service's, gosv looks whether a service has
// left something. The log says that something is killed when something is.
func TestOnlyWhatIsKilledIsSaidToBe(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	services := map[string]string{
		"neighbour": "daemon {setsid; sleep forever}; sleep forever",
		"fails":     "sleep 1s; exit 1",
		"leaves":    "daemon {setsid; sleep forever}; sleep 1s; exit 1",
		"deaf":      "sleep 1s; on TERM {print no}; loop {sleep forever}",
	}
	var all []config.Service
	for _, name := range slices.Sorted(maps.Keys(services)) {
		k.AddProgram("/svc/"+name, services[name])
		all = append(all, config.NewService(name, "/svc/"+name))
	}
	seen := &noticed{}
	s := supervisor.New(supervisor.Options{Kernel: k, Observer: seen, Services: all})
	k.At(1500*time.Millisecond, "end", func() { k.SignalSelf(syscall.SIGTERM) })
	s.Run()
	var killed []string
	for _, n := range seen.notices {
		if strings.Contains(n, "killing") {
			killed = append(killed, n)
		}
	}
	assert.Equal(t, []string{"1.0005s 1: leaves: killing what is left of it (SIGKILL)", "11.5s 1: deaf: killing what is left of it (SIGKILL)"}, killed)
}
