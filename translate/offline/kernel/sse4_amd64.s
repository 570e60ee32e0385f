#include "textflag.h"
#include "rows_amd64.h"

// Sums of products with SSE4.1, for processors without AVX2, as in many small servers: 8 values of k at a time, by the method of
// avx2_amd64.s, and with its registers. PMADDWL and PADDL are the assembler's names for PMADDWD and PADDD.

// FOLD leaves in x0 the sums of x0, x1, x2 and x3.
#define FOLD(x0, x1, x2, x3) \
	PHADDD x1, x0; \
	PHADDD x3, x2; \
	PHADDD x2, x0

// PAIR multiplies the values of one row of b with those of two rows of a.
#define PAIR(b, x0, x1) \
	PMOVSXBW (b)(SI*1), X10; \
	MOVO     X10, X11; \
	PMADDWL  X8, X10; \
	PADDL    X10, x0; \
	PMADDWL  X9, X11; \
	PADDL    X11, x1

// ONE multiplies the values of one row of b with those of one row of a.
#define ONE(b, x0) \
	PMOVSXBW (b)(SI*1), X10; \
	PMADDWL  X8, X10; \
	PADDL    X10, x0

// func panelSSE4(out *int32, a, b *int8, quads, n, k, turns int)
TEXT ·panelSSE4(SB), NOSPLIT, $0-56
	MOVQ out+0(FP), DI
	MOVQ a+8(FP), R8
	MOVQ b+16(FP), AX
	MOVQ quads+24(FP), R10
	MOVQ n+32(FP), R11
	MOVQ k+40(FP), R13
	MOVQ turns+48(FP), R12
	SHLQ $3, R12
	LEAQ (R8)(R13*1), R9

quad:
	LEAQ (AX)(R13*1), BX
	LEAQ (BX)(R13*1), CX
	LEAQ (CX)(R13*1), DX
	PXOR X0, X0
	PXOR X1, X1
	PXOR X2, X2
	PXOR X3, X3
	PXOR X4, X4
	PXOR X5, X5
	PXOR X6, X6
	PXOR X7, X7
	XORQ SI, SI

turn:
	PMOVSXBW (R8)(SI*1), X8
	PMOVSXBW (R9)(SI*1), X9
	PAIR(AX, X0, X4)
	PAIR(BX, X1, X5)
	PAIR(CX, X2, X6)
	PAIR(DX, X3, X7)
	ADDQ     $8, SI
	CMPQ     SI, R12
	JB       turn

	FOLD(X0, X1, X2, X3)
	FOLD(X4, X5, X6, X7)
	MOVOU X0, (DI)
	MOVOU X4, (DI)(R11*4)
	ADDQ  $16, DI
	LEAQ  (DX)(R13*1), AX
	DECQ  R10
	JNZ   quad
	RET

// func rowSSE4(out *int32, a, b *int8, idx *int32, quads, k, turns int)
TEXT ·rowSSE4(SB), NOSPLIT, $0-56
	MOVQ out+0(FP), DI
	MOVQ a+8(FP), R8
	MOVQ b+16(FP), R9
	MOVQ idx+24(FP), R10
	MOVQ quads+32(FP), R11
	MOVQ k+40(FP), R13
	MOVQ turns+48(FP), R12
	SHLQ $3, R12

quad:
	NEXT_ROWS
	PXOR X0, X0
	PXOR X1, X1
	PXOR X2, X2
	PXOR X3, X3
	XORQ SI, SI

turn:
	PMOVSXBW (R8)(SI*1), X8
	ONE(AX, X0)
	ONE(BX, X1)
	ONE(CX, X2)
	ONE(DX, X3)
	ADDQ     $8, SI
	CMPQ     SI, R12
	JB       turn

	FOLD(X0, X1, X2, X3)
	MOVOU X0, (DI)
	ADDQ  $16, DI
	DECQ  R11
	JNZ   quad
	RET
