// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Maps: arrays, hashes, queues, stacks, ring buffers, what tasks and cgroups keep, arenas. Values lie
 * in the model's own memory, an arena where 32 bits make an address.
 */
#include "map.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kf.h"
#include "memory.h"

#define BUCKETS 1024 /* of a hash */
#define PAGE_BYTES 4096

struct scxm_map_entry {
	struct scxm_map_entry *next;
	unsigned char *value; /* [CPUs] */
	unsigned char key[];
};

/* In front of a value that a task or cgroup keeps. */
struct storage {
	size_t bytes;
	uint64_t pad;
};

static struct scxm_map *map_of(void *variable)
{
	return *(struct scxm_map **)variable;
}

static uint32_t copies(const struct scxm *m, const struct scxm_map *map)
{
	return scxm_map_per_cpu(map) ? m->nr_cpus : 1;
}

static int init_array(struct scxm *m, struct scxm_map *map)
{
	map->data_bytes = (size_t)map->max_entries * copies(m, map) * map->stride;
	map->data = scxm_alloc(m, map->data_bytes);
	return map->data ? 0 : -ENOMEM;
}

static int init_arena(struct scxm_map *map)
{
	map->data_bytes = (size_t)map->max_entries * PAGE_BYTES;
	map->data = scxm_map_low(map->data_bytes);
	/* Reference 0 is none: the first page is never given out. */
	map->used_pages = 1;
	return map->data ? 0 : -ENOMEM;
}

int scxm_map_init(struct scxm *m, struct scxm_map *map)
{
	map->stride = (map->value_bytes + 7U) & ~7U;
	switch (map->type) {
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_QUEUE:
	case BPF_MAP_TYPE_STACK:
		return map->value_bytes && map->max_entries ? init_array(m, map) : -EINVAL;
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
		map->buckets = calloc(BUCKETS, sizeof(struct scxm_map_entry *));
		return map->buckets ? 0 : -ENOMEM;
	case BPF_MAP_TYPE_TASK_STORAGE:
	case BPF_MAP_TYPE_CGRP_STORAGE:
		return map->storage < SCXM_STORAGE_MAX ? 0 : -ENOSPC;
	case BPF_MAP_TYPE_RINGBUF:
		return 0;
	case BPF_MAP_TYPE_ARENA:
		return init_arena(map);
	default:
		return -ENOTSUP;
	}
}

static void free_entry(struct scxm *m, struct scxm_map *map, struct scxm_map_entry *e)
{
	scxm_free(m, e->value, (size_t)copies(m, map) * map->stride);
	free(e);
}

void scxm_map_free(struct scxm *m, struct scxm_map *map)
{
	struct scxm_map_entry *next;

	if (map->type == BPF_MAP_TYPE_ARENA)
		(void)munmap(map->data, map->data_bytes);
	else
		scxm_free(m, map->data, map->data_bytes);
	for (unsigned i = 0; map->buckets && i < BUCKETS; i++) {
		for (struct scxm_map_entry *e = map->buckets[i]; e; e = next) {
			next = e->next;
			free_entry(m, map, e);
		}
	}
	free(map->buckets);
	*map = (struct scxm_map){ 0 };
}

void scxm_storage_free(struct scxm *m, void *storage[SCXM_STORAGE_MAX])
{
	for (unsigned i = 0; i < SCXM_STORAGE_MAX; i++) {
		struct storage *s = storage[i];

		if (s)
			scxm_free(m, s, s->bytes);
		storage[i] = NULL;
	}
}

/* ---- arrays and hashes ---- */

static unsigned char *array_at(struct scxm *m, struct scxm_map *map, uint32_t index, uint32_t cpu)
{
	if (index >= map->max_entries)
		return NULL;
	return map->data + ((size_t)index * copies(m, map) + cpu) * map->stride;
}

static uint32_t bucket_of(const struct scxm_map *map, const unsigned char *key)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (uint32_t i = 0; i < map->key_bytes; i++)
		hash = (hash ^ key[i]) * 16777619U;
	return hash % BUCKETS;
}

static struct scxm_map_entry **find(struct scxm_map *map, const void *key)
{
	struct scxm_map_entry **at = &map->buckets[bucket_of(map, key)];

