/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The topology of a machine: which CPUs share a core, a cache, a die, a package, a NUMA node.
 *
 * It is read once (with hwloc) and then stands still: a handle is a snapshot, all calls on it only
 * read, and it needs no privilege. Make a new one after CPUs went online or offline. The machine
 * can be this one, one that hwloc recorded (`lstopo box.xml`), or one that exists in a sentence
 * ("pack:2 l3:4 core:8 pu:2"). How CPUs become scheduling domains is in <scx/partition.h>.
 *
 * Numbers: CPUs and NUMA nodes are the kernel's numbers, which may have gaps. Cores, caches, dies
 * and packages have no numbers that one can rely on; here they count from 0 without a gap, in the
 * order of their lowest CPU.
 *
 * Example:
 *
 *	char err[256], text[256];
 *	struct scx_topology *t = scx_topology_new(
 *		&SCX_OPTS(scx_topology_opts, .errbuf = err, .errbuf_size = sizeof(err)));
 *
 *	if (!t)
 *		return fprintf(stderr, "%s\n", err), 1;
 *	if (scx_topology_describe(t, text, sizeof(text)) == 0)
 *		puts(text);
 *	scx_topology_free(t);
 */
#ifndef SCX_TOPOLOGY_H
#define SCX_TOPOLOGY_H

#include <sched.h>
#include <stddef.h>

#include <scx/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct scx_topology;

/* From the smallest group of CPUs to the largest. A number of a cache is its level. */
enum scx_level {
	SCX_LEVEL_AUTO = 0,    /* where a level is asked for: L3, or what is nearest to it */
	SCX_LEVEL_CORE = 1,    /* the hardware threads (SMT siblings) of one core */
	SCX_LEVEL_L2 = 2,      /* the CPUs behind one L2 cache */
	SCX_LEVEL_L3 = 3,      /* the CPUs behind one L3 cache: a CCX */
	SCX_LEVEL_DIE = 4,     /* a package that tells of no dies is one die */
	SCX_LEVEL_PACKAGE = 5, /* a socket */
	SCX_LEVEL_NODE = 6,    /* a NUMA node */
	SCX_LEVEL_MACHINE = 7, /* all */
};

/* What a CPU is: flags. */
enum scx_cpu_state {
	SCX_CPU_PRESENT = 1, /* known to the machine, online or offline */
	SCX_CPU_ONLINE = 2,  /* present, and can run tasks now */
	SCX_CPU_ALLOWED = 4, /* online, and the cgroup (cpuset) of this process may use it */
};

/**
 * struct scx_topology_opts - where the topology comes from
 * @size:        sizeof(struct scx_topology_opts)
 * @errbuf:      on failure, gets the sentence that says what is wrong; may be NULL
 * @errbuf_size: bytes in @errbuf
 * @xml:         path of an XML file that hwloc wrote, or NULL
 * @synthetic:   a machine in hwloc's words, from the largest thing to the smallest, or NULL:
 *               "pack:2 numa:1 l3:4 core:8 pu:2" has 2 packages, each with 1 NUMA node and 4 L3
 *               caches of 8 cores of 2 hardware threads
 *
 * With neither @xml nor @synthetic it is this machine.
 */
struct scx_topology_opts {
	size_t size;
	char *errbuf;
	size_t errbuf_size;
	const char *xml;
	const char *synthetic;
};

/**
 * scx_topology_new - read a topology
 * @opts: may be NULL for this machine
 *
 * This machine: reads sysfs and procfs through hwloc; I/O devices are not looked at, and the
 * calling thread's affinity is not changed. hwloc's own environment variables (HWLOC_XMLFILE, ...)
 * work.
 *
 * Returns the topology, or NULL with errno: E2BIG (unknown options, or more CPUs or nodes than
 * Linux can have), EINVAL (both @xml and @synthetic; not such a file or sentence), ENOENT, EACCES,
 * ... (the file cannot be read), ENODATA (no CPU in it), ENOMEM; another errno of hwloc's.
 * Threads: safe. Cost: a few files per CPU; O(CPUs) memory. Since: 0.1
 */
SCX_API struct scx_topology *scx_topology_new(const struct scx_topology_opts *opts);

/**
 * scx_topology_free - forget a topology
 * @topology: may be NULL
 *
 * Threads: not with another call on @topology. Since: 0.1
 */
SCX_API void scx_topology_free(struct scx_topology *topology);

/**
 * scx_topology_cpu_end - the end of the CPU numbers
 * @topology: the topology
 *
 * Returns one more than the greatest CPU number that is possible on the machine, so the size of an
 * array indexed by CPU; there may be gaps below it. Threads: safe. Since: 0.1
 */
SCX_API unsigned scx_topology_cpu_end(const struct scx_topology *topology);

/**
 * scx_topology_setsize - the size of a CPU set that holds every CPU
 * @topology: the topology
 *
 * Returns a number of bytes that is good as @setsize in all calls. Threads: safe. Since: 0.1
 */
SCX_API size_t scx_topology_setsize(const struct scx_topology *topology);

/**
 * scx_topology_cpus - the CPUs that are in a state
 * @topology: the topology
 * @state:    enum scx_cpu_state; several flags: the CPUs with all of them
 * @setsize:  bytes in @ret_set
 * @ret_set:  replaced by the CPUs; untouched on failure
 *
 * Returns 0, or -EINVAL (@setsize; @state is 0 or has unknown flags), -ERANGE (@ret_set cannot hold
 * one of the CPUs). Threads: safe. Cost: O(CPUs). Since: 0.1
 */
SCX_API int scx_topology_cpus(const struct scx_topology *topology, unsigned state, size_t setsize,
			      cpu_set_t *ret_set);

