package sim_test

import (
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
