/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * CPU sets, inside the library: pieces of text that do not end with a 0, and allocated sets.
 */
#ifndef SCXI_CPUSET_H
#define SCXI_CPUSET_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

/* May @setsize be the size of a set? */
bool scxi_cpuset_size_ok(size_t setsize);

/* As scx_cpuset_parse() and scx_cpuset_parse_mask(), of @len characters. */
int scxi_cpuset_parse_list(const char *text, size_t len, size_t setsize, cpu_set_t *ret_set);
int scxi_cpuset_parse_mask(const char *text, size_t len, size_t setsize, cpu_set_t *ret_set);

/* The bytes of a set for CPUs 0 .. @cpu_end - 1, never 0. */
size_t scxi_cpuset_size(unsigned cpu_end);

/* An empty set of @setsize bytes, or NULL; to be freed with free(). */
cpu_set_t *scxi_cpuset_new(size_t setsize);

#endif /* SCXI_CPUSET_H */
