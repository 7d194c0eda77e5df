package faultysup

import (
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// counter counts the spawns of each service.
type counter map[string]int

// count returns how many spawns there have been of the service of a request. gosv chaos
// marks the environment of a service with its name.
func (c counter) count(r sys.SpawnRequest) int {
	name := r.Path
	for _, entry := range r.Env {
		if service, ok := strings.CutPrefix(entry, "GOSV_CHAOS_SERVICE="); ok {
			name = service
		}
	}
	c[name]++
	return c[name]
}

// LoseThirdRestart loses the request for the third restart of a service.
func LoseThirdRestart(k sys.Kernel) sys.Kernel { return loseThirdRestart{k, counter{}} }

type loseThirdRestart struct {
	sys.Kernel
	spawns counter
}

func (k loseThirdRestart) Spawn(r sys.SpawnRequest) {
	if k.spawns.count(r) != 4 {
		k.Kernel.Spawn(r)
	}
}

// KillFirstRestart kills the second main process of each service.
func KillFirstRestart(k sys.Kernel) sys.Kernel {
	return killFirstRestart{k, counter{}, map[sys.SpawnID]bool{}}
}

type killFirstRestart struct {
	sys.Kernel
	spawns  counter
	victims map[sys.SpawnID]bool
}

func (k killFirstRestart) Spawn(r sys.SpawnRequest) {
	if k.spawns.count(r) == 2 {
		k.victims[r.ID] = true
	}
	k.Kernel.Spawn(r)
}

func (k killFirstRestart) Spawned() []sys.SpawnResult {
	results := k.Kernel.Spawned()
	for _, r := range results {
		if r.Err == nil && k.victims[r.ID] {
			_ = k.Signal(r.Child.Handle, syscall.SIGKILL)
		}
	}
	return results
}

// StartTwice starts a second process at every restart, and hides it from the supervisor.
func StartTwice(k sys.Kernel) sys.Kernel {
	return startTwice{k, counter{}, map[sys.Handle]bool{}}
}

type startTwice struct {
	sys.Kernel
	spawns counter
	hidden map[sys.Handle]bool
}

const twin = sys.SpawnID(1) << 62

func (k startTwice) Spawn(r sys.SpawnRequest) {
	k.Kernel.Spawn(r)
	if k.spawns.count(r) > 1 {
		r.ID |= twin
		k.Kernel.Spawn(r)
	}
}

func (k startTwice) Spawned() []sys.SpawnResult {
	return slices.DeleteFunc(k.Kernel.Spawned(), func(r sys.SpawnResult) bool {
		if r.ID&twin != 0 && r.Err == nil {
			k.hidden[r.Child.Handle] = true
		}
		return r.ID&twin != 0
	})
}

func (k startTwice) Exited() []sys.Handle {
	return slices.DeleteFunc(k.Kernel.Exited(), func(h sys.Handle) bool {
		if !k.hidden[h] {
			return false
		}
		_, _, _ = k.Kernel.Reap(h)
		k.Kernel.Close(h)
		delete(k.hidden, h)
		return true
	})
}

// IgnoreCgroup starts every process outside its cgroup.
func IgnoreCgroup(k sys.Kernel) sys.Kernel { return ignoreCgroup{k} }

type ignoreCgroup struct{ sys.Kernel }

func (k ignoreCgroup) Spawn(r sys.SpawnRequest) { r.Cgroup = ""; k.Kernel.Spawn(r) }

// results changes the results of spawns.
type results struct {
	sys.Kernel
	change func([]sys.SpawnResult) []sys.SpawnResult
}

func (k results) Spawned() []sys.SpawnResult { return k.change(k.Kernel.Spawned()) }

// BackdateSpawns reports every process as spawned a second too early.
func BackdateSpawns(k sys.Kernel) sys.Kernel {
	return eachResult(k, func(r *sys.SpawnResult) { r.Child.ExecAt -= time.Second })
}

// ReportWrongPID reports the PID after that of the process.
func ReportWrongPID(k sys.Kernel) sys.Kernel {
	return eachResult(k, func(r *sys.SpawnResult) { r.Child.Pid++ })
}

// BlameProgram reports every failed spawn as a missing program.
func BlameProgram(k sys.Kernel) sys.Kernel {
	return eachResult(k, func(r *sys.SpawnResult) {
		if r.Err != nil {
			r.Err = &sys.SpawnError{Step: sys.StepExec, Err: syscall.ENOENT}
		}
	})
}

func eachResult(k sys.Kernel, change func(*sys.SpawnResult)) sys.Kernel {
	return results{k, func(all []sys.SpawnResult) []sys.SpawnResult {
		for i := range all {
			change(&all[i])
		}
		return all
	}}
}

// LoseFirstSpawn loses the first result of a spawn.
func LoseFirstSpawn(k sys.Kernel) sys.Kernel {
	lost := false
	return results{k, func(all []sys.SpawnResult) []sys.SpawnResult {
		if len(all) == 0 || lost {
			return all
		}
		lost = true
		return all[1:]
	}}
}
