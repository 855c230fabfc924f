/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * Workers: processes that work, and tell where they run.
 *
 * Main divides time into stages, and each worker keeps the set of CPUs that it saw itself on in the
 * stage that is. What a worker saw while the stage changed counts for none, so "since this moment it
 * ran nowhere else" can be said without racing against it. CPUs are 0 .. 63.
 */
#ifndef TESTS_VM_WORKERS_H
#define TESTS_VM_WORKERS_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

enum work {
	WORK_HOG = 1, /* never sleeps */
	WORK_NAP = 2, /* sleeps every few rounds */
};

struct worker {
	_Atomic uint64_t rounds;   /* that it did in all */
	_Atomic uint32_t stage;	   /* that the next two speak of */
	_Atomic uint32_t in_stage; /* rounds */
	_Atomic uint64_t seen;	   /* CPUs, one bit each */
	pid_t pid;
	uint64_t mark; /* the watcher's own */
};

/* Room for workers, none of which runs yet. */
struct worker *workers_new(unsigned nr);
void worker_start(struct worker *worker, enum work work);
void workers_start(struct worker *workers, unsigned nr, enum work work);
void workers_stop(struct worker *workers, unsigned nr);

/* CPU time of a worker. */
uint64_t worker_cpu_ns(const struct worker *worker);

/* Bit n: CPU n of a list such as "0-3". */
uint64_t cpu_bits(const char *list);
void worker_confine(const struct worker *worker, uint64_t cpus);

/* From now on a new stage. */
void stage_begin(void);
/* Every one of them has worked in this stage, so each had a turn. */
void stage_turn(const struct worker *workers, unsigned nr);
/* The CPUs that one or all of them saw in this stage. */
uint64_t stage_seen(const struct worker *workers, unsigned nr);

/* A stage, a turn, and what they saw. */
uint64_t turn(const struct worker *workers, unsigned nr);

/*
 * They come to run on CPUs of @cpus alone, soon; and from then on for @turns more turns of each they
 * run nowhere else.
 */
void expect_settled(const struct worker *workers, unsigned nr, uint64_t cpus, unsigned turns);

/* They come to use all of @cpus together. */
void await_spread(const struct worker *workers, unsigned nr, uint64_t cpus);

#endif
