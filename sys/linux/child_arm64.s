#include "go_asm.h"
#include "textflag.h"

// func rawCall(c *systemCall, list *syscallList) (r1 uintptr)
TEXT ·rawCall(SB),NOSPLIT,$0-24
	MOVD	c+0(FP), R9	// system calls keep all but R0
	MOVD	list+8(FP), R10
	MOVD	systemCall_nr(R9), R8
	MOVD	(systemCall_args+0)(R9), R0
	MOVD	(systemCall_args+8)(R9), R1
	MOVD	(systemCall_args+16)(R9), R2
	MOVD	(systemCall_args+24)(R9), R3
	MOVD	(systemCall_args+32)(R9), R4
	MOVD	$0, R5
	SVC
	CBNZ	R0, caller
	CBNZ	R10, child	// 0 from a clone
caller:
	MOVD	R0, r1+16(FP)
	RET

child:
	ADD	$syscallList_calls, R10, R9
next:
	MOVD	systemCall_nr(R9), R8
	MOVD	(systemCall_args+0)(R9), R0
	MOVD	(systemCall_args+8)(R9), R1
	MOVD	(systemCall_args+16)(R9), R2
	MOVD	(systemCall_args+24)(R9), R3
	MOVD	(systemCall_args+32)(R9), R4
	SVC
	CMN	$4095, R0
	BCS	failed
	ADD	$systemCall__size, R9
	B	next

failed:
	NEG	R0, R0
	MOVD	R0, syscallList_errno(R10)
	MOVD	R9, syscallList_failed(R10)
exit:
	MOVD	$93, R8	// exit
	MOVD	$127, R0
	SVC
	B	exit
