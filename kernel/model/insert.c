// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Putting a task on a queue and taking it off: order, slice, custody, and what an insertion into a
 * CPU's own queue sets off. Invariants: p->scx.dsq is the queue that holds p; a task in the
 * scheduler's custody leaves it exactly once, with one call of dequeue.
 */
#include "check.h"
#include "cycle.h"
#include "dsq.h"

struct scx_dispatch_q *scxm_global_dsq(struct scxm *m, int cpu)
{
	return &m->sched.global[m->cpus[cpu].node];
}

struct scx_dispatch_q *scxm_find_for_dispatch(struct scxm *m, struct scxm_cpu *cpu, uint64_t id,
					      int task_cpu)
{
	struct scx_dispatch_q *dsq;

	if (id == SCX_DSQ_LOCAL)
		return &cpu->rq.scx.local_dsq;
	if ((id & SCX_DSQ_LOCAL_ON) == SCX_DSQ_LOCAL_ON) {
		int target = (int)(id & SCX_DSQ_LOCAL_CPU_MASK);

		if (!scxm_cpu_valid(m, target, "in SCX_DSQ_LOCAL_ON dispatch verdict"))
			return scxm_global_dsq(m, task_cpu);
		return &m->cpus[target].rq.scx.local_dsq;
	}
	if (id == SCX_DSQ_GLOBAL)
		return scxm_global_dsq(m, task_cpu);
	dsq = scxm_dsq_find(m, id);
	if (!dsq) {
		scxm_error(m, "non-existent DSQ 0x%llx", (unsigned long long)id);
		return scxm_global_dsq(m, task_cpu);
	}
	return dsq;
}

/* Could a task that is put on @cpu now run at once? */
bool scxm_cpu_open(struct scxm *m, struct scxm_cpu *cpu, uint64_t flags)
{
	(void)m;
	if (cpu->next_class != SCXM_CLASS_EXT)
		return cpu->next_class < SCXM_CLASS_EXT;
	if (cpu->rq.scx.flags & SCX_RQ_IN_DISPATCH)
		return true;
	if (flags & SCX_ENQ_PREEMPT) {
		struct task_struct *curr = cpu->rq.curr;

		return !scxm_on_ext(curr) || !(curr->scx.flags & SCX_TASK_PROTECTED);
	}
	return false;
}

void scxm_apply_slice(struct task_struct *p, uint64_t slice, uint64_t vtime, uint64_t flags)
{
	if (slice) {
		p->scx.slice = slice;
		/* An explicit slice replaces what was asked for from elsewhere; a default does not. */
		if (!(flags & SCX_ENQ_SLICE_DFL))
			p->scx.slice_oob = 0;
	} else if (!p->scx.slice) {
		p->scx.slice = 1;
	}
	if (flags & SCX_ENQ_DSQ_PRIQ)
		p->scx.dsq_vtime = vtime;
}

static void count_in(struct scxm *m, struct scx_dispatch_q *dsq, struct task_struct *p,
		     uint64_t flags)
{
	struct scxm_cpu *cpu;

	dsq->nr++;
	if (flags & SCX_ENQ_IMMED) {
		if (!scxm_dsq_is_local(dsq))
			return;
		p->scx.flags |= SCX_TASK_IMMED;
	}
	if (!(p->scx.flags & SCX_TASK_IMMED))
		return;
	cpu = scxm_dsq_cpu(dsq);
	cpu->rq.scx.nr_immed++;
	if (dsq->nr > 1 || !scxm_cpu_open(m, cpu, flags))
		scxm_reenq(m, dsq, 0, cpu);
}

static void count_out(struct scx_dispatch_q *dsq, struct task_struct *p)
{
	dsq->nr--;
	if (p->scx.flags & SCX_TASK_IMMED && scxm_dsq_is_local(dsq))
		scxm_dsq_cpu(dsq)->rq.scx.nr_immed--;
}

/* True if the scheduler is to be told that @p left its custody. */
static bool leave_custody(struct task_struct *p)
{
	if (!(p->scx.flags & SCX_TASK_IN_CUSTODY) || p->scx.sticky_cpu >= 0)
		return false;
	p->scx.flags &= ~(u32)SCX_TASK_IN_CUSTODY;
	return true;
}

static void tell_dequeue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	/* Up to 7.0 leaving for a terminal queue was not told. */
	if (SCXM_HAS(m, dequeue) && scxm_posed_since(m, 7, 1))
		SCXM_CALL_VOID(m, dequeue, cpu, p, NULL, 0, p, 0);
}

