/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What the files of the planner share.
 *
 * Units. A duty is in 1/65536 of a CPU (SCX_PLAN_ONE), as in the public header. A load is in units of
 * 2^-20 CPU (SCXI_LOAD_CPU). A pressure is in 1/65536 of the mean (SCXI_PRESSURE_ONE). The state of a domain is
 * kept as exact sums (light: duty times weight of tasks whose weight is feasible; heavy: duty of the
 * others), and load and pressure are computed from these, so that planning on the result of a plan
 * begins in exactly the state in which that plan ended.
 *
 * A candidate is a task that could be moved. The candidates of a domain are one slice of an array;
 * its place in the array is the candidate's number, until they are gathered anew.
 */
#ifndef SCXI_PLAN_H
#define SCXI_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <scx/balance.h>

#define SCXI_LOAD_CPU (1u << 20)
#define SCXI_PRESSURE_ONE 65536u
#define SCXI_PRESSURE_INF UINT64_MAX
#define SCXI_NONE UINT32_MAX

/* Memory that grows and is kept. */
struct scxi_room {
	void *at;
	size_t bytes;
};

struct scxi_domain {
	uint64_t id;
	uint64_t light;	     /* sum of duty * weight over tasks of feasible weight */
	uint64_t heavy;	     /* sum of duty over the others, who get a whole CPU when they run */
	uint64_t duty;	     /* sum of duty over all */
	uint64_t rest_light; /* the part of these that belongs to no task of the input */
	uint64_t rest_heavy;
	uint64_t fair; /* load at the mean pressure; 0: no capacity */
	uint64_t load;
	uint64_t pressure;
	uint64_t spare_duty; /* gives nothing away below this */
	uint32_t capacity;
	uint32_t node;	/* dense number */
	uint32_t first; /* its slice of the candidates */
	uint32_t count;
	uint32_t guests; /* list of candidates that moved in, or SCXI_NONE */
	uint32_t heap_at[2];
	bool open;     /* takes tasks in */
	bool unread;   /* its tasks are not known */
	bool sorted;   /* its slice is in order */
	bool confined; /* some candidate has an allowed set */
	bool hot;      /* was too loaded, is being brought down to the mean */
	bool cold;     /* has too little, is being filled */
	bool stuck;    /* nothing can be done about it in the present state */
	bool wanted;   /* reading its tasks would help */
};

struct scxi_candidate {
	uint32_t task;
	uint32_t load;
	uint32_t rank;	/* of equal loads the smaller goes first */
	uint32_t where; /* its domain now */
	uint32_t step;	/* its last one, or SCXI_NONE */
};

/* A binary heap of domain numbers. Greatest pressure first, or least. */
struct scxi_heap {
	uint32_t *at;
	uint32_t count;
	uint8_t kind;
};
enum { SCXI_HEAP_MAX = 0, SCXI_HEAP_MIN = 1 };

/* A move that was chosen, in the order of choice; a task may have several. */
struct scxi_step {
	uint32_t candidate;
	uint32_t from;
	uint32_t to;
	uint32_t reason;
	uint32_t partner; /* task, or SCXI_NONE */
	uint32_t cost;	  /* in pressure */
	uint32_t gain;	  /* in pressure */
	uint32_t from_ppt;
	uint32_t to_ppt;
};

/* The options, defaults filled in, in pressure and ns. */
struct scxi_policy {
	uint64_t work_max;
	uint64_t moves_max;
	uint64_t cooldown_ns;
	uint64_t recent_ns;
	uint32_t band;
	uint32_t settle; /* a domain that was out of the band is brought this near to the mean */
	uint32_t spare_ppt;
	uint32_t near;
	uint32_t node;
	uint32_t home;
	uint32_t recent;
	uint32_t footprint;
	uint32_t group;
	bool swaps;
};

struct scx_planner {
	struct scxi_policy policy;
	char errmsg[160];

	/* The input, validated, and what is derived from it. */
	struct scx_plan_input in;
	size_t allowed_words;
	uint32_t domain_count;
	uint32_t node_count; /* dense */
	uint64_t capacity;
	uint64_t capacity_duty; /* in duty of the largest CPU */
	uint64_t load;
	uint32_t weight_seen; /* greatest weight */
	bool all_heavy;	      /* there are CPUs for everyone: weights do not matter */
	bool same_size;	      /* all domains have the same capacity */
	uint64_t cap_num;     /* the greatest feasible weight is cap_num / cap_den */
	uint64_t cap_den;
	uint64_t weight_cap; /* that, rounded down */

	struct scxi_domain *domain;
	uint32_t *node_id;	   /* dense -> the caller's */
	struct scxi_heap active;   /* domains to be relieved, greatest pressure first */
	struct scxi_heap *coolest; /* per node: open domains, least pressure first */
	uint32_t cold_count;
	uint64_t cold_room;   /* what the cold domains lacked at the beginning */
	uint64_t wanted_load; /* what domains that were asked for have above the mean */
	uint32_t max_before_ppt;
	uint32_t min_before_ppt;
	size_t group_slots; /* a power of two; 0: groups do not matter */
	size_t group_used;

	struct scxi_candidate *candidate;
	uint32_t candidate_count;
	uint32_t *left; /* for a candidate that left its slice: look further this way */
	uint32_t *right;
	uint32_t *next; /* guests lists */
	uint8_t *gone;	/* left its slice */

	uint32_t step_count;  /* in room.step */
	uint64_t moved_count; /* candidates that are not where they were */
	bool changed;	      /* a step was made since the last look at all domains */
	bool regrouped;	      /* candidates have got other numbers than those in the steps */

