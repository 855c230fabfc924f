/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What a running scheduler knows: the load of its domains, and each of its tasks.
 *
 * It is read out of memory that the scheduler shares, without a system call for any of it, into
 * arrays of the snapshot's own. Loads are means between two reads of the same snapshot.
 *
 * Example:
 *
 *	struct scx_snapshot *snap = scx_snapshot_new(s);
 *
 *	scx_snapshot_read(snap);
 *	for (size_t i = 0; i < scx_snapshot_nr_domains(snap); i++)
 *		printf("%u: load %" PRIu64 "\n", scx_snapshot_domain(snap, i)->domain,
 *		       scx_snapshot_domain(snap, i)->load);
 *	scx_snapshot_free(snap);
 */
#ifndef SCX_SNAPSHOT_H
#define SCX_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <scx/api.h>
#include <scx/domain.h>

#ifdef __cplusplus
extern "C" {
#endif

struct scx;
struct scx_snapshot;

/*
 * One: the duty of a task that is always runnable. A load is a weight times a duty: a task at nice 0 in
 * cgroups of weight 100 that is always runnable has 100 * 65536. As in <scx/balance.h>.
 */
#define SCX_LOAD_ONE 65536

/**
 * struct scx_domain_info - a domain
 * @domain:    its number
 * @node:      its NUMA node, -1: not known
 * @nr_cpus:   CPUs that are online
 * @nr_all:    CPUs, offline ones included
 * @nr_tasks:  runnable now
 * @reserved:  0
 * @weight:    of the tasks that are runnable now
 * @load:      mean weight of its runnable tasks since the read before, times SCX_LOAD_ONE
 * @runnable:  mean number of its runnable tasks since the read before, times SCX_LOAD_ONE
 * @weight_ns: counter: the weight of its runnable tasks, summed over time; wraps around at 2^64
 * @tasks_ns:  counter: the number of its runnable tasks, summed over time; wraps around at 2^64
 */
struct scx_domain_info {
	uint32_t domain;
	int32_t node;
	uint32_t nr_cpus;
	uint32_t nr_all;
	uint32_t nr_tasks;
	uint32_t reserved;
	uint64_t weight;
	uint64_t load;
	uint64_t runnable;
	uint64_t weight_ns;
	uint64_t tasks_ns;
};

/* What a task is: flags of struct scx_task_info. */
enum scx_task_flag {
	SCX_INFO_RUNNABLE = 1, /* runs or waits for a CPU now */
	SCX_INFO_PINNED = 2,   /* may run on one CPU only */
	SCX_INFO_CONFINED = 4, /* may not run in every domain: see @allowed */
	SCX_INFO_KTHREAD = 8,  /* a thread of the kernel's */
};

/**
 * struct scx_task_info - a task
 * @start_ns:    when it began, since boot; tells two tasks of the same tid apart
 * @runnable_ns: counter: the time that it was runnable
 * @runtime_ns:  counter: its CPU time, as of when it last stopped running
 * @load:        @weight times @duty
 * @slot:        where the scheduler keeps it, for scx_migrate()
 * @index:       the same as a number, for arrays: 0 .. scx_snapshot_nr_slots() - 1
 * @tid:         thread id
 * @tgid:        process id
 * @weight:      1 .. 1000000; 100 is nice 0 in cgroups of weight 100
 * @domain:      where it queues next; SCX_DOMAIN_NONE: nowhere yet
 * @flags:       enum scx_task_flag
 * @duty:        the share of time that it was runnable since it was last read, 0 .. SCX_LOAD_ONE; when
 *               it is read for the first time, whether it is runnable now
 * @cpu:         where it last ran
 * @reserved:    0
 * @allowed:     bit d % 64 of word d / 64: it may run in domain d; meaningful if SCX_INFO_CONFINED
 */
struct scx_task_info {
	uint64_t start_ns;
	uint64_t runnable_ns;
	uint64_t runtime_ns;
	uint64_t load;
	uint32_t slot;
	uint32_t index;
	int32_t tid;
	int32_t tgid;
	uint32_t weight;
	uint32_t domain;
	uint32_t flags;
	uint32_t duty;
	uint32_t cpu;
	uint32_t reserved;
	uint64_t allowed[SCX_DOMAIN_MAX / 64];
};

#define SCX_DOMAIN_NONE 0xffffffffU

/**
 * scx_snapshot_new - room for what a scheduler knows
 * @scx: in any state; must live longer than the snapshot
 *
 * Returns the snapshot, empty, or NULL with errno: ENOTSUP (the scheduler shares no memory; see
 * scx_errmsg()), ENOMEM. Threads: not with another call on @scx. Since: 0.1
 */
SCX_API struct scx_snapshot *scx_snapshot_new(struct scx *scx);

/**
 * scx_snapshot_free - forget it
 * @snapshot: may be NULL
 *
 * Threads: not with another call on @snapshot. Since: 0.1
 */
SCX_API void scx_snapshot_free(struct scx_snapshot *snapshot);

/**
 * scx_snapshot_read - read the domains and all tasks
 * @snapshot: is replaced
 *
 * A task that begins or ends at this very moment may be missing. After a restart of the scheduler
 * the means begin anew.
 *
 * Returns 0, or -ENOTCONN (the scheduler is not loaded), -EPROTO (it shares what this version does
 * not understand), -ENOMEM (the snapshot stays as it was). Threads: not with another call on
 * @snapshot or on its struct scx. Cost: O(domains * CPUs + tasks), no system call. Since: 0.1
 */
SCX_API int scx_snapshot_read(struct scx_snapshot *snapshot);

/**
 * scx_snapshot_read_domains - read the domains only
 * @snapshot: its domains are replaced, its tasks are none
 *
 * Returns as scx_snapshot_read(). Cost: O(domains * CPUs), no system call. Since: 0.1
 */
SCX_API int scx_snapshot_read_domains(struct scx_snapshot *snapshot);

/**
 * scx_snapshot_read_tasks - read the tasks of some domains
 * @snapshot: its tasks are replaced, its domains stay
 * @domains:  numbers of domains
 * @nr:       how many
 *
 * The duty of a task is its mean since the last read that it was part of.
 *
 * Returns as scx_snapshot_read(), and -EINVAL (a number that no domain can have). Since: 0.1
 */
SCX_API int scx_snapshot_read_tasks(struct scx_snapshot *snapshot, const unsigned *domains,
				    size_t nr);

/**
 * scx_snapshot_time_ns - when the domains were read
 * @snapshot: read
 *
 * Returns the time by scx_now_ns(), 0 before the first read. Since: 0.1
 */
SCX_API uint64_t scx_snapshot_time_ns(const struct scx_snapshot *snapshot);

/**
 * scx_snapshot_tasks_time_ns - when the tasks were read
 * @snapshot: read
 *
 * The time that their counters are of: a little later than that of the domains.
 *
 * Returns the time by scx_now_ns(), 0 before the first read. Since: 0.1
 */
SCX_API uint64_t scx_snapshot_tasks_time_ns(const struct scx_snapshot *snapshot);

/**
 * scx_snapshot_interval_ns - the time that loads of domains are means of
 * @snapshot: read
 *
 * Returns the time between the last two reads of the domains; 0 after the first one, whose loads are
 * those of the moment. Since: 0.1
 */
SCX_API uint64_t scx_snapshot_interval_ns(const struct scx_snapshot *snapshot);

/**
 * scx_snapshot_nr_domains, scx_snapshot_domain - the domains, in the order of their numbers
 * @snapshot: read
 * @index:    0 .. scx_snapshot_nr_domains() - 1
 *
 * Returns the number; the domain, or NULL. It is valid until the next read. Since: 0.1
 */
SCX_API size_t scx_snapshot_nr_domains(const struct scx_snapshot *snapshot);
SCX_API const struct scx_domain_info *scx_snapshot_domain(const struct scx_snapshot *snapshot,
							  size_t index);

/**
 * scx_snapshot_nr_tasks, scx_snapshot_task - the tasks, in no particular order
 * @snapshot: read
 * @index:    0 .. scx_snapshot_nr_tasks() - 1
 *
 * Returns the number; the task, or NULL. It is valid until the next read. Since: 0.1
 */
SCX_API size_t scx_snapshot_nr_tasks(const struct scx_snapshot *snapshot);
SCX_API const struct scx_task_info *scx_snapshot_task(const struct scx_snapshot *snapshot,
						      size_t index);

/**
 * scx_snapshot_nr_slots - the end of the numbers in @index
 * @snapshot: read
 *
 * Returns the number, which only grows during a run. Since: 0.1
 */
SCX_API size_t scx_snapshot_nr_slots(const struct scx_snapshot *snapshot);

/**
 * scx_snapshot_nr_live - how many tasks the scheduler has
 * @snapshot: read
 *
 * Returns the number of all its tasks, sleeping ones included, also those that were not read.
 * Since: 0.1
 */
SCX_API uint64_t scx_snapshot_nr_live(const struct scx_snapshot *snapshot);

/**
 * scx_snapshot_comm - the name of a task
 * @snapshot: read
 * @index:    0 .. scx_snapshot_nr_tasks() - 1
 * @buf:      gets the name and a final 0; untouched on failure
 * @size:     bytes in @buf; 16 are enough
 *
 * Reads the name as it is now.
 *
 * Returns 0, or -ENOENT (no such index), -ESRCH (the task is gone), -ENOSPC, -ENOTCONN.
 * Since: 0.1
 */
SCX_API int scx_snapshot_comm(const struct scx_snapshot *snapshot, size_t index, char *buf,
			      size_t size);

#ifdef __cplusplus
}
#endif

#endif /* SCX_SNAPSHOT_H */
