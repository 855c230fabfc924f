// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * Senders that wake each idle worker of theirs every millisecond; a worker notes how long its wake-up
 * took, thinks a little and sleeps. More workers than CPUs, so that wake-ups meet busy ones.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

#define LATENCIES_MAX 100000

struct worker {
	_Atomic int called;
	uint64_t called_ns;
	size_t nr;
	uint64_t latency_ns[LATENCIES_MAX];
};

static struct worker *workers;
static int nr_each, think;
static _Atomic int stop;
static _Atomic uint64_t answered;

static void futex(_Atomic int *word, int operation, int value)
{
	(void)syscall(SYS_futex, word, operation, value, NULL, NULL, 0);
}

static void *work(void *argument)
{
	struct worker *w = argument;

	while (!stop) {
		w->called = 0;
		while (!w->called && !stop)
			futex(&w->called, FUTEX_WAIT_PRIVATE, 0);
		if (stop)
			break;
		if (w->nr < LATENCIES_MAX)
			w->latency_ns[w->nr++] = now_ns() - w->called_ns;
		for (volatile int i = 0; i < think * 100; i++)
			;
		answered++;
	}
	return NULL;
}

static void *send(void *argument)
{
	struct worker *mine = argument;

	while (!stop) {
		for (int i = 0; i < nr_each; i++) {
			if (mine[i].called)
				continue;
			mine[i].called_ns = now_ns();
			mine[i].called = 1;
			futex(&mine[i].called, FUTEX_WAKE_PRIVATE, 1);
		}
		(void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return NULL;
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void report(const char *name, int nr, double seconds)
{
	size_t n = 0, at = 0;
	uint64_t *all;
	char text[64];

	for (int i = 0; i < nr; i++)
		n += workers[i].nr;
	all = calloc(n + 1, sizeof(*all));
	if (!all || !n)
		die("no message arrived");
	for (int i = 0; i < nr; i++)
		for (size_t k = 0; k < workers[i].nr; k++)
			all[at++] = workers[i].latency_ns[k];
	qsort(all, n, sizeof(*all), ascending);
	snprintf(text, sizeof(text), "%s_p50", name);
	figure(text, (double)all[n / 2] / 1000);
	snprintf(text, sizeof(text), "%s_p99", name);
	figure(text, (double)all[n * 99 / 100] / 1000);
	snprintf(text, sizeof(text), "%s_rate", name);
	figure(text, (double)answered / seconds);
}

static void start_thread(void *(*call)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, call, argument))
		die("pthread_create");
}

int messages(int phase, int argc, char **argv)
{
	int senders = atoi(argv[1]), ms = atoi(argv[3]);
	int nr;

	(void)argc;
	nr_each = atoi(argv[2]);
	think = atoi(argv[4]);
	nr = senders * nr_each;
	workers = calloc((size_t)nr, sizeof(*workers));
	if (!workers)
		die("calloc");
	phase_begins(phase);
	for (int i = 0; i < nr; i++)
		start_thread(work, &workers[i]);
	for (int i = 0; i < senders; i++)
		start_thread(send, &workers[i * nr_each]);
	(void)nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL);
	stop = 1;
	phase_ends(phase);
	report(argv[0], nr, ms / 1e3);
	fflush(stdout);
	_exit(0); /* without joining threads that nobody wakes any more */
}
