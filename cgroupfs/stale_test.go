package cgroupfs

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

// stale puts a stale instance with a service onto the machine.
func (m *machine) stale(name string) (dir string) {
	dir = ownGroup + "/" + name
	for _, below := range []string{"", "/supervisor", "/web", "/web/7"} {
		if err := m.Mkdir(dir + below); err != nil {
			panic(err)
		}
	}
	m.Calls = nil
	return dir
}

// inherited gives the lock of an instance to a process, and makes it populated while
// gosv's own directory in it is empty.
func (m *machine) inherited(dir string, locker int) {
	m.Locked[dir], m.Lockers[dir] = true, locker
	m.Texts[dir+"/supervisor/cgroup.procs"] = ""
	m.Texts[dir+"/cgroup.events"] = "populated 1\nfrozen 0\n"
}

// shown puts a process into /proc. It has one thread by default.
func (m *machine) shown(pid int, state rune, threads ...int) {
	n := append(threads, 1)[0]
	m.Texts[fmt.Sprintf("/proc/%d/stat", pid)] = fmt.Sprintf("%d (gosv) %c 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 %d 0 1 1 1\n", pid, state, n)
}

func paths(found []*StaleInstance) (list []string) {
	for _, d := range found {
		list = append(list, d.Path)
	}
	return list
}

func TestFindStaleInstancesChecksNameLockAndShape(t *testing.T) {
	tests := map[string]struct {
		dir    string
		change func(m *machine, dir string)
		stale  bool
	}{
		"gosv":                                   {"gosv", nil, true},
		"with a number":                          {"gosv-7", nil, true},
		"with a second number":                   {"gosv-7-1", nil, true},
		"another name":                           {"gosv-test-7", nil, false},
		"a name that goes on":                    {"gosv.service", nil, false},
		"its gosv runs":                          {"gosv", func(m *machine, f string) { m.Locked[f] = true }, false},
		"a child of it hangs and holds the lock": {"gosv", func(m *machine, f string) { m.inherited(f, 4711) }, true},
		"the same, and gosv is a zombie":         {"gosv", func(m *machine, f string) { m.inherited(f, 4711); m.shown(4711, 'Z') }, true},
		"gosv runs, but was moved away":          {"gosv", func(m *machine, f string) { m.inherited(f, 4711); m.shown(4711, 'S') }, false},
		"gosv was moved away, and its first thread has ended": {"gosv", func(m *machine, f string) { m.inherited(f, 4711); m.shown(4711, 'Z', 2) }, false},
		"the owner of the lock is not shown":                  {"gosv", func(m *machine, f string) { m.inherited(f, 0) }, false},
		"a child of it holds the lock, and no process is in it": {"gosv", func(m *machine, f string) {
			m.inherited(f, 4711)
			m.Texts[f+"/cgroup.events"] = "populated 0\nfrozen 0\n"
		}, false},
		"the owner of the lock is hidden": {"gosv", func(m *machine, f string) { m.inherited(f, 4711); m.Fail["read /proc/4711/stat"] = syscall.EPERM }, false},
		"its gosv is starting": {"gosv", func(m *machine, f string) {
			m.Locked[f] = true
			m.Texts[f+"/supervisor/cgroup.procs"] = ""
			m.Texts[f+"/cgroup.events"] = "populated 0\nfrozen 0\n"
		}, false},
		"its gosv runs services": {"gosv", func(m *machine, f string) {
			m.Locked[f] = true
			m.Texts[f+"/supervisor/cgroup.procs"] = "4711\n"
			m.Texts[f+"/cgroup.events"] = "populated 1\nfrozen 0\n"
		}, false},
		"removed while it is locked": {"gosv", func(m *machine, f string) { m.Fail["lock "+f] = syscall.ENOENT }, false},
		"it belongs to another user": {"gosv", func(m *machine, f string) { m.Fail["lock "+f] = syscall.EACCES }, false},
		"a process is in it":         {"gosv", func(m *machine, f string) { m.Texts[f+"/cgroup.procs"] = "55\n" }, false},
		"a threaded group":           {"gosv", func(m *machine, f string) { m.Fail["read "+f+"/cgroup.procs"] = syscall.EOPNOTSUPP }, false},
		"directories, not gosv's": {"gosv", func(m *machine, f string) {
			if err := m.Rmdir(f + "/supervisor"); err != nil {
				panic(err)
			}
		}, false},
		"just begun": {"gosv", func(m *machine, f string) {
			for _, below := range []string{"/web/7", "/web", "/supervisor"} {
				if err := m.Rmdir(f + below); err != nil {
					panic(err)
				}
			}
		}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMachine("memory")
			dir := m.stale(tt.dir)
			if tt.change != nil {
				tt.change(m, dir)
			}
			before := len(m.Locked)
			m.Calls = nil
			found, err := FindStaleInstances(m, gosv, Options{})
			require.NoError(t, err)
			if !tt.stale {
				assert.Empty(t, found)
				assert.Len(t, m.Locked, before, "no lock is kept")
				return
			}
			require.Equal(t, []string{dir}, paths(found))
			assert.True(t, m.Locked[dir])
			assert.Empty(t, m.Calls, "nothing is changed")
			found[0].Release()
			assert.Equal(t, before > 0, m.Locked[dir], "only its own lock is released")
		})
	}
	m := newMachine("")
	delete(m.Texts, "/proc/100/cgroup")
	assert.Empty(t, found(t, m), "Probe reports why there are no cgroups")
}

