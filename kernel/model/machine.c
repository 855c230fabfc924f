// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* A machine from its shape: CPUs with their idle tasks, masks of what they share, the first tasks. */
#include "machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cgroup.h"
#include "dsq.h"
#include "enable.h"
#include "mask.h"
#include "memory.h"
#include "object.h"
#include "task.h"
#include "trace.h"
#include "workload.h"

/* Orders of magnitude of a present server; what a machine really takes has to be measured there. */
static const struct scxm_costs usual_costs = {
	.switch_ns = 1000,
	.wake_ns = 500,
	.llc_ns = 5000,
	.node_ns = 20000,
};

#define NODE_NEAR 10 /* LOCAL_DISTANCE, include/linux/topology.h */
#define NODE_FAR 20  /* REMOTE_DISTANCE */
#define DISABLE_NS 100000
#define EVENTS_MAX 10000000 /* at one time, before the model gives up */

_Thread_local struct scxm *scxm_here;

static int alloc_tables(struct scxm *m, const struct scxm_shape *s)
{
	m->nr_cpus = s->nr_cpus;
	m->nr_cores = s->nr_cores;
	m->nr_llcs = s->nr_llcs;
	m->nr_nodes = s->nr_nodes;
	m->smt = s->nr_cores < s->nr_cpus;
	m->cpus = scxm_alloc(m, s->nr_cpus * sizeof(*m->cpus));
	m->cpu_mask = calloc(s->nr_cpus, sizeof(cpumask_t));
	m->core_mask = calloc(s->nr_cores, sizeof(cpumask_t));
	m->llc_mask = calloc(s->nr_llcs, sizeof(cpumask_t));
	m->nodes = calloc(s->nr_nodes, sizeof(*m->nodes));
	/* Schedulers are handed these. */
	m->idle.cpus = scxm_alloc(m, (s->nr_nodes + 1) * sizeof(cpumask_t));
	m->idle.smts = scxm_alloc(m, (s->nr_nodes + 1) * sizeof(cpumask_t));
	if (!m->cpus || !m->cpu_mask || !m->core_mask || !m->llc_mask || !m->nodes ||
	    !m->idle.cpus || !m->idle.smts)
		return -ENOMEM;
	for (uint32_t i = 0; i < s->nr_nodes; i++) {
		m->nodes[i].distance = calloc(s->nr_nodes, 1);
		if (!m->nodes[i].distance)
			return -ENOMEM;
		for (uint32_t j = 0; j < s->nr_nodes; j++)
			m->nodes[i].distance[j] = i == j ? NODE_NEAR : NODE_FAR;
	}
	return 0;
}

static int init_cpu(struct scxm *m, int nr, const struct scxm_shape *s)
{
	struct scxm_cpu *cpu = &m->cpus[nr];

	cpu->rq.cpu = nr;
	cpu->rq.online = 1;
	cpu->rq.scx.flags = SCX_RQ_ONLINE;
	cpu->active = true;
	cpu->core = s->core[nr];
	cpu->llc = s->llc[nr];
	cpu->node = s->node[nr];
	cpu->capacity = 1024;
	cpu->perf_cur = 1024;
	cpu->run.kind = SCXM_EV_RUN;
	cpu->resched.kind = SCXM_EV_RESCHED;
	cpu->irq.kind = SCXM_EV_IRQ;
	cpu->ksyncs = calloc(m->nr_cpus, sizeof(*cpu->ksyncs));
	if (!cpu->ksyncs)
		return -ENOMEM;
	scxm_dsq_init(&cpu->rq.scx.local_dsq, SCX_DSQ_LOCAL, NULL);
	scxm_dsq_init(&cpu->bypass_dsq, SCX_DSQ_BYPASS, NULL);
	scxm_list_init(&cpu->rq.scx.runnable_list);
	scxm_list_init(&cpu->rq.scx.ddsp_deferred_locals);
	scxm_list_init(&cpu->reenq_users);
	scxm_list_init(&cpu->fair);
	scxm_list_init(&cpu->rt);
	scxm_list_init(&cpu->dl);
	scxm_list_init(&cpu->stops);
	scxm_mask_set(&m->cpu_mask[nr], nr);
	scxm_mask_set(&m->core_mask[cpu->core], nr);
	scxm_mask_set(&m->llc_mask[cpu->llc], nr);
	scxm_mask_set(&m->nodes[cpu->node].cpus, nr);
	scxm_mask_set(&m->possible, nr);
	return 0;
}

static int build(struct scxm *m, const struct scxm_options *o, const struct scxm_shape *s)
{
	int err = scxm_memory_init(m);

	if (!err)
		err = alloc_tables(m, s);
	for (uint32_t i = 0; i < s->nr_cpus && !err; i++)
		err = init_cpu(m, (int)i, s);
	if (err)
		return err;
	m->online = m->active = m->possible;
	m->hz = o->hz ? o->hz : 1000;
	m->tick_ns = 1000000000ULL / m->hz;
	m->kernel = o->kernel ? o->kernel : (uint32_t)SCXM_KERNEL(7, 3);
	m->eager_ticks = o->eager_ticks;
	if (!o->no_costs)
		m->costs = usual_costs;
	m->disable_ns = DISABLE_NS;
	m->events_max = EVENTS_MAX;
	m->random_bpf = scxm_random_new(o->seed, 1);
	m->random_work = scxm_random_new(o->seed, 2);
	m->watchdog.kind = SCXM_EV_WATCHDOG;
	m->bypass_lb.kind = SCXM_EV_BYPASS_LB;
	m->disable.kind = SCXM_EV_DISABLE;
	m->state = SCXM_DISABLED;
	m->dump.cpu = -1;
	scxm_list_init(&m->tasks);
	scxm_list_init(&m->timers);
	err = scxm_cgroups_init(m);
	return err ? err : scxm_tasks_init(m);
}

struct scxm *scxm_new(const struct scxm_options *options, char *errbuf, size_t errbuf_size)
{
	struct scxm_shape *shape = calloc(1, sizeof(*shape));
	struct scxm *m = calloc(1, sizeof(*m));
	int err = shape && m ? 0 : -ENOMEM;

	if (!err)
		err = scxm_shape_parse(options->topology, shape, errbuf, errbuf_size);
	if (!err) {
		err = build(m, options, shape);
		if (err)
			(void)snprintf(errbuf, errbuf_size, "no memory for a machine of %u CPUs",
				       shape->nr_cpus);
	}
	free(shape);
	if (!err)
		return m;
	scxm_destroy(m);
	errno = -err;
	return NULL;
}

void scxm_destroy(struct scxm *m)
{
	if (!m)
		return;
	if (m->sched.used)
		scxm_unregister(m);
	scxm_workload_close(m);
	scxm_object_close(m);
	for (uint32_t i = 0; i < m->nr_cpus && m->cpus; i++)
		free(m->cpus[i].ksyncs);
	for (uint32_t i = 0; i < m->nr_nodes && m->nodes; i++)
		free(m->nodes[i].distance);
	free(m->nodes);
	free(m->cpu_mask);
	free(m->core_mask);
	free(m->llc_mask);
	free(m->by_pid);
	free(m->end.dump);
	scxm_trace_free(m);
	scxm_clock_free(&m->clock);
	scxm_memory_free(m);
	if (scxm_here == m)
		scxm_here = NULL;
	free(m);
}
