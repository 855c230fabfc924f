// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* The public calls: a machine from options, its workload, its tasks. */
#include <scx/model.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "machine.h"
#include "model.h"
#include "task.h"
#include "workload.h"

#define SYNTHETIC "core:8 pu:1"
#define WORDS_MAX 512 /* of a sentence for nobody */

/* Newer options than ours must be zero; a shorter struct means defaults (clone3(2) has the rule). */
static int read_options(struct scx_model_opts *to, const struct scx_model_opts *from)
{
	size_t known = sizeof(*to);

	*to = (struct scx_model_opts){ .size = sizeof(*to) };
	if (!from)
		return 0;
	if (from->size < sizeof(from->size))
		return -EINVAL;
	for (size_t i = known; i < from->size; i++) {
		if (((const unsigned char *)from)[i])
			return -E2BIG;
	}
	memcpy(to, from, from->size < known ? from->size : known);
	return 0;
}

struct scx_model *scx_model_new(const struct scx_model_opts *caller)
{
	struct scx_model_opts o;
	struct scxm_options options;
	struct scx_model *model;
	char none[1];
	int err = read_options(&o, caller);

	if (err) {
		errno = -err;
		return NULL;
	}
	if (!o.errbuf || !o.errbuf_size) {
		o.errbuf = none;
		o.errbuf_size = sizeof(none);
	}
	model = calloc(1, sizeof(*model));
	if (!model)
		return NULL;
	model->backend = (struct scx_backend){ .ops = &scxm_backend_ops, .data = model };
	model->synthetic = strdup(o.synthetic ? o.synthetic : SYNTHETIC);
	options = (struct scxm_options){
		.topology = model->synthetic,
		.seed = o.seed,
		.hz = o.hz,
		.no_costs = o.no_costs,
	};
	if (model->synthetic)
		model->m = scxm_new(&options, o.errbuf, o.errbuf_size);
	if (model->m)
		return model;
	err = errno;
	scx_model_free(model);
	errno = err;
	return NULL;
}

void scx_model_free(struct scx_model *model)
{
	if (!model)
		return;
	scxm_destroy(model->m);
	free(model->synthetic);
	free(model);
}

const struct scx_backend *scx_model_backend(struct scx_model *model)
{
	return &model->backend;
}

int scx_model_workload(struct scx_model *model, const char *text, char *errbuf, size_t errbuf_size)
{
	char none[WORDS_MAX];

	return scxm_workload_open(model->m, text, errbuf && errbuf_size ? errbuf : none,
				  errbuf && errbuf_size ? errbuf_size : sizeof(none));
}

int scx_model_check(struct scx_model *model, char *errbuf, size_t errbuf_size)
{
	char none[WORDS_MAX];

	if (!errbuf || !errbuf_size) {
		errbuf = none;
		errbuf_size = sizeof(none);
	}
	if (model->m->bug[0]) {
		(void)snprintf(errbuf, errbuf_size, "the model contradicts itself at %llu ns: %s",
			       (unsigned long long)scxm_now(model->m), model->m->bug);
		return -EIO;
	}
	return scxm_workload_check(model->m, errbuf, errbuf_size);
}

int scx_model_run(struct scx_model *model, uint64_t ns)
{
	return scxm_run(model->m, scxm_now(model->m) + ns, UINT64_MAX) ? 0 : -EIO;
}

int scx_model_cpu_set_online(struct scx_model *model, unsigned cpu, int online)
{
	int err;

	if (cpu >= model->m->nr_cpus)
		return -ENODEV;
	scxm_outside_begin(model->m);
	err = scxm_cpu_set_online(model->m, (int)cpu, online);
	scxm_outside_end(model->m);
	return err;
}

int scx_model_task(struct scx_model *model, const char *name, unsigned index)
{
	const struct scxm_workload *w = model->m->workload;

	for (const struct scxm_wl_group *g = w ? w->groups : NULL; g; g = g->next) {
		if (strcmp(g->name, name) != 0)
			continue;
		for (const struct scxm_wl_life *l = g->lives; l; l = l->next) {
			if (l->index == index && l->task)
				return l->pid;
		}
	}
	return -ENOENT;
}

uint64_t scx_model_task_ns(struct scx_model *model, int tid)
{
	struct scxm_task *task = scxm_task_by_pid(model->m, tid);

	if (!task)
		return 0;
	if (scxm_is_running(model->m, &task->t))
		scxm_update_curr(model->m, scxm_cpu_of(model->m, &task->t));
	return task->t.se.sum_exec_runtime;
}

int scx_model_task_cpu(struct scx_model *model, int tid)
{
	const struct scxm_task *task = scxm_task_by_pid(model->m, tid);

	return task ? (int)task->t.thread_info.cpu : -ESRCH;
}

uint64_t scx_model_hash(const struct scx_model *model)
{
	return model->m->hash;
}

uint64_t scx_model_events(const struct scx_model *model)
{
	return model->m->clock.popped;
}
