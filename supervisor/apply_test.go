package supervisor_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

func phases(s *supervisor.Supervisor) map[string]lifecycle.Phase {
	all := map[string]lifecycle.Phase{}
	for _, st := range s.Statuses() {
		all[st.Name] = st.State.Phase
	}
	return all
}

// A plan adds, changes and removes services; what it does not name is left alone.
func TestAPlanChangesTheServicesAtRunTime(t *testing.T) {
	k := fakesys.New(fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/", Controllers: []string{"memory", "pids"}}})
	var services []config.Service
	for _, name := range []string{"stays", "changes", "goes"} {
		k.AddProgram("/svc/"+name, "sleep forever")
		svc := config.NewService(name, "/svc/"+name)
		svc.Limits.PidsMax = 10
		services = append(services, svc)
	}
	k.AddProgram("/svc/comes", "sleep forever")
	k.AddProgram("/svc/changed", "sleep forever")
	seen := &log{}
	s := supervisor.New(supervisor.Options{Kernel: k, Services: services, Observer: seen, Cgroup: config.CgroupAuto})
	changed := config.NewService("changes", "/svc/changed")
	changed.Limits.MemoryMax = 1 << 20
	answered := false
	k.At(2*time.Second, "reload", func() {
		require.NoError(t, s.Apply(supervisor.Plan{
			Add: []config.Service{config.NewService("comes", "/svc/comes")}, Update: []config.Service{changed},
			Restart: []string{"changes"}, Remove: []string{"goes"},
		}, func(err error) { answered = true; assert.NoError(t, err) }))
	})
	k.At(4*time.Second, "look", func() {
		assert.Equal(t, map[string]lifecycle.Phase{"stays": lifecycle.Running, "changes": lifecycle.Running, "comes": lifecycle.Running}, phases(s))
		assert.Equal(t, 1, living(k, "/svc/changed"))
		assert.Zero(t, living(k, "/svc/changes")+living(k, "/svc/goes"))
		pids, err := k.ReadFile("/sys/fs/cgroup/gosv/changes/pids.max")
		require.NoError(t, err)
		assert.Equal(t, "max\n", string(pids), "a limit that is configured no more is taken back")
		memory, err := k.ReadFile("/sys/fs/cgroup/gosv/changes/memory.max")
		require.NoError(t, err)
		assert.Equal(t, "1048576\n", string(memory))
		assert.ErrorContains(t, s.Post(supervisor.Command{Kind: lifecycle.Start, Service: "goes"}), "no service")
	})
	k.At(5*time.Second, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
	r := s.Run()
	assert.True(t, answered)
	assert.Empty(t, r.Unkillable)
	assert.Equal(t, []lifecycle.Phase{lifecycle.Starting, lifecycle.Running, lifecycle.Stopping, lifecycle.Stopped}, seen.phases("stays"))
}

// A plan that cannot be carried out changes nothing.
func TestAPlanIsCarriedOutAsAWholeOrNotAtAll(t *testing.T) {
	web := config.NewService("web", "/svc/web")
	for want, plan := range map[string]supervisor.Plan{
		`there is a service "web" already`:                           {Add: []config.Service{config.NewService("new", "/svc/web"), web}},
		`there is no service "wed"`:                                  {Remove: []string{"wed"}},
		`the plan names the service "web" twice`:                     {Update: []config.Service{web}, Remove: []string{"web"}},
		`the plan restarts the service "web" and does not update it`: {Restart: []string{"web"}},
	} {
		k := fakesys.New(fakesys.Options{})
		k.AddProgram("/svc/web", "sleep forever")
		s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{web}})
		var got error
		k.At(time.Second, "reload", func() { require.NoError(t, s.Apply(plan, func(err error) { got = err })) })
		k.At(2*time.Second, "look", func() { assert.Equal(t, map[string]lifecycle.Phase{"web": lifecycle.Running}, phases(s)) })
		k.At(3*time.Second, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
		s.Run()
		assert.EqualError(t, got, want)
		assert.ErrorIs(t, s.Apply(plan, nil), supervisor.ErrEnded)
	}
}
