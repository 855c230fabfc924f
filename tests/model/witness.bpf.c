// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * witness: writes down which callbacks come in which order, with their flags, for tasks called "wA" to
 * "wY"; when "wZ" is enqueued it ends itself, and its dump has what was written. wC goes to the local
 * queue and preempts, wD is held here until a CPU asks, all others wait in a queue; nobody's slice ends.
 */
#include "include/scx/exit.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define QUEUE 1
#define RECORDS 512

enum op {
	RUNNABLE,
	ENQUEUE,
	DEQUEUE,
	RUNNING,
	STOPPING,
	QUIESCENT,
	ENABLE,
	DISABLE,
	WEIGHT,
	MASK,
	YIELD
};

struct record {
	u32 who;
	u32 op;
	u64 arg;
};

static struct record records[RECORDS];
static u32 nr_records;
static s32 held;

/* The letter of a task of ours, or 0. */
static __always_inline u32 who(const struct task_struct *p)
{
	return p->comm[0] == 'w' && p->comm[2] == 0 ? p->comm[1] : 0;
}

static __always_inline void note(const struct task_struct *p, enum op op, u64 arg)
{
	u32 i;

	if (!who(p))
		return;
	i = __sync_fetch_and_add(&nr_records, 1);
	if (i < RECORDS)
		records[i] = (struct record){ who(p), op, arg };
}

#define HAS(flags, type, flag, bit) ((flags) & scx_enum(type, flag) ? bit : 0)

/* The flags that schedulers know, as digits of their own: their values differ between kernels. */
static __always_inline u64 enqueue_flags(u64 f)
{
	return HAS(f, scx_enq_flags, SCX_ENQ_WAKEUP, 1) +
	       HAS(f, scx_enq_flags, SCX_ENQ_CPU_SELECTED, 10) +
	       HAS(f, scx_enq_flags, SCX_ENQ_LAST, 100);
}

static __always_inline u64 dequeue_flags(u64 f)
{
	return (f & 1 ? 1 : 0) + (f & 1ULL << 33 ? 10 : 0) + (f & 1ULL << 32 ? 100 : 0);
}

s32 SCX_OP(witness_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}

void SCX_OP(witness_enqueue, struct task_struct *p, u64 enq_flags)
{
	note(p, ENQUEUE, enqueue_flags(enq_flags));
	switch (who(p)) {
	case 'C':
		scx_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_INF,
			   scx_enum(scx_enq_flags, SCX_ENQ_PREEMPT));
		break;
	case 'D':
		held = p->pid;
		break;
	case 'Z':
		scx_error("done");
		scx_insert(p, QUEUE, SCX_SLICE_INF, 0);
		break;
	default:
		scx_insert(p, QUEUE, SCX_SLICE_INF, 0);
		break;
	}
}

void SCX_OP(witness_dequeue, struct task_struct *p, u64 deq_flags)
{
	note(p, DEQUEUE, dequeue_flags(deq_flags));
	if (p->pid == held)
		held = 0;
}

void SCX_OP(witness_dispatch, s32 cpu, struct task_struct *prev)
{
	struct task_struct *p;

	if (scx_move_to_local(QUEUE) || !held)
		return;
	p = bpf_task_from_pid(held);
	if (!p)
		return;
	if (scx_bpf_task_cpu(p) == cpu) {
		held = 0;
		scx_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_INF, 0);
	}
	bpf_task_release(p);
}

void SCX_OP(witness_runnable, struct task_struct *p, u64 enq_flags)
{
	note(p, RUNNABLE, enqueue_flags(enq_flags));
}

void SCX_OP(witness_running, struct task_struct *p)
{
	note(p, RUNNING, 0);
}

void SCX_OP(witness_stopping, struct task_struct *p, bool runnable)
{
	note(p, STOPPING, runnable);
}

void SCX_OP(witness_quiescent, struct task_struct *p, u64 deq_flags)
{
	note(p, QUIESCENT, dequeue_flags(deq_flags));
}

bool SCX_OP(witness_yield, struct task_struct *from, struct task_struct *to)
{
	note(from, YIELD, to != NULL);
	scx_set_slice(from, 0);
	return false;
}

void SCX_OP(witness_enable, struct task_struct *p)
{
	note(p, ENABLE, 0);
}

void SCX_OP(witness_disable, struct task_struct *p)
{
	note(p, DISABLE, 0);
}

void SCX_OP(witness_set_weight, struct task_struct *p, u32 weight)
{
	note(p, WEIGHT, weight);
}

void SCX_OP(witness_set_cpumask, struct task_struct *p, const struct cpumask *cpumask)
{
	note(p, MASK, bpf_cpumask_first(cpumask));
}

void SCX_OP(witness_dump, struct scx_dump_ctx *about)
{
	u32 n = nr_records < RECORDS ? nr_records : RECORDS;

	scx_each(i, n) {
		u32 at = i;

		if (at >= RECORDS)
			break;
		scx_dump("witness %c %d %d\n", records[at].who, records[at].op,
			 (u32)records[at].arg);
	}
}

s32 SCX_OP_SLEEPABLE(witness_init)
{
	return scx_bpf_create_dsq(QUEUE, -1);
}

void SCX_OP_SLEEPABLE(witness_exit, struct scx_exit_info *info)
{
	scx_exit_save(info);
}

SEC(".struct_ops.link")
struct sched_ext_ops witness = {
	.select_cpu = (void *)witness_select_cpu,
	.enqueue = (void *)witness_enqueue,
	.dequeue = (void *)witness_dequeue,
	.dispatch = (void *)witness_dispatch,
	.runnable = (void *)witness_runnable,
	.running = (void *)witness_running,
	.stopping = (void *)witness_stopping,
	.quiescent = (void *)witness_quiescent,
	.yield = (void *)witness_yield,
	.set_weight = (void *)witness_set_weight,
	.set_cpumask = (void *)witness_set_cpumask,
	.enable = (void *)witness_enable,
	.disable = (void *)witness_disable,
	.dump = (void *)witness_dump,
	.init = (void *)witness_init,
	.exit = (void *)witness_exit,
	.name = "witness",
};
