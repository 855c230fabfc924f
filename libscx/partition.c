/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Partitions: the CPUs of a topology, parted into domains.
 *
 * Making one is grouping, splitting, and collecting what is known about each domain; the two first
 * have files of their own. The order of neighbours is computed when it is asked for: kept, it would
 * take the square of the number of domains.
 *
 * Invariants: each usable CPU is inside exactly one domain; a domain has a CPU inside; a CPU that is
 * not inside may have a home.
 */
#include <scx/partition.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <scx/cpuset.h>

#include "cpuset.h"
#include "error.h"
#include "options.h"
#include "partition.h"
#include "text.h"
#include "topology.h"

#define FLAGS SCX_PARTITION_DISALLOWED

static int check_options(const struct scx_partition_opts *opts)
{
	if ((unsigned)opts->level > SCX_LEVEL_MACHINE)
		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, -EINVAL,
				     "%d is not a level of domains", (int)opts->level);
	if (opts->flags & ~(unsigned)FLAGS)
		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, -EINVAL,
				     "unknown flags 0x%x for a partition",
				     opts->flags & ~(unsigned)FLAGS);
	if (opts->lists && opts->level != SCX_LEVEL_AUTO)
		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, -EINVAL,
				     "domains are made by level (%s) or from lists, not both",
				     scx_level_name(opts->level));
	return 0;
}

static int copy_nodes(struct scx_partition *partition, const struct scx_topology *topology)
{
	size_t nodes = topology->nodes;

	partition->nodes = topology->nodes;
	partition->node_numbers = calloc(nodes + 1, sizeof(*partition->node_numbers));
	partition->distances = calloc(nodes * nodes + 1, sizeof(*partition->distances));
	if (!partition->node_numbers || !partition->distances)
		return -ENOMEM;
	memcpy(partition->node_numbers, topology->node_numbers,
	       nodes * sizeof(*partition->node_numbers));
	memcpy(partition->distances, topology->distances,
	       nodes * nodes * sizeof(*partition->distances));
	return 0;
}

static int make(const struct scxi_partition_job *job)
{
	struct scx_partition *partition = job->partition;
	int err;

	partition->cpu_end = job->topology->cpu_end;
	partition->asked = job->opts->level;
	partition->cpus_max = job->opts->cpus_max;
	partition->members = calloc(partition->cpu_end, sizeof(*partition->members));
	if (!partition->members || copy_nodes(partition, job->topology))
		return -ENOMEM;
	for (unsigned cpu = 0; cpu < partition->cpu_end; cpu++)
		partition->members[cpu].home = -1;
	err = job->opts->lists ? scxi_partition_group_lists(job) : scxi_partition_group_levels(job);
	if (err)
		return err;
	if (!partition->groups)
		return scxi_fail_buf(job->opts->errbuf, job->opts->errbuf_size, -ENODEV,
				     "this process is allowed to use no CPU of the topology");
	err = scxi_partition_split(job);
	return err ? err : scxi_partition_find_homes(job);
}

static int open_partition(const struct scx_topology *topology,
			  const struct scx_partition_opts *opts,
			  struct scx_partition **ret_partition)
{
	struct scxi_partition_job job = { .topology = topology, .opts = opts };
	int err = check_options(opts);

	if (err)
		return err;
	job.usable = SCX_CPU_ONLINE;
	if (!(opts->flags & SCX_PARTITION_DISALLOWED))
		job.usable |= SCX_CPU_ALLOWED;
	job.partition = calloc(1, sizeof(*job.partition));
	err = job.partition ? make(&job) : -ENOMEM;
	if (!err) {
		*ret_partition = job.partition;
		return 0;
	}
	scx_partition_free(job.partition);
	if (err == -ENOMEM)
		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, err,
				     "no memory for the domains");
	return err;
}

struct scx_partition *scx_partition_new(const struct scx_topology *topology,
					const struct scx_partition_opts *opts)
{
	struct scx_partition_opts known;
	struct scx_partition *partition = NULL;
	int err = scxi_options_read(&known, sizeof(known), opts);

	/* Of options that we cannot read, not even the buffer is ours to write. */
	if (!err)
		err = open_partition(topology, &known, &partition);
	if (err)
		errno = -err;
	return partition;
}

