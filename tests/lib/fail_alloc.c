/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Makes the n-th allocation fail: see fail_alloc.h. Any thread is counted; which one fails is certain
 * with one thread only.
 */
#include "fail_alloc.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static _Atomic unsigned countdown;
static _Atomic bool happened;
static _Atomic long live;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *memory);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__wrap_strdup(const char *text);

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
	unsigned left = countdown;

	if (!left)
		return false;
	countdown = left - 1;
	if (left > 1)
		return false;
	happened = true;
	errno = ENOMEM;
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

/* libc's own would allocate unseen. */
void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return size && count > SIZE_MAX / size ? NULL : __wrap_realloc(old, count * size);
}

char *__wrap_strdup(const char *text)
{
	size_t bytes = strlen(text) + 1;
	char *copy = __wrap_malloc(bytes);

	return copy ? memcpy(copy, text, bytes) : NULL;
}