	while (*at && memcmp((*at)->key, key, map->key_bytes) != 0)
		at = &(*at)->next;
	return at;
}

static void *lookup(struct scxm *m, struct scxm_map *map, const void *key, uint32_t cpu)
{
	struct scxm_map_entry *e;
	uint32_t index;

	if (map->buckets) {
		e = *find(map, key);
		return e ? e->value + (scxm_map_per_cpu(map) ? (size_t)cpu * map->stride : 0)
			 : NULL;
	}
	if (map->type != BPF_MAP_TYPE_ARRAY && map->type != BPF_MAP_TYPE_PERCPU_ARRAY)
		return NULL;
	memcpy(&index, key, sizeof(index));
	return array_at(m, map, index, scxm_map_per_cpu(map) ? cpu : 0);
}

void *scxm_h_map_lookup(void *variable, const void *key)
{
	struct scxm *m = scxm_here;

	return lookup(m, map_of(variable), key, (uint32_t)m->cpu);
}

void *scxm_h_map_lookup_percpu(void *variable, const void *key, u32 cpu)
{
	struct scxm *m = scxm_here;

	return cpu < m->nr_cpus ? lookup(m, map_of(variable), key, cpu) : NULL;
}

static long insert(struct scxm *m, struct scxm_map *map, const void *key, const void *value)
{
	struct scxm_map_entry **at = find(map, key), *e;

	if (map->nr >= map->max_entries)
		return -E2BIG;
	e = calloc(1, sizeof(*e) + map->key_bytes);
	if (!e)
		return -ENOMEM;
	e->value = scxm_alloc(m, (size_t)copies(m, map) * map->stride);
	if (!e->value) {
		free(e);
		return -ENOMEM;
	}
	memcpy(e->key, key, map->key_bytes);
	memcpy(e->value + (scxm_map_per_cpu(map) ? (size_t)m->cpu * map->stride : 0), value,
	       map->value_bytes);
	*at = e;
	map->nr++;
	return 0;
}

long scxm_h_map_update(void *variable, const void *key, const void *value, u64 flags)
{
	struct scxm *m = scxm_here;
	struct scxm_map *map = map_of(variable);
	void *at = lookup(m, map, key, (uint32_t)m->cpu);

	if (at) {
		if (flags & BPF_NOEXIST)
			return -EEXIST;
		memcpy(at, value, map->value_bytes);
		return 0;
	}
	if (!map->buckets)
		return -E2BIG;
	return flags & BPF_EXIST ? -ENOENT : insert(m, map, key, value);
}

long scxm_h_map_delete(void *variable, const void *key)
{
	struct scxm_map *map = map_of(variable);
	struct scxm_map_entry **at, *e;

	if (!map->buckets)
		return -EINVAL;
	at = find(map, key);
	e = *at;
	if (!e)
		return -ENOENT;
	*at = e->next;
	map->nr--;
	free_entry(scxm_here, map, e);
	return 0;
}

/* ---- queues, stacks ---- */

long scxm_h_map_push(void *variable, const void *value, u64 flags)
{
	struct scxm_map *map = map_of(variable);

	if (map->nr >= map->max_entries) {
		if (!(flags & BPF_EXIST))
			return -E2BIG;
		map->first = (map->first + 1) % map->max_entries;
		map->nr--;
	}
	memcpy(map->data + (size_t)((map->first + map->nr) % map->max_entries) * map->stride, value,
	       map->value_bytes);
	map->nr++;
	return 0;
}

long scxm_h_map_peek(void *variable, void *value)
{
	struct scxm_map *map = map_of(variable);
	uint32_t at = map->type == BPF_MAP_TYPE_QUEUE ? map->first : map->first + map->nr - 1;

	if (!map->nr) {
		memset(value, 0, map->value_bytes);
		return -ENOENT;
	}
	memcpy(value, map->data + (size_t)(at % map->max_entries) * map->stride, map->value_bytes);
	return 0;
}

long scxm_h_map_pop(void *variable, void *value)
{
	struct scxm_map *map = map_of(variable);
	long err = scxm_h_map_peek(variable, value);

	if (err)
		return err;
	if (map->type == BPF_MAP_TYPE_QUEUE)
		map->first = (map->first + 1) % map->max_entries;
	map->nr--;
	return 0;
}