// found looks once, where nothing is in the way.
func found(t *testing.T, m *machine) []*StaleInstance {
	t.Helper()
	all, err := FindStaleInstances(m, gosv, Options{})
	require.NoError(t, err)
	return all
}

// What could not be read for lack of descriptors or memory is neither stale nor absent: it
// is an error, and the next look finds the instance.
func TestFindStaleInstancesReportsShortage(t *testing.T) {
	const dir = ownGroup + "/gosv"
	looks := []string{"read /proc/100/mountinfo", "read /proc/100/cgroup", "readdir " + ownGroup, "lock " + dir, "read " + dir + "/cgroup.procs", "readdir " + dir}
	for name, tt := range map[string]struct {
		make  func(m *machine)
		looks []string
	}{
		"with services":   {func(m *machine) { m.stale("gosv") }, looks},
		"an empty one":    {func(m *machine) { _ = m.Mkdir(dir) }, looks},
		"only just begun": {func(m *machine) { _, _ = m.Mkdir(dir), m.Mkdir(dir+"/supervisor") }, looks},
		"with a child that holds the lock": {func(m *machine) { m.stale("gosv"); m.inherited(dir, 4711) },
			[]string{"read " + dir + "/cgroup.events", "locker " + dir, "read /proc/4711/stat"}},
	} {
		for _, call := range tt.looks {
			for _, errno := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
				t.Run(name+", "+call+" "+errno.Error(), func(t *testing.T) {
					m := newMachine("memory")
					tt.make(m)
					m.Fail[call] = errno
					some, err := FindStaleInstances(m, gosv, Options{})
					require.ErrorIs(t, err, errno)
					for _, d := range some {
						d.Release()
					}
					delete(m.Fail, call)
					assert.Len(t, found(t, m), 1, "the next look")
				})
			}
		}
	}
}

// letsGo is a machine on which something happens after the first try to lock.
type letsGo struct {
	*machine
	then func(dir string)
}

func (m letsGo) Lock(dir string) error {
	defer m.then(dir)
	return m.machine.Lock(dir)
}

// A child that has not executed its program holds the lock, and releases it between the try
// to lock and the look at the owner. Then no owner is shown, and the lock is tried again.
func TestFindStaleInstancesTriesAgainToLockWhenTheOwnerIsNotShown(t *testing.T) {
	for name, tt := range map[string]struct {
		then  func(m *machine, dir string)
		stale bool
		err   string
	}{
		"it is free": {then: func(m *machine, dir string) { delete(m.Locked, dir) }, stale: true},
		"it is free, and no process is left": {then: func(m *machine, dir string) {
			delete(m.Locked, dir)
			m.Texts[dir+"/cgroup.events"] = "populated 0\nfrozen 0\n"
		}, stale: true},
		"it is free, and another's shape": {then: func(m *machine, dir string) { delete(m.Locked, dir); m.Texts[dir+"/cgroup.procs"] = "9\n" }},
		"who has it is not shown":         {then: func(m *machine, dir string) {}},
		"it cannot be tried": {then: func(m *machine, dir string) { m.Fail["lock "+dir] = syscall.EMFILE },
			err: "cannot look for stale instances: too many open files"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine("")
			dir := m.stale("gosv")
			m.inherited(dir, 0)
			found, err := FindStaleInstances(letsGo{m, func(dir string) { tt.then(m, dir) }}, 100, Options{})
			if tt.err != "" {
				require.EqualError(t, err, tt.err)
			} else {
				require.NoError(t, err)
			}
			assert.Equal(t, tt.stale, len(found) == 1)
		})
	}
}

