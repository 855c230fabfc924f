/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Threads and their policy in the running kernel.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backend_bpf.h"

/* include/uapi/linux/sched.h; glibc has neither the policy nor the calls. */
#define POLICY_OTHER 0
#define POLICY_EXT 7

/* The first version of the kernel's struct sched_attr. */
struct attr {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime;
	uint64_t deadline;
	uint64_t period;
};

int scxi_bpf_task(const struct scx_backend *backend, pid_t tid, enum scxi_task_op op)
{
	struct attr old = { .size = sizeof(old) };
	struct attr attr = { .size = sizeof(attr), .policy = POLICY_OTHER };

	(void)backend;
	if (syscall(SYS_sched_getattr, tid, &old, sizeof(old), 0))
		return -errno;
	attr.nice = old.nice;
	if (op == SCXI_TASK_JOIN)
		attr.policy = POLICY_EXT;
	return syscall(SYS_sched_setattr, tid, &attr, 0) ? -errno : 0;
}

int scxi_bpf_threads(const struct scx_backend *backend, pid_t tid, pid_t **ret_tids)
{
	char path[64] = "/proc/self/task";
	pid_t *tids = NULL;
	struct dirent *entry;
	int nr = 0, err;
	DIR *dir;

	(void)backend;
	if (tid)
		(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)tid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	while ((errno = 0, entry = readdir(dir))) {
		pid_t *grown;

		if (entry->d_name[0] == '.')
			continue;
		grown = reallocarray(tids, (size_t)nr + 1, sizeof(*tids));
		if (!grown) {
			errno = ENOMEM;
			break;
		}
		tids = grown;
		tids[nr++] = (pid_t)strtol(entry->d_name, NULL, 10);
	}
	err = -errno;
	(void)closedir(dir); /* was only read */
	if (err) {
		free(tids);
		return err;
	}
	*ret_tids = tids;
	return nr;
}
