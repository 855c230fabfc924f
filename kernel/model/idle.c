// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Idle CPUs (kernel/sched/ext/idle.c). A mask of idle CPUs and one of CPUs whose whole core is idle,
 * for the machine or per node; both are hints that a claim settles. Picks go round
 * (cpumask_any_and_distribute()): the next one begins behind the last.
 */
#include "idle.h"

#include <errno.h>

#include "call.h"
#include "cycle.h"
#include "mask.h"

int scxm_mask_distribute(struct scxm *m, const cpumask_t *a, const cpumask_t *b)
{
	struct scxm_cpu *cpu = scxm_this_cpu(m);
	int next = -1, prev = (int)cpu->distribute;

	if (prev + 1 < (int)m->nr_cpus)
		next = scxm_mask_next(a, b, prev + 1);
	if (next < 0)
		next = scxm_mask_next(a, b, 0);
	if (next >= 0)
		cpu->distribute = (uint32_t)next;
	return next;
}

bool scxm_idle_claim(struct scxm *m, int cpu)
{
	int node = scxm_idle_node(m, cpu);

	/* The core is not wholly idle any more, whether the claim succeeds or not. */
	if (m->smt) {
		const cpumask_t *smt = &m->core_mask[m->cpus[cpu].core];

		scxm_mask_andnot(scxm_idle_smts(m, node), scxm_idle_smts(m, node), smt);
		scxm_mask_clear(scxm_idle_smts(m, node), cpu);
	}
	return scxm_mask_test_and_clear(scxm_idle_cpus(m, node), cpu);
}

static int pick_in_node(struct scxm *m, const cpumask_t *allowed, int node, uint64_t flags)
{
	for (;;) {
		int cpu = -1;

		if (m->smt) {
			cpu = scxm_mask_distribute(m, scxm_idle_smts(m, node), allowed);
			if (cpu < 0 && (flags & SCX_PICK_IDLE_CORE))
				return -EBUSY;
		}
		if (cpu < 0)
			cpu = scxm_mask_distribute(m, scxm_idle_cpus(m, node), allowed);
		if (cpu < 0)
			return -EBUSY;
		if (scxm_idle_claim(m, cpu))
			return cpu;
	}
}

/* The nearest node after those in @seen. */
static int next_node(const struct scxm *m, int node, uint64_t seen[])
{
	int best = -1;

	for (uint32_t i = 0; i < m->nr_nodes; i++) {
		if (seen[i / 64] >> (i % 64) & 1)
			continue;
		if (best < 0 || m->nodes[node].distance[i] < m->nodes[node].distance[best])
			best = (int)i;
	}
	if (best >= 0)
		seen[best / 64] |= 1ULL << (best % 64);
	return best;
}

int scxm_idle_pick(struct scxm *m, const cpumask_t *allowed, int node, uint64_t flags)
{
	uint64_t seen[SCXM_CPUS_MAX / 64] = { 0 };
	int cpu = pick_in_node(m, allowed, node, flags);

	if (cpu >= 0)
		return cpu;
	if (node == NUMA_NO_NODE || (flags & SCX_PICK_IDLE_IN_NODE))
		return -EBUSY;
	seen[node / 64] |= 1ULL << (node % 64);
	for (int at = node; (at = next_node(m, node, seen)) >= 0;) {
		cpu = pick_in_node(m, allowed, at, flags);
		if (cpu >= 0)
			return cpu;
	}
	return -EBUSY;
}

/* ---- the default choice ---- */

struct choice {
	struct task_struct *p;
	int prev, node;
	uint64_t flags;
	const cpumask_t *allowed, *llc, *numa;
	cpumask_t own, own_llc, own_numa;
	bool prev_allowed;
};

static bool affinity_all(const struct scxm *m, const struct task_struct *p)
{
	return p->nr_cpus_allowed >= (int)m->nr_cpus;
}

/* What of @span the choice may use: all of it, a part put into @part, or nothing. */
static const cpumask_t *narrow(struct scxm *m, const struct choice *c, const cpumask_t *span,
			       cpumask_t *part)
{
	if (c->allowed == c->p->cpus_ptr && affinity_all(m, c->p))
		return span;
	return scxm_mask_and(part, c->allowed, span) ? part : NULL;
}

/* A waker that is about to sleep: its own CPU, or where the woken one was if they share a cache. */
static int choose_sync(struct scxm *m, const struct choice *c)
{
	int cpu = m->cpu, waker_node;

	if (c->prev_allowed && m->cpus[cpu].llc == m->cpus[c->prev].llc &&
	    scxm_idle_claim(m, c->prev))
		return c->prev;
	waker_node = scxm_idle_node(m, cpu);
	if (scxm_current(m)->flags & PF_EXITING || m->cpus[cpu].rq.scx.local_dsq.nr ||
	    ((c->flags & SCX_PICK_IDLE_IN_NODE) && waker_node != c->node) ||
	    scxm_mask_empty(scxm_idle_cpus(m, waker_node)) || !scxm_mask_test(c->allowed, cpu))
		return -EBUSY;
	(void)scxm_idle_claim(m, cpu); /* it is busy; this only spoils the core's mark */
	return cpu;
}

/* From near to far, with whole idle cores only or any idle CPU. */
static int choose_near(struct scxm *m, const struct choice *c, uint64_t core)
{
	int cpu;

	if (c->llc) {
		cpu = pick_in_node(m, c->llc, c->node, core);
		if (cpu >= 0)
			return cpu;
	}
	if (c->numa) {
		cpu = pick_in_node(m, c->numa, c->node, core);
		if (cpu >= 0)
			return cpu;
	}
	return scxm_idle_pick(m, c->allowed, c->node, c->flags | core);
}

