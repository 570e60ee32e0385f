#include "textflag.h"
#include "rows_amd64.h"

// Sums of products with AVX-VNNI, 32 values of k at a time, by the method of avx512_amd64.s: rows of b are made unsigned by flipping
// their top bits, and sums begin at -128 times the sum of a's row.
//
//	AX BX CX DX    the four rows of b in turn      R8 R9    the rows of a
//	SI             offset into the rows            R12      where it ends: 32 * turns
//	DI             out                             R13      k, the bytes between rows
//	Y0-Y7          sums, Yij at 4*i+j              Y8 Y9    what the sums of each row of a begin at
//	Y10 Y11        values of a                     Y12      flipped values of b
//	Y15            128 in every byte

// DPBUSD is VPDPBUSD with 256 bits in its VEX form, which the assembler lacks: it knows the AVX-512 form alone. s, u and d are numbers
// of Y registers: d gets signed s times unsigned u.
#define DPBUSD(s, u, d) \
	BYTE $0xC4; \
	BYTE $(0x42 | (~d & 8) << 4 | (~s & 8) << 2); \
	BYTE $(0x05 | (~u & 15) << 3); \
	BYTE $0x50; \
	BYTE $(0xC0 | (d & 7) << 3 | (s & 7))

// FLIP fills Y15.
#define FLIP \
	MOVL         $0x80808080, AX; \
	VMOVD        AX, X15; \
	VPBROADCASTD X15, Y15

// NEGATE makes y its negative.
#define NEGATE(y) \
	VPXOR  Y12, Y12, Y12; \
	VPSUBD y, Y12, y

// FOLD leaves in each half of y0 the sums of y0, y1, y2 and y3 over that half.
#define FOLD(y0, y1, y2, y3) \
	VPHADDD y1, y0, y0; \
	VPHADDD y3, y2, y2; \
	VPHADDD y2, y0, y0

// func panelAVXVNNI(out *int32, a, b *int8, quads, n, k, turns int)
TEXT ·panelAVXVNNI(SB), NOSPLIT, $0-56
	FLIP
	MOVQ  out+0(FP), DI
	MOVQ  a+8(FP), R8
	MOVQ  b+16(FP), AX
	MOVQ  quads+24(FP), R10
	MOVQ  n+32(FP), R11
	MOVQ  k+40(FP), R13
	MOVQ  turns+48(FP), R12
	SHLQ  $5, R12
	LEAQ  (R8)(R13*1), R9
	VPXOR Y8, Y8, Y8
	VPXOR Y9, Y9, Y9
	XORQ  SI, SI

begin:
	VMOVDQU (R8)(SI*1), Y10
	VMOVDQU (R9)(SI*1), Y11
	DPBUSD(10, 15, 8)
	DPBUSD(11, 15, 9)
	ADDQ    $32, SI
	CMPQ    SI, R12
	JB      begin
	NEGATE(Y8)
	NEGATE(Y9)

quad:
	LEAQ    (AX)(R13*1), BX
	LEAQ    (BX)(R13*1), CX
	LEAQ    (CX)(R13*1), DX
	VMOVDQA Y8, Y0
	VMOVDQA Y8, Y1
	VMOVDQA Y8, Y2
	VMOVDQA Y8, Y3
	VMOVDQA Y9, Y4
	VMOVDQA Y9, Y5
	VMOVDQA Y9, Y6
	VMOVDQA Y9, Y7
	XORQ    SI, SI

turn:
	VMOVDQU (R8)(SI*1), Y10
	VMOVDQU (R9)(SI*1), Y11
	VPXOR   (AX)(SI*1), Y15, Y12
	DPBUSD(10, 12, 0)
	DPBUSD(11, 12, 4)
	VPXOR   (BX)(SI*1), Y15, Y12
	DPBUSD(10, 12, 1)
	DPBUSD(11, 12, 5)
	VPXOR   (CX)(SI*1), Y15, Y12
	DPBUSD(10, 12, 2)
	DPBUSD(11, 12, 6)
	VPXOR   (DX)(SI*1), Y15, Y12
	DPBUSD(10, 12, 3)
	DPBUSD(11, 12, 7)
	ADDQ    $32, SI
	CMPQ    SI, R12
	JB      turn

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

// func rowAVXVNNI(out *int32, a, b *int8, idx *int32, quads, k, turns int)
TEXT ·rowAVXVNNI(SB), NOSPLIT, $0-56
	FLIP
	MOVQ  out+0(FP), DI
	MOVQ  a+8(FP), R8
	MOVQ  b+16(FP), R9
	MOVQ  idx+24(FP), R10
	MOVQ  quads+32(FP), R11
	MOVQ  k+40(FP), R13
	MOVQ  turns+48(FP), R12
	SHLQ  $5, R12
	VPXOR Y8, Y8, Y8
	XORQ  SI, SI

begin:
	VMOVDQU (R8)(SI*1), Y10
	DPBUSD(10, 15, 8)
	ADDQ    $32, SI
	CMPQ    SI, R12
	JB      begin
	NEGATE(Y8)

quad:
	NEXT_ROWS
	VMOVDQA Y8, Y0
	VMOVDQA Y8, Y1
	VMOVDQA Y8, Y2
	VMOVDQA Y8, Y3
	XORQ    SI, SI

turn:
	VMOVDQU (R8)(SI*1), Y10
	VPXOR   (AX)(SI*1), Y15, Y4
	DPBUSD(10, 4, 0)
	VPXOR   (BX)(SI*1), Y15, Y5
	DPBUSD(10, 5, 1)
	VPXOR   (CX)(SI*1), Y15, Y6
	DPBUSD(10, 6, 2)
	VPXOR   (DX)(SI*1), Y15, Y7
	DPBUSD(10, 7, 3)
	ADDQ    $32, SI
	CMPQ    SI, R12
	JB      turn

	FOLD(Y0, Y1, Y2, Y3)
	VEXTRACTI128 $1, Y0, X1
	VPADDD       X1, X0, X0
	VMOVDQU      X0, (DI)
	ADDQ         $16, DI
	DECQ         R11
	JNZ          quad
	VZEROUPPER
	RET
