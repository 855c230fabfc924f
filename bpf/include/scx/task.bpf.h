/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Task slots: what a scheduler knows of each task, in the arena, where user space reads it. Task
 * storage leads from a task to its slot; a chunk of slots is allocated when the free list is empty.
 */
#ifndef SCX_TASK_BPF_H
#define SCX_TASK_BPF_H

#include "account.bpf.h"
#include "group.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u32);
} scx_tasks SEC(".maps");

/* The slot of @p, or NULL for a task that init_task never saw. */
static __always_inline struct scx_task_slot __arena *scx_task(struct task_struct *p)
{
	u32 *ref = bpf_task_storage_get(&scx_tasks, p, NULL, 0);

	scx_use_arena();
	return ref ? scx_ref(struct scx_task_slot, *ref) : NULL;
}

/* Takes a page and puts all slots but the first, which it returns, on the free list; 0: none is left. */
static __noinline u32 scx_task_chunk(void)
{
	u32 page, index;

	if (scx_memory.nr_chunks >= SCX_CHUNKS_MAX)
		return 0;
	page = scx_arena_new(SCX_PAGE_BYTES);
	if (!page)
		return 0;
	/* Forks that race here may pass the test above together: the directory has room for them. */
	index = __sync_fetch_and_add(&scx_memory.nr_chunks, 1);
	*(scx_ref(u32, scx_memory.chunks) + index) = page;
	scx_each(i, SCX_CHUNK_TASKS - 1)
		scx_push(struct scx_task_slot, &scx_memory.free_tasks,
			 page + (i + 1) * SCX_TASK_BYTES);
	return page;
}

/* Who it is. Once more in enable: when a task that is being forked gets its slot, its start time is not set. */
static __always_inline void scx_task_identify(struct task_struct *p,
					      struct scx_task_slot __arena *s)
{
	u64 name[2];

	bpf_probe_read_kernel(name, sizeof(name), p->comm);
	scx_set(((u64 __arena *)s->comm)[0], name[0]);
	scx_set(((u64 __arena *)s->comm)[1], name[1]);
	scx_set(s->start_ns, p->start_boottime);
	scx_set(s->tgid, p->tgid);
	scx_set(s->tid, p->pid);
}

/* In init_task: gives @p a slot. NULL: no memory, or SCX_TASKS_MAX tasks live already. */
static __always_inline struct scx_task_slot __arena *scx_task_new(struct task_struct *p)
{
	struct scx_task_slot __arena *s;
	u32 *store, ref;

	store = bpf_task_storage_get(&scx_tasks, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!store)
		return NULL;
	ref = scx_pop(struct scx_task_slot, &scx_memory.free_tasks);
	if (!ref)
		ref = scx_task_chunk();
	if (!ref)
		return NULL;
	s = scx_ref(struct scx_task_slot, ref);
	scx_set(s->duty, 0);
	scx_set(s->runtime_ns, p->se.sum_exec_runtime);
	scx_set(s->charged_ns, p->se.sum_exec_runtime);
	scx_set(s->counted, 0);
	scx_set(s->vtime_ns, 0);
	scx_set(s->weight, 100);
	scx_set(s->domain, SCX_NO_DOMAIN);
	scx_set(s->cpu, 0);
	scx_set(s->group, 0);
	scx_task_identify(p, s);
	s->flags = SCX_SLOT_LIVE | (p->flags & PF_KTHREAD ? SCX_SLOT_KTHREAD : 0);
	__sync_fetch_and_add(&scx_memory.nr_tasks, 1);
	*store = ref;
	return s;
}

static __always_inline u64 scx_counted(u32 domain, u32 weight)
{
	return domain == SCX_NO_DOMAIN ? 0 : (u64)domain << 32 | weight;
}

/* Moves what an account holds of a task from @old to @new. Interrupts are off. */
static __always_inline void scx_recount(u64 old, u64 new, u64 now)
{
	if (old)
		scx_account(old >> 32, (u32)old, -1, now);
	if (new)
		scx_account(new >> 32, (u32) new, 1, now);
}

/* The task is runnable, in its domain, with its weight; it may have been so before. */
static __always_inline void scx_task_runnable(struct scx_task_slot __arena *s)
{
	u64 want = scx_counted(s->domain, s->weight), have = s->counted, duty = s->duty, now;

	if (duty & 1 && have == want)
		return;
	now = scx_now();
	if (!(duty & 1))
		s->duty = duty + 1 - 2 * now;
	if (have == want)
		return;
	/* An exchange: a migration may recount the task meanwhile, and either sees what the other did. */
	have = __sync_lock_test_and_set(&s->counted, want);
	scx_recount(have, want, now);
}

/* The task sleeps, leaves or ends; it may have done so before. */
static __always_inline void scx_task_quiescent(struct scx_task_slot __arena *s)
{
	u64 duty = s->duty, now;

	if (!(duty & 1))
		return;
	now = scx_now();
	s->duty = duty + 2 * now - 1;
	if (s->counted)
		scx_recount(__sync_lock_test_and_set(&s->counted, 0), 0, now);
}

/* In exit_task. */
static __always_inline void scx_task_free(struct task_struct *p)
{
	u32 *store = bpf_task_storage_get(&scx_tasks, p, NULL, 0), ref;
	struct scx_task_slot __arena *s;

	if (!store || !*store)
		return;
	ref = *store;
	*store = 0;
	s = scx_ref(struct scx_task_slot, ref);
	scx_task_quiescent(s);
	scx_set(s->flags, 0);
	scx_set(s->tid, 0);
	__sync_fetch_and_add(&scx_memory.nr_tasks, -1);
	scx_push(struct scx_task_slot, &scx_memory.free_tasks, ref);
}

#endif
