/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Domains: groups of CPUs, each with a queue of its own, of a scheduler that has them (atropos).
 *
 * They are set before the scheduler is attached, or changed while it runs: no task is lost. Mostly
 * they come from the machine's topology (<scx/partition.h>). Tasks are given other domains in
 * batches, which is what a balancer does.
 *
 * Example:
 *
 *	scx_domain_set_list(s, 0, "0-7");
 *	scx_domain_set_list(s, 1, "8-15");
 *	scx_attach(s);
 */
#ifndef SCX_DOMAIN_H
#define SCX_DOMAIN_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <scx/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Domains are 0 .. SCX_DOMAIN_MAX - 1. */
#define SCX_DOMAIN_MAX 256

struct scx;
struct scx_partition;

/**
 * scx_domain_set - give a domain its CPUs
 * @scx:     a scheduler that has domains
 * @domain:  0 .. SCX_DOMAIN_MAX - 1; created when it does not exist yet
 * @setsize: bytes in @cpus
 * @cpus:    kernel CPU numbers; copied, the caller keeps it. CPUs that are offline now are used when
 *           they come
 *
 * Before attach it is kept for attach, and for every restart. While the scheduler runs it takes
 * effect at once: tasks that are queued where no CPU is left move to another domain.
 *
 * Returns 0, or -EINVAL (no CPU in @cpus; a CPU that is in another domain; @domain), -ENODEV (a CPU
 * that this machine cannot have), -ENOTSUP (the scheduler has no domains), -ENOMEM. scx_errmsg()
 * says which CPU.
 * Threads: not with another call on @scx. Cost: O(CPUs), one system call. Since: 0.1
 */
SCX_API int scx_domain_set(struct scx *scx, unsigned domain, size_t setsize, const cpu_set_t *cpus);

/**
 * scx_domain_set_list - give a domain its CPUs, as a list
 * @scx:    a scheduler that has domains
 * @domain: 0 .. SCX_DOMAIN_MAX - 1
 * @cpus:   in the kernel's format: "0-7,16-23"
 *
 * Returns as scx_domain_set(), -EINVAL also for what is not a list.
 * Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_domain_set_list(struct scx *scx, unsigned domain, const char *cpus);

/**
 * scx_domain_set_order - say which other domains are near
 * @scx:    a scheduler that has domains
 * @domain: one that was set
 * @node:   its NUMA node, or -1: not known
 * @near:   the other domains, from near to far; those not named are not looked at for work
 * @nr:     number of @near
 *
 * Without this call it is all others in the order of their numbers, beginning behind @domain.
 *
 * Returns 0, or -EINVAL (@near names @domain itself, one twice, or none that can exist), -ENOENT
 * (@domain was not set), -ENOTSUP, -ENOMEM. Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_domain_set_order(struct scx *scx, unsigned domain, int node, const unsigned *near,
				 size_t nr);

/**
 * scx_domain_set_partition - set all domains at once
 * @scx:       a scheduler that has domains
 * @partition: of <scx/partition.h>; not needed any more after the call
 *
 * Domains, nodes and order become the partition's, domains that it does not have are removed. CPUs
 * that are offline or not allowed go where they belong. While the scheduler runs, CPUs change their
 * domains one domain after the other.
 *
 * Returns as scx_domain_set(); after an error while the scheduler runs some domains may be the new
 * ones already. Threads: not with another call on @scx. Cost: one system call a domain. Since: 0.1
 */
SCX_API int scx_domain_set_partition(struct scx *scx, const struct scx_partition *partition);

/**
 * scx_domain_remove - remove a domain
 * @scx:    a scheduler that has domains
 * @domain: one that was set
 *
 * Its tasks move to others. CPUs that are in no domain run only what is bound to them.
 *
 * Returns 0, or -ENOENT (it does not exist), -EBUSY (the last one of a running scheduler), -ENOTSUP.
 * Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_domain_remove(struct scx *scx, unsigned domain);

/**
 * scx_domain_get - the CPUs of a domain
 * @scx:     in any state
 * @domain:  one that was set
 * @setsize: bytes in @ret_cpus
 * @ret_cpus: gets the CPUs, online or not; untouched on failure
 *
 * Returns 0, or -ENOENT (it was not set), -EINVAL (@setsize), -ERANGE (@ret_cpus cannot hold one of
 * the CPUs). Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_domain_get(struct scx *scx, unsigned domain, size_t setsize, cpu_set_t *ret_cpus);

/**
 * scx_domain_next - walk over the domains that were set
 * @scx:    in any state
 * @domain: the one before; -1 to begin
 *
 * Returns the next one, or -ENOENT. Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_domain_next(const struct scx *scx, int domain);

/**
 * struct scx_migration_request - a task and where it shall go
 * @start_ns: with @tid: which task is meant (struct scx_task_info has both)
 * @slot:     of struct scx_task_info; 0: look for it
 * @tid:      thread id
 * @domain:   where to
 * @result:   set by scx_migrate(): 0, or -ESRCH (it is gone), -EINVAL (no such domain), -EPERM (it
 *            may not run there)
 */
struct scx_migration_request {
	uint64_t start_ns;
	uint32_t slot;
	int32_t tid;
	uint32_t domain;
	int32_t result;
};

/**
 * scx_migrate - give tasks other domains
 * @scx:        attached, a scheduler that has domains and migrations
 * @requests:   @result of each is set
 * @nr:         how many; any number
 * @ret_queued: gets how many were waiting in a queue and were moved to their new one at once; the
 *              others follow when they are queued next; may be NULL
 *
 * Returns how many tasks changed their domain (not those that were there already), or -ENOTCONN (not
 * attached), -ENOTSUP.
 * Threads: not with another call on @scx. Cost: one system call for each 1024. Since: 0.1
 */
SCX_API int scx_migrate(struct scx *scx, struct scx_migration_request *requests, size_t nr,
			size_t *ret_queued);

#ifdef __cplusplus
}
#endif

#endif /* SCX_DOMAIN_H */
