/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The snapshot, inside.
 */
#ifndef SCXI_SNAPSHOT_H
#define SCXI_SNAPSHOT_H

#include <stdbool.h>

#include <scx/snapshot.h>

#include "memory.h"

/* The counters of a domain, or of one CPU's share of it. */
struct scxi_sums {
	int64_t tasks, weight; /* runnable now */
	uint64_t tasks_ns, weight_ns;
};

/* What a slot held when it was read last. */
struct scxi_past {
	uint64_t start_ns; /* 0: nothing */
	uint64_t runnable_ns;
	uint64_t at_ns;
};

struct scx_snapshot {
	struct scx *scx;
	uint64_t run;		       /* of the scheduler, that pasts and sums are of */
	uint64_t time_ns, interval_ns; /* of the domains */
	uint64_t tasks_time_ns;
	uint64_t nr_live;

	uint64_t clock_at_ns; /* when the clocks were compared */
	int64_t clock_ns;     /* what the scheduler's is ahead of ours */

	struct scx_domain_info *domains;
	size_t nr_domains;
	struct scxi_sums *sums; /* SCX_DOMAINS_MAX, of the last read */
	struct scxi_sums *now;	/* likewise, of the one in progress */

	struct scx_task_info *tasks;
	size_t nr_tasks, room_tasks;
	struct scxi_past *pasts;
	size_t nr_pasts;
};

/* The time on the clock that the counters in memory use. */
uint64_t scxi_snapshot_clock(struct scx_snapshot *snap);

/* snapshot_tasks.c: reads the tasks in the domains of @wanted (bits); NULL: all. */
int scxi_snapshot_tasks(struct scx_snapshot *snap, const uint64_t *wanted);

#endif /* SCXI_SNAPSHOT_H */