/* ---- what tasks and cgroups keep ---- */

static void *storage_get(struct scxm *m, struct scxm_map *map, void *storage[], const void *value,
			 u64 flags)
{
	struct storage *s = storage[map->storage];
	size_t bytes = sizeof(*s) + map->value_bytes;

	if (!s && (flags & BPF_LOCAL_STORAGE_GET_F_CREATE)) {
		s = scxm_alloc(m, bytes);
		if (!s)
			return NULL;
		s->bytes = bytes;
		storage[map->storage] = s;
		if (value)
			memcpy(s + 1, value, map->value_bytes);
	}
	return s ? s + 1 : NULL;
}

static long storage_delete(struct scxm *m, struct scxm_map *map, void *storage[])
{
	struct storage *s = storage[map->storage];

	if (!s)
		return -ENOENT;
	storage[map->storage] = NULL;
	scxm_free(m, s, s->bytes);
	return 0;
}

void *scxm_h_task_storage_get(void *variable, struct task_struct *p, void *value, u64 flags)
{
	struct scxm *m = scxm_here;

	if (!p || !scxm_task_arg(m, "bpf_task_storage_get", p))
		return NULL;
	return storage_get(m, map_of(variable), scxm_task(p)->storage, value, flags);
}

long scxm_h_task_storage_delete(void *variable, struct task_struct *p)
{
	struct scxm *m = scxm_here;

	if (!p || !scxm_task_arg(m, "bpf_task_storage_delete", p))
		return -EINVAL;
	return storage_delete(m, map_of(variable), scxm_task(p)->storage);
}

void *scxm_h_cgrp_storage_get(void *variable, struct cgroup *cgrp, void *value, u64 flags)
{
	return cgrp ? storage_get(scxm_here, map_of(variable), scxm_cgroup(cgrp)->storage, value,
				  flags)
		    : NULL;
}

long scxm_h_cgrp_storage_delete(void *variable, struct cgroup *cgrp)
{
	return cgrp ? storage_delete(scxm_here, map_of(variable), scxm_cgroup(cgrp)->storage)
		    : -EINVAL;
}

/* ---- ring buffers: whoever reads them is outside, and only wants to know that something came ---- */

void *scxm_h_ringbuf_reserve(void *variable, u64 size, u64 flags)
{
	struct scxm *m = scxm_here;
	struct storage *s;

	if (flags || size + 8 > map_of(variable)->max_entries)
		return NULL;
	s = scxm_alloc(m, sizeof(*s) + size);
	if (!s)
		return NULL;
	s->bytes = sizeof(*s) + size;
	m->frame->refs++;
	return s + 1;
}

void scxm_h_ringbuf_discard(void *data, u64 flags)
{
	struct scxm *m = scxm_here;
	struct storage *s = (struct storage *)data - 1;

	(void)flags;
	m->frame->refs--;
	scxm_free(m, s, s->bytes);
}

void scxm_h_ringbuf_submit(void *data, u64 flags)
{
	scxm_h_ringbuf_discard(data, flags);
}

/* ---- arenas ---- */

void *scxm_kf_arena_alloc_pages(void *variable, void *addr, u32 pages, int node, u64 flags)
{
	struct scxm_map *map = map_of(variable);
	unsigned char *at = map->data + map->used_pages * PAGE_BYTES;

	(void)node;
	if (map->type != BPF_MAP_TYPE_ARENA || addr || flags || !pages ||
	    map->used_pages + pages > map->max_entries)
		return NULL;
	map->used_pages += pages;
	return at;
}

/* Pages are not given out again before the scheduler is gone: a stale reference stays harmless. */
void scxm_kf_arena_free_pages(void *variable, void *addr, u32 pages)
{
	struct scxm_map *map = map_of(variable);
	uintptr_t base = (uintptr_t)map->data, at = (uintptr_t)addr;

	if (at >= base && at - base <= map->data_bytes &&
	    (size_t)pages * PAGE_BYTES <= map->data_bytes - (at - base))
		memset(addr, 0, (size_t)pages * PAGE_BYTES);
}
