#include "go_asm.h"
#include "textflag.h"

// func runThread(flags uintptr, t *thread) (r1 uintptr)
TEXT ·runThread(SB),NOSPLIT,$0-24
	MOVQ	t+8(FP), R12	// system calls keep all but RAX, RCX and R11
	MOVL	$56, AX	// clone
	MOVQ	flags+0(FP), DI
	MOVL	$0, SI	// no stack of its own, and none is used
	LEAQ	thread_tid(R12), DX
	MOVQ	DX, R10
	MOVL	$0, R8
	SYSCALL
	TESTQ	AX, AX
	JEQ	wait
	MOVQ	AX, r1+16(FP)
	RET

wait:
	MOVL	thread_state(R12), AX
	CMPL	AX, $const_ordered
	JEQ	work
	CMPL	AX, $const_quit
	JEQ	quit
	MOVL	$202, AX	// futex
	LEAQ	thread_state(R12), DI
	MOVL	$128, SI	// FUTEX_WAIT_PRIVATE
	MOVL	$const_idle, DX
	MOVL	$0, R10
	SYSCALL
	JMP	wait

work:
	MOVQ	(thread_clone+0)(R12), AX
	MOVQ	(thread_clone+8)(R12), DI
	MOVQ	(thread_clone+16)(R12), SI
	MOVQ	(thread_clone+24)(R12), DX
	MOVQ	(thread_clone+32)(R12), R10
	MOVQ	(thread_clone+40)(R12), R8
	SYSCALL
	TESTQ	AX, AX
	JEQ	child
	MOVQ	AX, thread_result(R12)
	MOVL	$228, AX	// clock_gettime
	MOVL	$1, DI	// CLOCK_MONOTONIC
	LEAQ	thread_born(R12), SI
	SYSCALL
	MOVL	$const_idle, thread_state(R12)	// first: the loop may order again at once
	MOVL	$1, thread_done(R12)

	MOVQ	thread_pending(R12), BX	// k.wake(sys.WokeSpawn)
	MOVL	0(BX), AX
again:
	MOVL	AX, CX
	ORL	$const_wokeSpawn, CX
	LOCK
	CMPXCHGL	CX, 0(BX)
	JNE	again
	CMPL	AX, $const_asleep
	JNE	wait
	MOVL	$1, AX	// write
	MOVL	thread_wakeup(R12), DI
	LEAQ	thread_event(R12), SI
	MOVL	$8, DX
	SYSCALL
	JMP	wait

quit:
	MOVL	$60, AX	// exit, of this thread only
	MOVL	$0, DI
	SYSCALL
	JMP	quit

child:
	LEAQ	(thread_birth+birth_script+script_calls)(R12), R13
next:
	MOVQ	0(R13), AX
	MOVQ	8(R13), DI
	MOVQ	16(R13), SI
	MOVQ	24(R13), DX
	MOVQ	32(R13), R10
	SYSCALL
	CMPQ	AX, $0xfffffffffffff001
	JCC	failed
	ADDQ	$call__size, R13
	JMP	next

failed:
	NEGQ	AX
	MOVQ	AX, (thread_birth+birth_script+script_errno)(R12)
	MOVQ	R13, (thread_birth+birth_script+script_failed)(R12)
exit:
	MOVL	$60, AX	// exit
	MOVL	$127, DI
	SYSCALL
	JMP	exit