	uint64_t work;
	uint64_t skipped;
	uint64_t pinned;
	uint64_t considered;
	uint32_t cut;

	struct {
		struct scxi_room domain, node, heap, candidate, link, step, move, sums, scratch,
			group;
	} room;
};

/* numbers.c: floor(a * b / c), UINT64_MAX when it is larger; c is not 0. */
uint64_t scxi_muldiv(uint64_t a, uint64_t b, uint64_t c);
uint32_t scxi_pressure_ppt(uint64_t pressure);

/* room.c */
int scxi_room_need(struct scxi_room *room, size_t count, size_t size);
void scxi_room_free(struct scxi_room *room);
int scxi_plan_fail(struct scx_planner *p, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* options.c */
int scxi_policy_read(struct scxi_policy *ret_policy, const struct scx_plan_opts *opts);

/* input.c: validates, and adds the tasks up per domain. */
int scxi_input_check(struct scx_planner *p, const struct scx_plan_input *in);
int scxi_input_read(struct scx_planner *p);
bool scxi_task_sound(const struct scx_planner *p, const struct scx_plan_task *task);
const struct scx_plan_task *scxi_task(const struct scx_planner *p, size_t index);
bool scxi_task_allowed(const struct scx_planner *p, const struct scx_plan_task *task,
		       uint32_t domain);

/* capacity.c: which weights are feasible; fair loads; pressures. */
int scxi_capacity_level(struct scx_planner *p);
uint32_t scxi_task_load(const struct scx_planner *p, const struct scx_plan_task *task);
bool scxi_weight_heavy(const struct scx_planner *p, uint32_t weight);
uint64_t scxi_domain_load(const struct scx_planner *p, uint64_t light, uint64_t heavy);
uint64_t scxi_domain_pressure(const struct scx_planner *p, const struct scxi_domain *d,
			      uint64_t load);

/* heap.c */
void scxi_heap_put(struct scx_planner *p, struct scxi_heap *heap, uint32_t domain);
void scxi_heap_remove(struct scx_planner *p, struct scxi_heap *heap, uint32_t domain);
bool scxi_heap_has(const struct scx_planner *p, const struct scxi_heap *heap, uint32_t domain);

/* candidate.c */
int scxi_candidate_collect(struct scx_planner *p);
int scxi_candidate_regroup(struct scx_planner *p);
int scxi_candidate_sort(struct scx_planner *p, uint32_t domain);
void scxi_candidate_move(struct scx_planner *p, uint32_t candidate, uint32_t to);
uint32_t scxi_candidate_below(struct scx_planner *p, uint32_t domain, uint64_t load);
uint32_t scxi_candidate_above(struct scx_planner *p, uint32_t domain, uint64_t load);
uint32_t scxi_candidate_prev(struct scx_planner *p, uint32_t domain, uint32_t candidate);
uint32_t scxi_candidate_next(struct scx_planner *p, uint32_t domain, uint32_t candidate);

/* cost.c: what a move must bridge, in pressure. */
uint32_t scxi_cost_rank(const struct scx_planner *p, const struct scx_plan_task *task,
			uint32_t domain);
uint32_t scxi_cost_way(const struct scx_planner *p, uint32_t from, uint32_t to);
uint32_t scxi_cost_move(const struct scx_planner *p, uint32_t candidate, uint32_t to);
uint32_t scxi_cost_home(const struct scx_planner *p, const struct scx_plan_task *task,
			uint32_t from, uint32_t to);
uint32_t scxi_distance(const struct scx_planner *p, uint32_t from, uint32_t to);
int scxi_cost_groups(struct scx_planner *p);
void scxi_cost_group_moved(struct scx_planner *p, const struct scx_plan_task *task, uint32_t from,
			   uint32_t to);

/* What changes places between two domains: in the sums that their state is made of. */
struct scxi_amount {
	int64_t light;
	int64_t heavy;
	int64_t duty;
};

/* state.c: the domains while the plan grows. */
int scxi_state_begin(struct scx_planner *p);
void scxi_state_wake(struct scx_planner *p);
void scxi_state_again(struct scx_planner *p);
void scxi_state_give_up(struct scx_planner *p, uint32_t domain);
struct scxi_amount scxi_state_amount(const struct scx_planner *p, uint32_t candidate);
int64_t scxi_state_bridge(const struct scx_planner *p, uint32_t from, uint32_t to,
			  const struct scxi_amount *amount);
bool scxi_state_may_move(struct scx_planner *p, const uint32_t *candidates, uint32_t count);
int scxi_state_move(struct scx_planner *p, const struct scxi_step *steps, uint32_t count);

/* search.c, swap.c: return 1 when they made a step, 0 when there is none, or a negative errno. */
bool scxi_search_receives(const struct scx_planner *p, uint32_t from, uint32_t to);
int64_t scxi_search_difference(const struct scxi_domain *a, const struct scxi_domain *b);
uint64_t scxi_search_excess(const struct scxi_domain *d);
uint64_t scxi_search_room(const struct scxi_domain *d);
uint64_t scxi_search_want(const struct scx_planner *p, uint32_t from, uint32_t to);
int scxi_search_move(struct scx_planner *p, uint32_t from);
int scxi_swap(struct scx_planner *p, uint32_t from);

/* plan.c */
int scxi_plan_run(struct scx_planner *p, const struct scx_plan_input *in);

#endif /* SCXI_PLAN_H */
