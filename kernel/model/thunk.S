/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Part of each natively compiled scheduler: a jump through a slot for each kernel function that it
 * may call. The symbols are hidden: nothing outside this object sees a name of the kernel's. The
 * loader fills the slots (object.c). Beside it lies the BPF object of the same source (scxm_btf).
 */
	.section .note.GNU-stack, "", %progbits

	.section .data.scxm, "aw", %progbits
	.balign 8
	.globl scxm_loops_left
	.protected scxm_loops_left
	.type scxm_loops_left, %object
	.size scxm_loops_left, 8
scxm_loops_left:
	.quad 0
	.globl scxm_table
	.protected scxm_table
	.type scxm_table, %object
scxm_table:

#if defined(__x86_64__)
#define JUMP jmp *9b(%rip)
#elif defined(__aarch64__)
#define JUMP adrp x16, 9b; ldr x16, [x16, :lo12:9b]; br x16
#endif

#define SCXM_FN(name, impl, since_major, since_minor, until)                                       \
	.section .data.scxm, "aw", %progbits; 9:.quad 0;                                           \
	.section .text.scxm, "ax", %progbits; .globl name; .hidden name; .type name, %function;    \
name:                                                                                              \
	JUMP; .size name, .- name;

#include "surface.h"

	.section .data.scxm, "aw", %progbits
	.globl scxm_table_end
	.protected scxm_table_end
	.type scxm_table_end, %object
scxm_table_end:
	.quad 0
