package sim

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Programs of the library.
const (
	deaf     = "ignore TERM; sleep forever"
	polite   = "fork {on TERM {sleep 2s; exit 0}; sleep forever}; sleep forever"
	siblings = "sibling {on TERM {sleep 2s; exit 0}; sleep forever}; sibling {ignore TERM; sleep forever}; sleep forever"
	escaped  = "daemon {setsid; ignore TERM; sleep forever}; sleep forever"
)

const ten = 10 * time.Second

// stops are ways in which a shutdown goes.
func stops() []Named {
	return []Named{
		{"deaf", "a program that is deaf to TERM is killed when its grace is over",
			Scenario{Services: web(deaf), Actions: []Action{term(ten)}}},
		{"polite", "sh -c 'worker; echo': TERM ends the shell at once, and the worker still gets its time",
			Scenario{Services: web(polite), Actions: []Action{term(ten)}}},
		{"essential", "the end of an essential service stops the others with their grace, and a TERM meanwhile changes nothing",
			Scenario{Services: append(web(polite), essential("main", "sleep 3s; exit 7")),
				Actions: []Action{term(4 * time.Second)}}},
		{"polite-grouped", "the same in a cgroup",
			Scenario{Machine: grouped(), Services: web(polite), Actions: []Action{term(ten)}}},
		{"leftovers", "what a program leaves behind when it fails is killed, and the restart keeps its schedule",
			Scenario{Services: web("fork {ignore TERM; sleep forever}; sleep 4s; exit 1"), EndAt: 6 * time.Second}},
		{"sibling-leftovers", "the same of what it has made with CLONE_PARENT",
			Scenario{Services: []Service{service("web", "sibling {ignore TERM; sleep forever}; sleep 4s; exit 1"), service("worker", Healthy)}, EndAt: 6 * time.Second}},
		{"sibling-zombies", "and its zombies do not pile up",
			Scenario{Services: []Service{service("web", "loop {sibling {exit 0}; sleep 7s}"), service("worker", Healthy)}, EndAt: 30 * time.Second}},
		{"dodging", "what a program leaves behind forks and ends while it is looked for: it was listed, and its child was not",
			Scenario{Machine: fakesys.Options{Preempt: true}, Services: web("daemon {setsid; sleep 1s; daemon {daemon {daemon {ignore TERM; sleep forever}}}}; sleep 1s; exit 1"), EndAt: 6 * time.Second}},
		{"lost-exits", "no exit is told: each is found all the same, later",
			Scenario{Machine: fakesys.Options{Faults: &fakesys.Faults{LostExit: 1}}, Services: web("sleep 1s; exit 1"), EndAt: 3 * time.Minute}},
		{"written-off", "starts that take longer than gosv waits for them, beside orphans",
			Scenario{Machine: fakesys.Options{Faults: &fakesys.Faults{SlowSpawn: 1, SlowSpawnBy: 100 * time.Second}},
				Services: []Service{service("web", Healthy), service("worker", Healthy), service("db", Healthy), service("log", "daemon {sleep 1s}; sleep forever")}, EndAt: 5 * time.Minute}},
		{"traced-failure", "a program that fails in the hands of a debugger is restarted when that lets go",
			Scenario{Services: web("fork {setsid; trace 0; sleep 3s; exit 0}; sleep 1s; exit 1"), EndAt: 6 * time.Second}},
		{"escaped", "a daemon that escaped by setsid and a double fork gets the signal, its grace and KILL",
			Scenario{Services: web(escaped), Actions: []Action{term(ten)}}},
		{"escaped-grouped", "the same in a cgroup, where none escapes",
			Scenario{Machine: grouped(), Services: web(escaped), Actions: []Action{term(ten)}}},
		{"blocked", "a process in D state does not hang the shutdown, and is named",
			Scenario{Services: web("block forever"), Actions: []Action{term(ten)}}},
		{"term-term", "a second TERM kills at once",
			Scenario{Services: web(deaf), Actions: []Action{term(ten), term(11 * time.Second)}}},
		{"term-echo", "two TERMs, as timeout(1) sends them, are one",
			Scenario{Services: web(deaf), Actions: []Action{term(ten), term(ten + time.Microsecond)}}},
		{"stopped-process", "a process that SIGSTOP holds is killed when its grace is over",
			Scenario{Services: web("stop; sleep forever"), Actions: []Action{term(ten)}}},
		{"siblings", "what a program makes with CLONE_PARENT is gosv's child and no orphan: it has the signal, its grace and KILL",
			Scenario{Services: []Service{service("web", siblings), service("worker", Healthy)}, Actions: []Action{operator(5*time.Second, lifecycle.Stop, "web"), term(20 * time.Second)}}},
		{"siblings-of-the-last", "the same at the end, when no main process is left",
			Scenario{Services: web("sibling {setsid; ignore TERM; sleep forever}; " + siblings), Actions: []Action{term(ten)}}},
		{"traced", "a debugger that is deaf to TERM holds the zombie of a main process: its end is known when that is killed",
			Scenario{Services: web("fork {setsid; ignore TERM; trace 0; sleep forever}; sleep forever"), Actions: []Action{term(ten)}}},
		{"traced-deaf", "the same of one that is deaf to TERM, too",
			Scenario{Services: web("fork {setsid; trace 0; sleep forever}; ignore TERM; sleep forever"), Actions: []Action{term(ten)}}},
		{"half-frozen", "a frozen cgroup never comes to a stand while one in it sleeps uninterruptibly: it is thawed to obey all the same",
			Scenario{Machine: grouped(), Services: web("fork {sleep 4s; block 8s}; on TERM {sleep 1s; exit 0}; sleep forever"),
				Actions: []Action{{At: 5 * time.Second, Interference: Freeze, Service: "web"}, term(ten)}}},
		{"half-frozen-worker", "the same of a worker whose main process ended at once",
			Scenario{Machine: grouped(), Services: web("fork {sleep 4s; block 8s}; " + polite),
				Actions: []Action{{At: 5 * time.Second, Interference: Freeze, Service: "web"}, term(ten)}}},
		{"left-its-group", "a main process that has left the group that it led has the signal, though a worker stays there",
			Scenario{Services: web("fork {on TERM {sleep 2s; exit 0}; sleep forever}; on TERM {sleep 1s; exit 0}; sleep forever"),
				Actions: []Action{{At: 5 * time.Second, Interference: LeaveGroup, Service: "web"}, term(ten)}}},
		{"left-its-group-stopped", "the same of one that SIGSTOP holds, in a cgroup",
			Scenario{Machine: grouped(), Services: web("fork {on TERM {sleep 2s; exit 0}; sleep forever}; on TERM {sleep 1s; exit 0}; sleep forever"),
				Actions: []Action{{At: 5 * time.Second, Interference: LeaveGroup, Service: "web"}, {At: 6 * time.Second, Signal: syscall.SIGSTOP, Service: "web"}, term(ten)}}},
		{"end-leader-worker", "a worker without its first thread, which no cgroup.kill reaches",
			Scenario{Machine: grouped(), Services: web("fork {" + deaf + "}; sleep 6s; exit 1"),
				Actions: []Action{{At: 5 * time.Second, Interference: EndLeader, Service: "web"}, term(ten)}}},
		{"crowd", "the services of a crowd end by themselves, in their grace, and by KILL",
			Scenario{Machine: grouped(), Services: []Service{
				service("plain", Healthy), service("slow", "on TERM {sleep 1s; exit 0}; sleep forever"), service("deaf", deaf), service("family", polite),
			}, Actions: []Action{term(ten)}}},
	}
}

