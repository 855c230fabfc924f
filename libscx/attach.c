/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Into the kernel and out of it.
 *
 * A session can be loaded once; `fresh` says that it was not yet. Whatever fails on the way leaves
 * nothing in the kernel, and the next try begins with a renewed session. An attach that returned 0
 * is only believed after a look at the scheduler's own record and at the kernel's state: the kernel
 * turns most errors while it enables a scheduler into the scheduler's end.
 */
#include <scx/scx.h>

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "handle.h"

#define MS 1000000ULL
#define POLL_NS (100 * MS)
#define PAUSE_MIN_NS (100 * MS)
#define PAUSE_MAX_NS (30000 * MS)
#define QUIET_NS (30000 * MS) /* a run that lasted this long was none of a row of failures */

static void unload(struct scx *scx)
{
	if (scx->fresh)
		return; /* a restart came no further than to renew it */
	memset(&scx->memory, 0, sizeof(scx->memory));
	if (!scx->emptied)
		scx->backend->ops->unload(scx->session);
	scx->emptied = true;
}

static int make_fresh(struct scx *scx)
{
	struct scxi_error err_to = scxi_error_of(scx);
	int err;

	if (scx->fresh)
		return 0;
	if (!scx->features.renews)
		return scxi_fail(scx, -ENOTSUP,
				 "%s: an adopted object can be loaded once only; open a new one",
				 scx->features.name);
	unload(scx);
	err = scx->backend->ops->renew(scx->session, &err_to);
	if (!err) {
		scx->fresh = true;
		scx->emptied = false;
	}
	return err;
}

static int load(struct scx *scx)
{
	struct scxi_error err_to = scxi_error_of(scx);
	int err = make_fresh(scx);

	if (!err)
		err = scxi_tunables_write(scx);
	if (!err)
		err = scxi_domains_default(scx);
	if (err)
		return err;
	scx->fresh = false;
	scx->runs++;
	err = scx->backend->ops->load(scx->session, &err_to);
	if (!err)
		err = scxi_memory_open(scx);
	if (!err)
		err = scxi_domains_write(scx);
	if (err)
		unload(scx);
	return err;
}

static int ensure_loaded(struct scx *scx)
{
	bool before = scx->state == SCX_STATE_OPENED;
	int err;

	if (scx->state == SCX_STATE_LOADED || scx->state == SCX_STATE_ATTACHED)
		return 0;
	err = load(scx);
	if (!err)
		scx->state = SCX_STATE_LOADED;
	else if (!before)
		scx->state = SCX_STATE_DETACHED;
	return err;
}

/* Does the kernel really schedule with it? If not, the end is in the report. */
static int verify_attached(struct scx *scx)
{
	const struct scxi_backend_ops *ops = scx->backend->ops;
	struct scxi_state kernel;

	if (!scxi_report_take(scx)) {
		if (ops->state(scx->backend, &kernel))
			return 0;
		if (kernel.enabled)
			return 0;
		/* It ended between the two looks, or keeps no record. */
		if (!scxi_report_take(scx))
			scxi_report_unknown(scx);
	}
	return scxi_fail(scx, -ECANCELED, "%s: the kernel ended it while enabling it: %s%s%s",
			 scx->features.name, scx->report.end.reason,
			 scx->report.end.message[0] ? ": " : "", scx->report.end.message);
}

/* Before the verifier is asked, which costs more than all the rest. */
static int check_free(struct scx *scx)
{
	struct scxi_state kernel;

	/* What cannot be read here, the attach will say. */
	if (scx->backend->ops->state(scx->backend, &kernel) || !kernel.enabled)
		return 0;
	return scxi_fail(scx, -EBUSY, "%s: another scheduler is attached%s%s; detach it first",
			 scx->features.name, kernel.name[0] ? ": " : "", kernel.name);
}

