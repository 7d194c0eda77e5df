#include "textflag.h"

// func vforkExec(trap, a1, a2, a3, a4, a5 uintptr, s *script) (r1 uintptr)
TEXT ·vforkExec(SB),NOSPLIT,$0-64
	CALL	runtime·entersyscall(SB)
	MOVQ	trap+0(FP), AX
	MOVQ	a1+8(FP), DI
	MOVQ	a2+16(FP), SI
	MOVQ	a3+24(FP), DX
	MOVQ	a4+32(FP), R10
	MOVQ	a5+40(FP), R8
	MOVQ	s+48(FP), R12	// system calls keep all but RAX, RCX and R11
	SYSCALL
	TESTQ	AX, AX
	JEQ	child
	MOVQ	AX, r1+56(FP)
	CALL	runtime·exitsyscall(SB)
	RET

child:
	LEAQ	16(R12), R13	// s.calls
next:
	MOVQ	0(R13), AX
	MOVQ	8(R13), DI
	MOVQ	16(R13), SI
	MOVQ	24(R13), DX
	MOVQ	32(R13), R10
	SYSCALL
	CMPQ	AX, $0xfffffffffffff001
	JCC	failed
	ADDQ	$40, R13
	JMP	next

failed:
	NEGQ	AX
	MOVQ	AX, 8(R12)	// s.errno
	MOVQ	R13, 0(R12)	// s.failed
exit:
	MOVQ	$60, AX	// exit
	MOVQ	$127, DI
	SYSCALL
	JMP	exit
