// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * A task becomes runnable and stops being so: from select_cpu() to the queue it waits in, and back
 * out of it (kernel/sched/ext/ext.c: select_task_rq_scx(), enqueue_task_scx(), dequeue_task_scx()).
 */
#include "check.h"
#include "cycle.h"
#include "dsq.h"
#include "idle.h"
#include "mask.h"
#include "task.h"

#define OOB_PENDING (1ULL << 63)
#define OOB_INF (OOB_PENDING - 1)
#define OOB_MOST ((1ULL << 43) - 1) /* SCX_SLICE_OOB_DUR_MASK */

/* ---- slices ---- */

void scxm_set_slice(struct task_struct *p, uint64_t slice)
{
	p->scx.slice = slice;
	p->scx.slice_oob = 0;
}

void scxm_set_slice_oob(struct scxm *m, struct task_struct *p, uint64_t slice)
{
	if (slice == SCX_SLICE_INF) {
		slice = OOB_INF;
	} else if (slice >= OOB_MOST) {
		slice = OOB_MOST - 1;
		scxm_count(scxm_this_cpu(m), SCX_EV_SLICE_CLAMPED, 1);
	}
	p->scx.slice_oob = OOB_PENDING | slice;
	/* It counts from the next tick on. */
	if (scxm_is_running(m, p))
		scxm_rearm(m, scxm_cpu_of(m, p));
}

void scxm_apply_slice_oob(struct scxm *m, struct task_struct *p)
{
	uint64_t slice = p->scx.slice_oob & ~OOB_PENDING;

	(void)m;
	if (!p->scx.slice_oob)
		return;
	p->scx.slice_oob = 0;
	p->scx.slice = slice == OOB_INF ? SCX_SLICE_INF : slice;
}

void scxm_refill_slice(struct scxm *m, struct task_struct *p)
{
	p->scx.slice = m->sched.slice_dfl;
	scxm_count(scxm_cpu_of(m, p), SCX_EV_REFILL_SLICE_DFL, 1);
}

/* ---- the list that the watchdog reads ---- */

void scxm_set_task_runnable(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	if (p->scx.flags & SCX_TASK_RESET_RUNNABLE_AT) {
		p->scx.runnable_at = scxm_jiffies(m);
		p->scx.flags &= ~(u32)SCX_TASK_RESET_RUNNABLE_AT;
	}
	scxm_list_add_tail(&p->scx.runnable_node, &cpu->rq.scx.runnable_list);
	p->scx.runnable_cpu = scxm_cpu_nr(cpu);
}

void scxm_clear_task_runnable(struct task_struct *p, bool reset)
{
	scxm_list_del(&p->scx.runnable_node);
	p->scx.runnable_cpu = -1;
	if (reset) {
		p->scx.flags |= SCX_TASK_RESET_RUNNABLE_AT;
		p->scx.reenq_cnt = 0;
	}
}

/* ---- select ---- */

int scxm_ext_select(struct scxm *m, struct task_struct *p, int prev, int wake_flags)
{
	struct scxm_cpu *here = scxm_this_cpu(m);
	int cpu;

	if (wake_flags & WF_EXEC)
		return prev;
	if (scxm_bypassing(scxm_cpu_of(m, p))) {
		scxm_count(here, SCX_EV_BYPASS_DISPATCH, 1);
		p->scx.selected_cpu = prev;
		return prev;
	}
	if (SCXM_HAS(m, select_cpu)) {
		here->direct = p;
		here->rq.scx.in_select_cpu = true;
		cpu = SCXM_CALL(m, select_cpu, NULL, p, NULL, wake_flags, p, prev, (u64)wake_flags);
		here->rq.scx.in_select_cpu = false;
		here->direct = NULL;
		p->scx.selected_cpu = cpu;
		return scxm_cpu_valid(m, cpu, "from ops.select_cpu()") ? cpu : prev;
	}
	cpu = scxm_idle_select(m, p, prev, (uint64_t)wake_flags, NULL, 0);
	if (cpu >= 0) {
		scxm_count(here, SCX_EV_REFILL_SLICE_DFL, 1);
		p->scx.ddsp_slice = m->sched.slice_dfl;
		p->scx.ddsp_enq_flags = SCX_ENQ_SLICE_DFL;
		p->scx.ddsp_dsq_id = SCX_DSQ_LOCAL;
	} else {
		cpu = prev;
	}
	p->scx.selected_cpu = cpu;
	return cpu;
}

/* ---- enqueue ---- */

