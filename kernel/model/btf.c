// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * A reader of BTF (Documentation/bpf/btf.rst), from the section .BTF of an ELF file. Type ids that
 * point nowhere are "void", offsets of strings that do are "".
 */
#include "btf.h"

#include <elf.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32 /* modifiers around a type, before it is taken to be a loop */

struct scxm_btf {
	const char *strings;
	uint32_t string_bytes;
	const struct btf_type **types; /* [0] is void */
	uint32_t nr_types;
};

static const unsigned char *find_section(const unsigned char *elf, size_t bytes, size_t *ret_bytes)
{
	const Elf64_Ehdr *eh = (const void *)elf;
	const Elf64_Shdr *sh, *names;

	if (bytes < sizeof(*eh) || memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0 ||
	    eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_shentsize != sizeof(*sh) ||
	    eh->e_shoff > bytes || bytes - eh->e_shoff < eh->e_shnum * sizeof(*sh) ||
	    eh->e_shstrndx >= eh->e_shnum || eh->e_shoff % 8)
		return NULL;
	sh = (const void *)(elf + eh->e_shoff);
	names = &sh[eh->e_shstrndx];
	if (names->sh_offset > bytes || names->sh_size > bytes - names->sh_offset)
		return NULL;
	for (unsigned i = 0; i < eh->e_shnum; i++) {
		if (sh[i].sh_name + sizeof(".BTF") > names->sh_size ||
		    memcmp(elf + names->sh_offset + sh[i].sh_name, ".BTF", sizeof(".BTF")) != 0)
			continue;
		if (sh[i].sh_offset > bytes || sh[i].sh_size > bytes - sh[i].sh_offset)
			return NULL;
		*ret_bytes = sh[i].sh_size;
		return elf + sh[i].sh_offset;
	}
	return NULL;
}

/* Bytes behind a type's head. */
static size_t extra_bytes(const struct btf_type *t)
{
	size_t n = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return n * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	default:
		return 0;
	}
}

static bool index_types(struct scxm_btf *btf, const unsigned char *at, size_t bytes)
{
	uint32_t room = (uint32_t)(bytes / sizeof(struct btf_type)) + 1;

	btf->types = calloc(room, sizeof(*btf->types));
	if (!btf->types)
		return false;
	btf->nr_types = 1;
	while (bytes >= sizeof(struct btf_type)) {
		const struct btf_type *t = (const void *)at;
		size_t size = sizeof(*t) + extra_bytes(t);

		if (size > bytes)
			return false;
		btf->types[btf->nr_types++] = t;
		at += size;
		bytes -= size;
	}
	return bytes == 0;
}

struct scxm_btf *scxm_btf_open(const void *elf, size_t bytes)
{
	const struct btf_header *h;
	const unsigned char *data;
	struct scxm_btf *btf;
	size_t size = 0, left;

	data = find_section(elf, bytes, &size);
	if (!data || size < sizeof(*h))
		return NULL;
	h = (const void *)data;
	if (h->magic != BTF_MAGIC || h->hdr_len > size)
		return NULL;
	left = size - h->hdr_len;
	if (h->type_off > left || h->type_len > left - h->type_off || h->str_off > left ||
	    h->str_len > left - h->str_off || !h->str_len || (h->hdr_len + h->type_off) % 4)
		return NULL;
	btf = calloc(1, sizeof(*btf));
	if (!btf)
		return NULL;
	btf->strings = (const char *)(data + h->hdr_len + h->str_off);
	btf->string_bytes = h->str_len;
	if (btf->strings[h->str_len - 1] == '\0' &&
	    index_types(btf, data + h->hdr_len + h->type_off, h->type_len))
		return btf;
	scxm_btf_close(btf);
	return NULL;
}

void scxm_btf_close(struct scxm_btf *btf)
{
	if (!btf)
		return;
	free(btf->types);
	free(btf);
}

static const char *string_at(const struct scxm_btf *btf, uint32_t offset)
{
	return offset < btf->string_bytes ? btf->strings + offset : "";
}

static const struct btf_type *type_at(const struct scxm_btf *btf, uint32_t id)
{
	static const struct btf_type none;

	return id && id < btf->nr_types ? btf->types[id] : &none;
}

static unsigned kind_of(const struct btf_type *t)
{
	return BTF_INFO_KIND(t->info);
}

/* Without const, volatile, typedef and tags. */
static uint32_t bare(const struct scxm_btf *btf, uint32_t id)
{
	for (unsigned i = 0; i < DEPTH_MAX; i++) {
		const struct btf_type *t = type_at(btf, id);

		switch (kind_of(t)) {
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_TYPE_TAG:
			id = t->type;
			break;
		default:
			return id;
		}
	}
	return 0;
}

static uint32_t bytes_of(const struct scxm_btf *btf, uint32_t id)
{
	uint64_t times = 1;

	for (unsigned i = 0; i < DEPTH_MAX; i++) {
		const struct btf_type *t = type_at(btf, bare(btf, id));
		const struct btf_array *a = (const void *)(t + 1);

		if (kind_of(t) == BTF_KIND_PTR)
			return (uint32_t)(times * 8);
		if (kind_of(t) != BTF_KIND_ARRAY)
			return kind_of(t) == BTF_KIND_UNKN ? 0 : (uint32_t)(times * t->size);
		times *= a->nelems;
		id = a->type;
	}
	return 0;
}

