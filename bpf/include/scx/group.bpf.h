/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Weights of cgroups, flattened: a task's weight is its own times, for each cgroup above it, that
 * cgroup's cpu.weight / 100. While no cgroup has another weight than 100 a task pays one test for it.
 */
#ifndef SCX_GROUP_BPF_H
#define SCX_GROUP_BPF_H

#include "arena.bpf.h"

#define SCX_GROUP_DEPTH_MAX 16
#define SCX_WEIGHT_MAX 1000000

struct {
	__uint(type, BPF_MAP_TYPE_CGRP_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u32);
} scx_groups SEC(".maps");

static __always_inline u32 scx_group_ref(struct cgroup *cgrp)
{
	u32 *ref = bpf_cgrp_storage_get(&scx_groups, cgrp, NULL, 0);

	return ref ? *ref : 0;
}

/* Takes a page and puts all slots but the first, which it returns, on the free list. */
static __noinline u32 scx_group_chunk(void)
{
	u32 page = scx_arena_new(SCX_PAGE_BYTES), size = sizeof(struct scx_group_slot);

	if (!page)
		return 0;
	scx_each(i, SCX_PAGE_BYTES / size - 1)
		scx_push(struct scx_group_slot, &scx_memory.free_groups, page + (i + 1) * size);
	return page;
}

static __always_inline void scx_group_set_weight(u32 ref, u32 weight)
{
	scx_ref(struct scx_group_slot, ref)->weight = weight;
	if (weight != 100)
		scx_memory.weighted_groups = 1;
}

/* In cgroup_init; parents come first. */
static __always_inline s32 scx_group_new(struct cgroup *cgrp, u32 weight)
{
	u32 parent = 0, ref, *store;
	struct scx_group_slot __arena *g;
	struct cgroup *up;

	store = bpf_cgrp_storage_get(&scx_groups, cgrp, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!store)
		return -ENOMEM;
	if (cgrp->level > 0) {
		up = bpf_cgroup_ancestor(cgrp, cgrp->level - 1);
		if (up) {
			parent = scx_group_ref(up);
			bpf_cgroup_release(up);
		}
	}
	ref = scx_pop(struct scx_group_slot, &scx_memory.free_groups);
	if (!ref)
		ref = scx_group_chunk();
	if (!ref)
		return -ENOMEM;
	g = scx_ref(struct scx_group_slot, ref);
	g->id = cgrp->kn->id;
	g->parent = parent;
	g->depth = cgrp->level;
	scx_group_set_weight(ref, weight);
	*store = ref;
	return 0;
}

/* In cgroup_exit: no task is in it any more. */
static __always_inline void scx_group_free(struct cgroup *cgrp)
{
	u32 *store = bpf_cgrp_storage_get(&scx_groups, cgrp, NULL, 0);

	if (!store || !*store)
		return;
	scx_push(struct scx_group_slot, &scx_memory.free_groups, *store);
	*store = 0;
}

/* The cgroup of the callback's task; in the callbacks that hold its runqueue's lock. */
static __always_inline u32 scx_task_group(struct task_struct *p)
{
	struct cgroup *cgrp;
	u32 ref = 0;

	if (!bpf_ksym_exists(scx_bpf_task_cgroup)) /* CONFIG_EXT_GROUP_SCHED */
		return 0;
	cgrp = scx_bpf_task_cgroup(p);
	if (cgrp) {
		ref = scx_group_ref(cgrp);
		bpf_cgroup_release(cgrp);
	}
	return ref;
}

/* The weight of a task of @weight in the cgroup @ref. Global: verified once, wherever it is called. */
__noinline u32 scx_group_weigh(u32 ref, u64 weight)
{
	scx_for(i, SCX_GROUP_DEPTH_MAX) {
		if (!ref)
			break;
		weight = weight * scx_ref(struct scx_group_slot, ref)->weight / 100;
		ref = scx_ref(struct scx_group_slot, ref)->parent;
	}
	if (weight > SCX_WEIGHT_MAX)
		return SCX_WEIGHT_MAX;
	return weight ? weight : 1;
}

static __always_inline u32 scx_group_weight(u32 ref, u32 weight)
{
	return scx_memory.weighted_groups ? scx_group_weigh(ref, weight) : weight;
}

#endif
