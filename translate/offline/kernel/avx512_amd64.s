#include "textflag.h"
#include "rows_amd64.h"

// Sums of products with AVX512-VNNI, 64 values of k at a time.
//
// VPDPBUSD multiplies unsigned by signed bytes and adds four products to each 32-bit lane, without saturation. Rows of b are made
// unsigned by flipping their top bits, which adds 128 to each value; sums begin at -128 times the sum of a's row to make up for it.
//
//	AX BX CX DX    the four rows of b in turn      R8 R9 R10 R11  the rows of a
//	SI             offset into the rows            R12            where it ends: 64 * turns
//	DI             out                             R13            k, the bytes between rows
//	Z0-Z15         sums, Zij at 4*i+j              Z16-Z19        what the sums of each row of a begin at
//	Z20            flipped values of b             Z24-Z27        values of a
//	Z31            128 in every byte

// FLIP fills Z31.
#define FLIP \
	MOVL         $0x80808080, AX; \
	VPBROADCASTD AX, Z31

// BEGIN adds a's part of what sums begin at, 128 times the sum of a, to z.
#define BEGIN(a, z) \
	VMOVDQU32 (a)(SI*1), Z20; \
	VPDPBUSD  Z20, Z31, z

// NEGATE makes z its negative.
#define NEGATE(z) \
	VPXORD Z20, Z20, Z20; \
	VPSUBD z, Z20, z

// FOLD leaves in each 128 bits of z0 the sums of z0, z1, z2 and z3 over that part.
#define FOLD(z0, z1, z2, z3) \
	VPUNPCKLDQ  z1, z0, Z20; \
	VPUNPCKHDQ  z1, z0, Z21; \
	VPADDD      Z21, Z20, Z20; \
	VPUNPCKLDQ  z3, z2, Z22; \
	VPUNPCKHDQ  z3, z2, Z23; \
	VPADDD      Z23, Z22, Z22; \
	VPUNPCKLQDQ Z22, Z20, z0; \
	VPUNPCKHQDQ Z22, Z20, Z21; \
	VPADDD      Z21, z0, z0

// QUAD multiplies the values of one row of b with those of four rows of a.
#define QUAD(b, z0, z1, z2, z3) \
	VPXORD   (b)(SI*1), Z31, Z20; \
	VPDPBUSD Z24, Z20, z0; \
	VPDPBUSD Z25, Z20, z1; \
	VPDPBUSD Z26, Z20, z2; \
	VPDPBUSD Z27, Z20, z3

// func panelAVX512(out *int32, a, b *int8, quads, n, k, turns int)
TEXT ·panelAVX512(SB), NOSPLIT, $0-56
	FLIP
	MOVQ out+0(FP), DI
	MOVQ a+8(FP), R8
	MOVQ b+16(FP), AX
	MOVQ k+40(FP), R13
	MOVQ turns+48(FP), R12
	SHLQ $6, R12
	LEAQ (R8)(R13*1), R9
	LEAQ (R9)(R13*1), R10
	LEAQ (R10)(R13*1), R11

	VPXORD Z16, Z16, Z16
	VPXORD Z17, Z17, Z17
	VPXORD Z18, Z18, Z18
	VPXORD Z19, Z19, Z19
	XORQ   SI, SI

begin:
	BEGIN(R8, Z16)
	BEGIN(R9, Z17)
	BEGIN(R10, Z18)
	BEGIN(R11, Z19)
	ADDQ $64, SI
	CMPQ SI, R12
	JB   begin
	NEGATE(Z16)
	NEGATE(Z17)
	NEGATE(Z18)
	NEGATE(Z19)

quad:
	LEAQ      (AX)(R13*1), BX
	LEAQ      (BX)(R13*1), CX
	LEAQ      (CX)(R13*1), DX
	VMOVDQA32 Z16, Z0
	VMOVDQA32 Z16, Z1
	VMOVDQA32 Z16, Z2
	VMOVDQA32 Z16, Z3
	VMOVDQA32 Z17, Z4
	VMOVDQA32 Z17, Z5
	VMOVDQA32 Z17, Z6
	VMOVDQA32 Z17, Z7
	VMOVDQA32 Z18, Z8
	VMOVDQA32 Z18, Z9
	VMOVDQA32 Z18, Z10
	VMOVDQA32 Z18, Z11
	VMOVDQA32 Z19, Z12
	VMOVDQA32 Z19, Z13
	VMOVDQA32 Z19, Z14
	VMOVDQA32 Z19, Z15
	XORQ      SI, SI

