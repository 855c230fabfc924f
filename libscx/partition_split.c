/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Splitting groups into domains, with cores kept whole.
 *
 * The cores of a group are put in a row, by node, die, L2, so that what is near stays together, and
 * the row is cut. With P parts, a core goes to the part in which the middle of its CPUs lies when
 * the row of CPUs is cut in P equal pieces: parts differ by at most a core. P is the least number
 * for which no part is too large.
 */
#include "partition.h"

#include <errno.h>
#include <stdlib.h>

#include "auto.h"
#include "error.h"
#include "topology.h"

/* Cuts evenly. False if a part would be empty or above @max. */
static bool cut_evenly(const unsigned *weights, unsigned cores, uint64_t total, unsigned parts,
		       unsigned max, unsigned *ret_part)
{
	uint64_t before = 0;
	unsigned part = 0, size = 0;

	for (unsigned i = 0; i < cores; i++) {
		/* Twice the middle, so that it stays an integer. */
		uint64_t middle = 2 * before + weights[i];
		unsigned mine = (unsigned)(middle * parts / (2 * total));

		if (mine > part + 1 || (mine > 0 && i == 0))
			return false;
		size = mine == part ? size + weights[i] : weights[i];
		if (size > max)
			return false;
		part = mine;
		ret_part[i] = part;
		before += weights[i];
	}
	return part + 1 == parts;
}

/* Fills one part after the other: always works, since no core is above @max. */
static unsigned cut_greedily(const unsigned *weights, unsigned cores, unsigned max,
			     unsigned *ret_part)
{
	unsigned part = 0, size = 0;

	for (unsigned i = 0; i < cores; i++) {
		if (size + weights[i] > max) {
			part++;
			size = 0;
		}
		size += weights[i];
		ret_part[i] = part;
	}
	return part + 1;
}

unsigned scxi_split_cores(const unsigned *weights, unsigned cores, unsigned max, unsigned *ret_part)
{
	uint64_t total = 0;
	unsigned greedy = cut_greedily(weights, cores, max, ret_part);

	for (unsigned i = 0; i < cores; i++)
		total += weights[i];
	/* Filling up gives the least number there can be; even cuts may need some more. */
	for (unsigned parts = greedy; parts <= cores && parts < greedy + 8; parts++)
		if (cut_evenly(weights, cores, total, parts, max, ret_part))
			return parts;
	return cut_greedily(weights, cores, max, ret_part);
}

/* A CPU's place in the row. */
struct place {
	int32_t group, node, die, l2, core;
	unsigned cpu;
};

static int compare_ids(int32_t a, int32_t b)
{
	return (a > b) - (a < b);
}

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = compare_ids(x->group, y->group);

	if (!order)
		order = compare_ids(x->node, y->node);
	if (!order)
		order = compare_ids(x->die, y->die);
	if (!order)
		order = compare_ids(x->l2, y->l2);
	if (!order)
		order = compare_ids(x->core, y->core);
	if (!order)
		order = compare_ids((int32_t)x->cpu, (int32_t)y->cpu);
	return order;
}

static unsigned fill_places(const struct scxi_partition_job *job, struct place *places)
{
	unsigned count = 0;

	for (unsigned cpu = 0; cpu < job->partition->cpu_end; cpu++) {
		const int32_t *id = job->topology->cpus[cpu].id;

		if (!job->partition->members[cpu].inside)
			continue;
		places[count++] = (struct place){
			.group = job->partition->members[cpu].home,
			.node = id[SCX_LEVEL_NODE],
			.die = id[SCX_LEVEL_DIE],
			.l2 = id[SCX_LEVEL_L2],
			.core = id[SCX_LEVEL_CORE],
			.cpu = cpu,
		};
	}
	return count;
}

/* Room for the work on one group. */
struct split {
	struct place *places; /* all CPUs, in their order */
	unsigned *weights;
	unsigned *parts;
	unsigned *first; /* by core: its first place */
};

