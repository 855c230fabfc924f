/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The balancer: reads what a running scheduler knows (<scx/snapshot.h>), plans (<scx/balance.h>), and
 * gives tasks other domains (<scx/domain.h>), round after round.
 *
 * It lives in the caller's loop: it starts no thread and sleeps nowhere. Its time is the alarm of the
 * scheduler's handle (scx_alarm_set()), so that scx_fd() and scx_wait() wake for it; a program with
 * a balancer leaves the alarm alone.
 *
 * The kernel's part never waits for it. A round that fails leaves the scheduler attached and tasks
 * where they are; it is made again later, after twice the pause each time.
 *
 * Example:
 *
 *	struct scx_balancer *b = scx_balancer_new(s, NULL);
 *
 *	while (!stop && scx_state(s) != SCX_STATE_ENDED) {
 *		if (scx_balancer_process(b) < 0)
 *			fprintf(stderr, "%s\n", scx_balancer_errmsg(b));
 *		scx_wait(s, -1, UINT64_MAX);
 *		scx_process(s);
 *	}
 *	scx_balancer_free(b);
 */
#ifndef SCX_BALANCER_H
#define SCX_BALANCER_H

#include <stddef.h>
#include <stdint.h>

#include <scx/api.h>
#include <scx/balance.h>

#ifdef __cplusplus
extern "C" {
#endif

struct scx;
struct scx_balancer;
struct scx_topology;

enum scx_balancer_flags {
	SCX_BALANCER_DRY_RUN = 1,   /* plan, but let tasks where they are */
	SCX_BALANCER_ALL_TASKS = 2, /* read all tasks in each round, not only where it is needed */
};

/**
 * struct scx_balancer_opts - how to balance
 * @size:         sizeof(struct scx_balancer_opts)
 * @errbuf:       on failure, gets the sentence that says what is wrong; may be NULL
 * @errbuf_size:  bytes in @errbuf
 * @topology:     how much each CPU can do, and how far the nodes are from each other; only read by
 *                scx_balancer_new(). NULL: all CPUs are equal, and all nodes are as far
 * @plan:         how to plan; NULL: the defaults. Its errbuf is not used
 * @interval_ns:  time between two rounds while all is well, 1 ms .. 1 h; 0: 2 s. Rounds come sooner
 *                while there is something to do
 * @half_life_ns: after this time a measured load counts half; 0: 1 s; UINT64_MAX: only what was
 *                measured since the round before counts
 * @flags:        enum scx_balancer_flags
 */
struct scx_balancer_opts {
	size_t size;
	char *errbuf;
	size_t errbuf_size;
	const struct scx_topology *topology;
	const struct scx_plan_opts *plan;
	uint64_t interval_ns;
	uint64_t half_life_ns;
	unsigned flags;
};

/* What a round did. */
enum scx_round_kind {
	SCX_ROUND_BEGUN =
		1, /* the first one of a run: the counters were read, there are no means yet */
	SCX_ROUND_CALM = 2, /* no domain has too much or too little: no task was read */
	/*
	 * Tasks were read that nothing was known of, or many began or ended; a plan follows soon, when
	 * there are means over some time.
	 */
	SCX_ROUND_LOOKED = 3,
	SCX_ROUND_PLANNED = 4, /* there is a plan, which may be empty */
};

/**
 * struct scx_round - a round
 * @number:    counts from 1
 * @kind:      enum scx_round_kind
 * @reserved:  0
 * @time_ns:   when, by scx_now_ns()
 * @pause_ns:  time until the next one
 * @input:     what was planned for; domain i of it is domain i of the scheduler, those that do not
 *             exist have no capacity
 * @plan:      what was planned
 * @moved:     tasks that changed their domain
 * @queued:    of these, how many were waiting in a queue and changed it at once
 * @refused:   planned moves that were not made: the task had ended, or its affinity had changed
 *
 * Read it through the pointer only, do not copy it: later versions have more fields.
 */
struct scx_round {
	uint64_t number;
	uint32_t kind;
	uint32_t reserved;
	uint64_t time_ns;
	uint64_t pause_ns;
	const struct scx_plan_input *input;
	const struct scx_plan *plan;
	size_t moved;
	size_t queued;
	size_t refused;
};

/**
 * scx_planner_fn - a planner of the caller's own
 * @arg:      as given to scx_balancer_set_planner()
 * @in:       the domains, measured, and all tasks that were runnable lately
 * @ret_plan: its size set, everything else zero; gets the moves, which stay valid until the next
 *            call. Of a move only task, from and to are looked at
 *
 * Returns 0, or a negative errno, which makes the round fail.
 */
typedef int scx_planner_fn(void *arg, const struct scx_plan_input *in, struct scx_plan *ret_plan);

/**
 * scx_balancer_new - get a balancer for a scheduler
 * @scx:  in any state; must live longer than the balancer
 * @opts: may be NULL
 *
 * Sets the alarm of @scx: the first round is due at once.
 *
 * Returns the balancer, or NULL with errno EINVAL (an option out of range), E2BIG (an option that this
 * version does not know), ENOTSUP (the scheduler shares no memory to read), ENOMEM.
 * Threads: not with another call on @scx. Since: 0.1
 */
SCX_API struct scx_balancer *scx_balancer_new(struct scx *scx,
					      const struct scx_balancer_opts *opts);

/**
 * scx_balancer_free - forget a balancer
 * @balancer: may be NULL
 *
 * Takes the alarm of its scheduler back; tasks stay where they are.
 *
 * Threads: not with another call on its struct scx. Since: 0.1
 */
SCX_API void scx_balancer_free(struct scx_balancer *balancer);

/**
 * scx_balancer_set_planner - plan otherwise
 * @balancer: a balancer
 * @planner:  called in each round; NULL: the one of <scx/balance.h>
 * @arg:      handed to @planner
 *
 * All tasks are read in each round then.
 *
 * Threads: not with another call on @balancer. Since: 0.1
 */
SCX_API void scx_balancer_set_planner(struct scx_balancer *balancer, scx_planner_fn *planner,
				      void *arg);

/**
 * scx_balancer_process - make a round if one is due
 * @balancer: a balancer
 *
 * Call it whenever scx_fd() is readable, after scx_process().
 *
 * Returns 1 if a round was made, 0 if none is due or the scheduler is not attached, or a negative errno
 * of a round that failed: the planner's, or as scx_snapshot_read() and scx_migrate(). The caller may
 * go on as before.
 * Threads: not with another call on its struct scx. Since: 0.1
 */
SCX_API int scx_balancer_process(struct scx_balancer *balancer);

/**
 * scx_balancer_round - make a round now
 * @balancer: a balancer
 *
 * Returns as scx_balancer_process(), and -ENOTCONN when the scheduler is not attached.
 * Threads: not with another call on its struct scx. Since: 0.1
 */
SCX_API int scx_balancer_round(struct scx_balancer *balancer);

/**
 * scx_balancer_last - what the last round did
 * @balancer: a balancer
 *
 * Returns the last round, or NULL when there was none or it failed; valid until the next call on
 * @balancer. Threads: not with another call on @balancer. Since: 0.1
 */
SCX_API const struct scx_round *scx_balancer_last(const struct scx_balancer *balancer);

/**
 * scx_balancer_errmsg - what was wrong with the last round
 * @balancer: a balancer
 *
 * Returns a sentence, "" after success; the balancer's, until the next call on it.
 * Threads: not with another call on @balancer. Since: 0.1
 */
SCX_API const char *scx_balancer_errmsg(const struct scx_balancer *balancer);

#ifdef __cplusplus
}
#endif

#endif /* SCX_BALANCER_H */
