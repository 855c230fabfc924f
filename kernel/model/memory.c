// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
#include "memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* Above what sanitizers use for themselves, below where the kernel puts programs. */
#define REGION_BASE 0x200000000000ULL
#define REGION_STRIDE (64ULL << 30)
#define REGION_BYTES (16ULL << 30)
#define REGIONS_MOST 1024
#define LOW_BASE 0x10000000ULL
#define LOW_END 0x7fff0000ULL
#define LOW_STEP (16ULL << 20)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static void *map_at(uint64_t at, size_t bytes)
{
	void *got = mmap((void *)(uintptr_t)at, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (got == MAP_FAILED)
		return NULL;
	if ((uintptr_t)got != at) {
		(void)munmap(got, bytes); /* a kernel that does not know the flag */
		return NULL;
	}
	return got;
}

int scxm_memory_init(struct scxm *m)
{
	void *base = NULL;

	for (unsigned i = 0; i < REGIONS_MOST && !base; i++)
		base = map_at(REGION_BASE + i * REGION_STRIDE, REGION_BYTES);
	if (!base)
		return -ENOMEM;
	m->memory = (struct scxm_memory){ .base = base, .size = REGION_BYTES };
	return 0;
}

void scxm_memory_free(struct scxm *m)
{
	if (m->memory.base)
		(void)munmap(m->memory.base, m->memory.size);
	m->memory = (struct scxm_memory){ 0 };
}

/* Sizes are rounded up to one of 32 classes, two for each power of two from 32 on. */
static unsigned class_of(size_t bytes, size_t *rounded)
{
	size_t size = 32;
	unsigned class = 0;

	while (size < bytes && class < 31) {
		size = class % 2 ? size / 3 * 4 : size / 2 * 3;
		class ++;
	}
	*rounded = size;
	return class;
}

void *scxm_alloc(struct scxm *m, size_t bytes)
{
	struct scxm_memory *mem = &m->memory;
	size_t size;
	unsigned class = class_of(bytes, &size);
	void *at = mem->free[class];

	if (bytes > size) { /* larger than the largest class: never given back */
		size = (bytes + 63) & ~(size_t)63;
		at = NULL;
		class = 32;
	}
	if (at) {
		mem->free[class] = *(void **)at;
		memset(at, 0, size);
		return at;
	}
	if (mem->size - mem->used < size)
		return NULL;
	at = mem->base + mem->used;
	mem->used += (size + 31) & ~(size_t)31;
	return at;
}

void scxm_free(struct scxm *m, void *at, size_t bytes)
{
	size_t size;
	unsigned class = class_of(bytes, &size);

	if (!at || bytes > size)
		return;
	memset(at, 0, size);
	*(void **)at = m->memory.free[class];
	m->memory.free[class] = at;
}

void *scxm_map_low(size_t bytes)
{
	void *at;

	for (uint64_t base = LOW_BASE; base + bytes < LOW_END; base += LOW_STEP) {
		at = map_at(base, bytes);
		if (at)
			return at;
	}
	return NULL;
}
