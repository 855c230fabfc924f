/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The libbpf object of a session: opened from the library's stock, a file or memory, or adopted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "backend_bpf.h"
#include "bundle.h"
#include "error.h"
#include "open.h"
#include "quiet.h"
#include "sysfs.h"

#define OPS_TYPE "sched_ext_ops"
#define OPS_TYPE_CID "sched_ext_ops_cid" /* CPUs by compact ids, since 7.2 */
#define OBJECT_BYTES_MAX (64 << 20)

static const char *what(const struct scxi_source *source)
{
	return source->scheduler ? source->scheduler : "the object in memory";
}

/* A path that cannot be an object is refused in words that say why; libbpf's are about ELF. */
static int check_file(const struct scxi_source *source, struct scxi_error *err)
{
	const char *path = source->scheduler;
	struct stat st;
	int error;

	if (source->object || (!scxi_is_path(path) && scxi_bundle_find(path)))
		return 0;
	if (stat(path, &st)) {
		error = -errno;
		return scxi_fail_buf(err->buf, err->size, error, "%s cannot be opened: %s", path,
				     strerror(-error));
	}
	if (!S_ISREG(st.st_mode) || st.st_size > OBJECT_BYTES_MAX)
		return scxi_fail_buf(err->buf, err->size, -EINVAL, "%s is %s", path,
				     S_ISREG(st.st_mode) ? "far too large for a BPF object"
							 : "not a file");
	return 0;
}

static struct bpf_object *open_source(const struct scxi_source *source)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	const struct scxi_bundle *bundle;

	if (source->object) {
		opts.object_name = "memory";
		return bpf_object__open_mem(source->object, source->object_bytes, &opts);
	}
	bundle = scxi_is_path(source->scheduler) ? NULL : scxi_bundle_find(source->scheduler);
	if (!bundle)
		return bpf_object__open_file(source->scheduler, &opts);
	opts.object_name = bundle->name;
	return bpf_object__open_mem(bundle->object, bundle->bytes, &opts);
}

size_t scxi_bpf_ops_type(const struct btf *btf, const struct bpf_map *map, const char **ret)
{
	const struct btf_type *type = btf__type_by_id(btf, bpf_map__btf_value_type_id(map));
	const char *name = type ? btf__name_by_offset(btf, type->name_off) : NULL;
	const char *suffix = name ? strstr(name, "___") : NULL;

	*ret = name;
	return suffix ? (size_t)(suffix - name) : name ? strlen(name) : 0;
}

static bool is_ops(const struct btf *btf, const struct bpf_map *map)
{
	const char *name;
	size_t len;

	if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
		return false;
	len = scxi_bpf_ops_type(btf, map, &name);
	return (len == strlen(OPS_TYPE) && strncmp(name, OPS_TYPE, len) == 0) ||
	       (len == strlen(OPS_TYPE_CID) && strncmp(name, OPS_TYPE_CID, len) == 0);
}

static int find_ops(struct scxi_bpf *b, struct scxi_error *err)
{
	const struct btf *btf = bpf_object__btf(b->object);
	struct bpf_map *map;

	b->ops = NULL;
	bpf_object__for_each_map(map, b->object)
	{
		if (!btf || !is_ops(btf, map))
			continue;
		if (b->ops)
			return scxi_fail_buf(err->buf, err->size, -EINVAL,
					     "%s has several schedulers: %s and %s; one is needed",
					     what(b->source), bpf_map__name(b->ops),
					     bpf_map__name(map));
		b->ops = map;
	}
	if (!b->ops)
		return scxi_fail_buf(err->buf, err->size, -EINVAL,
				     "%s has no scheduler: no struct_ops map of type " OPS_TYPE
				     " or " OPS_TYPE_CID,
				     what(b->source));
	if (bpf_map__fd(b->ops) >= 0)
		return scxi_fail_buf(err->buf, err->size, -EINVAL,
				     "the adopted object is loaded already; adopt it before that");
	return 0;
}

static bool has_program(const struct bpf_object *object, const char *name)
{
	return bpf_object__find_program_by_name(object, name);
}

