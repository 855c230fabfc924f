/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What the files of the loop share: the balancer, and what it remembers from round to round.
 */
#ifndef SCXI_LOOP_H
#define SCXI_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include <scx/balancer.h>
#include <scx/domain.h>
#include <scx/scx.h>
#include <scx/snapshot.h>

/* A mean; what it began with is forgotten at the first reading after it. */
struct scxi_mean {
	struct scx_load load;
	bool estimated;
};

/* Of a domain, from round to round. */
struct scxi_domain_past {
	struct scxi_mean weight;
	struct scxi_mean tasks;
	uint64_t read_ns; /* when its tasks were read last; 0: never in this run */
};

/* Of a task, by its slot. */
struct scxi_task_past {
	uint64_t start_ns; /* which task this is about */
	uint64_t moved_ns; /* when we moved it; 0: never */
	struct scxi_mean duty;
};

/* Which task an entry of the planner's input is. */
struct scxi_task_key {
	uint64_t start_ns;
	uint32_t slot;
	uint32_t index;
	int32_t tid;
};

/* How much CPUs can do and how far nodes are apart, copied from the topology. */
struct scxi_machine {
	uint32_t *capacities; /* by CPU; NULL: all are SCX_PLAN_CPU */
	unsigned nr_cpus;
	int *nodes;	     /* kernel numbers, by the planner's */
	uint32_t *distances; /* nr_nodes * nr_nodes; NULL: the planner's default */
	unsigned nr_nodes;
};

struct scx_balancer {
	struct scx *scx;
	struct scx_snapshot *snapshot;
	struct scx_planner *planner;
	scx_planner_fn *own_planner;
	void *own_arg;
	struct scxi_machine machine;
	uint64_t interval_ns;
	uint64_t half_life_ns;
	unsigned flags;
	unsigned failures; /* rounds in a row */
	bool failed;	   /* the last round */
	bool stepped;	   /* the last round saw that a load had changed, and planned nothing */
	uint64_t next_ns;

	struct scxi_domain_past domains_past[SCX_DOMAIN_MAX];
	struct scxi_task_past *tasks_past;
	size_t nr_tasks_past;

	/* The planner's input, of which the arrays are below. */
	struct scx_plan_input input;
	struct scx_plan_domain domains[SCX_DOMAIN_MAX];
	struct scx_plan_task *tasks;
	struct scxi_task_key *keys; /* of the same index */
	size_t room;
	uint64_t *allowed;
	size_t room_allowed; /* in words */

	struct scx_migration_request *requests;
	size_t room_requests;

	struct scx_plan plan;
	struct scx_round round;
	char errmsg[512];
};

/* Writes the sentence, returns @err. */
int scxi_balancer_fail(struct scx_balancer *b, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* machine.c: returns 0 or -ENOMEM. @topology may be NULL. */
int scxi_machine_init(struct scxi_machine *machine, const struct scx_topology *topology);
void scxi_machine_end(struct scxi_machine *machine);
/* The planner's number of the kernel's @node. */
uint32_t scxi_machine_node(const struct scxi_machine *machine, int node);
/* Capacity of the CPUs that are online in domain @info. */
uint32_t scxi_machine_capacity(const struct scxi_machine *machine, struct scx *scx,
			       const struct scx_domain_info *info);

/*
 * gather.c: from the snapshot into the input. Both return 0 or a negative errno, with a sentence;
 * scxi_gather_domains() sets *@ret_step if the load of a domain is not what it was; scxi_gather_tasks()
 * adds the tasks of @nr @domains, which were not read in this round, and sets
 * *@ret_new if there is one whose tasks nothing is known of.
 */
int scxi_gather_domains(struct scx_balancer *b, bool *ret_step);
int scxi_gather_tasks(struct scx_balancer *b, const uint32_t *domains, unsigned nr, bool *ret_new);

#endif /* SCXI_LOOP_H */
