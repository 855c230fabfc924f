// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * Partial mode: threads that joined are the scheduler's, and nobody else is. Seen from both sides: the
 * kernel says of each thread whether it is in sched_ext, and the scheduler counts CPU time of those
 * that it runs. Joined threads leave, take another policy, have children, and end.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <scx/snapshot.h>
#include <scx/task.h>

#include "fixture.h"
#include "workers.h"

#define WORKERS 8
#define JOINED 4
#define POLICY_EXT 7 /* include/uapi/linux/sched.h */

/* A process with three threads, that has a child whenever it is told to. */
static struct family {
	_Atomic pid_t tids[2];
	_Atomic pid_t child;
	pid_t pid;
	int bell[2];
} *family;

static void *stay(void *tid)
{
	*(_Atomic pid_t *)tid = (pid_t)syscall(SYS_gettid);
	for (;;)
		(void)pause();
	return NULL;
}

static _Noreturn void live(void)
{
	pthread_t thread;
	char byte;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (pthread_create(&thread, NULL, stay, &family->tids[0]) ||
	    pthread_create(&thread, NULL, stay, &family->tids[1]))
		_exit(1);
	while (read(family->bell[0], &byte, 1) == 1) {
		pid_t child = fork();

		if (child == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				(void)pause();
		}
		family->child = child;
	}
	_exit(0);
}

static void start_family(void)
{
	pid_t pid;

	family = mmap(NULL, sizeof(*family), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	expect(family != MAP_FAILED && !pipe(family->bell), "no memory or pipe");
	pid = fork();
	expect(pid >= 0, "no process");
	if (pid == 0)
		live();
	family->pid = pid;
	await(family->tids[0] && family->tids[1]);
}

static pid_t have_child(void)
{
	family->child = 0;
	expect(write(family->bell[1], "", 1) == 1, "no bell");
	await(family->child);
	return family->child;
}

/* Is the thread in sched_ext now, by the kernel's word? */
static bool is_ext(pid_t tid)
{
	char path[64], line[256];
	int enabled = -1;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/sched", tid);
	file = fopen(path, "re");
	expect(file, "%s cannot be read", path);
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, "ext.enabled", 11) == 0)
			enabled = strstr(line, " 1") != NULL;
	fclose(file);
	expect(enabled >= 0, "%s does not say", path);
	return enabled;
}

static void expect_ext(const struct worker *workers, unsigned nr, bool ext)
{
	for (unsigned i = 0; i < nr; i++)
		expect(is_ext(workers[i].pid) == ext, "worker %d is %s sched_ext", workers[i].pid,
		       ext ? "not in" : "in");
}

/* CPU time of a thread as the scheduler counts it; -1: it does not know the thread. */
static int64_t counted_ns(struct scx_snapshot *snap, pid_t tid)
{
	expect(!scx_snapshot_read(snap), "a snapshot cannot be read");
	for (size_t i = 0; i < scx_snapshot_nr_tasks(snap); i++)
		if (scx_snapshot_task(snap, i)->tid == tid)
			return (int64_t)scx_snapshot_task(snap, i)->runtime_ns;
	return -1;
}

/* The scheduler counts the time of the first @nr, and no time of the others, while all work. */
static void expect_counted(struct scx_snapshot *snap, const struct worker *workers, unsigned nr)
{
	int64_t before[WORKERS];

	for (unsigned i = 0; i < WORKERS; i++)
		before[i] = counted_ns(snap, workers[i].pid);
	(void)turn(workers, WORKERS);
	for (unsigned i = 0; i < nr; i++)
		await(counted_ns(snap, workers[i].pid) > before[i]);
	for (unsigned i = nr; i < WORKERS; i++)
		expect(counted_ns(snap, workers[i].pid) == before[i],
		       "worker %u did not join, and the scheduler ran it", i);
}

static void join(struct scx *scx, pid_t tid, unsigned flags, int threads)
{
	int joined = scx_task_join(scx, tid, flags);

	expect(joined == threads, "%d threads joined, not %d: %s", joined, threads,
	       scx_errmsg(scx));
}

static void change_policies(struct scx *scx, const struct worker *joined)
{
	static const struct sched_param realtime = { .sched_priority = 1 }, normal;

	step("a joined one leaves, and joins again");
	must(scx, scx_task_leave(scx, joined[0].pid, 0));
	expect_ext(joined, 1, false);
	(void)turn(joined, 1);
	join(scx, joined[0].pid, 0, 1);
	expect_ext(joined, 1, true);
	step("a joined one becomes realtime, and normal");
	expect(!sched_setscheduler(joined[1].pid, SCHED_FIFO, &realtime), "no SCHED_FIFO");
	expect_ext(&joined[1], 1, false);
	(void)turn(joined, JOINED);
	expect(!sched_setscheduler(joined[1].pid, SCHED_OTHER, &normal), "no SCHED_OTHER");
	expect_ext(&joined[1], 1, false);
	join(scx, joined[1].pid, 0, 1);
	expect_ext(joined, JOINED, true);
	(void)turn(joined, JOINED);
	expect_attached(scx);
}

static void join_family(struct scx *scx)
{
	pid_t child;

	step("one thread of a process joins");
	join(scx, family->tids[0], 0, 1);
	expect(is_ext(family->tids[0]) && !is_ext(family->tids[1]) && !is_ext(family->pid),
	       "the wrong threads joined");
	child = have_child();
	expect(!is_ext(child), "a child of one that did not join is in sched_ext");
	step("the whole process joins");
	join(scx, family->pid, SCX_JOIN_PROCESS, 3);
	expect(is_ext(family->tids[0]) && is_ext(family->tids[1]) && is_ext(family->pid),
	       "not all threads joined");
	child = have_child();
	expect(is_ext(child) && sched_getscheduler(child) == POLICY_EXT, "a child did not follow");
	expect_attached(scx);
}

int main(void)
{
	struct worker *workers = workers_new(WORKERS);
	struct scx_snapshot *snap;
	char text[16];
	struct scx *scx;
	pid_t gone;

	stand_above();
	scx = open_scheduler("atropos", &SCX_OPTS(scx_open_opts, .partial = 1));
	set_domains(scx, "0-3;4-7");
	attach(scx);
	read_line("/sys/kernel/sched_ext/switch_all", text, sizeof(text));
	expect(!strcmp(text, "0"), "switch_all is '%s'", text);
	snap = scx_snapshot_new(scx);
	expect(snap, "no snapshot: %s", scx_errmsg(scx));
	workers_start(workers, WORKERS, WORK_NAP);
	start_family();
	(void)turn(workers, WORKERS);
	expect_ext(workers, WORKERS, false);
	expect_counted(snap, workers, 0);
	for (unsigned i = 0; i < JOINED; i++)
		join(scx, workers[i].pid, 0, 1);
	expect_ext(workers, JOINED, true);
	expect_ext(workers + JOINED, WORKERS - JOINED, false);
	expect_counted(snap, workers, JOINED);
	change_policies(scx, workers);
	join_family(scx);
	step("joined ones end");
	gone = workers[0].pid;
	workers_stop(workers, JOINED);
	await(counted_ns(snap, gone) < 0);
	(void)turn(workers + JOINED, WORKERS - JOINED);
	scx_snapshot_free(snap);
	finish(scx);
	/* The rest of the family, which joined, goes on without the scheduler. */
	expect(!is_ext(family->pid), "in sched_ext without a scheduler");
	(void)have_child();
	(void)kill(family->pid, SIGKILL);
	(void)waitpid(family->pid, NULL, 0);
	workers_stop(workers + JOINED, WORKERS - JOINED);
	return 0;
}
