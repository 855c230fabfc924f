/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * From hwloc's tree to plain arrays.
 *
 * hwloc tells three sets of CPUs: complete (all that it knows of), those with an object in the tree
 * (online), and those that this process may use. Objects of one type never share a CPU, so a level is
 * one number a CPU. Objects are numbered as they are met; when all are read, each level is renumbered
 * by lowest CPU, because the tree is in an order of the firmware's.
 *
 * An object whose CPUs are all offline gets no number. Memory nodes are different: they exist without
 * CPUs, and are known by the kernel's number. A CPU that is local to several nodes (high bandwidth
 * memory beside ordinary) belongs to the lowest one, as CPUs' own nodes come first in the kernel.
 */
#include "topology.h"

#include <errno.h>
#include <stdlib.h>

#include "auto.h"
#include "error.h"

static const hwloc_obj_type_t level_types[SCXI_LEVELS] = {
	[SCX_LEVEL_CORE] = HWLOC_OBJ_CORE,	 [SCX_LEVEL_L2] = HWLOC_OBJ_L2CACHE,
	[SCX_LEVEL_L3] = HWLOC_OBJ_L3CACHE,	 [SCX_LEVEL_DIE] = HWLOC_OBJ_DIE,
	[SCX_LEVEL_PACKAGE] = HWLOC_OBJ_PACKAGE,
};

static void set_ids(struct scx_topology *topology, hwloc_const_bitmap_t cpus, int level,
		    unsigned id)
{
	for (int cpu = hwloc_bitmap_first(cpus); cpu >= 0; cpu = hwloc_bitmap_next(cpus, cpu)) {
		if ((unsigned)cpu >= topology->cpu_end)
			break;
		topology->cpus[cpu].id[level] = (int32_t)id;
	}
}

static void add_state(struct scx_topology *topology, hwloc_const_bitmap_t cpus, unsigned state)
{
	for (unsigned cpu = 0; cpu < topology->cpu_end; cpu++)
		if (hwloc_bitmap_isset(cpus, cpu))
			topology->cpus[cpu].state |= (uint16_t)state;
}

static void read_states(struct scx_topology *topology, hwloc_topology_t hwloc)
{
	hwloc_const_bitmap_t online = hwloc_topology_get_topology_cpuset(hwloc);
	hwloc_const_bitmap_t allowed = hwloc_topology_get_allowed_cpuset(hwloc);

	add_state(topology, hwloc_topology_get_complete_cpuset(hwloc), SCX_CPU_PRESENT);
	add_state(topology, online, SCX_CPU_ONLINE);
	for (unsigned cpu = 0; cpu < topology->cpu_end; cpu++)
		if (hwloc_bitmap_isset(allowed, cpu) && hwloc_bitmap_isset(online, cpu))
			topology->cpus[cpu].state |= SCX_CPU_ALLOWED;
}

/*
 * Gives each CPU the number of its object at a level, and returns the end of the numbers. A type may
 * be found at several depths: a virtual machine's L2 caches are below the core for cores of two
 * threads, and above it for cores of one.
 */
static unsigned read_level(struct scx_topology *topology, hwloc_topology_t hwloc, int level)
{
	unsigned number = 0;

	for (int depth = 0; depth < hwloc_topology_get_depth(hwloc); depth++) {
		unsigned count = hwloc_get_nbobjs_by_depth(hwloc, depth);

		if (hwloc_get_depth_type(hwloc, depth) != level_types[level])
			continue;
		for (unsigned i = 0; i < count; i++) {
			hwloc_obj_t object = hwloc_get_obj_by_depth(hwloc, depth, i);

			if (object && object->complete_cpuset)
				set_ids(topology, object->complete_cpuset, level, number++);
		}
	}
	return number;
}

