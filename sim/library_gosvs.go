package sim

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
)

// neighbours are machines on which more than one gosv has to do with the same group:
// another that lives, or one that died.
func neighbours() []Named {
	another := Action{At: time.Second, Interference: Neighbour}
	killed := Action{At: 2 * time.Second, Signal: syscall.SIGKILL}
	delegated := inGroups(fakesys.Cgroups{Delegated: "/user", Own: "/user/me", Controllers: controllers(), Enabled: controllers()})
	return []Named{
		{"beside-another", "another gosv that begins in the same group, and needs its controllers when this one ends",
			Scenario{Machine: delegated, Services: web(polite), Actions: []Action{another, term(ten)}}},
		{"reclaimed-beside", "a second gosv reclaims the instance of the first, and not another gosv that lives outside of its place",
			Scenario{Machine: grouped(), Services: web(escaped), Actions: []Action{another, killed}, EndAt: 70 * time.Second}},
		{"reclaimed-with-an-inheritor", "a child that has not come to its program has the lock of the gosv that is dead",
			Scenario{Machine: slow(bare(), time.Second), Services: web(deaf), Actions: []Action{{At: 3500 * time.Millisecond, Signal: syscall.SIGKILL}}, EndAt: 70 * time.Second}},
		{"reclaimed-with-a-late-inheritor", "the same of a child that comes to its program while the next gosv looks who has the lock, and gets no processor",
			Scenario{Machine: inTime(slow(bare(), time.Second)), Services: web(deaf), Actions: []Action{{At: 3500 * time.Millisecond, Signal: syscall.SIGKILL},
				{At: 3500*time.Millisecond + 12*time.Microsecond, Interference: Pause, For: 1500 * time.Millisecond}}, EndAt: 70 * time.Second}},
		{"reclaimed-with-a-dead-inheritor", "a child dies before it comes to its program, while the next gosv looks who has the lock, and gets no processor",
			Scenario{Machine: inTime(slow(bare(), time.Second)), Services: web("", file(fakesys.MissingInterpreter)), Actions: []Action{{At: 3500 * time.Millisecond, Signal: syscall.SIGKILL},
				{At: 3500*time.Millisecond + 12*time.Microsecond, Interference: Pause, For: 1500 * time.Millisecond}}, EndAt: 70 * time.Second}},
		{"reclaimed-for-long", "a gosv that is asked to end while it reclaims what cannot be killed",
			Scenario{Machine: bare(), Services: web("block forever"), Actions: []Action{killed}, EndAt: 3 * time.Second}},
	}
}
