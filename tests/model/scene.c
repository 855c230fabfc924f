// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
#include "scene.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/include/scx/verb.h"
#include "check.h"
#include "core.h"
#include "enable.h"
#include "object.h"

struct scxm *scene_machine(const char *topology, uint64_t seed)
{
	struct scxm_options options = { .topology = topology, .seed = seed, .no_costs = true };
	char why[256] = "";
	struct scxm *m = scxm_new(&options, why, sizeof(why));

	cr_assert(m, "%s", why);
	return m;
}

void scene_load(struct scxm *m, const char *name)
{
	char path[512], why[256] = "";
	unsigned char *data;
	FILE *file;
	long n;

	(void)snprintf(path, sizeof(path), "%s/%s.scxm.so", SCENE_SCHEDULERS, name);
	file = fopen(path, "rbe");
	cr_assert(file, "%s: %m", path);
	cr_assert(!fseek(file, 0, SEEK_END));
	n = ftell(file);
	cr_assert(n > 0);
	rewind(file);
	data = malloc((size_t)n);
	cr_assert(data && fread(data, 1, (size_t)n, file) == (size_t)n);
	cr_assert(!fclose(file));
	cr_assert_eq(scxm_object_open(m, data, (size_t)n, why, sizeof(why)), 0, "%s: %s", name,
		     why);
	free(data);
}

/* A domain of each LLC, all others near to it in order. */
static void define_domains(struct scxm *m)
{
	struct scx_verb_init init = { .domains = m->nr_llcs };

	if (scxm_object_verb(m, "scx_verb_init", &init) == -ENOENT)
		return;
	cr_assert_eq(init.result, 0);
	for (uint32_t d = 0; d < m->nr_llcs; d++) {
		struct scx_verb_domain_define def = { .domain = d };

		memcpy(def.cpus, m->llc_mask[d].bits, sizeof(def.cpus));
		def.nr_cpus = (__u32)__builtin_popcountll(def.cpus[0]);
		for (uint32_t i = 1; i < m->nr_llcs; i++)
			def.near[def.nr_near++] = (__u8)((d + i) % m->nr_llcs);
		cr_assert_eq(scxm_object_verb(m, "scx_verb_domain_define", &def), 0);
	}
}

void scene_attach(struct scxm *m)
{
	define_domains(m);
	scxm_outside_begin(m);
	cr_assert_eq(scxm_enable(m, m->object->ops), 0);
	scxm_outside_end(m);
}

static void live(struct scxm *m, struct scxm_task *task, struct scxm_step *step)
{
	struct scene_life *life = task->behaviour;

	(void)m;
	if (life->sleep_ns && !life->slept && life->done) {
		life->slept = true;
		*step = (struct scxm_step){ .verb = SCXM_SLEEP, .value = life->sleep_ns };
		return;
	}
	life->slept = false;
	if (life->rounds && life->done == life->rounds) {
		step->verb = SCXM_EXIT;
		return;
	}
	life->done++;
	*step = (struct scxm_step){ .verb = SCXM_RUN, .value = life->run_ns };
}

struct scxm_task *scene_task(struct scxm *m, const char *name, int nice, const cpumask_t *cpus,
			     struct scene_life *life)
{
	struct scxm_task_plan plan = {
		.comm = name,
		.nice = nice,
		.cpus = cpus,
		.cpu = 0,
		.next = live,
		.behaviour = life,
	};
	struct scxm_task *task;

	scxm_outside_begin(m);
	cr_assert_eq(scxm_task_new(m, &plan, &task), 0);
	scxm_wake_new(m, task);
	scxm_outside_end(m);
	return task;
}

void scene_run(struct scxm *m, uint64_t ns)
{
	uint64_t until = scxm_now(m) + ns;

	for (;;) {
		struct scxm_event *event = scxm_clock_peek(&m->clock);
		bool last = !event || event->at > until;

		scxm_run(m, until, last ? UINT64_MAX : 1);
		cr_assert(scxm_check_all(m), "at %llu ns, event %llu: %s",
			  (unsigned long long)scxm_now(m), (unsigned long long)m->clock.popped,
			  m->bug);
		if (last)
			break;
	}
}

void scene_free(struct scxm *m)
{
	scxm_destroy(m);
}

uint64_t scene_cpu_ns(struct scxm *m, const struct scxm_task *task)
{
	if (scxm_is_running(m, &task->t))
		scxm_update_curr(m, scxm_cpu_of(m, &task->t));
	return task->t.se.sum_exec_runtime;
}
