/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What a BPF object says of itself in BTF: its variables, the facts of its maps, the tags of its
 * tunables. Only what the model needs; the file is ours or the user's own, and still every offset in
 * it is checked.
 */
#ifndef SCXM_BTF_H
#define SCXM_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf_type;
struct scxm_btf;

struct scxm_btf_var {
	const char *name;
	const char *section;
	uint32_t id;   /* of the variable */
	uint32_t type; /* of what it holds */
	uint32_t bytes;
};

enum scxm_btf_class {
	SCXM_BTF_OTHER,
	SCXM_BTF_UNSIGNED,
	SCXM_BTF_SIGNED,
	SCXM_BTF_BOOL,
	SCXM_BTF_STRING
};

/* @elf stays the caller's and valid. NULL: it has no BTF that makes sense. */
struct scxm_btf *scxm_btf_open(const void *elf, size_t bytes);
void scxm_btf_close(struct scxm_btf *btf);

/* The @index-th variable of any section; false: there are no more. */
bool scxm_btf_var(const struct scxm_btf *btf, unsigned index, struct scxm_btf_var *ret);
/* A map's "type", "max_entries", ...: a number; "key", "value": bytes. 0 if it has none. */
uint32_t scxm_btf_map_fact(const struct scxm_btf *btf, uint32_t type, const char *name);
/* How the type of a variable is read; @enum_type: of its values, or 0. */
enum scxm_btf_class scxm_btf_class(const struct scxm_btf *btf, uint32_t type, uint32_t *enum_type);
bool scxm_btf_is_volatile(const struct scxm_btf *btf, uint32_t type);
/* The @index-th tag of a variable, or NULL. */
const char *scxm_btf_tag(const struct scxm_btf *btf, uint32_t var, unsigned index);
/* The enum of that name, or 0. */
uint32_t scxm_btf_enum(const struct scxm_btf *btf, const char *name);
/* Its @index-th enumerator; NULL: there are no more. */
const char *scxm_btf_enumerator(const struct scxm_btf *btf, uint32_t type, unsigned index,
				int64_t *ret_value);

#endif
