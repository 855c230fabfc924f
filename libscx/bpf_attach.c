/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * A session in the running kernel: load, attach, verbs, memory, end, detach.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "auto.h"
#include "backend_bpf.h"
#include "caps.h"
#include "error.h"
#include "kernel_btf.h"
#include "memory.h"
#include "quiet.h"
#include "sysfs.h"

#define LOG_BYTES 3072

static int no_right(const struct scxi_bpf *b, struct scxi_error *err, const char *verb)
{
	const char *missing = scxi_caps_missing();

	if (missing[0])
		return scxi_fail_buf(err->buf, err->size, -EPERM,
				     "%s: the kernel does not let this process %s it: it lacks %s",
				     b->features.name, verb, missing);
	return scxi_fail_buf(
		err->buf, err->size, -EPERM,
		"%s: the kernel does not let this process %s it, although it has CAP_BPF and CAP_PERFMON: a security module, seccomp, or a user namespace that is not the first forbids it",
		b->features.name, verb);
}

/* Why the kernel refused it, as far as that can be found out. */
static int explain_load(const struct scxi_bpf *b, struct scxi_error *err, int error,
			const char *log)
{
	struct scxi_kernel_btf kernel;
	char names[256] = "";
	int damaged = 0;

	if (error == -EPERM)
		return no_right(b, err, "load");
	if (error == -ENOMEM && !log[0])
		return scxi_fail_buf(err->buf, err->size, error, "out of memory");
	if (!scxi_kernel_btf_open(&kernel)) {
		damaged = scxi_kernel_btf_damage(&kernel, names, sizeof(names));
		scxi_kernel_btf_close(&kernel);
	}
	if (damaged)
		return scxi_fail_buf(
			err->buf, err->size, -ENOTSUP,
			"%s: this kernel's BTF is damaged for %d functions of sched_ext (%s), no scheduler that calls them can be loaded; use another build of this kernel\n%s",
			b->features.name, damaged, names, log);
	/* libbpf says so of a function that the kernel does not have. */
	if (error == -ESRCH)
		error = -ENOTSUP;
	return scxi_fail_buf(err->buf, err->size, error, "%s cannot be loaded: %s\n%s",
			     b->features.name, strerror(-error), log);
}

static void watch_events(struct scxi_bpf *b, bool on)
{
	const struct bpf_map *events = bpf_object__find_map_by_name(b->object, "scx_events");

	if (b->features.wakes && events)
		scxi_bpf_watch(b, bpf_map__fd(events), on);
}

static void trim(char *log)
{
	size_t len = strlen(log);

	while (len && log[len - 1] == '\n')
		log[--len] = '\0';
}

int scxi_bpf_load(struct scxi_session *session, struct scxi_error *err)
{
	struct scxi_bpf *b = scxi_bpf_of(session);
	scxi_auto_free char *log = malloc(LOG_BYTES);
	struct scxi_quiet quiet;
	int error;

	if (!log)
		return scxi_fail_buf(err->buf, err->size, -ENOMEM, "out of memory");
	scxi_quiet_enter(&quiet, log, LOG_BYTES);
	error = scxi_bpf_prepare(b, err);
	if (error) {
		scxi_quiet_leave(&quiet);
		return error;
	}
	error = bpf_object__load(b->object);
	scxi_quiet_leave(&quiet);
	trim(log);
	if (error)
		return explain_load(b, err, error, log);
	b->loaded = true;
	scxi_record_map(&b->record, b->object);
	watch_events(b, true);
	return 0;
}

static int explain_attach(const struct scxi_bpf *b, struct scxi_error *err, int error)
{
	struct scxi_state kernel = { .supported = true };
	const char *name = b->features.name;

	if (error == -EPERM)
		return no_right(b, err, "attach");
	(void)scxi_sysfs_state(&kernel); /* then the name is missing in the sentence */
	if (error == -EBUSY)
		return scxi_fail_buf(err->buf, err->size, error,
				     "%s: another scheduler is attached%s%s; detach it first", name,
				     kernel.name[0] ? ": " : "", kernel.name);
	if (error == -EINVAL)
		return scxi_fail_buf(
			err->buf, err->size, error,
			"%s: the kernel refuses a value in its sched_ext_ops, or CPUs are isolated (isolcpus=); the kernel's log may say more",
			name);
	return scxi_fail_buf(err->buf, err->size, error, "%s cannot be attached: %s", name,
			     strerror(-error));
}

