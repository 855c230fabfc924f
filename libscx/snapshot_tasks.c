/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The snapshot: tasks. This is the innermost loop of a balancer, some ten words read and written for
 * each task.
 *
 * A slot has no lock. Its fields are words that are right one by one; what identifies the task (live,
 * tid, start) is read before and after, and a slot that changed hands meanwhile is left out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"
#include "slots.h"
#include "snapshot.h"

_Static_assert((int)SCX_INFO_PINNED == (int)SCX_SLOT_PINNED, "shared flags");
_Static_assert((int)SCX_INFO_CONFINED == (int)SCX_SLOT_CONFINED, "shared flags");
_Static_assert((int)SCX_INFO_KTHREAD == (int)SCX_SLOT_KTHREAD, "shared flags");

#define SHARED_FLAGS (SCX_SLOT_PINNED | SCX_SLOT_CONFINED | SCX_SLOT_KTHREAD)

/* Room for as many tasks as there are slots; what is held stays on failure. */
static int make_room(struct scx_snapshot *snap, size_t slots)
{
	struct scx_task_info *tasks;
	struct scxi_past *pasts;
	size_t room = slots + slots / 8;

	if (slots <= snap->nr_pasts && slots <= snap->room_tasks)
		return 0;
	pasts = reallocarray(snap->pasts, room, sizeof(*pasts));
	if (!pasts)
		return -ENOMEM;
	memset(pasts + snap->nr_pasts, 0, (room - snap->nr_pasts) * sizeof(*pasts));
	snap->pasts = pasts;
	snap->nr_pasts = room;
	tasks = reallocarray(snap->tasks, room, sizeof(*tasks));
	if (!tasks)
		return -ENOMEM;
	snap->tasks = tasks;
	snap->room_tasks = room;
	return 0;
}

/* The share of time since it was read last; and remembers this read. */
static uint32_t duty_of(struct scxi_past *past, uint64_t start_ns, uint64_t runnable_ns,
			uint64_t clock_ns, bool runnable)
{
	uint64_t before = past->runnable_ns, at_ns = past->at_ns;
	bool known = past->start_ns == start_ns && clock_ns > at_ns;
	uint64_t growth, interval;

	past->start_ns = start_ns;
	past->runnable_ns = runnable_ns;
	past->at_ns = clock_ns;
	if (!known)
		return runnable ? SCX_LOAD_ONE : 0;
	growth = runnable_ns - before;
	interval = clock_ns - at_ns;
	/* Its clock may be a little behind that of the read. */
	if ((int64_t)growth <= 0)
		return 0;
	if (growth >= interval)
		return SCX_LOAD_ONE;
	return (uint32_t)(growth * SCX_LOAD_ONE / interval);
}

static void copy_allowed(const struct scx_task_slot *slot, uint32_t epoch, struct scx_task_info *t)
{
	if (SCXI_READ(slot->epoch) == (uint16_t)epoch) {
		for (unsigned w = 0; w < SCX_DOMAIN_WORDS; w++)
			t->allowed[w] = SCXI_READ(slot->allowed[w]);
		return;
	}
	/* The domains changed since the scheduler looked: sure is only where it is. */
	memset(t->allowed, 0, sizeof(t->allowed));
	if (t->domain < SCX_DOMAIN_MAX)
		t->allowed[t->domain / 64] = 1ULL << (t->domain % 64);
}

struct look {
	struct scx_snapshot *snap;
	const uint64_t *wanted;
	uint64_t clock_ns;
	uint32_t epoch;
};