int scxi_start(struct scx *scx)
{
	struct scxi_error err_to = scxi_error_of(scx);
	const struct scxi_backend_ops *ops = scx->backend->ops;
	int err = check_free(scx);

	if (!err)
		err = ensure_loaded(scx);
	if (err)
		return err;
	err = ops->attach(scx->session, &err_to);
	if (err)
		return err;
	scxi_report_clear(scx);
	scx->attached_ns = ops->now(scx->backend);
	err = verify_attached(scx);
	if (!err) {
		scx->state = SCX_STATE_ATTACHED;
		scx->poll_ns = scx->attached_ns + POLL_NS;
		err = scxi_alarm_arm(scx);
	}
	if (err) {
		ops->detach(scx->session);
		(void)scxi_report_take(scx); /* a scheduler that keeps no record has none */
		scx->state = SCX_STATE_ENDED;
	}
	return err;
}

int scx_load(struct scx *scx)
{
	int err = scxi_check_owner(scx);

	return err ? err : ensure_loaded(scx);
}

int scx_attach(struct scx *scx)
{
	int err = scxi_check_owner(scx);

	if (err)
		return err;
	if (scx->state == SCX_STATE_ATTACHED)
		return scxi_fail(scx, -EALREADY, "%s is attached already", scx->features.name);
	scx->restarts = 0;
	scx->failures = 0;
	return scxi_start(scx);
}

int scx_detach(struct scx *scx)
{
	int err = scxi_check_owner(scx);

	if (err)
		return err;
	if (scx->state == SCX_STATE_OPENED || scx->state == SCX_STATE_DETACHED)
		return 0;
	if (scx->state == SCX_STATE_ATTACHED) {
		scx->backend->ops->detach(scx->session);
		(void)scxi_report_take(scx); /* a scheduler that keeps no record has none */
	}
	unload(scx);
	scx->state = SCX_STATE_DETACHED;
	(void)scxi_alarm_arm(scx); /* an alarm too many wakes for nothing */
	return 0;
}

static bool may_restart(const struct scx *scx)
{
	const struct scx_end *end = &scx->report.end;

	if (scx->restart == SCX_RESTART_NEVER || !scx->features.renews)
		return false;
	return end->restart || (scx->restart == SCX_RESTART_ERRORS && end->error);
}

static uint64_t pause_ns(unsigned failures)
{
	uint64_t pause = PAUSE_MIN_NS;

	if (!failures)
		return 0;
	while (--failures && pause < PAUSE_MAX_NS)
		pause *= 2;
	return pause < PAUSE_MAX_NS ? pause : PAUSE_MAX_NS;
}

static void plan_retry(struct scx *scx, uint64_t now_ns)
{
	scx->state = SCX_STATE_RESTARTING;
	scx->retry_ns = now_ns + pause_ns(scx->failures);
	scx->failures++;
}

/* Would the same try succeed later? */
static bool is_passing(int err)
{
	return err == -EBUSY || err == -ENOMEM || err == -EAGAIN || err == -EMFILE ||
	       err == -ENFILE || err == -EINTR;
}

static int restart(struct scx *scx, uint64_t now_ns)
{
	int err = scxi_start(scx);

	if (!err) {
		scx->restarts++;
		return 0;
	}
	if (is_passing(err) || (err == -ECANCELED && scx->ended && may_restart(scx))) {
		plan_retry(scx, now_ns);
		return 0;
	}
	scx->state = SCX_STATE_ENDED;
	return err;
}

int scxi_follow(struct scx *scx, uint64_t now_ns)
{
	/* Not in the call that notices the end: attaching forgets the report, which the caller wants. */
	bool due = scx->state == SCX_STATE_RESTARTING && now_ns >= scx->retry_ns;

	if (scx->state == SCX_STATE_ATTACHED && (scx->features.wakes || now_ns >= scx->poll_ns)) {
		scx->poll_ns = now_ns + POLL_NS;
		if (scxi_report_take(scx)) {
			scx->backend->ops->detach(scx->session);
			if (now_ns - scx->attached_ns >= QUIET_NS)
				scx->failures = 0;
			if (may_restart(scx))
				plan_retry(scx, now_ns);
			else
				scx->state = SCX_STATE_ENDED;
		}
	}
	return due ? restart(scx, now_ns) : 0;
}
