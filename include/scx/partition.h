/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Domains from a topology: the CPUs of a machine, parted so that each is in exactly one domain.
 *
 * A domain is a set of CPUs that share a queue. By default it is a CCX, the CPUs behind one L3
 * cache; it can be made of any other level, of lists, and large ones can be split. This header only
 * computes: domains get into a scheduler by scx_domain_set(), one call for each.
 *
 * What holds for every partition that is not made of lists: each CPU that is online and allowed is
 * in one domain, no domain is empty, a core is never split, and the same topology and options give
 * the same domains in the same order. Domains are numbered from 0, by their lowest CPU; those made
 * of one split group come one after the other. The partition copies what it needs: the topology may
 * be freed.
 *
 * Example:
 *
 *	struct scx_partition *p = scx_partition_new(
 *		topology, &SCX_OPTS(scx_partition_opts, .level = SCX_LEVEL_L3, .cpus_max = 16));
 *	char list[256];
 *
 *	for (unsigned d = 0; p && d < scx_partition_count(p); d++)
 *		if (scx_partition_cpu_list(p, d, list, sizeof(list)) == 0)
 *			printf("domain %u: %s\n", d, list);
 *	scx_partition_free(p);
 */
#ifndef SCX_PARTITION_H
#define SCX_PARTITION_H

#include <sched.h>
#include <stddef.h>

#include <scx/api.h>
#include <scx/topology.h>