turn:
	VMOVDQU32 (R8)(SI*1), Z24
	VMOVDQU32 (R9)(SI*1), Z25
	VMOVDQU32 (R10)(SI*1), Z26
	VMOVDQU32 (R11)(SI*1), Z27
	QUAD(AX, Z0, Z4, Z8, Z12)
	QUAD(BX, Z1, Z5, Z9, Z13)
	QUAD(CX, Z2, Z6, Z10, Z14)
	QUAD(DX, Z3, Z7, Z11, Z15)
	ADDQ $64, SI
	CMPQ SI, R12
	JB   turn

	// Four vectors of four parts each become one vector of the four rows: x and y are halves of a row's sum.
	FOLD(Z0, Z1, Z2, Z3)
	FOLD(Z4, Z5, Z6, Z7)
	FOLD(Z8, Z9, Z10, Z11)
	FOLD(Z12, Z13, Z14, Z15)
	VSHUFI32X4    $0x88, Z4, Z0, Z20   // parts 0 and 2 of row 0, then of row 1
	VSHUFI32X4    $0xDD, Z4, Z0, Z21   // parts 1 and 3
	VPADDD        Z21, Z20, Z20        // x0 y0 x1 y1
	VSHUFI32X4    $0x88, Z12, Z8, Z22
	VSHUFI32X4    $0xDD, Z12, Z8, Z23
	VPADDD        Z23, Z22, Z22        // x2 y2 x3 y3
	VSHUFI32X4    $0x88, Z22, Z20, Z21 // x0 x1 x2 x3
	VSHUFI32X4    $0xDD, Z22, Z20, Z23 // y0 y1 y2 y3
	VPADDD        Z23, Z21, Z0
	MOVQ          n+32(FP), SI
	SHLQ          $2, SI               // bytes between rows of out
	LEAQ          (SI)(SI*2), BX
	VMOVDQU       X0, (DI)
	VEXTRACTI32X4 $1, Z0, (DI)(SI*1)
	VEXTRACTI32X4 $2, Z0, (DI)(SI*2)
	VEXTRACTI32X4 $3, Z0, (DI)(BX*1)

	ADDQ $16, DI
	LEAQ (DX)(R13*1), AX
	DECQ quads+24(FP)
	JNZ  quad
	VZEROUPPER
	RET

// func rowAVX512(out *int32, a, b *int8, idx *int32, quads, k, turns int)
TEXT ·rowAVX512(SB), NOSPLIT, $0-56
	FLIP
	MOVQ   out+0(FP), DI
	MOVQ   a+8(FP), R8
	MOVQ   b+16(FP), R9
	MOVQ   idx+24(FP), R10
	MOVQ   quads+32(FP), R11
	MOVQ   k+40(FP), R13
	MOVQ   turns+48(FP), R12
	SHLQ   $6, R12
	VPXORD Z16, Z16, Z16
	XORQ   SI, SI

begin:
	BEGIN(R8, Z16)
	ADDQ $64, SI
	CMPQ SI, R12
	JB   begin
	NEGATE(Z16)

quad:
	NEXT_ROWS
	VMOVDQA32 Z16, Z0
	VMOVDQA32 Z16, Z1
	VMOVDQA32 Z16, Z2
	VMOVDQA32 Z16, Z3
	XORQ      SI, SI

turn:
	VMOVDQU32 (R8)(SI*1), Z24
	VPXORD    (AX)(SI*1), Z31, Z20
	VPDPBUSD  Z24, Z20, Z0
	VPXORD    (BX)(SI*1), Z31, Z21
	VPDPBUSD  Z24, Z21, Z1
	VPXORD    (CX)(SI*1), Z31, Z22
	VPDPBUSD  Z24, Z22, Z2
	VPXORD    (DX)(SI*1), Z31, Z23
	VPDPBUSD  Z24, Z23, Z3
	ADDQ      $64, SI
	CMPQ      SI, R12
	JB        turn

	FOLD(Z0, Z1, Z2, Z3)
	VEXTRACTI64X4 $1, Z0, Y1
	VPADDD        Y1, Y0, Y0
	VEXTRACTI128  $1, Y0, X1
	VPADDD        X1, X0, X0
	VMOVDQU       X0, (DI)
	ADDQ          $16, DI
	DECQ          R11
	JNZ           quad
	VZEROUPPER
	RET
