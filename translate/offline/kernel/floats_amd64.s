#include "textflag.h"

// The work in float32 with AVX2, eight numbers at a time, in the order of floats_portable.go and without fused operations, so that the
// results are the same. Numbers of constants are those that the Go code explains.

DATA round<>+0(SB)/4, $0x4B400000 // 1.5*2^23
GLOBL round<>(SB), RODATA|NOPTR, $4
DATA lowest<>+0(SB)/4, $-127.0
GLOBL lowest<>(SB), RODATA|NOPTR, $4
DATA highest<>+0(SB)/4, $127.0
GLOBL highest<>(SB), RODATA|NOPTR, $4
DATA one<>+0(SB)/4, $1.0
GLOBL one<>(SB), RODATA|NOPTR, $4
DATA sign<>+0(SB)/4, $0x80000000
GLOBL sign<>(SB), RODATA|NOPTR, $4
DATA epsilon<>+0(SB)/4, $1.0e-6
GLOBL epsilon<>(SB), RODATA|NOPTR, $4

// For EXP: the ends, log2(e), ln(2) in two parts, the polynomial from r^7 down, and the exponent's bias.
DATA expOf<>+0(SB)/4, $-87.33654
DATA expOf<>+4(SB)/4, $88.37626
DATA expOf<>+8(SB)/4, $1.44269504088896341
DATA expOf<>+12(SB)/4, $0.693359375
DATA expOf<>+16(SB)/4, $-2.12194440e-4
DATA expOf<>+20(SB)/4, $1.9875691500e-4
DATA expOf<>+24(SB)/4, $1.3981999507e-3
DATA expOf<>+28(SB)/4, $8.3334519073e-3
DATA expOf<>+32(SB)/4, $4.1665795894e-2
DATA expOf<>+36(SB)/4, $1.6666665459e-1
DATA expOf<>+40(SB)/4, $5.0000001201e-1
DATA expOf<>+44(SB)/4, $0x3F800000 // 127<<23, which is 1.0 too
GLOBL expOf<>(SB), RODATA|NOPTR, $48

// CONSTANTS fills Y4 to Y15 for EXP.
#define CONSTANTS \
	VBROADCASTSS expOf<>+0(SB), Y4; \
	VBROADCASTSS expOf<>+4(SB), Y5; \
	VBROADCASTSS expOf<>+8(SB), Y6; \
	VBROADCASTSS expOf<>+12(SB), Y7; \
	VBROADCASTSS expOf<>+16(SB), Y8; \
	VBROADCASTSS expOf<>+20(SB), Y9; \
	VBROADCASTSS expOf<>+24(SB), Y10; \
	VBROADCASTSS expOf<>+28(SB), Y11; \
	VBROADCASTSS expOf<>+32(SB), Y12; \
	VBROADCASTSS expOf<>+36(SB), Y13; \
	VBROADCASTSS expOf<>+40(SB), Y14; \
	VBROADCASTSS round<>(SB), Y15

// EXP replaces Y0 by its exponential and uses Y1 to Y3: Y2 becomes 2^n, Y0 the rest r, Y1 the polynomial. VMAXPS gives its first operand
// here where Y0 is no number.
#define EXP \
	VMAXPS       Y4, Y0, Y0; \
	VMINPS       Y5, Y0, Y0; \
	VMULPS       Y6, Y0, Y1; \
	VADDPS       Y15, Y1, Y1; \
	VPSLLD       $23, Y1, Y2; \
	VBROADCASTSS expOf<>+44(SB), Y3; \
	VPADDD       Y3, Y2, Y2; \
	VSUBPS       Y15, Y1, Y1; \
	VMULPS       Y7, Y1, Y3; \
	VSUBPS       Y3, Y0, Y0; \
	VMULPS       Y8, Y1, Y3; \
	VSUBPS       Y3, Y0, Y0; \
	VMULPS       Y9, Y0, Y1; \
	VADDPS       Y10, Y1, Y1; \
	VMULPS       Y0, Y1, Y1; \
	VADDPS       Y11, Y1, Y1; \
	VMULPS       Y0, Y1, Y1; \
	VADDPS       Y12, Y1, Y1; \
	VMULPS       Y0, Y1, Y1; \
	VADDPS       Y13, Y1, Y1; \
	VMULPS       Y0, Y1, Y1; \
	VADDPS       Y14, Y1, Y1; \
	VMULPS       Y0, Y1, Y1; \
	VMULPS       Y0, Y1, Y1; \
	VADDPS       Y0, Y1, Y1; \
	VBROADCASTSS one<>(SB), Y3; \
	VADDPS       Y3, Y1, Y1; \
	VMULPS       Y2, Y1, Y0

