/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Fits an open object to the running kernel, before it is loaded:
 *
 *  - members of its sched_ext_ops that the kernel does not have become zero (libbpf leaves out only
 *    those), and with a callback its program is not loaded;
 *  - flags that the kernel does not know are taken out, it would refuse all of them;
 *  - what the caller wishes of any scheduler is entered;
 *  - variables `__SCX_NAME` get the value of the kernel's enumerator SCX_NAME: so the kernel's own
 *    examples, and what is built like them, find constants that moved between releases.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "backend_bpf.h"
#include "error.h"
#include "kernel_btf.h"

#define FLAG_PARTIAL (1ULL << 3) /* SCX_OPS_SWITCH_PARTIAL, the same since 6.12 */
#define DUMP_BYTES 32768	 /* SCX_EXIT_DUMP_DFL_LEN, kernel/sched/ext/internal.h */
#define CONSTANTS_MAX 512

struct constant {
	const char *name; /* without the "__" */
	uint64_t *value;
};

struct prepare {
	struct scxi_bpf *b;
	const struct btf *btf; /* the object's */
	const struct btf_type *type;
	unsigned char *ops;
	const char *type_name; /* "sched_ext_ops", or "sched_ext_ops_cid" */
	size_t type_len;
	const struct btf_type *kernel_type;
	bool has_sched_ext;
	uint64_t all_flags;
	struct constant *constants;
	unsigned nr_constants;
};

static bool member(const struct prepare *p, const char *name, uint32_t size, void **ret)
{
	uint32_t offset, bytes;

	if (!scxi_object_member(p->btf, p->type, name, &offset, &bytes) || bytes != size)
		return false;
	*ret = p->ops + offset;
	return true;
}

