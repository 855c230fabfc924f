/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* The sched_ext class: what its parts ask of each other, and what the core asks of it. */
#ifndef SCXM_CYCLE_H
#define SCXM_CYCLE_H

#include "call.h"
#include "core.h"

/* ---- enqueue.c ---- */
void scxm_ext_enqueue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags);
void scxm_ext_dequeue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags);
void scxm_do_enqueue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags,
		     int sticky_cpu);
void scxm_ops_dequeue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags);
void scxm_set_task_runnable(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p);
void scxm_clear_task_runnable(struct task_struct *p, bool reset);
void scxm_refill_slice(struct scxm *m, struct task_struct *p);
/* Sets the slice now, and forgets what was asked for from elsewhere. */
void scxm_set_slice(struct task_struct *p, uint64_t slice);
void scxm_set_slice_oob(struct scxm *m, struct task_struct *p, uint64_t slice);
void scxm_apply_slice_oob(struct scxm *m, struct task_struct *p);
void scxm_clear_direct(struct task_struct *p);
int scxm_ext_select(struct scxm *m, struct task_struct *p, int prev, int wake_flags);
bool scxm_cpu_serves(const struct scxm_cpu *cpu);

/* ---- insert.c ---- */
/* Puts @p, which is on no queue, on @dsq; @slice and @vtime count with SCX_ENQ_APPLY_SLICE. */
void scxm_dispatch_enqueue(struct scxm *m, struct scxm_cpu *cpu, struct scx_dispatch_q *dsq,
			   struct task_struct *p, uint64_t slice, uint64_t vtime, uint64_t flags);
/* Takes @p from where it is queued, deferred inserts included. */
void scxm_dispatch_dequeue(struct scxm *m, struct task_struct *p);
void scxm_unlink(struct scxm *m, struct task_struct *p, struct scx_dispatch_q *dsq);
/* The task sits on @dst_dsq's CPU already and on no queue. */
void scxm_insert_local(struct scxm *m, struct task_struct *p, uint64_t flags, struct scxm_cpu *dst);
struct scx_dispatch_q *scxm_global_dsq(struct scxm *m, int cpu);
struct scx_dispatch_q *scxm_find_for_dispatch(struct scxm *m, struct scxm_cpu *cpu, uint64_t id,
					      int task_cpu);
bool scxm_cpu_open(struct scxm *m, struct scxm_cpu *cpu, uint64_t flags);
void scxm_apply_slice(struct task_struct *p, uint64_t slice, uint64_t vtime, uint64_t flags);

/* ---- move.c ---- */
bool scxm_can_run_on(struct scxm *m, struct task_struct *p, struct scxm_cpu *cpu, bool enforce);
bool scxm_consume(struct scxm *m, struct scxm_cpu *cpu, struct scx_dispatch_q *dsq, uint64_t flags);
void scxm_move_between(struct scxm *m, struct task_struct *p, uint64_t flags,
		       struct scx_dispatch_q *src, struct scx_dispatch_q *dst);
void scxm_dispatch_to_local(struct scxm *m, struct scxm_cpu *cpu, struct scx_dispatch_q *dst,
			    struct task_struct *p, uint64_t slice, uint64_t vtime, uint64_t flags);
void scxm_flush_buffer(struct scxm *m, struct scxm_cpu *cpu);
/* Inserts into the local DSQs of other CPUs, and re-enqueues, that were put off. */
void scxm_run_deferred(struct scxm *m, struct scxm_cpu *cpu);
void scxm_defer(struct scxm *m, struct scxm_cpu *cpu, bool locked);
void scxm_reenq(struct scxm *m, struct scx_dispatch_q *dsq, uint64_t flags,
		struct scxm_cpu *locked);
uint32_t scxm_reenq_local(struct scxm *m, struct scxm_cpu *cpu, uint64_t flags);

/* ---- cycle.c ---- */
void scxm_ext_set_cpumask(struct scxm *m, struct task_struct *p);
void scxm_ext_reweight(struct scxm *m, struct task_struct *p);
void scxm_ext_switched_from(struct scxm *m, struct task_struct *p);
void scxm_ext_switching_to(struct scxm *m, struct task_struct *p);
void scxm_push_away(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p);

static inline bool scxm_bypassing(const struct scxm_cpu *cpu)
{
	return cpu->bypassing;
}

#define scxm_count(cpu, name, n) ((cpu)->events.name += (n))

#endif
