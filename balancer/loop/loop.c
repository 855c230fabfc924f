/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The loop: read, plan, apply, and when to do so again. It knows the library's public calls only; what
 * it does to a scheduler any program could do.
 *
 * After a move the domains' means are corrected by what moved, as if the task had always been where
 * it is now: else the past of its old domain would be balanced away a second time.
 */
#include "loop.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "options.h"

#define MS 1000000ULL
#define INTERVAL_NS (2000 * MS)	 /* as scx_rusty's: loads of some seconds are worth a migration */
#define HALF_LIFE_NS (1000 * MS) /* likewise */
#define INTERVAL_MIN_NS MS
#define INTERVAL_MAX_NS (3600 * 1000 * MS)
#define SOON 8	       /* a mean over an eighth of the interval is enough to begin with */
#define FAILURES_MAX 5 /* 2^5 intervals: a minute */

int scxi_balancer_fail(struct scx_balancer *b, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(b->errmsg, sizeof(b->errmsg), fmt, args);
	va_end(args);
	return err;
}

static int check(struct scx_balancer_opts *opts)
{
	if (!opts->interval_ns)
		opts->interval_ns = INTERVAL_NS;
	if (!opts->half_life_ns)
		opts->half_life_ns = HALF_LIFE_NS;
	if (opts->half_life_ns == UINT64_MAX)
		opts->half_life_ns = 0;
	if (opts->interval_ns < INTERVAL_MIN_NS || opts->interval_ns > INTERVAL_MAX_NS)
		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, -EINVAL,
				     "interval_ns is %llu: choose 1 ms to 1 h",
				     (unsigned long long)opts->interval_ns);
	if (opts->flags & ~(unsigned)(SCX_BALANCER_DRY_RUN | SCX_BALANCER_ALL_TASKS))
		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, -EINVAL,
				     "flags has 0x%x, which this version does not know",
				     opts->flags);
	return 0;
}

/* The planner, with the balancer's errbuf in place of its own. */
static struct scx_planner *planner_new(const struct scx_balancer_opts *opts)
{
	struct scx_plan_opts plan;
	int err = scxi_options_read(&plan, sizeof(plan), opts->plan);

	if (err) {
		errno = -scxi_fail_buf(opts->errbuf, opts->errbuf_size, err,
				       "an option of the planner is not known to this version");
		return NULL;
	}
	plan.size = sizeof(plan);
	plan.errbuf = opts->errbuf;
	plan.errbuf_size = opts->errbuf_size;
	return scx_planner_new(&plan);
}

struct scx_balancer *scx_balancer_new(struct scx *scx, const struct scx_balancer_opts *caller)
{
	struct scx_balancer_opts opts;
	struct scx_balancer *b;
	int err = scxi_options_read(&opts, sizeof(opts), caller);

	if (err)
		(void)scxi_fail_buf(caller->size >= sizeof(opts) ? caller->errbuf : NULL,
				    caller->size >= sizeof(opts) ? caller->errbuf_size : 0, err,
				    "an option of the balancer is not known to this version");
	if (!err)
		err = check(&opts);
	if (err) {
		errno = -err;
		return NULL;
	}
	b = calloc(1, sizeof(*b));
	if (!b) {
		errno = -scxi_fail_buf(opts.errbuf, opts.errbuf_size, -ENOMEM, "out of memory");
		return NULL;
	}
	b->scx = scx;
	b->interval_ns = opts.interval_ns;
	b->half_life_ns = opts.half_life_ns;
	b->flags = opts.flags;
	b->planner = planner_new(&opts);
	err = b->planner ? scxi_machine_init(&b->machine, opts.topology) : -errno;
	if (err == -ENOMEM)
		(void)scxi_fail_buf(opts.errbuf, opts.errbuf_size, err, "out of memory");
	if (!err) {
		b->snapshot = scx_snapshot_new(scx);
		err = b->snapshot ? 0 : -errno;
		if (!err)
			err = scx_alarm_set(scx, scx_now_ns(scx));
		if (err)
			(void)scxi_fail_buf(opts.errbuf, opts.errbuf_size, err, "%s",
					    scx_errmsg(scx));
	}
	if (err) {
		scx_balancer_free(b);
		errno = -err;
		return NULL;
	}
	return b;
}

