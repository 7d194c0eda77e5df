package supervisor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// service is one configured service and what it is doing.
type service struct {
	conf   config.Service
	policy lifecycle.Policy
	state  lifecycle.State
	inst   *liveInstance // nil if there is no spawn and nothing lives
	pid    int           // of the present or last main process
	env    []string      // complete except for the invocation ID
	dir    string
	alarm  *alarm // the deadline of state
	// limitsReported: warnings about the limits of this service were reported.
	limitsReported bool
	status         publishedStatus
	leaving        bool // it is not configured any more, and is removed when it has stopped
	quarantined    bool // a bug was met; what lives of it is killed
}

func (svc *service) name() string { return svc.conf.Name }

// registry holds the services. They are looked up, added and removed here and
// nowhere else.
type registry struct {
	byName    map[string]*service
	ordered   []*service // as configured
	active    int        // those that have not come to rest
	queue     []queued   // events that the effects of this turn produced
	published atomic.Pointer[publishedList]
}

// publishedList is what other goroutines see of the services. It is replaced when
// services come and go, and each status when its service changes.
type publishedList struct {
	ordered []*publishedStatus
	names   map[string]bool
}

type publishedStatus = atomic.Pointer[Status]

func (r *registry) find(name string) *service { return r.byName[name] }

// add enters a service that was never started.
func (r *registry) add(svc *service) {
	if r.byName[svc.name()] != nil {
		panic(fmt.Sprintf("supervisor: two services are called %q", svc.name()))
	}
	r.byName[svc.name()] = svc
	r.ordered = append(r.ordered, svc)
	r.publish(svc)
}

// remove takes a service out that has come to rest.
func (r *registry) remove(svc *service) {
	delete(r.byName, svc.name())
	r.ordered = slices.DeleteFunc(slices.Clone(r.ordered), func(other *service) bool { return other == svc })
	r.republish()
}

// republish makes the list of services visible to other goroutines.
func (r *registry) republish() {
	list := &publishedList{names: make(map[string]bool, len(r.ordered))}
	for _, svc := range r.ordered {
		list.ordered = append(list.ordered, &svc.status)
		list.names[svc.name()] = true
	}
	r.published.Store(list)
}

// has reports whether there is a service. It may be called from any goroutine.
func (r *registry) has(name string) bool { return r.published.Load().names[name] }

// setState changes the state of a service and counts those that are not at rest.
func (r *registry) setState(svc *service, state lifecycle.State) {
	before := svc.state.AtRest()
	svc.state = state
	switch after := state.AtRest(); {
	case before && !after:
		r.active++
	case !before && after:
		r.active--
	}
}

// publish makes the status of a service visible to other goroutines.
func (r *registry) publish(svc *service) {
	st := &Status{Name: svc.name(), State: svc.state}
	if in := svc.inst; in != nil {
		st.Leaf = in.cgroup
		if svc.state.Alive {
			st.Pid = in.child.Pid
		}
	}
	svc.status.Store(st)
}

// statuses gives the published status of every service, from any goroutine.
func (r *registry) statuses() []*Status {
	list := r.published.Load().ordered
	all := make([]*Status, len(list))
	for i, p := range list {
		all[i] = p.Load()
	}
	return all
}

// environment is a base with the service's own variables on top, each name once.
func environment(base []string, own map[string]string) []string {
	var env []string
	for _, kv := range base {
		name, _, _ := strings.Cut(kv, "=")
		if _, replaced := own[name]; !replaced && name != procfs.InvocationVariable {
			env = append(env, kv)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		env = append(env, name+"="+own[name])
	}
	return env
}
