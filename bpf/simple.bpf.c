// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * simple: one queue for all CPUs.
 *
 * A task that wakes goes straight to an idle CPU if there is one; all others wait in one queue, in
 * the order they came (fifo), or in order of the CPU time that they had, weighted (vtime), so that
 * nice levels hold. Good on one L3; what to read first.
 */
#include "include/scx/exit.bpf.h"

char LICENSE[] SEC("license") = "GPL";

SCX_TUNABLE_NAMED(u32, order, 1, "fifo=0,vtime=1", "order of the queue");
SCX_TUNABLE(u32, slice_us, 20000, "us", "100..1000000",
	    "how long a task runs before others get their turn");

#define QUEUE 0
#define VTIME 1

static u64 vtime_ns; /* of the task that was picked last; a race sets it back a little, no more */

s32 SCX_OP(simple_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);

	if (idle)
		scx_insert(p, SCX_DSQ_LOCAL, slice_us * 1000ULL, 0);
	return cpu;
}

void SCX_OP(simple_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = slice_us * 1000ULL, vtime = p->scx.dsq_vtime;

	if (order != VTIME) {
		scx_insert(p, QUEUE, slice, enq_flags);
		return;
	}
	/* Sleeping saves up one slice at most. */
	if ((s64)(vtime - (vtime_ns - slice)) < 0)
		vtime = vtime_ns - slice;
	scx_insert_vtime(p, QUEUE, slice, vtime, enq_flags);
}

void SCX_OP(simple_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_move_to_local(QUEUE);
}

void SCX_OP(simple_running, struct task_struct *p)
{
	if ((s64)(p->scx.dsq_vtime - vtime_ns) > 0)
		vtime_ns = p->scx.dsq_vtime;
}

void SCX_OP(simple_stopping, struct task_struct *p, bool runnable)
{
	s64 used = slice_us * 1000ULL - p->scx.slice;

	if (used > 0)
		scx_set_vtime(p, p->scx.dsq_vtime + used * 100 / p->scx.weight);
}

void SCX_OP(simple_enable, struct task_struct *p)
{
	scx_set_vtime(p, vtime_ns);
}

s32 SCX_OP_SLEEPABLE(simple_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

void SCX_OP_SLEEPABLE(simple_exit, struct scx_exit_info *info)
{
	scx_exit_save(info);
}

SEC(".struct_ops.link")
struct sched_ext_ops simple = {
	.select_cpu = (void *)simple_select_cpu,
	.enqueue = (void *)simple_enqueue,
	.dispatch = (void *)simple_dispatch,
	.running = (void *)simple_running,
	.stopping = (void *)simple_stopping,
	.enable = (void *)simple_enable,
	.init = (void *)simple_init,
	.exit = (void *)simple_exit,
	.name = "simple",
};
