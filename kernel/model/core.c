// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * The CPU: what its task has done, when it is looked at next, and the switch to another task.
 *
 * A tick is an event only where somebody would notice it: the class says when the running task
 * needs one next. Requests to schedule reach the executing CPU at the end of the event, others by
 * an interrupt that takes costs.wake_ns.
 */
#include "core.h"

#include "check.h"
#include "cycle.h"
#include "enable.h"
#include "idle.h"
#include "kick.h"
#include "machine.h"
#include "mask.h"
#include "task.h"
#include "trace.h"
#include "watchdog.h"

#define SETTLE_MOST 64 /* schedules of one CPU at one time, before time has to pass */

void scxm_resched(struct scxm *m, struct scxm_cpu *cpu)
{
	if (cpu->need_resched)
		return;
	cpu->need_resched = true;
	if (scxm_cpu_nr(cpu) != m->cpu)
		scxm_event_arm(&m->clock, &cpu->resched, scxm_now(m) + m->costs.wake_ns);
}

/* Work at full speed that @cpu does in @ns, and the time that it needs for work. */
static uint64_t work_in(const struct scxm_cpu *cpu, uint64_t ns)
{
	return cpu->capacity == 1024 ? ns : ns * cpu->capacity / 1024;
}

static uint64_t time_for(const struct scxm_cpu *cpu, uint64_t work_ns)
{
	if (cpu->capacity == 1024)
		return work_ns;
	return (work_ns * 1024 + cpu->capacity - 1) / cpu->capacity;
}

void scxm_update_curr(struct scxm *m, struct scxm_cpu *cpu)
{
	struct task_struct *p = cpu->rq.curr;
	struct scxm_task *task = scxm_task(p);
	uint64_t now = scxm_now(m), done, delta;

	if (scxm_is_idle(cpu))
		return;
	if (task->class == SCXM_CLASS_EXT)
		scxm_apply_slice_oob(m, p);
	delta = now - p->se.exec_start;
	if (!delta)
		return;
	p->se.exec_start = now;
	p->se.sum_exec_runtime += delta;
	scxm_class(p)->charge(m, cpu, p, delta);
	if (cpu->syncing) {
		cpu->work_at = now;
		return;
	}
	done = work_in(cpu, now - cpu->work_at);
	task->work_ns -= done < task->work_ns ? done : task->work_ns;
	cpu->work_at = now;
}

void scxm_rearm(struct scxm *m, struct scxm_cpu *cpu)
{
	struct task_struct *p = cpu->rq.curr;
	uint64_t at = UINT64_MAX;

	cpu->tick_at = UINT64_MAX;
	if (scxm_is_idle(cpu)) {
		scxm_event_disarm(&m->clock, &cpu->run);
		return;
	}
	if (!cpu->syncing)
		at = cpu->work_at + time_for(cpu, scxm_task(p)->work_ns);
	cpu->tick_at = scxm_class(p)->next_tick(m, cpu, p);
	if (cpu->tick_at < at)
		at = cpu->tick_at;
	if (at == UINT64_MAX)
		scxm_event_disarm(&m->clock, &cpu->run);
	else
		scxm_event_arm(&m->clock, &cpu->run, at);
}

void scxm_tick(struct scxm *m, struct scxm_cpu *cpu)
{
	struct task_struct *p = cpu->rq.curr;

	if (scxm_is_idle(cpu))
		return;
	scxm_update_curr(m, cpu);
	scxm_class(p)->tick(m, cpu, p);
	scxm_watchdog_tick(m);
}

static struct task_struct *pick(struct scxm *m, struct scxm_cpu *cpu)
{
	struct task_struct *p = scxm_class_rt.pick(m, cpu);

	if (!p && !m->switched_all)
		p = scxm_class_fair.pick(m, cpu);
	if (!p && m->ext_enabled)
		p = scxm_class_ext.pick(m, cpu);
	return p ? p : scxm_class_idle.pick(m, cpu);
}

static void block(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	uint64_t flags = DEQUEUE_SLEEP | DEQUEUE_NOCLOCK;

	if (p->__state == TASK_DEAD)
		flags |= DEQUEUE_SPECIAL;
	scxm_class(p)->dequeue(m, cpu, p, flags);
	p->on_rq = 0;
	p->nvcsw++;
}

/* The CPU's mask of a task that must stay there, when it leaves the CPU. */
static void migrate_disable_switch(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	struct scxm_change change;

	if (!p->migration_disabled || p->cpus_ptr != &p->cpus_mask)
		return;
	change = scxm_change_begin(m, p, DEQUEUE_SAVE);
	p->cpus_ptr = &m->cpu_mask[scxm_cpu_nr(cpu)];
	if (scxm_on_ext(p))
		scxm_ext_set_cpumask(m, p);
	scxm_change_end(m, &change);
}