// orders are words of an operator.
func orders() []Named {
	second := time.Second
	return []Named{
		{"stop-while-starting", "a stop while it starts: the newborn gets the signal",
			Scenario{Machine: slow(fakesys.Options{}, second), Services: web(Healthy), Actions: []Action{operator(second, lifecycle.Stop, "web"), term(ten)}}},
		{"stop-while-starting-grouped", "the same in a cgroup",
			Scenario{Machine: slow(grouped(), second), Services: web(Healthy), Actions: []Action{operator(5*second, lifecycle.Stop, "web"), term(15 * second)}}},
		{"start-while-stopping", "a start while it stops makes a restart of it",
			Scenario{Services: web(deaf), Actions: []Action{operator(ten, lifecycle.Stop, "web"), operator(11*second, lifecycle.Start, "web"), operator(20*second, lifecycle.Kill, "web")}, EndAt: 30 * second}},
		{"restart-grouped", "an operator restarts a service twice",
			Scenario{Machine: grouped(), Services: web(polite), Actions: []Action{
				operator(5*second, lifecycle.Stop, "web"), operator(5*second, lifecycle.Start, "web"),
				operator(20*second, lifecycle.Stop, "web"), operator(20*second, lifecycle.Start, "web")}}},
		{"kill-one-of-two", "an operator kills one service and the other does not notice",
			Scenario{Services: []Service{service("web", deaf), service("worker", Healthy)}, Actions: []Action{operator(5*second, lifecycle.Kill, "web"), operator(ten, lifecycle.Start, "web")}}},
		{"start-in-backoff", "an operator does not wait for a backoff",
			Scenario{Machine: bare(), Services: web("sleep 1s; exit 1", restarted(config.RestartAlways, 3)), Actions: []Action{operator(1500*time.Millisecond, lifecycle.Start, "web"), operator(6*second, lifecycle.Stop, "web")}, EndAt: 20 * second}},
		{"hup", "HUP is no reason to end",
			Scenario{Services: web(Healthy), Actions: []Action{{At: second, Signal: syscall.SIGHUP}, term(ten)}}},
		{"dump", "USR1 tells of a family without touching it",
			Scenario{Machine: grouped(), Services: web(polite), Actions: []Action{{At: 5 * second, Signal: syscall.SIGUSR1}, term(ten)}}},
	}
}

