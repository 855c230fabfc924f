/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Threads and the scheduler: who is scheduled by it, and in which domain.
 *
 * With scx_open_opts.partial only threads that join are scheduled by it; without, all normal threads
 * are, and joining has an effect only on threads that would otherwise be realtime. Policies belong to
 * threads, not to a handle: threads that joined stay so (policy SCHED_EXT) when the scheduler is
 * gone, and the kernel then treats them as normal ones.
 *
 * Example:
 *
 *	struct scx *s = scx_open("simple", &SCX_OPTS(scx_open_opts, .partial = 1));
 *
 *	scx_attach(s);
 *	scx_task_join(s, 0, 0);
 */
#ifndef SCX_TASK_H
#define SCX_TASK_H

#include <stddef.h>
#include <sys/types.h>

#include <scx/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct scx;

/* Flags of scx_task_join() and scx_task_leave(). */
enum scx_join {
	SCX_JOIN_PROCESS = 1, /* all threads of the process that has the thread */
};

/**
 * scx_task_join - have a thread scheduled by the scheduler
 * @scx:   in any state
 * @tid:   thread id; 0 is the calling thread
 * @flags: enum scx_join
 *
 * Sets the policy SCHED_EXT, and keeps the nice value. Threads and processes that it makes from then
 * on have joined too, until they leave: the kernel knows no other way. Threads that appear in the
 * process meanwhile join too. A thread of another user needs CAP_SYS_NICE; the handle need not be
 * attached yet.
 *
 * Returns the number of threads that joined, or -ESRCH (no such thread), -EPERM (not ours; the
 * scheduler refuses it), -EINVAL (@flags, @tid; the kernel has no sched_ext).
 * Threads: not with another call on @scx. Cost: one system call a thread. Since: 0.1
 */
SCX_API int scx_task_join(struct scx *scx, pid_t tid, unsigned flags);

/**
 * scx_task_leave - give a thread back to the kernel's own scheduler
 * @scx:   in any state
 * @tid:   thread id; 0 is the calling thread
 * @flags: SCX_JOIN_PROCESS, or 0
 *
 * Sets the policy SCHED_OTHER. Under a scheduler that is not partial the thread stays with it.
 *
 * Returns as scx_task_join(). Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_task_leave(struct scx *scx, pid_t tid, unsigned flags);

/**
 * scx_task_set_domain - give a thread another domain
 * @scx:    attached, a scheduler that has domains and migrations
 * @tid:    thread id; 0 is the calling thread
 * @domain: where to
 *
 * If it waits in a queue it moves at once. A balancer may move it again.
 *
 * Returns 0, or -ESRCH (the scheduler has no such thread), -EINVAL (no such domain), -EPERM (its
 * affinity has no CPU there), -ENOTCONN (not attached), -ENOTSUP.
 * Threads: not with another call on @scx. Cost: O(all threads) reads of memory, one system call; for
 * many threads use scx_migrate(). Since: 0.1
 */
SCX_API int scx_task_set_domain(struct scx *scx, pid_t tid, unsigned domain);

#ifdef __cplusplus
}
#endif

#endif /* SCX_TASK_H */