static void account_switch(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *prev,
			   struct task_struct *next)
{
	struct scxm_task *task = scxm_task(next);
	uint64_t now = scxm_now(m), span = now - cpu->since;

	if (prev == cpu->rq.idle)
		cpu->idle_ns += span;
	else
		cpu->busy_ns += span;
	cpu->since = now;
	cpu->nr_switches++;
	cpu->rq.nr_switches++;
	prev->on_cpu = 0;
	next->on_cpu = 1;
	if (prev->on_rq && prev != cpu->rq.idle)
		scxm_task_wait_begin(m, scxm_task(prev));
	if (next == cpu->rq.idle)
		return;
	scxm_task_wait_end(m, task);
	cpu->work_at = now;
	task->work_ns += m->costs.switch_ns;
}

/* What was put off to the end of the switch, in the context of the task that runs now. */
static void balance(struct scxm *m, struct scxm_cpu *cpu)
{
	struct task_struct *p = cpu->rq.curr;

	if (cpu->dying && p == cpu->rq.idle && !cpu->rq.nr_running)
		scxm_cpu_dead(m, cpu);
	else if (cpu->dying && p != cpu->rq.idle && !scxm_task(p)->stopper &&
		 !p->migration_disabled)
		scxm_push_away(m, cpu, p);
	if (cpu->sync_wait) {
		cpu->sync_wait = false;
		scxm_kick_sync_begin(m, cpu);
	}
	if (cpu->balance) {
		cpu->balance = false;
		scxm_run_deferred(m, cpu);
	}
}

void scxm_schedule(struct scxm *m, struct scxm_cpu *cpu)
{
	struct task_struct *prev = cpu->rq.curr, *next;

	cpu->rq.clock = cpu->rq.clock_task = cpu->rq.clock_pelt = scxm_now(m);
	migrate_disable_switch(m, cpu, prev);
	if (prev != cpu->rq.idle) {
		scxm_update_curr(m, cpu);
		if (prev->__state != TASK_RUNNING)
			block(m, cpu, prev);
		else
			prev->nivcsw++;
	}
	cpu->idle_resched = false;
	next = pick(m, cpu);
	if (next != prev) {
		scxm_class(prev)->put_prev(m, cpu, prev, next);
		scxm_class(next)->set_next(m, cpu, next);
	}
	cpu->next_class = scxm_task(next)->class;
	cpu->need_resched = cpu->idle_resched;
	if (next != prev) {
		scxm_trace_switch(m, scxm_cpu_nr(cpu), prev, next);
		cpu->rq.curr = cpu->rq.donor = next;
		account_switch(m, cpu, prev, next);
	} else if (prev != cpu->rq.idle) {
		prev->nivcsw--;
	}
	balance(m, cpu);
	if (prev->__state == TASK_DEAD && next != prev)
		scxm_task_dead(m, scxm_task(prev));
	scxm_rearm(m, cpu);
}

void scxm_settle(struct scxm *m)
{
	struct scxm_cpu *cpu = scxm_this_cpu(m);

	for (int n = 0;; n++) {
		if (cpu->kicks)
			scxm_kick_irq(m, cpu);
		if (cpu->deferred) {
			cpu->deferred = false;
			scxm_run_deferred(m, cpu);
		}
		scxm_exit_irq(m);
		if (!cpu->need_resched)
			break;
		if (n >= SETTLE_MOST) {
			/* A loop that the kernel would be in for some time as well. */
			scxm_event_arm(&m->clock, &cpu->resched, scxm_now(m) + 1000);
			break;
		}
		scxm_schedule(m, cpu);
	}
}

/* ---- the class of the idle tasks ---- */

static struct task_struct *idle_pick(struct scxm *m, struct scxm_cpu *cpu)
{
	if (m->ext_enabled && scxm_is_idle(cpu))
		scxm_update_idle(m, cpu, true, false);
	return cpu->rq.idle;
}

static void idle_put_prev(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p,
			  struct task_struct *next)
{
	(void)p;
	(void)next;
	if (m->ext_enabled)
		scxm_update_idle(m, cpu, false, true);
}

static void idle_set_next(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	if (m->ext_enabled)
		scxm_update_idle(m, cpu, true, true);
	p->se.exec_start = scxm_now(m);
}

static void idle_wakeup_preempt(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p)
{
	(void)p;
	scxm_resched(m, cpu);
}

const struct scxm_class_ops scxm_class_idle = {
	.name = "idle",
	.pick = idle_pick,
	.put_prev = idle_put_prev,
	.set_next = idle_set_next,
	.wakeup_preempt = idle_wakeup_preempt,
};