int scxi_bpf_attach(struct scxi_session *session, struct scxi_error *err)
{
	struct scxi_bpf *b = scxi_bpf_of(session);
	struct scxi_state kernel;
	struct scxi_quiet quiet;
	int error;

	scxi_quiet_enter(&quiet, NULL, 0);
	b->link = bpf_map__attach_struct_ops(b->ops);
	error = b->link ? 0 : -errno;
	scxi_quiet_leave(&quiet);
	if (error)
		return explain_attach(b, err, error);
	b->enable_seq = scxi_sysfs_state(&kernel) ? 0 : kernel.enable_seq;
	scxi_bpf_watch(b, bpf_link__fd(b->link), true);
	return 0;
}

/* A scheduler that keeps no record: is it still the one that runs? */
static int has_gone(const struct scxi_bpf *b, struct scxi_end *ret)
{
	struct scxi_state kernel;

	if (!b->link || scxi_sysfs_state(&kernel) ||
	    (kernel.enabled && kernel.enable_seq == b->enable_seq))
		return 0;
	*ret = (struct scxi_end){
		.kind = 1,
		.cpu = -1,
		.reason = "it keeps no record of why it ended; see the kernel's log",
		.message = "",
		.dump = "",
	};
	return 1;
}

int scxi_bpf_end(struct scxi_session *session, struct scxi_end *ret)
{
	struct scxi_bpf *b = scxi_bpf_of(session);

	if (b->record.map_bytes)
		return scxi_record_end(&b->record, b->object, ret);
	return has_gone(b, ret);
}

void scxi_bpf_detach(struct scxi_session *session)
{
	struct scxi_bpf *b = scxi_bpf_of(session);

	if (!b->link)
		return;
	watch_events(b, false);
	scxi_bpf_watch(b, bpf_link__fd(b->link), false);
	/*
	 * Closing is not enough: a child that was forked without exec holds the link too. Before 6.11
	 * the kernel cannot detach it, and closing is what there is.
	 */
	(void)bpf_link_detach(bpf_link__fd(b->link));
	(void)bpf_link__destroy(b->link);
	b->link = NULL;
}

void scxi_bpf_unload(struct scxi_session *session)
{
	struct scxi_bpf *b = scxi_bpf_of(session);

	scxi_bpf_detach(session);
	if (!b->object)
		return;
	if (b->loaded)
		watch_events(b, false);
	b->loaded = false;
	scxi_bpf_object_close(b);
}

int scxi_bpf_verb(struct scxi_session *session, const char *verb, void *arg, size_t size)
{
	struct scxi_bpf *b = scxi_bpf_of(session);
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = arg, .ctx_size_in = (uint32_t)size);
	const struct bpf_program *prog;
	char name[64];

	(void)snprintf(name, sizeof(name), "scx_verb_%s", verb);
	prog = bpf_object__find_program_by_name(b->object, name);
	if (!prog)
		return -ENOTSUP;
	return bpf_prog_test_run_opts(bpf_program__fd(prog), &opts);
}

int scxi_bpf_memory(struct scxi_session *session, struct scxi_memory *ret)
{
	struct scxi_bpf *b = scxi_bpf_of(session);
	size_t data, page = SCX_PAGE_BYTES;
	const struct bpf_map *map;
	struct scx_memory *memory;
	struct scxi_var var;

	if (!b->features.memory || !scxi_object_var(bpf_object__btf(b->object), "scx_memory", &var))
		return -ENOTSUP;
	bpf_object__for_each_map(map, b->object)
	{
		if (bpf_map__type(map) != SCXI_MAP_TYPE_ARENA)
			continue;
		ret->base = bpf_map__initial_value(map, &data);
		ret->bytes = (size_t)bpf_map__max_entries(map) * page;
		if (!ret->base || var.offset + sizeof(*memory) > data)
			return -EPROTO;
		/*
		 * libbpf puts an arena's variables at its beginning, since 1.7 at its end, if the kernel
		 * supports that; which of them is not told. The version shows: in the other place is
		 * a reference, a multiple of 8, or nothing.
		 */
		memory = (void *)(ret->base + var.offset);
		if (SCXI_READ(memory->version) != SCX_MEMORY_VERSION)
			memory = (void *)(ret->base + ret->bytes - (data + page - 1) / page * page +
					  var.offset);
		ret->memory = memory;
		return 0;
	}
	return -ENOTSUP;
}