/* Reads all levels, and puts a stand-in where a CPU has nothing. */
static void read_objects(struct scx_topology *topology, hwloc_topology_t hwloc)
{
	unsigned ends[SCXI_LEVELS] = { 0 };
	unsigned cores, dies;

	for (int level = SCX_LEVEL_CORE; level <= SCX_LEVEL_PACKAGE; level++)
		ends[level] = read_level(topology, hwloc, level);
	cores = ends[SCX_LEVEL_CORE];
	dies = ends[SCX_LEVEL_DIE];
	for (unsigned i = 0; i < topology->cpu_end; i++) {
		struct scxi_cpu *cpu = &topology->cpus[i];

		if (cpu->state & SCX_CPU_PRESENT)
			cpu->id[SCX_LEVEL_MACHINE] = 0;
		/* Where nobody tells of cores, each CPU is one. */
		if (cpu->state & SCX_CPU_ONLINE && cpu->id[SCX_LEVEL_CORE] < 0)
			cpu->id[SCX_LEVEL_CORE] = (int32_t)(cores + i);
		if (cpu->id[SCX_LEVEL_DIE] < 0 && cpu->id[SCX_LEVEL_PACKAGE] >= 0)
			cpu->id[SCX_LEVEL_DIE] = (int32_t)dies + cpu->id[SCX_LEVEL_PACKAGE];
	}
}

/* Renumbers a level by lowest online CPU; what has none becomes -1. Returns 0 or -ENOMEM. */
static int renumber(struct scx_topology *topology, int level)
{
	unsigned count = 0;
	int32_t end = 0;

	for (unsigned i = 0; i < topology->cpu_end; i++)
		if (topology->cpus[i].id[level] >= end)
			end = topology->cpus[i].id[level] + 1;
	/* One too many, as calloc(0) may give NULL. */
	scxi_auto_free int32_t *number = calloc((size_t)end + 1, sizeof(*number));
	if (!number)
		return -ENOMEM;
	for (unsigned i = 0; i < topology->cpu_end; i++) {
		int32_t id = topology->cpus[i].id[level];

		if (id >= 0 && topology->cpus[i].state & SCX_CPU_ONLINE && !number[id])
			number[id] = (int32_t)++count;
	}
	for (unsigned i = 0; i < topology->cpu_end; i++) {
		int32_t *id = &topology->cpus[i].id[level];

		if (*id >= 0)
			*id = number[*id] - 1;
	}
	topology->counts[level] = count;
	return 0;
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int read_nodes(struct scx_topology *topology, hwloc_topology_t hwloc)
{
	int found = hwloc_get_nbobjs_by_type(hwloc, HWLOC_OBJ_NUMANODE);
	unsigned count = found > 0 ? (unsigned)found : 0;

	if (count > SCXI_NODES_MAX)
		return -E2BIG;
	topology->node_numbers = calloc(count + 1, sizeof(*topology->node_numbers));
	if (!topology->node_numbers)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		hwloc_obj_t node = hwloc_get_obj_by_type(hwloc, HWLOC_OBJ_NUMANODE, i);

		if (!node || node->os_index >= SCXI_CPUS_MAX)
			return -E2BIG;
		topology->node_numbers[i] = node->os_index;
	}
	topology->nodes = count;
	topology->counts[SCX_LEVEL_NODE] = count;
	qsort(topology->node_numbers, count, sizeof(*topology->node_numbers), compare_numbers);
	/* From the highest down: the lowest has the last word about a CPU. */
	for (unsigned i = count; i--;) {
		hwloc_obj_t node =
			hwloc_get_numanode_obj_by_os_index(hwloc, topology->node_numbers[i]);

		if (node && node->complete_cpuset)
			set_ids(topology, node->complete_cpuset, SCX_LEVEL_NODE, i);
	}
	return 0;
}

static uint16_t clamp_distance(hwloc_uint64_t value)
{
	return (uint16_t)(value < 1 ? 1 : value > UINT16_MAX ? UINT16_MAX : value);
}

