/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * The workload of the demonstration: three CPU hogs for each CPU, beside a pair that plays ping-pong and
 * a hog that may run on one CPU only; then all hogs end except those that run in the first domain.
 * Says where the hogs ran, and how evenly, before and after. Not installed.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <scx/partition.h>
#include <scx/topology.h>

#define HOGS_MAX 3072
#define DOMAINS_MAX 8 /* that a line has room for */
#define HOGS_A_CPU 3

struct worker {
	_Atomic unsigned long rounds;
	_Atomic unsigned cpu;
};

/* Shared with all workers. */
struct board {
	struct worker hogs[HOGS_MAX], pinned;
	_Atomic unsigned long trips; /* of the pair */
};

static struct board *board;
static pid_t pids[HOGS_MAX + 3];
static unsigned nr_pids;
static unsigned nr_hogs;
static bool alive[HOGS_MAX];
static struct scx_partition *partition;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "demo-load: %s: %s\n", what, strerror(errno));
	for (unsigned i = 0; i < nr_pids; i++)
		if (pids[i] > 0)
			(void)kill(pids[i], SIGKILL);
	exit(1);
}

static void rest(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static _Noreturn void burn(struct worker *w)
{
	for (;;) {
		w->cpu = (unsigned)sched_getcpu();
		for (volatile unsigned i = 0; i < 20000; i++)
			;
		w->rounds++;
	}
}

static _Noreturn void play(int in, int out, bool counts)
{
	char ball = 0;

	while (read(in, &ball, 1) == 1 && write(out, &ball, 1) == 1)
		if (counts)
			board->trips++;
	_exit(0);
}

/* A child that dies with us; returns true in it. */
static bool start(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() == 1)
			_exit(1);
		return true;
	}
	pids[nr_pids++] = pid;
	return false;
}

static void start_all(unsigned nr_cpus)
{
	int ping[2], pong[2];

	nr_hogs = HOGS_A_CPU * nr_cpus < HOGS_MAX ? HOGS_A_CPU * nr_cpus : HOGS_MAX;
	for (unsigned i = 0; i < nr_hogs; i++) {
		if (start())
			burn(&board->hogs[i]);
		alive[i] = true;
	}
	if (pipe(ping) || pipe(pong))
		die("pipe");
	if (start())
		play(ping[0], pong[1], false);
	if (start()) {
		if (write(ping[1], "", 1) != 1)
			_exit(1);
		play(pong[0], ping[1], true);
	}
	if (start()) {
		cpu_set_t first;

		CPU_ZERO(&first);
		CPU_SET(0, &first);
		if (sched_setaffinity(0, sizeof(first), &first))
			_exit(1);
		burn(&board->pinned);
	}
}

static int domain_of(unsigned hog)
{
	return scx_partition_domain(partition, board->hogs[hog].cpu);
}

static void end_hog(unsigned hog)
{
	(void)kill(pids[hog], SIGKILL);
	(void)waitpid(pids[hog], NULL, 0);
	pids[hog] = 0;
	alive[hog] = false;
}

/* What happened in a length of time, in a line. */
static void measure(const char *when, unsigned ms)
{
	static unsigned long before[HOGS_MAX];
	unsigned long seen[DOMAINS_MAX] = { 0 }, looks = ms / 20;
	unsigned long trips = board->trips, pinned = board->pinned.rounds, least = -1UL, sum = 0;
	unsigned nr = 0;

	for (unsigned i = 0; i < nr_hogs; i++)
		before[i] = board->hogs[i].rounds;
	for (unsigned n = 0; n < looks; n++) {
		rest(20);
		for (unsigned i = 0; i < nr_hogs; i++)
			if (alive[i] && domain_of(i) >= 0 && domain_of(i) < DOMAINS_MAX)
				seen[domain_of(i)]++;
	}
	for (unsigned i = 0; i < nr_hogs; i++) {
		unsigned long did = board->hogs[i].rounds - before[i];

		if (!alive[i])
			continue;
		nr++;
		sum += did;
		least = did < least ? did : least;
	}
	printf(">>> %-22s hogs seen in each domain:", when);
	for (unsigned d = 0; d < scx_partition_count(partition) && d < DOMAINS_MAX; d++)
		printf(" %.1f", (double)seen[d] / (double)looks);
	printf("; least work of a hog / mean %.2f; ping-pong %lu trips; pinned hog %lu rounds\n",
	       sum ? (double)least * nr / (double)sum : 0.0, board->trips - trips,
	       board->pinned.rounds - pinned);
	(void)fflush(stdout);
}

int main(void)
{
	struct scx_topology *topology;
	char err[512];
	unsigned ended = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	topology = scx_topology_new(
		&SCX_OPTS(scx_topology_opts, .errbuf = err, .errbuf_size = sizeof(err)));
	if (topology)
		partition = scx_partition_new(topology, &SCX_OPTS(scx_partition_opts, .errbuf = err,
								  .errbuf_size = sizeof(err)));
	if (!partition) {
		fprintf(stderr, "demo-load: %s\n", err);
		return 1;
	}
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (board == MAP_FAILED)
		die("mmap");
	start_all((unsigned)sysconf(_SC_NPROCESSORS_ONLN));
	printf(">>> %u hogs on all domains, a ping-pong pair, a hog bound to CPU 0\n", nr_hogs);
	rest(500);
	measure("before, all at work:", 1000);
	for (unsigned i = 0; i < nr_hogs; i++)
		if (domain_of(i) != 0) {
			end_hog(i);
			ended++;
		}
	printf(">>> %u hogs end: all that did not run in domain 0 at this moment\n", ended);
	measure("just after:", 500);
	rest(2500);
	measure("after some rounds:", 1000);
	for (unsigned i = 0; i < nr_pids; i++)
		if (pids[i] > 0)
			(void)kill(pids[i], SIGKILL);
	scx_partition_free(partition);
	scx_topology_free(topology);
	return 0;
}
