// Package fakesys is a deterministic kernel under a virtual clock. It is the
// second implementation of package sys: a program that manages processes
// through these roles runs on it unchanged, in a test, thousands of times
// faster than on Linux and with every fault that Linux can show.
//
// # A first test
//
// Whatever waits, signals and starts processes takes the roles of package sys that
// it needs. On Linux it gets them from sys/linux, in a test from [New]:
//
//	k := fakesys.New(fakesys.Options{Choices: fakesys.FromSeed(seed)})
//	k.AddProgram("/bin/serve", "on TERM {sleep 2s; exit 0}; sleep forever")
//	k.At(10*time.Second, "an operator comes", func() { k.SignalSelf(syscall.SIGTERM) })
//	run(k) // the program under test, until it returns
//	for _, p := range k.Processes() { ... } // the truth
//
// The example "search" is a whole program of forty lines with a bug, and the test
// that finds it.
//
// # Determinism
//
// Everything happens inside the calls of the one program under test (called
// gosv here) and time moves only inside [Kernel.Wait]. There is no goroutine,
// no wall clock and no randomness but [Choices]: the same choices give the same
// trace, byte for byte, on every machine. [World.TraceHash] is its hash.
//
// A choice of 0 always means "no fault, oldest first", so a run of zeros ([Zero])
// is the plain one, and whatever makes choices 0 makes a run simpler. Choices come
// from a seed ([FromSeed]), from a fuzzer ([FromBytes]), from a recording
// ([FromList], made by a [Recorder]), or from whatever else implements the one
// method: a rapid.T, an enumerator.
//
// # The two sides
//
// [Kernel] is what gosv sees: the roles of package sys. [World], embedded in
// it, is what a test sees: it installs programs, sends signals as a stranger,
// schedules actions and reads the truth (process table, signal log, groups).
// Programs are scripts of package testproc; the same scripts run as real processes
// by testproc/live, so that one case can be tried on both kernels.
//
// # Faults
//
// [Options.Faults] says what goes wrong and how often; [Catalogue] lists all that
// can, with what Linux does and what must hold through it. [World.Fired] counts
// what did, so that a search can show what it has not met. [World.SetFaults] with a
// zero value heals the machine: then a program must converge. A call that is to
// fail at one place, and there only, takes [Faults.Hook]. [Kernel.Crash] kills gosv
// and lets the world live on.
//
// # Judging a run
//
// Judge by the truth, not by what the program believes: [World.Processes] at the
// end, [World.OnNote] for each line of the trace as data while it happens,
// [World.OnStep] after every call and event. A run that cannot go on ends by a
// panic that says why: [Deadlock], [Livelock], [HorizonReached].
//
// [Options.Trace] gets the trace as text. Each line has a number and names the
// lines that have led to it:
//
//	158 11s  12  exit by KILL <- 153 10 kill 12 KILL <- 109 web stops, until 11s <- 98 kill 10 TERM
//
// [World.Remark] lets the program's own decisions take part in that.
//
// # Honesty
//
// A file or operation that is not modelled panics with its name, as does a call
// that breaks a contract of package sys. The fake is believed as far as the
// conformance suite sys/systest reaches.
package fakesys
