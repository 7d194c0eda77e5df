package supervisor

import (
	"fmt"
	"slices"
	"time"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/supervisor/instance"
	"github.com/gosv/gosv/sys"
)

// liveInstance is one run of a service, with what the supervisor holds for it:
// from the request for the spawn until nothing of it lives.
type liveInstance struct {
	svc        *service
	state      instance.State
	number     uint64      // the generation
	id         sys.SpawnID // of the spawn; also the key of the instance
	invocation string      // the value of GOSV_INVOCATION in its environment
	cgroup     string      // "" without
	oomKills   uint64      // of its service when it was made
	child      sys.Child   // zero until it is spawned

	watch      sys.WatchID
	signalled  map[int]uint64 // members that had the stop signal and CONT each for itself: PID, start time
	recheck    *alarm         // looks again at what is on its way out
	pause      time.Duration  // until then
	abandonAt  time.Duration  // when an aborted spawn is waited for no more; 0: it was not aborted
	emptyBy    time.Duration  // until when dying processes of unknown instances may be its own; 0: there were none
	scanAsked  bool           // it waits for the next process scan
	lookFailed bool           // the last look at the main process failed
}

// over reports whether nothing of the instance lives.
func (in *liveInstance) over() bool { return in.state.Over() }

// instances finds instances by what the kernel calls them.
type instances struct {
	byID     map[sys.SpawnID]*liveInstance // all
	spawning map[sys.SpawnID]*liveInstance // spawns without a result
	byHandle map[sys.Handle]*liveInstance
	byPID    map[int]*liveInstance // unreaped main processes
	byWatch  map[sys.WatchID]*liveInstance
	leaving  []*liveInstance // main process exited, members may live

	lastID sys.SpawnID
	token  string // makes invocations unique on this machine
	// lineage comes before an invocation of this gosv's if it is a service of another
	// one, which so knows what is left when this one is killed.
	lineage string
}

func newInstances(environ []string, n int) instances {
	t := instances{
		byID: make(map[sys.SpawnID]*liveInstance, n), spawning: map[sys.SpawnID]*liveInstance{},
		byHandle: make(map[sys.Handle]*liveInstance, n), byPID: make(map[int]*liveInstance, n), byWatch: map[sys.WatchID]*liveInstance{},
	}
	if outer, _ := procfs.Getenv(environ, procfs.InvocationVariable); outer != "" {
		t.lineage = outer + "/"
	}
	return t
}

// nextID gives a spawn a number that is never used again.
func (t *instances) nextID() sys.SpawnID {
	t.lastID++
	return t.lastID
}

// make makes the instance of a spawn that is about to be requested.
func (t *instances) make(svc *service) *liveInstance {
	in := &liveInstance{svc: svc, number: svc.state.Generation, id: t.nextID(), state: instance.New(false)}
	in.invocation = fmt.Sprintf("%s-%x", t.token, uint64(in.id))
	return in
}

// request enters an instance whose spawn is requested.
func (t *instances) request(in *liveInstance) { t.byID[in.id], t.spawning[in.id] = in, in }

// spawned enters the main process of an instance.
func (t *instances) spawned(in *liveInstance, child sys.Child) {
	delete(t.spawning, in.id)
	in.child = child
	t.byHandle[child.Handle], t.byPID[child.Pid] = in, in
}

// reaped forgets the PID of a main process whose zombie is gone. Another instance may
// have the same PID by now, if another process reaped this one.
func (t *instances) reaped(in *liveInstance) {
	if t.byPID[in.child.Pid] == in {
		delete(t.byPID, in.child.Pid)
	}
}

// forget removes an instance that is over.
func (t *instances) forget(in *liveInstance) {
	delete(t.byID, in.id)
	delete(t.spawning, in.id)
	delete(t.byHandle, in.child.Handle)
	delete(t.byWatch, in.watch)
	t.reaped(in)
	t.leaving = slices.DeleteFunc(t.leaving, func(other *liveInstance) bool { return other == in })
}

// awaited is how many spawns have no result yet and are waited for.
func (t *instances) awaited() (n int) {
	for _, in := range t.spawning {
		if in.state.Spawn != instance.Abandoned {
			n++
		}
	}
	return n
}

// tracked is a copy of the instances on their way out that only a process scan can track.
func (t *instances) tracked() []*liveInstance {
	return slices.DeleteFunc(slices.Clone(t.leaving), func(in *liveInstance) bool { return !in.state.TrackedByScan() })
}