func TestReclaimKillsAndRemoves(t *testing.T) {
	m := newMachine("")
	dir := m.stale("gosv")
	d := found(t, m)[0]
	m.Texts[dir+"/web/7/cgroup.procs"] = "55\n56\n"
	m.Texts[dir+"/cgroup.events"] = "populated 1\nfrozen 0\n"
	none := func(int) { t.Error("the group is killed as a whole") }
	done, err := d.Reclaim(none)
	require.NoError(t, err)
	assert.False(t, done, "it takes a moment")
	var passedOver []int // cgroup.kill passes over a process whose first thread has ended
	done, err = d.Reclaim(func(pid int) { passedOver = append(passedOver, pid) })
	require.NoError(t, err)
	assert.False(t, done)
	assert.Equal(t, []int{55, 56}, passedOver)
	assert.Equal(t, []int{55, 56}, d.Killed)
	assert.Equal(t, "1", m.Texts[dir+"/cgroup.kill"])
	assert.True(t, d.Contains(55))
	assert.False(t, d.Contains(57))

	m.Texts[dir+"/cgroup.events"] = "populated 0\nfrozen 0\n"
	m.Fail["rmdir "+dir+"/web/7"] = syscall.EBUSY
	done, err = d.Reclaim(none)
	assert.True(t, IsBusy(err), "a zombie for a moment: %v", err)
	assert.False(t, done)
	delete(m.Fail, "rmdir "+dir+"/web/7")
	m.Calls = nil
	done, err = d.Reclaim(none)
	require.NoError(t, err)
	assert.True(t, done)
	assert.Equal(t, []string{"rmdir " + dir + "/web/7", "rmdir " + dir + "/web", "rmdir " + dir + "/supervisor", "rmdir " + dir}, m.Calls,
		"supervisor goes last: a stale instance is recognised by it")
	assert.Empty(t, m.Locked)
}

// The holder of the lock is killed by its PID first. Then cgroup.kill kills the rest.
func TestReclaimWhereAChildHoldsTheLock(t *testing.T) {
	m := newMachine("")
	dir := m.stale("gosv")
	m.inherited(dir, 4711)
	m.Texts[dir+"/web/7/cgroup.procs"] = "55\n56\n"
	d := found(t, m)[0]
	var killed []int
	kill := func(pid int) { killed = append(killed, pid) }
	done, err := d.Reclaim(kill)
	require.NoError(t, err)
	assert.False(t, done)
	assert.Equal(t, []int{55, 56}, killed)
	assert.NotContains(t, m.Texts[dir+"/cgroup.kill"], "1", "the directory may be another gosv's")

	m.Lockers[dir] = 0
	done, err = d.Reclaim(kill)
	require.NoError(t, err)
	assert.False(t, done, "the lock was held a moment ago")

	delete(m.Locked, dir)
	done, err = d.Reclaim(nil)
	require.NoError(t, err)
	assert.False(t, done)
	assert.Equal(t, "1", m.Texts[dir+"/cgroup.kill"], "the lock is taken now")

	m.Texts[dir+"/cgroup.events"] = "populated 0\nfrozen 0\n"
	done, err = d.Reclaim(nil)
	require.NoError(t, err)
	assert.True(t, done)
	assert.False(t, m.Exists(dir))
}

// A gosv that could not leave its directory started its services there. One of them that
// had not executed its program when gosv died holds the lock and is in that directory.
func TestReclaimWhereAChildIsInGosvsDirectory(t *testing.T) {
	m := newMachine("")
	dir := m.stale("gosv")
	m.inherited(dir, 4711)
	m.Texts[dir+"/supervisor/cgroup.procs"] = "4712\n"
	require.Len(t, found(t, m), 1)

	m.Lockers[dir] = 0
	assert.Empty(t, found(t, m), "who took the lock is not to be seen, and may be there")
	m.Fail["read "+dir+"/supervisor/cgroup.procs"] = syscall.EMFILE
	_, err := FindStaleInstances(m, gosv, Options{})
	assert.ErrorIs(t, err, syscall.EMFILE)
}

func TestReclaimLeavesAGosvThatHasTakenTheInstance(t *testing.T) {
	for name, lives := range map[string]func(m *machine, dir string){
		"in its place": func(m *machine, dir string) {
			m.Lockers[dir] = 0
			m.Texts[dir+"/supervisor/cgroup.procs"] = "4712\n"
		},
		"moved away": func(m *machine, dir string) { m.Lockers[dir] = 4712; m.shown(4712, 'S') },
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine("")
			dir := m.stale("gosv")
			m.inherited(dir, 4711)
			d := found(t, m)[0]
			lives(m, dir)
			m.Calls = nil
			done, err := d.Reclaim(func(pid int) { t.Errorf("%d is killed", pid) })
			require.NoError(t, err)
			assert.True(t, done)
			assert.Empty(t, m.Calls)
			assert.True(t, m.Locked[dir])
		})
	}
}

func TestReclaimWithoutCgroupKill(t *testing.T) {
	m := newMachine("")
	dir := m.stale("gosv")
	delete(m.Texts, dir+"/cgroup.kill")
	m.Texts[dir+"/web/7/cgroup.procs"] = "55\n"
	m.Texts[dir+"/cgroup.events"] = "populated 1\n"
	d := found(t, m)[0]
	var killed []int
	done, err := d.Reclaim(func(pid int) {
		assert.Equal(t, "1", m.Texts[dir+"/cgroup.freeze"])
		killed = append(killed, pid)
	})
	require.NoError(t, err)
	assert.False(t, done)
	assert.Equal(t, []int{55}, killed)
	assert.Equal(t, "0", m.Texts[dir+"/cgroup.freeze"])
}

