package fakesys

import "syscall"

// The rows of the catalogue.
const (
	ForkRefused Fault = iota
	ForkNoMemory
	CgroupSpawnRefused
	NoDescriptors
	ExecRefused
	ExecBusy
	ExecBroken
	StepRefused
	ExecHangs
	EarlyExit
	CrashInStart
	WaitInterrupted
	ExitStolen
	ChildrenMerged
	NoticeLost
	LeaderExited
	StopReported
	OrphanReaped
	SiblingMade
	TracerFirst
	OrderChosen
	StaleExit
	OddStatus
	KillGone
	KillRefused
	KillZombie
	PIDReused
	TermIgnored
	TermPends
	KillPends
	SignalFrozen
	GroupGone
	GroupRace
	LeavesGroup
	ForksOn
	OutputHeld
	SignalStorm
	Starved
	SlowCall
	IsInit
	DirRefused
	ControllersRefused
	MoveRefused
	DirBusy
	GroupVanished
	GroupThreaded
	NoKillFile
	WatchLost
	FreezeHangs
	OOMKill
	OOMGroup
	CounterMeaning
	NoCgroups
	CgroupChangedExternally
	ProcVanished
	ProcZombie
	ProcDenied
	OddName
	ProcTorn
	ListInexact
	ReadBlocks
	WallSteps
	Suspend
	TimersLate
	Boundary
	LogDiskFull
	PipeFull
	SlowDisk
	ShortWrites
	TornState
	SlowClient
	Crash
	FaultCount
)

