#include "go_asm.h"
#include "textflag.h"

// onChild is the handler of SIGCHLD: k.wake(sys.WokeChild) without Go. The
// kernel restores every register behind it.
TEXT onChild<>(SB),NOSPLIT|NOFRAME,$0
	MOVQ	·childPending(SB), BX
	MOVL	0(BX), AX
again:
	MOVL	AX, CX
	ORL	$const_wokeChild, CX
	LOCK
	CMPXCHGL	CX, 0(BX)
	JNE	again
	MOVL	$const_asleep, CX
	CMPL	AX, CX
	JNE	done
	MOVL	·childWakeup(SB), DI
	LEAQ	·childEvent(SB), SI
	MOVL	$8, DX
	MOVL	$1, AX	// write
	SYSCALL
done:
	RET

TEXT back<>(SB),NOSPLIT|NOFRAME,$0
	MOVL	$15, AX	// rt_sigreturn
	SYSCALL
	INT	$3

// func childHandler() (handler, restorer uintptr)
TEXT ·childHandler(SB),NOSPLIT,$0-16
	LEAQ	onChild<>(SB), AX
	MOVQ	AX, handler+0(FP)
	LEAQ	back<>(SB), AX
	MOVQ	AX, restorer+8(FP)
	RET
