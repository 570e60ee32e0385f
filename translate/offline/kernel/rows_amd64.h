// NEXT_ROWS points AX, BX, CX and DX at the four rows of b that idx (R10) names next, or where idx is nil at the four from R9 on, and
// moves idx or R9 on. R9 is b and R13 k, the bytes between rows.
#define NEXT_ROWS \
	TESTQ   R10, R10; \
	JZ      contiguous; \
	MOVLQSX (R10), AX; \
	MOVLQSX 4(R10), BX; \
	MOVLQSX 8(R10), CX; \
	MOVLQSX 12(R10), DX; \
	IMULQ   R13, AX; \
	IMULQ   R13, BX; \
	IMULQ   R13, CX; \
	IMULQ   R13, DX; \
	ADDQ    R9, AX; \
	ADDQ    R9, BX; \
	ADDQ    R9, CX; \
	ADDQ    R9, DX; \
	ADDQ    $16, R10; \
	JMP     pointed; \
contiguous: \
	MOVQ    R9, AX; \
	LEAQ    (AX)(R13*1), BX; \
	LEAQ    (BX)(R13*1), CX; \
	LEAQ    (CX)(R13*1), DX; \
	LEAQ    (DX)(R13*1), R9; \
pointed:
