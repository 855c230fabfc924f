/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Plan into verbs: migrations go to the scheduler in batches, through its memory, one system call for
 * each. The scheduler checks each one again: the task may have ended, or changed its affinity, since
 * it was read.
 */
#include <errno.h>
#include <string.h>

#include <scx/domain.h>

#include "handle.h"
#include "memory.h"
#include "slots.h"

#include <include/scx/verb.h>

/* Finds the slots of those that were given none. */
static void find_slot(const struct scxi_memory *memory, struct scx_migration_request *r)
{
	const struct scx_task_slot *slot;
	struct scxi_slots walk;

	scxi_slots_begin(&walk, memory);
	while ((slot = scxi_slots_next(&walk))) {
		if (SCXI_READ(slot->tid) != (uint32_t)r->tid)
			continue;
		if (r->start_ns && SCXI_READ(slot->start_ns) != r->start_ns)
			continue;
		r->start_ns = SCXI_READ(slot->start_ns);
		r->slot = walk.ref;
		return;
	}
}

/* One batch; returns how many moved, or -errno. */
static int migrate(struct scx *scx, struct scx_migration_request *requests, size_t nr,
		   size_t *queued)
{
	struct scx_migration *batch =
		scxi_ref(&scx->memory, scx->memory.memory->batch, SCX_BATCH_MAX * sizeof(*batch));
	struct scx_verb_migrate verb = { .nr = (uint32_t)nr };
	int err;

	if (!batch)
		return scxi_fail(scx, -EPROTO, "%s has no room for a batch", scx->features.name);
	for (size_t i = 0; i < nr; i++)
		batch[i] = (struct scx_migration){
			.slot = requests[i].slot,
			.tid = (uint32_t)requests[i].tid,
			.start_ns = requests[i].start_ns,
			.domain = requests[i].domain,
			.result = -ESRCH,
		};
	err = scx->backend->ops->verb(scx->session, "migrate", &verb, sizeof(verb));
	if (!err)
		err = verb.result;
	if (err)
		return scxi_fail(scx, err, "%s cannot migrate tasks: %s", scx->features.name,
				 strerror(-err));
	for (size_t i = 0; i < nr; i++)
		requests[i].result = SCXI_READ(batch[i].result);
	*queued += verb.queued;
	return (int)(verb.moved < nr ? verb.moved : nr);
}

int scx_migrate(struct scx *scx, struct scx_migration_request *requests, size_t nr,
		size_t *ret_queued)
{
	size_t queued = 0;
	int moved = 0;

	if (!scx->features.migrate)
		return scxi_fail(scx, -ENOTSUP, "%s has no migrations", scx->features.name);
	if (!scxi_is_mine(scx))
		return scxi_check_owner(scx);
	if (scx->state != SCX_STATE_ATTACHED)
		return scxi_fail(scx, -ENOTCONN, "%s is not attached", scx->features.name);
	for (size_t i = 0; i < nr; i++)
		if (!requests[i].slot)
			find_slot(&scx->memory, &requests[i]);
	for (size_t done = 0; done < nr;) {
		size_t batch = nr - done < SCX_BATCH_MAX ? nr - done : SCX_BATCH_MAX;
		int n = migrate(scx, requests + done, batch, &queued);

		if (n < 0)
			return n;
		moved += n;
		done += batch;
	}
	if (ret_queued)
		*ret_queued = queued;
	return moved;
}
