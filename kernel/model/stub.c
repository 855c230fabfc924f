// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * The other scheduling classes, as far as sched_ext notices them.
 *
 * Stop, deadline and real-time: whoever is of a higher class or priority has the CPU; first come,
 * first served among equals, and SCHED_RR takes turns. No bandwidth, no migration: a queued task
 * waits for its CPU. Fair: shares by weight on each CPU through virtual time, an idle CPU at
 * wake-up, and an idle CPU pulls. It is a baseline that says it is one, not EEVDF.
 */
#include "core.h"
#include "mask.h"
#include "task.h"

#define FAIR_SLICE_NS                                                                              \
	3000000 /* kernel/sched/fair.c: the base slice of machines with 8 CPUs or more */
#define RR_SLICE_NS 100000000 /* include/linux/sched/rt.h: RR_TIMESLICE */

static struct scxm_task *entry(struct list_head *node)
{
	return scxm_container(node, struct scxm_task, queue);
}

static uint64_t next_tick_after(const struct scxm *m, uint64_t at)
{
	return (at / m->tick_ns + 1) * m->tick_ns;
}

/* ---- stop, deadline, real-time ---- */

static struct list_head *rt_list(struct scxm_cpu *cpu, const struct task_struct *p)
{
	return scxm_task(p)->class == SCXM_CLASS_DL ? &cpu->dl : &cpu->rt;
}

static void rt_enqueue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags)
{
	struct list_head *list = rt_list(cpu, p), *at = list->next;

	(void)m;
	cpu->rq.nr_running++;
	if (scxm_task(p)->class == SCXM_CLASS_STOP)
		return;
	while (at != list && (entry(at)->t.prio < p->prio ||
			      (entry(at)->t.prio == p->prio && !(flags & ENQUEUE_HEAD))))
		at = at->next;
	scxm_list_add_tail(&scxm_task(p)->queue, at);
}

static void rt_dequeue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags)
{
	(void)m;
	(void)flags;
	cpu->rq.nr_running--;
	if (scxm_task(p)->class != SCXM_CLASS_STOP)
		scxm_list_del(&scxm_task(p)->queue);
}

static struct task_struct *rt_pick(struct scxm *m, struct scxm_cpu *cpu)
{
	(void)m;
	if (cpu->rq.stop->on_rq)
		return cpu->rq.stop;
	if (!scxm_list_empty(&cpu->dl))
		return &entry(cpu->dl.next)->t;
	if (!scxm_list_empty(&cpu->rt))
		return &entry(cpu->rt.next)->t;
	return NULL;
}

static void rt_put_prev(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p,
			struct task_struct *next)
{
	(void)p;
	(void)next;
	scxm_update_curr(m, cpu);
}

static void rt_set_next(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	(void)cpu;
	p->se.exec_start = scxm_now(m);
}

static int rt_select(struct scxm *m, struct task_struct *p, int prev, int wake_flags)
{
	(void)wake_flags;
	return scxm_task_allowed(m, p, prev) ? prev : scxm_fallback_cpu(m, p, prev);
}

static void rt_wakeup_preempt(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	if (p->prio < cpu->rq.curr->prio)
		scxm_resched(m, cpu);
}

static void rt_tick(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	struct scxm_task *task = scxm_task(p);
	struct list_head *list = rt_list(cpu, p);

	if (p->policy != SCHED_RR ||
	    p->se.sum_exec_runtime - p->se.prev_sum_exec_runtime < RR_SLICE_NS)
		return;
	p->se.prev_sum_exec_runtime = p->se.sum_exec_runtime;
	if (task->queue.next == list || entry(task->queue.next)->t.prio != p->prio)
		return;
	scxm_list_del(&task->queue);
	rt_enqueue(m, cpu, p, 0);
	cpu->rq.nr_running--;
	scxm_resched(m, cpu);
}

