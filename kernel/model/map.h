/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* The maps of a scheduler. The first bytes of a map's variable in the scheduler point to ours. */
#ifndef SCXM_MAP_H
#define SCXM_MAP_H

#include "scxm.h"

struct scxm_map_entry;

struct scxm_map {
	const char *name;
	uint32_t type; /* enum bpf_map_type, linux/bpf.h */
	uint32_t key_bytes, value_bytes, max_entries;
	uint32_t stride;     /* of a value, rounded up */
	unsigned char *data; /* arrays: [entries][CPUs]; queues: a ring; an arena: its pages */
	size_t data_bytes;
	uint32_t nr, first;  /* queues and hashes: entries; queues: the oldest */
	uint32_t storage;    /* storage maps: which one of them it is */
	uint64_t used_pages; /* arena */
	struct scxm_map_entry **buckets;
};

/* -ENOTSUP: the model has no maps of this type. */
int scxm_map_init(struct scxm *m, struct scxm_map *map);
void scxm_map_free(struct scxm *m, struct scxm_map *map);
/* Values that storage maps keep with a task or cgroup. */
void scxm_storage_free(struct scxm *m, void *storage[SCXM_STORAGE_MAX]);

static inline bool scxm_map_per_cpu(const struct scxm_map *map)
{
	return map->type == 6 || map->type == 5; /* BPF_MAP_TYPE_PERCPU_ARRAY, _HASH */
}

#endif