/* A task arrived in the CPU's own queue: who has to know? */
static void after_local(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags)
{
	struct task_struct *curr = cpu->rq.curr;

	if (leave_custody(p))
		tell_dequeue(m, cpu, p);
	if (scxm_task(p)->class > cpu->next_class)
		scxm_wakeup_preempt(m, cpu, p);
	if (cpu->rq.scx.flags & SCX_RQ_IN_DISPATCH)
		return;
	if (!(flags & SCX_ENQ_PREEMPT) || p == curr || !scxm_on_ext(curr))
		return;
	if (curr->scx.flags & SCX_TASK_PROTECTED) {
		scxm_count(cpu, SCX_EV_SLICE_DENIED, 1);
		return;
	}
	scxm_set_slice(curr, 0);
	scxm_resched(m, cpu);
}

static void insert_ordered(struct scxm *m, struct scx_dispatch_q *dsq, struct task_struct *p,
			   uint64_t flags)
{
	if (flags & SCX_ENQ_DSQ_PRIQ) {
		if (!dsq->priq && scxm_dsq_next(dsq, NULL, false))
			scxm_error(m, "DSQ ID 0x%016llx already had FIFO-enqueued tasks",
				   (unsigned long long)dsq->id);
		scxm_dsq_insert_vtime(dsq, p);
		return;
	}
	if (dsq->priq)
		scxm_error(m, "DSQ ID 0x%016llx already had PRIQ-enqueued tasks",
			   (unsigned long long)dsq->id);
	if (flags & (SCX_ENQ_HEAD | SCX_ENQ_PREEMPT))
		scxm_dsq_insert_head(dsq, p);
	else
		scxm_dsq_insert_tail(dsq, p);
}

void scxm_dispatch_enqueue(struct scxm *m, struct scxm_cpu *cpu, struct scx_dispatch_q *dsq,
			   struct task_struct *p, uint64_t slice, uint64_t vtime, uint64_t flags)
{
	bool told = false;

	scxm_expect(m, !p->scx.dsq && scxm_list_empty(&p->scx.dsq_list.node));
	if (dsq->id == SCX_DSQ_INVALID) {
		scxm_error(m, "attempting to dispatch to a destroyed dsq");
		dsq = scxm_global_dsq(m, (int)p->thread_info.cpu);
	}
	if ((dsq->id & SCX_DSQ_FLAG_BUILTIN) && (flags & SCX_ENQ_DSQ_PRIQ)) {
		scxm_error(m, "cannot use vtime ordering for built-in DSQs");
		flags &= ~(uint64_t)SCX_ENQ_DSQ_PRIQ;
	}
	if (flags & SCX_ENQ_APPLY_SLICE)
		scxm_apply_slice(p, slice, vtime, flags);
	insert_ordered(m, dsq, p, flags);
	p->scx.dsq_seq = ++dsq->seq;
	count_in(m, dsq, p, flags);
	p->scx.dsq = dsq;
	if (scxm_dsq_is_local(dsq)) {
		after_local(m, cpu, p, flags);
	} else if (dsq->id == SCX_DSQ_GLOBAL || dsq->id == SCX_DSQ_BYPASS) {
		told = leave_custody(p);
		if (told)
			tell_dequeue(m, cpu, p);
	} else {
		p->scx.flags |= SCX_TASK_IN_CUSTODY;
	}
	if (flags & SCX_ENQ_CLEAR_OPSS)
		p->scx.ops_state = SCX_OPSS_NONE;
}

void scxm_insert_local(struct scxm *m, struct task_struct *p, uint64_t flags, struct scxm_cpu *dst)
{
	struct scx_dispatch_q *dsq = &dst->rq.scx.local_dsq;

	if (flags & (SCX_ENQ_HEAD | SCX_ENQ_PREEMPT))
		scxm_dsq_insert_head(dsq, p);
	else
		scxm_dsq_insert_tail(dsq, p);
	count_in(m, dsq, p, flags);
	p->scx.dsq = dsq;
	after_local(m, dst, p, flags);
}

void scxm_unlink(struct scxm *m, struct task_struct *p, struct scx_dispatch_q *dsq)
{
	(void)m;
	scxm_dsq_remove(dsq, p);
	count_out(dsq, p);
}

void scxm_dispatch_dequeue(struct scxm *m, struct task_struct *p)
{
	if (!p->scx.dsq) {
		/* On a list without a queue: an insert elsewhere that was put off. */
		scxm_list_del(&p->scx.dsq_list.node);
		p->scx.holding_cpu = -1;
		return;
	}
	/* Whoever holds it has unlinked it already. */
	if (p->scx.holding_cpu < 0)
		scxm_unlink(m, p, p->scx.dsq);
	p->scx.holding_cpu = -1;
	p->scx.dsq = NULL;
}
