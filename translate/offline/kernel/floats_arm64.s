#include "textflag.h"

// The work in float32 with NEON, four numbers at a time, in the order of floats_portable.go and without fused operations, so that the
// results are the same. The assembler lacks vector operations on floats, so their words are written out; numbers are those of V
// registers: destination d = n op m. Constants are those that the Go code explains.

#define FADD(m, n, d)   WORD $(0x4E20D400 | (m) << 16 | (n) << 5 | (d))
#define FSUB(m, n, d)   WORD $(0x4EA0D400 | (m) << 16 | (n) << 5 | (d))
#define FMUL(m, n, d)   WORD $(0x6E20DC00 | (m) << 16 | (n) << 5 | (d))
#define FDIV(m, n, d)   WORD $(0x6E20FC00 | (m) << 16 | (n) << 5 | (d))
#define FADDP(m, n, d)  WORD $(0x6E20D400 | (m) << 16 | (n) << 5 | (d)) // pairs of n, then pairs of m
#define FMAXNM(m, n, d) WORD $(0x4E20C400 | (m) << 16 | (n) << 5 | (d)) // the other where one is no number
#define FMINNM(m, n, d) WORD $(0x4EA0C400 | (m) << 16 | (n) << 5 | (d))
#define FCVTNS(n, d)    WORD $(0x4E21A800 | (n) << 5 | (d))             // to int32, halves to even
#define SCVTF(n, d)     WORD $(0x4E21D800 | (n) << 5 | (d))             // from int32

DATA limits<>+0(SB)/4, $-127.0
DATA limits<>+4(SB)/4, $127.0
GLOBL limits<>(SB), RODATA|NOPTR, $8
DATA epsilon<>+0(SB)/4, $1.0e-6
GLOBL epsilon<>(SB), RODATA|NOPTR, $4

// For EXP: the ends, log2(e), ln(2) in two parts, the polynomial from r^7 down, 1.5*2^23, and 1, whose bits are the exponent's bias.
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
DATA expOf<>+44(SB)/4, $0x4B400000
DATA expOf<>+48(SB)/4, $1.0
GLOBL expOf<>(SB), RODATA|NOPTR, $52

// CONSTANTS fills V4 to V16 for EXP, and uses R8.
#define CONSTANTS \
	MOVD    $expOf<>(SB), R8; \
	VLD1R.P 4(R8), [V4.S4]; \
	VLD1R.P 4(R8), [V5.S4]; \
	VLD1R.P 4(R8), [V6.S4]; \
	VLD1R.P 4(R8), [V7.S4]; \
	VLD1R.P 4(R8), [V8.S4]; \
	VLD1R.P 4(R8), [V9.S4]; \
	VLD1R.P 4(R8), [V10.S4]; \
	VLD1R.P 4(R8), [V11.S4]; \
	VLD1R.P 4(R8), [V12.S4]; \
	VLD1R.P 4(R8), [V13.S4]; \
	VLD1R.P 4(R8), [V14.S4]; \
	VLD1R.P 4(R8), [V15.S4]; \
	VLD1R   (R8), [V16.S4]

// EXP replaces V0 by its exponential and uses V1 to V3: V2 becomes 2^n, V0 the rest r, V1 the polynomial.
#define EXP \
	FMAXNM(4, 0, 0); \
	FMINNM(5, 0, 0); \
	FMUL(6, 0, 1); \
	FADD(15, 1, 1); \
	VSHL $23, V1.S4, V2.S4; \
	VADD V16.S4, V2.S4, V2.S4; \
	FSUB(15, 1, 1); \
	FMUL(7, 1, 3); \
	FSUB(3, 0, 0); \
	FMUL(8, 1, 3); \
	FSUB(3, 0, 0); \
	FMUL(9, 0, 1); \
	FADD(10, 1, 1); \
	FMUL(0, 1, 1); \
	FADD(11, 1, 1); \
	FMUL(0, 1, 1); \
	FADD(12, 1, 1); \
	FMUL(0, 1, 1); \
	FADD(13, 1, 1); \
	FMUL(0, 1, 1); \
	FADD(14, 1, 1); \
	FMUL(0, 1, 1); \
	FMUL(0, 1, 1); \
	FADD(0, 1, 1); \
	FADD(16, 1, 1); \
	FMUL(2, 1, 0)

