// What panels and rows have in common on arm64, whatever multiplies: 16 values of k at a time.
//
//	R0        out                        R1        a              R2        b, then the next rows of it
//	R3        idx of a row               R4        quads to do    R5        bytes between rows of out
//	R6        k, the bytes between rows  R7        turns          R8        turns to do
//	R9-R12    the rows of a              R13-R16   the four rows of b
//	V0-V3     values of a                V4-V7     values of b
//	V8-V15    free for products          V16-V31   sums, of row i of a and j of b at 16+4*i+j

// ROWS points R13 to R16 at the next four rows of b.
#define ROWS \
	MOVD R2, R13; \
	ADD  R6, R13, R14; \
	ADD  R6, R14, R15; \
	ADD  R6, R15, R16; \
	ADD  R6, R16, R2

// NAMED points R at the row of b that the next idx names.
#define NAMED(R) \
	MOVW.P 4(R3), R; \
	MUL    R6, R, R; \
	ADD    R2, R, R

// ZERO makes four sums zero.
#define ZERO(v0, v1, v2, v3) \
	VEOR v0.B16, v0.B16, v0.B16; \
	VEOR v1.B16, v1.B16, v1.B16; \
	VEOR v2.B16, v2.B16, v2.B16; \
	VEOR v3.B16, v3.B16, v3.B16

// FOLD leaves in v0 the sums of v0, v1, v2 and v3.
#define FOLD(v0, v1, v2, v3) \
	VADDP v1.S4, v0.S4, v0.S4; \
	VADDP v3.S4, v2.S4, v2.S4; \
	VADDP v2.S4, v0.S4, v0.S4

// PANEL is the body of a panel. MUL4(b, s0, s1, s2, s3) adds the products of V(b) and V0 to V3 to the lanes of V(s0) to V(s3).
#define PANEL(MUL4) \
	MOVD out+0(FP), R0; \
	MOVD a+8(FP), R1; \
	MOVD b+16(FP), R2; \
	MOVD quads+24(FP), R4; \
	MOVD n+32(FP), R5; \
	MOVD k+40(FP), R6; \
	MOVD turns+48(FP), R7; \
	LSL  $2, R5, R5; \
quad: \
	MOVD R1, R9; \
	ADD  R6, R9, R10; \
	ADD  R6, R10, R11; \
	ADD  R6, R11, R12; \
	ROWS; \
	ZERO(V16, V17, V18, V19); \
	ZERO(V20, V21, V22, V23); \
	ZERO(V24, V25, V26, V27); \
	ZERO(V28, V29, V30, V31); \
	MOVD R7, R8; \
turn: \
	VLD1.P 16(R9), [V0.B16]; \
	VLD1.P 16(R10), [V1.B16]; \
	VLD1.P 16(R11), [V2.B16]; \
	VLD1.P 16(R12), [V3.B16]; \
	VLD1.P 16(R13), [V4.B16]; \
	VLD1.P 16(R14), [V5.B16]; \
	VLD1.P 16(R15), [V6.B16]; \
	VLD1.P 16(R16), [V7.B16]; \
	MUL4(4, 16, 20, 24, 28); \
	MUL4(5, 17, 21, 25, 29); \
	MUL4(6, 18, 22, 26, 30); \
	MUL4(7, 19, 23, 27, 31); \
	SUB  $1, R8, R8; \
	CBNZ R8, turn; \
	FOLD(V16, V17, V18, V19); \
	FOLD(V20, V21, V22, V23); \
	FOLD(V24, V25, V26, V27); \
	FOLD(V28, V29, V30, V31); \
	ADD  R5, R0, R9; \
	ADD  R5, R9, R10; \
	ADD  R5, R10, R11; \
	VST1 [V16.S4], (R0); \
	VST1 [V20.S4], (R9); \
	VST1 [V24.S4], (R10); \
	VST1 [V28.S4], (R11); \
	ADD  $16, R0, R0; \
	SUB  $1, R4, R4; \
	CBNZ R4, quad; \
	RET

// ROW is the body of a row. MUL1(a, b, s) adds the products of V(a) and V(b) to the lanes of V(s).
#define ROW(MUL1) \
	MOVD out+0(FP), R0; \
	MOVD a+8(FP), R1; \
	MOVD b+16(FP), R2; \
	MOVD idx+24(FP), R3; \
	MOVD quads+32(FP), R4; \
	MOVD k+40(FP), R6; \
	MOVD turns+48(FP), R7; \
quad: \
	CBZ  R3, next; \
	NAMED(R13); \
	NAMED(R14); \
	NAMED(R15); \
	NAMED(R16); \
	B    sums; \
next: \
	ROWS; \
sums: \
	ZERO(V16, V17, V18, V19); \
	MOVD R1, R9; \
	MOVD R7, R8; \
turn: \
	VLD1.P 16(R9), [V0.B16]; \
	VLD1.P 16(R13), [V4.B16]; \
	VLD1.P 16(R14), [V5.B16]; \
	VLD1.P 16(R15), [V6.B16]; \
	VLD1.P 16(R16), [V7.B16]; \
	MUL1(0, 4, 16); \
	MUL1(0, 5, 17); \
	MUL1(0, 6, 18); \
	MUL1(0, 7, 19); \
	SUB  $1, R8, R8; \
	CBNZ R8, turn; \
	FOLD(V16, V17, V18, V19); \
	VST1.P [V16.S4], 16(R0); \
	SUB  $1, R4, R4; \
	CBNZ R4, quad; \
	RET
