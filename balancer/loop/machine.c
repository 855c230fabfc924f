/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What the loop keeps of a topology: capacities of CPUs, distances of nodes. Node numbers of the
 * kernel may have gaps, the planner's have none.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include <scx/cpuset.h>
#include <scx/topology.h>

#include "loop.h"

#define WORDS_MAX 128 /* of a CPU set: 8192 CPUs, the most that Linux can have */

static int copy_capacities(struct scxi_machine *m, const struct scx_topology *topology)
{
	unsigned end = scx_topology_cpu_end(topology);
	bool equal = true;

	m->capacities = calloc(end ? end : 1, sizeof(*m->capacities));
	if (!m->capacities)
		return -ENOMEM;
	m->nr_cpus = end;
	for (unsigned cpu = 0; cpu < end; cpu++) {
		unsigned capacity = scx_topology_capacity(topology, cpu);

		m->capacities[cpu] = capacity ? capacity : SCX_PLAN_CPU;
		equal = equal && m->capacities[cpu] == SCX_PLAN_CPU;
	}
	/* The usual machine needs no look at each CPU in each round. */
	if (equal) {
		free(m->capacities);
		m->capacities = NULL;
	}
	return 0;
}

static int copy_distances(struct scxi_machine *m, const struct scx_topology *topology)
{
	unsigned nr = 0;

	for (int n = -1; (n = scx_topology_node_next(topology, n)) >= 0;)
		nr++;
	if (!nr)
		return 0;
	m->nodes = calloc(nr, sizeof(*m->nodes));
	m->distances = calloc((size_t)nr * nr, sizeof(*m->distances));
	if (!m->nodes || !m->distances)
		return -ENOMEM;
	for (int n = -1; (n = scx_topology_node_next(topology, n)) >= 0 && m->nr_nodes < nr;)
		m->nodes[m->nr_nodes++] = n;
	for (unsigned f = 0; f < nr; f++)
		for (unsigned t = 0; t < nr; t++) {
			int distance = scx_topology_distance(topology, (unsigned)m->nodes[f],
							     (unsigned)m->nodes[t]);

			m->distances[f * nr + t] = distance < 10 ? 10 : (uint32_t)distance;
		}
	return 0;
}

int scxi_machine_init(struct scxi_machine *machine, const struct scx_topology *topology)
{
	int err;

	if (!topology)
		return 0;
	err = copy_capacities(machine, topology);
	return err ? err : copy_distances(machine, topology);
}

void scxi_machine_end(struct scxi_machine *machine)
{
	free(machine->capacities);
	free(machine->nodes);
	free(machine->distances);
}

uint32_t scxi_machine_node(const struct scxi_machine *machine, int node)
{
	for (unsigned i = 0; i < machine->nr_nodes; i++)
		if (machine->nodes[i] == node)
			return i;
	return 0;
}

uint32_t scxi_machine_capacity(const struct scxi_machine *machine, struct scx *scx,
			       const struct scx_domain_info *info)
{
	unsigned long words[WORDS_MAX];
	cpu_set_t *set = (cpu_set_t *)words;
	uint64_t sum = 0;

	/* It replaces the whole set. */
	if (!machine->capacities || !info->nr_all ||
	    scx_domain_get(scx, info->domain, sizeof(words), set))
		return info->nr_cpus * SCX_PLAN_CPU;
	for (int cpu = -1; (cpu = scx_cpuset_next(sizeof(words), set, cpu)) >= 0;)
		sum += (unsigned)cpu < machine->nr_cpus ? machine->capacities[cpu] : SCX_PLAN_CPU;
	/* Which of its CPUs are offline is not known here, only how many. */
	return (uint32_t)(sum * info->nr_cpus / info->nr_all);
}
