/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Groups: which CPUs belong together, by a level of the topology or by lists.
 *
 * By level, each CPU looks for the first thing it has on its way from the level asked for to the
 * machine; CPUs that find the same thing are a group. So a machine where only some CPUs have an L3
 * needs no special case. Groups are numbered in the order of their lowest CPU, lists as they come.
 *
 * When no level is asked for, the way skips what would leave each core alone: an L2 of one core, a
 * package of one core (as virtual machines have that know nothing of caches).
 */
#include "partition.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <scx/cpuset.h>

#include "auto.h"
#include "cpuset.h"
#include "error.h"
#include "topology.h"

#define FAIL(job, err, ...)                                                                        \
	scxi_fail_buf((job)->opts->errbuf, (job)->opts->errbuf_size, err, __VA_ARGS__)

bool scxi_partition_usable(const struct scxi_partition_job *job, unsigned cpu)
{
	return (job->topology->cpus[cpu].state & job->usable) == job->usable;
}

/* Marks the things of a level that more than one core shares. NULL without memory. */
static bool *find_shared(const struct scx_topology *topology, int level)
{
	unsigned end = topology->counts[level];
	scxi_auto_free int32_t *core = calloc(end + 1, sizeof(*core));
	bool *shared = calloc(end + 1, sizeof(*shared));

	if (!core || !shared) {
		free(shared);
		return NULL;
	}
	for (unsigned i = 0; i < topology->cpu_end; i++) {
		const struct scxi_cpu *cpu = &topology->cpus[i];
		int32_t id = cpu->id[level];

		if (!(cpu->state & SCX_CPU_ONLINE) || id < 0)
			continue;
		/* 0 is "none yet". */
		if (core[id] && core[id] != cpu->id[SCX_LEVEL_CORE] + 1)
			shared[id] = true;
		core[id] = cpu->id[SCX_LEVEL_CORE] + 1;
	}
	return shared;
}

/* The levels a CPU looks at, the first that it has is its own. */
struct way {
	unsigned count;
	int levels[SCXI_LEVELS];
	bool *shared[SCXI_LEVELS]; /* by level; NULL: whatever it shares will do */
};

static void free_way(struct way *way)
{
	for (int level = 0; level < SCXI_LEVELS; level++)
		free(way->shared[level]);
}

static int find_way(const struct scx_topology *topology, enum scx_level asked, struct way *way)
{
	static const int usual[] = { SCX_LEVEL_L3, SCX_LEVEL_L2, SCX_LEVEL_PACKAGE, SCX_LEVEL_NODE,
				     SCX_LEVEL_MACHINE };

	if (asked != SCX_LEVEL_AUTO) {
		for (int level = (int)asked; level <= SCX_LEVEL_MACHINE; level++) {
			/* Where every package is one die, it is called a package. */
			if (level == SCX_LEVEL_DIE && level != (int)asked &&
			    topology->counts[SCX_LEVEL_DIE] == topology->counts[SCX_LEVEL_PACKAGE])
				continue;
			way->levels[way->count++] = level;
		}
		return 0;
	}
	way->count = sizeof(usual) / sizeof(*usual);
	memcpy(way->levels, usual, sizeof(usual));
	way->shared[SCX_LEVEL_L2] = find_shared(topology, SCX_LEVEL_L2);
	way->shared[SCX_LEVEL_PACKAGE] = find_shared(topology, SCX_LEVEL_PACKAGE);
	return way->shared[SCX_LEVEL_L2] && way->shared[SCX_LEVEL_PACKAGE] ? 0 : -ENOMEM;
}

/* Every CPU that is present has the machine, so there is always an answer. */
static int choose_level(const struct way *way, const struct scxi_cpu *cpu)
{
	for (unsigned i = 0; i < way->count; i++) {
		int level = way->levels[i];
		int32_t id = cpu->id[level];

		if (id >= 0 && (!way->shared[level] || way->shared[level][id]))
			return level;
	}
	return SCX_LEVEL_MACHINE;
}

/* Is there a usable CPU that has the level? Else says which levels there are. */
static int check_level(const struct scxi_partition_job *job)
{
	char levels[160] = "";
	size_t len = 0;

	if (job->opts->level == SCX_LEVEL_AUTO)
		return 0;
	for (unsigned cpu = 0; cpu < job->topology->cpu_end; cpu++)
		if (scxi_partition_usable(job, cpu) &&
		    job->topology->cpus[cpu].id[job->opts->level] >= 0)
			return 0;
	for (int level = SCX_LEVEL_CORE; level <= SCX_LEVEL_MACHINE; level++)
		if (job->topology->counts[level] && len < sizeof(levels))
			len += (size_t)snprintf(levels + len, sizeof(levels) - len, "%s%s",
						len ? ", " : "", scx_level_name(level));
	return FAIL(job, -ENODATA, "the machine has no %s; choose from %s",
		    scx_level_name(job->opts->level), levels);
}

