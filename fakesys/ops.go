package fakesys

import "fmt"

// Op is a call of package sys or an event of the fake kernel, in the trace and in faults.
type Op uint8

// The calls of package sys, then what happens in the world.
const (
	OpSpawn Op = iota
	OpSpawned
	OpAbort
	OpCloseOutput
	OpExited
	OpPeek
	OpReap
	OpOrphans
	OpReapPid
	OpAnyZombie
	OpGroupAlive
	OpSignal
	OpSignalGroup
	OpOpenPid
	OpClose
	OpReadFile
	OpWriteFile
	OpMkdir
	OpRmdir
	OpReadDir
	OpReadlink
	OpLock
	OpUnlock
	OpLocker
	OpWatch
	OpUnwatch
	OpChanged
	OpSubmit
	OpFinished
	OpWait
	OpWake
	OpSignals
	OpSubreaper
	OpDraw
	OpForeground
	OpSetForeground
	OpModes
	OpSetModes
	OpStopped
	OpStopSelf

	EvAction   // a scheduled action ran
	EvFork     // a process was forked: N is its PID, M its parent's
	EvExec     // a program was executed: N is the PID
	EvSpawned  // a spawn has its result
	EvRun      // a process ran one operation of its script
	EvWrite    // a process wrote N bytes
	EvKill     // a signal was sent: N is the target, M the signal
	EvDeliver  // a signal took effect on Who
	EvExit     // Who exited: N is the code, M the signal
	EvReaped   // the zombie N was reaped
	EvAdopt    // Who became the child of N
	EvStop     // Who was stopped
	EvContinue // Who was continued
	EvCgroup   // a cgroup changed
	EvWoke     // Wait returned: N is the set of reasons
	EvFault    // a fault was injected into Text
	EvOutput   // N bytes of output were captured
	EvCrash    // gosv died
	EvRemark   // a remark of gosv's, see World.Remark
	opCount
)

type argStyle uint8

const (
	argNone argStyle = iota
	argN
	argNSig
	argNM
	argDeadline
	argEnd
	argReasons
)

var opTable = [opCount]struct {
	name string
	args argStyle
}{
	OpSpawn: {"spawn", argN}, OpSpawned: {"spawned", argN}, OpAbort: {"abort", argN}, OpCloseOutput: {"close-output", argN},
	OpExited: {"exited", argN}, OpPeek: {"peek", argNM}, OpReap: {"reap", argNM},
	OpOrphans: {"peek-orphan", argNM}, OpReapPid: {"reap-orphan", argN},
	OpAnyZombie: {"peek-any", argNM}, OpGroupAlive: {"group-lives", argNM},
	OpSignal: {"signal", argNSig}, OpSignalGroup: {"signal-group", argNSig}, OpOpenPid: {"open-pid", argNM}, OpClose: {"close", argN},
	OpReadFile: {"read-file", argN}, OpWriteFile: {"write-file", argNone}, OpMkdir: {"mkdir", argNone}, OpRmdir: {"rmdir", argNone},
	OpReadDir: {"read-dir", argN}, OpReadlink: {"readlink", argNone}, OpLock: {"lock", argNone}, OpUnlock: {"unlock", argNone}, OpLocker: {"locker", argN},
	OpWatch: {"watch", argN}, OpUnwatch: {"unwatch", argN}, OpChanged: {"changed", argN},
	OpSubmit: {"submit", argNone}, OpFinished: {"finished", argN},
	OpWait: {"wait", argDeadline}, OpWake: {"wake", argNone}, OpSignals: {"signals", argN}, OpSubreaper: {"subreaper", argNone}, OpDraw: {"draw", argNM},
	OpForeground: {"foreground", argN}, OpSetForeground: {"set-foreground", argN}, OpModes: {"modes", argNone}, OpSetModes: {"set-modes", argNone}, OpStopped: {"stopped", argNSig}, OpStopSelf: {"stop-self", argNone},
	EvAction: {"action", argNone}, EvFork: {"fork", argNM}, EvExec: {"exec", argN}, EvSpawned: {"start-done", argNM},
	EvRun: {"run", argN}, EvWrite: {"write", argN}, EvKill: {"kill", argNSig}, EvDeliver: {"deliver", argNSig},
	EvExit: {"exit", argEnd}, EvReaped: {"reaped", argN}, EvAdopt: {"adopted-by", argN}, EvStop: {"stopped-by", argNSig}, EvContinue: {"continued", argNone},
	EvCgroup: {"cgroup", argN}, EvWoke: {"woke by", argReasons}, EvFault: {"fault", argNone}, EvOutput: {"output", argN}, EvCrash: {"crash", argNone}, EvRemark: {"says", argNone},
}

// String gives the name that the trace shows.
func (o Op) String() string { return opTable[o].name }

// MarshalText gives the name.
func (o Op) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText finds the operation that has the name.
func (o *Op) UnmarshalText(name []byte) error {
	for i := range opTable {
		if opTable[i].name == string(name) {
			*o = Op(i)
			return nil
		}
	}
	return fmt.Errorf("there is no operation %q", name)
}
