package sim

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
)

// groups are machines with cgroups of their own kind.
func groups() []Named {
	user := func(change func(*fakesys.Cgroups)) fakesys.Options {
		g := fakesys.Cgroups{Delegated: "/user", Own: "/user/me"}
		change(&g)
		return inGroups(g)
	}
	all := limits(config.Limits{MemoryMax: 64 << 20, CPUPercent: 50, PidsMax: 8})
	failing := restarted(config.RestartAlways, config.Unlimited)
	return []Named{
		{"required-limits", "require and every limit, on a machine that has them",
			Scenario{Machine: grouped(), Cgroup: config.CgroupRequire, Services: web(polite, all), Actions: []Action{term(ten)}}},
		{"delegated-limits", "the same below a delegated group",
			Scenario{Machine: user(func(g *fakesys.Cgroups) { g.Controllers, g.Enabled = controllers(), controllers() }), Cgroup: config.CgroupRequire, Services: web(polite, all), Actions: []Action{term(ten)}}},
		{"killed-at-birth", "a kernel that kills at birth what is born in a group that was killed",
			Scenario{Machine: user(func(g *fakesys.Cgroups) { g.KillBug = true }), Services: web("fork {"+deaf+"}; sleep 1s; exit 1", failing), EndAt: ten}},
		{"no-kill-file", "a kernel without cgroup.kill: groups are frozen and killed one by one",
			Scenario{Machine: user(func(g *fakesys.Cgroups) { g.NoKillFile = true }), Services: web("fork {setsid; "+deaf+"}; sleep 1s; exit 1", failing), EndAt: ten}},
		{"busy-directories", "a kernel that says for a while that an empty group is busy",
			Scenario{Machine: busyDirs(), Services: web("sleep 1s; exit 1", failing), HealAt: 1500 * time.Millisecond, EndAt: 3 * time.Second}},
		{"busy-directories-at-last", "the same, and long after that none is left",
			Scenario{Machine: busyDirs(), Services: []Service{service("web", "sleep 1s; exit 1"), service("worker", Healthy)}, HealAt: 5 * time.Second, EndAt: 5 * time.Minute}},
		{"evicted", "a stranger who moves all of a service out of its cgroup and removes that",
			Scenario{Machine: grouped(), Services: web("fork {setsid; "+deaf+"}; sleep 5s; exit 1", failing),
				Actions: []Action{{At: time.Second, Interference: Evict, Service: "web"}, term(ten)}}},
		{"evicted-and-stolen", "the same, and nobody knows where the main process was, because somebody else reaps it",
			Scenario{Machine: stealing(), Services: web("fork {stop}; sleep 5s; exit 1", failing), Actions: []Action{{At: time.Second, Interference: Evict, Service: "web"}, term(ten)}}},
		{"evicted-and-killed", "the same: the service has a cgroup again when it is started again",
			Scenario{Machine: grouped(), Services: web(Healthy), Actions: []Action{{At: time.Second, Interference: Evict, Service: "web"}, {At: 2 * time.Second, Service: "web", Signal: syscall.SIGKILL}}, EndAt: 5 * time.Minute}},
		{"not-delegated", "groups that gosv may not touch: it does without",
			Scenario{Machine: inGroups(fakesys.Cgroups{Own: "/user/me"}), Services: web(escaped), Actions: []Action{term(ten)}}},
		{"read-only", "a cgroup file system that is mounted read-only",
			Scenario{Machine: user(func(g *fakesys.Cgroups) { g.ReadOnly = true }), Services: web(polite), Actions: []Action{term(ten)}}},
		{"groups-off", "cgroups that the configuration has off",
			Scenario{Machine: grouped(), Cgroup: config.CgroupOff, Services: web(escaped), Actions: []Action{term(ten)}}},
		{"few-pids", "a family that is larger than its pids limit",
			Scenario{Machine: grouped(), Services: web("fork {"+deaf+"}; fork {sleep forever}; sleep forever", limits(config.Limits{PidsMax: 2})), Actions: []Action{term(ten)}}},
	}
}

// stealing is a machine on which somebody else waits for gosv's children, too.
func stealing() fakesys.Options {
	m := grouped()
	m.Faults = &fakesys.Faults{StolenExit: 1}
	return m
}

func busyDirs() fakesys.Options {
	m := grouped()
	m.Faults = &fakesys.Faults{Calls: []fakesys.CallFault{{Op: fakesys.OpRmdir, Rate: 1, Errnos: []syscall.Errno{syscall.EBUSY}}}}
	return m
}

// restartedGosvs are gosvs that are killed with -9; another begins at once.
func restartedGosvs() []Named {
	killed := func(at time.Duration) Action { return Action{At: at, Signal: syscall.SIGKILL} }
	two := func() []Service { return []Service{service("web", escaped), service("worker", Healthy)} }
	return []Named{
		{"reclaimed", "a second gosv reclaims what the first left, and starts it again",
			Scenario{Machine: grouped(), Services: two(), Actions: []Action{killed(2 * time.Second)}, EndAt: 70 * time.Second}},
		{"reclaimed-one-by-one", "the same on a kernel without cgroup.kill",
			Scenario{Machine: inGroups(fakesys.Cgroups{Delegated: "/", NoKillFile: true}), Services: web(polite), Actions: []Action{killed(2 * time.Second)}, EndAt: 70 * time.Second}},
		{"reclaimed-end-leader", "the same of a worker without its first thread, which no cgroup.kill reaches",
			Scenario{Machine: grouped(), Services: web(polite), Actions: []Action{{At: time.Second, Interference: EndLeader, Service: "web"}, killed(2 * time.Second)}, EndAt: 70 * time.Second}},
		{"reclaimed-twice", "a third gosv reclaims two instances",
			Scenario{Machine: bare(), Services: web(deaf), Actions: []Action{killed(2 * time.Second), killed(2*time.Second + 2*time.Millisecond)}, EndAt: 70 * time.Second}},
		{"left-alone", "without cgroups a second life leaves alone what it cannot know",
			Scenario{Services: two(), Actions: []Action{killed(2 * time.Second)}, EndAt: 70 * time.Second}},
	}
}
