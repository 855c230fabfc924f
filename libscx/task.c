/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Threads: their policy, and a single one's domain.
 */
#include <scx/task.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <scx/domain.h>

#include "handle.h"

#define ROUNDS_MAX 64 /* of a process that makes threads faster than we follow */

static int set_policy(struct scx *scx, pid_t tid, enum scxi_task_op op)
{
	int err = scx->backend->ops->task(scx->backend, tid, op);

	if (err == -EINVAL && op == SCXI_TASK_JOIN)
		return scxi_fail(scx, err,
				 "thread %d: the kernel does not know the policy SCHED_EXT",
				 (int)tid);
	if (err == -EPERM)
		return scxi_fail(scx, err,
				 "thread %d belongs to another user: CAP_SYS_NICE is needed",
				 (int)tid);
	if (err == -EACCES)
		return scxi_fail(scx, -EPERM, "thread %d: the scheduler does not want it",
				 (int)tid);
	if (err)
		return scxi_fail(scx, err, "thread %d: %s", (int)tid, strerror(-err));
	return 0;
}

static bool has(const pid_t *tids, int nr, pid_t tid)
{
	for (int i = 0; i < nr; i++)
		if (tids[i] == tid)
			return true;
	return false;
}

/* Sets those of @now that are not in @before; returns how many there were, or -errno. */
static int set_new(struct scx *scx, const pid_t *now, int nr_now, const pid_t *before,
		   int nr_before, enum scxi_task_op op)
{
	int done = 0;

	for (int i = 0; i < nr_now; i++) {
		int err;

		if (has(before, nr_before, now[i]))
			continue;
		err = set_policy(scx, now[i], op);
		if (err && err != -ESRCH) /* it ended meanwhile */
			return err;
		done++;
	}
	return done;
}

/*
 * All threads of a process: until a look shows no new ones, since a thread that was not reached yet
 * may make others with its old policy.
 */
static int set_process(struct scx *scx, pid_t tid, enum scxi_task_op op)
{
	pid_t *before = NULL;
	int nr_before = 0, total = 0, done = 1;

	for (int round = 0; done > 0 && round < ROUNDS_MAX; round++) {
		pid_t *now = NULL;
		int nr = scx->backend->ops->threads(scx->backend, tid, &now);

		if (nr < 0) {
			free(before);
			return scxi_fail(scx, nr, "process of thread %d: %s", (int)tid,
					 strerror(-nr));
		}
		done = set_new(scx, now, nr, before, nr_before, op);
		free(before);
		before = now;
		nr_before = nr;
		total += done > 0 ? done : 0;
	}
	free(before);
	return done < 0 ? done : total;
}

static int change(struct scx *scx, pid_t tid, unsigned flags, unsigned known, enum scxi_task_op op)
{
	int err;

	if (tid < 0 || (flags & ~known))
		return scxi_fail(scx, -EINVAL,
				 "thread %d, flags %#x: not a thread, or an unknown flag", (int)tid,
				 flags);
	if (flags & SCX_JOIN_PROCESS)
		return set_process(scx, tid, op);
	err = set_policy(scx, tid, op);
	return err ? err : 1;
}

int scx_task_join(struct scx *scx, pid_t tid, unsigned flags)
{
	return change(scx, tid, flags, SCX_JOIN_PROCESS, SCXI_TASK_JOIN);
}

int scx_task_leave(struct scx *scx, pid_t tid, unsigned flags)
{
	return change(scx, tid, flags, SCX_JOIN_PROCESS, SCXI_TASK_LEAVE);
}

int scx_task_set_domain(struct scx *scx, pid_t tid, unsigned domain)
{
	struct scx_migration_request request = { .domain = domain };
	int moved;

	if (tid < 0)
		return scxi_fail(scx, -EINVAL, "thread %d is not one", (int)tid);
	request.tid = tid ? tid : (pid_t)syscall(SYS_gettid);
	moved = scx_migrate(scx, &request, 1, NULL);
	if (moved < 0 || !request.result)
		return moved < 0 ? moved : 0;
	switch (request.result) {
	case -ESRCH:
		return scxi_fail(scx, -ESRCH, "thread %d is not among the scheduler's tasks",
				 request.tid);
	case -EPERM:
		return scxi_fail(scx, -EPERM, "thread %d: its affinity has no CPU of domain %u",
				 request.tid, domain);
	default:
		return scxi_fail(scx, request.result, "thread %d: domain %u does not exist",
				 request.tid, domain);
	}
}