func TestReclaimOfARemovedInstanceIsDone(t *testing.T) {
	m := newMachine("")
	dir := m.stale("gosv")
	d := found(t, m)[0]
	m.Fail["read "+dir+"/cgroup.events"] = syscall.ENODEV
	done, err := d.Reclaim(nil)
	require.NoError(t, err)
	assert.True(t, done)
	assert.Empty(t, m.Locked)
}

func TestReclaimReportsWhatTheKernelRefuses(t *testing.T) {
	for _, file := range []string{"read /cgroup.events", "read /cgroup.procs", "write /cgroup.kill", "readdir ", "rmdir /web/7", "rmdir "} {
		t.Run(file, func(t *testing.T) {
			m := newMachine("")
			dir := m.stale("gosv")
			d := found(t, m)[0]
			if file == "write /cgroup.kill" || file == "read /cgroup.procs" {
				m.Texts[dir+"/cgroup.events"] = "populated 1\nfrozen 0\n"
			}
			verb, name, _ := strings.Cut(file, " ")
			m.Fail[verb+" "+dir+name] = syscall.EACCES
			done, err := d.Reclaim(nil)
			assert.False(t, done)
			assert.ErrorIs(t, err, syscall.EACCES)
			assert.True(t, m.Locked[dir], "it is tried again")
		})
	}
}

func TestOnTheFakeKernelCountersGoOnOverGenerations(t *testing.T) {
	k := delegated()
	tree, _ := Probe(k, k.Pid(), Options{})
	require.NotNil(t, tree)
	for generation := range uint64(3) {
		leaf := tree.LeafPath("web", generation)
		_, err := tree.Create(leaf, Limits{MemoryMax: 1 << 20})
		require.NoError(t, err)
		base, ok := tree.OOMKills(leaf)
		require.True(t, ok)
		assert.Equal(t, 2*generation, base, "those of the generations before")

		child := spawnAs(t, k, sys.SpawnID(generation+1), leaf, "fork {sleep forever}; sleep forever")
		k.Wait(k.Now() + time.Second)
		k.SetMemory(child.Pid, 2<<20)
		k.Wait(k.Now() + time.Second)
		require.True(t, empty(tree, leaf)(), "the OOM killer kills the whole service")
		n, _ := tree.OOMKills(leaf)
		assert.Equal(t, base+2, n)
		stats, err := tree.Stats(leaf)
		require.NoError(t, err)
		assert.EqualValues(t, 1<<20, stats.Memory.Max)
		assert.Equal(t, generation+1, stats.Memory.Events.OOMGroupKill)
		require.NoError(t, tree.Remove(leaf))
	}
	require.NoError(t, tree.Close())
	found, err := FindStaleInstances(k, k.Pid(), Options{})
	require.NoError(t, err)
	assert.Empty(t, found)
}

func TestOnlyDirectoriesAreRemoved(t *testing.T) {
	for name, remove := range map[string]func(t *testing.T, m *machine){
		"at the end": func(t *testing.T, m *machine) {
			tree := probed(t, m)
			for _, service := range []string{"web", "memory.max.example", "supervisor"} {
				_, err := tree.Create(tree.LeafPath(service, 1), Limits{})
				require.NoError(t, err)
			}
			require.NoError(t, tree.Close())
		},
		"of a stale instance": func(t *testing.T, m *machine) {
			m.stale("gosv")
			done, err := found(t, m)[0].Reclaim(nil)
			require.NoError(t, err)
			require.True(t, done)
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine("memory cpu pids")
			m.leafFiles = limitFiles
			remove(t, m)
			assert.NotEmpty(t, m.asked)
			for _, name := range m.asked {
				assert.NotContains(t, m.leafFiles, strings.TrimPrefix(name, ownGroup+"/gosv/"))
				assert.NotContains(t, name, "/cgroup.")
			}
			assert.False(t, m.Exists(ownGroup+"/gosv"))
		})
	}
}

// A start beside a running gosv with thousands of cgroups must not list them.
func TestTheDirectoryOfARunningGosvIsNotListed(t *testing.T) {
	m := newMachine("")
	dir := m.stale("gosv")
	m.Locked[dir], m.Lockers[dir] = true, 4711
	m.shown(4711, 'S')
	m.Texts[dir+"/cgroup.events"] = "populated 1\nfrozen 0\n"
	m.Fail["readdir "+dir] = syscall.EIO
	m.Fail["readdir "+dir+"/web"] = syscall.EIO
	assert.Empty(t, found(t, m))
}
