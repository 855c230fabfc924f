/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Makes the n-th allocation fail: see fail_alloc.h. For one thread.
 */
#include "fail_alloc.h"

#include <stddef.h>
#include <stdlib.h>

static unsigned countdown;
static bool happened;
static long live;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *memory);

void fail_alloc_at(unsigned nth)
{
	countdown = nth;
	happened = false;
}

bool fail_alloc_happened(void)
{
	return happened;
}

long fail_alloc_live(void)
{
	return live;
}

static bool must_fail(void)
{
	if (!countdown || --countdown)
		return false;
	happened = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	void *memory = must_fail() ? NULL : __real_malloc(size);

	live += memory != NULL;
	return memory;
}

void *__wrap_calloc(size_t count, size_t size)
{
	void *memory = must_fail() ? NULL : __real_calloc(count, size);

	live += memory != NULL;
	return memory;
}

void *__wrap_realloc(void *old, size_t size)
{
	void *memory = must_fail() ? NULL : __real_realloc(old, size);

	live += !old && memory;
	return memory;
}

void __wrap_free(void *memory)
{
	live -= memory != NULL;
	__real_free(memory);
}
