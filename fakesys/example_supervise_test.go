package fakesys_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

// keeper is a whole program that manages processes: it starts each of its programs
// again whenever it ends. It knows the roles of package sys and nothing of the
// fake; on Linux sys/linux would carry it.
type keeper struct {
	kernel  sys.Kernel
	last    sys.SpawnID
	starts  map[sys.SpawnID]string // the program of each start that has no result
	running map[sys.Handle]string
	// drain is what its author forgot.
	drain bool
}

func (p *keeper) start(program string) {
	p.last++
	p.starts[p.last] = program
	p.kernel.Spawn(sys.SpawnRequest{ID: p.last, Path: program})
}

func (p *keeper) keep(until time.Duration, programs ...string) {
	for _, program := range programs {
		p.start(program)
	}
	for p.kernel.Now() < until {
		p.kernel.Wait(until)
		for _, result := range p.kernel.Spawned() {
			p.running[result.Child.Handle] = p.starts[result.ID]
		}
		// SIGCHLD, as any standard signal, is not queued: two children that end
		// together are one wake.
		for _, ended := range p.kernel.Exited() {
			if _, _, err := p.kernel.Reap(ended); err == nil {
				p.start(p.running[ended])
				p.kernel.Close(ended)
			}
			if !p.drain {
				break
			}
		}
	}
}

// run plays the program on a machine whose chance comes from choices.
func run(choices fakesys.Choices, trace *strings.Builder, drain bool) *fakesys.Kernel {
	opt := fakesys.Options{Choices: choices}
	if trace != nil {
		opt.Trace = trace
	}
	k := fakesys.New(opt)
	k.AddProgram("/bin/fetch", "sleep 1s; exit 1")
	k.AddProgram("/bin/serve", "sleep 3s; exit 1")
	p := &keeper{kernel: k, starts: map[sys.SpawnID]string{}, running: map[sys.Handle]string{}, drain: drain}
	p.keep(time.Minute, "/bin/fetch", "/bin/serve")
	return k
}

// forgotten is the invariant, read from the truth and not from what the program
// believes: at rest none of its children is a zombie.
func forgotten(k *fakesys.Kernel) string {
	for _, p := range k.Processes() {
		if p.State == 'Z' && p.Ppid == k.Pid() {
			return p.Path + " has ended and was not started again"
		}
	}
	return ""
}

// A program that manages processes searches itself for bugs. A plain run shows
// nothing; a search finds the seed that brings two exits so close together that they
// are one wake. A seed replays, and its trace tells what happened.
func Example_search() {
	fmt.Printf("without chance: %q\n", forgotten(run(fakesys.Zero{}, nil, false)))

	seed := uint64(0)
	for forgotten(run(fakesys.FromSeed(seed), nil, false)) == "" {
		seed++
	}
	var trace strings.Builder
	k := run(fakesys.FromSeed(seed), &trace, false)
	fmt.Printf("a seed finds: %s\n", forgotten(k))
	for line := range strings.Lines(trace.String()) {
		if strings.Contains(line, "exited 2") {
			fmt.Println("its trace says: two exits in one wake")
		}
	}

	for seed := range uint64(300) {
		if bug := forgotten(run(fakesys.FromSeed(seed), nil, true)); bug != "" {
			fmt.Println("still wrong:", bug)
		}
	}
	fmt.Println("mended: 300 seeds, nothing is forgotten")
	// Output:
	// without chance: ""
	// a seed finds: /bin/serve has ended and was not started again
	// its trace says: two exits in one wake
	// mended: 300 seeds, nothing is forgotten
}

// TestSearchReplays: what was found by a seed is found again by the list of
// choices that it made.
func TestSearchReplays(t *testing.T) {
	for seed := range uint64(50) {
		made := &fakesys.Recorder{From: fakesys.FromSeed(seed)}
		first := run(made, nil, false)
		again := run(fakesys.FromList(made.Values()), nil, false)
		assert.Equal(t, first.TraceHash(), again.TraceHash(), "seed %d", seed)
		assert.Equal(t, forgotten(first), forgotten(again), "seed %d", seed)
	}
}
