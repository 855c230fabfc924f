// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * Thousands of threads, more than any table of 1024 holds: all are known, each once, those from before
 * the attach and those that came later; all are given another domain in one call; all that end are
 * forgotten, and their slots are used again.
 */
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <scx/domain.h>
#include <scx/snapshot.h>

#include "fixture.h"

#define BEFORE 1500
#define AFTER 1600
#define THREADS (BEFORE + AFTER)

static struct {
	pthread_t thread;
	_Atomic pid_t tid;
	struct scx_migration_request request; /* knows its slot */
} *threads;
static int gate[2]; /* reading it waits until main closes it */

static void *wait_at_gate(void *arg)
{
	size_t i = (size_t)arg;
	char byte;

	threads[i].tid = (pid_t)syscall(SYS_gettid);
	(void)!read(gate[0], &byte, 1);
	return NULL;
}

static void start(size_t first, size_t end)
{
	static const struct sched_param normal;
	pthread_attr_t attr;

	expect(!pthread_attr_init(&attr) && !pthread_attr_setstacksize(&attr, 65536) &&
		       !pthread_attr_setschedpolicy(&attr, SCHED_OTHER) &&
		       !pthread_attr_setschedparam(&attr, &normal) &&
		       !pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED),
	       "no attributes");
	for (size_t i = first; i < end; i++) {
		int err = pthread_create(&threads[i].thread, &attr, wait_at_gate, (void *)i);

		expect(!err, "no thread %zu: %s", i, strerror(err));
	}
	for (size_t i = first; i < end; i++)
		await(threads[i].tid);
	pthread_attr_destroy(&attr);
}

static void stop(size_t first, size_t end)
{
	close(gate[1]);
	for (size_t i = first; i < end; i++) {
		(void)pthread_join(threads[i].thread, NULL);
		threads[i].tid = 0;
	}
	close(gate[0]);
}

static int compare(const void *a, const void *b)
{
	pid_t x = (*(const struct scx_task_info *const *)a)->tid,
	      y = (*(const struct scx_task_info *const *)b)->tid;

	return (x > y) - (x < y);
}

/* The tasks in the order of their thread ids. */
static const struct scx_task_info **sort(const struct scx_snapshot *snap, size_t nr)
{
	const struct scx_task_info **tasks = calloc(nr, sizeof(struct scx_task_info *));

	expect(tasks, "no memory");
	for (size_t i = 0; i < nr; i++)
		tasks[i] = scx_snapshot_task(snap, i);
	qsort(tasks, nr, sizeof(struct scx_task_info *), compare);
	return tasks;
}

/* All are in the snapshot; @domain: and are in there, unless it is negative. */
static void expect_all(struct scx_snapshot *snap, int domain)
{
	const struct scx_task_info **tasks;
	size_t nr;

	expect(!scx_snapshot_read(snap), "a snapshot cannot be read");
	nr = scx_snapshot_nr_tasks(snap);
	expect(scx_snapshot_nr_live(snap) >= THREADS, "%llu tasks live",
	       (unsigned long long)scx_snapshot_nr_live(snap));
	tasks = sort(snap, nr);
	for (size_t i = 0; i < THREADS; i++) {
		const struct scx_task_info key = { .tid = threads[i].tid }, *of = &key, *t,
					   **found = bsearch(&of, tasks, nr, sizeof(of), compare);

		expect(found, "thread %zu is not known", i);
		t = *found;
		expect((found == tasks || found[-1]->tid != t->tid) &&
			       (found == tasks + nr - 1 || found[1]->tid != t->tid),
		       "thread %zu is there twice", i);
		expect(t->tgid == getpid(), "thread %zu is of process %d", i, t->tgid);
		expect(domain < 0 || t->domain == (unsigned)domain, "thread %zu is in domain %u", i,
		       t->domain);
		threads[i].request = (struct scx_migration_request){
			.tid = t->tid,
			.start_ns = t->start_ns,
			.slot = t->slot,
		};
	}
	free(tasks);
}

/* Not @first: none of them is there already. */
static void migrate_all(struct scx *scx, unsigned domain, bool first)
{
	struct scx_migration_request *requests = calloc(THREADS, sizeof(*requests));
	int moved;

	expect(requests, "no memory");
	for (size_t i = 0; i < THREADS; i++) {
		requests[i] = threads[i].request;
		requests[i].domain = domain;
	}
	moved = scx_migrate(scx, requests, THREADS, NULL);
	expect(moved == THREADS || (first && moved >= 0), "%d moved: %s", moved, scx_errmsg(scx));
	for (size_t i = 0; i < THREADS; i++)
		expect(!requests[i].result, "migration %zu: %s", i, strerror(-requests[i].result));
	/* Nobody needs to be told twice. */
	expect(!scx_migrate(scx, requests, THREADS, NULL), "some had not moved");
	free(requests);
}

int main(void)
{
	struct scx_snapshot *snap;
	struct scx *scx;
	uint64_t live;
	size_t slots;

	threads = calloc(THREADS, sizeof(*threads));
	expect(threads && !pipe(gate), "no memory or pipe");
	stand_above();
	start(0, BEFORE);
	scx = attach_atropos("0-3;4-7", "");
	start(BEFORE, THREADS);
	snap = scx_snapshot_new(scx);
	expect(snap, "no snapshot: %s", scx_errmsg(scx));
	expect_all(snap, -1);
	live = scx_snapshot_nr_live(snap);
	slots = scx_snapshot_nr_slots(snap);
	for (unsigned i = 0; i < 3; i++) {
		step("all to domain %u", i % 2);
		migrate_all(scx, i % 2, i == 0);
		expect_all(snap, (int)(i % 2));
	}
	step("all end");
	stop(0, THREADS);
	await(!scx_snapshot_read(snap) && scx_snapshot_nr_live(snap) <= live - THREADS);
	expect(!pipe(gate), "no pipe");
	step("as many again");
	start(0, THREADS);
	expect_all(snap, -1);
	expect(scx_snapshot_nr_slots(snap) <= slots + 256, "%zu slots, before %zu",
	       scx_snapshot_nr_slots(snap), slots);
	stop(0, THREADS);
	scx_snapshot_free(snap);
	finish(scx);
	free(threads);
	return 0;
}
