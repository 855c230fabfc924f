// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * culprit: a scheduler with one queue that does wrong on request: when the task `victim` is enqueued,
 * or when it is attached. No callback for CPUs that come and go, so the kernel ends it then.
 */
#include "include/scx/exit.bpf.h"

char LICENSE[] SEC("license") = "GPL";

enum {
	FAULT_NONE,
	FAULT_ERROR,
	FAULT_EXIT,
	FAULT_FORGET,
	FAULT_QUEUE,
	FAULT_INIT,
	FAULT_INIT_TASK
};

SCX_TUNABLE_NAMED(u32, fault, 0, "none=0,error=1,exit=2,forget=3,queue=4,init=5,init_task=6",
		  "what it does wrong");
SCX_TUNABLE(u32, victim, 0, "tid", "0..4194304", "the task that it does it to");

#define QUEUE 0
#define NO_QUEUE 0x777

#define scx_exit(code, fmt, args...)                                                               \
	({                                                                                         \
		static char exit_fmt[] = fmt;                                                      \
		unsigned long long exit_data[] = { args };                                         \
		scx_bpf_exit_bstr(code, exit_fmt, exit_data, sizeof(exit_data));                   \
	})

/* Every task goes through enqueue. */
s32 SCX_OP(culprit_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);

	return cpu >= 0 ? cpu : prev_cpu;
}

void SCX_OP(culprit_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 queue = QUEUE;

	if ((u32)p->pid == victim) {
		switch (fault) {
		case FAULT_ERROR:
			scx_error("task %d is not to its liking", p->pid);
			break;
		case FAULT_EXIT:
			scx_exit(42, "task %d asked for it", p->pid);
			break;
		case FAULT_FORGET:
			return;
		case FAULT_QUEUE:
			queue = NO_QUEUE;
			break;
		}
	}
	scx_insert(p, queue, SCX_SLICE_DFL, enq_flags);
}

void SCX_OP(culprit_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_move_to_local(QUEUE);
}

s32 SCX_OP_SLEEPABLE(culprit_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return fault == FAULT_INIT_TASK && (u32)p->pid == victim ? -ENOMEM : 0;
}

s32 SCX_OP_SLEEPABLE(culprit_init)
{
	return fault == FAULT_INIT ? -ENOSPC : scx_bpf_create_dsq(QUEUE, -1);
}

void SCX_OP_SLEEPABLE(culprit_exit, struct scx_exit_info *info)
{
	scx_exit_save(info);
}

SEC(".struct_ops.link")
struct sched_ext_ops culprit = {
	.select_cpu = (void *)culprit_select_cpu,
	.enqueue = (void *)culprit_enqueue,
	.dispatch = (void *)culprit_dispatch,
	.init_task = (void *)culprit_init_task,
	.init = (void *)culprit_init,
	.exit = (void *)culprit_exit,
	.name = "culprit",
};