static uint64_t rt_next_tick(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	(void)cpu;
	return p->policy == SCHED_RR ? next_tick_after(m, scxm_now(m)) : UINT64_MAX;
}

static void rt_yield(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	if (scxm_task(p)->class == SCXM_CLASS_STOP)
		return;
	scxm_list_del(&scxm_task(p)->queue);
	rt_enqueue(m, cpu, p, 0);
	cpu->rq.nr_running--;
}

static void rt_charge(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t ns)
{
	(void)m;
	(void)cpu;
	(void)p;
	(void)ns;
}

const struct scxm_class_ops scxm_class_rt = {
	.name = "rt",
	.enqueue = rt_enqueue,
	.dequeue = rt_dequeue,
	.pick = rt_pick,
	.put_prev = rt_put_prev,
	.set_next = rt_set_next,
	.select = rt_select,
	.wakeup_preempt = rt_wakeup_preempt,
	.tick = rt_tick,
	.next_tick = rt_next_tick,
	.yield = rt_yield,
	.charge = rt_charge,
};

/* ---- fair ---- */

static void fair_insert(struct scxm_cpu *cpu, struct task_struct *p)
{
	struct list_head *at = cpu->fair.prev;

	while (at != &cpu->fair && (int64_t)(entry(at)->t.se.vruntime - p->se.vruntime) > 0)
		at = at->prev;
	scxm_list_add(&scxm_task(p)->queue, at);
}

static void fair_enqueue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p,
			 uint64_t flags)
{
	(void)m;
	(void)flags;
	cpu->nr_fair++;
	cpu->rq.nr_running++;
	scxm_task(p)->fair = true;
	/* A sleeper keeps one slice of credit; virtual times of two CPUs do not compare. */
	if ((int64_t)(p->se.vruntime - (cpu->fair_min - FAIR_SLICE_NS)) < 0 ||
	    (int64_t)(p->se.vruntime - (cpu->fair_min + FAIR_SLICE_NS)) > 0)
		p->se.vruntime = cpu->fair_min;
	if (cpu->rq.curr != p)
		fair_insert(cpu, p);
}

static void fair_dequeue(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p,
			 uint64_t flags)
{
	(void)flags;
	if (cpu->rq.curr == p)
		scxm_update_curr(m, cpu);
	else
		scxm_list_del(&scxm_task(p)->queue);
	cpu->nr_fair--;
	cpu->rq.nr_running--;
	scxm_task(p)->fair = false;
}

/* A task that waits on another CPU and may run here; from the CPU that has the most. */
static bool fair_pull(struct scxm *m, struct scxm_cpu *cpu)
{
	struct scxm_cpu *from = NULL;

	if (!cpu->active)
		return false;
	for (uint32_t i = 0; i < m->nr_cpus; i++) {
		struct scxm_cpu *other = &m->cpus[i];

		if (!scxm_list_empty(&other->fair) && (!from || other->nr_fair > from->nr_fair))
			from = other;
	}
	if (!from)
		return false;
	for (struct list_head *at = from->fair.next; at != &from->fair; at = at->next) {
		struct task_struct *p = &entry(at)->t;

		if (!scxm_mask_test(p->cpus_ptr, scxm_cpu_nr(cpu)) || p->migration_disabled)
			continue;
		scxm_deactivate(m, from, p, DEQUEUE_NOCLOCK);
		scxm_set_task_cpu(m, p, scxm_cpu_nr(cpu));
		scxm_activate(m, cpu, p, 0);
		return true;
	}
	return false;
}

static struct task_struct *fair_pick(struct scxm *m, struct scxm_cpu *cpu)
{
	struct task_struct *curr = cpu->rq.curr, *first = NULL;
	bool on = scxm_task(curr)->class == SCXM_CLASS_FAIR && curr->on_rq;

