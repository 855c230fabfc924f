/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Records why the scheduler ended, where user space finds it, and wakes who waits for it.
 * A scheduler includes this file once and calls scx_exit_save() first thing in its exit callback.
 */
#ifndef SCX_EXIT_BPF_H
#define SCX_EXIT_BPF_H

#include "memory.h"
#include "portable.bpf.h"

#define SCX_EXIT_DUMP_BYTES 32768 /* the kernel's default for exit_dump_len */

struct scx_exit_record scx_exit_record;
char scx_exit_dump[SCX_EXIT_DUMP_BYTES] SEC(".bss.dump");

/* Becomes readable at the end, and stays so: nothing is ever taken out of it. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} scx_events SEC(".maps");

static __always_inline void scx_exit_save(const struct scx_exit_info *info)
{
	struct scx_exit_record *r = &scx_exit_record;
	u64 *event;
	long n;

	bpf_probe_read_kernel_str(r->reason, sizeof(r->reason), info->reason);
	bpf_probe_read_kernel_str(r->msg, sizeof(r->msg), info->msg);
	n = bpf_probe_read_kernel_str(scx_exit_dump, sizeof(scx_exit_dump), info->dump);
	r->dump_bytes = n > 0 ? n : 0;
	r->code = info->exit_code;
	r->cpu = -1;
	if (bpf_core_field_exists(info->exit_cpu)) /* since 7.2 */
		r->cpu = info->exit_cpu;
	/* The kind says that the rest is there; a full barrier, for a reader on another CPU. */
	__sync_lock_test_and_set(&r->kind, (u64)info->kind);

	event = bpf_ringbuf_reserve(&scx_events, sizeof(*event), 0);
	if (event) {
		*event = info->kind;
		bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
	}
}

#endif