// SUM leaves the sum of Y0 in the lowest lane, added as eight.sum does, and uses X1.
#define SUM \
	VHADDPS      Y0, Y0, Y0; \
	VHADDPS      Y0, Y0, Y0; \
	VEXTRACTF128 $1, Y0, X1; \
	VADDPS       X1, X0, X0

// func quantiseAVX2(out *int8, x *float32, n int, by float32)
TEXT ·quantiseAVX2(SB), NOSPLIT, $0-28
	MOVQ         out+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         n+16(FP), CX
	VBROADCASTSS by+24(FP), Y4
	VBROADCASTSS lowest<>(SB), Y5
	VBROADCASTSS highest<>(SB), Y6

sixteen:
	VMULPS       (SI), Y4, Y0
	VMULPS       32(SI), Y4, Y1
	VMAXPS       Y5, Y0, Y0     // the lowest too where it is no number
	VMAXPS       Y5, Y1, Y1
	VMINPS       Y6, Y0, Y0
	VMINPS       Y6, Y1, Y1
	VCVTPS2DQ    Y0, Y0         // halves to even
	VCVTPS2DQ    Y1, Y1
	VPACKSSDW    Y1, Y0, Y0     // 0-3 8-11, 4-7 12-15
	VPERMQ       $0xD8, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPACKSSWB    X1, X0, X0
	VMOVDQU      X0, (DI)
	ADDQ         $64, SI
	ADDQ         $16, DI
	SUBQ         $16, CX
	JNZ          sixteen
	VZEROUPPER
	RET

// func dequantiseAVX2(out *float32, sums *int32, bias *float32, n int, by, least float32)
TEXT ·dequantiseAVX2(SB), NOSPLIT, $0-40
	MOVQ         out+0(FP), DI
	MOVQ         sums+8(FP), SI
	MOVQ         bias+16(FP), DX
	MOVQ         n+24(FP), CX
	VBROADCASTSS by+32(FP), Y4
	VBROADCASTSS least+36(FP), Y5

eight:
	VCVTDQ2PS (SI), Y0
	VMULPS    Y4, Y0, Y0
	VADDPS    (DX), Y0, Y0
	VMAXPS    Y5, Y0, Y0
	VMOVUPS   Y0, (DI)
	ADDQ      $32, SI
	ADDQ      $32, DX
	ADDQ      $32, DI
	SUBQ      $8, CX
	JNZ       eight
	VZEROUPPER
	RET

// func scoresAVX2(out, query, keys *float32, quads, n, stride int, by float32)
//
//	AX BX DX R8  four keys     R9  query     SI  offset into them, which ends at CX
TEXT ·scoresAVX2(SB), NOSPLIT, $0-52
	MOVQ         out+0(FP), DI
	MOVQ         query+8(FP), R9
	MOVQ         keys+16(FP), AX
	MOVQ         quads+24(FP), R10
	MOVQ         n+32(FP), CX
	MOVQ         stride+40(FP), R11
	VBROADCASTSS by+48(FP), X15
	SHLQ         $2, CX
	SHLQ         $2, R11

quad:
	LEAQ   (AX)(R11*1), BX
	LEAQ   (BX)(R11*1), DX
	LEAQ   (DX)(R11*1), R8
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	XORQ   SI, SI

eight:
	VMOVUPS (R9)(SI*1), Y8
	VMULPS  (AX)(SI*1), Y8, Y4
	VMULPS  (BX)(SI*1), Y8, Y5
	VMULPS  (DX)(SI*1), Y8, Y6
	VMULPS  (R8)(SI*1), Y8, Y7
	VADDPS  Y4, Y0, Y0
	VADDPS  Y5, Y1, Y1
	VADDPS  Y6, Y2, Y2
	VADDPS  Y7, Y3, Y3
	ADDQ    $32, SI
	CMPQ    SI, CX
	JB      eight

	VHADDPS      Y1, Y0, Y0
	VHADDPS      Y3, Y2, Y2
	VHADDPS      Y2, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VADDPS       X1, X0, X0
	VMULPS       X15, X0, X0
	VMOVUPS      X0, (DI)
	ADDQ         $16, DI
	LEAQ         (R8)(R11*1), AX
	DECQ         R10
	JNZ          quad
	VZEROUPPER
	RET

// func mixAVX2(out, weights, values *float32, rows, n, stride int)
//
//	R8 R9 R10  the weight, the values and the rows to do for 16 results
TEXT ·mixAVX2(SB), NOSPLIT, $0-48
	MOVQ out+0(FP), DI
	MOVQ weights+8(FP), SI
	MOVQ values+16(FP), DX
	MOVQ rows+24(FP), BX
	MOVQ n+32(FP), CX
	MOVQ stride+40(FP), R11
	SHLQ $2, R11

