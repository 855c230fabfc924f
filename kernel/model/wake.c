// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Where a task that becomes runnable goes, and how it gets onto that runqueue. All of it runs on the
 * waker's CPU, in the waker's context, as in the kernel without queued wake-ups.
 */
#include "check.h"
#include "core.h"
#include "cycle.h"
#include "mask.h"
#include "task.h"
#include "trace.h"

bool scxm_task_allowed(const struct scxm *m, const struct task_struct *p, int cpu)
{
	if (!scxm_mask_test(p->cpus_ptr, cpu))
		return false;
	if (p->migration_disabled || scxm_task(p)->stopper)
		return scxm_mask_test(&m->online, cpu);
	if (!(p->flags & PF_KTHREAD))
		return scxm_mask_test(&m->active, cpu);
	return scxm_mask_test(&m->online, cpu) && !m->cpus[cpu].dying;
}

int scxm_fallback_cpu(struct scxm *m, struct task_struct *p, int cpu)
{
	struct scxm_change change;

	scxm_for_each_cpu(i, &m->nodes[m->cpus[cpu].node].cpus)
	{
		if (scxm_task_allowed(m, p, i))
			return i;
	}
	scxm_for_each_cpu(i, p->cpus_ptr)
	{
		if (scxm_task_allowed(m, p, i))
			return i;
	}
	/* No CPU that it may use is left: the kernel breaks the affinity. */
	change = scxm_change_begin(m, p, DEQUEUE_SAVE);
	p->cpus_mask = m->possible;
	p->cpus_ptr = &p->cpus_mask;
	p->nr_cpus_allowed = (int)m->nr_cpus;
	if (scxm_on_ext(p))
		scxm_ext_set_cpumask(m, p);
	scxm_change_end(m, &change);
	return scxm_mask_first(&m->active);
}

void scxm_set_task_cpu(struct scxm *m, struct task_struct *p, int cpu)
{
	int from = (int)p->thread_info.cpu;
	struct scxm_task *task = scxm_task(p);

	if (from != cpu) {
		task->migrations++;
		if (m->cpus[from].node != m->cpus[cpu].node)
			task->work_ns += m->costs.node_ns;
		else if (m->cpus[from].llc != m->cpus[cpu].llc)
			task->work_ns += m->costs.llc_ns;
	}
	p->thread_info.cpu = (u32)cpu;
	p->wake_cpu = cpu;
}

static int select_cpu(struct scxm *m, struct task_struct *p, int cpu, int *wake_flags)
{
	if (p->nr_cpus_allowed > 1 && !p->migration_disabled) {
		cpu = scxm_class(p)->select(m, p, cpu, *wake_flags);
		*wake_flags |= WF_RQ_SELECTED;
	} else {
		cpu = scxm_mask_first(p->cpus_ptr);
	}
	if (!scxm_task_allowed(m, p, cpu))
		cpu = scxm_fallback_cpu(m, p, (int)p->thread_info.cpu);
	return cpu;
}

void scxm_activate(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags)
{
	if (p->on_rq == TASK_ON_RQ_MIGRATING)
		flags |= ENQUEUE_MIGRATED;
	scxm_class(p)->enqueue(m, cpu, p, flags);
	p->on_rq = TASK_ON_RQ_QUEUED;
}

void scxm_deactivate(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags)
{
	p->on_rq = TASK_ON_RQ_MIGRATING;
	scxm_class(p)->dequeue(m, cpu, p, flags);
}

void scxm_wakeup_preempt(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	static const struct scxm_class_ops *const ops[] = {
		[SCXM_CLASS_IDLE] = &scxm_class_idle, [SCXM_CLASS_EXT] = &scxm_class_ext,
		[SCXM_CLASS_FAIR] = &scxm_class_fair, [SCXM_CLASS_RT] = &scxm_class_rt,
		[SCXM_CLASS_DL] = &scxm_class_rt,     [SCXM_CLASS_STOP] = &scxm_class_rt,
	};
	uint8_t class = scxm_task(p)->class;

	if (class == cpu->next_class) {
		ops[class]->wakeup_preempt(m, cpu, p);
	} else if (class > cpu->next_class) {
		ops[cpu->next_class]->wakeup_preempt(m, cpu, p);
		scxm_resched(m, cpu);
		cpu->next_class = class;
	}
	/* A fair task that runs alone needs no tick until now. */
	if (class == SCXM_CLASS_FAIR && !cpu->need_resched &&
	    scxm_task(cpu->rq.curr)->class == SCXM_CLASS_FAIR)
		scxm_rearm(m, cpu);
}

static void arrive(struct scxm *m, struct task_struct *p, uint64_t flags)
{
	struct scxm_cpu *cpu = scxm_cpu_of(m, p);

	cpu->rq.clock = cpu->rq.clock_task = scxm_now(m);
	scxm_task_wait_begin(m, scxm_task(p));
	scxm_activate(m, cpu, p, flags);
	scxm_wakeup_preempt(m, cpu, p);
	p->__state = TASK_RUNNING;
	if (scxm_on_ext(p))
		scxm_run_deferred(m, cpu);
}

void scxm_wake(struct scxm *m, struct scxm_task *task, int wake_flags)
{
	struct task_struct *p = &task->t;
	uint64_t flags = ENQUEUE_WAKEUP | ENQUEUE_NOCLOCK;
	int cpu;

	if (p->__state == TASK_RUNNING || p->__state == TASK_DEAD || p->__state == TASK_WAKING)
		return;
	scxm_event_disarm(&m->clock, &task->timer);
	if (p->on_rq) {
		p->__state = TASK_RUNNING;
		return;
	}
	p->__state = TASK_WAKING;
	wake_flags |= WF_TTWU;
	cpu = select_cpu(m, p, p->wake_cpu, &wake_flags);
	if (cpu != (int)p->thread_info.cpu)
		flags |= ENQUEUE_MIGRATED;
	scxm_set_task_cpu(m, p, cpu);
	if (wake_flags & WF_RQ_SELECTED)
		flags |= ENQUEUE_RQ_SELECTED;
	scxm_trace_wake(m, m->cpu, p, cpu);
	arrive(m, p, flags);
}

void scxm_wake_new(struct scxm *m, struct scxm_task *task)
{
	struct task_struct *p = &task->t;
	int wake_flags = WF_FORK;

	p->__state = TASK_RUNNING;
	p->recent_used_cpu = (int)p->thread_info.cpu;
	p->thread_info.cpu = (u32)select_cpu(m, p, (int)p->thread_info.cpu, &wake_flags);
	p->wake_cpu = (int)p->thread_info.cpu;
	scxm_trace_wake(m, m->cpu, p, p->wake_cpu);
	arrive(m, p, ENQUEUE_NOCLOCK | ENQUEUE_INITIAL);
}
