#include "textflag.h"
#include "neon_arm64.h"

// Sums of products on arm64. The assembler lacks the instructions that multiply bytes with their sign, so their words are written out;
// numbers are those of V registers: destination d, sources n and m.

// SDOT adds four products of signed bytes to each of four lanes.
#define SDOT(m, n, d) WORD $(0x4E809400 | (m) << 16 | (n) << 5 | (d))

// SMULL and SMULL2 make eight 16-bit products of the lower and the upper bytes. -128 * -128 fits, two of them added would not.
#define SMULL(m, n, d)  WORD $(0x0E20C000 | (m) << 16 | (n) << 5 | (d))
#define SMULL2(m, n, d) WORD $(0x4E20C000 | (m) << 16 | (n) << 5 | (d))

// SADALP adds pairs of 16-bit lanes to four lanes.
#define SADALP(n, d) WORD $(0x4E606800 | (n) << 5 | (d))

#define DOT4(b, s0, s1, s2, s3) \
	SDOT(b, 0, s0); \
	SDOT(b, 1, s1); \
	SDOT(b, 2, s2); \
	SDOT(b, 3, s3)

#define LONG1(a, b, s) \
	SMULL(b, a, 8); \
	SMULL2(b, a, 9); \
	SADALP(8, s); \
	SADALP(9, s)

#define LONG4(b, s0, s1, s2, s3) \
	SMULL(b, 0, 8); \
	SMULL(b, 1, 9); \
	SMULL(b, 2, 10); \
	SMULL(b, 3, 11); \
	SMULL2(b, 0, 12); \
	SMULL2(b, 1, 13); \
	SMULL2(b, 2, 14); \
	SMULL2(b, 3, 15); \
	SADALP(8, s0); \
	SADALP(9, s1); \
	SADALP(10, s2); \
	SADALP(11, s3); \
	SADALP(12, s0); \
	SADALP(13, s1); \
	SADALP(14, s2); \
	SADALP(15, s3)

// func panelDot(out *int32, a, b *int8, quads, n, k, turns int)
TEXT ·panelDot(SB), NOSPLIT, $0-56
	PANEL(DOT4)

// func rowDot(out *int32, a, b *int8, idx *int32, quads, k, turns int)
TEXT ·rowDot(SB), NOSPLIT, $0-56
	ROW(SDOT)

// func panelNEON(out *int32, a, b *int8, quads, n, k, turns int)
TEXT ·panelNEON(SB), NOSPLIT, $0-56
	PANEL(LONG4)

// func rowNEON(out *int32, a, b *int8, idx *int32, quads, k, turns int)
TEXT ·rowNEON(SB), NOSPLIT, $0-56
	ROW(LONG1)
