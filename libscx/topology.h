/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The topology, inside the library: plain arrays, filled once.
 *
 * topology.c opens a machine and answers questions; topology_hwloc.c turns hwloc's tree into these
 * arrays, the only place that knows its logical indexes; topology_sysfs.c adds what hwloc does not
 * read on this machine; topology_text.c describes.
 */
#ifndef SCXI_TOPOLOGY_H
#define SCXI_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>

#include <hwloc.h>

#include <scx/topology.h>

#define SCXI_LEVELS (SCX_LEVEL_MACHINE + 1)

/*
 * What a file can make us allocate. Linux has at most 8192 CPUs (x86, CONFIG_NR_CPUS) and 1024 nodes
 * (CONFIG_NODES_SHIFT).
 */
#define SCXI_CPUS_MAX 65536u
#define SCXI_NODES_MAX 1024u

#define SCXI_SYSFS "/sys/devices/system"

#define SCXI_CAPACITY_FULL 1024u
#define SCXI_DISTANCE_LOCAL 10u
#define SCXI_DISTANCE_REMOTE 20u

#define SCXI_STATES ((unsigned)(SCX_CPU_PRESENT | SCX_CPU_ONLINE | SCX_CPU_ALLOWED))

struct scxi_cpu {
	/* By level; -1: none or not known. Of a node, its place in @nodes, not the kernel's number. */
	int32_t id[SCXI_LEVELS];
	uint16_t capacity;
	uint16_t threads;
	uint16_t state;
	uint16_t kind; /* of core, by hwloc; only while capacities are computed */
};

struct scx_topology {
	unsigned cpu_end;
	unsigned nodes;
	unsigned counts[SCXI_LEVELS];
	unsigned kinds;
	bool kinds_differ;	/* in what the cores are called, not just in frequency */
	struct scxi_cpu *cpus;	/* cpu_end */
	uint32_t *node_numbers; /* nodes, ascending; the kernel's numbers */
	uint16_t *distances;	/* nodes * nodes */
};

/* Reads a loaded tree, and what sysfs adds if it is this machine's. Returns 0 or -errno, with the sentence in the buffer of @opts. */
int scxi_topology_read(hwloc_topology_t hwloc, const struct scx_topology_opts *opts,
		       struct scx_topology **ret_topology);

/*
 * Adds what the tree @sys (/sys/devices/system) knows: CPUs that are possible, nodes, capacities.
 * What cannot be read stays as it is. Returns 0 or -ENOMEM.
 */
int scxi_topology_read_sysfs(struct scx_topology *topology, const char *sys);

/* Makes CPUs up to @cpu_end known, in no state. Returns 0 or -ENOMEM. */
int scxi_topology_grow(struct scx_topology *topology, unsigned cpu_end);

/* The place of a kernel node number in @node_numbers, or -ENOENT. */
int scxi_topology_node_index(const struct scx_topology *topology, unsigned node);

/* Core kinds of hwloc's into CPU capacities (topology_kinds.c). Returns 0 or -ENOMEM. */
int scxi_topology_read_kinds(struct scx_topology *topology, hwloc_topology_t hwloc);

#endif /* SCXI_TOPOLOGY_H */
