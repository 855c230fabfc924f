// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * Hogs: processes that never sleep and count their rounds in shared memory. How evenly they work, in
 * proportion to their weights, and how fast a skew is evened out.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

#define SETTLE_MS 3000
#define CPUS_EACH_MAX 64

struct hog {
	volatile uint64_t rounds;
	volatile int cpu;
	pid_t pid;
	uint64_t before;
	uint64_t cpu_before_ns;
	char pad[64];
};

static _Noreturn void burn(struct hog *hog, int nice_level)
{
	(void)setpriority(PRIO_PROCESS, 0, nice_level);
	for (;;) {
		for (int i = 0; i < 1000; i++)
			hog->rounds++;
		hog->cpu = sched_getcpu();
	}
}

static struct hog *start_hogs(int nr, int heavy, int nice_level)
{
	struct hog *hogs = shared_memory(sizeof(struct hog) * (size_t)nr);

	/* Whoever watches must not wait for those it watches. */
	(void)setpriority(PRIO_PROCESS, 0, -20);
	for (int i = 0; i < nr; i++) {
		pid_t pid = start();

		if (pid == 0)
			burn(&hogs[i], i < heavy ? nice_level : 0);
		hogs[i].pid = pid;
	}
	return hogs;
}

static void stop_hog(struct hog *hog)
{
	if (!hog->pid)
		return;
	kill(hog->pid, SIGKILL);
	waitpid(hog->pid, NULL, 0);
	hog->pid = 0;
}

static void sleep_ms(int ms)
{
	(void)nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL);
}

/* CPU time that the kernel charged it for. */
static uint64_t charged_ns(const struct hog *hog)
{
	char path[64], text[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", hog->pid);
	file = fopen(path, "re");
	if (file) {
		if (!fgets(text, sizeof(text), file))
			text[0] = 0;
		fclose(file);
	}
	return strtoull(text, NULL, 10);
}

struct spread {
	double mean, least, most;
};

static struct spread spread_of(const double *values, int from, int to)
{
	struct spread s = { 0, values[from], values[from] };

	for (int i = from; i < to; i++) {
		s.mean += values[i] / (to - from);
		s.least = values[i] < s.least ? values[i] : s.least;
		s.most = values[i] > s.most ? values[i] : s.most;
	}
	return s;
}

static void report_spread(const char *name, const char *what, const double *values, int nr,
			  int heavy)
{
	struct spread light = spread_of(values, heavy, nr);
	char text[96];

	snprintf(text, sizeof(text), "%s_%s_least", name, what);
	figure(text, light.least / light.mean);
	snprintf(text, sizeof(text), "%s_%s_most", name, what);
	figure(text, light.most / light.mean);
	if (!heavy)
		return;
	snprintf(text, sizeof(text), "%s_%s_ratio", name, what);
	figure(text, spread_of(values, 0, heavy).mean / light.mean);
}

int hogs(int phase, int argc, char **argv)
{
	int nr = atoi(argv[1]), heavy = atoi(argv[2]), nice_level = atoi(argv[3]);
	double *work = calloc(2 * (size_t)nr, sizeof(*work)), *time = work + nr;
	struct hog *all = start_hogs(nr, heavy, nice_level);

	(void)argc;
	if (!work)
		die("calloc");
	sleep_ms(SETTLE_MS);
	phase_begins(phase);
	for (int i = 0; i < nr; i++) {
		all[i].before = all[i].rounds;
		all[i].cpu_before_ns = charged_ns(&all[i]);
	}
	sleep_ms(atoi(argv[4]));
	for (int i = 0; i < nr; i++) {
		work[i] = (double)(all[i].rounds - all[i].before);
		time[i] = (double)(charged_ns(&all[i]) - all[i].cpu_before_ns);
	}
	phase_ends(phase);
	report_spread(argv[0], "work", work, nr, heavy);
	report_spread(argv[0], "time", time, nr, heavy);
	for (int i = 0; i < nr; i++)
		stop_hog(&all[i]);
	free(work);
	return 0;
}

/* How many of them sit on CPUs below @cpus, less those on others. */
static int tilt(const struct hog *all, int nr, int cpus)
{
	int sum = 0;

	for (int i = 0; i < nr; i++)
		if (all[i].pid)
			sum += all[i].cpu < cpus ? 1 : -1;
	return sum;
}

/*
 * Lets hogs spread, kills those on CPUs from CPUS on, and watches for how long the rest are split
 * unevenly between the two halves: by more than one task. Affinity plays no part.
 */
int skew(int phase, int argc, char **argv)
{
	int nr = atoi(argv[1]), cpus = atoi(argv[2]), ms = atoi(argv[3]), begin, end = 0;
	struct hog *all = start_hogs(nr, 0, 0);
	uint64_t killed, uneven;
	char text[96];

	(void)argc;
	sleep_ms(SETTLE_MS);
	for (int i = 0; i < nr; i++)
		if (all[i].cpu >= cpus)
			stop_hog(&all[i]);
	begin = tilt(all, nr, cpus);
	phase_begins(phase);
	killed = uneven = now_ns();
	while (now_ns() - killed < (uint64_t)ms * 1000000) {
		sleep_ms(50);
		end = tilt(all, nr, cpus);
		if (abs(end) > 1)
			uneven = now_ns();
	}
	phase_ends(phase);
	snprintf(text, sizeof(text), "%s_tilt_before", argv[0]);
	figure(text, begin);
	snprintf(text, sizeof(text), "%s_tilt_after", argv[0]);
	figure(text, end);
	snprintf(text, sizeof(text), "%s_seconds", argv[0]);
	figure(text, (double)(uneven - killed) / 1e9);
	for (int i = 0; i < nr; i++)
		stop_hog(&all[i]);
	return 0;
}
