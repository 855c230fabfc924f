/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The door to the running kernel, through libbpf: sessions and the table of functions.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "backend_bpf.h"
#include "error.h"
#include "libbpf.h"
#include "quiet.h"
#include "sysfs.h"

static void session_close(struct scxi_session *session, bool inherited)
{
	struct scxi_bpf *b = scxi_bpf_of(session);

	if (inherited) {
		if (b->link) {
			/* The parent's run goes on: give up our copy of the descriptor, no more. */
			(void)close(bpf_link__fd(b->link));
			bpf_link__disconnect(b->link);
			(void)bpf_link__destroy(b->link);
		}
		scxi_bpf_object_abandon(b);
	} else {
		scxi_bpf_unload(session);
	}
	if (b->epoll >= 0)
		(void)close(b->epoll);
	if (b->timer >= 0)
		(void)close(b->timer);
	free(b);
}

static int session_open(const struct scx_backend *backend, const struct scxi_source *source,
			const struct scxi_ops_wish *wish, struct scxi_error *err,
			struct scxi_session **ret)
{
	struct scxi_bpf *b = calloc(1, sizeof(*b));
	int error;

	if (!b)
		return -ENOMEM;
	b->session.backend = backend;
	b->source = source;
	b->wish = *wish;
	b->epoll = -1;
	b->timer = -1;
	error = scxi_bpf_wait_open(b);
	if (error)
		(void)scxi_fail_buf(err->buf, err->size, error,
				    "no descriptors for epoll and a timer: %s", strerror(-error));
	else
		error = scxi_bpf_object_open(b, err);
	if (error) {
		session_close(&b->session, false);
		return error;
	}
	*ret = &b->session;
	return 0;
}

static int session_renew(struct scxi_session *session, struct scxi_error *err)
{
	return scxi_bpf_object_open(scxi_bpf_of(session), err);
}

static void session_features(struct scxi_session *session, struct scxi_features *ret)
{
	*ret = scxi_bpf_of(session)->features;
}

static int session_tunables(struct scxi_session *session, scxi_tunable_fn fn, void *arg)
{
	const struct scxi_bpf *b = scxi_bpf_of(session);

	return scxi_object_tunables(b->object, b->record.dump_len, fn, arg);
}

static int session_tunable_write(struct scxi_session *session, const char *name, const void *value,
				 size_t size)
{
	const struct scxi_bpf *b = scxi_bpf_of(session);
	const struct btf *btf = bpf_object__btf(b->object);
	struct scxi_var var;
	void *at;

	/* A file may be another one than it was when it was opened first. */
	if (!scxi_object_var(btf, name, &var) || !scxi_object_is_tunable(btf, &var) ||
	    var.bytes != size)
		return -ENOENT;
	at = scxi_object_initial(b->object, &var);
	if (!at)
		return -ENOENT;
	memcpy(at, value, size);
	return 0;
}

static const char *session_stat_name(struct scxi_session *session, unsigned index)
{
	const struct scxi_bpf *b = scxi_bpf_of(session);
	char name[sizeof(b->features.name) + 8];

	(void)stpcpy(stpcpy(name, b->features.name), "_stat");
	return scxi_object_enumerator(bpf_object__btf(b->object), name, index);
}

static int kernel_cpus(const struct scx_backend *backend, size_t setsize, cpu_set_t *ret_possible,
		       cpu_set_t *ret_online)
{
	(void)backend;
	return scxi_sysfs_cpus(setsize, ret_possible, ret_online);
}

static const char *kernel_synthetic(const struct scx_backend *backend)
{
	(void)backend;
	return NULL;
}

static int kernel_state(const struct scx_backend *backend, struct scxi_state *ret)
{
	(void)backend;
	return scxi_sysfs_state(ret);
}

static int kernel_events(const struct scx_backend *backend, char *buf, size_t size)
{
	int n = scxi_sysfs_read("/sys/kernel/sched_ext/root/events", buf, size);

	(void)backend;
	return n == -ENOENT ? -ENOTSUP : n;
}

struct bpf_object *scxi_backend_kernel_object(const struct scxi_session *session)
{
	return ((const struct scxi_bpf *)(const void *)session)->object;
}

static const struct scxi_backend_ops ops = {
	.name = "kernel",
	.cpus = kernel_cpus,
	.synthetic = kernel_synthetic,
	.state = kernel_state,
	.now = scxi_bpf_now,
	.task = scxi_bpf_task,
	.threads = scxi_bpf_threads,
	.events = kernel_events,
	.open = session_open,
	.features = session_features,
	.tunables = session_tunables,
	.stat_name = session_stat_name,
	.tunable_write = session_tunable_write,
	.load = scxi_bpf_load,
	.attach = scxi_bpf_attach,
	.memory = scxi_bpf_memory,
	.verb = scxi_bpf_verb,
	.end = scxi_bpf_end,
	.detach = scxi_bpf_detach,
	.unload = scxi_bpf_unload,
	.renew = session_renew,
	.close = session_close,
	.fd = scxi_bpf_fd,
	.alarm = scxi_bpf_alarm,
	.wait = scxi_bpf_wait,
};

const struct scx_backend scxi_backend_kernel = { .ops = &ops };
