/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The event loop, seen from the caller's: one descriptor, one alarm behind it, and the act of
 * handling what is ready.
 *
 * The handle has several times at which there is something to do; the backend has one alarm. It is
 * set only when the nearest of them changes, so that a round in which nothing happened costs no
 * system call.
 */
#include <scx/scx.h>

#include <errno.h>
#include <string.h>

#include "handle.h"
#include "options.h"

#define STOP_NS 1000000000ULL /* how long a stop flag may go unnoticed, as scx.h says */

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return b && (!a || b < a) ? b : a;
}

int scxi_alarm_arm(struct scx *scx)
{
	uint64_t next = scx->alarm_ns;
	int err;

	if (scx->state == SCX_STATE_RESTARTING)
		next = earlier(next, scx->retry_ns);
	if (scx->state == SCX_STATE_ATTACHED && !scx->features.wakes)
		next = earlier(next, scx->poll_ns);
	if (next == scx->armed_ns)
		return 0;
	err = scx->backend->ops->alarm(scx->session, next);
	if (err)
		return scxi_fail(scx, err, "the alarm cannot be set: %s", strerror(-err));
	scx->armed_ns = next;
	return 0;
}

int scx_fd(const struct scx *scx)
{
	int fd = scx->backend->ops->fd(scx->session);

	return fd >= 0 ? fd : -ENOTSUP;
}

uint64_t scx_now_ns(const struct scx *scx)
{
	return scx->backend->ops->now(scx->backend);
}

int scx_alarm_set(struct scx *scx, uint64_t at_ns)
{
	int err = scxi_check_owner(scx);

	if (err)
		return err;
	scx->alarm_ns = at_ns;
	return scxi_alarm_arm(scx);
}

int scx_process(struct scx *scx)
{
	int err = scxi_check_owner(scx), armed;

	if (err)
		return err;
	err = scxi_follow(scx, scx_now_ns(scx));
	armed = scxi_alarm_arm(scx);
	return err ? err : armed;
}

int scx_wait(struct scx *scx, int fd, uint64_t deadline_ns)
{
	int err = scxi_check_owner(scx);

	if (err)
		return err;
	err = scx->backend->ops->wait(scx->session, fd, deadline_ns);
	if (err < 0 && err != -EINTR)
		return scxi_fail(scx, err, "descriptor %d cannot be waited for: %s", fd,
				 strerror(-err));
	return err < 0 ? err : !!(err & SCXI_WAIT_FD);
}

static bool is_running(const struct scx *scx)
{
	return scx->state == SCX_STATE_ATTACHED || scx->state == SCX_STATE_RESTARTING;
}

int scx_run(struct scx *scx, const struct scx_run_opts *caller)
{
	struct scx_run_opts opts;
	uint64_t end_ns = UINT64_MAX;
	int err = scxi_options_read(&opts, sizeof(opts), caller);

	if (err)
		return scxi_fail(scx, err, "an option of scx_run() is not known to this version");
	err = scxi_check_owner(scx);
	if (err)
		return err;
	if (!is_running(scx))
		return scxi_fail(scx, -ENOTCONN, "%s is not attached", scx->features.name);
	if (opts.timeout_ns && opts.timeout_ns < UINT64_MAX - scx_now_ns(scx))
		end_ns = scx_now_ns(scx) + opts.timeout_ns;
	for (;;) {
		uint64_t now_ns, wake_ns = end_ns;

		if (opts.stop && *opts.stop)
			return 0;
		err = scx_process(scx);
		if (err)
			return err;
		if (!is_running(scx))
			return 1;
		now_ns = scx_now_ns(scx);
		/* Nobody but the caller can set a due alarm anew; until then there is no sleep. */
		if (now_ns >= end_ns || (scx->alarm_ns && now_ns >= scx->alarm_ns))
			return 0;
		if (opts.stop && end_ns - now_ns > STOP_NS)
			wake_ns = now_ns + STOP_NS;
		err = scx_wait(scx, opts.use_fd ? opts.fd : -1, wake_ns);
		if (err > 0)
			return 0;
		if (err < 0 && err != -EINTR)
			return err;
	}
}
