/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Partitions, inside the library.
 *
 * A partition is made in three steps: each CPU gets a group (partition_group.c: by level or by
 * lists), each group is split into domains (partition_split.c), and what is known about a domain is
 * collected on the way. partition.c answers questions.
 */
#ifndef SCXI_PARTITION_H
#define SCXI_PARTITION_H

#include <stdbool.h>
#include <stdint.h>

#include <scx/partition.h>

struct scx_topology;

struct scxi_domain {
	uint32_t group;
	uint32_t cores;
	uint32_t capacity;
	int32_t node; /* place in the topology's nodes, or -1 */
	int32_t die;
	int32_t package;
	int32_t level;
};

struct scxi_member {
	int32_t home; /* domain, or -1; while groups are made: the group */
	bool inside;  /* is in it, not just at home there */
};

struct scx_partition {
	unsigned cpu_end;
	unsigned nodes;
	unsigned groups;
	unsigned domains;
	unsigned cpus_max;
	enum scx_level asked; /* SCX_LEVEL_AUTO also where lists were given */
	bool by_lists;
	struct scxi_member *members; /* cpu_end */
	int32_t *group_levels;	     /* groups */
	struct scxi_domain *domain;  /* domains */
	uint32_t *node_numbers;	     /* nodes */
	uint16_t *distances;	     /* nodes * nodes */
};

/* What the steps share. */
struct scxi_partition_job {
	const struct scx_topology *topology;
	struct scx_partition *partition;
	const struct scx_partition_opts *opts;
	unsigned usable; /* flags of enum scx_cpu_state that a CPU needs */
};

bool scxi_partition_usable(const struct scxi_partition_job *job, unsigned cpu);

/* Give each usable CPU its group. Return 0 or -errno, with the sentence. */
int scxi_partition_group_levels(const struct scxi_partition_job *job);
int scxi_partition_group_lists(const struct scxi_partition_job *job);

/*
 * Makes domains of the groups, of at most cpus_max CPUs, and collects what is known about each.
 * Returns 0 or -errno, with the sentence but for -ENOMEM.
 */
int scxi_partition_split(const struct scxi_partition_job *job);

/*
 * Cuts a row of cores into parts of at most @max CPUs, as even as whole cores can be. @weights are
 * the CPUs of each core, none above @max; @ret_part gets the part of each core, ascending from 0.
 * Returns the number of parts.
 */
unsigned scxi_split_cores(const unsigned *weights, unsigned cores, unsigned max,
			  unsigned *ret_part);

/* Finds a home for CPUs that are in no domain, where one is known. Returns 0 or -ENOMEM. */
int scxi_partition_find_homes(const struct scxi_partition_job *job);

#endif /* SCXI_PARTITION_H */
