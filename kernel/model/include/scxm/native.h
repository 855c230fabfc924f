/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Included before the first line of every scheduler that is compiled for the model.
 *
 * The scheduler's own text does not change: what BPF would do for it is supplied here. Kernel
 * functions keep their names: thunk.S defines them, hidden in the scheduler's own object, so that
 * nothing named as in the kernel enters the process; may_goto is an assembler macro over a counter;
 * attributes that only BPF knows are empty.
 */
#ifndef SCXM_NATIVE_H
#define SCXM_NATIVE_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "types.h"

#ifndef __bpf__
#define __BPF__ 1
#endif
/* One address space here, also when clang compiles for BPF to describe the types. */
#undef __BPF_FEATURE_ADDR_SPACE_CAST

/* The project's own list of kernel types is replaced by types.h; its functions are in kfuncs.h. */
#define SCX_KERNEL_BPF_H

#define __arena
#undef __always_inline
#define __weak __attribute__((weak))
#define __hidden __attribute__((visibility("hidden")))
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))
#define __ksym
#define __kconfig
#define __kptr
#define __kptr_untrusted
#define __percpu_kptr
#define __uptr
#define __arg_nonnull
#define __arg_nullable
#define __arg_trusted
#define __arg_ctx
#define __arg_arena
#define btf_decl_tag(text) annotate("btf:" text)
#define btf_type_tag(text) annotate("btf:" text)

/*
 * The instruction `may_goto LABEL` leaves a loop when the kernel's patience ends: after 8 million
 * rounds here, counted from the entry into the callback. It must not touch what the compiler does
 * not know of: on Arm the flags, and everything below the stack pointer is free there.
 */
#ifndef __bpf__
#define __BPF_FEATURE_MAY_GOTO 1
#if defined(__x86_64__)
__asm__(".macro may_goto label\n\tsubq $1, scxm_loops_left(%rip)\n\tjs \\label\n.endm\n");
#elif defined(__aarch64__)
__asm__(".macro may_goto label\n\tstp x16, x17, [sp, #-16]!\n"
	"\tadrp x16, scxm_loops_left\n\tldr x17, [x16, :lo12:scxm_loops_left]\n"
	"\tsub x17, x17, #1\n\tstr x17, [x16, :lo12:scxm_loops_left]\n"
	"\tlsr x17, x17, #63\n\tcbz x17, 9f\n"
	"\tldp x16, x17, [sp], #16\n\tb \\label\n"
	"9:\tldp x16, x17, [sp], #16\n.endm\n");
#else
#error "the model has no may_goto for this processor"
#endif
#endif

/* Asked once a place, since only a scheduler that starts anew can meet another kernel. */
#define scxm_ask(call)                                                                             \
	({                                                                                         \
		static signed char scxm_known;                                                     \
		if (!scxm_known)                                                                   \
			scxm_known = (call) ? 1 : -1;                                              \
		scxm_known > 0;                                                                    \
	})
extern _Bool scxm_h_ksym_exists(const char *name);
extern _Bool scxm_h_field_exists(const char *expression);
extern _Bool scxm_h_type_exists(const char *type);
extern _Bool scxm_h_enum_exists(const char *name);
extern u64 scxm_h_enum_value(const char *name, u64 here);
#define bpf_ksym_exists(sym) scxm_ask(scxm_h_ksym_exists(#sym))

#endif