void scx_partition_free(struct scx_partition *partition)
{
	if (!partition)
		return;
	free(partition->members);
	free(partition->group_levels);
	free(partition->domain);
	free(partition->node_numbers);
	free(partition->distances);
	free(partition);
}

unsigned scx_partition_count(const struct scx_partition *partition)
{
	return partition->domains;
}

size_t scx_partition_setsize(const struct scx_partition *partition)
{
	return scxi_cpuset_size(partition->cpu_end);
}

int scx_partition_cpus(const struct scx_partition *partition, unsigned domain, size_t setsize,
		       cpu_set_t *ret_set)
{
	unsigned end = 0;

	if (domain >= partition->domains)
		return -ENOENT;
	if (!scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	for (unsigned cpu = 0; cpu < partition->cpu_end; cpu++)
		if (scx_partition_domain(partition, cpu) == (int)domain)
			end = cpu + 1;
	if ((end - 1) / 8 >= setsize)
		return -ERANGE;
	(void)scx_cpuset_clear(setsize, ret_set);
	for (unsigned cpu = 0; cpu < end; cpu++)
		if (scx_partition_domain(partition, cpu) == (int)domain)
			(void)scx_cpuset_add(setsize, ret_set, cpu);
	return 0;
}

/* A domain of a partition, as an argument. */
struct domain_ref {
	const struct scx_partition *partition;
	int domain;
};

static bool is_member(unsigned cpu, const void *arg)
{
	const struct domain_ref *ref = arg;

	return scx_partition_domain(ref->partition, cpu) == ref->domain;
}

static void write_cpus(struct scxi_text *text, const void *arg)
{
	const struct domain_ref *ref = arg;

	scxi_text_add_cpus(text, ref->partition->cpu_end, is_member, ref);
}

int scx_partition_cpu_list(const struct scx_partition *partition, unsigned domain, char *buf,
			   size_t size)
{
	struct domain_ref ref = { .partition = partition, .domain = (int)domain };

	if (domain >= partition->domains)
		return -ENOENT;
	return scxi_text_write(buf, size, write_cpus, &ref);
}

int scx_partition_domain(const struct scx_partition *partition, unsigned cpu)
{
	if (cpu >= partition->cpu_end || !partition->members[cpu].inside)
		return -ENOENT;
	return partition->members[cpu].home;
}

int scx_partition_home(const struct scx_partition *partition, unsigned cpu)
{
	if (cpu >= partition->cpu_end || partition->members[cpu].home < 0)
		return -ENOENT;
	return partition->members[cpu].home;
}

static const struct scxi_domain *find_domain(const struct scx_partition *partition, unsigned domain)
{
	return domain < partition->domains ? &partition->domain[domain] : NULL;
}

int scx_partition_level(const struct scx_partition *partition, unsigned domain)
{
	const struct scxi_domain *found = find_domain(partition, domain);

	return found ? found->level : -ENOENT;
}

int scx_partition_node(const struct scx_partition *partition, unsigned domain)
{
	const struct scxi_domain *found = find_domain(partition, domain);

	if (!found || found->node < 0)
		return -ENOENT;
	return (int)partition->node_numbers[found->node];
}

unsigned scx_partition_cores(const struct scx_partition *partition, unsigned domain)
{
	const struct scxi_domain *found = find_domain(partition, domain);

	return found ? found->cores : 0;
}

unsigned scx_partition_capacity(const struct scx_partition *partition, unsigned domain)
{
	const struct scxi_domain *found = find_domain(partition, domain);

	return found ? found->capacity : 0;
}

/* A domain whose node is not known is as far as another node, except from itself. */
static unsigned distance(const struct scx_partition *partition, const struct scxi_domain *from,
			 const struct scxi_domain *to)
{
	if (from == to)
		return SCXI_DISTANCE_LOCAL;
	if (from->node < 0 || to->node < 0)
		return from->node == to->node ? SCXI_DISTANCE_LOCAL : SCXI_DISTANCE_REMOTE;
	return partition->distances[(unsigned)from->node * partition->nodes + (unsigned)to->node];
}

int scx_partition_distance(const struct scx_partition *partition, unsigned from, unsigned to)
{
	const struct scxi_domain *a = find_domain(partition, from);
	const struct scxi_domain *b = find_domain(partition, to);

	return a && b ? (int)distance(partition, a, b) : -ENOENT;
}

/* Smaller is nearer; the last one never equal for two domains. */
static uint64_t nearness(const struct scx_partition *partition, unsigned from, unsigned to)
{
	const struct scxi_domain *a = &partition->domain[from];
	const struct scxi_domain *b = &partition->domain[to];
	uint64_t turn = to > from ? to - from : to + partition->domains - from;

	if (a->group == b->group)
		return turn;
	return (1ULL << 63) | (uint64_t)distance(partition, a, b) << 40 |
	       (uint64_t)(a->package != b->package) << 39 | (uint64_t)(a->die != b->die) << 38 |
	       turn;
}

static void sift_down(const struct scx_partition *partition, unsigned from, unsigned *heap,
		      unsigned top, unsigned count)
{
	unsigned child;

	while ((child = 2 * top + 1) < count) {
		unsigned moved = heap[top];

		if (child + 1 < count && nearness(partition, from, heap[child + 1]) >
						 nearness(partition, from, heap[child]))
			child++;
		if (nearness(partition, from, moved) >= nearness(partition, from, heap[child]))
			return;
		heap[top] = heap[child];
		heap[child] = moved;
		top = child;
	}
}

int scx_partition_order(const struct scx_partition *partition, unsigned domain,
			unsigned *ret_domains)
{
	unsigned count = partition->domains - 1;

	if (domain >= partition->domains)
		return -ENOENT;
	for (unsigned i = 0; i < count; i++)
		ret_domains[i] = i < domain ? i : i + 1;
	/* A heap sort: qsort_r() may allocate. */
	for (unsigned i = count / 2; i--;)
		sift_down(partition, domain, ret_domains, i, count);
	for (unsigned end = count; end > 1; end--) {
		unsigned farthest = ret_domains[0];

		ret_domains[0] = ret_domains[end - 1];
		ret_domains[end - 1] = farthest;
		sift_down(partition, domain, ret_domains, 0, end - 1);
	}
	return 0;
}

static unsigned count_level(const struct scx_partition *partition, int level)
{
	unsigned count = 0;

	for (unsigned d = 0; d < partition->domains; d++)
		count += partition->domain[d].level == level;
	return count;
}

static void describe_levels(struct scxi_text *text, const struct scx_partition *partition)
{
	enum scx_level asked = partition->asked ? partition->asked : SCX_LEVEL_L3;
	unsigned as_asked = count_level(partition, asked);
	const char *before = ": ";

	for (int level = SCX_LEVEL_CORE; level <= SCX_LEVEL_MACHINE; level++) {
		unsigned count = count_level(partition, level);

		if (count == partition->domains) {
			scxi_text_add(text, " by %s", scx_level_name(level));
		} else if (count) {
			scxi_text_add(text, "%s%u by %s", before, count, scx_level_name(level));
			before = ", ";
		}
	}
	if (as_asked < partition->domains)
		scxi_text_add(text, " (%s no %s)", as_asked ? "some CPUs have" : "the machine has",
			      scx_level_name(asked));
}

static void describe(struct scxi_text *text, const void *arg)
{
	const struct scx_partition *partition = arg;

	scxi_text_add(text, "%u domain%s", partition->domains, partition->domains == 1 ? "" : "s");
	if (partition->by_lists)
		scxi_text_add(text, " from lists");
	else
		describe_levels(text, partition);
	if (partition->cpus_max)
		scxi_text_add(text, ", of at most %u CPU%s", partition->cpus_max,
			      partition->cpus_max == 1 ? "" : "s");
}

int scx_partition_describe(const struct scx_partition *partition, char *buf, size_t size)
{
	return scxi_text_write(buf, size, describe, partition);
}
