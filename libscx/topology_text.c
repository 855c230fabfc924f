/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Topologies as text: for people, and the names of levels both ways.
 *
 * The first line counts, in the order from small to large; each further line is about something that
 * makes this machine unlike the usual one, and is there only then.
 */
#include "topology.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "text.h"

#define KINDS_SHOWN 4

static const char *const level_names[SCXI_LEVELS] = {
	[SCX_LEVEL_AUTO] = "auto",	[SCX_LEVEL_CORE] = "core",
	[SCX_LEVEL_L2] = "L2 cache",	[SCX_LEVEL_L3] = "L3 cache",
	[SCX_LEVEL_DIE] = "die",	[SCX_LEVEL_PACKAGE] = "package",
	[SCX_LEVEL_NODE] = "NUMA node", [SCX_LEVEL_MACHINE] = "machine",
};

const char *scx_level_name(enum scx_level level)
{
	return (unsigned)level < SCXI_LEVELS ? level_names[level] : NULL;
}

int scx_level_parse(const char *text, enum scx_level *ret_level)
{
	static const struct {
		const char *word;
		enum scx_level level;
	} words[] = {
		{ "auto", SCX_LEVEL_AUTO },
		{ "llc", SCX_LEVEL_AUTO },
		{ "core", SCX_LEVEL_CORE },
		{ "l2", SCX_LEVEL_L2 },
		{ "2", SCX_LEVEL_L2 },
		{ "l3", SCX_LEVEL_L3 },
		{ "3", SCX_LEVEL_L3 },
		{ "die", SCX_LEVEL_DIE },
		{ "node", SCX_LEVEL_NODE },
		{ "package", SCX_LEVEL_PACKAGE },
		{ "machine", SCX_LEVEL_MACHINE },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcasecmp(text, words[i].word) != 0)
			continue;
		*ret_level = words[i].level;
		return 0;
	}
	return -EINVAL;
}

/* A question about one CPU of a topology. */
struct question {
	const struct scx_topology *topology;
	unsigned value;
};

static bool has_states(unsigned cpu, const void *arg)
{
	const struct question *q = arg;

	return (q->topology->cpus[cpu].state & q->value) == q->value;
}

static bool has_exact_state(unsigned cpu, const void *arg)
{
	const struct question *q = arg;

	return q->topology->cpus[cpu].state == q->value;
}

static bool has_capacity(unsigned cpu, const void *arg)
{
	const struct question *q = arg;

	return q->topology->cpus[cpu].capacity == q->value;
}

static bool has_node(unsigned cpu, const void *arg)
{
	const struct question *q = arg;
	const struct scxi_cpu *found = &q->topology->cpus[cpu];

	return found->state & SCX_CPU_ONLINE && found->id[SCX_LEVEL_NODE] == (int32_t)q->value;
}

static unsigned count_cpus(const struct scx_topology *topology, scxi_cpu_fn test, unsigned value)
{
	struct question question = { .topology = topology, .value = value };
	unsigned count = 0;

	for (unsigned cpu = 0; cpu < topology->cpu_end; cpu++)
		count += test(cpu, &question);
	return count;
}

/* Adds a label and the list of CPUs, if there are any. */
static void add_cpus(struct scxi_text *text, const struct scx_topology *topology, const char *label,
		     scxi_cpu_fn test, unsigned value)
{
	struct question question = { .topology = topology, .value = value };

	if (!count_cpus(topology, test, value))
		return;
	scxi_text_add(text, "%s", label);
	scxi_text_add_cpus(text, topology->cpu_end, test, &question);
}

static void write_states(struct scxi_text *text, const void *arg)
{
	const struct question *question = arg;

	scxi_text_add_cpus(text, question->topology->cpu_end, has_states, question);
}