static int collect_constant(void *arg, const struct btf *btf, const struct scxi_var *var)
{
	struct prepare *p = arg;
	struct constant *grown;
	uint64_t *value;

	(void)btf;
	if (strncmp(var->name, "__SCX_", 6) != 0 || var->bytes != sizeof(*value) ||
	    strncmp(var->section, ".rodata", 7) != 0 || p->nr_constants >= CONSTANTS_MAX)
		return 0;
	value = scxi_object_initial(p->b->object, var);
	if (!value || (uintptr_t)value % sizeof(*value))
		return 0;
	grown = reallocarray(p->constants, p->nr_constants + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	p->constants = grown;
	grown[p->nr_constants++] = (struct constant){ var->name + 2, value };
	return 0;
}

static void take_enumerator(struct prepare *p, const char *name, uint64_t value)
{
	if (strcmp(name, "SCX_OPS_ALL_FLAGS") == 0)
		p->all_flags = value;
	for (unsigned i = 0; i < p->nr_constants; i++)
		if (strcmp(p->constants[i].name, name) == 0)
			*p->constants[i].value = value;
}

static int look(void *arg, const struct scxi_kernel_btf *kernel, uint32_t id,
		const struct btf_type *t, const char *name)
{
	struct prepare *p = arg;

	(void)id;
	if (btf_is_struct(t) && strncmp(name, "sched_ext_ops", 13) == 0) {
		p->has_sched_ext = p->has_sched_ext || !name[13];
		if (strncmp(name, p->type_name, p->type_len) == 0 && !name[p->type_len])
			p->kernel_type = t;
	}
	if (!btf_is_any_enum(t) || strncmp(name, "scx_", 4) != 0)
		return 0;
	for (unsigned i = 0; i < btf_vlen(t); i++) {
		if (btf_is_enum64(t)) {
			const struct btf_enum64 *e = btf_enum64(t) + i;

			take_enumerator(p, scxi_kernel_btf_string(kernel, e->name_off),
					btf_enum64_value(e));
		} else {
			const struct btf_enum *e = btf_enum(t) + i;
			uint64_t value = btf_kflag(t) ? (uint64_t)e->val : (uint32_t)e->val;

			take_enumerator(p, scxi_kernel_btf_string(kernel, e->name_off), value);
		}
	}
	return 0;
}

static bool kernel_has(const struct prepare *p, const struct scxi_kernel_btf *kernel,
		       const char *name)
{
	const struct btf_member *m = btf_members(p->kernel_type);

	for (unsigned i = 0; i < btf_vlen(p->kernel_type); i++)
		if (strcmp(scxi_kernel_btf_string(kernel, m[i].name_off), name) == 0)
			return true;
	return false;
}

static void drop_unknown(const struct prepare *p, const struct scxi_kernel_btf *kernel)
{
	const struct btf_member *m = btf_members(p->type);

	for (unsigned i = 0; i < btf_vlen(p->type); i++) {
		const char *name = btf__name_by_offset(p->btf, m[i].name_off);
		uint32_t offset, bytes;

		if (name && scxi_object_member(p->btf, p->type, name, &offset, &bytes) &&
		    !kernel_has(p, kernel, name))
			memset(p->ops + offset, 0, bytes);
	}
}

static int missing(struct scxi_error *err, const char *option, const char *name)
{
	return scxi_fail_buf(err->buf, err->size, -ENOTSUP,
			     "%s: the scheduler's sched_ext_ops was compiled without the member %s",
			     option, name);
}

static bool has_callback(const struct prepare *p, const char *name)
{
	void *at;

	return member(p, name, sizeof(void *), &at) && *(void **)at;
}

/* Callbacks of which one is missing make the kernel end the scheduler when a CPU comes or goes. */
static bool follows_cpus(const struct prepare *p)
{
	return (has_callback(p, "cpu_online") && has_callback(p, "cpu_offline")) ||
	       (has_callback(p, "cid_online") && has_callback(p, "cid_offline"));
}

static int enter_wishes(const struct prepare *p, struct scxi_error *err)
{
	const struct scxi_ops_wish *wish = &p->b->wish;
	uint32_t dump_bytes = DUMP_BYTES, *number;
	uint64_t *wide;
	void *at;
	int error;

	if (member(p, "flags", sizeof(*wide), &at)) {
		wide = at;
		if (wish->partial)
			*wide |= FLAG_PARTIAL;
		if (p->all_flags)
			*wide &= p->all_flags;
	} else if (wish->partial) {
		return missing(err, "partial", "flags");
	}
	if (wish->timeout_ms) {
		if (!member(p, "timeout_ms", sizeof(*number), &at))
			return missing(err, "timeout_ms", "timeout_ms");
		*(uint32_t *)at = wish->timeout_ms;
	}
	if (member(p, "exit_dump_len", sizeof(*number), &at)) {
		number = at;
		if (wish->dump_bytes)
			*number = wish->dump_bytes;
		if (*number)
			dump_bytes = *number;
	} else if (wish->dump_bytes) {
		return missing(err, "dump_bytes", "exit_dump_len");
	}
	/* Closes the gap between what the caller knew of the CPUs and the moment of the attach. */
	if (member(p, "hotplug_seq", sizeof(*wide), &at) && !*(uint64_t *)at && !follows_cpus(p))
		*(uint64_t *)at = p->b->hotplug_seq;
	error = p->b->source->adopt ? 0 : scxi_record_size(&p->b->record, p->b->object, dump_bytes);
	if (error)
		return scxi_fail_buf(err->buf, err->size, error,
				     "no room can be made for a dump of %u bytes: %s", dump_bytes,
				     strerror(-error));
	return 0;
}

static int no_type(const struct prepare *p, struct scxi_error *err)
{
	if (p->has_sched_ext)
		return scxi_fail_buf(
			err->buf, err->size, -ENOTSUP,
			"%s: this kernel has no schedulers of the form %.*s; Linux 7.3 or later is needed",
			p->b->features.name, (int)p->type_len, p->type_name);
	return scxi_fail_buf(
		err->buf, err->size, -ENOTSUP,
		"this kernel has no sched_ext; Linux 6.12 or later with CONFIG_SCHED_CLASS_EXT is needed");
}

static int fit(struct prepare *p, struct scxi_error *err)
{
	struct scxi_kernel_btf kernel;
	int error = scxi_kernel_btf_open(&kernel);

	if (error)
		return scxi_fail_buf(
			err->buf, err->size, error == -ENOMEM ? error : -ENOTSUP,
			"this kernel's BTF cannot be read (/sys/kernel/btf/vmlinux: %s); a kernel with CONFIG_DEBUG_INFO_BTF is needed",
			strerror(-error));
	error = scxi_kernel_btf_walk(&kernel, look, p);
	if (!error && !p->kernel_type)
		error = no_type(p, err);
	else if (error)
		error = scxi_fail_buf(err->buf, err->size, -ENOTSUP,
				      "this kernel's BTF is of a kind that is not known");
	if (!error) {
		drop_unknown(p, &kernel);
		error = enter_wishes(p, err);
	}
	scxi_kernel_btf_close(&kernel);
	return error;
}

int scxi_bpf_prepare(struct scxi_bpf *b, struct scxi_error *err)
{
	const struct btf *btf = bpf_object__btf(b->object);
	struct prepare p = {
		.b = b,
		.btf = btf,
		.type = btf__type_by_id(btf, bpf_map__btf_value_type_id(b->ops)),
		.ops = bpf_map__initial_value(b->ops, NULL),
	};
	int error = scxi_object_vars(btf, collect_constant, &p);

	p.type_len = scxi_bpf_ops_type(btf, b->ops, &p.type_name);
	if (error)
		(void)scxi_fail_buf(err->buf, err->size, error, "out of memory");
	else
		error = fit(&p, err);
	free(p.constants);
	return error;
}
