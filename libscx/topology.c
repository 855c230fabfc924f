/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Topologies: opening a machine, and answering questions about it.
 *
 * hwloc is loaded with the least it can do (no I/O, no objects that we have no level for), read into
 * plain arrays, and destroyed before the constructor returns: a handle holds no hwloc object. CPUs
 * that the process may not use are loaded too, since a scheduler serves the whole machine. hwloc's
 * x86 part, which would bind the calling thread to each CPU in turn, is left out: the kernel tells
 * the same in sysfs.
 *
 * Invariant: an online CPU has a core, and ids are -1 or below counts[level].
 */
#include <scx/topology.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <scx/cpuset.h>

#include "auto.h"
#include "cpuset.h"
#include "error.h"
#include "options.h"
#include "topology.h"

static void destroy_hwloc(hwloc_topology_t *hwloc)
{
	if (*hwloc)
		hwloc_topology_destroy(*hwloc);
}

int scxi_topology_grow(struct scx_topology *topology, unsigned cpu_end)
{
	struct scxi_cpu *cpus;

	if (cpu_end <= topology->cpu_end)
		return 0;
	cpus = realloc(topology->cpus, cpu_end * sizeof(*cpus));
	if (!cpus)
		return -ENOMEM;
	for (unsigned cpu = topology->cpu_end; cpu < cpu_end; cpu++) {
		memset(&cpus[cpu], 0, sizeof(cpus[cpu]));
		for (int level = 0; level < SCXI_LEVELS; level++)
			cpus[cpu].id[level] = -1;
	}
	topology->cpus = cpus;
	topology->cpu_end = cpu_end;
	return 0;
}

/* hwloc says no more than EINVAL about a file: what is wrong with the path is found here. */
static int check_file(const struct scx_topology_opts *opts)
{
	scxi_auto_close int fd = open(opts->xml, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat stat;

	if (fd < 0 || fstat(fd, &stat)) {
		int err = -errno;

		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, err, "topology file %s: %s",
				     opts->xml, strerrordesc_np(-err));
	}
	if (!S_ISREG(stat.st_mode))
		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, -EINVAL,
				     "topology file %s: not a regular file", opts->xml);
	return 0;
}

/* hwloc builds whatever a sentence asks for: the product of its numbers is checked before. */
static int check_sentence(const struct scx_topology_opts *opts)
{
	unsigned long cpus = 1;
	int depth = 0;

	for (const char *at = opts->synthetic; *at; at++) {
		char *end;
		unsigned long count;

		/* Attributes, and memory nodes, which multiply nothing. */
		depth += (*at == '(' || *at == '[') - (*at == ')' || *at == ']');
		if (depth || *at < '0' || *at > '9')
			continue;
		/* Only "type:count" and plain counts count: not the digit in "l3". */
		if (at > opts->synthetic && at[-1] != ':' && at[-1] != ' ')
			continue;
		count = strtoul(at, &end, 10);
		if (count > SCXI_CPUS_MAX || (count && cpus > SCXI_CPUS_MAX / count))
			return scxi_fail_buf(
				opts->errbuf, opts->errbuf_size, -E2BIG,
				"topology \"%s\": more than %u CPUs, more than Linux can have",
				opts->synthetic, SCXI_CPUS_MAX);
		cpus *= count ? count : 1;
		at = end - 1;
	}
	return 0;
}

static int set_source(hwloc_topology_t hwloc, const struct scx_topology_opts *opts)
{
	int err;

	if (opts->xml) {
		err = check_file(opts);
		if (err)
			return err;
		if (hwloc_topology_set_xml(hwloc, opts->xml))
			return scxi_fail_buf(opts->errbuf, opts->errbuf_size, -EINVAL,
					     "topology file %s: not an XML file of hwloc's; "
					     "write one with `lstopo FILE.xml`",
					     opts->xml);
	}
	if (opts->synthetic) {
		err = check_sentence(opts);
		if (err)
			return err;
		if (hwloc_topology_set_synthetic(hwloc, opts->synthetic))
			return scxi_fail_buf(opts->errbuf, opts->errbuf_size, -EINVAL,
					     "topology \"%s\": hwloc does not understand it; "
					     "write it like \"pack:2 l3:4 core:8 pu:2\"",
					     opts->synthetic);
	}
	return 0;
}

static int load_hwloc(hwloc_topology_t hwloc, const struct scx_topology_opts *opts)
{
	static const hwloc_obj_type_t types[] = { HWLOC_OBJ_CORE, HWLOC_OBJ_L2CACHE,
						  HWLOC_OBJ_L3CACHE, HWLOC_OBJ_DIE,
						  HWLOC_OBJ_PACKAGE };
	const unsigned long flags = HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED |
				    HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING |
				    HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS;
	const char *what = opts->xml	     ? opts->xml
			   : opts->synthetic ? opts->synthetic
					     : "this machine";
	int err = set_source(hwloc, opts);

	if (err)
		return err;
	errno = 0;
	err = hwloc_topology_set_flags(hwloc, flags) ||
	      hwloc_topology_set_all_types_filter(hwloc, HWLOC_TYPE_FILTER_KEEP_NONE) ||
	      /* Without groups hwloc forgets which CPUs are near a memory node. */
	      hwloc_topology_set_type_filter(hwloc, HWLOC_OBJ_GROUP,
					     HWLOC_TYPE_FILTER_KEEP_STRUCTURE);
	for (size_t i = 0; !err && i < sizeof(types) / sizeof(*types); i++)
		err = hwloc_topology_set_type_filter(hwloc, types[i], HWLOC_TYPE_FILTER_KEEP_ALL);
	if (err || hwloc_topology_load(hwloc)) {
		err = errno ? -errno : -EINVAL;
		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, err,
				     "topology of %s: hwloc cannot load it: %s", what,
				     strerrordesc_np(-err));
	}
	return 0;
}

