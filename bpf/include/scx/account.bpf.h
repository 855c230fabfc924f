/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Load accounting without locks; memory.h says what the numbers mean. Each CPU writes its own
 * accounts only, with interrupts off, so plain stores do; a reader retries while seq is odd or moves.
 */
#ifndef SCX_ACCOUNT_BPF_H
#define SCX_ACCOUNT_BPF_H

#include "arena.bpf.h"

#define SCX_ACCOUNT_SHIFT 10 /* accounts count time in units of 1024 ns */

/* @weight becomes runnable in @domain at @now, or with @sign -1 stops being so. Interrupts are off. */
static __always_inline void scx_account(u32 domain, u32 weight, s32 sign, u64 now)
{
	struct scx_account __arena *a = scx_ref(struct scx_account, scx_tables.accounts);
	u64 t = now >> SCX_ACCOUNT_SHIFT;
	u64 moment = weight * t;

	a += bpf_get_smp_processor_id() * scx_tables.account_stride + domain;
	a->seq++;
	scx_store_order(&a->seq);
	if (sign > 0) {
		a->tasks++;
		a->weight += weight;
		a->task_moment += t;
		a->weight_moment += moment;
	} else {
		a->tasks--;
		a->weight -= weight;
		a->task_moment -= t;
		a->weight_moment -= moment;
	}
	scx_store_order(&a->seq);
	a->seq++;
}

#endif
