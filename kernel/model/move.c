// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Tasks move between queues and between CPUs: consuming a queue, the dispatch buffer, iterators'
 * moves, what was put off, re-enqueueing (kernel/sched/ext/ext.c).
 */
#include "check.h"
#include "cycle.h"
#include "dsq.h"
#include "mask.h"

static void move_local(struct scxm *m, struct task_struct *p, uint64_t flags, struct scxm_cpu *dst)
{
	p->scx.dsq = NULL;
	scxm_insert_local(m, p, flags, dst);
}

/* @p changes its CPU: it leaves one runqueue and joins the other, in @dst's own queue. */
static void move_remote(struct scxm *m, struct task_struct *p, uint64_t flags, struct scxm_cpu *src,
			struct scxm_cpu *dst)
{
	p->scx.sticky_cpu = scxm_cpu_nr(dst);
	scxm_deactivate(m, src, p, 0);
	scxm_set_task_cpu(m, p, scxm_cpu_nr(dst));
	dst->rq.scx.extra_enq_flags = flags;
	scxm_activate(m, dst, p, 0);
	dst->rq.scx.extra_enq_flags = 0;
}

bool scxm_can_run_on(struct scxm *m, struct task_struct *p, struct scxm_cpu *cpu, bool enforce)
{
	int nr = scxm_cpu_nr(cpu);

	if (scxm_migration_disabled(p)) {
		if (enforce)
			scxm_error(
				m,
				"SCX_DSQ_LOCAL[_ON] cannot move migration disabled %s[%d] from CPU %d to %d",
				p->comm, p->pid, (int)p->thread_info.cpu, nr);
		return false;
	}
	/* task_allowed_on_cpu(): the mask alone; whether the CPU serves is asked below. */
	if (!scxm_mask_test(p->cpus_ptr, nr)) {
		if (enforce)
			scxm_error(m, "SCX_DSQ_LOCAL[_ON] target CPU %d not allowed for %s[%d]", nr,
				   p->comm, p->pid);
		return false;
	}
	if (!scxm_cpu_serves(cpu)) {
		if (enforce)
			scxm_count(cpu, SCX_EV_DISPATCH_LOCAL_DSQ_OFFLINE, 1);
		return false;
	}
	return true;
}

bool scxm_consume(struct scxm *m, struct scxm_cpu *cpu, struct scx_dispatch_q *dsq, uint64_t flags)
{
	struct task_struct *p = NULL;

	while ((p = scxm_dsq_next(dsq, p, false))) {
		struct scxm_cpu *src = scxm_cpu_of(m, p);

		if (m->sched.aborting && dsq->id != SCX_DSQ_BYPASS)
			break;
		if (src == cpu) {
			scxm_unlink(m, p, dsq);
			move_local(m, p, flags, cpu);
			return true;
		}
		if (!scxm_can_run_on(m, p, cpu, false))
			continue;
		scxm_unlink(m, p, dsq);
		p->scx.holding_cpu = m->cpu;
		move_remote(m, p, flags, src, cpu);
		return true;
	}
	return false;
}

void scxm_move_between(struct scxm *m, struct task_struct *p, uint64_t flags,
		       struct scx_dispatch_q *src, struct scx_dispatch_q *dst)
{
	struct scxm_cpu *from = scxm_cpu_of(m, p), *to = from;

	if (scxm_dsq_is_local(dst)) {
		to = scxm_dsq_cpu(dst);
		if (from != to && !scxm_can_run_on(m, p, to, true)) {
			dst = scxm_global_dsq(m, (int)p->thread_info.cpu);
			to = from;
			flags |= SCX_ENQ_GDSQ_FALLBACK;
		}
	}
	if (!scxm_dsq_is_local(dst)) {
		scxm_unlink(m, p, src);
		p->scx.dsq = NULL;
		scxm_dispatch_enqueue(m, to, dst, p, 0, 0, flags);
	} else if (from == to) {
		scxm_unlink(m, p, src);
		move_local(m, p, flags, to);
	} else {
		move_remote(m, p, flags, from, to);
	}
}

void scxm_dispatch_to_local(struct scxm *m, struct scxm_cpu *cpu, struct scx_dispatch_q *dst,
			    struct task_struct *p, uint64_t slice, uint64_t vtime, uint64_t flags)
{
	struct scxm_cpu *src = scxm_cpu_of(m, p), *to = scxm_dsq_cpu(dst);
	bool fallback = false;

