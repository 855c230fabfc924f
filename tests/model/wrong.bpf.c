// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * wrong: does one thing that a scheduler may not do, the one that the tunable `what` names, to tasks
 * called "victim". It is run on the model and on real kernels: both must end it with the same words.
 */
#include "include/scx/exit.bpf.h"

#include "wrong.h"

char LICENSE[] SEC("license") = "GPL";

SCX_TUNABLE(u32, what, 0, "", "0..100", "what it does wrong: enum wrong");

extern void scx_bpf_dispatch_cancel(void) __ksym __weak;
extern u32 scx_bpf_cpuperf_cap(s32 cpu) __ksym __weak;
extern void scx_bpf_cpuperf_set(s32 cpu, u32 perf) __ksym __weak;
extern struct task_struct *scx_bpf_dsq_peek(u64 dsq) __ksym __weak;
extern void scx_bpf_dsq_reenq(u64 dsq, u64 flags) __ksym __weak;
extern s32 scx_bpf_pick_idle_cpu_node(const struct cpumask *cpus, int node, u64 flags) __ksym
__weak;
extern struct task_struct *scx_bpf_tid_to_task(u64 tid) __ksym __weak;

#define QUEUE 1
#define NO_QUEUE 0xdeadULL

static u32 enqueued;
static s32 victim;

static bool is_victim(const struct task_struct *p)
{
	return p->comm[0] == 'v' && p->comm[1] == 'i' && p->comm[2] == 'c' && p->comm[3] == 't';
}

s32 SCX_OP(wrong_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return what == WRONG_SELECT && is_victim(p) ? 9999 : prev_cpu;
}

/* What is wrong whatever the context; true: the task needs no other place. */
static __always_inline bool misuse(struct task_struct *p)
{
	switch (what) {
	case WRONG_QUEUE:
		scx_insert(p, NO_QUEUE, 0, 0);
		return true;
	case WRONG_FLAGS:
		scx_insert(p, QUEUE, 0, 1ULL << 60);
		return false;
	case WRONG_VTIME_LOCAL:
		scx_insert_vtime(p, SCX_DSQ_LOCAL, 0, 1, 0);
		return true;
	case WRONG_LOCAL_ON:
		scx_insert(p, SCX_DSQ_LOCAL_ON | 9999, 0, 0);
		return true;
	case WRONG_LOCAL_ON_PINNED:
		scx_insert(p, SCX_DSQ_LOCAL_ON | 1, 0, 0);
		return true;
	case WRONG_KICK:
		scx_bpf_kick_cpu(0, SCX_KICK_IDLE | SCX_KICK_PREEMPT);
		return false;
	case WRONG_KICK_CPU:
		scx_bpf_kick_cpu(9999, 0);
		return false;
	case WRONG_ERROR:
		scx_error("it is %d of %s", 7, "nine");
		return false;
	case WRONG_PEEK:
		scx_bpf_dsq_peek(SCX_DSQ_LOCAL);
		return false;
	case WRONG_PEEK_NONE:
		scx_bpf_dsq_peek(NO_QUEUE);
		return false;
	case WRONG_REENQ:
		scx_bpf_dsq_reenq(SCX_DSQ_LOCAL, 0x80);
		return false;
	case WRONG_PERF:
		scx_bpf_cpuperf_set(0, 2000);
		return false;
	case WRONG_NODE:
		scx_bpf_pick_idle_cpu_node(p->cpus_ptr, 0, 0);
		return false;
	case WRONG_TID:
		scx_bpf_tid_to_task(1);
		return false;
	case WRONG_DUMP:
		scx_dump("nobody asked");
		return false;
	case WRONG_IMMED:
		scx_insert(p, QUEUE, 0, 1ULL << 33);
		return false;
	default:
		return false;
	}
}

void SCX_OP(wrong_enqueue, struct task_struct *p, u64 enq_flags)
{
	if (!is_victim(p)) {
		scx_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
		return;
	}
	victim = p->pid;
	enqueued++;
	switch (what) {
	case WRONG_FORGET:
	case WRONG_OVERFLOW:
		return;
	case WRONG_TWICE:
		scx_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
		break;
	case WRONG_FIFO_FIRST:
		if (enqueued > 1)
			scx_insert_vtime(p, QUEUE + 1, SCX_SLICE_DFL, enqueued, enq_flags);
		else
			scx_insert(p, QUEUE + 1, SCX_SLICE_DFL, enq_flags);
		return;
	case WRONG_VTIME_FIRST:
		if (enqueued > 1)
			scx_insert(p, QUEUE + 1, SCX_SLICE_DFL, enq_flags);
		else
			scx_insert_vtime(p, QUEUE + 1, SCX_SLICE_DFL, enqueued, enq_flags);
		return;
	case WRONG_DESTROY:
		if (enqueued > 1)
			scx_bpf_destroy_dsq(QUEUE + 1);
		scx_insert(p, QUEUE + 1, SCX_SLICE_DFL, enq_flags);
		return;
	default:
		if (misuse(p))
			return;
		break;
	}
	scx_insert(p, QUEUE, SCX_SLICE_DFL, enq_flags);
}

/* More insertions than the buffer holds, of one task: the first one counts. */
static __noinline int overflow(void)
{
	struct task_struct *p = bpf_task_from_pid(victim);

	if (!p)
		return 0;
	scx_each(i, 40)
		scx_insert(p, QUEUE, SCX_SLICE_DFL, 0);
	bpf_task_release(p);
	return 0;
}

void SCX_OP(wrong_dispatch, s32 cpu, struct task_struct *prev)
{
	if (enqueued) {
		if (what == WRONG_OVERFLOW)
			overflow();
		if (what == WRONG_UNDERFLOW)
			scx_bpf_dispatch_cancel();
		if (what == WRONG_MOVE)
			scx_move_to_local(NO_QUEUE);
	}
	scx_move_to_local(QUEUE);
}

s32 SCX_OP_SLEEPABLE(wrong_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (!is_victim(p))
		return 0;
	if (what == WRONG_INIT_TASK)
		return -ENOMEM;
	if (what == WRONG_INIT_TASK_ERRNO)
		return 5;
	if (what == WRONG_DISALLOW && args->fork)
		p->scx.disallow = true;
	return 0;
}

s32 SCX_OP_SLEEPABLE(wrong_init)
{
	if (what == WRONG_INIT)
		return -ENOSPC;
	if (scx_bpf_create_dsq(QUEUE + 1, -1))
		return -EINVAL;
	return scx_bpf_create_dsq(QUEUE, -1);
}

void SCX_OP_SLEEPABLE(wrong_exit, struct scx_exit_info *info)
{
	scx_exit_save(info);
}

SEC(".struct_ops.link")
struct sched_ext_ops wrong = {
	.select_cpu = (void *)wrong_select_cpu,
	.enqueue = (void *)wrong_enqueue,
	.dispatch = (void *)wrong_dispatch,
	.init_task = (void *)wrong_init_task,
	.init = (void *)wrong_init,
	.exit = (void *)wrong_exit,
	.timeout_ms = 2000,
	.name = "wrong",
};