#ifdef __cplusplus
extern "C" {
#endif

struct scx_partition;

enum scx_partition_flags {
	/*
	 * Also CPUs that the cgroup (cpuset) of this process may not use. A scheduler of the whole
	 * machine serves their tasks too; a program that schedules only itself has no use for them.
	 */
	SCX_PARTITION_DISALLOWED = 1,
};

/**
 * struct scx_partition_opts - how to part the CPUs
 * @size:        sizeof(struct scx_partition_opts)
 * @errbuf:      on failure, gets the sentence that says what is wrong; may be NULL
 * @errbuf_size: bytes in @errbuf
 * @level:       a domain for each core, L2, L3, die, package, node, or one for the machine. A CPU
 *               that has no such thing (an efficiency core without L3) goes by the next larger
 *               level. SCX_LEVEL_AUTO is L3; for CPUs without L3, the L2 if cores share it, else
 *               the package if it has several cores, else the node
 * @cpus_max:    a larger domain is split as evenly as its cores allow; 0: none is split
 * @lists:       instead of @level, each domain by itself, in the order of their numbers, separated
 *               by ";" or a newline: lists as scx_cpuset_parse() takes, or masks if they begin with
 *               "0x". "0-3;4-7" and "0xf;0xf0" are the same. NULL: by @level
 * @flags:       enum scx_partition_flags
 */
struct scx_partition_opts {
	size_t size;
	char *errbuf;
	size_t errbuf_size;
	enum scx_level level;
	unsigned cpus_max;
	const char *lists;
	unsigned flags;
};

/**
 * scx_partition_new - part the CPUs of a topology into domains
 * @topology: the topology; not needed any more after the call
 * @opts:     may be NULL: by L3
 *
 * Lists are obeyed, also where they split a core; only CPUs that are online and allowed get into
 * the domain, the offline ones of a list have it as their home (scx_partition_home()).
 *
 * Returns the partition, or NULL with errno: E2BIG (unknown options), EINVAL (a level, flag or list
 * that is not one; @level and @lists; a CPU in two lists; an online, allowed CPU in none; @cpus_max
 * smaller than a core), ENODEV (a CPU of a list is not present; a list without a CPU that can be
 * used; no CPU at all), ENODATA (no CPU has a thing of @level), ENOMEM.
 * Threads: safe. Cost: O(CPUs log CPUs). Since: 0.1
 */
SCX_API struct scx_partition *scx_partition_new(const struct scx_topology *topology,
						const struct scx_partition_opts *opts);

/**
 * scx_partition_free - forget a partition
 * @partition: may be NULL
 *
 * Threads: not with another call on @partition. Since: 0.1
 */
SCX_API void scx_partition_free(struct scx_partition *partition);

/**
 * scx_partition_count - the number of domains
 * @partition: the partition
 *
 * Returns 1 or more. Threads: safe. Since: 0.1
 */
SCX_API unsigned scx_partition_count(const struct scx_partition *partition);

/**
 * scx_partition_setsize - the size of a CPU set that holds every CPU
 * @partition: the partition
 *
 * Returns a number of bytes that is good as @setsize in all calls. Threads: safe. Since: 0.1
 */
SCX_API size_t scx_partition_setsize(const struct scx_partition *partition);

/**
 * scx_partition_cpus - the CPUs of a domain
 * @partition: the partition
 * @domain:    0 .. scx_partition_count() - 1
 * @setsize:   bytes in @ret_set
 * @ret_set:   replaced by the CPUs; untouched on failure
 *
 * Returns 0, or -ENOENT (no such domain), -EINVAL (@setsize), -ERANGE (@ret_set cannot hold one of
 * the CPUs). Threads: safe. Cost: O(CPUs). Since: 0.1
 */
SCX_API int scx_partition_cpus(const struct scx_partition *partition, unsigned domain,
			       size_t setsize, cpu_set_t *ret_set);

/**
 * scx_partition_cpu_list - the CPUs of a domain, as a list
 * @partition: the partition
 * @domain:    0 .. scx_partition_count() - 1
 * @buf:       gets the list ("0-7,16-23"); untouched on failure
 * @size:      bytes in @buf
 *
 * Returns 0, or -ENOENT (no such domain), -ENOSPC (@buf is too small). Threads: safe. Since: 0.1
 */
SCX_API int scx_partition_cpu_list(const struct scx_partition *partition, unsigned domain,
				   char *buf, size_t size);

/**
 * scx_partition_domain - the domain that a CPU is in
 * @partition: the partition
 * @cpu:       kernel CPU number
 *
 * Returns the domain, or -ENOENT: no such CPU, or it is offline or not allowed.
 * Threads: safe. Since: 0.1
 */
SCX_API int scx_partition_domain(const struct scx_partition *partition, unsigned cpu);

/**
 * scx_partition_home - the domain that a CPU is in, or would be in
 * @partition: the partition
 * @cpu:       kernel CPU number
 *
 * For a CPU that is online but not allowed, or offline, it is where the CPU belongs by what is
 * known about it: its list, or the one domain on its core, cache, ..., node.
 *
 * Returns the domain, or -ENOENT (no such CPU, or it is not known). Threads: safe. Since: 0.1
 */
SCX_API int scx_partition_home(const struct scx_partition *partition, unsigned cpu);

/**
 * scx_partition_level - what a domain was made of
 * @partition: the partition
 * @domain:    0 .. scx_partition_count() - 1
 *
 * Returns the enum scx_level that its CPUs share; SCX_LEVEL_AUTO when it was made of a list; or
 * -ENOENT. Threads: safe. Since: 0.1
 */
SCX_API int scx_partition_level(const struct scx_partition *partition, unsigned domain);

/**
 * scx_partition_node - the NUMA node of a domain
 * @partition: the partition
 * @domain:    0 .. scx_partition_count() - 1
 *
 * Returns the kernel's number of the node that has most of its CPUs, the lowest of them if there
 * are several; or -ENOENT (no such domain; no node is known). Threads: safe. Since: 0.1
 */
SCX_API int scx_partition_node(const struct scx_partition *partition, unsigned domain);

/**
 * scx_partition_cores - the number of cores in a domain
 * @partition: the partition
 * @domain:    0 .. scx_partition_count() - 1
 *
 * Returns the number of cores that have a CPU in it, 0 for no such domain. Threads: safe. Since:
 * 0.1
 */
SCX_API unsigned scx_partition_cores(const struct scx_partition *partition, unsigned domain);

/**
 * scx_partition_capacity - how much the CPUs of a domain can do
 * @partition: the partition
 * @domain:    0 .. scx_partition_count() - 1
 *
 * Returns the sum of scx_topology_capacity() over its CPUs, so 1024 a CPU on a machine of equal
 * CPUs; 0 for no such domain. Threads: safe. Since: 0.1
 */
SCX_API unsigned scx_partition_capacity(const struct scx_partition *partition, unsigned domain);

/**
 * scx_partition_distance - how far two domains are from each other
 * @partition: the partition
 * @from:      a domain
 * @to:        a domain
 *
 * Returns the distance of their NUMA nodes (scx_topology_distance(): 10 is the same node), or
 * -ENOENT (no such domain). Threads: safe. Since: 0.1
 */
SCX_API int scx_partition_distance(const struct scx_partition *partition, unsigned from,
				   unsigned to);

/**
 * scx_partition_order - the other domains, from the nearest to the farthest
 * @partition:   the partition
 * @domain:      0 .. scx_partition_count() - 1
 * @ret_domains: gets scx_partition_count() - 1 domains; untouched on failure
 *
 * First those split from the same group (they share its cache), then by the distance of the nodes;
 * within the same distance first those on the same die, then on the same package. What is left
 * equal is in the order of numbers, beginning after @domain and wrapping around, so that not all
 * domains turn to the same neighbour first.
 *
 * Returns 0, or -ENOENT (no such domain). Threads: safe. Cost: O(D log D), nothing is allocated.
 * Since: 0.1
 */
SCX_API int scx_partition_order(const struct scx_partition *partition, unsigned domain,
				unsigned *ret_domains);

/**
 * scx_partition_describe - the partition in one line, for people
 * @partition: the partition
 * @buf:       gets the text, without a newline at its end; untouched on failure
 * @size:      bytes in @buf; 256 are enough
 *
 * Says how many domains there are, of which level, and whether that is not the level that was asked
 * for: "2 domains by L2 cache (the machine has no L3 cache)". The text may change between releases.
 *
 * Returns 0, or -ENOSPC (@buf is too small). Threads: safe. Since: 0.1
 */
SCX_API int scx_partition_describe(const struct scx_partition *partition, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* SCX_PARTITION_H */