void scxm_clear_direct(struct task_struct *p)
{
	p->scx.ddsp_dsq_id = SCX_DSQ_INVALID;
	p->scx.ddsp_enq_flags = 0;
}

bool scxm_cpu_serves(const struct scxm_cpu *cpu)
{
	return (cpu->rq.scx.flags & SCX_RQ_ONLINE) && cpu->active;
}

static void direct_insert(struct scxm *m, struct task_struct *p, uint64_t enq_flags)
{
	struct scxm_cpu *cpu = scxm_cpu_of(m, p);
	struct scx_dispatch_q *dsq =
		scxm_find_for_dispatch(m, cpu, p->scx.ddsp_dsq_id, (int)p->thread_info.cpu);
	uint64_t flags, slice, vtime;

	p->scx.ddsp_enq_flags |= enq_flags;
	if (scxm_dsq_is_local(dsq) && dsq != &cpu->rq.scx.local_dsq) {
		/* Another CPU's: that needs its lock, so it is put off until ours is free. */
		p->scx.ops_state = SCX_OPSS_NONE;
		scxm_list_add_tail(&p->scx.dsq_list.node, &cpu->rq.scx.ddsp_deferred_locals);
		scxm_defer(m, cpu, true);
		return;
	}
	flags = p->scx.ddsp_enq_flags;
	slice = p->scx.ddsp_slice;
	vtime = p->scx.ddsp_vtime;
	scxm_clear_direct(p);
	scxm_dispatch_enqueue(m, cpu, dsq, p, slice, vtime,
			      flags | SCX_ENQ_APPLY_SLICE | SCX_ENQ_CLEAR_OPSS);
}

static void insert_default(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p,
			   struct scx_dispatch_q *dsq, uint64_t flags)
{
	scxm_refill_slice(m, p);
	scxm_clear_direct(p);
	scxm_dispatch_enqueue(m, cpu, dsq, p, 0, 0, flags);
}

/* Hands @p to the scheduler. */
static void ask_enqueue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags)
{
	struct scxm_cpu *here = scxm_this_cpu(m);
	struct task_struct *outer = here->direct;
	uint64_t qseq;

	if (!++p->scx.ops_qseq)
		p->scx.ops_qseq = 1;
	qseq = (uint64_t)p->scx.ops_qseq << SCX_OPSS_QSEQ_SHIFT;
	scxm_expect(m, p->scx.ops_state == SCX_OPSS_NONE);
	p->scx.ops_state = SCX_OPSS_QUEUEING | qseq;
	here->direct = p;
	SCXM_CALL_VOID(m, enqueue, cpu, p, NULL, flags, p, flags);
	here->direct = outer;
	if (p->scx.ddsp_dsq_id != SCX_DSQ_INVALID) {
		direct_insert(m, p, flags);
		return;
	}
	p->scx.flags |= SCX_TASK_IN_CUSTODY;
	p->scx.ops_state = SCX_OPSS_QUEUED | qseq;
}

/* True: the task was enqueued too often without running, and the scheduler ends. */
static bool reenqueued_too_often(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	if (++p->scx.reenq_cnt > 1)
		scxm_count(cpu, SCX_EV_REENQ_REPEAT, 1);
	if (p->scx.reenq_cnt <= SCX_REENQ_MAX_REPEAT)
		return false;
	scxm_exit(m, SCX_EXIT_ERROR_REENQ, 0, scxm_cpu_nr(cpu),
		  "%s[%d] reenqueued %u times without running", p->comm, p->pid, p->scx.reenq_cnt);
	return true;
}

