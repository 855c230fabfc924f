/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What a scheduler's own BTF says: its variables, tunables, counters, members of structs.
 */
#ifndef SCXI_OBJECT_BTF_H
#define SCXI_OBJECT_BTF_H

#include <stdbool.h>
#include <stdint.h>

#include <bpf/btf.h>

#include "backend.h"

struct bpf_object;

/* A global variable. */
struct scxi_var {
	const char *name;
	const char *section; /* ".rodata", ".bss", ... */
	uint32_t id;	     /* of the VAR */
	uint32_t type;
	uint32_t offset; /* in the section */
	uint32_t bytes;
	bool global;
};

/* Called for each variable; a non-zero return ends the walk and is handed back. */
typedef int (*scxi_var_fn)(void *arg, const struct btf *btf, const struct scxi_var *var);

int scxi_object_vars(const struct btf *btf, scxi_var_fn fn, void *arg);
bool scxi_object_var(const struct btf *btf, const char *name, struct scxi_var *ret);

/* Where a variable's initial value is kept until the object is loaded, or NULL. */
void *scxi_object_initial(const struct bpf_object *object, const struct scxi_var *var);

/* A member of a struct by its name; false: there is none, or it is a bit-field. */
bool scxi_object_member(const struct btf *btf, const struct btf_type *type, const char *name,
			uint32_t *ret_offset, uint32_t *ret_bytes);

/* The type behind modifiers and typedefs, or NULL. */
const struct btf_type *scxi_object_type(const struct btf *btf, uint32_t id);

/* As the door's `tunables`; @hidden is one more name that is none, or NULL. */
int scxi_object_tunables(const struct bpf_object *object, const char *hidden, scxi_tunable_fn fn,
			 void *arg);
bool scxi_object_is_tunable(const struct btf *btf, const struct scxi_var *var);

/* The enumerator with @value in `enum @enum_name`, or NULL. */
const char *scxi_object_enumerator(const struct btf *btf, const char *enum_name, int64_t value);

#endif /* SCXI_OBJECT_BTF_H */