static void read_features(struct scxi_bpf *b)
{
	const struct btf *btf = bpf_object__btf(b->object);
	const struct btf_type *type = btf__type_by_id(btf, bpf_map__btf_value_type_id(b->ops));
	struct scxi_features *f = &b->features;
	const struct bpf_map *events = bpf_object__find_map_by_name(b->object, "scx_events");
	const char *ops = bpf_map__initial_value(b->ops, NULL);
	uint32_t offset, bytes;
	struct scxi_var var;

	memset(f, 0, sizeof(*f));
	if (ops && scxi_object_member(btf, type, "name", &offset, &bytes) &&
	    bytes <= sizeof(f->name)) {
		memcpy(f->name, ops + offset, bytes);
		f->name[sizeof(f->name) - 1] = '\0';
	}
	f->memory = scxi_object_var(btf, "scx_memory", &var) &&
		    strncmp(var.section, ".addr_space.1", 13) == 0;
	f->domains = f->memory && has_program(b->object, "scx_verb_domain_define");
	f->migrate = f->memory && has_program(b->object, "scx_verb_migrate");
	f->wakes = b->record.found && events && bpf_map__type(events) == BPF_MAP_TYPE_RINGBUF;
	f->renews = !b->source->adopt;
}

int scxi_bpf_object_open(struct scxi_bpf *b, struct scxi_error *err)
{
	char log[512] = "";
	struct scxi_quiet quiet;
	size_t len;
	int error;

	b->object = b->source->adopt;
	if (!b->object) {
		error = check_file(b->source, err);
		if (error)
			return error;
		scxi_quiet_enter(&quiet, log, sizeof(log));
		b->object = open_source(b->source);
		error = b->object ? 0 : -errno;
		scxi_quiet_leave(&quiet);
		for (len = strlen(log); len && log[len - 1] == '\n'; len--)
			log[len - 1] = '\0';
		if (!b->object) {
			/* libbpf has numbers of its own, from 4000 on. */
			if (error <= -4000)
				error = -EINVAL;
			return scxi_fail_buf(err->buf, err->size, error,
					     "%s is not a BPF object that can be read: %s%s%s",
					     what(b->source), strerror(-error), log[0] ? "\n" : "",
					     log);
		}
	}
	scxi_record_find(&b->record, b->object);
	/* What the kernel compares at enable; 0, no check, where the file is missing. */
	if (scxi_sysfs_read_u64("/sys/kernel/sched_ext/hotplug_seq", &b->hotplug_seq))
		b->hotplug_seq = 0;
	error = find_ops(b, err);
	if (error)
		scxi_bpf_object_close(b);
	else
		read_features(b);
	return error;
}

void scxi_bpf_object_close(struct scxi_bpf *b)
{
	scxi_record_unmap(&b->record);
	if (!b->source->adopt)
		bpf_object__close(b->object);
	b->object = NULL;
}

/* Is the place of the parent's arena still free in this child? If so it is taken. */
static bool take_place(const struct bpf_map *map)
{
	size_t bytes, page = (size_t)sysconf(_SC_PAGESIZE);
	void *place;

	if (bpf_map__type(map) != SCXI_MAP_TYPE_ARENA)
		return true;
	place = bpf_map__initial_value(map, &bytes);
	if (!place)
		return true;
	bytes = bpf_map__max_entries(map) * page;
	return mmap(place, bytes, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1,
		    0) == place;
}

/*
 * In a forked child: an arena is not mapped there, and libbpf would unmap whatever the child has put
 * in its place since. So its place is taken first; if that is not possible, only the descriptors are
 * closed, and the child keeps some memory that it never asked for.
 */
void scxi_bpf_object_abandon(struct scxi_bpf *b)
{
	struct bpf_program *prog;
	const struct bpf_map *map;
	bool free = true;

	if (!b->object || b->source->adopt)
		return;
	if (b->loaded)
		bpf_object__for_each_map(map, b->object) free = free && take_place(map);
	if (free) {
		scxi_bpf_object_close(b);
		return;
	}
	scxi_record_unmap(&b->record);
	bpf_object__for_each_map(map, b->object)(void) close(bpf_map__fd(map));
	bpf_object__for_each_program(prog, b->object)(void) close(bpf_program__fd(prog));
}