sixteen:
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	MOVQ   SI, R8
	MOVQ   DX, R9
	MOVQ   BX, R10

row:
	VBROADCASTSS (R8), Y4
	VMULPS       (R9), Y4, Y2
	VMULPS       32(R9), Y4, Y3
	VADDPS       Y2, Y0, Y0
	VADDPS       Y3, Y1, Y1
	ADDQ         $4, R8
	ADDQ         R11, R9
	DECQ         R10
	JNZ          row

	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	ADDQ    $64, DI
	ADDQ    $64, DX
	SUBQ    $16, CX
	JNZ     sixteen
	VZEROUPPER
	RET

// func expAVX2(x *float32, n int, less float32)
TEXT ·expAVX2(SB), NOSPLIT, $0-20
	MOVQ x+0(FP), DI
	MOVQ n+8(FP), CX
	CONSTANTS

eight:
	VBROADCASTSS less+16(FP), Y1
	VMOVUPS      (DI), Y0
	VSUBPS       Y1, Y0, Y0
	EXP
	VMOVUPS      Y0, (DI)
	ADDQ         $32, DI
	SUBQ         $8, CX
	JNZ          eight
	VZEROUPPER
	RET

// func gateAVX2(cell, gate, fresh *float32, n int)
TEXT ·gateAVX2(SB), NOSPLIT, $0-32
	MOVQ cell+0(FP), DI
	MOVQ gate+8(FP), SI
	MOVQ fresh+16(FP), DX
	MOVQ n+24(FP), CX
	CONSTANTS

eight:
	VBROADCASTSS sign<>(SB), Y1
	VXORPS       (SI), Y1, Y0
	EXP
	VBROADCASTSS one<>(SB), Y1
	VADDPS       Y1, Y0, Y0
	VDIVPS       Y0, Y1, Y0     // g
	VSUBPS       Y0, Y1, Y1     // 1-g
	VMULPS       (DI), Y0, Y0
	VMULPS       (DX), Y1, Y1
	VADDPS       Y1, Y0, Y0
	VMOVUPS      Y0, (DI)
	ADDQ         $32, DI
	ADDQ         $32, SI
	ADDQ         $32, DX
	SUBQ         $8, CX
	JNZ          eight
	VZEROUPPER
	RET

// func addNormAVX2(x, y, scale, bias *float32, n int)
//
//	DI  x     SI  offset, which ends at CX     X15  n as a float
TEXT ·addNormAVX2(SB), NOSPLIT, $0-40
	MOVQ      x+0(FP), DI
	MOVQ      y+8(FP), AX
	MOVQ      scale+16(FP), BX
	MOVQ      bias+24(FP), DX
	MOVQ      n+32(FP), CX
	VXORPS    X15, X15, X15
	VCVTSI2SSQ CX, X15, X15
	SHLQ      $2, CX
	VXORPS    Y0, Y0, Y0
	XORQ      SI, SI

add:
	VMOVUPS (DI)(SI*1), Y2
	VADDPS  (AX)(SI*1), Y2, Y2
	VMOVUPS Y2, (DI)(SI*1)
	VADDPS  Y2, Y0, Y0
	ADDQ    $32, SI
	CMPQ    SI, CX
	JB      add

	SUM
	VDIVSS       X15, X0, X0
	VBROADCASTSS X0, Y3      // mean
	VXORPS       Y0, Y0, Y0
	XORQ         SI, SI

square:
	VMOVUPS (DI)(SI*1), Y2
	VSUBPS  Y3, Y2, Y2
	VMOVUPS Y2, (DI)(SI*1)
	VMULPS  Y2, Y2, Y2
	VADDPS  Y2, Y0, Y0
	ADDQ    $32, SI
	CMPQ    SI, CX
	JB      square

	SUM
	VDIVSS       X15, X0, X0
	VADDSS       epsilon<>(SB), X0, X0
	VSQRTSS      X0, X0, X0
	VMOVSS       one<>(SB), X1
	VDIVSS       X0, X1, X0
	VBROADCASTSS X0, Y3           // 1/deviation
	XORQ         SI, SI

scaled:
	VMULPS  (DI)(SI*1), Y3, Y2
	VMULPS  (BX)(SI*1), Y2, Y2
	VADDPS  (DX)(SI*1), Y2, Y2
	VMOVUPS Y2, (DI)(SI*1)
	ADDQ    $32, SI
	CMPQ    SI, CX
	JB      scaled
	VZEROUPPER
	RET
