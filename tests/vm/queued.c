// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * A task that waits in a queue when it is given another domain runs there, and not first once more
 * where it was. Nothing is stolen (greedy=0), so only the migration can have brought it there.
 *
 * Realtime tasks hold all CPUs of domain 0, so those who wake there wait in its queue, behind others.
 * They are migrated while they wait, and each tells where it ran first. When the migration says that
 * all of them were in the queue, that must have been in domain 1. (A kernel that gives starved tasks
 * a little time may let one slip; then the try says nothing, and is made again.)
 */
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <scx/domain.h>
#include <scx/task.h>

#include "fixture.h"
#include "workers.h"

#define CPUS 4	 /* of domain 0 */
#define OTHERS 6 /* in its queue */
#define SLEEPERS 4
#define TIMES 10

struct sleeper {
	_Atomic unsigned answers;
	_Atomic int cpu;   /* that it ran on first after it woke */
	_Atomic int whole; /* nothing interrupted it between waking and answering */
	int bell[2];
	pid_t pid;
};

static int preemptions(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage); /* cannot fail */
	return (int)usage.ru_nivcsw;
}

static _Noreturn void sleep_and_tell(struct sleeper *me)
{
	char byte;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int before = preemptions(), cpu, after;

		if (read(me->bell[0], &byte, 1) != 1)
			_exit(1);
		cpu = sched_getcpu();
		after = preemptions();
		me->cpu = cpu;
		me->whole = after == before;
		me->answers++;
	}
}

static void start_sleepers(struct sleeper *sleepers)
{
	for (int i = 0; i < SLEEPERS; i++) {
		pid_t pid;

		expect(!pipe(sleepers[i].bell), "no pipe");
		pid = fork();
		expect(pid >= 0, "no process");
		if (pid == 0)
			sleep_and_tell(&sleepers[i]);
		sleepers[i].pid = pid;
	}
}

static size_t migrate(struct scx *scx, const struct sleeper *sleepers, unsigned domain)
{
	struct scx_migration_request requests[SLEEPERS] = { 0 };
	size_t queued = 0;

	for (int i = 0; i < SLEEPERS; i++) {
		requests[i].tid = sleepers[i].pid;
		requests[i].domain = domain;
	}
	must(scx, scx_migrate(scx, requests, SLEEPERS, &queued));
	for (int i = 0; i < SLEEPERS; i++)
		expect(!requests[i].result, "a migration: %s", strerror(-requests[i].result));
	return queued;
}

/* Returns whether all of them were caught in the queue, so that the answers prove something. */
static bool try_once(struct scx *scx, struct sleeper *sleepers, uint64_t there)
{
	unsigned before[SLEEPERS];
	bool caught;

	(void)migrate(scx, sleepers, 0);
	for (int i = 0; i < SLEEPERS; i++) {
		before[i] = sleepers[i].answers;
		expect(write(sleepers[i].bell[1], "", 1) == 1, "no bell");
	}
	caught = migrate(scx, sleepers, 1) == SLEEPERS;
	for (int i = 0; i < SLEEPERS; i++) {
		await(sleepers[i].answers != before[i]);
		caught = caught && sleepers[i].whole;
	}
	for (int i = 0; caught && i < SLEEPERS; i++)
		expect(there >> sleepers[i].cpu & 1,
		       "one that was moved from queue to queue ran on CPU %d", sleepers[i].cpu);
	return caught;
}

/* From here on nothing that the scheduler governs runs on a CPU of domain 0. */
static void block(struct worker *blockers)
{
	static const struct sched_param realtime = { .sched_priority = 1 };

	workers_start(blockers, CPUS, WORK_HOG);
	for (int cpu = 0; cpu < CPUS; cpu++) {
		worker_confine(&blockers[cpu], 1ULL << cpu);
		expect(!sched_setscheduler(blockers[cpu].pid, SCHED_FIFO, &realtime),
		       "SCHED_FIFO is refused");
	}
	(void)turn(blockers, CPUS);
}

int main(void)
{
	struct sleeper *sleepers = mmap(NULL, sizeof(*sleepers) * SLEEPERS, PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct worker *workers = workers_new(OTHERS + CPUS), *blockers = workers + OTHERS;
	unsigned tries = 0;
	struct scx *scx;

	expect(sleepers != MAP_FAILED, "no memory");
	stand_above();
	scx = attach_atropos("0-3;4-7", "greedy=0");
	workers_start(workers, OTHERS, WORK_HOG);
	start_sleepers(sleepers);
	for (int i = 0; i < OTHERS; i++)
		must(scx, scx_task_set_domain(scx, workers[i].pid, 0));
	expect_settled(workers, OTHERS, cpu_bits("0-3"), 1);
	block(blockers);
	for (unsigned caught = 0; caught < TIMES; tries++)
		caught += try_once(scx, sleepers, cpu_bits("4-7"));
	printf("caught in the queue %d times in %u tries\n", TIMES, tries);
	workers_stop(blockers, CPUS);
	(void)turn(workers, OTHERS);
	workers_stop(workers, OTHERS);
	for (int i = 0; i < SLEEPERS; i++) {
		(void)kill(sleepers[i].pid, SIGKILL);
		(void)waitpid(sleepers[i].pid, NULL, 0);
	}
	finish(scx);
	return 0;
}
