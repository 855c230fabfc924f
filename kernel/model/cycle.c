// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * The scheduling cycle of the sched_ext class: which task runs next on a CPU, and what the scheduler
 * is told about it (kernel/sched/ext/ext.c: dispatch_one(), put_prev_task_scx() and their kin).
 */
#include "cycle.h"

#include "check.h"
#include "dsq.h"
#include "enable.h"
#include "idle.h"
#include "kick.h"
#include "mask.h"
#include "task.h"

/* What a dispatch concluded. */
enum verdict { NOTHING, LOCAL, PREV };

static bool on_queue(const struct task_struct *p)
{
	return p->scx.flags & SCX_TASK_QUEUED;
}

static bool consume_global(struct scxm *m, struct scxm_cpu *cpu)
{
	return scxm_consume(m, cpu, &m->sched.global[cpu->node], 0);
}

/* Asks the scheduler until it dispatched something or has nothing left. */
static enum verdict ask_dispatch(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *prev)
{
	struct task_struct *told = scxm_on_ext(prev) ? prev : NULL;
	int loops = SCX_DSP_MAX_LOOPS;

	do {
		cpu->nr_dispatched = 0;
		SCXM_CALL_VOID(m, dispatch, cpu, told, NULL, scxm_cpu_nr(cpu), scxm_cpu_nr(cpu),
			       told);
		scxm_flush_buffer(m, cpu);
		if (on_queue(prev) && prev->scx.slice)
			return PREV;
		if (cpu->rq.scx.local_dsq.nr)
			return LOCAL;
		if (consume_global(m, cpu))
			return LOCAL;
		if (!--loops) {
			scxm_kick(m, scxm_cpu_nr(cpu), 0);
			break;
		}
	} while (cpu->nr_dispatched);
	return NOTHING;
}

static enum verdict dispatch_sched(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *prev)
{
	enum verdict verdict;

	if (consume_global(m, cpu))
		return LOCAL;
	if (m->bypass_dsp && scxm_bypassing(cpu))
		return scxm_consume(m, cpu, &cpu->bypass_dsq, 0) ? LOCAL : NOTHING;
	if (!SCXM_HAS(m, dispatch) || !(cpu->rq.scx.flags & SCX_RQ_ONLINE))
		return NOTHING;
	verdict = ask_dispatch(m, cpu, prev);
	if (verdict == NOTHING && m->bypass_dsp && scxm_consume(m, cpu, &cpu->bypass_dsq, 0))
		return LOCAL;
	return verdict;
}

static enum verdict dispatch(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *prev)
{
	enum verdict verdict;

	if ((m->sched.ops.flags & SCX_OPS_HAS_CPU_PREEMPT) && cpu->rq.scx.cpu_released) {
		if (m->sched.ops.cpu_acquire)
			SCXM_CALL_VOID(m, cpu_acquire, cpu, NULL, NULL, scxm_cpu_nr(cpu),
				       scxm_cpu_nr(cpu), NULL);
		cpu->rq.scx.cpu_released = false;
	}
	if (scxm_on_ext(prev)) {
		scxm_update_curr(m, cpu);
		if (on_queue(prev) && prev->scx.slice && !scxm_bypassing(cpu))
			return PREV;
	}
	if (cpu->rq.scx.local_dsq.nr)
		return LOCAL;
	verdict = dispatch_sched(m, cpu, prev);
	if (verdict != NOTHING)
		return verdict;
	if (on_queue(prev) && (!(m->sched.ops.flags & SCX_OPS_ENQ_LAST) || scxm_bypassing(cpu))) {
		scxm_count(cpu, SCX_EV_DISPATCH_KEEP_LAST, 1);
		return PREV;
	}
	return NOTHING;
}

static struct task_struct *ext_pick(struct scxm *m, struct scxm_cpu *cpu)
{
	struct task_struct *prev = cpu->rq.curr, *p;
	enum verdict verdict;

