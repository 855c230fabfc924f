/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Counters: what a scheduler counts itself, and what the kernel counts for it.
 *
 * A scheduler's own are discovered: their names are those of its `enum NAME_stat`, read through BTF.
 *
 * Example:
 *
 *	uint64_t values[SCX_STATS_MAX];
 *	int nr = scx_stat_read(s, values, SCX_STATS_MAX);
 *
 *	for (int i = 0; i < nr; i++)
 *		printf("%s %" PRIu64 "\n", scx_stat_name(s, i), values[i]);
 */
#ifndef SCX_STATS_H
#define SCX_STATS_H

#include <stddef.h>
#include <stdint.h>

#include <scx/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* No scheduler has more counters. */
#define SCX_STATS_MAX 28

struct scx;

/**
 * struct scx_event - a counter of the kernel's
 * @name:  as in /sys/kernel/sched_ext/root/events
 * @value: since the scheduler was attached
 */
struct scx_event {
	char name[56];
	int64_t value;
};

/**
 * scx_stat_name - the name of a counter
 * @scx:   in any state
 * @index: 0, 1, ...
 *
 * Returns the name in lower case, "stolen", valid as long as @scx; or NULL: there are no more.
 * Threads: safe. Since: 0.1
 */
SCX_API const char *scx_stat_name(const struct scx *scx, unsigned index);

/**
 * scx_stat_read - the counters, summed over all CPUs
 * @scx:        loaded, attached or ended
 * @ret_values: gets the first @nr
 * @nr:         room in @ret_values
 *
 * Returns how many were stored, or -ENOTSUP (the scheduler has none), -ENOTCONN (not loaded), -EPROTO.
 * Threads: not with another call on @scx. Cost: no system call. Since: 0.1
 */
SCX_API int scx_stat_read(struct scx *scx, uint64_t *ret_values, size_t nr);

/**
 * scx_stat_read_cpu - the counters of one CPU
 * @scx:        loaded, attached or ended
 * @cpu:        kernel CPU number
 * @ret_values: gets the first @nr
 * @nr:         room in @ret_values
 *
 * Returns as scx_stat_read(), and -ENODEV (no such CPU). Since: 0.1
 */
SCX_API int scx_stat_read_cpu(struct scx *scx, unsigned cpu, uint64_t *ret_values, size_t nr);

/**
 * scx_event_read - the kernel's counters
 * @scx:        attached
 * @ret_events: gets the first @nr
 * @nr:         room in @ret_events
 *
 * Returns how many the kernel has (6.15 or later), which may be more than @nr, or -ENOTCONN (not
 * attached), -ENOTSUP (the kernel has none), or what reading them gave.
 * Threads: not with another call on @scx. Cost: three system calls. Since: 0.1
 */
SCX_API int scx_event_read(struct scx *scx, struct scx_event *ret_events, size_t nr);

#ifdef __cplusplus
}
#endif

#endif /* SCX_STATS_H */