/* A table by level and id; @offsets says where each level begins. */
static int32_t *new_table(const struct scx_topology *topology, unsigned offsets[SCXI_LEVELS])
{
	unsigned total = 0;
	int32_t *table;

	for (int level = 0; level < SCXI_LEVELS; level++) {
		offsets[level] = total;
		total += topology->counts[level];
	}
	table = calloc(total + 1, sizeof(*table));
	for (unsigned i = 0; table && i <= total; i++)
		table[i] = -1;
	return table;
}

/*
 * The CPU whose things count for the whole core, by core: its lowest usable one. Firmware, of virtual
 * machines for one, may give each thread of a core a cache of its own.
 */
static unsigned *find_leads(const struct scxi_partition_job *job)
{
	unsigned *leads = calloc(job->topology->counts[SCX_LEVEL_CORE] + 1, sizeof(*leads));

	for (unsigned cpu = job->topology->cpu_end; leads && cpu--;)
		if (scxi_partition_usable(job, cpu))
			leads[job->topology->cpus[cpu].id[SCX_LEVEL_CORE]] = cpu;
	return leads;
}

int scxi_partition_group_levels(const struct scxi_partition_job *job)
{
	__attribute__((cleanup(free_way))) struct way way = { .count = 0 };
	struct scx_partition *partition = job->partition;
	unsigned offsets[SCXI_LEVELS];
	scxi_auto_free int32_t *groups = new_table(job->topology, offsets);
	scxi_auto_free unsigned *leads = find_leads(job);
	int err = check_level(job);

	if (err)
		return err;
	/* There are never more groups than CPUs. */
	partition->group_levels = calloc(partition->cpu_end, sizeof(*partition->group_levels));
	if (!groups || !leads || !partition->group_levels ||
	    find_way(job->topology, job->opts->level, &way))
		return FAIL(job, -ENOMEM, "no memory for the domains");
	for (unsigned i = 0; i < partition->cpu_end; i++) {
		const struct scxi_cpu *cpu;
		int level;
		int32_t *group;

		if (!scxi_partition_usable(job, i))
			continue;
		cpu = &job->topology->cpus[leads[job->topology->cpus[i].id[SCX_LEVEL_CORE]]];
		level = choose_level(&way, cpu);
		group = &groups[offsets[level] + (unsigned)cpu->id[level]];
		if (*group < 0) {
			partition->group_levels[partition->groups] = level;
			*group = (int32_t)partition->groups++;
		}
		partition->members[i] = (struct scxi_member){ .home = *group, .inside = true };
	}
	return 0;
}

/* A piece of the lists' text, for messages: cut off where it is long. */
struct piece {
	const char *text;
	size_t len;
};

#define PIECE_SHOWN(piece) ((int)((piece).len < 80 ? (piece).len : 80)), (piece).text

static int parse_piece(const struct scxi_partition_job *job, struct piece piece, size_t setsize,
		       cpu_set_t *set)
{
	unsigned domain = job->partition->groups;
	bool mask = piece.len > 1 && piece.text[0] == '0' && (piece.text[1] | 0x20) == 'x';
	int err = mask ? scxi_cpuset_parse_mask(piece.text, piece.len, setsize, set)
		       : scxi_cpuset_parse_list(piece.text, piece.len, setsize, set);

	if (err == -ERANGE)
		return FAIL(job, -ENODEV,
			    "domain %u (%.*s): the machine has no such CPU; the highest is %u",
			    domain, PIECE_SHOWN(piece), job->topology->cpu_end - 1);
	if (err)
		return FAIL(job, -EINVAL,
			    "domain %u (%.*s): neither a list of CPUs like \"0-3,8\" nor a mask "
			    "like \"0xff\"",
			    domain, PIECE_SHOWN(piece));
	return 0;
}