/* Splits the group at places @begin .. @end - 1 and numbers its domains. */
static int split_group(const struct scxi_partition_job *job, const struct split *split,
		       unsigned begin, unsigned end)
{
	struct scx_partition *partition = job->partition;
	unsigned max = partition->cpus_max ? partition->cpus_max : end - begin;
	unsigned cores = 0, parts;

	for (unsigned i = begin; i < end; i++) {
		if (i == begin || split->places[i].core != split->places[i - 1].core) {
			split->first[cores] = i;
			split->weights[cores++] = 0;
		}
		split->weights[cores - 1]++;
	}
	for (unsigned i = 0; i < cores; i++)
		if (split->weights[i] > max)
			return scxi_fail_buf(job->opts->errbuf, job->opts->errbuf_size, -EINVAL,
					     "domains of at most %u CPUs: the core of CPU %u has "
					     "%u, and cores are kept whole; allow at least %u",
					     max, split->places[split->first[i]].cpu,
					     split->weights[i], split->weights[i]);
	parts = scxi_split_cores(split->weights, cores, max, split->parts);
	for (unsigned i = 0; i < cores; i++)
		for (unsigned k = 0; k < split->weights[i]; k++) {
			unsigned cpu = split->places[split->first[i] + k].cpu;

			partition->members[cpu].home =
				(int32_t)(partition->domains + split->parts[i]);
		}
	partition->domains += parts;
	return 0;
}

/* Of CPUs that are at home in a group but not inside: with one domain it is that, else unknown. */
static void settle_outsiders(struct scx_partition *partition, const unsigned *first_domain)
{
	for (unsigned cpu = 0; cpu < partition->cpu_end; cpu++) {
		struct scxi_member *member = &partition->members[cpu];

		if (member->inside || member->home < 0)
			continue;
		if (first_domain[member->home + 1] - first_domain[member->home] == 1)
			member->home = (int32_t)first_domain[member->home];
		else
			member->home = -1;
	}
}

/*
 * Collects what is known about each domain. Its CPUs stand side by side in the row, by node and then
 * by core, so that runs can be counted.
 */
static int record_domains(const struct scxi_partition_job *job, const struct place *places,
			  unsigned count)
{
	struct scx_partition *partition = job->partition;
	unsigned node_run = 0, node_best = 0;

	partition->domain = calloc(partition->domains, sizeof(*partition->domain));
	if (!partition->domain)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		const struct place *place = &places[i];
		const struct place *before = i ? &places[i - 1] : NULL;
		int32_t home = partition->members[place->cpu].home;
		struct scxi_domain *domain = &partition->domain[home];

		if (!before || partition->members[before->cpu].home != home) {
			domain->group = (uint32_t)place->group;
			domain->level = partition->group_levels[place->group];
			domain->die = place->die;
			domain->package = job->topology->cpus[place->cpu].id[SCX_LEVEL_PACKAGE];
			domain->node = -1;
			node_run = node_best = 0;
			before = NULL;
		}
		domain->cores += !before || before->core != place->core;
		domain->capacity += job->topology->cpus[place->cpu].capacity;
		node_run = before && before->node == place->node ? node_run + 1 : 1;
		if (place->node >= 0 && node_run > node_best) {
			node_best = node_run;
			domain->node = place->node;
		}
	}
	return 0;
}

int scxi_partition_split(const struct scxi_partition_job *job)
{
	struct scx_partition *partition = job->partition;
	scxi_auto_free struct place *places = calloc(partition->cpu_end, sizeof(*places));
	scxi_auto_free unsigned *work = calloc(partition->cpu_end, 3 * sizeof(*work));
	scxi_auto_free unsigned *first_domain = calloc(partition->groups + 1, sizeof(unsigned));
	struct split split = { .places = places, .weights = work };
	unsigned count, begin = 0;
	int err = 0;

	if (!places || !work || !first_domain)
		return -ENOMEM;
	split.parts = work + partition->cpu_end;
	split.first = split.parts + partition->cpu_end;
	count = fill_places(job, places);
	qsort(places, count, sizeof(*places), compare_places);
	for (unsigned group = 0; !err && group < partition->groups; group++) {
		unsigned end = begin;

		while (end < count && places[end].group == (int32_t)group)
			end++;
		first_domain[group] = partition->domains;
		err = split_group(job, &split, begin, end);
		begin = end;
	}
	first_domain[partition->groups] = partition->domains;
	if (err)
		return err;
	settle_outsiders(partition, first_domain);
	return record_domains(job, places, count);
}