	p->scx.ops_state = SCX_OPSS_NONE;
	if (src == to) {
		scxm_dispatch_enqueue(m, to, dst, p, slice, vtime, flags | SCX_ENQ_APPLY_SLICE);
		if (to == cpu)
			return;
	} else if (!scxm_can_run_on(m, p, to, true)) {
		fallback = true;
		scxm_dispatch_enqueue(m, src, scxm_global_dsq(m, (int)p->thread_info.cpu), p, slice,
				      vtime, flags | SCX_ENQ_APPLY_SLICE | SCX_ENQ_GDSQ_FALLBACK);
	} else {
		scxm_apply_slice(p, slice, vtime, flags);
		move_remote(m, p, flags, src, to);
	}
	if (!fallback && scxm_task(p)->class > scxm_task(to->rq.curr)->class)
		scxm_resched(m, to);
}

static void finish(struct scxm *m, struct scxm_cpu *cpu, const struct scxm_insert *ent)
{
	struct task_struct *p = ent->p;
	struct scx_dispatch_q *dsq;

	/* The task left, or left and came back, since the scheduler decided: its decision is void. */
	if ((p->scx.ops_state & 3) != SCX_OPSS_QUEUED ||
	    p->scx.ops_state >> SCX_OPSS_QSEQ_SHIFT != ent->qseq)
		return;
	p->scx.ops_state = SCX_OPSS_DISPATCHING;
	dsq = scxm_find_for_dispatch(m, cpu, ent->dsq_id, (int)p->thread_info.cpu);
	if (scxm_dsq_is_local(dsq))
		scxm_dispatch_to_local(m, cpu, dsq, p, ent->slice, ent->vtime, ent->enq_flags);
	else
		scxm_dispatch_enqueue(m, cpu, dsq, p, ent->slice, ent->vtime,
				      ent->enq_flags | SCX_ENQ_APPLY_SLICE | SCX_ENQ_CLEAR_OPSS);
}

void scxm_flush_buffer(struct scxm *m, struct scxm_cpu *cpu)
{
	struct scxm_cpu *here = scxm_this_cpu(m);

	for (uint32_t i = 0; i < here->cursor; i++)
		finish(m, cpu, &here->buffer[i]);
	here->nr_dispatched += here->cursor;
	here->cursor = 0;
}

/* ---- what is put off ---- */

void scxm_defer(struct scxm *m, struct scxm_cpu *cpu, bool locked)
{
	if (locked) {
		/* The wake-up's end does it. */
		if (cpu->rq.scx.flags & SCX_RQ_IN_WAKEUP)
			return;
		if (cpu->balance)
			return;
		if (cpu->rq.scx.flags & SCX_RQ_IN_DISPATCH) {
			cpu->balance = true;
			return;
		}
	}
	cpu->deferred = true;
	if (scxm_cpu_nr(cpu) != m->cpu)
		scxm_event_arm(&m->clock, &cpu->irq, scxm_now(m));
}

static bool should_reenq(struct scxm_cpu *cpu, struct task_struct *p, bool first, bool open,
			 uint64_t flags, uint32_t *reason)
{
	if (p->scx.flags & SCX_TASK_PROTECTED)
		return false;
	*reason = SCX_TASK_REENQ_KFUNC;
	if ((p->scx.flags & SCX_TASK_IMMED) && (!first || !open)) {
		scxm_count(cpu, SCX_EV_REENQ_IMMED, 1);
		*reason = SCX_TASK_REENQ_IMMED;
		return true;
	}
	return flags & SCX_REENQ_ANY;
}

static void reenqueue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	scxm_do_enqueue(m, cpu, p, SCX_ENQ_REENQ, -1);
	p->scx.flags &= ~(u32)SCX_TASK_REENQ_REASON_MASK;
}

