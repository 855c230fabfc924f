/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Makes the n-th allocation fail, and counts what was not freed.
 *
 * For programs linked with -Wl,--wrap= for malloc, calloc, realloc and free, and for reallocarray and
 * strdup where the code under test calls these: only calls from objects
 * that are linked in are seen, not those that shared libraries make among themselves. So memory that
 * a shared library allocates and the code under test frees, or the other way round, is counted on
 * one side only.
 */
#ifndef TESTS_FAIL_ALLOC_H
#define TESTS_FAIL_ALLOC_H

#include <stdbool.h>

/* The @nth allocation from now on fails, 1 being the next; 0: none does. */
void fail_alloc_at(unsigned nth);

/* Did an allocation fail since fail_alloc_at()? */
bool fail_alloc_happened(void);

/* Allocations that were not freed since the program began. */
long fail_alloc_live(void);

#endif /* TESTS_FAIL_ALLOC_H */
