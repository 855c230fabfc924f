/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* Scenes for the tests of the model: a machine, a scheduler, tasks that run and sleep. */
#ifndef SCENE_H
#define SCENE_H

#include "machine.h"
#include "task.h"

#define MS 1000000ULL

/* A task that runs and sleeps in turns; @sleep_ns 0: it only runs. */
struct scene_life {
	uint64_t run_ns, sleep_ns;
	uint64_t rounds; /* then it ends; 0: never */
	/* its own */
	uint64_t done;
	bool slept;
};

struct scxm *scene_machine(const char *topology, uint64_t seed);
/* Loads the file of a scheduler that was built for the model (scene_file()), and not more. */
void scene_load(struct scxm *m, const char *name);
/* Attaches what is loaded; atropos gets a domain of each LLC before. */
void scene_attach(struct scxm *m);
struct scxm_task *scene_task(struct scxm *m, const char *name, int nice, const cpumask_t *cpus,
			     struct scene_life *life);
/* Runs, with the model's checks of itself after each event; fails the test if one fails. */
void scene_run(struct scxm *m, uint64_t ns);
void scene_free(struct scxm *m);
uint64_t scene_cpu_ns(struct scxm *m, const struct scxm_task *task);

#endif
