/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What holds for every partition, over recorded machines and random descriptions.
 *
 * A failing check names the machine, the level and the greatest size; random machines come from a
 * fixed seed, so that the same program finds the same failure.
 */
#include <scx/partition.h>

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <scx/cpuset.h>

#include "../../libscx/partition.h"
#include "../lib/topologies.h"

#define SEED 20260729u
#define RANDOM_MACHINES 60

/* What is being checked, for messages. */
struct subject {
	const char *machine;
	const struct scx_topology *topology;
	struct scx_partition_opts opts;
	const struct scx_partition *partition;
};

#define CHECK(s, condition)                                                                        \
	cr_assert(condition, "%s, by %s, at most %u, flags %u", (s)->machine,                      \
		  scx_level_name((s)->opts.level), (s)->opts.cpus_max, (s)->opts.flags)

static uint32_t next_random(uint32_t *state)
{
	/* xorshift32, Marsaglia 2003 */
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static bool usable(const struct subject *s, unsigned cpu)
{
	unsigned needed =
		s->opts.flags & SCX_PARTITION_DISALLOWED ? SCX_CPU_ONLINE : SCX_CPU_ALLOWED;

	return scx_topology_state(s->topology, cpu) & needed;
}

/* Each usable CPU is in exactly one domain, no other CPU is in any, and none is empty or too large. */
static void check_cover(const struct subject *s)
{
	size_t setsize = scx_partition_setsize(s->partition);
	cpu_set_t *all = calloc(1, setsize), *set = calloc(1, setsize);
	int lowest_before = -1;

	for (unsigned d = 0; d < scx_partition_count(s->partition); d++) {
		int count;

		CHECK(s, scx_partition_cpus(s->partition, d, setsize, set) == 0);
		count = scx_cpuset_count(setsize, set);
		CHECK(s, count > 0);
		CHECK(s, !s->opts.cpus_max || (unsigned)count <= s->opts.cpus_max);
		if (!s->opts.cpus_max)
			CHECK(s, scx_cpuset_next(setsize, set, -1) > lowest_before);
		lowest_before = scx_cpuset_next(setsize, set, -1);
		for (int cpu = -1; (cpu = scx_cpuset_next(setsize, set, cpu)) >= 0;) {
			CHECK(s, scx_cpuset_has(setsize, all, (unsigned)cpu) == 0);
			CHECK(s, usable(s, (unsigned)cpu));
			CHECK(s, scx_partition_domain(s->partition, (unsigned)cpu) == (int)d);
			CHECK(s, scx_partition_home(s->partition, (unsigned)cpu) == (int)d);
			scx_cpuset_add(setsize, all, (unsigned)cpu);
		}
	}
	for (unsigned cpu = 0; cpu < scx_topology_cpu_end(s->topology); cpu++)
		CHECK(s, usable(s, cpu) == (scx_cpuset_has(setsize, all, cpu) == 1));
	free(all);
	free(set);
}

/* A core is never split, and the figures of all domains add up. */
static void check_cores(const struct subject *s)
{
	unsigned cores = scx_topology_count(s->topology, SCX_LEVEL_CORE);
	int *domain_of = malloc((cores + 1) * sizeof(*domain_of));
	uint64_t capacity = 0, found_capacity = 0;
	unsigned found = 0, seen = 0;

	for (unsigned i = 0; i < cores; i++)
		domain_of[i] = -1;
	for (unsigned cpu = 0; cpu < scx_topology_cpu_end(s->topology); cpu++) {
		int core = scx_topology_id(s->topology, SCX_LEVEL_CORE, cpu);
		int domain = scx_partition_domain(s->partition, cpu);

		if (domain < 0)
			continue;
		CHECK(s, domain_of[core] == -1 || domain_of[core] == domain);
		seen += domain_of[core] == -1;
		domain_of[core] = domain;
		capacity += scx_topology_capacity(s->topology, cpu);
	}
	for (unsigned d = 0; d < scx_partition_count(s->partition); d++) {
		found += scx_partition_cores(s->partition, d);
		found_capacity += scx_partition_capacity(s->partition, d);
	}
	CHECK(s, found == seen);
	CHECK(s, found_capacity == capacity);
	free(domain_of);
}

/* The order names each other domain once; past the parts of one group, distances never fall. */
static void check_order(const struct subject *s)
{
	unsigned count = scx_partition_count(s->partition);
	unsigned *order = malloc(count * sizeof(*order));
	bool *named = calloc(count, sizeof(*named));

	/* A sample of the domains: all of them would be cubic in a large machine. */
	for (unsigned d = 0; d < count; d += 1 + count / 8) {
		bool siblings = true;
		int before = 0;

		memset(named, 0, count * sizeof(*named));
		CHECK(s, scx_partition_order(s->partition, d, order) == 0);
		for (unsigned i = 0; i + 1 < count; i++) {
			int distance = scx_partition_distance(s->partition, d, order[i]);
			bool sibling = s->partition->domain[order[i]].group ==
				       s->partition->domain[d].group;

			CHECK(s, order[i] < count && order[i] != d && !named[order[i]]);
			CHECK(s, siblings || !sibling);
			CHECK(s, sibling || distance >= before);
			before = sibling ? 0 : distance;
			siblings = sibling;
			named[order[i]] = true;
		}
	}
	free(order);
	free(named);
}

static void check_same(const struct subject *s)
{
	struct scx_partition *again = scx_partition_new(s->topology, &s->opts);
	unsigned count = scx_partition_count(s->partition);

	CHECK(s, again && scx_partition_count(again) == count);
	for (unsigned cpu = 0; cpu < scx_topology_cpu_end(s->topology); cpu++)
		CHECK(s, scx_partition_home(again, cpu) == scx_partition_home(s->partition, cpu));
	scx_partition_free(again);
}

static unsigned largest_core(const struct subject *s)
{
	unsigned largest = 0;

	for (unsigned cpu = 0; cpu < scx_topology_cpu_end(s->topology); cpu++) {
		unsigned threads = 0;

		for (unsigned other = 0;
		     usable(s, cpu) && other < scx_topology_cpu_end(s->topology); other++)
			threads += usable(s, other) &&
				   scx_topology_id(s->topology, SCX_LEVEL_CORE, cpu) ==
					   scx_topology_id(s->topology, SCX_LEVEL_CORE, other);
		if (threads > largest)
			largest = threads;
	}
	return largest;
}

/* Makes one partition; it may fail only for the reasons there are. Returns whether it was made. */
static bool check_one(struct subject *s)
{
	struct scx_partition *partition = scx_partition_new(s->topology, &s->opts);

	if (!partition) {
		bool no_level = s->opts.level != SCX_LEVEL_AUTO &&
				!scx_topology_count(s->topology, s->opts.level);

		CHECK(s, no_level || (s->opts.cpus_max && s->opts.cpus_max < largest_core(s)));
		return false;
	}
	s->partition = partition;
	check_cover(s);
	check_cores(s);
	check_order(s);
	check_same(s);
	scx_partition_free(partition);
	return true;
}

static void check_machine(const char *machine)
{
	static const unsigned sizes[] = { 0, 1, 2, 3, 4, 5, 7, 8, 16, 1000000 };
	struct scx_topology *topology = open_machine(machine);
	unsigned made = 0;

	for (int level = SCX_LEVEL_AUTO; level <= SCX_LEVEL_MACHINE; level++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
			for (unsigned flags = 0; flags <= SCX_PARTITION_DISALLOWED; flags++) {
				struct subject s = { .machine = machine, .topology = topology };

				s.opts =
					(struct scx_partition_opts){ .size = sizeof(s.opts),
								     .level = (enum scx_level)level,
								     .cpus_max = sizes[i],
								     .flags = flags };
				made += check_one(&s);
			}
	cr_assert_geq(made, 30, "%s: only %u partitions", machine, made);
	scx_topology_free(topology);
}

Test(partition, holds_on_recorded_machines)
{
	for (unsigned i = 0; recorded_machines[i]; i++)
		check_machine(recorded_machines[i]);
}

/* Writes a random description into @text. */
static void describe_machine(uint32_t *random, char *text, size_t size)
{
	static const char *const levels[] = { "pack", "numa", "l3", "l2", "core" };
	size_t len = 0;

	for (unsigned i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		if (next_random(random) % 4)
			len += (size_t)snprintf(text + len, size - len, "%s:%u ", levels[i],
						1 + next_random(random) % (i == 4 ? 7 : 3));
	(void)snprintf(text + len, size - len, "pu:%u", 1 + next_random(random) % 3);
}

Test(partition, holds_on_random_machines)
{
	uint32_t random = SEED;
	char text[128];

	for (unsigned i = 0; i < RANDOM_MACHINES; i++) {
		describe_machine(&random, text, sizeof(text));
		check_machine(text);
	}
}

/* Parts ascend by one, none is empty or above the greatest size. Returns the largest part. */
static unsigned check_parts(const unsigned *weights, unsigned cores, unsigned max,
			    const unsigned *parts, unsigned count)
{
	unsigned size = 0, largest = 0;

	cr_assert_eq(parts[0], 0);
	cr_assert_eq(parts[cores - 1] + 1, count);
	for (unsigned i = 0; i < cores; i++) {
		bool begins = i && parts[i] != parts[i - 1];

		cr_assert(!begins || parts[i] == parts[i - 1] + 1);
		size = begins ? weights[i] : size + weights[i];
		cr_assert_leq(size, max);
		if (size > largest)
			largest = size;
	}
	return largest;
}

Test(split, keeps_parts_within_the_greatest_size)
{
	uint32_t random = SEED;
	unsigned weights[64], parts[64];

	for (unsigned round = 0; round < 20000; round++) {
		unsigned cores = 1 + next_random(&random) % 64;
		unsigned threads = 1 + next_random(&random) % 8;
		unsigned max = threads + next_random(&random) % 40;

		for (unsigned i = 0; i < cores; i++)
			weights[i] = 1 + next_random(&random) % threads;
		check_parts(weights, cores, max, parts,
			    scxi_split_cores(weights, cores, max, parts));
	}
}

Test(split, makes_the_fewest_parts_and_even_ones_of_equal_cores)
{
	unsigned weights[64], parts[64];

	for (unsigned cores = 1; cores <= 64; cores++)
		for (unsigned threads = 1; threads <= 4; threads++)
			for (unsigned max = threads; max <= 70; max++) {
				unsigned fit = max / threads;
				unsigned fewest = (cores + fit - 1) / fit;
				unsigned even = (cores + fewest - 1) / fewest;
				unsigned count;

				for (unsigned i = 0; i < cores; i++)
					weights[i] = threads;
				count = scxi_split_cores(weights, cores, max, parts);
				cr_assert_eq(count, fewest);
				cr_assert_eq(check_parts(weights, cores, max, parts, count),
					     even * threads);
			}
}
