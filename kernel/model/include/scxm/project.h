/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Included before a scheduler that uses the project's headers: in place of kernel.bpf.h the model's
 * types, and kernel.bpf.h's own list of functions, which the build takes from it (kfuncs.py).
 */
#if !defined(SCXM_PROJECT_H) && !defined(__ASSEMBLER__) /* the thunks get the same flags */
#define SCXM_PROJECT_H

#include <asm-generic/errno.h>

#include "native.h"

#include "../bpf/bpf_core_read.h"
#include "../bpf/bpf_tracing.h"

#define PF_EXITING 0x00000004
#define PF_KTHREAD 0x00200000

#include <scxm-kfuncs.h>

#endif