// SUM leaves in all of V0 the sum of V0 and V1, added in pairs.
#define SUM \
	FADDP(1, 0, 0); \
	FADDP(0, 0, 0); \
	FADDP(0, 0, 0)

// func quantiseNEON(out *int8, x *float32, n int, by float32)
TEXT ·quantiseNEON(SB), NOSPLIT, $0-28
	MOVD    out+0(FP), R0
	MOVD    x+8(FP), R1
	MOVD    n+16(FP), R2
	FMOVS   by+24(FP), F4
	VDUP    V4.S[0], V4.S4
	MOVD    $limits<>(SB), R8
	VLD1R.P 4(R8), [V5.S4]
	VLD1R   (R8), [V6.S4]

sixteen:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FMUL(4, 0, 0)
	FMUL(4, 1, 1)
	FMUL(4, 2, 2)
	FMUL(4, 3, 3)
	FMAXNM(5, 0, 0)                 // the lowest too where it is no number
	FMAXNM(5, 1, 1)
	FMAXNM(5, 2, 2)
	FMAXNM(5, 3, 3)
	FMINNM(6, 0, 0)
	FMINNM(6, 1, 1)
	FMINNM(6, 2, 2)
	FMINNM(6, 3, 3)
	FCVTNS(0, 0)
	FCVTNS(1, 1)
	FCVTNS(2, 2)
	FCVTNS(3, 3)
	VUZP1  V1.H8, V0.H8, V0.H8      // the lower halves of each
	VUZP1  V3.H8, V2.H8, V2.H8
	VUZP1  V2.B16, V0.B16, V0.B16
	VST1.P [V0.B16], 16(R0)
	SUBS   $16, R2, R2
	BNE    sixteen
	RET

// func dequantiseNEON(out *float32, sums *int32, bias *float32, n int, by, least float32)
TEXT ·dequantiseNEON(SB), NOSPLIT, $0-40
	MOVD  out+0(FP), R0
	MOVD  sums+8(FP), R1
	MOVD  bias+16(FP), R2
	MOVD  n+24(FP), R3
	FMOVS by+32(FP), F4
	FMOVS least+36(FP), F5
	VDUP  V4.S[0], V4.S4
	VDUP  V5.S[0], V5.S4

eight:
	VLD1.P 32(R1), [V0.S4, V1.S4]
	VLD1.P 32(R2), [V2.S4, V3.S4]
	SCVTF(0, 0)
	SCVTF(1, 1)
	FMUL(4, 0, 0)
	FMUL(4, 1, 1)
	FADD(2, 0, 0)
	FADD(3, 1, 1)
	FMAXNM(5, 0, 0)
	FMAXNM(5, 1, 1)
	VST1.P [V0.S4, V1.S4], 32(R0)
	SUBS   $8, R3, R3
	BNE    eight
	RET

// func scoresNEON(out, query, keys *float32, quads, n, stride int, by float32)
//
//	R0  out     R1  query     R2  the next keys     R3  quads to do     R4  n     R5  bytes between keys
//	R9-R12      four keys     R6  query's values    R8  values to do
//	V16-V23     sums, two for each key
TEXT ·scoresNEON(SB), NOSPLIT, $0-52
	MOVD  out+0(FP), R0
	MOVD  query+8(FP), R1
	MOVD  keys+16(FP), R2
	MOVD  quads+24(FP), R3
	MOVD  n+32(FP), R4
	MOVD  stride+40(FP), R5
	FMOVS by+48(FP), F30
	VDUP  V30.S[0], V30.S4
	LSL   $2, R5, R5

