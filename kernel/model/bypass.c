// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Bypass (kernel/sched/ext/ext.c: scx_bypass()): a queue per CPU, first in, first out, short slices,
 * and a timer that moves tasks from crowded to empty queues within a node.
 */
#include "bypass.h"

#include "cycle.h"
#include "dsq.h"
#include "idle.h"
#include "mask.h"

#define BALANCE_NS 500000000ULL /* SCX_BYPASS_LB_DFL_INTV_US, kernel/sched/ext/types.h */
#define DONOR_PERCENT 125	/* SCX_BYPASS_LB_DONOR_PCT */
#define DELTA_LEAST 25		/* BALANCE_NS / SCX_BYPASS_LB_MIN_DELTA_DIV / SCX_SLICE_BYPASS */

/* Puts every waiting task of @cpu where it belongs now. */
static void cycle_tasks(struct scxm *m, struct scxm_cpu *cpu)
{
	struct list_head *list = &cpu->rq.scx.runnable_list, *at = list->prev;

	while (at != list) {
		struct task_struct *p = scxm_container(at, struct task_struct, scx.runnable_node);
		struct scxm_change change;

		at = at->prev;
		change = scxm_change_begin(m, p, DEQUEUE_SAVE | DEQUEUE_MOVE);
		scxm_change_end(m, &change);
	}
}

static bool change_depth(struct scxm *m, bool on)
{
	struct scx_sched *sch = &m->sched;

	sch->bypass_depth += on ? 1 : -1;
	if (sch->bypass_depth != (on ? 1 : 0))
		return false;
	sch->slice_dfl = on ? SCX_SLICE_BYPASS : SCX_SLICE_DFL;
	if (!on) {
		scxm_count(scxm_this_cpu(m), SCX_EV_BYPASS_DURATION,
			   (int64_t)(scxm_now(m) - sch->bypass_since));
		return true;
	}
	sch->bypass_since = scxm_now(m);
	scxm_count(scxm_this_cpu(m), SCX_EV_BYPASS_ACTIVATE, 1);
	m->bypass_dsp = true;
	scxm_event_arm(&m->clock, &m->bypass_lb, scxm_now(m) + BALANCE_NS);
	return true;
}

void scxm_bypass(struct scxm *m, bool on)
{
	if (!change_depth(m, on))
		return;
	for (uint32_t i = 0; i < m->nr_cpus; i++) {
		struct scxm_cpu *cpu = &m->cpus[i];

		cpu->bypassing = on;
		if (!on)
			cpu->rq.scx.flags |= SCX_RQ_ROOT_IDLE_RENOTIFY;
		if (!m->ext_enabled)
			continue;
		cycle_tasks(m, cpu);
		if (scxm_mask_test(&m->online, (int)i))
			scxm_resched(m, cpu);
	}
	if (!on) {
		m->bypass_dsp = false;
		scxm_event_disarm(&m->clock, &m->bypass_lb);
	}
}

static void take_from(struct scxm *m, struct scxm_cpu *donor, cpumask_t *donees, cpumask_t *resched,
		      uint32_t keep, uint32_t fill)
{
	struct scx_dispatch_q *dsq = &donor->bypass_dsq;
	struct task_struct *p, *next = scxm_dsq_next(dsq, NULL, false);

	if (dsq->nr < keep + DELTA_LEAST)
		return;
	while ((p = next) && dsq->nr > keep && !scxm_mask_empty(donees)) {
		struct scxm_cpu *to;
		int donee;

		next = scxm_dsq_next(dsq, p, false);
		if (scxm_cpu_of(m, p) != donor)
			continue;
		donee = scxm_mask_distribute(m, donees, p->cpus_ptr);
		if (donee < 0)
			continue;
		to = &m->cpus[donee];
		if (!scxm_can_run_on(m, p, to, false))
			continue;
		scxm_unlink(m, p, dsq);
		p->scx.dsq = NULL;
		scxm_dispatch_enqueue(m, to, &to->bypass_dsq, p, 0, 0, SCX_ENQ_NESTED);
		scxm_mask_set(resched, donee);
		if (to->bypass_dsq.nr >= fill)
			scxm_mask_clear(donees, donee);
	}
}

static void balance_node(struct scxm *m, const cpumask_t *node)
{
	cpumask_t cpus, donees = { { 0 } }, resched = { { 0 } };
	uint32_t tasks = 0, nr, target, donor;

	scxm_mask_and(&cpus, node, &m->online);
	nr = (uint32_t)scxm_mask_weight(&cpus);
	if (!nr)
		return;
	scxm_for_each_cpu(cpu, &cpus) tasks += m->cpus[cpu].bypass_dsq.nr;
	target = (tasks + nr - 1) / nr;
	donor = (target * DONOR_PERCENT + 99) / 100;
	scxm_for_each_cpu(cpu, &cpus)
	{
		if (m->cpus[cpu].bypass_dsq.nr < target)
			scxm_mask_set(&donees, cpu);
	}
	scxm_for_each_cpu(cpu, &cpus)
	{
		if (!scxm_mask_test(&donees, cpu) && m->cpus[cpu].bypass_dsq.nr > donor)
			take_from(m, &m->cpus[cpu], &donees, &resched, donor, target);
	}
	scxm_for_each_cpu(cpu, &resched) scxm_resched(m, &m->cpus[cpu]);
}

void scxm_bypass_balance(struct scxm *m)
{
	if (!m->bypass_dsp)
		return;
	for (uint32_t i = 0; i < m->nr_nodes; i++)
		balance_node(m, &m->nodes[i].cpus);
	scxm_event_arm(&m->clock, &m->bypass_lb, scxm_now(m) + BALANCE_NS);
}
