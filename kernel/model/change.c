// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Changes of a task: affinity, weight, policy. The task leaves its queue with DEQUEUE_SAVE, is
 * changed, and comes back with the matching flags; a running one is put and set around it. That is
 * where schedulers see dequeue, quiescent, runnable and enqueue without a sleep in between.
 */
#include <errno.h>

#include "cgroup.h"
#include "check.h"
#include "core.h"
#include "cycle.h"
#include "idle.h"
#include "mask.h"
#include "task.h"

struct scxm_change scxm_change_begin(struct scxm *m, struct task_struct *p, uint64_t flags)
{
	struct scxm_cpu *cpu = scxm_cpu_of(m, p);
	struct scxm_change change = {
		.p = p,
		.class = scxm_task(p)->class,
		.flags = flags | DEQUEUE_NOCLOCK,
		.queued = p->on_rq == TASK_ON_RQ_QUEUED,
		.running = cpu->rq.curr == p,
	};

	if (change.queued)
		scxm_class(p)->dequeue(m, cpu, p, change.flags);
	if (change.running)
		scxm_class(p)->put_prev(m, cpu, p, NULL);
	if ((change.flags & DEQUEUE_CLASS) && change.class == SCXM_CLASS_EXT)
		scxm_ext_switched_from(m, p);
	return change;
}

void scxm_change_end(struct scxm *m, struct scxm_change *change)
{
	struct task_struct *p = change->p;
	struct scxm_cpu *cpu = scxm_cpu_of(m, p);
	uint8_t class = scxm_task(p)->class;

	if ((change->flags & ENQUEUE_CLASS) && class == SCXM_CLASS_EXT)
		scxm_ext_switching_to(m, p);
	if (change->queued)
		scxm_class(p)->enqueue(m, cpu, p, change->flags);
	if (change->running) {
		scxm_class(p)->set_next(m, cpu, p);
		scxm_rearm(m, cpu);
	}
	if (!(change->flags & ENQUEUE_CLASS))
		return;
	if (change->queued)
		scxm_wakeup_preempt(m, cpu, p);
	if (change->running && change->class > class)
		scxm_resched(m, cpu);
}

/* ---- affinity ---- */

void scxm_move_queued(struct scxm *m, struct task_struct *p, int cpu)
{
	scxm_deactivate(m, scxm_cpu_of(m, p), p, DEQUEUE_NOCLOCK);
	scxm_set_task_cpu(m, p, cpu);
	scxm_activate(m, &m->cpus[cpu], p, 0);
	scxm_wakeup_preempt(m, &m->cpus[cpu], p);
}

static void ask_stopper(struct scxm *m, struct task_struct *p, int dest)
{
	struct scxm_cpu *cpu = scxm_cpu_of(m, p);
	struct scxm_task *task = scxm_task(p);

	task->move_to = dest;
	if (scxm_list_empty(&task->stop))
		scxm_list_add_tail(&task->stop, &cpu->stops);
	scxm_wake(m, scxm_task(cpu->rq.stop), 0);
}

void scxm_push_away(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	(void)cpu;
	if (scxm_task(p)->move_to < 0)
		ask_stopper(m, p, scxm_fallback_cpu(m, p, (int)p->thread_info.cpu));
}

void scxm_stopper_run(struct scxm *m, struct scxm_cpu *cpu)
{
	while (!scxm_list_empty(&cpu->stops)) {
		struct scxm_task *task = scxm_container(cpu->stops.next, struct scxm_task, stop);
		struct task_struct *p = &task->t;
		int dest = task->move_to;

		scxm_list_del(&task->stop);
		if (scxm_cpu_of(m, p) != cpu) {
			task->move_to = -1;
			continue;
		}
		if (p->migration_disabled)
			continue; /* stays asked for, until it is enabled again */
		task->move_to = -1;
		if (scxm_task_allowed(m, p, scxm_cpu_nr(cpu)))
			continue;
		if (!scxm_task_allowed(m, p, dest))
			dest = scxm_fallback_cpu(m, p, scxm_cpu_nr(cpu));
		if (p->on_rq == TASK_ON_RQ_QUEUED)
			scxm_move_queued(m, p, dest);
		else
			p->wake_cpu = dest;
	}
}

/* The task is where it may not be: it goes, now or by the stopper. */
static void leave_cpu(struct scxm *m, struct task_struct *p, int dest)
{
	if (scxm_mask_test(&p->cpus_mask, (int)p->thread_info.cpu))
		return;
	if (scxm_is_running(m, p))
		ask_stopper(m, p, dest);
	else if (p->migration_disabled)
		scxm_task(p)->move_to = dest;
	else if (p->on_rq == TASK_ON_RQ_QUEUED)
		scxm_move_queued(m, p, dest);
}