quad:
	MOVD R2, R9
	ADD  R5, R9, R10
	ADD  R5, R10, R11
	ADD  R5, R11, R12
	ADD  R5, R12, R2
	MOVD R1, R6
	MOVD R4, R8
	VEOR V16.B16, V16.B16, V16.B16
	VEOR V17.B16, V17.B16, V17.B16
	VEOR V18.B16, V18.B16, V18.B16
	VEOR V19.B16, V19.B16, V19.B16
	VEOR V20.B16, V20.B16, V20.B16
	VEOR V21.B16, V21.B16, V21.B16
	VEOR V22.B16, V22.B16, V22.B16
	VEOR V23.B16, V23.B16, V23.B16

eight:
	VLD1.P 32(R6), [V0.S4, V1.S4]
	VLD1.P 32(R9), [V2.S4, V3.S4]
	VLD1.P 32(R10), [V4.S4, V5.S4]
	VLD1.P 32(R11), [V6.S4, V7.S4]
	VLD1.P 32(R12), [V8.S4, V9.S4]
	FMUL(0, 2, 2)
	FMUL(1, 3, 3)
	FMUL(0, 4, 4)
	FMUL(1, 5, 5)
	FMUL(0, 6, 6)
	FMUL(1, 7, 7)
	FMUL(0, 8, 8)
	FMUL(1, 9, 9)
	FADD(2, 16, 16)
	FADD(3, 17, 17)
	FADD(4, 18, 18)
	FADD(5, 19, 19)
	FADD(6, 20, 20)
	FADD(7, 21, 21)
	FADD(8, 22, 22)
	FADD(9, 23, 23)
	SUBS   $8, R8, R8
	BNE    eight

	FADDP(17, 16, 16)
	FADDP(19, 18, 18)
	FADDP(21, 20, 20)
	FADDP(23, 22, 22)
	FADDP(18, 16, 16)
	FADDP(22, 20, 20)
	FADDP(20, 16, 16)
	FMUL(30, 16, 16)
	VST1.P [V16.S4], 16(R0)
	SUB    $1, R3, R3
	CBNZ   R3, quad
	RET

// func mixNEON(out, weights, values *float32, rows, n, stride int)
//
//	R6 R7 R8  the weight, the values and the rows to do for 16 results, in V0 to V3
TEXT ·mixNEON(SB), NOSPLIT, $0-48
	MOVD out+0(FP), R0
	MOVD weights+8(FP), R1
	MOVD values+16(FP), R2
	MOVD rows+24(FP), R3
	MOVD n+32(FP), R4
	MOVD stride+40(FP), R5
	LSL  $2, R5, R5

sixteen:
	VEOR V0.B16, V0.B16, V0.B16
	VEOR V1.B16, V1.B16, V1.B16
	VEOR V2.B16, V2.B16, V2.B16
	VEOR V3.B16, V3.B16, V3.B16
	MOVD R1, R6
	MOVD R2, R7
	MOVD R3, R8

row:
	VLD1R.P 4(R6), [V8.S4]
	VLD1    (R7), [V4.S4, V5.S4, V6.S4, V7.S4]
	ADD     R5, R7, R7
	FMUL(8, 4, 4)
	FMUL(8, 5, 5)
	FMUL(8, 6, 6)
	FMUL(8, 7, 7)
	FADD(4, 0, 0)
	FADD(5, 1, 1)
	FADD(6, 2, 2)
	FADD(7, 3, 3)
	SUB     $1, R8, R8
	CBNZ    R8, row

	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	ADD    $64, R2, R2
	SUBS   $16, R4, R4
	BNE    sixteen
	RET

// func expNEON(x *float32, n int, less float32)
TEXT ·expNEON(SB), NOSPLIT, $0-20
	MOVD  x+0(FP), R0
	MOVD  n+8(FP), R1
	FMOVS less+16(FP), F17
	VDUP  V17.S[0], V17.S4
	CONSTANTS