bool scxm_btf_var(const struct scxm_btf *btf, unsigned index, struct scxm_btf_var *ret)
{
	for (uint32_t id = 1; id < btf->nr_types; id++) {
		const struct btf_type *t = btf->types[id];
		const struct btf_var_secinfo *s = (const void *)(t + 1);

		if (kind_of(t) != BTF_KIND_DATASEC)
			continue;
		if (index >= BTF_INFO_VLEN(t->info)) {
			index -= BTF_INFO_VLEN(t->info);
			continue;
		}
		s += index;
		*ret = (struct scxm_btf_var){
			.name = string_at(btf, type_at(btf, s->type)->name_off),
			.section = string_at(btf, t->name_off),
			.id = s->type,
			.type = type_at(btf, s->type)->type,
			.bytes = bytes_of(btf, type_at(btf, s->type)->type),
		};
		return true;
	}
	return false;
}

uint32_t scxm_btf_map_fact(const struct scxm_btf *btf, uint32_t type, const char *name)
{
	const struct btf_type *t = type_at(btf, bare(btf, type));
	const struct btf_member *m = (const void *)(t + 1);

	if (kind_of(t) != BTF_KIND_STRUCT)
		return 0;
	for (unsigned i = 0; i < BTF_INFO_VLEN(t->info); i++) {
		const struct btf_type *p = type_at(btf, bare(btf, m[i].type)), *to;

		if (strcmp(string_at(btf, m[i].name_off), name) != 0 || kind_of(p) != BTF_KIND_PTR)
			continue;
		/* A number is how long the array is that it points to. */
		to = type_at(btf, bare(btf, p->type));
		if (strcmp(name, "key") != 0 && strcmp(name, "value") != 0)
			return kind_of(to) == BTF_KIND_ARRAY
				       ? ((const struct btf_array *)(const void *)(to + 1))->nelems
				       : 0;
		return bytes_of(btf, p->type);
	}
	return 0;
}

enum scxm_btf_class scxm_btf_class(const struct scxm_btf *btf, uint32_t type, uint32_t *enum_type)
{
	uint32_t id = bare(btf, type);
	const struct btf_type *t = type_at(btf, id);
	uint32_t info;

	*enum_type = 0;
	switch (kind_of(t)) {
	case BTF_KIND_INT:
		memcpy(&info, t + 1, sizeof(info));
		if (BTF_INT_ENCODING(info) & BTF_INT_BOOL)
			return SCXM_BTF_BOOL;
		return BTF_INT_ENCODING(info) & BTF_INT_SIGNED ? SCXM_BTF_SIGNED
							       : SCXM_BTF_UNSIGNED;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		*enum_type = id;
		return BTF_INFO_KFLAG(t->info) ? SCXM_BTF_SIGNED : SCXM_BTF_UNSIGNED;
	case BTF_KIND_ARRAY:
		t = type_at(btf,
			    bare(btf, ((const struct btf_array *)(const void *)(t + 1))->type));
		return kind_of(t) == BTF_KIND_INT && t->size == 1 ? SCXM_BTF_STRING
								  : SCXM_BTF_OTHER;
	default:
		return SCXM_BTF_OTHER;
	}
}

bool scxm_btf_is_volatile(const struct scxm_btf *btf, uint32_t id)
{
	for (unsigned i = 0; i < DEPTH_MAX; i++) {
		const struct btf_type *t = type_at(btf, id);
		const struct btf_array *a = (const void *)(t + 1);

		switch (kind_of(t)) {
		case BTF_KIND_VOLATILE:
			return true;
		case BTF_KIND_CONST:
		case BTF_KIND_TYPEDEF:
			id = t->type;
			break;
		case BTF_KIND_ARRAY:
			id = a->type;
			break;
		default:
			return false;
		}
	}
	return false;
}

const char *scxm_btf_tag(const struct scxm_btf *btf, uint32_t var, unsigned index)
{
	for (uint32_t id = 1; id < btf->nr_types; id++) {
		const struct btf_type *t = btf->types[id];

		if (kind_of(t) != BTF_KIND_DECL_TAG || t->type != var)
			continue;
		if (!index--)
			return string_at(btf, t->name_off);
	}
	return NULL;
}

uint32_t scxm_btf_enum(const struct scxm_btf *btf, const char *name)
{
	for (uint32_t id = 1; id < btf->nr_types; id++) {
		unsigned kind = kind_of(btf->types[id]);

		if ((kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64) &&
		    !strcmp(string_at(btf, btf->types[id]->name_off), name))
			return id;
	}
	return 0;
}

const char *scxm_btf_enumerator(const struct scxm_btf *btf, uint32_t type, unsigned index,
				int64_t *ret_value)
{
	const struct btf_type *t = type_at(btf, type);

	if (index >= BTF_INFO_VLEN(t->info))
		return NULL;
	if (kind_of(t) == BTF_KIND_ENUM64) {
		const struct btf_enum64 *e =
			(const struct btf_enum64 *)(const void *)(t + 1) + index;

		*ret_value = (int64_t)((uint64_t)e->val_hi32 << 32 | e->val_lo32);
		return string_at(btf, e->name_off);
	}
	if (kind_of(t) == BTF_KIND_ENUM) {
		const struct btf_enum *e = (const struct btf_enum *)(const void *)(t + 1) + index;

		*ret_value = BTF_INFO_KFLAG(t->info) ? e->val : (int64_t)(uint32_t)e->val;
		return string_at(btf, e->name_off);
	}
	return NULL;
}
