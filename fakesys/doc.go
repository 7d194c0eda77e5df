// Package fakesys is a deterministic fake kernel with a virtual clock. It is the second
// implementation of package sys: a program that manages processes through those
// interfaces runs on it unchanged in a test, thousands of times faster than on Linux and
// with every fault that Linux can show.
//
// # A first test
//
// A program takes the interfaces of package sys that it needs. On Linux they come from
// sys/linux, in a test from [New]:
//
//	k := fakesys.New(fakesys.Options{Choices: fakesys.FromSeed(seed)})
//	k.AddProgram("/bin/serve", "on TERM {sleep 2s; exit 0}; sleep forever")
//	k.At(10*time.Second, "an operator comes", func() { k.SignalSelf(syscall.SIGTERM) })
//	run(k) // the program under test, until it returns
//	for _, p := range k.Processes() { ... } // the real state of every process
//
// The example "search" is a complete program of forty lines with a bug, and the test that
// finds it.
//
// # Determinism
//
// Everything happens inside the calls of the one program under test (called gosv here),
// and time advances only inside [Kernel.Wait]. There are no goroutines, no wall clock and
// no randomness except [Choices]: the same choices give the same trace, byte for byte, on
// every machine. [World.TraceHash] is its hash.
//
// A choice of 0 always means "no fault, oldest event first". So a run of zeros ([Zero]) is
// the plain run, and replacing a choice by 0 makes a run simpler. Choices come from a seed
// ([FromSeed]), a fuzzer ([FromBytes]), a recording ([FromList], made by a [Recorder]), or
// any other implementation of the one method, such as a rapid.T or an [Enumerator].
//
// # The two sides
//
// [Kernel] is what gosv sees: the interfaces of package sys. [World], which it embeds, is
// what a test sees: it installs programs, sends signals as an external process, schedules
// actions, and reads the real state (process table, signal log, cgroups). Programs are
// scripts of package testproc. Package testproc/live runs the same scripts as real
// processes, so that one test case can run on both kernels.
//
// # Faults
//
// [Options.Faults] configures which faults are injected and how often. [Catalogue] lists
// all faults, with what Linux does and what a supervisor must guarantee. [World.Fired]
// counts the injected faults, so that a search can report what it has not met.
// [World.SetFaults] with a zero value ends all faults: then a program must converge.
// [Faults.Hook] makes one particular call fail. [Kernel.Crash] kills gosv and keeps the
// world.
//
// # Judging a run
//
// Judge by the real state, not by what the program believes: [World.Processes] at the end,
// [World.OnNote] for each line of the trace as data while it happens, [World.OnStep] after
// every call and event. A run that cannot continue panics with the reason: [Deadlock],
// [Livelock], [HorizonReached].
//
// [Options.Trace] receives the trace as text. Each line has a number and names the lines
// that caused it:
//
//	158 11s  12  exit by KILL <- 153 10 kill 12 KILL <- 109 web stops, until 11s <- 98 kill 10 TERM
//
// [World.Remark] adds the program's own decisions to the trace.
//
// # Limits
//
// A file or operation that is not modelled panics with its name, and so does a call that
// breaks a contract of package sys. The conformance suite sys/systest defines how far the
// fake is proved to behave like Linux.
package fakesys