uint32_t scxm_reenq_local(struct scxm *m, struct scxm_cpu *cpu, uint64_t flags)
{
	struct scx_dispatch_q *dsq = &cpu->rq.scx.local_dsq;
	struct task_struct *p, *next = scxm_dsq_next(dsq, NULL, false);
	bool open = scxm_cpu_open(m, cpu, 0), first = true;
	struct list_head taken;
	uint32_t nr = 0;

	scxm_list_init(&taken);
	while ((p = next)) {
		uint32_t reason;

		next = scxm_dsq_next(dsq, p, false);
		if (scxm_task(p)->move_to >= 0)
			continue; /* the stopper has it */
		if (should_reenq(cpu, p, first, open, flags, &reason)) {
			scxm_dispatch_dequeue(m, p);
			p->scx.flags |= reason;
			scxm_list_add_tail(&p->scx.dsq_list.node, &taken);
		}
		first = false;
	}
	while (!scxm_list_empty(&taken)) {
		p = scxm_container(taken.next, struct task_struct, scx.dsq_list.node);
		scxm_list_del(&p->scx.dsq_list.node);
		reenqueue(m, cpu, p);
		nr++;
	}
	return nr;
}

static void reenq_user(struct scxm *m, struct scx_dispatch_q *dsq, uint64_t flags)
{
	uint32_t until = dsq->seq;
	struct task_struct *p;

	if (!(flags & SCX_REENQ_ANY))
		return;
	/* Those that come back to the same queue meanwhile have a later number. */
	while (!m->sched.bypass_depth) {
		p = scxm_dsq_next(dsq, NULL, false);
		while (p && scxm_before32(until, p->scx.dsq_seq))
			p = scxm_dsq_next(dsq, p, false);
		if (!p)
			break;
		scxm_unlink(m, p, dsq);
		p->scx.dsq = NULL;
		p->scx.flags |= SCX_TASK_REENQ_KFUNC;
		reenqueue(m, scxm_cpu_of(m, p), p);
	}
}

void scxm_reenq(struct scxm *m, struct scx_dispatch_q *dsq, uint64_t flags, struct scxm_cpu *locked)
{
	struct scxm_cpu *cpu;

	if (m->sched.bypass_depth)
		return;
	if (scxm_dsq_is_local(dsq)) {
		cpu = scxm_dsq_cpu(dsq);
		if (!cpu->active)
			return;
		cpu->reenq_local_set = true;
		cpu->reenq_local |= flags;
	} else if (!(dsq->id & SCX_DSQ_FLAG_BUILTIN)) {
		cpu = scxm_this_cpu(m);
		if (scxm_list_empty(&dsq->reenq))
			scxm_list_add_tail(&dsq->reenq, &cpu->reenq_users);
		dsq->reenq_flags |= flags;
	} else {
		scxm_error(m, "DSQ 0x%llx not allowed for reenq", (unsigned long long)dsq->id);
		return;
	}
	scxm_defer(m, cpu, cpu == locked);
}

void scxm_run_deferred(struct scxm *m, struct scxm_cpu *cpu)
{
	struct list_head *locals = &cpu->rq.scx.ddsp_deferred_locals;

	while (!scxm_list_empty(locals)) {
		struct task_struct *p =
			scxm_container(locals->next, struct task_struct, scx.dsq_list.node);
		uint64_t flags = p->scx.ddsp_enq_flags, slice = p->scx.ddsp_slice;
		uint64_t vtime = p->scx.ddsp_vtime, id = p->scx.ddsp_dsq_id;
		struct scx_dispatch_q *dsq;

		scxm_list_del(&p->scx.dsq_list.node);
		scxm_clear_direct(p);
		dsq = scxm_find_for_dispatch(m, cpu, id, (int)p->thread_info.cpu);
		if (scxm_dsq_is_local(dsq))
			scxm_dispatch_to_local(m, cpu, dsq, p, slice, vtime, flags);
	}
	if (cpu->reenq_local_set) {
		uint64_t flags = cpu->reenq_local;

		cpu->reenq_local_set = false;
		cpu->reenq_local = 0;
		(void)scxm_reenq_local(m, cpu, flags); /* how many there were interests nobody */
	}
	while (!scxm_list_empty(&cpu->reenq_users)) {
		struct scx_dispatch_q *dsq =
			scxm_container(cpu->reenq_users.next, struct scx_dispatch_q, reenq);
		uint64_t flags = dsq->reenq_flags;

		scxm_list_del(&dsq->reenq);
		dsq->reenq_flags = 0;
		reenq_user(m, dsq, flags);
	}
}
