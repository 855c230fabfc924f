// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * An affinity storm: many tasks change their own affinity and each other's at random, all the time,
 * while others work and sleep. The scheduler stays, and so does everyone's progress.
 */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "workers.h"

#define CPUS 8
#define STORMERS 24
#define HOGS 6
#define NAPPERS 4
#define WORKERS (HOGS + NAPPERS)
#define CHANGES 250 /* of each */

struct stormer {
	pid_t pid;
	_Atomic unsigned changes;
};

/* The same numbers on every run; each stormer has its own (xorshift). */
static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void change(pid_t who, uint32_t bits)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		if (bits >> cpu & 1)
			CPU_SET(cpu, &set);
	/* One of them may have ended: this is a storm. */
	(void)sched_setaffinity(who, sizeof(set), &set);
}

static _Noreturn void storm(struct stormer *all, unsigned self)
{
	struct stormer *me = &all[self];
	uint32_t seed = 2463534242U + self * 7919;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (me->changes < CHANGES) {
		uint32_t r = next_random(&seed), cpu = r >> 8 & (CPUS - 1);
		uint32_t mask = r >> 16 & 1 ? 1U << cpu : r >> 20 & 0xff;

		change(0, mask ? mask : 1);
		if ((r & 3) == 0)
			change(all[next_random(&seed) % STORMERS].pid, 1U << cpu);
		if ((r & 0xc) == 0)
			(void)sched_yield();
		me->changes++;
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	struct stormer *all = mmap(NULL, sizeof(*all) * STORMERS, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct worker *workers = workers_new(WORKERS);
	struct scx *scx;

	expect(argc == 2 && all != MAP_FAILED, "storm TUNABLES");
	stand_above();
	scx = attach_atropos("0-3;4-7", argv[1]);
	workers_start(workers, HOGS, WORK_HOG);
	workers_start(workers + HOGS, NAPPERS, WORK_NAP);
	for (unsigned i = 0; i < STORMERS; i++) {
		pid_t pid = fork();

		expect(pid >= 0, "no process");
		if (pid == 0)
			storm(all, i);
		all[i].pid = pid;
	}
	for (unsigned i = 0; i < STORMERS; i++) {
		int status;

		while (waitpid(all[i].pid, &status, WNOHANG) == 0) {
			(void)turn(workers, WORKERS);
			expect_attached(scx);
		}
		expect(WIFEXITED(status) && all[i].changes == CHANGES, "a stormer died");
	}
	workers_stop(workers, WORKERS);
	finish(scx);
	return 0;
}
