#include "go_asm.h"
#include "textflag.h"

// func rawCall(c *systemCall, list *syscallList) (r1 uintptr)
TEXT ·rawCall(SB),NOSPLIT,$0-24
	MOVQ	c+0(FP), R12	// system calls keep all but RAX, RCX and R11
	MOVQ	list+8(FP), R13
	MOVQ	systemCall_nr(R12), AX
	MOVQ	(systemCall_args+0)(R12), DI
	MOVQ	(systemCall_args+8)(R12), SI
	MOVQ	(systemCall_args+16)(R12), DX
	MOVQ	(systemCall_args+24)(R12), R10
	MOVQ	(systemCall_args+32)(R12), R8
	MOVQ	$0, R9
	SYSCALL
	TESTQ	AX, AX
	JNE	caller
	TESTQ	R13, R13
	JNE	child	// 0 from a clone
caller:
	MOVQ	AX, r1+16(FP)
	RET

child:
	LEAQ	syscallList_calls(R13), R12
next:
	MOVQ	systemCall_nr(R12), AX
	MOVQ	(systemCall_args+0)(R12), DI
	MOVQ	(systemCall_args+8)(R12), SI
	MOVQ	(systemCall_args+16)(R12), DX
	MOVQ	(systemCall_args+24)(R12), R10
	MOVQ	(systemCall_args+32)(R12), R8
	SYSCALL
	CMPQ	AX, $0xfffffffffffff001
	JCC	failed
	ADDQ	$systemCall__size, R12
	JMP	next

failed:
	NEGQ	AX
	MOVQ	AX, syscallList_errno(R13)
	MOVQ	R12, syscallList_failed(R13)
exit:
	MOVL	$60, AX	// exit
	MOVL	$127, DI
	SYSCALL
	JMP	exit
