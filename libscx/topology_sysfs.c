/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What hwloc does not read on this machine, from the tree /sys/devices/system.
 *
 * CPUs that are possible but not present; the node that the kernel means for each CPU (also where a
 * CPU is local to several, and for offline CPUs, whose cache and core the kernel forgets); the
 * kernel's capacity of each CPU and, on hybrid machines where it shows none (x86), the greatest
 * performance by firmware. Each file may be missing: then what hwloc told stays.
 *
 * The firmware's performance values are used only where cores are of different types: on machines of
 * equal cores they rank the cores that boost best, and differ far more than the cores do.
 */
#include "topology.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <scx/cpuset.h>

#include "auto.h"
#include "cpuset.h"

#define SET_BYTES (SCXI_CPUS_MAX / 8)

/* A list of CPUs fits one page in sysfs until it needs more; ours is the largest a list can be. */
#define LIST_BYTES (32 * 1024)

/* Reads a small file of the tree. Returns its length, or -1. */
static ssize_t read_file(int tree, const char *path, char *buf, size_t size)
{
	scxi_auto_close int fd = openat(tree, path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got = 0;

	if (fd < 0)
		return -1;
	while (len < size - 1 && (got = read(fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)got;
	if (got < 0)
		return -1;
	buf[len] = '\0';
	return (ssize_t)len;
}

static unsigned read_number(int tree, unsigned cpu, const char *name)
{
	char path[64], text[32];

	(void)snprintf(path, sizeof(path), "cpu/cpu%u/%s", cpu, name);
	if (read_file(tree, path, text, sizeof(text)) < 0)
		return 0;
	return (unsigned)strtoul(text, NULL, 10);
}

static bool is_online(const struct scx_topology *topology, unsigned cpu)
{
	return topology->cpus[cpu].state & SCX_CPU_ONLINE;
}

static void read_node_cpus(struct scx_topology *topology, int tree, char *list, cpu_set_t *set)
{
	for (unsigned i = 0; i < topology->nodes; i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "node/node%u/cpulist",
			       topology->node_numbers[i]);
		if (read_file(tree, path, list, LIST_BYTES) < 0 ||
		    scx_cpuset_parse(list, SET_BYTES, set))
			continue;
		for (unsigned cpu = 0; cpu < topology->cpu_end; cpu++)
			if (is_online(topology, cpu) && scx_cpuset_has(SET_BYTES, set, cpu) == 1)
				topology->cpus[cpu].id[SCX_LEVEL_NODE] = (int32_t)i;
	}
}

/* A node's list has online CPUs only, but the link from a CPU to its node stays. */
static void read_offline_nodes(struct scx_topology *topology, int tree)
{
	for (unsigned cpu = 0; cpu < topology->cpu_end; cpu++) {
		if (is_online(topology, cpu) || !(topology->cpus[cpu].state & SCX_CPU_PRESENT))
			continue;
		for (unsigned i = 0; i < topology->nodes; i++) {
			char path[64];

			(void)snprintf(path, sizeof(path), "cpu/cpu%u/node%u", cpu,
				       topology->node_numbers[i]);
			if (!faccessat(tree, path, F_OK, 0))
				topology->cpus[cpu].id[SCX_LEVEL_NODE] = (int32_t)i;
		}
	}
}

/* Reads a value of each online CPU. Returns 0, or -ENODATA unless every one has it. */
static int read_values(const struct scx_topology *topology, int tree, const char *name,
		       unsigned *values)
{
	for (unsigned cpu = 0; cpu < topology->cpu_end; cpu++) {
		if (!is_online(topology, cpu))
			continue;
		values[cpu] = read_number(tree, cpu, name);
		if (!values[cpu] || values[cpu] > USHRT_MAX)
			return -ENODATA;
	}
	return 0;
}

/* The kernel's values are on our scale already. */
static void use_kernel_values(struct scx_topology *topology, const unsigned *values)
{
	for (unsigned cpu = 0; cpu < topology->cpu_end; cpu++)
		topology->cpus[cpu].capacity =
			(uint16_t)(values[cpu] < SCXI_CAPACITY_FULL ? values[cpu]
								    : SCXI_CAPACITY_FULL);
}

/* What one core of a kind can do more than its equals is luck: the best of a kind stands for it. */
static int use_firmware_values(struct scx_topology *topology, const unsigned *values)
{
	scxi_auto_free unsigned *kinds = calloc(topology->kinds + 1, sizeof(*kinds));
	unsigned largest = 1;

	if (!kinds)
		return -ENOMEM;
	for (unsigned cpu = 0; cpu < topology->cpu_end; cpu++) {
		unsigned kind = topology->cpus[cpu].kind;

		if (kind < topology->kinds && values[cpu] > kinds[kind])
			kinds[kind] = values[cpu];
		if (values[cpu] > largest)
			largest = values[cpu];
	}
	for (unsigned cpu = 0; cpu < topology->cpu_end; cpu++) {
		unsigned kind = topology->cpus[cpu].kind;
		unsigned value = kind < topology->kinds ? kinds[kind] : values[cpu];
		unsigned capacity = value * SCXI_CAPACITY_FULL / largest;

		if (is_online(topology, cpu))
			topology->cpus[cpu].capacity = (uint16_t)(capacity ? capacity : 1);
	}
	return 0;
}

static int read_capacities(struct scx_topology *topology, int tree)
{
	scxi_auto_free unsigned *values = calloc(topology->cpu_end, sizeof(*values));

	if (!values)
		return -ENOMEM;
	if (!read_values(topology, tree, "cpu_capacity", values))
		use_kernel_values(topology, values);
	else if (topology->kinds_differ &&
		 !read_values(topology, tree, "acpi_cppc/highest_perf", values))
		return use_firmware_values(topology, values);
	return 0;
}

static int read_possible(struct scx_topology *topology, int tree, char *list, cpu_set_t *set)
{
	int last = -1;

	if (read_file(tree, "cpu/possible", list, LIST_BYTES) < 0 ||
	    scx_cpuset_parse(list, SET_BYTES, set))
		return 0;
	for (int cpu = -1; (cpu = scx_cpuset_next(SET_BYTES, set, cpu)) >= 0;)
		last = cpu;
	return scxi_topology_grow(topology, (unsigned)(last + 1));
}

int scxi_topology_read_sysfs(struct scx_topology *topology, const char *sys)
{
	scxi_auto_close int tree = open(sys, O_PATH | O_DIRECTORY | O_CLOEXEC);
	scxi_auto_free char *list = malloc(LIST_BYTES);
	scxi_auto_free cpu_set_t *set = scxi_cpuset_new(SET_BYTES);
	int err;

	if (!list || !set)
		return -ENOMEM;
	if (tree < 0)
		return 0;
	err = read_possible(topology, tree, list, set);
	if (err)
		return err;
	read_node_cpus(topology, tree, list, set);
	read_offline_nodes(topology, tree);
	return read_capacities(topology, tree);
}