void scx_balancer_free(struct scx_balancer *balancer)
{
	if (!balancer)
		return;
	/* Without it the alarm would stay due for nobody; that it cannot be set harms no one else. */
	(void)scx_alarm_set(balancer->scx, 0);
	scxi_machine_end(&balancer->machine);
	scx_snapshot_free(balancer->snapshot);
	scx_planner_free(balancer->planner);
	free(balancer->tasks_past);
	free(balancer->tasks);
	free(balancer->keys);
	free(balancer->allowed);
	free(balancer->requests);
	free(balancer);
}

void scx_balancer_set_planner(struct scx_balancer *balancer, scx_planner_fn *planner, void *arg)
{
	balancer->own_planner = planner;
	balancer->own_arg = arg;
}

static int fail_planner(struct scx_balancer *b, int err)
{
	return scxi_balancer_fail(b, err, "no plan: %s", scx_planner_errmsg(b->planner));
}

/* Reads the tasks that a plan needs. Sets *@ret_new if nothing is known about some of them yet. */
static int look(struct scx_balancer *b, bool *ret_new)
{
	uint32_t wanted[SCX_DOMAIN_MAX];
	int nr = 0, err;

	if (b->own_planner || b->flags & SCX_BALANCER_ALL_TASKS) {
		for (uint32_t d = 0; d < b->input.domain_count; d++)
			if (b->domains[d].flags & SCX_PLAN_DOMAIN_UNREAD)
				wanted[nr++] = d;
		return scxi_gather_tasks(b, wanted, (unsigned)nr, ret_new);
	}
	while ((nr = scx_plan_needed(b->planner, &b->input, wanted)) > 0) {
		err = scxi_gather_tasks(b, wanted, (unsigned)nr, ret_new);
		if (err)
			return err;
		b->round.kind = SCX_ROUND_PLANNED;
	}
	return nr < 0 ? fail_planner(b, nr) : 0;
}

static int plan(struct scx_balancer *b)
{
	int err;

	b->plan = (struct scx_plan){ .size = sizeof(b->plan) };
	if (!b->own_planner) {
		err = scx_balance(b->planner, &b->input, &b->plan);
		return err ? fail_planner(b, err) : 0;
	}
	err = b->own_planner(b->own_arg, &b->input, &b->plan);
	if (err)
		return scxi_balancer_fail(b, err, "no plan: the program's planner says: %s",
					  strerror(-err));
	for (size_t i = 0; i < b->plan.move_count; i++) {
		const struct scx_plan_move *move = scx_plan_at(&b->plan, i);

		if (move->task >= b->input.task_count || move->to >= b->input.domain_count ||
		    move->from >= b->input.domain_count)
			return scxi_balancer_fail(
				b, -EINVAL,
				"move %zu of the program's planner: there is no task %u, or no domain %u or %u",
				i, move->task, move->from, move->to);
	}
	return 0;
}

static void shift(struct scxi_mean *from, struct scxi_mean *to, uint64_t amount)
{
	if (amount > from->load.mean)
		amount = from->load.mean;
	from->load.mean -= amount;
	to->load.mean += amount;
}

/* The task takes its past along. */
static void moved(struct scx_balancer *b, const struct scx_plan_move *move)
{
	const struct scx_plan_task *task = &b->tasks[move->task];
	struct scxi_domain_past *from = &b->domains_past[move->from];
	struct scxi_domain_past *to = &b->domains_past[move->to];

	b->tasks_past[b->keys[move->task].index].moved_ns = b->input.now_ns;
	shift(&from->weight, &to->weight, (uint64_t)task->weight * task->duty);
	shift(&from->tasks, &to->tasks, task->duty);
}

