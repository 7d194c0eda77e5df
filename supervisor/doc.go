// Package supervisor runs services: it starts them, watches them, restarts
// them by their policy, stops them and loses none.
//
// One goroutine owns all state and has one blocking call, [sys.Waiter.Wait].
// Each turn of its loop drains, in a fixed order, what the kernel has to say
// (results of starts, exits, cgroup notices, finished work, signals, commands,
// deadlines), hands each as an event to [lifecycle.Step], and carries out the
// effects. It touches the world only through the roles of package sys, so the
// same code runs on Linux and inside the fake kernel.
//
// The files: supervisor.go has the loop, gather.go the turn's sources, apply.go
// the effects, deadlines.go the heap. generation.go, empty.go, census.go and
// remove.go follow one incarnation to its end; failure.go says whose fault a
// failed start is. cgroups.go and reclaim.go are the boot; orphans.go, shutdown.go,
// terminal.go, command.go, dump.go and observe.go are what their names say.
package supervisor