void scxm_do_enqueue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags,
		     int sticky_cpu)
{
	struct scx_dispatch_q *local = &cpu->rq.scx.local_dsq;
	uint64_t ops = m->sched.ops.flags;

	scxm_expect(m, p->scx.flags & SCX_TASK_QUEUED);
	if (sticky_cpu == scxm_cpu_nr(cpu)) {
		scxm_dispatch_enqueue(m, cpu, local, p, 0, 0, flags);
		return;
	}
	p->scx.flags &= ~(u32)SCX_TASK_IMMED;
	/* The kernel lets go of a task here that it will get back in the bypass that follows. */
	if ((flags & SCX_ENQ_REENQ) && reenqueued_too_often(m, cpu, p))
		insert_default(m, cpu, p, local, flags);
	else if (!scxm_cpu_serves(cpu)) {
		insert_default(m, cpu, p, local, flags);
	} else if (scxm_bypassing(cpu)) {
		scxm_count(cpu, SCX_EV_BYPASS_DISPATCH, 1);
		insert_default(m, cpu, p, &scxm_cpu_of(m, p)->bypass_dsq, flags);
	} else if (p->scx.ddsp_dsq_id != SCX_DSQ_INVALID) {
		direct_insert(m, p, flags);
	} else if (!(ops & SCX_OPS_ENQ_EXITING) && (p->flags & PF_EXITING)) {
		scxm_count(cpu, SCX_EV_ENQ_SKIP_EXITING, 1);
		insert_default(m, cpu, p, local, flags);
	} else if (!(ops & SCX_OPS_ENQ_MIGRATION_DISABLED) && scxm_migration_disabled(p)) {
		scxm_count(cpu, SCX_EV_ENQ_SKIP_MIGRATION_DISABLED, 1);
		insert_default(m, cpu, p, local, flags);
	} else if (!SCXM_HAS(m, enqueue)) {
		insert_default(m, cpu, p, scxm_global_dsq(m, (int)p->thread_info.cpu), flags);
	} else {
		ask_enqueue(m, cpu, p, flags);
	}
}

void scxm_ext_enqueue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags)
{
	int sticky = p->scx.sticky_cpu;

	flags |= cpu->rq.scx.extra_enq_flags;
	p->scx.sticky_cpu = -1;
	if (flags & ENQUEUE_WAKEUP)
		cpu->rq.scx.flags |= SCX_RQ_IN_WAKEUP;
	/* A running task that only changed is put back without asking. */
	if ((flags & ENQUEUE_RESTORE) && cpu->rq.curr == p)
		sticky = scxm_cpu_nr(cpu);
	if (!(p->scx.flags & SCX_TASK_QUEUED)) {
		scxm_set_task_runnable(m, cpu, p);
		p->scx.flags |= SCX_TASK_QUEUED;
		cpu->rq.scx.nr_running++;
		cpu->rq.nr_running++;
		if (p->on_rq != TASK_ON_RQ_MIGRATING)
			SCXM_TELL(m, runnable, p, flags, flags);
		scxm_do_enqueue(m, cpu, p, flags, sticky);
	}
	cpu->rq.scx.flags &= ~(u32)SCX_RQ_IN_WAKEUP;
	if ((flags & SCX_ENQ_CPU_SELECTED) && scxm_cpu_nr(cpu) != p->scx.selected_cpu)
		scxm_count(cpu, SCX_EV_SELECT_CPU_FALLBACK, 1);
}

/* ---- dequeue ---- */

void scxm_ops_dequeue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags)
{
	bool queued = (p->scx.ops_state & 3) == SCX_OPSS_QUEUED;

	(void)cpu;
	scxm_clear_task_runnable(p, false);
	scxm_expect(m, (p->scx.ops_state & 3) != SCX_OPSS_QUEUEING);
	p->scx.ops_state = SCX_OPSS_NONE;
	if (!(p->scx.flags & SCX_TASK_IN_CUSTODY) || p->scx.sticky_cpu >= 0)
		return;
	p->scx.flags &= ~(u32)SCX_TASK_IN_CUSTODY;
	/* Up to 7.0 only a task that the scheduler itself held was told. */
	if (queued || scxm_posed_since(m, 7, 1))
		SCXM_TELL(m, dequeue, p, flags, flags);
}

void scxm_ext_dequeue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags)
{
	if (!(flags & DEQUEUE_SLEEP) && scxm_posed_since(m, 7, 1))
		flags |= SCX_DEQ_SCHED_CHANGE;
	if (!(p->scx.flags & SCX_TASK_QUEUED))
		return;
	scxm_ops_dequeue(m, cpu, p, flags);
	if (cpu->rq.curr == p && SCXM_HAS(m, stopping)) {
		scxm_update_curr(m, cpu);
		SCXM_TELL(m, stopping, p, 0, false);
	}
	if (p->on_rq != TASK_ON_RQ_MIGRATING)
		SCXM_TELL(m, quiescent, p, flags, flags);
	if (flags & DEQUEUE_SLEEP)
		p->scx.flags |= SCX_TASK_DEQD_FOR_SLEEP;
	else
		p->scx.flags &= ~(u32)SCX_TASK_DEQD_FOR_SLEEP;
	p->scx.flags &= ~(u32)SCX_TASK_QUEUED;
	cpu->rq.scx.nr_running--;
	cpu->rq.nr_running--;
	scxm_dispatch_dequeue(m, p);
	scxm_clear_direct(p);
}
