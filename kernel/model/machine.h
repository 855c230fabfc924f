/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* A machine is built, runs for some simulated time, gains and loses CPUs, is taken apart. */
#ifndef SCXM_MACHINE_H
#define SCXM_MACHINE_H

#include "scxm.h"

struct scxm_options {
	const char *topology; /* hwloc's synthetic words: "pack:2 l3:8 core:8 pu:2" */
	uint64_t seed;
	unsigned hz;	 /* 0: 1000 */
	uint32_t kernel; /* SCXM_KERNEL(); 0: 7.3 */
	bool no_costs;	 /* switches, wake-ups and migrations take no time */
	bool eager_ticks;
};

/* NULL: @errbuf says why. */
struct scxm *scxm_new(const struct scxm_options *options, char *errbuf, size_t errbuf_size);
void scxm_destroy(struct scxm *m);

/* Carries out what is to happen up to @until, at most @events events. False: the model found itself wrong. */
bool scxm_run(struct scxm *m, uint64_t until, uint64_t events);
/* The same; with @attached also until the scheduler ends. */
bool scxm_run_while(struct scxm *m, uint64_t until, uint64_t events, bool attached);

/* What comes from outside the machine happens between these two: on an online CPU. */
void scxm_outside_begin(struct scxm *m);
void scxm_outside_end(struct scxm *m);

/* -EBUSY: the last one; -EALREADY. It goes on while time does: tasks have to leave first. */
int scxm_cpu_set_online(struct scxm *m, int cpu, bool online);
/* The dying CPU's last task has left. */
void scxm_cpu_dead(struct scxm *m, struct scxm_cpu *cpu);

/* synthetic.c: the shape of a machine. */
struct scxm_shape {
	uint32_t nr_cpus, nr_cores, nr_llcs, nr_nodes;
	uint16_t core[SCXM_CPUS_MAX], llc[SCXM_CPUS_MAX], node[SCXM_CPUS_MAX];
};
int scxm_shape_parse(const char *text, struct scxm_shape *shape, char *errbuf, size_t errbuf_size);

#endif
