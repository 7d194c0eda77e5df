package fakesys

import "syscall"

// The faults of the catalogue.
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

// Catalogue lists every fault that gosv is tested with, in the order of the constants.
var Catalogue = [FaultCount]CatalogueEntry{
	ForkRefused: {Name: "fork-refused", Coverage: Swarm,
		Description: "clone(2) returns EAGAIN because of RLIMIT_NPROC, pids.max or no free PID. The service has not failed: the start is retried on schedule and is not counted as a restart.",
		How:         "a small PID space, MaxProcs, pids.max in the fake cgroup tree; by chance",
		Real:        []string{"sys/linux.TestAForkBeyondTheLimitOfProcessesIsRefusedAndNoMore"}},
	ForkNoMemory: {Name: "fork-no-memory", Coverage: Swarm,
		Description: "clone(2) returns ENOMEM. The consequences are those of fork-refused.", How: "by chance, at a spawn"},
	CgroupSpawnRefused: {Name: "birth-in-cgroup-refused", Coverage: Swarm,
		Description: "CLONE_INTO_CGROUP returns EBUSY, EOPNOTSUPP, ENOENT, EACCES or ENOSYS. The service must not run outside its cgroup instead.",
		How:         "by chance, at a spawn; an external process removes the directory",
		Real:        []string{"systest: a start in a removed cgroup: ENOENT", "integration.TestGosvWorksInACgroupThatWasKilledBefore"}},
	NoDescriptors: {Name: "no-descriptors", Coverage: Swarm,
		Description: "EMFILE or ENFILE: this start fails, while other starts and reaping continue.",
		How:         "a low MaxFiles; by chance, at a spawn and at calls that open a file",
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
		Real: []string{"integration.TestServicesWaitForDescriptorsWithoutCountedRestarts"}},
	ExecRefused: {Name: "exec-refused", Coverage: Swarm,
		Description: "execve(2) returns ENOENT (also for a missing interpreter), EACCES, ENOEXEC, ELOOP or E2BIG. Step and errno are reported, and the policy decides; there is no busy loop.",
		How:         "programs of these kinds, arguments of 128 KiB",
		Real: []string{"systest: a program that does not exist: ENOENT", "systest: an empty program: ENOEXEC", "systest: an argument too long: E2BIG",
			"integration.TestFailedStartNamesItsStepAndAffectsNoOtherService"}},
	ExecBusy: {Name: "exec-text-busy", Coverage: Swarm,
		Description: "execve(2) returns ETXTBSY because the program is open for writing. The start is retried and not counted.",
		How:         "a program of that kind; by chance",
		Real:        []string{"systest: a program open for writing: ETXTBSY", "integration.TestProgramBeingWrittenIsRetriedAndNotCounted"}},
	ExecBroken: {Name: "exec-broken", Coverage: Swarm,
		Description: "execve(2) returns EIO, EPERM or ENOMEM. One table says which of them is the fault of the machine and which that of the program.",
		How:         "a program on a broken disk; by chance"},
	StepRefused: {Name: "step-before-exec", Coverage: Swarm,
		Description: "a step between clone and execve fails. The message names the step.",
		How:         "a working directory that does not exist",
		Real:        []string{"systest: a working directory that does not exist: ENOENT", "sys/linux.TestTheFailedStepIsNamed"}},
	ExecHangs: {Name: "exec-hangs", Coverage: Swarm,
		Description: "execve(2) does not return (a dead network disk). Other starts are not delayed, and start_timeout applies.",
		How:         "a program of that kind; a slow step by chance",
		Real:        []string{"sys/linux.TestAHungStartDelaysNobody", "integration.TestHungStartDelaysNoOtherService"}},
	EarlyExit: {Name: "exit-before-result", Coverage: Swarm,
		Description: "the child exits before its spawn is recorded. Its status is not lost.",
		How:         "the result of a spawn is delayed by chance",
		Real:        []string{"systest: an exit is not reported before the result of the start"}},
	CrashInStart: {Name: "crash-during-start", Coverage: Sweep,
		Description: "gosv dies between the fork and its own record of it. The next gosv finds the child by its cgroup.",
		How:         "a crash during a spawn"},

	WaitInterrupted: {Name: "wait-interrupted", Coverage: Swarm,
		Description: "a wait returns early with EINTR. Nothing is skipped or done twice.",
		How:         "Wait returns early without a reason, by chance"},
	ExitStolen: {Name: "exit-stolen", Coverage: Swarm,
		Description: "waitid(2) returns ECHILD because another process reaped the child. The service leaves the running state with an unknown status.",
		How:         "a zombie disappears by chance",
		Real:        []string{"systest: Reap of a process that is no child: ECHILD", "integration.TestIgnoredSIGCHLDIsNotInherited"}},
	ChildrenMerged: {Name: "sigchld-merged", Coverage: Swarm,
		Description: "many exits cause a single SIGCHLD. All of them are found.",
		How:         "several children exit before gosv checks",
		Real:        []string{"systest: many children that end together are all reported", "sys/linux.TestEveryExitIsToldOnce"}},
	NoticeLost: {Name: "exit-notice-lost", Coverage: Swarm,
		Description: "the notification of an exit is late or never comes. The exit is found within the period of the safety reap.",
		How:         "by chance",
		Real:        []string{"integration.TestExitWhileGosvIsStoppedIsRestartedAfterwards"}},
	LeaderExited: {Name: "first-thread-gone", Coverage: Swarm,
		Description: "the first thread has exited while others run. The state is Z, but the process has not exited.",
		How:         "an external action",
		Real:        []string{"systest: a process whose first thread ended is Z and has not ended", "integration.TestProcessWithoutItsFirstThreadHasNotExited"}},
	StopReported: {Name: "stop-told", Coverage: Swarm,
		Description: "SIGCHLD for a child that was stopped or continued is never taken for an exit.",
		How:         "programs that stop; an external SIGSTOP",
		Real:        []string{"systest: a stop and a continue are no exit"}},
	OrphanReaped: {Name: "orphan-adopted", Coverage: Swarm,
		Description: "an unknown child, an adopted orphan, exits. It is reaped, and no service changes its state.",
		How:         "programs that leave children behind",
		Real:        []string{"systest: a daemon is adopted, found when it ended, and reaped", "integration.TestManyOrphansLeaveNoZombie"}},
	SiblingMade: {Name: "sibling-made", Coverage: Swarm,
		Description: "a service creates a child of gosv by clone(2) with CLONE_PARENT. It is not an orphan, and a waitid(2) of the main thread does not see it. It is killed like any other leftover process, and reaped.",
		How:         "programs that do so",
		Real:        []string{"systest: a sibling is a child of gosv, and lives in the group of a dead leader", "systest: the zombie of a sibling is found among all children, and reaped", "integration.TestSiblingsLeaveNoZombie"}},
	TracerFirst: {Name: "zombie-of-the-tracer", Coverage: Swarm,
		Description: "a traced process dies. Its pidfd wakes gosv, but waitid(2) finds the exit only when the tracer detaches, which causes a second wake.",
		How:         "programs that trace their parents",
		Real:        []string{"systest: a traced child that dies has not ended while its tracer lives, and is reported when the tracer lets go", "systest: a start whose traced child cannot execute fails at once", "integration.TestExitOfATracedProcessIsSeenWhenItsTracerDetaches"}},
	OrderChosen: {Name: "same-instant", Coverage: Swarm,
		Description: "several events happen at the same instant. Every order gives a valid result.",
		How:         "the order of simultaneous events is a choice",
		Real:        []string{"integration.TestManyServicesKilledAtOnceAreAllRestarted"}},
	StaleExit: {Name: "stale-exit", Coverage: Swarm,
		Description: "the notification of an exit comes long after the child was reaped. It is ignored.",
		How:         "late notifications, after the safety reap",
		Real:        []string{"systest: Exited reports each child once"}},
	OddStatus: {Name: "odd-status", Coverage: Swarm,
		Description: "a core dump or status 126 or 127. The status is reported as it is, and the policy decides.",
		How:         "programs that end in these ways",
		Real:        []string{"systest: an exit code comes back", "systest: a fatal signal comes back", "integration.TestRunEndsWithTheStatusOfItsCommand"}},

	KillGone: {Name: "signal-to-nobody", Coverage: Swarm,
		Description: "a signal returns ESRCH because the process was reaped. That is not an error.",
		How:         "processes that exit between a check and the signal",
		Real:        []string{"systest: a signal to a zombie succeeds, after the reap it is ESRCH"}},
	KillRefused: {Name: "signal-not-permitted", Coverage: Swarm,
		Description: "a signal returns EPERM because the process changed its user. This is logged, and the cgroup is killed.",
		How:         "an external action",
		Real:        []string{"integration.TestServiceOfAnotherUserIsKilledByItsCgroup"}},
	KillZombie: {Name: "signal-to-zombie", Coverage: Swarm,
		Description: "a signal to a zombie succeeds. Success does not mean that a process was alive.",
		How:         "processes that exit before they are signalled",
		Real:        []string{"systest: a signal to a group of which only the zombie is left succeeds"}},
	PIDReused: {Name: "number-reused", Coverage: Swarm,
		Description: "a PID is reused. Only a handle, or PID and start time, identifies a process to signal.",
		How:         "a small PID space; by chance the PID freed last",
		Real:        []string{"systest: a handle stays bound to its process after the reap"}},
	TermIgnored: {Name: "term-ignored", Coverage: Swarm,
		Description: "the stop signal is ignored. KILL comes at the end of stop_timeout, and not before.",
		How:         "programs that ignore it",
		Real:        []string{"systest: an ignored signal does nothing, KILL does", "integration.TestServiceIgnoringTermIsKilledAtItsDeadline"}},
	TermPends: {Name: "signal-to-stopped", Coverage: Swarm,
		Description: "the child is stopped: TERM waits for CONT, and KILL does not. A stop completes in time.",
		How:         "programs that stop; an external SIGSTOP",
		Real:        []string{"integration.TestStoppedProcessIsContinuedAtAStop"}},
	KillPends: {Name: "unkillable", Coverage: Swarm,
		Description: "uninterruptible sleep outlives KILL. The stop is answered with \"unkillable\", and no second instance starts.",
		How:         "programs that block"},
	SignalFrozen: {Name: "signal-to-frozen", Coverage: Swarm,
		Description: "the cgroup is frozen, so a signal handler waits for the thaw. A stop thaws or kills the cgroup.",
		How:         "an external process freezes the cgroup",
		Real:        []string{"integration.TestFrozenCgroupIsThawedAtAStop", "systest: cgroup.kill ends frozen members"}},
	GroupGone: {Name: "group-gone", Coverage: Swarm,
		Description: "kill(2) of the process group returns ESRCH because the main process has left it. The main process itself is signalled.",
		How:         "an external action: setpgid(2) by the main process",
		Real:        []string{"integration.TestMainProcessOutsideItsGroupIsSignalled"}},
	GroupRace: {Name: "setpgid-race", Coverage: BelowSeam,
		Description: "setpgid(2) returns EACCES after the exec. The child creates its process group itself, before the exec.",
		How:         "not injected: sys has no such call, and promises a process group",
		Real:        []string{"systest: a child leads a process group of its own"}},
	LeavesGroup: {Name: "escape-from-group", Coverage: Swarm,
		Description: "setsid(2) and a double fork leave the process group. A stop still reaches all processes, and the orphan is reaped.",
		How:         "programs that do so",
		Real:        []string{"systest: a process that left the group is not reached", "integration.TestStopSignalReachesProcessesOutsideTheGroup"}},
	ForksOn: {Name: "fork-while-stopping", Coverage: Swarm,
		Description: "processes fork while they are being stopped. The kill catches all of them.",
		How:         "programs whose signal handler forks without end",
		Real:        []string{"integration.TestForkingOrphanIsKilled"}},
	OutputHeld: {Name: "output-held", Coverage: Swarm,
		Description: "a grandchild keeps the output open. The exit is reported at once.",
		How:         "programs that leave children behind",
		Real:        []string{"systest: a grandchild keeps the capture open until CloseOutput", "integration.TestGrandchildHoldingStdoutDelaysNoExit"}},
	SignalStorm: {Name: "second-signal", Coverage: Swarm,
		Description: "a second TERM, or HUP during the shutdown. The reaction is defined, and nothing starts.",
		How:         "external actions",
		Real:        []string{"integration.TestSecondSignalKillsAtOnce", "integration.TestManySignalsEndGosvAsOneDoes"}},
	Starved: {Name: "gosv-stopped", Coverage: Swarm,
		Description: "gosv is stopped and continued, or gets no processor time. What became due happens once.",
		How:         "STOP and CONT to gosv, which take effect at its next call; by chance at every wake",
		Real:        []string{"integration.TestExitWhileGosvIsStoppedIsRestartedAfterwards"}},
	SlowCall: {Name: "slow-call", Coverage: Swarm,
		Description: "a call takes long (a thousand services, a slow file system, no processor). It shortens no grace, delay or timeout, and what happened meanwhile is seen before a deadline acts.",
		How:         "by chance, at every call of the loop: from a microsecond to seconds, or exactly a grace"},
	IsInit: {Name: "gosv-is-init", Coverage: Swarm,
		Description: "gosv is PID 1 of a namespace and reaps everything.",
		How:         "Options.Pid",
		Real:        []string{"integration.TestPID1ReapsOrphansAndEndsByTerm"}},

	DirRefused: {Name: "mkdir-refused", Coverage: Swarm,
		Description: "mkdir(2) of a cgroup returns EAGAIN (limits), EEXIST, ENOENT, ENOSPC, EACCES or EROFS. This is logged and retried.",
		How:         "machines without delegation; by chance",
		Calls:       []CallFault{{Op: OpMkdir, Errnos: []syscall.Errno{syscall.EAGAIN, syscall.ENOSPC, syscall.ENOENT, syscall.ENOMEM}}},
		Real:        []string{"systest: a directory is made once and removed once"}},
	ControllersRefused: {Name: "subtree-control-refused", Coverage: Swarm,
		Description: "a write to cgroup.subtree_control returns ENOENT, EINVAL or EBUSY. The log names the missing controller.",
		How:         "machines without controllers; by chance",
		Calls:       []CallFault{{Op: OpWriteFile, Target: "cgroup.subtree_control", Errnos: []syscall.Errno{syscall.EBUSY, syscall.ENOMEM, syscall.ENOENT}}},
		Real:        []string{"integration.TestUnavailableLimitIsAWarning"}},
	MoveRefused: {Name: "attach-refused", Coverage: Swarm,
		Description: "a write to cgroup.procs returns ESRCH, EAGAIN, ENOMEM or EACCES. A dead child is not an error, and a living one is not left outside.",
		How:         "by chance",
		Calls:       []CallFault{{Op: OpWriteFile, Target: "cgroup.procs", Errnos: []syscall.Errno{syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE}}},
		Real:        []string{"systest: a PID without a process cannot be moved: ESRCH"}},
	DirBusy: {Name: "rmdir-busy", Coverage: Swarm,
		Description: "rmdir(2) of a cgroup returns EBUSY. It is retried for a while, then logged.",
		How:         "members that remain; by chance",
		Calls:       []CallFault{{Op: OpRmdir, Errnos: []syscall.Errno{syscall.EBUSY}}},
		Real:        []string{"systest: a cgroup with members is not removed: EBUSY", "systest: a cgroup with only a zombie can be removed"}},
	GroupVanished: {Name: "cgroup-vanished", Coverage: Swarm,
		Description: "a file of a removed cgroup returns ENOENT or ENODEV. Both mean that the cgroup is gone.",
		How:         "an external process removes the directory",
		Real:        []string{"systest: a path that does not exist: ENOENT"}},
	GroupThreaded: {Name: "cgroup-threaded", Coverage: Swarm,
		Description: "cgroup.procs of a threaded cgroup returns EOPNOTSUPP. This is logged, and gosv does not crash.",
		How:         "by chance",
		Calls:       []CallFault{{Op: OpReadFile, Target: "cgroup.procs", Errnos: []syscall.Errno{syscall.EOPNOTSUPP}}},
		Real:        []string{"integration.TestThreadedCgroupBelowAServiceIsRemoved"}},
	NoKillFile: {Name: "no-cgroup-kill", Coverage: Swarm,
		Description: "before Linux 5.14 there is no cgroup.kill. gosv freezes the cgroup, kills its processes one by one, and thaws it.",
		How:         "Cgroups.NoKillFile",
		Real:        []string{"cgroupfs.TestKernelWithoutCgroupKill"}},
	WatchLost: {Name: "watch-notice-lost", Coverage: Swarm,
		Description: "a notification of cgroup.events is merged, late or lost. Reading the file gives the current state.",
		How:         "delays of up to 10 ms; lost by chance",
		Calls:       []CallFault{{Op: OpWatch, Errnos: []syscall.Errno{syscall.ENOSPC, syscall.ENOMEM}}},
		Real:        []string{"systest: cgroup.kill ends all members, and the watch on cgroup.events fires"}},
	FreezeHangs: {Name: "freeze-incomplete", Coverage: Swarm,
		Description: "a freeze never completes because a member is in uninterruptible sleep. The wait for it is bounded.",
		How:         "programs that block, on machines without cgroup.kill"},
	OOMKill: {Name: "oom-kill", Coverage: Swarm,
		Description: "the OOM killer kills the main process or a helper. It is reported as such, and the policy is applied once.",
		How:         "an external action: memory above memory.max"},
	OOMGroup: {Name: "oom-group-kill", Coverage: VM,
		Description: "memory.oom.group: all processes of the cgroup die at once. This is one failure and one restart.",
		How:         "not by the swarm, whose machines kill one process; the fake supports it for tests"},
	CounterMeaning: {Name: "counter-meaning", Coverage: VM,
		Description: "the max counter of pids.events has counted other things since Linux 6.10. gosv must not depend on the old meaning.",
		How:         "not injected: gosv does not read it"},
	NoCgroups: {Name: "no-cgroups", Coverage: Swarm,
		Description: "there is no cgroup2 file system, or it is not delegated, or it lacks controllers. This is logged at the start, and gosv works without it.",
		How:         "machines of these kinds",
		Real:        []string{"integration.TestLimitWithoutCgroupsIsAWarning", "integration.TestUnavailableLimitIsAnErrorWhenRequired"}},
	CgroupChangedExternally: {Name: "cgroup-meddled", Coverage: Swarm,
		Description: "an external process moves a child elsewhere, or removes its cgroup. gosv notices within 30 s or at the exit, logs it and moves the child back. What remains is found without the cgroup.",
		How:         "an external action",
		Real:        []string{"integration.TestProcessMovedOutOfItsCgroupIsKilled"}},

	ProcVanished: {Name: "proc-vanished", Coverage: Swarm,
		Description: "an entry of /proc disappears between two reads. It is skipped without an error.",
		How:         "processes exit while a job reads /proc",
		Real:        []string{"systest: /proc shows a child, then its zombie, then nothing"}},
	ProcZombie: {Name: "proc-of-zombie", Coverage: Swarm,
		Description: "/proc of a zombie: cmdline is empty, exe returns ENOENT, environ ESRCH.",
		How:         "zombies",
		Real:        []string{"procfs.TestARealZombieIsNotAlive"}},
	ProcDenied: {Name: "proc-denied", Coverage: Swarm,
		Description: "environ, io, fd and exe of another user's process return EACCES. The values are shown as missing, not as zero.",
		How:         "an external action changes the user of a process",
		Real:        []string{"integration.TestServiceOfAnotherUserIsKilledByItsCgroup"}},
	OddName: {Name: "odd-name", Coverage: Swarm,
		Description: "a process name contains brackets and spaces. The parser searches for the last bracket.",
		How:         "programs with such names",
		Real:        []string{"procfs.TestEverythingOfThisMachineParses"}},
	ProcTorn: {Name: "proc-torn", Coverage: Swarm,
		Description: "a text of /proc is cut short. No process is taken for another one, or for dead.",
		How:         "by chance, at a read of stat"},
	ListInexact: {Name: "proc-list-inexact", Coverage: Swarm,
		Description: "the list of /proc repeats an entry, or misses a process that exits meanwhile.",
		How:         "by chance; processes run while a job reads /proc"},
	ReadBlocks: {Name: "read-blocks", Coverage: Swarm,
		Description: "a read of /proc blocks for a long time, or for ever. It never happens in the loop.",
		How:         "a job is late or never runs, by chance",
		Real:        []string{"sys/linux.TestJobsRunOutsideTheLoop"}},

	WallSteps: {Name: "wall-clock-steps", Coverage: Swarm,
		Description: "the wall clock is set. Nothing depends on it.", How: "an external action"},
	Suspend: {Name: "suspend", Coverage: Swarm,
		Description: "the machine is suspended: CLOCK_MONOTONIC stands still, while the wall clock and the boot clock advance. There is no storm of restarts.",
		How:         "an external action"},
	TimersLate: {Name: "timers-late", Coverage: Swarm,
		Description: "timers are late, and many are due at once. Each fires once.",
		How:         "gosv runs late after a deadline, by chance",
		Real:        []string{"integration.TestExitWhileGosvIsStoppedIsRestartedAfterwards"}},
	Boundary: {Name: "boundary-values", Coverage: Swarm,
		Description: "a run of exactly reset_after or one nanosecond off, and a delay whose power overflows. The schedule is exact.",
		How:         "the generator draws these values",
		Real:        []string{"integration.TestLongRunResetsTheRestartCount"}},
	LogDiskFull: {Name: "log-disk-full", Coverage: NotImplemented, Description: "a log file returns ENOSPC, EDQUOT, EIO or EROFS.", How: "gosv has no log files yet"},
	PipeFull: {Name: "pipe-full", Coverage: Swarm,
		Description: "a pipe is full because nobody reads it. Only its writer waits, and a stop completes.",
		How:         "sinks without room",
		Real:        []string{"systest: a full sink holds up its own stream only, and goes on when it has room", "integration.TestBlockedStdoutBlocksOnlyWritingServices"}},
	SlowDisk:    {Name: "slow-disk", Coverage: NotImplemented, Description: "a write or fsync takes half a minute.", How: "gosv has no log files yet"},
	ShortWrites: {Name: "short-writes", Coverage: NotImplemented, Description: "short writes, a rotation that fails, a log directory that is removed.", How: "gosv has no log files yet"},
	TornState:   {Name: "torn-state-file", Coverage: NotImplemented, Description: "a crash tears the state file.", How: "gosv has no state file yet"},
	SlowClient:  {Name: "slow-client", Coverage: NotImplemented, Description: "a control client is slow, resets the connection or closes half of it.", How: "gosv has no control socket yet"},
	Crash: {Name: "crash", Coverage: Sweep,
		Description: "gosv is killed at any call. The next gosv creates no duplicate and leaves nothing behind.",
		How:         "SIGKILL to gosv",
		Real:        []string{"integration.TestLeftoversOfADeadGosvEndBeforeTheFirstStart"}},
}