	cpu->rq.scx.flags |= SCX_RQ_IN_DISPATCH;
	/* Whether a higher class's task arrived is asked against this. */
	cpu->next_class = SCXM_CLASS_EXT;
	verdict = dispatch(m, cpu, prev);
	if (verdict != NOTHING && cpu->rq.scx.local_dsq.nr > 1 && cpu->rq.scx.nr_immed)
		scxm_reenq(m, &cpu->rq.scx.local_dsq, 0, cpu);
	cpu->rq.scx.flags &= ~(u32)SCX_RQ_IN_DISPATCH;

	if (cpu->rq.scx.kick_sync_pending) {
		cpu->rq.scx.kick_sync_pending = false;
		cpu->sync_wait = true;
	}
	p = verdict == PREV ? prev : scxm_dsq_next(&cpu->rq.scx.local_dsq, NULL, false);
	if (p && !p->scx.slice)
		scxm_refill_slice(m, p);
	return p;
}

/* ---- leaving the CPU, and coming onto it ---- */

static void release_cpu(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *next)
{
	struct scx_cpu_release_args args = { .task = next, .reason = SCX_CPU_PREEMPT_UNKNOWN };

	if (!(m->sched.ops.flags & SCX_OPS_HAS_CPU_PREEMPT) || cpu->rq.scx.cpu_released ||
	    scxm_task(next)->class < SCXM_CLASS_EXT)
		return;
	if (scxm_task(next)->class == SCXM_CLASS_STOP)
		args.reason = SCX_CPU_PREEMPT_STOP;
	else if (scxm_task(next)->class == SCXM_CLASS_DL)
		args.reason = SCX_CPU_PREEMPT_DL;
	else if (scxm_task(next)->class == SCXM_CLASS_RT)
		args.reason = SCX_CPU_PREEMPT_RT;
	if (m->sched.ops.cpu_release)
		SCXM_CALL_VOID(m, cpu_release, cpu, next, NULL, args.reason, scxm_cpu_nr(cpu),
			       &args);
	cpu->rq.scx.cpu_released = true;
}

/* A task that could go on running goes back to a queue. */
static void requeue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p,
		    struct task_struct *next)
{
	scxm_set_task_runnable(m, cpu, p);
	if (p->scx.slice && !scxm_bypassing(cpu)) {
		if (p->scx.flags & SCX_TASK_IMMED) {
			p->scx.flags |= SCX_TASK_REENQ_PREEMPTED;
			scxm_do_enqueue(m, cpu, p, SCX_ENQ_REENQ, -1);
			p->scx.flags &= ~(u32)SCX_TASK_REENQ_REASON_MASK;
		} else {
			scxm_dispatch_enqueue(m, cpu, &cpu->rq.scx.local_dsq, p, 0, 0,
					      SCX_ENQ_HEAD);
		}
		return;
	}
	if (next && scxm_task(next)->class < SCXM_CLASS_EXT) {
		scxm_do_enqueue(m, cpu, p, SCX_ENQ_LAST, -1);
		/* It runs after all: whoever is switched to schedules again at once. */
		if (p->scx.dsq == &cpu->rq.scx.local_dsq)
			cpu->idle_resched = true;
		return;
	}
	scxm_do_enqueue(m, cpu, p, 0, -1);
}

static void ext_put_prev(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p,
			 struct task_struct *next)
{
	scxm_kick_sync_advance(m, cpu);
	scxm_update_curr(m, cpu);
	if (on_queue(p)) {
		SCXM_TELL(m, stopping, p, 1, true);
		requeue(m, cpu, p, next);
	}
	if (next && !scxm_on_ext(next))
		release_cpu(m, cpu, next);
}