/* Makes one list a group. */
static int add_list(const struct scxi_partition_job *job, struct piece piece, size_t setsize,
		    cpu_set_t *set)
{
	struct scx_partition *partition = job->partition;
	unsigned domain = partition->groups;
	unsigned usable = 0;
	int err = parse_piece(job, piece, setsize, set);

	if (err)
		return err;
	for (int cpu = -1; (cpu = scx_cpuset_next(setsize, set, cpu)) >= 0;) {
		struct scxi_member *member = &partition->members[cpu];

		if (!scx_topology_state(job->topology, (unsigned)cpu))
			return FAIL(job, -ENODEV, "domain %u (%.*s): CPU %d is not present", domain,
				    PIECE_SHOWN(piece), cpu);
		if (member->home >= 0)
			return FAIL(job, -EINVAL,
				    "domain %u (%.*s): CPU %d is in domain %d already", domain,
				    PIECE_SHOWN(piece), cpu, member->home);
		member->home = (int32_t)domain;
		member->inside = scxi_partition_usable(job, (unsigned)cpu);
		usable += member->inside;
	}
	if (!usable)
		return FAIL(job, -ENODEV, "domain %u (%.*s): no CPU in it is online%s", domain,
			    PIECE_SHOWN(piece),
			    job->usable & SCX_CPU_ALLOWED ? " and allowed to this process" : "");
	partition->group_levels[partition->groups++] = SCX_LEVEL_AUTO;
	return 0;
}

static bool is_blank(struct piece piece)
{
	for (size_t i = 0; i < piece.len; i++)
		if (!strchr(" \t", piece.text[i]))
			return false;
	return true;
}

static struct piece trim(struct piece piece)
{
	while (piece.len && strchr(" \t", piece.text[0])) {
		piece.text++;
		piece.len--;
	}
	while (piece.len && strchr(" \t", piece.text[piece.len - 1]))
		piece.len--;
	return piece;
}

/* Adds all lists; a separator at the end is no list. */
static int add_lists(const struct scxi_partition_job *job, size_t setsize, cpu_set_t *set)
{
	const char *at = job->opts->lists;

	for (;;) {
		struct piece piece = { .text = at, .len = strcspn(at, ";\n") };
		bool last = !at[piece.len];
		int err;

		if (last && is_blank(piece) && job->partition->groups)
			return 0;
		err = add_list(job, trim(piece), setsize, set);
		if (err || last)
			return err;
		at += piece.len + 1;
	}
}

int scxi_partition_group_lists(const struct scxi_partition_job *job)
{
	struct scx_partition *partition = job->partition;
	size_t setsize = scx_topology_setsize(job->topology);
	scxi_auto_free cpu_set_t *set = scxi_cpuset_new(setsize);
	int err;

	/* A list without a usable CPU is refused, so there are never more lists than CPUs. */
	partition->group_levels = calloc(partition->cpu_end, sizeof(*partition->group_levels));
	partition->by_lists = true;
	if (!set || !partition->group_levels)
		return FAIL(job, -ENOMEM, "no memory for the domains");
	err = add_lists(job, setsize, set);
	for (unsigned cpu = 0; !err && cpu < partition->cpu_end; cpu++)
		if (scxi_partition_usable(job, cpu) && partition->members[cpu].home < 0)
			err = FAIL(job, -EINVAL,
				   "CPU %u is in no domain; every CPU that is online%s needs one",
				   cpu,
				   job->usable & SCX_CPU_ALLOWED ? " and allowed to this process"
								 : "");
	return err;
}

/* The domain of a table's entry: -1 none yet, -2 several. */
static void note_domain(int32_t *entry, int32_t domain)
{
	if (*entry == -1)
		*entry = domain;
	else if (*entry != domain)
		*entry = -2;
}

int scxi_partition_find_homes(const struct scxi_partition_job *job)
{
	struct scx_partition *partition = job->partition;
	unsigned offsets[SCXI_LEVELS];
	scxi_auto_free int32_t *domains = new_table(job->topology, offsets);

	if (!domains)
		return -ENOMEM;
	for (unsigned i = 0; i < partition->cpu_end; i++) {
		const struct scxi_cpu *cpu = &job->topology->cpus[i];

		for (int level = 0; level < SCXI_LEVELS; level++)
			if (partition->members[i].inside && cpu->id[level] >= 0)
				note_domain(&domains[offsets[level] + (unsigned)cpu->id[level]],
					    partition->members[i].home);
	}
	for (unsigned i = 0; i < partition->cpu_end; i++) {
		const struct scxi_cpu *cpu = &job->topology->cpus[i];

		for (int level = 0; level < SCXI_LEVELS; level++)
			if (partition->members[i].home < 0 && cpu->id[level] >= 0 &&
			    domains[offsets[level] + (unsigned)cpu->id[level]] >= 0)
				partition->members[i].home =
					domains[offsets[level] + (unsigned)cpu->id[level]];
	}
	return 0;
}
