/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Where a scheduler records its end: a struct of ours (scx_exit_record, bpf/include/scx/memory.h) or
 * the one of the kernel's own examples (user_exit_info), found by type and read by its BTF, or
 * nowhere.
 */
#ifndef SCXI_BPF_RECORD_H
#define SCXI_BPF_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend.h"
#include "object_btf.h"

struct bpf_object;

struct scxi_field {
	uint32_t offset;
	uint32_t bytes; /* 0: there is none */
};

struct scxi_record {
	bool found;
	char dump_len[64]; /* name of the variable that says how large the dump is; "" if none */
	char section[64], dump_section[64];
	uint32_t offset; /* of the record in its section */
	uint32_t bytes;
	uint32_t dump_offset;
	struct scxi_field kind, code, cpu, reason, message;
	void *map; /* of the section, while loaded */
	size_t map_bytes;
	char *text; /* what the last end's strings point into */
};

/* Finds it in an open object. */
void scxi_record_find(struct scxi_record *record, const struct bpf_object *object);

/* Before load: makes room for a dump, if the scheduler leaves that to its loader. */
int scxi_record_size(const struct scxi_record *record, struct bpf_object *object, uint32_t bytes);

/* After load. A record that cannot be mapped is none. */
void scxi_record_map(struct scxi_record *record, const struct bpf_object *object);
void scxi_record_unmap(struct scxi_record *record);

/* As the door's `end`; 0 while there is nothing in it. */
int scxi_record_end(struct scxi_record *record, const struct bpf_object *object,
		    struct scxi_end *ret);

#endif /* SCXI_BPF_RECORD_H */