/**
 * scx_topology_cpu_list - the CPUs that are in a state, as a list
 * @topology: the topology
 * @state:    enum scx_cpu_state; several flags: the CPUs with all of them
 * @buf:      gets the list ("0-7,16-23"); untouched on failure
 * @size:     bytes in @buf
 *
 * Returns 0, or -EINVAL (@state), -ENOSPC (@buf is too small). Threads: safe. Since: 0.1
 */
SCX_API int scx_topology_cpu_list(const struct scx_topology *topology, unsigned state, char *buf,
				  size_t size);

/**
 * scx_topology_state - the state of one CPU
 * @topology: the topology
 * @cpu:      kernel CPU number
 *
 * Returns flags of enum scx_cpu_state; 0 when there is no such CPU. Threads: safe. Since: 0.1
 */
SCX_API unsigned scx_topology_state(const struct scx_topology *topology, unsigned cpu);

/**
 * scx_topology_capacity - how much one CPU can do
 * @topology: the topology
 * @cpu:      kernel CPU number
 *
 * On the kernel's scale: 1024 is the fastest CPU of the machine when it has its core for itself;
 * SMT siblings share what a core can do, and each says the core's value (see
 * scx_topology_threads()). It is, by what is there: the kernel's cpu_capacity; on a hybrid machine
 * the ratio of the greatest performance that the firmware tells for each kind of core
 * (acpi_cppc/highest_perf), or of the greatest frequency; else 1024.
 *
 * Returns 1 .. 1024, 0 when @cpu is not online. Threads: safe. Since: 0.1
 */
SCX_API unsigned scx_topology_capacity(const struct scx_topology *topology, unsigned cpu);

/**
 * scx_topology_threads - how many CPUs share the core of a CPU
 * @topology: the topology
 * @cpu:      kernel CPU number
 *
 * Returns the number of online CPUs of its core, itself included: 1 without SMT; 0 when @cpu is not
 * online. Threads: safe. Since: 0.1
 */
SCX_API unsigned scx_topology_threads(const struct scx_topology *topology, unsigned cpu);

/**
 * scx_topology_count - how many there are of a level
 * @topology: the topology
 * @level:    SCX_LEVEL_CORE .. SCX_LEVEL_MACHINE
 *
 * Returns the number of cores, L2 caches, ... that have an online CPU; of nodes also those without
 * any CPU; 0 when the machine has none, or for another @level. Threads: safe. Since: 0.1
 */
SCX_API unsigned scx_topology_count(const struct scx_topology *topology, enum scx_level level);

/**
 * scx_topology_id - which core, cache, die, package or node a CPU belongs to
 * @topology: the topology
 * @level:    SCX_LEVEL_CORE .. SCX_LEVEL_MACHINE
 * @cpu:      kernel CPU number
 *
 * Of an offline CPU mostly no more is known than its node, and often not even that.
 *
 * Returns 0 .. scx_topology_count() - 1, or for SCX_LEVEL_NODE the kernel's number of the node; or
 * -ENOENT (no such CPU; the CPU has none, or it is not known), -EINVAL (@level).
 * Threads: safe. Since: 0.1
 */
SCX_API int scx_topology_id(const struct scx_topology *topology, enum scx_level level,
			    unsigned cpu);

/**
 * scx_topology_node_next - walk over the NUMA nodes, those without CPUs included
 * @topology: the topology
 * @node:     the node before the one that is asked for; -1 to begin
 *
 * Returns the least node number above @node, or -ENOENT. Threads: safe. Since: 0.1
 */
SCX_API int scx_topology_node_next(const struct scx_topology *topology, int node);

/**
 * scx_topology_distance - how far two NUMA nodes are from each other
 * @topology: the topology
 * @from:     kernel node number
 * @to:       kernel node number
 *
 * On the firmware's scale: 10 is the node itself, 20 takes twice as long. Without a table in the
 * machine it is 10 or 20.
 *
 * Returns the distance, or -ENOENT (no such node). Threads: safe. Since: 0.1
 */
SCX_API int scx_topology_distance(const struct scx_topology *topology, unsigned from, unsigned to);

/**
 * scx_topology_describe - the machine in a few lines, for people
 * @topology: the topology
 * @buf:      gets the text, without a newline at its end; untouched on failure
 * @size:     bytes in @buf; 1024 are enough for most machines
 *
 * The first line counts ("16 CPUs, 8 cores, 2 L3 caches, 1 package, 1 NUMA node"); more lines
 * follow where something is unusual: offline CPUs, CPUs that are not allowed, kinds of cores, nodes
 * without CPUs. The text may change between releases.
 *
 * Returns 0, or -ENOSPC (@buf is too small). Threads: safe. Since: 0.1
 */
SCX_API int scx_topology_describe(const struct scx_topology *topology, char *buf, size_t size);

/**
 * scx_level_name - the word for a level
 * @level: a level
 *
 * Returns "core", "L2 cache", "L3 cache", "die", "package", "NUMA node", "machine", "auto"; NULL
 * for another @level. Threads: safe. Since: 0.1
 */
SCX_API const char *scx_level_name(enum scx_level level);

/**
 * scx_level_parse - a level from a word
 * @text:      "auto", "core", "l2", "l3", "llc" (the same as "auto"), "die", "package", "node",
 *             "machine", in any case; or the level of a cache as a number, "2" or "3"
 * @ret_level: the level; untouched on failure
 *
 * Returns 0, or -EINVAL. Threads: safe. Since: 0.1
 */
SCX_API int scx_level_parse(const char *text, enum scx_level *ret_level);

#ifdef __cplusplus
}
#endif

#endif /* SCX_TOPOLOGY_H */
