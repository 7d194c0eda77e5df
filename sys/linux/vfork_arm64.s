#include "textflag.h"

// func vforkExec(trap, a1, a2, a3, a4, a5 uintptr, s *script) (r1 uintptr)
TEXT ·vforkExec(SB),NOSPLIT,$0-64
	BL	runtime·entersyscall(SB)
	MOVD	trap+0(FP), R8
	MOVD	a1+8(FP), R0
	MOVD	a2+16(FP), R1
	MOVD	a3+24(FP), R2
	MOVD	a4+32(FP), R3
	MOVD	a5+40(FP), R4
	MOVD	s+48(FP), R9	// system calls keep all but R0
	SVC
	CBZ	R0, child
	MOVD	R0, r1+56(FP)
	BL	runtime·exitsyscall(SB)
	RET

child:
	ADD	$16, R9, R10	// s.calls
next:
	MOVD	0(R10), R8
	MOVD	8(R10), R0
	MOVD	16(R10), R1
	MOVD	24(R10), R2
	MOVD	32(R10), R3
	SVC
	CMN	$4095, R0
	BCS	failed
	ADD	$40, R10
	B	next

failed:
	NEG	R0, R0
	MOVD	R0, 8(R9)	// s.errno
	MOVD	R10, 0(R9)	// s.failed
exit:
	MOVD	$93, R8	// exit
	MOVD	$127, R0
	SVC
	B	exit