static void ext_set_next(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	if (on_queue(p)) {
		scxm_ops_dequeue(m, cpu, p, SCX_DEQ_CORE_SCHED_EXEC);
		scxm_dispatch_dequeue(m, p);
	}
	p->se.exec_start = scxm_now(m);
	if (on_queue(p))
		SCXM_TELL(m, running, p, 0);
	scxm_clear_task_runnable(p, true);
	scxm_apply_slice_oob(m, p);
	if (p->scx.slice == SCX_SLICE_INF)
		cpu->rq.scx.flags |= SCX_RQ_CAN_STOP_TICK;
	else
		cpu->rq.scx.flags &= ~(u32)SCX_RQ_CAN_STOP_TICK;
}

static void ext_wakeup_preempt(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	/* A higher class takes the CPU: what was put there to run at once looks elsewhere. */
	if (!scxm_on_ext(p) && cpu->rq.scx.nr_immed)
		scxm_reenq(m, &cpu->rq.scx.local_dsq, 0, cpu);
}

/* ---- while it runs ---- */

static void ext_charge(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t ns)
{
	(void)m;
	(void)cpu;
	if (p->scx.slice != SCX_SLICE_INF)
		p->scx.slice -= ns < p->scx.slice ? ns : p->scx.slice;
}

static void ext_tick(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	if (scxm_bypassing(cpu))
		scxm_set_slice(p, 0);
	else
		SCXM_TELL(m, tick, p, 0);
	if (!p->scx.slice)
		scxm_resched(m, cpu);
}

/* The first tick after @ns from now. */
static uint64_t tick_after(const struct scxm *m, uint64_t ns)
{
	uint64_t at = scxm_now(m) + (ns ? ns : 1);

	if (ns > UINT64_MAX / 2)
		return UINT64_MAX; /* no simulation lasts that long */
	return (at + m->tick_ns - 1) / m->tick_ns * m->tick_ns;
}

static uint64_t ext_next_tick(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	bool stopped = cpu->nohz_full && (cpu->rq.scx.flags & SCX_RQ_CAN_STOP_TICK) &&
		       !scxm_bypassing(cpu);

	if (p->scx.slice_oob || scxm_bypassing(cpu))
		return tick_after(m, 0);
	if (!stopped && (m->eager_ticks || SCXM_HAS(m, tick)))
		return tick_after(m, 0);
	if (p->scx.slice == SCX_SLICE_INF)
		return UINT64_MAX;
	return tick_after(m, p->scx.slice);
}

static void ext_yield(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	if (!SCXM_HAS(m, yield)) {
		scxm_set_slice(p, 0);
		return;
	}
	/* What it returns counts for a yield to somebody only. */
	(void)SCXM_CALL(m, yield, cpu, p, NULL, 0, p, NULL);
}

/* ---- changes ---- */

void scxm_ext_set_cpumask(struct scxm *m, struct task_struct *p)
{
	SCXM_TELL(m, set_cpumask, p, scxm_mask_weight(p->cpus_ptr), p->cpus_ptr);
}

void scxm_ext_reweight(struct scxm *m, struct task_struct *p)
{
	if (scxm_state(p) != SCX_TASK_ENABLED)
		return;
	p->scx.weight = scxm_task_weight(p);
	SCXM_TELL(m, set_weight, p, p->scx.weight, p->scx.weight);
}

void scxm_ext_switching_to(struct scxm *m, struct task_struct *p)
{
	scxm_enable_task(m, p);
	scxm_ext_set_cpumask(m, p);
}

void scxm_ext_switched_from(struct scxm *m, struct task_struct *p)
{
	if (scxm_state(p) == SCX_TASK_ENABLED)
		scxm_disable_task(m, p);
}

const struct scxm_class_ops scxm_class_ext = {
	.name = "ext",
	.enqueue = scxm_ext_enqueue,
	.dequeue = scxm_ext_dequeue,
	.pick = ext_pick,
	.put_prev = ext_put_prev,
	.set_next = ext_set_next,
	.select = scxm_ext_select,
	.wakeup_preempt = ext_wakeup_preempt,
	.tick = ext_tick,
	.next_tick = ext_next_tick,
	.yield = ext_yield,
	.charge = ext_charge,
};
