#include "go_asm.h"
#include "textflag.h"

// onChild is the handler of SIGCHLD: k.wake(sys.WokeChild) without Go. The
// kernel restores every register behind it, and returns by its vDSO.
TEXT onChild<>(SB),NOSPLIT|NOFRAME,$0
	MOVD	·childPending(SB), R1
again:
	LDAXRW	(R1), R2
	ORRW	$const_wokeChild, R2, R3
	STLXRW	R3, (R1), R4
	CBNZW	R4, again
	MOVD	$const_asleep, R3
	CMPW	R3, R2
	BNE	done
	MOVW	·childWakeup(SB), R0
	MOVD	$·childEvent(SB), R1
	MOVD	$8, R2
	MOVD	$64, R8	// write
	SVC
done:
	RET

// func childHandler() (handler, restorer uintptr)
TEXT ·childHandler(SB),NOSPLIT,$0-16
	MOVD	$onChild<>(SB), R0
	MOVD	R0, handler+0(FP)
	MOVD	ZR, restorer+8(FP)
	RET