// attachments are gosv --run.
func attachments() []Named {
	once := restarted(config.RestartOnFailure, 5)
	return []Named{
		{"run-hup", "HUP ends gosv --run",
			Scenario{Attached: true, Services: web(Healthy, once), Actions: []Action{{At: time.Second, Signal: syscall.SIGHUP}}}},
		{"run-missing", "gosv --run of a program that is not there gives up at once",
			Scenario{Attached: true, Services: web("", once, file(fakesys.MissingInterpreter))}},
		{"run-ends", "gosv --run ends with its program",
			Scenario{Attached: true, Services: web("sleep 2s; exit 0", once)}},
		{"run-grouped", "gosv --run of a family in a cgroup, and Ctrl-C",
			Scenario{Machine: grouped(), Attached: true, Services: web("fork {"+deaf+"}; sleep forever", once), Actions: []Action{{At: 2 * time.Second, Signal: syscall.SIGINT}}}},
		{"run-interrupted", "a program that ends with 130 without a key is restarted",
			Scenario{Machine: fakesys.Options{Terminal: true}, Attached: true, Services: web("sleep 2s; exit 130", restarted(config.RestartOnFailure, 1))}},
		{"run-terminal", "gosv --run keeps a terminal that its program does not need",
			Scenario{Machine: fakesys.Options{Terminal: true}, Attached: true, Services: web("sleep 2s; exit 3", restarted(config.RestartOnFailure, 1))}},
	}
}

