/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The record of the end: see bpf_record.h.
 *
 * The scheduler writes the kind last, behind a full barrier: whoever sees it sees the rest. The
 * section is mapped, since libbpf before 1.5 shows its own copy only, and a look costs no system call.
 */
#include "bpf_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/libbpf.h>

struct flavour {
	const char *type;
	const char *kind, *code, *cpu, *reason, *message;
};

static const struct flavour flavours[] = {
	{ "scx_exit_record", "kind", "code", "cpu", "reason", "msg" },
	{ "user_exit_info", "kind", "exit_code", "exit_cpu", "reason", "msg" },
};

static void field(const struct btf *btf, const struct btf_type *type, const char *name,
		  struct scxi_field *ret)
{
	if (!scxi_object_member(btf, type, name, &ret->offset, &ret->bytes))
		ret->bytes = 0;
}

static int match(void *arg, const struct btf *btf, const struct scxi_var *var)
{
	struct scxi_record *r = arg;
	const struct btf_type *type = scxi_object_type(btf, var->type);
	const char *name = type ? btf__name_by_offset(btf, type->name_off) : NULL;

	for (unsigned i = 0; name && i < sizeof(flavours) / sizeof(flavours[0]); i++) {
		const struct flavour *f = &flavours[i];

		if (!btf_is_struct(type) || strcmp(name, f->type) != 0)
			continue;
		field(btf, type, f->kind, &r->kind);
		field(btf, type, f->code, &r->code);
		field(btf, type, f->cpu, &r->cpu);
		field(btf, type, f->reason, &r->reason);
		field(btf, type, f->message, &r->message);
		if (r->kind.bytes != 4 && r->kind.bytes != 8)
			continue;
		r->offset = var->offset;
		r->bytes = type->size;
		r->found = var->bytes >= type->size;
		(void)snprintf(r->section, sizeof(r->section), "%s", var->section);
		(void)snprintf(r->dump_len, sizeof(r->dump_len), "%.48s_dump_len", var->name);
		return 1;
	}
	return 0;
}

void scxi_record_find(struct scxi_record *record, const struct bpf_object *object)
{
	const struct btf *btf = bpf_object__btf(object);
	char dump[64];
	struct scxi_var var;

	memset(record, 0, sizeof(*record));
	if (scxi_object_vars(btf, match, record) != 1)
		return;
	/* "uei" has "uei_dump" and "uei_dump_len"; "scx_exit_record" has "scx_exit_dump". */
	(void)snprintf(dump, sizeof(dump), "%.*s", (int)strlen(record->dump_len) - 4,
		       record->dump_len);
	if (scxi_object_var(btf, dump, &var) || scxi_object_var(btf, "scx_exit_dump", &var)) {
		(void)snprintf(record->dump_section, sizeof(record->dump_section), "%s",
			       var.section);
		record->dump_offset = var.offset;
	}
	if (!scxi_object_var(btf, record->dump_len, &var))
		record->dump_len[0] = '\0';
}

int scxi_record_size(const struct scxi_record *record, struct bpf_object *object, uint32_t bytes)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, record->dump_section);
	struct scxi_var var;
	uint32_t *len;
	int err;

	if (!record->found || !record->dump_len[0] || !map ||
	    !scxi_object_var(bpf_object__btf(object), record->dump_len, &var) || var.bytes != 4)
		return 0;
	len = scxi_object_initial(object, &var);
	if (!len || *len)
		return 0;
	err = bpf_map__set_value_size(map, record->dump_offset + bytes);
	if (!err)
		*len = bytes;
	return err;
}

static size_t map_section(const struct bpf_object *object, const char *section, void **ret)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(object, section);
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes;

	if (!map)
		return 0;
	bytes = (bpf_map__value_size(map) + page - 1) & ~(page - 1);
	*ret = mmap(NULL, bytes, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
	return *ret == MAP_FAILED ? 0 : bytes;
}

void scxi_record_map(struct scxi_record *record, const struct bpf_object *object)
{
	if (!record->found)
		return;
	record->map_bytes = map_section(object, record->section, &record->map);
	if (record->map_bytes && record->offset + record->bytes > record->map_bytes)
		scxi_record_unmap(record);
}

void scxi_record_unmap(struct scxi_record *record)
{
	if (record->map_bytes)
		(void)munmap(record->map, record->map_bytes); /* our own mapping */
	record->map_bytes = 0;
	free(record->text);
	record->text = NULL;
}

static uint64_t read_number(const struct scxi_record *r, const struct scxi_field *f)
{
	const char *at = (const char *)r->map + r->offset + f->offset;

	/* Fields are aligned: the compiler of the scheduler laid them out. */
	if (f->bytes == 8)
		return __atomic_load_n((const uint64_t *)(const void *)at, __ATOMIC_ACQUIRE);
	if (f->bytes == 4)
		return (uint64_t)__atomic_load_n((const int32_t *)(const void *)at,
						 __ATOMIC_ACQUIRE);
	return 0;
}

static size_t text_of(const struct scxi_record *r, const struct scxi_field *f, const char **ret)
{
	*ret = (const char *)r->map + r->offset + f->offset;
	return strnlen(*ret, f->bytes);
}

static const char *put(char **at, const char *text, size_t len)
{
	char *start = *at;

	memcpy(start, text, len);
	start[len] = '\0';
	*at += len + 1;
	return start;
}

int scxi_record_end(struct scxi_record *r, const struct bpf_object *object, struct scxi_end *ret)
{
	size_t reason_len, message_len, dump_bytes, dump_len = 0;
	const char *reason, *message, *dump = "";
	uint64_t kind;
	void *dump_map;
	char *at;

	if (!r->map_bytes)
		return 0;
	kind = read_number(r, &r->kind);
	if (!kind)
		return 0;
	*ret = (struct scxi_end){
		.kind = kind,
		.code = (int64_t)read_number(r, &r->code),
		.cpu = r->cpu.bytes ? (int)read_number(r, &r->cpu) : -1,
		.reason = "",
		.message = "",
		.dump = "",
	};
	reason_len = text_of(r, &r->reason, &reason);
	message_len = text_of(r, &r->message, &message);
	dump_bytes = map_section(object, r->dump_section, &dump_map);
	if (dump_bytes > r->dump_offset) {
		dump = (const char *)dump_map + r->dump_offset;
		dump_len = strnlen(dump, dump_bytes - r->dump_offset);
	}
	free(r->text);
	r->text = malloc(reason_len + message_len + dump_len + 3);
	if (r->text) {
		at = r->text;
		ret->reason = put(&at, reason, reason_len);
		ret->message = put(&at, message, message_len);
		ret->dump = put(&at, dump, dump_len);
	}
	if (dump_bytes)
		(void)munmap(dump_map, dump_bytes); /* our own mapping */
	return 1;
}
