#include "textflag.h"
#include "rows_amd64.h"

// Sums of products with AVX2, 16 values of k at a time: bytes are widened to 16 bits with their sign, and VPMADDWD adds two products
// to a 32-bit lane, which is exact for all values (VPMADDUBSW, twice as wide, saturates at 16 bits).
//
//	AX BX CX DX    the four rows of b in turn      R8 R9    the rows of a
//	SI             offset into the rows            R12      where it ends: 16 * turns
//	DI             out                             R13      k, the bytes between rows
//	Y0-Y7          sums, Yij at 4*i+j              Y8 Y9    values of a
//	Y10 Y11        values of b, products

// FOLD leaves in each half of y0 the sums of y0, y1, y2 and y3 over that half.
#define FOLD(y0, y1, y2, y3) \
	VPHADDD y1, y0, y0; \
	VPHADDD y3, y2, y2; \
	VPHADDD y2, y0, y0

// PAIR multiplies the values of one row of b with those of two rows of a.
#define PAIR(b, y0, y1) \
	VPMOVSXBW (b)(SI*1), Y10; \
	VPMADDWD  Y8, Y10, Y11; \
	VPADDD    Y11, y0, y0; \
	VPMADDWD  Y9, Y10, Y10; \
	VPADDD    Y10, y1, y1

// ONE multiplies the values of one row of b with those of one row of a.
#define ONE(b, y0) \
	VPMOVSXBW (b)(SI*1), Y10; \
	VPMADDWD  Y8, Y10, Y10; \
	VPADDD    Y10, y0, y0

// func panelAVX2(out *int32, a, b *int8, quads, n, k, turns int)
TEXT ·panelAVX2(SB), NOSPLIT, $0-56
	MOVQ out+0(FP), DI
	MOVQ a+8(FP), R8
	MOVQ b+16(FP), AX
	MOVQ quads+24(FP), R10
	MOVQ n+32(FP), R11
	MOVQ k+40(FP), R13
	MOVQ turns+48(FP), R12
	SHLQ $4, R12
	LEAQ (R8)(R13*1), R9

quad:
	LEAQ  (AX)(R13*1), BX
	LEAQ  (BX)(R13*1), CX
	LEAQ  (CX)(R13*1), DX
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3
	VPXOR Y4, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7
	XORQ  SI, SI

turn:
	VPMOVSXBW (R8)(SI*1), Y8
	VPMOVSXBW (R9)(SI*1), Y9
	PAIR(AX, Y0, Y4)
	PAIR(BX, Y1, Y5)
	PAIR(CX, Y2, Y6)
	PAIR(DX, Y3, Y7)
	ADDQ      $16, SI
	CMPQ      SI, R12
	JB        turn

	FOLD(Y0, Y1, Y2, Y3)
	FOLD(Y4, Y5, Y6, Y7)
	VEXTRACTI128 $1, Y0, X1
	VEXTRACTI128 $1, Y4, X5
	VPADDD       X1, X0, X0
	VPADDD       X5, X4, X4
	VMOVDQU      X0, (DI)
	VMOVDQU      X4, (DI)(R11*4)
	ADDQ         $16, DI
	LEAQ         (DX)(R13*1), AX
	DECQ         R10
	JNZ          quad
	VZEROUPPER
	RET

// func rowAVX2(out *int32, a, b *int8, idx *int32, quads, k, turns int)
TEXT ·rowAVX2(SB), NOSPLIT, $0-56
	MOVQ out+0(FP), DI
	MOVQ a+8(FP), R8
	MOVQ b+16(FP), R9
	MOVQ idx+24(FP), R10
	MOVQ quads+32(FP), R11
	MOVQ k+40(FP), R13
	MOVQ turns+48(FP), R12
	SHLQ $4, R12

quad:
	NEXT_ROWS
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3
	XORQ  SI, SI

turn:
	VPMOVSXBW (R8)(SI*1), Y8
	ONE(AX, Y0)
	ONE(BX, Y1)
	ONE(CX, Y2)
	ONE(DX, Y3)
	ADDQ      $16, SI
	CMPQ      SI, R12
	JB        turn

	FOLD(Y0, Y1, Y2, Y3)
	VEXTRACTI128 $1, Y0, X1
	VPADDD       X1, X0, X0
	VMOVDQU      X0, (DI)
	ADDQ         $16, DI
	DECQ         R11
	JNZ          quad
	VZEROUPPER
	RET
