// Package instance knows what the processes of one instance of a service are.
// An instance is one run of a service: the main process and everything that
// descends from it, from the request for the spawn until nothing of it lives.
//
// [Step] is a pure function of a state and an event, like lifecycle.Step. It
// returns the next state and the [Actions] that the supervisor carries out.
// Package lifecycle decides when a service is started, stopped and killed; this
// package decides what that means for the processes that exist at the moment:
// whether the spawn has finished, whether the zombie of the main process is held,
// which signals were sent, and where members can be found.
//
// # Four machines
//
//   - [Spawn]: the request, until it has a result or noOwner waits for one.
//   - [Main]: the main process, until its zombie is reaped and nothing of the
//     instance lives.
//   - [Signals]: which signals the instance got.
//   - [Place] and [Group]: where its members are, which decides how they are found
//     and signalled.
//
// [State.Stage] names the present stage of the first two, which follow each other.
// The table of this package has a cell for every stage and every kind of event.
//
// # Facts
//
// Whether an instance is empty takes questions to the kernel, some of which are
// expensive. [State.Empty] decides from the facts known so far, or names the fact
// that it needs next, so that the supervisor asks for no more than it must.
//
// A State is plain data: it can be written to a file and read back.
package instance
