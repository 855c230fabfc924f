// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * The watchdog (kernel/sched/ext/ext.c: scx_watchdog_workfn()): twice in a timeout it looks through
 * the runnable tasks of each CPU. Time is counted in jiffies, as the kernel does.
 */
#include "watchdog.h"

#include "check.h"
#include "mask.h"

static uint32_t jiffies_to_ms(const struct scxm *m, uint64_t jiffies)
{
	return (uint32_t)(jiffies * 1000 / m->hz);
}

void scxm_watchdog_start(struct scxm *m)
{
	m->watchdog_at = scxm_jiffies(m);
	m->watchdog_interval = m->sched.watchdog_jiffies / 2;
	scxm_event_arm(&m->clock, &m->watchdog, scxm_now(m) + m->watchdog_interval * m->tick_ns);
}

void scxm_watchdog_stop(struct scxm *m)
{
	scxm_event_disarm(&m->clock, &m->watchdog);
}

static bool check_cpu(struct scxm *m, struct scxm_cpu *cpu)
{
	struct list_head *list = &cpu->rq.scx.runnable_list;
	uint64_t now = scxm_jiffies(m);

	for (struct list_head *at = list->next; at != list; at = at->next) {
		struct task_struct *p = scxm_container(at, struct task_struct, scx.runnable_node);
		uint32_t ms;

		if ((int64_t)(now - p->scx.runnable_at - m->sched.watchdog_jiffies) <= 0)
			continue;
		ms = jiffies_to_ms(m, now - p->scx.runnable_at);
		scxm_exit(m, SCX_EXIT_ERROR_STALL, 0, scxm_cpu_nr(cpu),
			  "%s[%d] failed to run for %u.%03us", p->comm, p->pid, ms / 1000,
			  ms % 1000);
		return true;
	}
	return false;
}

void scxm_watchdog_run(struct scxm *m)
{
	if (m->watchdog_stuck)
		return;
	m->watchdog_at = scxm_jiffies(m);
	scxm_for_each_cpu(cpu, &m->online)
	{
		if (check_cpu(m, &m->cpus[cpu]))
			break;
	}
	scxm_event_arm(&m->clock, &m->watchdog, scxm_now(m) + m->watchdog_interval * m->tick_ns);
}

void scxm_watchdog_tick(struct scxm *m)
{
	uint64_t now = scxm_jiffies(m), late = now - m->watchdog_at;
	uint32_t ms;

	if (!m->ext_enabled || late <= m->sched.watchdog_jiffies)
		return;
	ms = jiffies_to_ms(m, late);
	scxm_exit(m, SCX_EXIT_ERROR_STALL, 0, m->cpu, "watchdog failed to check in for %u.%03us",
		  ms / 1000, ms % 1000);
}
