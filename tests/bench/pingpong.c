// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/* Pairs of processes that wake each other through two pipes, and one that yields. */
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work.h"

static _Noreturn void play(int from, int to, bool first, int rounds, int cpu)
{
	char ball = 0;

	if (cpu >= 0)
		pin(cpu);
	for (int i = 0; i < rounds; i++) {
		if (first && write(to, &ball, 1) != 1)
			die("write");
		if (read(from, &ball, 1) != 1)
			die("read");
		if (!first && write(to, &ball, 1) != 1)
			die("write");
	}
	_exit(0);
}

static void start_pair(int rounds, int cpu_a, int cpu_b)
{
	int there[2], back[2];

	if (pipe(there) || pipe(back))
		die("pipe");
	if (start() == 0)
		play(back[0], there[1], true, rounds, cpu_a);
	if (start() == 0)
		play(there[0], back[1], false, rounds, cpu_b);
	for (int i = 0; i < 2; i++) {
		close(there[i]);
		close(back[i]);
	}
}

int pingpong(int phase, int argc, char **argv)
{
	int pairs = atoi(argv[1]), rounds = atoi(argv[2]), status, bad = 0;
	int cpu_a = argc > 4 ? atoi(argv[3]) : -1, cpu_b = argc > 4 ? atoi(argv[4]) : -1;
	uint64_t began;

	phase_begins(phase);
	began = now_ns();
	for (int i = 0; i < pairs; i++)
		start_pair(rounds, cpu_a, cpu_b);
	while (wait(&status) > 0)
		bad |= status;
	figure(argv[0], (double)(now_ns() - began) / rounds / pairs);
	phase_ends(phase);
	return bad != 0;
}

int yield(int phase, int argc, char **argv)
{
	int rounds = atoi(argv[1]);
	uint64_t began;

	(void)argc;
	sched_yield();
	phase_begins(phase);
	began = now_ns();
	for (int i = 0; i < rounds; i++)
		sched_yield();
	figure(argv[0], (double)(now_ns() - began) / rounds);
	phase_ends(phase);
	return 0;
}