// Catalogue is every fault that gosv is tried with, in the order of the constants.
var Catalogue = [FaultCount]Row{
	ForkRefused: {Name: "fork-refused", Where: Swarm,
		Story: "clone(2) answers EAGAIN: RLIMIT_NPROC, pids.max, or no number is left. It is no end of the service: tried again on the schedule, and not counted.",
		How:   "a small number space, MaxProcs, pids.max of the fake's own group tree; and by chance",
		Real:  []string{"sys/linux.TestAForkBeyondTheLimitOfProcessesIsRefusedAndNoMore"}},
	ForkNoMemory: {Name: "fork-no-memory", Where: Swarm,
		Story: "clone(2) answers ENOMEM: the same.", How: "by chance, at a start"},
	CgroupSpawnRefused: {Name: "birth-in-cgroup-refused", Where: Swarm,
		Story: "CLONE_INTO_CGROUP answers EBUSY, EOPNOTSUPP, ENOENT, EACCES or ENOSYS: the service never runs outside its cgroup instead.",
		How:   "by chance, at a start; a stranger removes the directory",
		Real:  []string{"systest: a start into a removed cgroup: ENOENT", "integration.TestGosvWorksInACgroupThatWasOnceKilled"}},
	NoDescriptors: {Name: "no-descriptors", Where: Swarm,
		Story: "EMFILE or ENFILE: this start fails, others and reaping go on.",
		How:   "a low MaxFiles; by chance, at a start and at calls that open something",
		Calls: []CallFault{
			{Op: OpOpenPid, Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM}},
			{Op: OpReadDir, Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM}},
			{Op: OpReadFile, Target: "cgroup.events", Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENFILE}},
			{Op: OpReadFile, Target: "cgroup.procs", Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENOMEM}},
			{Op: OpReadFile, Target: "memory.events", Errnos: []syscall.Errno{syscall.EMFILE}},
			{Op: OpReadFile, Target: "stat", Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENOMEM}},
			{Op: OpReadFile, Target: "environ", Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENOMEM}},
			{Op: OpWriteFile, Target: "cgroup.kill", Errnos: []syscall.Errno{syscall.EMFILE}},
			{Op: OpWriteFile, Target: "cgroup.freeze", Errnos: []syscall.Errno{syscall.EMFILE}},
			{Op: OpWriteFile, Target: "memory.max", Errnos: []syscall.Errno{syscall.EMFILE, syscall.EBUSY}},
			{Op: OpWriteFile, Target: "cpu.max", Errnos: []syscall.Errno{syscall.EMFILE, syscall.EBUSY}},
			{Op: OpWriteFile, Target: "pids.max", Errnos: []syscall.Errno{syscall.EMFILE}},
		},
		Real: []string{"integration.TestOutOfDescriptorsSomeServicesWaitAndNoneIsBlamed"}},
	ExecRefused: {Name: "exec-refused", Where: Swarm,
		Story: "execve(2) answers ENOENT (also for a missing interpreter), EACCES, ENOEXEC, ELOOP or E2BIG: step and errno are told, the policy decides, without a hot loop.",
		How:   "programs of such kinds, arguments of 128 KiB",
		Real: []string{"systest: a program that is not there: ENOENT", "systest: an empty program: ENOEXEC", "systest: an argument too long: E2BIG",
			"integration.TestAStartThatCannotWorkIsToldWithItsStepAndHurtsNobody"}},
	ExecBusy: {Name: "exec-text-busy", Where: Swarm,
		Story: "execve(2) answers ETXTBSY: somebody still writes the program. Tried again, and not counted.",
		How:   "a program of that kind; by chance",
		Real:  []string{"systest: a program open for writing: ETXTBSY", "integration.TestAProgramThatIsStillBeingWrittenIsTriedAgainAndNotCounted"}},
	ExecBroken: {Name: "exec-broken", Where: Swarm,
		Story: "execve(2) answers EIO, EPERM or ENOMEM: each belongs to the machine or to the program, by one table.",
		How:   "a program on a broken disk; by chance"},
	StepRefused: {Name: "step-before-exec", Where: Swarm,
		Story: "a step between clone and execve fails: the message names it.",
		How:   "a working directory that is not there",
		Real:  []string{"systest: a working directory that is not there: ENOENT", "sys/linux.TestTheFailedStepIsNamed"}},
	ExecHangs: {Name: "exec-hangs", Where: Swarm,
		Story: "execve(2) does not return (a dead network disk): other starts are not delayed, start_timeout holds.",
		How:   "a program of that kind; a step that takes long by chance",
		Real:  []string{"sys/linux.TestAHungStartDelaysNobody", "integration.TestAHangingStartDelaysNoOtherAndEndsAtItsTimeout"}},
	EarlyExit: {Name: "exit-before-result", Where: Swarm,
		Story: "the child has ended before its start is recorded: the status is not lost.",
		How:   "the result of a start waits, by chance",
		Real:  []string{"systest: an exit is not told before the result of the start"}},
	CrashInStart: {Name: "crash-during-start", Where: Sweep,
		Story: "gosv dies between the fork and its own bookkeeping: the next gosv finds the child by its cgroup.",
		How:   "a crash while a start is under way"},

	WaitInterrupted: {Name: "wait-interrupted", Where: Swarm,
		Story: "a wait ends early with EINTR: nothing is skipped, nothing is done twice.",
		How:   "Wait returns early without a reason, by chance"},
	ExitStolen: {Name: "exit-stolen", Where: Swarm,
		Story: "waitid(2) answers ECHILD: somebody else has reaped the child. The service leaves running with an unknown status.",
		How:   "a zombie vanishes by chance",
		Real:  []string{"systest: Reap of a process that is no child: ECHILD", "integration.TestAParentsIgnoredSigchldIsNotInherited"}},
	ChildrenMerged: {Name: "sigchld-merged", Where: Swarm,
		Story: "many exits give one SIGCHLD: all are found.",
		How:   "children that end before gosv looks",
		Real:  []string{"systest: many children that end together are all told of", "sys/linux.TestEveryExitIsToldOnce"}},
	NoticeLost: {Name: "exit-notice-lost", Where: Swarm,
		Story: "the notice of an exit is late, or never comes: found within the period of the safety net.",
		How:   "by chance",
		Real:  []string{"integration.TestWhatDiesWhileGosvIsStoppedIsRestartedAfterwards"}},
	LeaderExited: {Name: "first-thread-gone", Where: Swarm,
		Story: "the first thread has ended and others live: state Z, and not an exit.",
		How:   "an action",
		Real:  []string{"systest: a process whose first thread ended is Z and has not ended", "integration.TestAProcessWithoutItsFirstThreadHasNotEnded"}},
	StopReported: {Name: "stop-told", Where: Swarm,
		Story: "SIGCHLD for a child that was stopped or continued: never taken for an exit.",
		How:   "programs that stop; STOP by a stranger",
		Real:  []string{"systest: a stop and a continue are no exit"}},
	OrphanReaped: {Name: "orphan-adopted", Where: Swarm,
		Story: "an unknown child ends, an adopted orphan: reaped, and no state changes.",
		How:   "programs that leave children behind",
		Real:  []string{"systest: a daemon is adopted, found when it ended, and reaped", "integration.TestAFloodOfOrphansLeavesNoZombie"}},
	SiblingMade: {Name: "sibling-made", Where: Swarm,
		Story: "a service makes a child of gosv by clone(2) with CLONE_PARENT: nobody's orphan, and a waitid(2) of the main thread does not see it. It is left behind like any other, and reaped.",
		How:   "programs that do so",
		Real:  []string{"systest: a sibling is a child of gosv, and lives in the group of a dead leader", "systest: the zombie of a sibling is found among all children, and reaped", "integration.TestSiblingsLeaveNoZombie"}},
	TracerFirst: {Name: "zombie-of-the-tracer", Where: Swarm,
		Story: "a process that a debugger holds dies: its pidfd wakes gosv, and waitid(2) finds it only when the debugger lets go, which is told by a second wake.",
		How:   "programs that trace their parents",
		Real:  []string{"systest: a traced child that dies has not ended while its tracer lives, and is told when that lets go", "systest: a start whose traced child cannot execute fails at once", "integration.TestTheEndOfATracedProcessIsSeenWhenItsTracerLetsGo"}},
	OrderChosen: {Name: "same-instant", Where: Swarm,
		Story: "several things happen at one instant: every order gives a legal end.",
		How:   "the order of simultaneous events is a choice",
		Real:  []string{"integration.TestACrowdKilledAtOnceComesBackWhole"}},
	StaleExit: {Name: "stale-exit", Where: Swarm,
		Story: "the notice of an exit comes when the child was reaped long ago: it is nobody's.",
		How:   "late notices, and the safety net before them",
		Real:  []string{"systest: Exited tells of each child once"}},
	OddStatus: {Name: "odd-status", Where: Swarm,
		Story: "a core dump, 126 or 127: the policy decides, the status is told as it is.",
		How:   "programs that end so",
		Real:  []string{"systest: an exit code comes back", "systest: a fatal signal comes back", "integration.TestRunEndsWithTheStatusOfItsCommand"}},

	KillGone: {Name: "signal-to-nobody", Where: Swarm,
		Story: "a signal answers ESRCH: the process was reaped. That is no error.",
		How:   "processes that end between a look and the signal",
		Real:  []string{"systest: a signal to a zombie succeeds, after the reap it is ESRCH"}},
	KillRefused: {Name: "signal-not-permitted", Where: Swarm,
		Story: "a signal answers EPERM: the process changed its user. It is told, and the cgroup is killed.",
		How:   "an action",
		Real:  []string{"integration.TestAServiceOfAnotherUserIsToldAndKilledByItsCgroup"}},
	KillZombie: {Name: "signal-to-zombie", Where: Swarm,
		Story: "a signal to a zombie succeeds: success does not mean that something died.",
		How:   "processes that end before they are signalled",
		Real:  []string{"systest: a signal to a group of which only the zombie is left succeeds"}},
	PIDReused: {Name: "number-reused", Where: Swarm,
		Story: "a process number lives again: only what a handle, or number and start time, names is signalled.",
		How:   "a small number space; the number freed last, by chance",
		Real:  []string{"systest: a handle stays bound to its process after the reap"}},
	TermIgnored: {Name: "term-ignored", Where: Swarm,
		Story: "the stop signal is ignored: KILL comes at the end of the grace, and not before.",
		How:   "programs that ignore it",
		Real:  []string{"systest: an ignored signal does nothing, KILL does", "integration.TestATermDeafServiceIsKilledAtItsDeadlineAndNotBefore"}},
	TermPends: {Name: "signal-to-stopped", Where: Swarm,
		Story: "the child is stopped: TERM waits for CONT, KILL does not. A stop ends in time.",
		How:   "programs that stop; STOP by a stranger",
		Real:  []string{"integration.TestAStoppedProcessIsContinuedToBeStopped"}},
	KillPends: {Name: "unkillable", Where: Swarm,
		Story: "uninterruptible sleep outlives KILL: a stop is answered by \"unkillable\", and no second instance starts.",
		How:   "programs that block"},
	SignalFrozen: {Name: "signal-to-frozen", Where: Swarm,
		Story: "the cgroup is frozen: a handler waits for the thaw. A stop thaws or kills.",
		How:   "a stranger freezes the cgroup",
		Real:  []string{"integration.TestAFrozenCgroupIsThawedToBeStopped", "systest: cgroup.kill ends frozen members"}},
	GroupGone: {Name: "group-gone", Where: Swarm,
		Story: "kill(2) of the group answers ESRCH: the main process has left it. It is signalled itself.",
		How:   "an action: setpgid(2) by the main process",
		Real:  []string{"integration.TestAMainProcessThatLeftItsGroupIsSignalledItself"}},
	GroupRace: {Name: "setpgid-race", Where: Below,
		Story: "setpgid(2) answers EACCES after the exec: the child makes its group itself, before.",
		How:   "not at all: sys has no such call, and promises a group",
		Real:  []string{"systest: a child leads a process group of its own"}},
	LeavesGroup: {Name: "escape-from-group", Where: Swarm,
		Story: "setsid(2) and a double fork leave the group: a stop still reaches all, and the orphan is reaped.",
		How:   "programs that do so",
		Real:  []string{"systest: a process that left the group is not reached", "integration.TestTheGraceReachesWhatLeftTheGroup"}},
	ForksOn: {Name: "fork-while-stopping", Where: Swarm,
		Story: "processes fork while they are stopped: the kill overtakes them.",
		How:   "programs whose handler forks without end",
		Real:  []string{"integration.TestAForkingLeftoverIsOvertaken"}},
	OutputHeld: {Name: "output-held", Where: Swarm,
		Story: "a grandchild keeps the output open: the exit is told at once.",
		How:   "programs that leave children behind",
		Real:  []string{"systest: a grandchild keeps the capture open until CloseOutput", "integration.TestAGrandchildThatHoldsStdoutDelaysNoExit"}},
	SignalStorm: {Name: "second-signal", Where: Swarm,
		Story: "a second TERM, or HUP during the shutdown: defined, and nothing starts.",
		How:   "actions",
		Real:  []string{"integration.TestASecondSignalKillsAtOnce", "integration.TestAStormOfSignalsEndsGosvAsOneDoes"}},
	Starved: {Name: "gosv-stopped", Where: Swarm,
		Story: "gosv is stopped and continued, or gets no processor: what is due happens once.",
		How:   "STOP and CONT to gosv, which act at its next call; by chance at every wake",
		Real:  []string{"integration.TestWhatDiesWhileGosvIsStoppedIsRestartedAfterwards"}},
	SlowCall: {Name: "slow-call", Where: Swarm,
		Story: "a call takes long (a thousand services, a slow file system, no processor): no grace, delay or timeout is shorter for it, and what happened meanwhile is seen before a deadline acts.",
		How:   "by chance, at every call of the loop: from a microsecond to seconds, or exactly a grace"},
	IsInit: {Name: "gosv-is-init", Where: Swarm,
		Story: "gosv is process 1 of a namespace: it reaps everything.",
		How:   "Options.Pid",
		Real:  []string{"integration.TestAsPid1GosvReapsOrphansAndEndsByTerm"}},

	DirRefused: {Name: "mkdir-refused", Where: Swarm,
		Story: "mkdir(2) of a cgroup answers EAGAIN (limits), EEXIST, ENOENT, ENOSPC, EACCES or EROFS: told, and tried again.",
		How:   "machines that are not delegated; by chance",
		Calls: []CallFault{{Op: OpMkdir, Errnos: []syscall.Errno{syscall.EAGAIN, syscall.ENOSPC, syscall.ENOENT, syscall.ENOMEM}}},
		Real:  []string{"systest: a directory is made once and removed once"}},
	ControllersRefused: {Name: "subtree-control-refused", Where: Swarm,
		Story: "a write to cgroup.subtree_control answers ENOENT, EINVAL or EBUSY: what is missing is named.",
		How:   "machines without controllers; by chance",
		Calls: []CallFault{{Op: OpWriteFile, Target: "cgroup.subtree_control", Errnos: []syscall.Errno{syscall.EBUSY, syscall.ENOMEM, syscall.ENOENT}}},
		Real:  []string{"integration.TestALimitThatCannotBeSetIsAWarning"}},
	MoveRefused: {Name: "attach-refused", Where: Swarm,
		Story: "a write to cgroup.procs answers ESRCH, EAGAIN, ENOMEM or EACCES: a dead child is no error, a living one is not left outside.",
		How:   "by chance",
		Calls: []CallFault{{Op: OpWriteFile, Target: "cgroup.procs", Errnos: []syscall.Errno{syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE}}},
		Real:  []string{"systest: a number that nobody has cannot be moved: ESRCH"}},
	DirBusy: {Name: "rmdir-busy", Where: Swarm,
		Story: "rmdir(2) of a cgroup answers EBUSY: tried again for a while, then told.",
		How:   "members that are left; by chance",
		Calls: []CallFault{{Op: OpRmdir, Errnos: []syscall.Errno{syscall.EBUSY}}},
		Real:  []string{"systest: a cgroup with members is not removed: EBUSY", "systest: a cgroup with only a zombie can be removed"}},
	GroupVanished: {Name: "cgroup-vanished", Where: Swarm,
		Story: "a file of a removed cgroup answers ENOENT or ENODEV: both mean that it is gone.",
		How:   "a stranger removes the directory",
		Real:  []string{"systest: what is not there: ENOENT"}},
	GroupThreaded: {Name: "cgroup-threaded", Where: Swarm,
		Story: "cgroup.procs of a threaded cgroup answers EOPNOTSUPP: told, and no crash.",
		How:   "by chance",
		Calls: []CallFault{{Op: OpReadFile, Target: "cgroup.procs", Errnos: []syscall.Errno{syscall.EOPNOTSUPP}}},
		Real:  []string{"integration.TestAThreadedCgroupBelowAServiceIsNoObstacle"}},
	NoKillFile: {Name: "no-cgroup-kill", Where: Swarm,
		Story: "before Linux 5.14 there is no cgroup.kill: freeze, kill one by one, thaw.",
		How:   "Cgroups.NoKillFile",
		Real:  []string{"cgroupfs.TestKernelWithoutCgroupKill"}},
	WatchLost: {Name: "watch-notice-lost", Where: Swarm,
		Story: "a notice of cgroup.events is merged, late or lost: a new look is the truth.",
		How:   "delays of up to 10 ms; by chance it is lost",
		Calls: []CallFault{{Op: OpWatch, Errnos: []syscall.Errno{syscall.ENOSPC, syscall.ENOMEM}}},
		Real:  []string{"systest: cgroup.kill ends all members, and the watch on cgroup.events fires"}},
	FreezeHangs: {Name: "freeze-incomplete", Where: Swarm,
		Story: "a freeze never completes, because a member sleeps uninterruptibly: waited for with a bound.",
		How:   "programs that block, on machines without cgroup.kill"},
	OOMKill: {Name: "oom-kill", Where: Swarm,
		Story: "the OOM killer takes the main process or a helper: told as such, and the policy is applied once.",
		How:   "an action: memory beyond memory.max"},
	OOMGroup: {Name: "oom-group-kill", Where: VM,
		Story: "memory.oom.group: all of the cgroup die at once; one failure, one restart.",
		How:   "not by the swarm, whose machines kill one process; the fake has it for tests"},
	CounterMeaning: {Name: "counter-meaning", Where: VM,
		Story: "pids.events max counts other things since Linux 6.10: nothing may rest on the old meaning.",
		How:   "not at all: nothing of gosv reads it"},
	NoCgroups: {Name: "no-cgroups", Where: Swarm,
		Story: "there is no cgroup2, or it is not ours, or lacks controllers: told at the start, and done without.",
		How:   "machines of these kinds",
		Real:  []string{"integration.TestWithoutCgroupsALimitIsAWarning", "integration.TestALimitThatCannotBeSetIsRefusedWhereItIsRequired"}},
	CgroupChangedExternally: {Name: "cgroup-meddled", Where: Swarm,
		Story: "somebody moves a child of ours elsewhere, or removes its cgroup: seen within 30 s or at its end, told, moved back; what is left is found without the cgroup.",
		How:   "an action",
		Real:  []string{"integration.TestWhatAStrangerMovedOutOfItsCgroupDoesNotOutliveTheGeneration"}},

	ProcVanished: {Name: "proc-vanished", Where: Swarm,
		Story: "an entry of /proc vanishes between two looks: passed over, and no error.",
		How:   "processes end while a job looks at them",
		Real:  []string{"systest: /proc shows a child, then its zombie, then nothing"}},
	ProcZombie: {Name: "proc-of-zombie", Where: Swarm,
		Story: "/proc of a zombie: cmdline is empty, exe is ENOENT, environ ESRCH.",
		How:   "zombies",
		Real:  []string{"procfs.TestARealZombieIsNotAlive"}},
	ProcDenied: {Name: "proc-denied", Where: Swarm,
		Story: "another user's environ, io, fd and exe answer EACCES: marked missing, not zero.",
		How:   "an action makes a process another user's",
		Real:  []string{"integration.TestAServiceOfAnotherUserIsToldAndKilledByItsCgroup"}},
	OddName: {Name: "odd-name", Where: Swarm,
		Story: "a process name with brackets and spaces: read from the last bracket.",
		How:   "programs with such names",
		Real:  []string{"procfs.TestEverythingOfThisMachineParses"}},
	ProcTorn: {Name: "proc-torn", Where: Swarm,
		Story: "a text of /proc is cut short: no process is taken for another, nor for gone.",
		How:   "by chance, at a read of stat"},
	ListInexact: {Name: "proc-list-inexact", Where: Swarm,
		Story: "the list of /proc repeats an entry, or misses one that went meanwhile.",
		How:   "by chance; and processes run while a job looks at them"},
	ReadBlocks: {Name: "read-blocks", Where: Swarm,
		Story: "a read of /proc blocks for long, or for ever: never in the loop.",
		How:   "a job comes late or never, by chance",
		Real:  []string{"sys/linux.TestJobsRunOutsideTheLoop"}},

	WallSteps: {Name: "wall-clock-steps", Where: Swarm,
		Story: "the wall clock is set: nothing notices.", How: "an action"},
	Suspend: {Name: "suspend", Where: Swarm,
		Story: "the machine sleeps: CLOCK_MONOTONIC stands still, the wall clock and the boot clock do not. No storm of restarts.",
		How:   "an action"},
	TimersLate: {Name: "timers-late", Where: Swarm,
		Story: "timers are late and many are due: each fires once.",
		How:   "gosv gets the processor late for a deadline, by chance",
		Real:  []string{"integration.TestWhatDiesWhileGosvIsStoppedIsRestartedAfterwards"}},
	Boundary: {Name: "boundary-values", Where: Swarm,
		Story: "a run of exactly reset_after or one nanosecond off, a delay whose power overflows: the schedule is exact.",
		How:   "the generator draws them",
		Real:  []string{"integration.TestALongEnoughRunIsForgivenAllRestartsBefore"}},
	LogDiskFull: {Name: "log-disk-full", Where: Later, Story: "a log file answers ENOSPC, EDQUOT, EIO or EROFS.", How: "gosv has no log files yet"},
	PipeFull: {Name: "pipe-full", Where: Swarm,
		Story: "a pipe is full because nobody takes what is in it: only its writer waits, and a stop ends.",
		How:   "sinks without room",
		Real:  []string{"systest: a full sink holds up its own stream only, and goes on when it has room", "integration.TestAStuckStdoutStallsOnlyWhoWritesToIt"}},
	SlowDisk:    {Name: "slow-disk", Where: Later, Story: "a write or fsync takes half a minute.", How: "gosv has no log files yet"},
	ShortWrites: {Name: "short-writes", Where: Later, Story: "short writes, a rotation that fails, a log directory that is removed.", How: "gosv has no log files yet"},
	TornState:   {Name: "torn-state-file", Where: Later, Story: "a crash tears the state file.", How: "gosv has no state file yet"},
	SlowClient:  {Name: "slow-client", Where: Later, Story: "a control client is slow, resets or closes half.", How: "gosv has no control socket yet"},
	Crash: {Name: "crash", Where: Sweep,
		Story: "gosv is killed at any call: the next one leaves no duplicate and nothing behind.",
		How:   "SIGKILL to gosv",
		Real:  []string{"integration.TestWhatADeadGosvLeftIsKilledBeforeTheFirstStart"}},
}
