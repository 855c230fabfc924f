/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The verb that migrates a batch of tasks to other domains. All are given their new domain first;
 * then each queue that one of them came from is walked once, and those that wait in it move to
 * their new queue at once. The others follow when they are enqueued next.
 */
#ifndef SCX_MIGRATE_BPF_H
#define SCX_MIGRATE_BPF_H

#include "domain.bpf.h"

/* Gives one task its new domain, and marks the one whose queue is to be walked for it. */
static __noinline s32 scx_migrate_one(struct scx_migration __arena *m)
{
	struct scx_task_slot __arena *s = scx_ref(struct scx_task_slot, m->slot);
	u32 to = m->domain, old;

	if (!m->slot || !(s->flags & SCX_SLOT_LIVE) || s->tid != m->tid ||
	    s->start_ns != m->start_ns)
		return -ESRCH;
	if (to >= scx_memory.nr_domains || !scx_domain(to)->nr_cpus)
		return -EINVAL;
	if (s->flags & SCX_SLOT_PINNED || !scx_domain_allowed(s, to))
		return -EPERM;
	old = s->domain;
	if (old == to)
		return 0;
	__sync_fetch_and_or(&s->flags, SCX_SLOT_MIGRATING);
	scx_task_rehome(s, to);
	if (old < SCX_DOMAINS_MAX)
		scx_domain(old)->marked = 1;
	return 1;
}

static __noinline u32 scx_migrate_queue(u32 domain)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;
	u32 moved = 0;

	bpf_rcu_read_lock();
	if (!bpf_iter_scx_dsq_new(&it, domain, 0)) {
		while ((p = bpf_iter_scx_dsq_next(&it))) {
			struct scx_task_slot __arena *s = scx_task(p);

			if (s && s->flags & SCX_SLOT_MIGRATING && s->domain != domain &&
			    scx_queue_move(&it, p, s))
				moved++;
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
	bpf_rcu_read_unlock();
	return moved;
}

SEC("syscall")
int scx_verb_migrate(struct scx_verb_migrate *args)
{
	struct scx_migration __arena *batch = scx_ref(struct scx_migration, scx_memory.batch);
	u32 nr = args->nr, moved = 0, queued = 0, n = scx_memory.nr_domains;

	args->result = -EINVAL;
	if (!scx_attached || !nr || nr > SCX_BATCH_MAX)
		return -EINVAL;
	scx_each(i, nr) {
		s32 err = scx_migrate_one(&batch[i]);

		batch[i].result = err < 0 ? err : 0;
		moved += err > 0;
	}
	scx_each(i, n) {
		if (!scx_domain(i)->marked)
			continue;
		scx_domain(i)->marked = 0;
		queued += scx_migrate_queue(i);
	}
	scx_each(i, nr) {
		if (!batch[i].result)
			__sync_fetch_and_and(&scx_ref(struct scx_task_slot, batch[i].slot)->flags,
					     ~SCX_SLOT_MIGRATING);
	}
	args->moved = moved;
	args->queued = queued;
	args->result = 0;
	return 0;
}

#endif
