package difftest_test

import (
	"path"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/internal/mainthread"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
	"github.com/gosv/gosv/sys/systest"
	"github.com/gosv/gosv/sys/systest/fakeworld"
	"github.com/gosv/gosv/sys/systest/linuxworld"
	"github.com/gosv/gosv/tools/difftest"
)

// machine is the real kernel, made ready once for a test.
type machine struct {
	world   systest.World
	root    string // "" without cgroups
	why     string // there are none
	killBug bool
	nextID  sys.SpawnID
	// patience is how long the kernel may take; shorter while a sequence shrinks.
	patience time.Duration
}

func newMachine(t *testing.T) *machine {
	m := &machine{patience: 5 * time.Second}
	root, err := linuxworld.NewCgroup(t)
	if m.root = root; err != nil {
		m.why = "cgroups cannot be compared here: " + err.Error()
	}
	mainthread.Do(func() {
		k, err := linux.New(linux.Options{Signals: []syscall.Signal{syscall.SIGHUP}})
		require.NoError(t, err)
		t.Cleanup(func() { mainthread.Do(func() { k.Shutdown(time.Second) }) })
		m.world = linuxworld.New(t, k)
	})
	m.world.File = once(m.world.File)
	if m.root != "" {
		m.killBug = m.killsSpawned()
	} else {
		t.Log(m.why)
	}
	return m
}

// once makes each file one time.
func once(make func(systest.Kind) string) func(systest.Kind) string {
	var mu sync.Mutex
	made := map[systest.Kind]string{}
	return func(kind systest.Kind) string {
		mu.Lock()
		defer mu.Unlock()
		if made[kind] == "" {
			made[kind] = make(kind)
		}
		return made[kind]
	}
}

// killsSpawned asks for the bug of some kernels: what is started in a cgroup that
// cgroup.kill once touched dies as soon as it is spawned.
func (m *machine) killsSpawned() (bug bool) {
	mainthread.Do(func() {
		s := difftest.NewSide(m.world, m.root, &m.nextID)
		defer s.Clear()
		for _, line := range []string{"mkdir a", "write a/cgroup.kill 1", "spawn exits in a"} {
			s.Play(strings.Fields(line))
		}
		for !strings.Contains(s.See(), "exited [p1]") {
			m.world.Kernel.Wait(m.world.Kernel.Now() + time.Millisecond)
		}
		bug = s.Play(difftest.Op{"peek", "p1"}) == "died of signal 9"
	})
	return bug
}

func (m *machine) compare(seq difftest.Sequence) (out difftest.Outcome) {
	c := difftest.Comparison{
		Real:     func() *difftest.Side { return difftest.NewSide(m.world, m.root, &m.nextID) },
		Fake:     func(choices fakesys.Choices) *difftest.Side { return m.fake(choices) },
		Patience: m.patience,
	}
	mainthread.Do(func() { out = c.Play(seq) })
	return out
}

// fake is a machine like this one.
func (m *machine) fake(choices fakesys.Choices) *difftest.Side {
	o := fakesys.Options{Choices: choices, Env: []string{"B=2"}}
	root := ""
	if m.root != "" {
		root = "/sys/fs/cgroup/" + path.Base(m.root)
		o.Cgroups = &fakesys.Cgroups{Controllers: []string{"memory", "cpu", "pids"}, Delegated: "/", KillBug: m.killBug}
	} else {
		o.Cgroups = &fakesys.Cgroups{}
	}
	world, k := fakeworld.New(o)
	if root != "" {
		if err := k.Mkdir(root); err != nil {
			panic(err)
		}
	}
	return difftest.NewSide(world, root, new(sys.SpawnID))
}
