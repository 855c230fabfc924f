// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* The scheduling cycle, under the schedulers of the project. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "enable.h"
#include "scene.h"

struct policy {
	char name[16];
	uint64_t least_ms, most_ms; /* of 1000 that would be fair */
};

ParameterizedTestParameters(cycle, hogs_share_all_cpus)
{
	/* Without a balancer one of atropos's domains may keep nine tasks, the other seven. */
	static struct policy policies[] = { { "simple", 950, 1050 }, { "atropos", 850, 1200 } };

	return cr_make_param_array(struct policy, policies, 2);
}

ParameterizedTest(struct policy *p, cycle, hogs_share_all_cpus)
{
	struct scxm *m = scene_machine("l3:2 core:2 pu:2", 1);
	struct scene_life lives[16];
	struct scxm_task *tasks[16];
	uint64_t sum = 0;

	scene_load(m, p->name);
	scene_attach(m);
	for (int i = 0; i < 16; i++) {
		lives[i] = (struct scene_life){ .run_ns = 1000 * MS };
		tasks[i] = scene_task(m, "hog", 0, NULL, &lives[i]);
	}
	scene_run(m, 2000 * MS);
	cr_expect_not(m->end.ended, "%s", m->end.msg);
	for (int i = 0; i < 16; i++) {
		uint64_t ns = scene_cpu_ns(m, tasks[i]);

		sum += ns;
		cr_expect(ns >= p->least_ms * MS && ns <= p->most_ms * MS,
			  "%s: task %d ran %llu ns", p->name, i, (unsigned long long)ns);
	}
	cr_expect_eq(sum, 8 * 2000 * MS);
	scene_free(m);
}

/* Runs sleepers and hogs of several weights under @name; the hash of all that happened. */
static uint64_t run_mixed(const char *name, uint64_t seed)
{
	struct scxm *m = scene_machine("numa:2 l3:2 core:2 pu:2", seed);
	struct scene_life lives[40];
	uint64_t hash;

	scene_load(m, name);
	scene_attach(m);
	for (int i = 0; i < 40; i++) {
		lives[i] = (struct scene_life){ .run_ns = (uint64_t)(i % 7 + 1) * MS / 3,
						.sleep_ns = i % 3 ? (uint64_t)(i % 5 + 1) * MS : 0,
						.rounds = i % 11 ? 0 : 50 };
		(void)scene_task(m, "mixed", i % 9 - 4, NULL, &lives[i]);
	}
	scene_run(m, 500 * MS);
	cr_expect_not(m->end.ended, "%s: %s", name, m->end.msg);
	cr_expect_eq(m->loops_cut, 0);
	hash = m->hash;
	scene_free(m);
	return hash;
}

Test(cycle, the_same_seed_gives_the_same_trace)
{
	cr_expect_eq(run_mixed("simple", 7), run_mixed("simple", 7));
	cr_expect_eq(run_mixed("atropos", 7), run_mixed("atropos", 7));
}

Test(cycle, simple_gives_cpu_time_by_weight)
{
	struct scxm *m = scene_machine("core:1 pu:1", 1);
	struct scene_life lives[8];
	struct scxm_task *tasks[8];
	uint64_t normal = 0, nice = 0;

	scene_load(m, "simple");
	scene_attach(m);
	/* Many, since the one that just ran is not in the queue when the next one is chosen. */
	for (int i = 0; i < 8; i++) {
		lives[i] = (struct scene_life){ .run_ns = 1000 * MS };
		tasks[i] = scene_task(m, "hog", i % 2 ? 5 : 0, NULL, &lives[i]);
	}
	scene_run(m, 20000 * MS);
	for (int i = 0; i < 8; i++)
		*(i % 2 ? &nice : &normal) += scene_cpu_ns(m, tasks[i]);
	cr_expect_eq(normal + nice, 20000 * MS);
	/* nice 5 has the weight 33 of 100. */
	cr_expect(normal * 100 >= nice * 295 && normal * 100 <= nice * 312, "%llu to %llu ns",
		  (unsigned long long)normal, (unsigned long long)nice);
	scene_free(m);
}

Test(cycle, tasks_go_on_when_the_scheduler_leaves)
{
	struct scxm *m = scene_machine("core:2 pu:1", 1);
	struct scene_life lives[4];
	struct scxm_task *tasks[4];

	scene_load(m, "atropos");
	scene_attach(m);
	for (int i = 0; i < 4; i++) {
		lives[i] = (struct scene_life){ .run_ns = 1000 * MS };
		tasks[i] = scene_task(m, "hog", 0, NULL, &lives[i]);
	}
	scene_run(m, 100 * MS);
	scxm_outside_begin(m);
	scxm_unregister(m);
	scxm_outside_end(m);
	cr_expect_eq(m->end.kind, SCX_EXIT_UNREG);
	cr_expect_str_eq(m->end.reason, "unregistered from user space");
	scene_run(m, 400 * MS);
	for (int i = 0; i < 4; i++) {
		cr_expect_eq(tasks[i]->class, SCXM_CLASS_FAIR);
		cr_expect_geq(scene_cpu_ns(m, tasks[i]), 200 * MS);
	}
	scene_free(m);
}