static int choose_sibling(struct scxm *m, const struct choice *c)
{
	const cpumask_t *smt = &m->core_mask[m->cpus[c->prev].core];

	for (int cpu = scxm_mask_next(smt, c->allowed, 0); cpu >= 0;
	     cpu = scxm_mask_next(smt, c->allowed, cpu + 1)) {
		if (cpu != c->prev && scxm_idle_claim(m, cpu))
			return cpu;
	}
	return -EBUSY;
}

static int choose(struct scxm *m, const struct choice *c, uint64_t wake_flags)
{
	int cpu;

	if (wake_flags & SCX_WAKE_SYNC) {
		cpu = choose_sync(m, c);
		if (cpu >= 0)
			return cpu;
	}
	if (m->smt) {
		if (c->prev_allowed && scxm_mask_test(scxm_idle_smts(m, c->node), c->prev) &&
		    scxm_idle_claim(m, c->prev))
			return c->prev;
		cpu = choose_near(m, c, SCX_PICK_IDLE_CORE);
		if (cpu >= 0 || (c->flags & SCX_PICK_IDLE_CORE))
			return cpu;
	}
	if (c->prev_allowed && scxm_idle_claim(m, c->prev))
		return c->prev;
	if (m->smt) {
		cpu = choose_sibling(m, c);
		if (cpu >= 0)
			return cpu;
	}
	return choose_near(m, c, 0);
}

int scxm_idle_select(struct scxm *m, struct task_struct *p, int prev, uint64_t wake_flags,
		     const cpumask_t *allowed, uint64_t flags)
{
	struct choice c = { .p = p, .prev = prev, .flags = flags };

	c.node = scxm_idle_node(m, prev);
	c.allowed = allowed ? allowed : p->cpus_ptr;
	if (c.allowed != p->cpus_ptr && !affinity_all(m, p)) {
		if (!scxm_mask_and(&c.own, allowed, p->cpus_ptr))
			return -EBUSY;
		c.allowed = &c.own;
	}
	c.prev_allowed = scxm_mask_test(c.allowed, prev);
	if (m->idle.numa)
		c.numa = narrow(m, &c, &m->nodes[m->cpus[prev].node].cpus, &c.own_numa);
	if (m->idle.llc)
		c.llc = narrow(m, &c, &m->llc_mask[m->cpus[prev].llc], &c.own_llc);
	return choose(m, &c, wake_flags);
}

/* ---- keeping the masks ---- */

/* CPUs of @mask that tasks may be placed on: what a scheduling domain spans. */
static int active_in(const struct scxm *m, const cpumask_t *mask)
{
	cpumask_t both;

	scxm_mask_and(&both, mask, &m->active);
	return scxm_mask_weight(&both);
}

void scxm_idle_topology(struct scxm *m)
{
	int online = scxm_mask_weight(&m->online), first = scxm_mask_first(&m->online);
	bool differ = false;

	scxm_for_each_cpu(cpu, &m->online)
	{
		if (active_in(m, &m->llc_mask[m->cpus[cpu].llc]) !=
		    active_in(m, &m->nodes[m->cpus[cpu].node].cpus))
			differ = true;
	}
	m->idle.llc = active_in(m, &m->llc_mask[m->cpus[first].llc]) < online;
	m->idle.numa = !(m->sched.ops.flags & SCX_OPS_BUILTIN_IDLE_PER_NODE) && m->nr_nodes > 1 &&
		       differ && active_in(m, &m->nodes[m->cpus[first].node].cpus) < online;
}

void scxm_idle_enable(struct scxm *m)
{
	const struct sched_ext_ops *ops = &m->sched.ops;

	m->idle.enabled = !ops->update_idle || (ops->flags & SCX_OPS_KEEP_BUILTIN_IDLE);
	m->idle.per_node = ops->flags & SCX_OPS_BUILTIN_IDLE_PER_NODE;
	for (uint32_t i = 0; i <= m->nr_nodes; i++) {
		scxm_mask_zero(&m->idle.cpus[i]);
		scxm_mask_zero(&m->idle.smts[i]);
	}
}

void scxm_idle_disable(struct scxm *m)
{
	m->idle.enabled = m->idle.per_node = false;
}

static void update_masks(struct scxm *m, int cpu, bool idle)
{
	int node = scxm_idle_node(m, cpu);
	cpumask_t *cpus = scxm_idle_cpus(m, node), *smts = scxm_idle_smts(m, node);
	const cpumask_t *smt = &m->core_mask[m->cpus[cpu].core];

	if (idle)
		scxm_mask_set(cpus, cpu);
	else
		scxm_mask_clear(cpus, cpu);
	if (!m->smt)
		return;
	if (!idle)
		scxm_mask_andnot(smts, smts, smt);
	else if (scxm_mask_subset(smt, cpus))
		scxm_mask_or(smts, smts, smt);
}

void scxm_update_idle(struct scxm *m, struct scxm_cpu *cpu, bool idle, bool notify)
{
	bool renotify = idle && (cpu->rq.scx.flags & SCX_RQ_ROOT_IDLE_RENOTIFY);

	/* The masks come first: the callback may look at them. */
	if (m->idle.enabled)
		update_masks(m, scxm_cpu_nr(cpu), idle);
	if (!notify && !renotify)
		return;
	renotify = cpu->rq.scx.flags & SCX_RQ_ROOT_IDLE_RENOTIFY;
	cpu->rq.scx.flags &= ~(u32)SCX_RQ_ROOT_IDLE_RENOTIFY;
	if ((notify || renotify) && SCXM_HAS(m, update_idle) && !scxm_bypassing(cpu))
		SCXM_CALL_VOID(m, update_idle, cpu, NULL, NULL, idle, scxm_cpu_nr(cpu), idle);
}