// refusals are starts that fail.
func refusals() []Named {
	refused := fakesys.Options{Faults: &fakesys.Faults{Calls: []fakesys.CallFault{{Op: fakesys.OpSpawn, Rate: 1, Errnos: []syscall.Errno{syscall.EAGAIN}}}}}
	limited := limits(config.Limits{MemoryMax: 1 << 20})
	return []Named{
		{"require-nothing", "require without a cgroup2 file system: gosv does not begin",
			Scenario{Cgroup: config.CgroupRequire, Services: web(Healthy)}},
		{"require-bare", "require without the controller: the service is not started",
			Scenario{Machine: bare(), Cgroup: config.CgroupRequire, Services: web(Healthy, limited)}},
		{"auto-bare", "auto without the controller: it runs all the same",
			Scenario{Machine: bare(), Services: web(Healthy, limited)}},
		{"refused", "a machine that refuses to fork is asked again on the schedule, and nothing is counted",
			Scenario{Machine: refused, Services: web(Healthy, restarted(config.RestartAlways, 1)), HealAt: 5 * time.Second, Actions: []Action{term(ten)}}},
		{"hanging", "an exec that hangs is given up at start_timeout and tried again",
			Scenario{Services: web("", file(fakesys.Hanging)), Actions: []Action{term(40 * time.Second)}}},
		{"not-executable", "a program that may not be executed is tried again and given up",
			Scenario{Machine: grouped(), Services: web("", file(fakesys.NotExecutable), restarted(config.RestartAlways, 2))}},
		{"busy", "a program that is being written is tried again, and that is not counted",
			Scenario{Services: web("", file(fakesys.Busy), restarted(config.RestartAlways, 1)), Actions: []Action{term(ten)}}},
		{"io-error", "a program on a bad disk",
			Scenario{Machine: grouped(), Services: web("", file(fakesys.IOError)), Actions: []Action{term(ten)}}},
	}
}

// restarts are programs that end by themselves.
func restarts() []Named {
	return []Named{
		{"given-up", "a program that keeps failing is given up after max_restarts",
			Scenario{Services: web("exit 1", restarted(config.RestartAlways, 2))}},
		{"pid1", "as PID 1 of a container gosv reaps what it adopts",
			Scenario{Machine: fakesys.Options{Pid: 1}, Services: web("daemon {sleep 2s; exit 0}; sleep forever"), Actions: []Action{term(ten)}}},
		{"crash-loop", "a program that crashes for ever",
			Scenario{Services: web("sleep 1s; die SEGV", restarted(config.RestartAlways, config.Unlimited)), EndAt: 20 * time.Second}},
		{"crash-loop-grouped", "the same with a family, in cgroups",
			Scenario{Machine: grouped(), Services: web("fork {fork {"+deaf+"}; sleep forever}; sleep 1s; exit 1", restarted(config.RestartAlways, config.Unlimited)), EndAt: 20 * time.Second}},
		{"crash-loop-tight", "the same on a machine with few PIDs",
			Scenario{Machine: fakesys.Options{PidMax: 25}, Services: web("fork {sleep 500ms}; daemon {sleep 1s}; sleep 1s; exit 1", restarted(config.RestartAlways, config.Unlimited)), EndAt: 20 * time.Second}},
		{"no-delay", "a program that fails at once and is started again at once",
			Scenario{Services: web("exit 1", restarted(config.RestartAlways, 4), func(s *Service) { s.Backoff.Initial, s.Backoff.Max = 0, 0 })}},
		{"stable", "a run of exactly reset_after makes the count zero again",
			Scenario{Machine: grouped(), Services: web("sleep 3s; exit 1", restarted(config.RestartAlways, 1), func(s *Service) { s.Backoff.ResetAfter = 3 * time.Second }), EndAt: 15 * time.Second}},
		{"orphans", "orphans of a service that stay, that end, and that have left the session",
			Scenario{Services: web("daemon {sleep 3s}; daemon {setsid; sleep forever}; daemon {sleep forever}; sleep 5s; exit 1"), EndAt: 20 * time.Second}},
	}
}

// essential is a service that runs once and ends gosv.
func essential(name, script string) Service {
	s := service(name, script)
	s.Essential, s.Restart = true, config.RestartNever
	return s
}
