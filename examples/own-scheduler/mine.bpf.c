// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * mine: a scheduler of one's own in twenty lines. A task that wakes goes to an idle CPU; all others
 * wait in one queue, in the order they came.
 */
#include <scx/exit.bpf.h>

char LICENSE[] SEC("license") = "GPL";

SCX_TUNABLE(u32, slice_us, 5000, "us", "100..1000000", "how long a task runs before others may");

#define QUEUE 0

s32 SCX_OP(mine_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);

	if (idle)
		scx_insert(p, SCX_DSQ_LOCAL, slice_us * 1000ULL, 0);
	return cpu;
}

void SCX_OP(mine_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_insert(p, QUEUE, slice_us * 1000ULL, enq_flags);
}

void SCX_OP(mine_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_move_to_local(QUEUE);
}

s32 SCX_OP_SLEEPABLE(mine_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

void SCX_OP_SLEEPABLE(mine_exit, struct scx_exit_info *info)
{
	scx_exit_save(info);
}

SEC(".struct_ops.link")
struct sched_ext_ops mine = {
	.select_cpu = (void *)mine_select_cpu,
	.enqueue = (void *)mine_enqueue,
	.dispatch = (void *)mine_dispatch,
	.init = (void *)mine_init,
	.exit = (void *)mine_exit,
	.name = "mine",
};