static int apply(struct scx_balancer *b)
{
	size_t nr = b->plan.move_count;
	int err;

	if (!nr || b->flags & SCX_BALANCER_DRY_RUN)
		return 0;
	if (nr > b->room_requests) {
		struct scx_migration_request *more =
			reallocarray(b->requests, nr, sizeof(*b->requests));

		if (!more)
			return scxi_balancer_fail(b, -ENOMEM, "out of memory");
		b->requests = more;
		b->room_requests = nr;
	}
	for (size_t i = 0; i < nr; i++) {
		const struct scx_plan_move *move = scx_plan_at(&b->plan, i);
		const struct scxi_task_key *key = &b->keys[move->task];

		b->requests[i] = (struct scx_migration_request){
			.start_ns = key->start_ns,
			.slot = key->slot,
			.tid = key->tid,
			.domain = move->to,
			.result = -ESRCH,
		};
	}
	err = scx_migrate(b->scx, b->requests, nr, &b->round.queued);
	/* Of several batches the first ones may have been made. */
	for (size_t i = 0; i < nr; i++) {
		if (b->requests[i].result) {
			b->round.refused++;
		} else {
			b->round.moved++;
			moved(b, scx_plan_at(&b->plan, i));
		}
	}
	return err < 0 ? scxi_balancer_fail(b, err, "the plan cannot be applied: %s",
					    scx_errmsg(b->scx))
		       : 0;
}

static int make_round(struct scx_balancer *b)
{
	uint64_t number = b->round.number;
	bool is_new = false, is_step = false;
	int err = scxi_gather_domains(b, &is_step);

	if (err)
		return err;
	b->plan = (struct scx_plan){ .size = sizeof(b->plan) };
	b->round = (struct scx_round){
		.number = number + 1,
		.kind = SCX_ROUND_CALM,
		.time_ns = b->input.now_ns,
		.input = &b->input,
		.plan = &b->plan,
	};
	if (!scx_snapshot_interval_ns(b->snapshot)) {
		b->round.kind = SCX_ROUND_BEGUN;
		return 0;
	}
	err = look(b, &is_new);
	if (err)
		return err;
	/* A load that jumps all the time shall not keep us from ever planning. */
	b->stepped = is_step && !b->stepped;
	if (is_new || b->stepped) {
		b->round.kind = SCX_ROUND_LOOKED;
		return 0;
	}
	if (b->own_planner || b->flags & SCX_BALANCER_ALL_TASKS)
		b->round.kind = SCX_ROUND_PLANNED;
	if (b->round.kind == SCX_ROUND_CALM)
		return 0;
	err = plan(b);
	return err ? err : apply(b);
}

/* Time until the next round. */
static uint64_t pause_ns(const struct scx_balancer *b, int err)
{
	if (err)
		return b->interval_ns << (b->failures < FAILURES_MAX ? b->failures : FAILURES_MAX);
	switch (b->round.kind) {
	case SCX_ROUND_BEGUN:
	case SCX_ROUND_LOOKED:
		return b->interval_ns / SOON;
	case SCX_ROUND_PLANNED:
		return b->plan.move_count ? b->interval_ns / 2 : b->interval_ns;
	default:
		return b->interval_ns;
	}
}

int scx_balancer_round(struct scx_balancer *balancer)
{
	struct scx_balancer *b = balancer;
	uint64_t pause;
	int err, alarm;

	if (scx_state(b->scx) != SCX_STATE_ATTACHED)
		return scxi_balancer_fail(b, -ENOTCONN, "%s is not attached", scx_name(b->scx));
	b->errmsg[0] = '\0';
	err = make_round(b);
	b->failed = err;
	if (err)
		b->failures++;
	/* A round that only looked does not say that planning works again. */
	else if (b->round.kind == SCX_ROUND_CALM || b->round.kind == SCX_ROUND_PLANNED)
		b->failures = 0;
	pause = pause_ns(b, err);
	b->round.pause_ns = pause;
	b->next_ns = scx_now_ns(b->scx) + pause;
	alarm = scx_alarm_set(b->scx, b->next_ns);
	if (!err && alarm)
		err = scxi_balancer_fail(b, alarm, "%s", scx_errmsg(b->scx));
	return err ? err : 1;
}

int scx_balancer_process(struct scx_balancer *balancer)
{
	uint64_t now_ns = scx_now_ns(balancer->scx);

	if (now_ns < balancer->next_ns)
		return 0;
	if (scx_state(balancer->scx) == SCX_STATE_ATTACHED)
		return scx_balancer_round(balancer);
	balancer->next_ns = now_ns + balancer->interval_ns;
	return scx_alarm_set(balancer->scx, balancer->next_ns);
}

const struct scx_round *scx_balancer_last(const struct scx_balancer *balancer)
{
	return balancer->round.number && !balancer->failed ? &balancer->round : NULL;
}

const char *scx_balancer_errmsg(const struct scx_balancer *balancer)
{
	return balancer->errmsg;
}
