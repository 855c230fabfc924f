// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Kicks (kernel/sched/ext/ext.c): gathered per asking CPU, carried out when it has let go of its
 * runqueue's lock. A CPU that waits for kicked ones counts its own switches on meanwhile, so that
 * CPUs which wait for each other all go on.
 */
#include "kick.h"

#include "check.h"
#include "cycle.h"
#include "mask.h"

static bool skips_idle_kick(const struct scxm_cpu *cpu)
{
	return !scxm_is_idle(cpu) && !(cpu->rq.scx.flags & SCX_RQ_IN_DISPATCH);
}

void scxm_kick(struct scxm *m, int target, uint64_t flags)
{
	struct scxm_cpu *cpu = scxm_this_cpu(m);

	if (scxm_bypassing(cpu))
		return;
	if (flags & SCX_KICK_IDLE) {
		if (flags & (SCX_KICK_PREEMPT | SCX_KICK_WAIT))
			scxm_error(m, "PREEMPT/WAIT cannot be used with SCX_KICK_IDLE");
		if (skips_idle_kick(&m->cpus[target]))
			return;
		scxm_mask_set(&cpu->to_kick_idle, target);
	} else {
		scxm_mask_set(&cpu->to_kick, target);
		if (flags & SCX_KICK_PREEMPT)
			scxm_mask_set(&cpu->to_preempt, target);
		if (flags & SCX_KICK_WAIT)
			scxm_mask_set(&cpu->to_wait, target);
	}
	cpu->kicks = true;
}

/* True if the kicked one shall be waited for. */
static bool kick_one(struct scxm *m, struct scxm_cpu *cpu, int target)
{
	struct scxm_cpu *other = &m->cpus[target];
	uint8_t class = scxm_task(other->rq.curr)->class;
	bool preempt = scxm_mask_test_and_clear(&cpu->to_preempt, target);
	bool wait = scxm_mask_test_and_clear(&cpu->to_wait, target);

	if ((!scxm_mask_test(&m->online, target) && other != cpu) || class > SCXM_CLASS_EXT)
		return false;
	if (preempt && class == SCXM_CLASS_EXT)
		scxm_set_slice(other->rq.curr, 0);
	if (wait && class == SCXM_CLASS_EXT) {
		scxm_mask_set(&cpu->to_sync, target);
		cpu->ksyncs[target] = other->rq.scx.kick_sync;
	}
	scxm_resched(m, other);
	return wait && class == SCXM_CLASS_EXT;
}

void scxm_kick_irq(struct scxm *m, struct scxm_cpu *cpu)
{
	bool wait = false;

	cpu->kicks = false;
	scxm_for_each_cpu(target, &cpu->to_kick)
	{
		wait |= kick_one(m, cpu, target);
		scxm_mask_clear(&cpu->to_kick, target);
		scxm_mask_clear(&cpu->to_kick_idle, target);
	}
	scxm_for_each_cpu(target, &cpu->to_kick_idle)
	{
		struct scxm_cpu *other = &m->cpus[target];

		if (!skips_idle_kick(other) && (scxm_mask_test(&m->online, target) || other == cpu))
			scxm_resched(m, other);
		scxm_mask_clear(&cpu->to_kick_idle, target);
	}
	if (wait) {
		cpu->rq.scx.kick_sync_pending = true;
		scxm_resched(m, cpu);
	}
}

/* Has every kicked CPU that @cpu waits for switched? */
static bool synced(struct scxm *m, struct scxm_cpu *cpu)
{
	bool all = true;

	scxm_for_each_cpu(target, &cpu->to_sync)
	{
		if (&m->cpus[target] == cpu ||
		    m->cpus[target].rq.scx.kick_sync != cpu->ksyncs[target])
			scxm_mask_clear(&cpu->to_sync, target);
		else
			all = false;
	}
	return all;
}

void scxm_kick_sync_begin(struct scxm *m, struct scxm_cpu *cpu)
{
	if (cpu->syncing || synced(m, cpu))
		return;
	cpu->syncing = true;
	m->nr_syncing++;
	scxm_kick_sync_advance(m, cpu);
}

void scxm_kick_sync_advance(struct scxm *m, struct scxm_cpu *cpu)
{
	bool again = m->nr_syncing > 0;

	cpu->rq.scx.kick_sync++;
	while (again) {
		again = false;
		for (uint32_t i = 0; i < m->nr_cpus && m->nr_syncing; i++) {
			struct scxm_cpu *waiter = &m->cpus[i];

			if (!waiter->syncing || !synced(m, waiter))
				continue;
			waiter->syncing = false;
			m->nr_syncing--;
			waiter->work_at = scxm_now(m);
			scxm_rearm(m, waiter);
			waiter->rq.scx.kick_sync++;
			again = true;
		}
	}
}
