/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * A scheduler's own BTF: see object_btf.h. libbpf has parsed and checked it; ids that it holds are
 * still looked up with care, since an object may come from a stranger.
 */
#include "object_btf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "auto.h"

#define CHAIN_MAX 32 /* of modifiers and typedefs */
#define VALUES_MAX 256

const struct btf_type *scxi_object_type(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	for (unsigned i = 0; t && i < CHAIN_MAX; i++) {
		if (!btf_is_mod(t) && !btf_is_typedef(t))
			return t;
		t = btf__type_by_id(btf, t->type);
	}
	return NULL;
}

static const char *name_of(const struct btf *btf, uint32_t offset)
{
	const char *name = btf__name_by_offset(btf, offset);

	return name ? name : "";
}

static int section_vars(const struct btf *btf, const struct btf_type *section, scxi_var_fn fn,
			void *arg)
{
	const struct btf_var_secinfo *info = btf_var_secinfos(section);

	for (unsigned i = 0; i < btf_vlen(section); i++, info++) {
		const struct btf_type *t = btf__type_by_id(btf, info->type);
		struct scxi_var var;
		int err;

		if (!t || !btf_is_var(t))
			continue;
		var = (struct scxi_var){
			.name = name_of(btf, t->name_off),
			.section = name_of(btf, section->name_off),
			.id = info->type,
			.type = t->type,
			.offset = info->offset,
			.bytes = info->size,
			.global = btf_var(t)->linkage == BTF_VAR_GLOBAL_ALLOCATED,
		};
		err = fn(arg, btf, &var);
		if (err)
			return err;
	}
	return 0;
}

int scxi_object_vars(const struct btf *btf, scxi_var_fn fn, void *arg)
{
	uint32_t nr = btf ? btf__type_cnt(btf) : 0;

	for (uint32_t id = 1; id < nr; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		int err = 0;

		if (t && btf_is_datasec(t))
			err = section_vars(btf, t, fn, arg);
		if (err)
			return err;
	}
	return 0;
}

struct wanted {
	const char *name;
	struct scxi_var *ret;
};

static int match_var(void *arg, const struct btf *btf, const struct scxi_var *var)
{
	const struct wanted *wanted = arg;

	(void)btf;
	if (strcmp(var->name, wanted->name) != 0)
		return 0;
	*wanted->ret = *var;
	return 1;
}

bool scxi_object_var(const struct btf *btf, const char *name, struct scxi_var *ret)
{
	struct wanted wanted = { name, ret };

	return scxi_object_vars(btf, match_var, &wanted) == 1;
}

void *scxi_object_initial(const struct bpf_object *object, const struct scxi_var *var)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(object, var->section);
	size_t bytes = 0;
	char *value = map ? bpf_map__initial_value(map, &bytes) : NULL;

	if (!value || var->offset > bytes || var->bytes > bytes - var->offset)
		return NULL;
	return value + var->offset;
}

bool scxi_object_member(const struct btf *btf, const struct btf_type *type, const char *name,
			uint32_t *ret_offset, uint32_t *ret_bytes)
{
	const struct btf_member *m = btf_members(type);

	for (unsigned i = 0; i < btf_vlen(type); i++) {
		int64_t bytes;

		if (strcmp(name_of(btf, m[i].name_off), name) != 0)
			continue;
		bytes = btf__resolve_size(btf, m[i].type);
		if (bytes < 0 || btf_member_bitfield_size(type, i) ||
		    btf_member_bit_offset(type, i) % 8)
			return false;
		*ret_offset = btf_member_bit_offset(type, i) / 8;
		*ret_bytes = (uint32_t)bytes;
		return *ret_offset + *ret_bytes <= type->size;
	}
	return false;
}

static bool is_volatile(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	for (unsigned i = 0; t && i < CHAIN_MAX && (btf_is_mod(t) || btf_is_typedef(t)); i++) {
		if (btf_is_volatile(t))
			return true;
		/* Of an array it is the elements that are volatile. */
		t = btf__type_by_id(btf, t->type);
	}
	return t && btf_is_array(t) && btf_array(t)->type != id &&
	       is_volatile(btf, btf_array(t)->type);
}