	if (!cpu->nr_fair && !fair_pull(m, cpu))
		return NULL;
	if (!scxm_list_empty(&cpu->fair))
		first = &entry(cpu->fair.next)->t;
	if (on && (!first || (int64_t)(curr->se.vruntime - first->se.vruntime) <= 0))
		return curr;
	return first;
}

static void fair_put_prev(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p,
			  struct task_struct *next)
{
	(void)next;
	scxm_update_curr(m, cpu);
	/* Not if it was dequeued, to change or to sleep. */
	if (scxm_task(p)->fair)
		fair_insert(cpu, p);
}

static void fair_set_next(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	(void)cpu;
	scxm_list_del(&scxm_task(p)->queue);
	p->se.exec_start = scxm_now(m);
	p->se.prev_sum_exec_runtime = p->se.sum_exec_runtime;
}

static int fair_select(struct scxm *m, struct task_struct *p, int prev, int wake_flags)
{
	int least = prev;

	if (scxm_task_allowed(m, p, prev) && scxm_is_idle(&m->cpus[prev]) &&
	    !m->cpus[prev].need_resched)
		return prev;
	for (int cpu = scxm_mask_next(p->cpus_ptr, &m->active, 0); cpu >= 0;
	     cpu = scxm_mask_next(p->cpus_ptr, &m->active, cpu + 1)) {
		if (scxm_is_idle(&m->cpus[cpu]) && !m->cpus[cpu].need_resched)
			return cpu;
		if (m->cpus[cpu].rq.nr_running < m->cpus[least].rq.nr_running)
			least = cpu;
	}
	return wake_flags & WF_FORK ? least : prev;
}

static void fair_wakeup_preempt(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	struct task_struct *curr = cpu->rq.curr;

	if (scxm_task(p)->class != SCXM_CLASS_FAIR || scxm_task(curr)->class != SCXM_CLASS_FAIR)
		return;
	scxm_update_curr(m, cpu);
	if ((int64_t)(curr->se.vruntime - p->se.vruntime) > FAIR_SLICE_NS / 2)
		scxm_resched(m, cpu);
}

static void fair_tick(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	if (!scxm_list_empty(&cpu->fair) &&
	    p->se.sum_exec_runtime - p->se.prev_sum_exec_runtime >= FAIR_SLICE_NS)
		scxm_resched(m, cpu);
}

static uint64_t fair_next_tick(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	uint64_t ran = p->se.sum_exec_runtime - p->se.prev_sum_exec_runtime, at = scxm_now(m);

	if (m->eager_ticks)
		return next_tick_after(m, at);
	if (scxm_list_empty(&cpu->fair))
		return UINT64_MAX;
	if (ran < FAIR_SLICE_NS)
		at += FAIR_SLICE_NS - ran - 1;
	return next_tick_after(m, at);
}

static void fair_yield(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	if (!scxm_list_empty(&cpu->fair))
		p->se.vruntime = entry(cpu->fair.next)->t.se.vruntime + 1;
	(void)m;
}

static void fair_charge(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t ns)
{
	(void)m;
	p->se.vruntime += ns * 1024 / (p->se.load.weight ? p->se.load.weight : 1024);
	if ((int64_t)(p->se.vruntime - cpu->fair_min) > 0)
		cpu->fair_min = p->se.vruntime;
	if (!scxm_list_empty(&cpu->fair) &&
	    (int64_t)(entry(cpu->fair.next)->t.se.vruntime - cpu->fair_min) < 0)
		cpu->fair_min = entry(cpu->fair.next)->t.se.vruntime;
}

const struct scxm_class_ops scxm_class_fair = {
	.name = "fair",
	.enqueue = fair_enqueue,
	.dequeue = fair_dequeue,
	.pick = fair_pick,
	.put_prev = fair_put_prev,
	.set_next = fair_set_next,
	.select = fair_select,
	.wakeup_preempt = fair_wakeup_preempt,
	.tick = fair_tick,
	.next_tick = fair_next_tick,
	.yield = fair_yield,
	.charge = fair_charge,
};
