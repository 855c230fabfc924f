// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * A new affinity takes effect at once: from the moment that the call returns a task runs where it may,
 * and soon, whether it ran, waited in a queue or slept, under a full load and without stealing. The
 * last affinity of each round gives back all CPUs.
 */
#include "fixture.h"
#include "workers.h"

#define HOGS 18
#define NAPPERS 6
#define WORKERS (HOGS + NAPPERS)

static const char *const masks[] = {
	"5", "0-3", "4-7", "2", "3-4", "0,7", "1-6", "6", "0-7",
};

/* All of them to the same CPUs. */
static void move_all(const struct worker *workers, uint64_t cpus)
{
	uint64_t seen;

	for (unsigned i = 0; i < WORKERS; i++)
		worker_confine(&workers[i], cpus);
	seen = turn(workers, WORKERS);
	expect(!(seen & ~cpus), "confined to %#llx, they ran on %#llx", (unsigned long long)cpus,
	       (unsigned long long)seen);
}

/* Each to another one. */
static void part(const struct worker *workers, unsigned shift)
{
	for (unsigned i = 0; i < WORKERS; i++)
		worker_confine(&workers[i], 1ULL << (i + shift) % 8);
	(void)turn(workers, WORKERS);
	for (unsigned i = 0; i < WORKERS; i++)
		expect(stage_seen(&workers[i], 1) == 1ULL << (i + shift) % 8,
		       "worker %u was pinned to CPU %u and ran on %#llx", i, (i + shift) % 8,
		       (unsigned long long)stage_seen(&workers[i], 1));
}

int main(int argc, char **argv)
{
	struct worker *workers = workers_new(WORKERS);
	struct scx *scx;

	expect(argc == 2, "affinity TUNABLES");
	stand_above();
	scx = attach_atropos("0-3;4-7", argv[1]);
	workers_start(workers, HOGS, WORK_HOG);
	workers_start(workers + HOGS, NAPPERS, WORK_NAP);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
			step("all on %s", masks[i]);
			move_all(workers, cpu_bits(masks[i]));
			expect_attached(scx);
		}
		step("one after the other");
		for (unsigned shift = 0; shift < 4; shift++)
			part(workers, shift);
		expect_attached(scx);
	}
	workers_stop(workers, WORKERS);
	finish(scx);
	return 0;
}
