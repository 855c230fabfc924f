// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * CPUs go and come (kernel/sched/core.c: sched_cpu_deactivate(), kernel/sched/ext/ext.c:
 * handle_hotplug()). A CPU that goes is first closed to tasks, then each task that comes to run there
 * is sent away by the stopper, and when none is left it is offline.
 */
#include <errno.h>

#include "check.h"
#include "cycle.h"
#include "idle.h"
#include "machine.h"
#include "mask.h"

static void tell(struct scxm *m, int cpu, bool online)
{
	struct scx_sched *sch = &m->sched;

	m->hotplug_seq++;
	if (!sch->used)
		return;
	if (m->ext_enabled)
		scxm_idle_topology(m);
	if (online && sch->hotplug_live && sch->ops.cpu_online)
		SCXM_CALL_VOID(m, cpu_online, NULL, NULL, NULL, cpu, cpu);
	else if (!online && sch->hotplug_live && sch->ops.cpu_offline)
		SCXM_CALL_VOID(m, cpu_offline, NULL, NULL, NULL, cpu, cpu);
	else
		scxm_exit(m, SCX_EXIT_UNREG_KERN, SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG,
			  m->cpu, "cpu %d going %s, exiting scheduler", cpu,
			  online ? "online" : "offline");
}

/* Tasks that wait elsewhere for this CPU come to its own queue, from where they are sent away. */
static void gather(struct scxm *m, struct scxm_cpu *cpu)
{
	struct list_head *list = &cpu->rq.scx.runnable_list, *at = list->prev;

	while (at != list) {
		struct task_struct *p = scxm_container(at, struct task_struct, scx.runnable_node);
		struct scxm_change change;

		at = at->prev;
		if (p->scx.dsq == &cpu->rq.scx.local_dsq)
			continue;
		change = scxm_change_begin(m, p, DEQUEUE_SAVE | DEQUEUE_MOVE);
		scxm_change_end(m, &change);
	}
}

static int go_offline(struct scxm *m, struct scxm_cpu *cpu)
{
	int nr = scxm_cpu_nr(cpu);

	if (scxm_mask_weight(&m->active) < 2)
		return -EBUSY;
	cpu->active = false;
	scxm_mask_clear(&m->active, nr);
	cpu->dying = true;
	cpu->rq.scx.flags &= ~(u32)SCX_RQ_ONLINE;
	cpu->rq.online = 0;
	gather(m, cpu);
	tell(m, nr, false);
	scxm_resched(m, cpu);
	return 0;
}

void scxm_cpu_dead(struct scxm *m, struct scxm_cpu *cpu)
{
	cpu->dying = false;
	scxm_mask_clear(&m->online, scxm_cpu_nr(cpu));
	if (m->idle.enabled)
		(void)scxm_idle_claim(m, scxm_cpu_nr(cpu)); /* an offline CPU is not idle */
}

static int go_online(struct scxm *m, struct scxm_cpu *cpu)
{
	int nr = scxm_cpu_nr(cpu);

	scxm_mask_set(&m->online, nr);
	cpu->rq.scx.flags |= SCX_RQ_ONLINE;
	cpu->rq.online = 1;
	cpu->active = true;
	scxm_mask_set(&m->active, nr);
	tell(m, nr, true);
	scxm_resched(m, cpu);
	return 0;
}

int scxm_cpu_set_online(struct scxm *m, int nr, bool online)
{
	struct scxm_cpu *cpu = &m->cpus[nr];

	if (cpu->dying || scxm_mask_test(&m->online, nr) == online)
		return -EALREADY;
	return online ? go_online(m, cpu) : go_offline(m, cpu);
}
