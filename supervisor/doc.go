// Package supervisor runs services: it starts them, watches them, restarts them by
// their policy, stops them and loses none.
//
// One goroutine owns all state and has one blocking call, [sys.Waiter.Wait]. Each turn of
// its loop drains, in a fixed order, what the kernel reports (results of spawns, exits,
// cgroup watches, finished jobs, signals, commands, deadlines). It touches the world only
// through the roles of package sys, so the same code runs on Linux and inside the fake
// kernel. Boot, run, drain and close are phases of this one loop.
//
// # Decide, then act
//
// Two pure packages decide. [lifecycle.Step] says what a service does next; instance.Step
// says what that means for the processes of its present run. This package gathers the
// facts for them and carries out the effects and actions that they return.
//
// # Where to look
//
//   - supervisor.go and loop.go: the Supervisor, its phases and the turn. boot.go, drain.go
//     and ending.go are the phases; signals.go and command.go are what others ask for.
//   - service.go and step.go: the services and their steps. instances.go, spawn.go,
//     exits.go, empty.go and act.go: one instance from its spawn to its end.
//   - Components with their own state: orphans.go and abandoned.go (reaping), procscan.go
//     (finding members), cgroups.go and removals.go, recovery.go (what dead gosvs left),
//     terminal.go, dump.go, inbox.go, safety.go and deadlines.go. core.go is what they share.
//   - event*.go and observe.go: what is reported. report.go limits repeated warnings.
//   - panic.go: what a bug of gosv's own costs.
//
// # Use as a library
//
// [New] makes a supervisor from [Options], [Supervisor.Run] blocks until all services have
// ended or [Supervisor.Shutdown] was called, and [Supervisor.Post] takes commands from any
// goroutine. [Supervisor.Statuses] is a snapshot for readers; an [Observer] gets every
// [Change] and every [Event] from the loop.
package supervisor