static int open_topology(const struct scx_topology_opts *opts, struct scx_topology **ret_topology)
{
	__attribute__((cleanup(destroy_hwloc))) hwloc_topology_t hwloc = NULL;
	int err;

	if (opts->xml && opts->synthetic)
		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, -EINVAL,
				     "a topology comes from an XML file or from a description, "
				     "not from both");
	if (hwloc_topology_init(&hwloc)) {
		hwloc = NULL;
		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, -ENOMEM,
				     "no memory for the topology");
	}
	err = load_hwloc(hwloc, opts);
	return err ? err : scxi_topology_read(hwloc, opts, ret_topology);
}

struct scx_topology *scx_topology_new(const struct scx_topology_opts *opts)
{
	struct scx_topology_opts known;
	struct scx_topology *topology = NULL;
	int err = scxi_options_read(&known, sizeof(known), opts);

	/* Of options that we cannot read, not even the buffer is ours to write. */
	if (!err)
		err = open_topology(&known, &topology);
	if (err)
		errno = -err;
	return topology;
}

void scx_topology_free(struct scx_topology *topology)
{
	if (!topology)
		return;
	free(topology->cpus);
	free(topology->node_numbers);
	free(topology->distances);
	free(topology);
}

unsigned scx_topology_cpu_end(const struct scx_topology *topology)
{
	return topology->cpu_end;
}

size_t scx_topology_setsize(const struct scx_topology *topology)
{
	return scxi_cpuset_size(topology->cpu_end);
}

int scx_topology_cpus(const struct scx_topology *topology, unsigned state, size_t setsize,
		      cpu_set_t *ret_set)
{
	unsigned end = 0;

	if (!state || state & ~SCXI_STATES || !scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	for (unsigned cpu = 0; cpu < topology->cpu_end; cpu++)
		if ((topology->cpus[cpu].state & state) == state)
			end = cpu + 1;
	if (end && (end - 1) / 8 >= setsize)
		return -ERANGE;
	(void)scx_cpuset_clear(setsize, ret_set);
	for (unsigned cpu = 0; cpu < end; cpu++)
		if ((topology->cpus[cpu].state & state) == state)
			(void)scx_cpuset_add(setsize, ret_set, cpu);
	return 0;
}

static const struct scxi_cpu *find_cpu(const struct scx_topology *topology, unsigned cpu)
{
	return cpu < topology->cpu_end ? &topology->cpus[cpu] : NULL;
}

unsigned scx_topology_state(const struct scx_topology *topology, unsigned cpu)
{
	const struct scxi_cpu *found = find_cpu(topology, cpu);

	return found ? found->state : 0;
}

unsigned scx_topology_capacity(const struct scx_topology *topology, unsigned cpu)
{
	const struct scxi_cpu *found = find_cpu(topology, cpu);

	return found ? found->capacity : 0;
}

unsigned scx_topology_threads(const struct scx_topology *topology, unsigned cpu)
{
	const struct scxi_cpu *found = find_cpu(topology, cpu);

	return found ? found->threads : 0;
}

static bool is_level(enum scx_level level)
{
	return level >= SCX_LEVEL_CORE && level <= SCX_LEVEL_MACHINE;
}

unsigned scx_topology_count(const struct scx_topology *topology, enum scx_level level)
{
	return is_level(level) ? topology->counts[level] : 0;
}

int scx_topology_id(const struct scx_topology *topology, enum scx_level level, unsigned cpu)
{
	const struct scxi_cpu *found = find_cpu(topology, cpu);

	if (!is_level(level))
		return -EINVAL;
	if (!found || found->id[level] < 0)
		return -ENOENT;
	if (level == SCX_LEVEL_NODE)
		return (int)topology->node_numbers[found->id[level]];
	return found->id[level];
}

int scxi_topology_node_index(const struct scx_topology *topology, unsigned node)
{
	for (unsigned i = 0; i < topology->nodes; i++)
		if (topology->node_numbers[i] == node)
			return (int)i;
	return -ENOENT;
}

int scx_topology_node_next(const struct scx_topology *topology, int node)
{
	for (unsigned i = 0; i < topology->nodes; i++)
		if ((int)topology->node_numbers[i] > node)
			return (int)topology->node_numbers[i];
	return -ENOENT;
}

int scx_topology_distance(const struct scx_topology *topology, unsigned from, unsigned to)
{
	int a = scxi_topology_node_index(topology, from);
	int b = scxi_topology_node_index(topology, to);

	if (a < 0 || b < 0)
		return -ENOENT;
	return topology->distances[(unsigned)a * topology->nodes + (unsigned)b];
}
