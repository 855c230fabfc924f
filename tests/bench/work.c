// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * The workloads that the benchmark measures, one a call:
 *	work PHASE pingpong NAME PAIRS ROUNDS [CPU CPU]
 *	work PHASE yield NAME ROUNDS
 *	work PHASE messages NAME SENDERS WORKERS MILLISECONDS THINK
 *	work PHASE hogs NAME HOGS HEAVY NICE MILLISECONDS
 *	work PHASE skew NAME HOGS CPUS MILLISECONDS
 * Each prints "figure NAME VALUE" lines. PHASE numbers the marks that a plugin sees (mark.h).
 */
#include "work.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void die(const char *what)
{
	perror(what);
	exit(1);
}

void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

void *shared_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	return memory;
}

/* fork(); the child dies with us. */
pid_t start(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

void figure(const char *name, double value)
{
	printf("figure %s %.3f\n", name, value);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int phase, int argc, char **argv);
		int least;
	} workloads[] = { { "pingpong", pingpong, 3 },
			  { "yield", yield, 2 },
			  { "messages", messages, 5 },
			  { "hogs", hogs, 5 },
			  { "skew", skew, 4 } };

	for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
		if (argc >= 3 + workloads[i].least && !strcmp(argv[2], workloads[i].name))
			return workloads[i].run(atoi(argv[1]), argc - 3, argv + 3);
	fprintf(stderr, "usage: see the head of work.c\n");
	return 2;
}
