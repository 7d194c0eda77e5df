#include "go_asm.h"
#include "textflag.h"

// func runThread(flags uintptr, t *thread) (r1 uintptr)
TEXT ·runThread(SB),NOSPLIT,$0-24
	MOVD	t+8(FP), R9	// system calls keep all but R0
	MOVD	$220, R8	// clone
	MOVD	flags+0(FP), R0
	MOVD	$0, R1	// no stack of its own, and none is used
	ADD	$thread_tid, R9, R2
	MOVD	$0, R3
	MOVD	R2, R4
	SVC
	CBZ	R0, wait
	MOVD	R0, r1+16(FP)
	RET

wait:
	ADD	$thread_state, R9, R10
	LDARW	(R10), R1
	CMPW	$const_ordered, R1
	BEQ	work
	CMPW	$const_quit, R1
	BEQ	quit
	MOVD	$98, R8	// futex
	MOVD	R10, R0
	MOVD	$128, R1	// FUTEX_WAIT_PRIVATE
	MOVD	$const_idle, R2
	MOVD	$0, R3
	SVC
	B	wait

work:
	MOVD	(thread_clone+0)(R9), R8
	MOVD	(thread_clone+8)(R9), R0
	MOVD	(thread_clone+16)(R9), R1
	MOVD	(thread_clone+24)(R9), R2
	MOVD	(thread_clone+32)(R9), R3
	MOVD	(thread_clone+40)(R9), R4
	SVC
	CBZ	R0, child
	MOVD	R0, thread_result(R9)
	MOVD	$113, R8	// clock_gettime
	MOVD	$1, R0	// CLOCK_MONOTONIC
	ADD	$thread_born, R9, R1
	SVC
	MOVW	$const_idle, R1
	ADD	$thread_state, R9, R10
	STLRW	R1, (R10)	// first: the loop may order again at once
	MOVW	$1, R1
	ADD	$thread_done, R9, R10
	STLRW	R1, (R10)

	MOVD	thread_pending(R9), R1	// k.wake(sys.WokeSpawn)
again:
	LDAXRW	(R1), R2
	ORRW	$const_wokeSpawn, R2, R3
	STLXRW	R3, (R1), R4
	CBNZW	R4, again
	MOVD	$const_asleep, R3
	CMPW	R3, R2
	BNE	wait
	MOVD	$64, R8	// write
	MOVW	thread_wakeup(R9), R0
	ADD	$thread_event, R9, R1
	MOVD	$8, R2
	SVC
	B	wait

quit:
	MOVD	$93, R8	// exit, of this thread only
	MOVD	$0, R0
	SVC
	B	quit

child:
	ADD	$(thread_birth+birth_script+script_calls), R9, R10
next:
	MOVD	0(R10), R8
	MOVD	8(R10), R0
	MOVD	16(R10), R1
	MOVD	24(R10), R2
	MOVD	32(R10), R3
	SVC
	CMN	$4095, R0
	BCS	failed
	ADD	$call__size, R10
	B	next

failed:
	NEG	R0, R0
	MOVD	R0, (thread_birth+birth_script+script_errno)(R9)
	MOVD	R10, (thread_birth+birth_script+script_failed)(R9)
exit:
	MOVD	$93, R8	// exit
	MOVD	$127, R0
	SVC
	B	exit
