/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The words of a recorded snapshot: one table for those who write and those who read. Format:
 * docs/snapshot-format.md.
 */
#ifndef SCXI_RECORD_H
#define SCXI_RECORD_H

#include <stddef.h>
#include <stdint.h>

#define SCXI_RECORD_MAGIC "scx-snapshot"
#define SCXI_RECORD_VERSION 1
/* The longest line that is read: a set of 65536 domains written one by one fits. */
#define SCXI_RECORD_LINE_MAX (512u << 10)

/* A member of a struct that is written as name=value; 0 is not written. */
struct scxi_record_field {
	const char *name;
	uint16_t offset;
	uint16_t bytes;
};

/* Each table ends with a NULL name. */
extern const struct scxi_record_field scxi_record_opts[];
extern const struct scxi_record_field scxi_record_domain[];
extern const struct scxi_record_field scxi_record_task[];

uint64_t scxi_record_get(const void *object, const struct scxi_record_field *field);
/* Returns 0, or -ERANGE when the value does not fit. */
int scxi_record_set(void *object, const struct scxi_record_field *field, uint64_t value);

#endif /* SCXI_RECORD_H */