bool scxi_object_is_tunable(const struct btf *btf, const struct scxi_var *var)
{
	return var->global && strncmp(var->section, ".rodata", 7) == 0 &&
	       strncmp(var->name, "__", 2) != 0 && is_volatile(btf, var->type);
}

/* Fills kind, size and values by the type. */
static bool read_type(const struct btf *btf, const struct scxi_var *var, struct scxi_tunable *t,
		      struct scxi_tunable_value *values)
{
	const struct btf_type *type = scxi_object_type(btf, var->type), *of;

	if (!type || !var->bytes)
		return false;
	t->size = var->bytes;
	if (btf_is_array(type)) {
		of = scxi_object_type(btf, btf_array(type)->type);
		t->kind = SCXI_TUNABLE_STRING;
		return of && btf_is_int(of) && of->size == 1;
	}
	if (t->size != 1 && t->size != 2 && t->size != 4 && t->size != 8)
		return false;
	if (btf_is_int(type)) {
		if (btf_int_encoding(type) & BTF_INT_BOOL)
			t->kind = SCXI_TUNABLE_BOOL;
		else
			t->kind = btf_int_encoding(type) & BTF_INT_SIGNED ? SCXI_TUNABLE_SIGNED
									  : SCXI_TUNABLE_UNSIGNED;
		return true;
	}
	if (!btf_is_any_enum(type))
		return false;
	t->kind = btf_kflag(type) ? SCXI_TUNABLE_SIGNED : SCXI_TUNABLE_UNSIGNED;
	t->values = values;
	for (unsigned i = 0; i < btf_vlen(type) && i < VALUES_MAX; i++) {
		const struct btf_enum *e = btf_enum(type) + i;
		const struct btf_enum64 *e64 = btf_enum64(type) + i;
		bool wide = btf_is_enum64(type);

		values[t->nr_values++] = (struct scxi_tunable_value){
			.name = name_of(btf, wide ? e64->name_off : e->name_off),
			.value = wide		   ? (int64_t)btf_enum64_value(e64)
				 : btf_kflag(type) ? e->val
						   : (int64_t)(uint32_t)e->val,
		};
	}
	return true;
}

static void read_tags(const struct btf *btf, const struct scxi_var *var, struct scxi_tunable *t)
{
	uint32_t nr = btf__type_cnt(btf);

	for (uint32_t id = 1; id < nr && t->nr_tags < 8; id++) {
		const struct btf_type *tag = btf__type_by_id(btf, id);

		if (tag && btf_is_decl_tag(tag) && tag->type == var->id &&
		    btf_decl_tag(tag)->component_idx == -1)
			t->tags[t->nr_tags++] = name_of(btf, tag->name_off);
	}
}

struct tunables {
	const struct bpf_object *object;
	const char *hidden;
	scxi_tunable_fn fn;
	void *arg;
	struct scxi_tunable_value *values;
};

static int visit(void *arg, const struct btf *btf, const struct scxi_var *var)
{
	const struct tunables *walk = arg;
	struct scxi_tunable t = { .name = var->name };

	if (!scxi_object_is_tunable(btf, var) ||
	    (walk->hidden && strcmp(var->name, walk->hidden) == 0))
		return 0;
	t.initial = scxi_object_initial(walk->object, var);
	if (!t.initial || !read_type(btf, var, &t, walk->values))
		return 0;
	read_tags(btf, var, &t);
	return walk->fn(walk->arg, &t);
}

int scxi_object_tunables(const struct bpf_object *object, const char *hidden, scxi_tunable_fn fn,
			 void *arg)
{
	scxi_auto_free struct scxi_tunable_value *values = calloc(VALUES_MAX, sizeof(*values));
	struct tunables walk = { object, hidden, fn, arg, values };

	if (!values)
		return -ENOMEM;
	return scxi_object_vars(bpf_object__btf(object), visit, &walk);
}

const char *scxi_object_enumerator(const struct btf *btf, const char *enum_name, int64_t value)
{
	int id = btf__find_by_name_kind(btf, enum_name, BTF_KIND_ENUM);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;

	for (unsigned i = 0; t && i < btf_vlen(t); i++)
		if (btf_enum(t)[i].val == value)
			return name_of(btf, btf_enum(t)[i].name_off);
	return NULL;
}
