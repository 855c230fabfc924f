// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
#include "workers.h"

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <scx/cpuset.h>

#include "fixture.h"

#define TURN_ROUNDS 200 /* more than a worker does between two looks at the stage */
#define NAP_ROUNDS 64
#define NAP_NS 500000

/* One for the whole program, in memory that it shares with its workers. */
static struct shared {
	_Atomic uint32_t stage;
} *shared;

static void *map_shared(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	expect(at != MAP_FAILED, "no memory");
	return at;
}

struct worker *workers_new(unsigned nr)
{
	if (!shared) {
		shared = map_shared(sizeof(*shared));
		shared->stage = 1;
	}
	return map_shared(sizeof(struct worker) * nr);
}

static void one_round(struct worker *me)
{
	uint32_t stage = shared->stage;
	int cpu = sched_getcpu();

	if (shared->stage == stage) {
		if (me->stage != stage) {
			/* Nobody may take the old stage's figures for the new one's. */
			me->stage = 0;
			me->seen = 0;
			me->in_stage = 0;
			me->stage = stage;
		}
		me->seen |= 1ULL << cpu;
		me->in_stage++;
	}
	me->rounds++;
}

static _Noreturn void work_on(struct worker *me, enum work work)
{
	/* Also a killed test leaves nobody behind. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		one_round(me);
		if (work == WORK_NAP && me->rounds % NAP_ROUNDS == 0)
			(void)nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
	}
}

void worker_start(struct worker *worker, enum work work)
{
	pid_t pid = fork();

	expect(pid >= 0, "no process");
	if (pid == 0)
		work_on(worker, work);
	worker->pid = pid;
}

void workers_start(struct worker *workers, unsigned nr, enum work work)
{
	for (unsigned i = 0; i < nr; i++)
		worker_start(&workers[i], work);
}

void workers_stop(struct worker *workers, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++)
		(void)kill(workers[i].pid, SIGKILL);
	for (unsigned i = 0; i < nr; i++)
		(void)waitpid(workers[i].pid, NULL, 0);
}

uint64_t worker_cpu_ns(const struct worker *worker)
{
	struct timespec t;
	clockid_t clock;

	expect(!clock_getcpuclockid(worker->pid, &clock) && !clock_gettime(clock, &t),
	       "a worker has no clock");
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t cpu_bits(const char *list)
{
	uint64_t bits = 0;
	cpu_set_t set;

	expect(!scx_cpuset_parse(list, sizeof(set), &set), "'%s' is no list", list);
	for (int cpu = -1; (cpu = scx_cpuset_next(sizeof(set), &set, cpu)) >= 0;)
		bits |= 1ULL << cpu;
	return bits;
}

void worker_confine(const struct worker *worker, uint64_t cpus)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int cpu = 0; cpu < 64; cpu++)
		if (cpus >> cpu & 1)
			CPU_SET(cpu, &set);
	expect(!sched_setaffinity(worker->pid, sizeof(set), &set), "an affinity is refused");
}

void stage_begin(void)
{
	shared->stage++;
}

void stage_turn(const struct worker *workers, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++)
		await(workers[i].stage == shared->stage && workers[i].in_stage >= TURN_ROUNDS);
}

uint64_t stage_seen(const struct worker *workers, unsigned nr)
{
	uint64_t seen = 0;

	for (unsigned i = 0; i < nr; i++)
		if (workers[i].stage == shared->stage)
			seen |= workers[i].seen;
	return seen;
}

uint64_t turn(const struct worker *workers, unsigned nr)
{
	stage_begin();
	stage_turn(workers, nr);
	return stage_seen(workers, nr);
}

void expect_settled(const struct worker *workers, unsigned nr, uint64_t cpus, unsigned turns)
{
	while (turn(workers, nr) & ~cpus)
		;
	for (unsigned i = 0; i < turns; i++) {
		uint64_t seen = turn(workers, nr);

		expect(!(seen & ~cpus), "workers came back to CPUs %#llx",
		       (unsigned long long)(seen & ~cpus));
	}
}

void await_spread(const struct worker *workers, unsigned nr, uint64_t cpus)
{
	stage_begin();
	await((stage_seen(workers, nr) & cpus) == cpus);
}