int scx_topology_cpu_list(const struct scx_topology *topology, unsigned state, char *buf,
			  size_t size)
{
	struct question question = { .topology = topology, .value = state };

	if (!state || state & ~SCXI_STATES)
		return -EINVAL;
	return scxi_text_write(buf, size, write_states, &question);
}

static void add_count(struct scxi_text *text, unsigned count, enum scx_level level)
{
	scxi_text_add(text, ", %u %s%s", count, level_names[level], count == 1 ? "" : "s");
}

static void add_counts(struct scxi_text *text, const struct scx_topology *topology)
{
	const unsigned *counts = topology->counts;
	unsigned online = count_cpus(topology, has_states, SCX_CPU_ONLINE);

	scxi_text_add(text, "%u CPU%s", online, online == 1 ? "" : "s");
	add_count(text, counts[SCX_LEVEL_CORE], SCX_LEVEL_CORE);
	/* An L2 for each core is the usual case, and says nothing. */
	if (counts[SCX_LEVEL_L2] && counts[SCX_LEVEL_L2] < counts[SCX_LEVEL_CORE])
		add_count(text, counts[SCX_LEVEL_L2], SCX_LEVEL_L2);
	if (counts[SCX_LEVEL_L3])
		add_count(text, counts[SCX_LEVEL_L3], SCX_LEVEL_L3);
	else
		scxi_text_add(text, ", no L3 cache");
	if (counts[SCX_LEVEL_DIE] != counts[SCX_LEVEL_PACKAGE])
		add_count(text, counts[SCX_LEVEL_DIE], SCX_LEVEL_DIE);
	if (counts[SCX_LEVEL_PACKAGE])
		add_count(text, counts[SCX_LEVEL_PACKAGE], SCX_LEVEL_PACKAGE);
	if (counts[SCX_LEVEL_NODE])
		add_count(text, counts[SCX_LEVEL_NODE], SCX_LEVEL_NODE);
}

/* A line for each capacity, the largest first; one line in all if there are many. */
static void add_capacities(struct scxi_text *text, const struct scx_topology *topology)
{
	unsigned found[KINDS_SHOWN + 1];
	unsigned count = 0, least = 0, below = SCXI_CAPACITY_FULL + 1;

	for (;;) {
		unsigned next = 0;

		for (unsigned cpu = 0; cpu < topology->cpu_end; cpu++) {
			unsigned capacity = topology->cpus[cpu].capacity;

			if (capacity < below && capacity > next)
				next = capacity;
		}
		if (!next)
			break;
		if (count <= KINDS_SHOWN)
			found[count++] = next;
		least = below = next;
	}
	if (count > KINDS_SHOWN) {
		scxi_text_add(text, "\ncapacities from %u down to %u", found[0], least);
		return;
	}
	for (unsigned i = 0; count > 1 && i < count; i++) {
		scxi_text_add(text, "\ncapacity %u: ", found[i]);
		add_cpus(text, topology, "CPUs ", has_capacity, found[i]);
	}
}

static void add_empty_nodes(struct scxi_text *text, const struct scx_topology *topology)
{
	const char *before = "\nnodes without CPUs: ";

	for (unsigned i = 0; i < topology->nodes; i++) {
		if (count_cpus(topology, has_node, i))
			continue;
		scxi_text_add(text, "%s%u", before, topology->node_numbers[i]);
		before = ", ";
	}
}

static void describe(struct scxi_text *text, const void *arg)
{
	const struct scx_topology *topology = arg;

	add_counts(text, topology);
	add_cpus(text, topology, "\noffline: CPUs ", has_exact_state, SCX_CPU_PRESENT);
	add_cpus(text, topology, "\nnot allowed to this process: CPUs ", has_exact_state,
		 SCX_CPU_PRESENT | SCX_CPU_ONLINE);
	add_capacities(text, topology);
	add_empty_nodes(text, topology);
}

int scx_topology_describe(const struct scx_topology *topology, char *buf, size_t size)
{
	return scxi_text_write(buf, size, describe, topology);
}