int scxm_set_affinity(struct scxm *m, struct scxm_task *task, const cpumask_t *mask)
{
	struct task_struct *p = &task->t;
	const cpumask_t *valid = &m->active;
	struct scxm_change change;
	int dest;

	if (task->dead || task->stopper)
		return -ESRCH;
	if (p->flags & PF_KTHREAD || p->migration_disabled)
		valid = &m->online;
	if (scxm_mask_equal(&p->cpus_mask, mask))
		return 0;
	dest = scxm_mask_distribute(m, valid, mask);
	if (dest < 0)
		return -EINVAL;
	change = scxm_change_begin(m, p, DEQUEUE_SAVE);
	scxm_mask_and(&p->cpus_mask, mask, &m->possible);
	p->nr_cpus_allowed = scxm_mask_weight(&p->cpus_mask);
	if (!p->migration_disabled)
		p->cpus_ptr = &p->cpus_mask;
	if (scxm_on_ext(p))
		scxm_ext_set_cpumask(m, p);
	scxm_change_end(m, &change);
	leave_cpu(m, p, dest);
	return 0;
}

void scxm_migrate_disable(struct scxm *m, struct scxm_task *task)
{
	(void)m;
	task->t.migration_disabled++;
}

void scxm_migrate_enable(struct scxm *m, struct scxm_task *task)
{
	struct task_struct *p = &task->t;
	struct scxm_change change;

	if (!p->migration_disabled || --p->migration_disabled || p->cpus_ptr == &p->cpus_mask)
		return;
	change = scxm_change_begin(m, p, DEQUEUE_SAVE);
	p->cpus_ptr = &p->cpus_mask;
	if (scxm_on_ext(p))
		scxm_ext_set_cpumask(m, p);
	scxm_change_end(m, &change);
	leave_cpu(m, p, task->move_to >= 0 ? task->move_to : scxm_mask_first(&p->cpus_mask));
}

/* ---- weight ---- */

int scxm_set_nice(struct scxm *m, struct scxm_task *task, int nice)
{
	struct task_struct *p = &task->t;
	struct scxm_change change;

	if (nice < -20 || nice > 19)
		return -EINVAL;
	if (task->dead)
		return -ESRCH;
	if (p->static_prio == DEFAULT_PRIO + nice)
		return 0;
	if (task->class > SCXM_CLASS_FAIR) {
		p->static_prio = DEFAULT_PRIO + nice;
		return 0;
	}
	change = scxm_change_begin(m, p, DEQUEUE_SAVE);
	p->static_prio = DEFAULT_PRIO + nice;
	p->prio = p->normal_prio = p->static_prio;
	scxm_task_set_load(p);
	if (scxm_on_ext(p))
		scxm_ext_reweight(m, p);
	scxm_change_end(m, &change);
	return 0;
}

/* ---- policy ---- */

uint8_t scxm_class_of(const struct scxm *m, const struct task_struct *p)
{
	if (scxm_task(p)->stopper)
		return SCXM_CLASS_STOP;
	switch (p->policy) {
	case SCHED_DEADLINE:
		return SCXM_CLASS_DL;
	case SCHED_FIFO:
	case SCHED_RR:
		return SCXM_CLASS_RT;
	default:
		break;
	}
	if (!m->ext_enabled)
		return SCXM_CLASS_FAIR;
	if (m->switching_all)
		return SCXM_CLASS_EXT;
	if (m->state == SCXM_DISABLING)
		return SCXM_CLASS_FAIR;
	return p->policy == SCHED_EXT ? SCXM_CLASS_EXT : SCXM_CLASS_FAIR;
}

int scxm_set_policy(struct scxm *m, struct scxm_task *task, unsigned policy, int rt_priority)
{
	struct task_struct *p = &task->t;
	uint64_t flags = DEQUEUE_SAVE | DEQUEUE_MOVE | DEQUEUE_NOCLOCK;
	bool rt = policy == SCHED_FIFO || policy == SCHED_RR;
	int prio = policy == SCHED_DEADLINE ? -1
		   : rt			    ? MAX_RT_PRIO - 1 - rt_priority
					    : p->static_prio;
	struct scxm_change change;
	unsigned was = p->policy;
	uint8_t class;

	if (task->dead || task->stopper)
		return -ESRCH;
	if (rt && (rt_priority < 1 || rt_priority > 99))
		return -EINVAL;
	if (m->ext_enabled && p->scx.disallow && p->policy != policy && policy == SCHED_EXT)
		return -EACCES;
	if (prio == p->prio)
		flags &= ~(uint64_t)DEQUEUE_MOVE;
	p->policy = policy;
	class = scxm_class_of(m, p);
	p->policy = was;
	if (class != task->class)
		flags |= DEQUEUE_CLASS;
	change = scxm_change_begin(m, p, flags);
	p->policy = policy;
	p->rt_priority = (unsigned)(rt ? rt_priority : 0);
	p->prio = p->normal_prio = prio;
	task->class = class;
	scxm_task_set_load(p);
	scxm_change_end(m, &change);
	return 0;
}