four:
	VLD1   (R0), [V0.S4]
	FSUB(17, 0, 0)
	EXP
	VST1.P [V0.S4], 16(R0)
	SUBS   $4, R1, R1
	BNE    four
	RET

// func gateNEON(cell, gate, fresh *float32, n int)
TEXT ·gateNEON(SB), NOSPLIT, $0-32
	MOVD cell+0(FP), R0
	MOVD gate+8(FP), R1
	MOVD fresh+16(FP), R2
	MOVD n+24(FP), R3
	CONSTANTS
	MOVD $0x80000000, R8
	VDUP R8, V17.S4

four:
	VLD1.P 16(R1), [V0.S4]
	VEOR   V17.B16, V0.B16, V0.B16
	EXP
	FADD(16, 0, 0)
	FDIV(0, 16, 0)                 // g
	FSUB(0, 16, 1)                 // 1-g
	VLD1   (R0), [V2.S4]
	VLD1.P 16(R2), [V3.S4]
	FMUL(0, 2, 2)
	FMUL(1, 3, 3)
	FADD(3, 2, 2)
	VST1.P [V2.S4], 16(R0)
	SUBS   $4, R3, R3
	BNE    four
	RET

// func addNormNEON(x, y, scale, bias *float32, n int)
//
//	R0  x     R5  x from its beginning     R6  values to do     F31  n as a float
TEXT ·addNormNEON(SB), NOSPLIT, $0-40
	MOVD   x+0(FP), R0
	MOVD   y+8(FP), R1
	MOVD   scale+16(FP), R2
	MOVD   bias+24(FP), R3
	MOVD   n+32(FP), R4
	SCVTFS R4, F31
	VEOR   V0.B16, V0.B16, V0.B16
	VEOR   V1.B16, V1.B16, V1.B16
	MOVD   R0, R5
	MOVD   R4, R6

add:
	VLD1   (R5), [V2.S4, V3.S4]
	VLD1.P 32(R1), [V4.S4, V5.S4]
	FADD(4, 2, 2)
	FADD(5, 3, 3)
	FADD(2, 0, 0)
	FADD(3, 1, 1)
	VST1.P [V2.S4, V3.S4], 32(R5)
	SUBS   $8, R6, R6
	BNE    add

	SUM
	FDIVS F31, F0, F6
	VDUP  V6.S[0], V6.S4           // mean
	VEOR  V0.B16, V0.B16, V0.B16
	VEOR  V1.B16, V1.B16, V1.B16
	MOVD  R0, R5
	MOVD  R4, R6

square:
	VLD1   (R5), [V2.S4, V3.S4]
	FSUB(6, 2, 2)
	FSUB(6, 3, 3)
	VST1.P [V2.S4, V3.S4], 32(R5)
	FMUL(2, 2, 2)
	FMUL(3, 3, 3)
	FADD(2, 0, 0)
	FADD(3, 1, 1)
	SUBS   $8, R6, R6
	BNE    square

	SUM
	FDIVS  F31, F0, F0
	MOVD   $epsilon<>(SB), R8
	FMOVS  (R8), F1
	FADDS  F1, F0, F0
	FSQRTS F0, F0
	FMOVS  $1.0, F1
	FDIVS  F0, F1, F6
	VDUP   V6.S[0], V6.S4          // 1/deviation

scaled:
	VLD1   (R0), [V0.S4, V1.S4]
	VLD1.P 32(R2), [V2.S4, V3.S4]
	VLD1.P 32(R3), [V4.S4, V5.S4]
	FMUL(6, 0, 0)
	FMUL(6, 1, 1)
	FMUL(2, 0, 0)
	FMUL(3, 1, 1)
	FADD(4, 0, 0)
	FADD(5, 1, 1)
	VST1.P [V0.S4, V1.S4], 32(R0)
	SUBS   $8, R4, R4
	BNE    scaled
	RET