/* One slot; true if @t is a task. */
static bool read_slot(const struct look *look, const struct scxi_slots *walk,
		      const struct scx_task_slot *slot, struct scx_task_info *t)
{
	uint32_t flags = SCXI_READ(slot->flags), domain, tid;
	uint64_t start_ns, duty, runnable_ns;

	if (!(flags & SCX_SLOT_LIVE))
		return false;
	domain = SCXI_READ(slot->domain);
	if (look->wanted &&
	    (domain >= SCX_DOMAIN_MAX || !(look->wanted[domain / 64] >> (domain % 64) & 1)))
		return false;
	tid = SCXI_READ(slot->tid);
	start_ns = SCXI_READ(slot->start_ns);
	SCXI_READ_ORDER();
	duty = SCXI_READ(slot->duty);
	/* 63 bits: while it is runnable the word holds what is to be added to the time, and less. */
	runnable_ns = (duty >> 1) + (duty & 1 ? look->clock_ns : 0);
	runnable_ns = runnable_ns << 1 >> 1;
	t->start_ns = start_ns;
	t->runnable_ns = runnable_ns;
	t->runtime_ns = SCXI_READ(slot->runtime_ns);
	t->slot = walk->ref;
	t->index = walk->index;
	t->tid = (int32_t)tid;
	t->tgid = (int32_t)SCXI_READ(slot->tgid);
	t->weight = SCXI_READ(slot->weight);
	t->domain = domain;
	t->flags = (flags & SHARED_FLAGS) | (duty & 1 ? SCX_INFO_RUNNABLE : 0);
	t->cpu = SCXI_READ(slot->cpu);
	t->reserved = 0;
	if (flags & SCX_SLOT_CONFINED)
		copy_allowed(slot, look->epoch, t);
	SCXI_READ_ORDER();
	if (SCXI_READ(slot->tid) != tid || SCXI_READ(slot->start_ns) != start_ns)
		return false;
	t->duty = duty_of(&look->snap->pasts[walk->index], start_ns, runnable_ns, look->clock_ns,
			  duty & 1);
	t->load = (uint64_t)t->weight * t->duty;
	return true;
}

int scxi_snapshot_tasks(struct scx_snapshot *snap, const uint64_t *wanted)
{
	const struct scxi_memory *memory = &snap->scx->memory;
	struct look look = { .snap = snap, .wanted = wanted };
	const struct scx_task_slot *slot;
	struct scxi_slots walk;
	size_t nr = 0;
	int err;

	scxi_slots_begin(&walk, memory);
	err = make_room(snap, (size_t)walk.nr_chunks * SCX_CHUNK_TASKS);
	if (err)
		return scxi_fail(snap->scx, err, "out of memory");
	look.clock_ns = scxi_snapshot_clock(snap);
	look.epoch = SCXI_READ(memory->memory->epoch);
	while ((slot = scxi_slots_next(&walk)))
		if (read_slot(&look, &walk, slot, &snap->tasks[nr]))
			nr++;
	snap->nr_tasks = nr;
	snap->tasks_time_ns = look.clock_ns - (uint64_t)snap->clock_ns;
	return 0;
}

uint64_t scx_snapshot_tasks_time_ns(const struct scx_snapshot *snapshot)
{
	return snapshot->tasks_time_ns;
}

size_t scx_snapshot_nr_tasks(const struct scx_snapshot *snapshot)
{
	return snapshot->nr_tasks;
}

const struct scx_task_info *scx_snapshot_task(const struct scx_snapshot *snapshot, size_t index)
{
	return index < snapshot->nr_tasks ? &snapshot->tasks[index] : NULL;
}

size_t scx_snapshot_nr_slots(const struct scx_snapshot *snapshot)
{
	return snapshot->nr_pasts;
}

int scx_snapshot_comm(const struct scx_snapshot *snapshot, size_t index, char *buf, size_t size)
{
	const struct scx_task_info *t = scx_snapshot_task(snapshot, index);
	struct scx *scx = snapshot->scx;
	const struct scx_task_slot *slot;
	char comm[sizeof(slot->comm)];

	if (!t)
		return -ENOENT;
	if (!scxi_is_mine(scx))
		return -ECHILD;
	if (!scxi_loaded(scx) || snapshot->run != scx->runs)
		return -ENOTCONN;
	slot = scxi_ref(&scx->memory, t->slot, sizeof(*slot));
	if (!slot)
		return -ESRCH;
	for (unsigned i = 0; i < sizeof(comm); i++)
		comm[i] = SCXI_READ(slot->comm[i]);
	comm[sizeof(comm) - 1] = '\0';
	SCXI_READ_ORDER();
	if (SCXI_READ(slot->tid) != (uint32_t)t->tid || SCXI_READ(slot->start_ns) != t->start_ns)
		return -ESRCH;
	if (strlen(comm) >= size)
		return -ENOSPC;
	memcpy(buf, comm, strlen(comm) + 1);
	return 0;
}
