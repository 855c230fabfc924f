/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * What scx-atropos prints while it runs: domains, the table of --stats, rounds of the balancer.
 */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include <scx/balancer.h>
#include <scx/partition.h>
#include <scx/scx.h>
#include <scx/snapshot.h>
#include <scx/topology.h>

/* The table, from one print to the next. */
struct view {
	struct scx *scx;
	struct scx_snapshot *snapshot;
	uint64_t in[SCX_DOMAIN_MAX], out[SCX_DOMAIN_MAX]; /* moves of the balancer */
	uint64_t *stats; /* the scheduler's counters at the last print */
	unsigned nr_stats;
};

/* Returns 0 or a negative errno. */
int view_begin(struct view *view, struct scx *scx);
void view_end(struct view *view);

/* Counts what a round moved. */
void view_count(struct view *view, const struct scx_round *round);
/* Prints the table; -errno if the scheduler cannot be read. */
int view_print(struct view *view, FILE *out);

/* Prints a round in a line, and with @explain each move in one. */
void view_round(FILE *out, const struct scx_round *round, bool explain);

/* Prints the machine and its domains, for people or as JSON. */
void view_domains(FILE *out, const struct scx_topology *topology,
		  const struct scx_partition *partition);
void view_domains_json(FILE *out, const struct scx_partition *partition);

#endif /* VIEW_H */
