/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The life of a handle: open and close, and the questions that every state answers.
 *
 * A handle owns copies of all that the caller gave, and one session of a backend. It is undone by
 * scx_close() however far scx_open() came.
 */
#include <scx/scx.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bundle.h"
#include "error.h"
#include "handle.h"
#include "open.h"
#include "options.h"

#define TIMEOUT_MS_MAX 30000 /* SCX_WATCHDOG_MAX_TIMEOUT, kernel/sched/ext */

int scxi_fail(struct scx *scx, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	/* What does not fit is cut off. */
	(void)vsnprintf(scx->errmsg, sizeof(scx->errmsg), fmt, args);
	va_end(args);
	return err;
}

/* A child gets the page without its content. */
static int mark_mine(struct scx *scx)
{
	size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *page =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return -errno;
	scx->mine = page;
	scx->mine_bytes = bytes;
	if (madvise(page, bytes, MADV_WIPEONFORK))
		return -errno;
	*page = 1;
	return 0;
}

bool scxi_is_mine(const struct scx *scx)
{
	return *scx->mine;
}

int scxi_check_owner(struct scx *scx)
{
	if (scxi_is_mine(scx))
		return 0;
	return scxi_fail(scx, -ECHILD,
			 "%s belongs to the parent process: a forked child may only close it",
			 scx->features.name);
}

struct scxi_error scxi_error_of(struct scx *scx)
{
	return (struct scxi_error){ .buf = scx->errmsg, .size = sizeof(scx->errmsg) };
}

const char *scx_version(void)
{
	return SCX_VERSION;
}

const char *scx_bundled(unsigned index)
{
	const struct scxi_bundle *bundle = scxi_bundle_at(index);

	return bundle ? bundle->name : NULL;
}

bool scxi_is_path(const char *scheduler)
{
	size_t len = strlen(scheduler);

	return strchr(scheduler, '/') || (len >= 2 && strcmp(scheduler + len - 2, ".o") == 0);
}

static int check_name(struct scx *scx, const char *scheduler)
{
	char names[512] = "";
	size_t len = 0;
	const char *name;

	if (scxi_is_path(scheduler) || scxi_bundle_find(scheduler))
		return 0;
	for (unsigned i = 0; (name = scx_bundled(i)) && len < sizeof(names); i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "",
					name);
	return scxi_fail(
		scx, -ENOENT,
		"no scheduler \"%.64s\" is in the library, only %s; a path has a '/' in it or ends in \".o\"",
		scheduler, names);
}

/* Copies what to open; the session refers to the copies. */
static int take_source(struct scx *scx, const char *scheduler, const struct scx_open_opts *opts,
		       struct bpf_object *adopt)
{
	int err;

	if (!!scheduler + !!opts->object + !!adopt != 1)
		return scxi_fail(scx, -EINVAL,
				 "one scheduler is needed: a name or path, or an object in memory");
	if (scheduler) {
		/* A backend of the caller's knows other names than we do. */
		err = scx->backend == &scxi_backend_kernel ? check_name(scx, scheduler) : 0;
		if (err)
			return err;
		scx->scheduler = strdup(scheduler);
		if (!scx->scheduler)
			return -ENOMEM;
	}
	if (opts->object) {
		if (!opts->object_bytes)
			return scxi_fail(scx, -EINVAL, "the object in memory has no bytes");
		scx->object = malloc(opts->object_bytes);
		if (!scx->object)
			return -ENOMEM;
		memcpy(scx->object, opts->object, opts->object_bytes);
	}
	scx->source = (struct scxi_source){
		.scheduler = scx->scheduler,
		.object = scx->object,
		.object_bytes = opts->object_bytes,
		.adopt = adopt,
	};
	return 0;
}

static int take_options(struct scx *scx, const struct scx_open_opts *opts)
{
	if (opts->restart > SCX_RESTART_ERRORS)
		return scxi_fail(scx, -EINVAL, "restart %u is none of enum scx_restart",
				 opts->restart);
	if (opts->partial > 1)
		return scxi_fail(scx, -EINVAL, "partial is %u, not 0 or 1", opts->partial);
	if (opts->timeout_ms > TIMEOUT_MS_MAX)
		return scxi_fail(scx, -EINVAL, "timeout_ms is %u, the kernel allows up to %u",
				 opts->timeout_ms, TIMEOUT_MS_MAX);
	scx->restart = (enum scx_restart)opts->restart;
	scx->wish = (struct scxi_ops_wish){
		.partial = opts->partial,
		.timeout_ms = opts->timeout_ms,
		.dump_bytes = opts->dump_bytes,
	};
	return 0;
}

static int open_session(struct scx *scx)
{
	struct scxi_error err_to = scxi_error_of(scx);
	const struct scxi_backend_ops *ops = scx->backend->ops;
	int err;

	err = ops->open(scx->backend, &scx->source, &scx->wish, &err_to, &scx->session);
	if (err)
		return err;
	scx->fresh = true;
	ops->features(scx->session, &scx->features);
	err = scxi_tunables_read(scx);
	return err ? err : scxi_stats_read_names(scx);
}

struct scx *scxi_open(const char *scheduler, struct bpf_object *adopt,
		      const struct scx_open_opts *caller)
{
	struct scx_open_opts opts;
	int err = scxi_options_read(&opts, sizeof(opts), caller);
	struct scx *scx;

	if (err) {
		errno = -scxi_fail_buf(
			caller->errbuf, caller->errbuf_size, err,
			err == -E2BIG ? "an option is set that this version of libscx does not know"
				      : "scx_open_opts.size is not its size");
		return NULL;
	}
	scx = calloc(1, sizeof(*scx));
	if (!scx) {
		errno = -scxi_fail_buf(opts.errbuf, opts.errbuf_size, -ENOMEM, "out of memory");
		return NULL;
	}
	scx->backend = opts.backend ? opts.backend : &scxi_backend_kernel;
	scx->state = SCX_STATE_OPENED;
	err = mark_mine(scx);
	if (!err)
		err = take_options(scx, &opts);
	if (!err)
		err = take_source(scx, scheduler, &opts, adopt);
	if (!err)
		err = open_session(scx);
	if (!err)
		return scx;
	(void)scxi_fail_buf(opts.errbuf, opts.errbuf_size, err, "%s",
			    scx->errmsg[0] ? scx->errmsg : strerror(-err));
	scx_close(scx);
	errno = -err;
	return NULL;
}

struct scx *scx_open(const char *scheduler, const struct scx_open_opts *opts)
{
	return scxi_open(scheduler, NULL, opts);
}

void scx_close(struct scx *scx)
{
	int saved = errno;

	if (!scx)
		return;
	if (scx->session)
		scx->backend->ops->close(scx->session, !scxi_is_mine(scx));
	if (scx->mine)
		(void)munmap((void *)(uintptr_t)scx->mine, scx->mine_bytes); /* our own mapping */
	scxi_report_clear(scx);
	scxi_domains_free(scx);
	scxi_tunables_free(scx);
	free(scx->stat_names);
	free(scx->scheduler);
	free(scx->object);
	free(scx);
	errno = saved;
}

int scx_state(const struct scx *scx)
{
	return (int)scx->state;
}

const char *scx_name(const struct scx *scx)
{
	return scx->features.name;
}

unsigned scx_restarts(const struct scx *scx)
{
	return scx->restarts;
}

const char *scx_errmsg(const struct scx *scx)
{
	return scx->errmsg;
}