/* Nodes that the machine's table doesn't speak of keep the kernel's defaults. */
static int read_distances(struct scx_topology *topology, hwloc_topology_t hwloc)
{
	struct hwloc_distances_s *table = NULL;
	unsigned tables = 1;
	unsigned nodes = topology->nodes;

	topology->distances = calloc((size_t)nodes * nodes + 1, sizeof(*topology->distances));
	if (!topology->distances)
		return -ENOMEM;
	for (unsigned from = 0; from < nodes; from++)
		for (unsigned to = 0; to < nodes; to++)
			topology->distances[from * nodes + to] =
				from == to ? SCXI_DISTANCE_LOCAL : SCXI_DISTANCE_REMOTE;
	if (hwloc_distances_get_by_type(hwloc, HWLOC_OBJ_NUMANODE, &tables, &table,
					HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0))
		return 0;
	if (!tables || !table)
		return 0;
	for (unsigned from = 0; from < table->nbobjs; from++) {
		for (unsigned to = 0; to < table->nbobjs; to++) {
			int a, b;

			if (!table->objs[from] || !table->objs[to])
				continue;
			a = scxi_topology_node_index(topology, table->objs[from]->os_index);
			b = scxi_topology_node_index(topology, table->objs[to]->os_index);
			if (a >= 0 && b >= 0)
				topology->distances[(unsigned)a * nodes + (unsigned)b] =
					clamp_distance(table->values[from * table->nbobjs + to]);
		}
	}
	hwloc_distances_release(hwloc, table);
	return 0;
}

static int count_threads(struct scx_topology *topology)
{
	unsigned cores = topology->counts[SCX_LEVEL_CORE];

	scxi_auto_free uint16_t *threads = calloc(cores + 1, sizeof(*threads));
	if (!threads)
		return -ENOMEM;
	for (unsigned i = 0; i < topology->cpu_end; i++)
		if (topology->cpus[i].state & SCX_CPU_ONLINE)
			threads[topology->cpus[i].id[SCX_LEVEL_CORE]]++;
	for (unsigned i = 0; i < topology->cpu_end; i++)
		if (topology->cpus[i].state & SCX_CPU_ONLINE)
			topology->cpus[i].threads = threads[topology->cpus[i].id[SCX_LEVEL_CORE]];
	return 0;
}

static int read_all(struct scx_topology *topology, hwloc_topology_t hwloc, unsigned cpu_end)
{
	int err = scxi_topology_grow(topology, cpu_end);

	if (err)
		return err;
	read_states(topology, hwloc);
	read_objects(topology, hwloc);
	for (int level = SCX_LEVEL_CORE; !err && level <= SCX_LEVEL_PACKAGE; level++)
		err = renumber(topology, level);
	topology->counts[SCX_LEVEL_MACHINE] = 1;
	if (!err)
		err = read_nodes(topology, hwloc);
	if (!err)
		err = read_distances(topology, hwloc);
	if (!err)
		err = count_threads(topology);
	if (!err)
		err = scxi_topology_read_kinds(topology, hwloc);
	if (!err && hwloc_topology_is_thissystem(hwloc))
		err = scxi_topology_read_sysfs(topology, SCXI_SYSFS);
	return err;
}

int scxi_topology_read(hwloc_topology_t hwloc, const struct scx_topology_opts *opts,
		       struct scx_topology **ret_topology)
{
	hwloc_const_bitmap_t complete = hwloc_topology_get_complete_cpuset(hwloc);
	hwloc_const_bitmap_t online = hwloc_topology_get_topology_cpuset(hwloc);
	struct scx_topology *topology;
	int last, err;

	if (!complete || !online || hwloc_bitmap_iszero(online))
		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, -ENODATA,
				     "the topology has no CPU");
	last = hwloc_bitmap_last(complete);
	if (last < 0 || (unsigned)last >= SCXI_CPUS_MAX)
		return scxi_fail_buf(
			opts->errbuf, opts->errbuf_size, -E2BIG,
			"the topology has CPU numbers above %u, more than Linux can have",
			SCXI_CPUS_MAX - 1);
	topology = calloc(1, sizeof(*topology));
	err = topology ? read_all(topology, hwloc, (unsigned)last + 1) : -ENOMEM;
	if (!err) {
		*ret_topology = topology;
		return 0;
	}
	scx_topology_free(topology);
	return scxi_fail_buf(opts->errbuf, opts->errbuf_size, err,
			     err == -E2BIG ? "the topology has more NUMA nodes than Linux can have"
					   : "no memory for the topology");
}
