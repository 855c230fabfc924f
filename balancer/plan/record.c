/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Snapshots are recorded as text: one line for each domain and task, names before values, so that a
 * bug report can be read, cut down and compared by hand.
 */
#include "record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "plan.h"

#define FIELD(type, member)                                                                        \
	{ #member, offsetof(struct type, member), sizeof(((struct type *)0)->member) }

const struct scxi_record_field scxi_record_opts[] = {
	FIELD(scx_plan_opts, flags),	  FIELD(scx_plan_opts, moves_max),
	FIELD(scx_plan_opts, work_max),	  FIELD(scx_plan_opts, band_ppt),
	FIELD(scx_plan_opts, spare_ppt),  FIELD(scx_plan_opts, near_ppt),
	FIELD(scx_plan_opts, node_ppt),	  FIELD(scx_plan_opts, home_ppt),
	FIELD(scx_plan_opts, recent_ppt), FIELD(scx_plan_opts, footprint_ppt),
	FIELD(scx_plan_opts, group_ppt),  FIELD(scx_plan_opts, cooldown_ms),
	FIELD(scx_plan_opts, recent_ms),  { 0 },
};

const struct scxi_record_field scxi_record_domain[] = {
	FIELD(scx_plan_domain, id),	  FIELD(scx_plan_domain, flags),
	FIELD(scx_plan_domain, capacity), FIELD(scx_plan_domain, cpus),
	FIELD(scx_plan_domain, node),	  FIELD(scx_plan_domain, load),
	FIELD(scx_plan_domain, runnable), { 0 },
};

const struct scxi_record_field scxi_record_task[] = {
	FIELD(scx_plan_task, id),
	FIELD(scx_plan_task, domain),
	FIELD(scx_plan_task, weight),
	FIELD(scx_plan_task, duty),
	FIELD(scx_plan_task, flags),
	FIELD(scx_plan_task, allowed),
	FIELD(scx_plan_task, group),
	FIELD(scx_plan_task, node),
	FIELD(scx_plan_task, moved_ns),
	FIELD(scx_plan_task, footprint_us),
	{ 0 },
};

uint64_t scxi_record_get(const void *object, const struct scxi_record_field *field)
{
	const char *at = (const char *)object + field->offset;
	uint64_t large;
	uint32_t middle;
	uint16_t small;

	switch (field->bytes) {
	case sizeof(large):
		memcpy(&large, at, sizeof(large));
		return large;
	case sizeof(middle):
		memcpy(&middle, at, sizeof(middle));
		return middle;
	default:
		memcpy(&small, at, sizeof(small));
		return small;
	}
}

int scxi_record_set(void *object, const struct scxi_record_field *field, uint64_t value)
{
	char *at = (char *)object + field->offset;
	uint32_t middle = (uint32_t)value;
	uint16_t small = (uint16_t)value;

	switch (field->bytes) {
	case sizeof(value):
		memcpy(at, &value, sizeof(value));
		return 0;
	case sizeof(middle):
		memcpy(at, &middle, sizeof(middle));
		return middle == value ? 0 : -ERANGE;
	default:
		memcpy(at, &small, sizeof(small));
		return small == value ? 0 : -ERANGE;
	}
}

/* Lines are collected and written in large pieces; the first error stays. */
struct sink {
	int fd;
	int err;
	size_t used;
	char buf[16384];
};

static void flush(struct sink *sink)
{
	const char *at = sink->buf;

	while (sink->used && !sink->err) {
		ssize_t wrote = write(sink->fd, at, sink->used);

		if (wrote >= 0) {
			at += wrote;
			sink->used -= (size_t)wrote;
		} else if (errno != EINTR) {
			sink->err = -errno;
		}
	}
	sink->used = 0;
}

static void put_text(struct sink *sink, const char *text)
{
	size_t length = strlen(text);

	if (length > sizeof(sink->buf) - sink->used)
		flush(sink);
	memcpy(sink->buf + sink->used, text, length);
	sink->used += length;
}

static void put_number(struct sink *sink, const char *before, uint64_t value)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%" PRIu64, value);
	put_text(sink, before);
	put_text(sink, number);
}

static void put_object(struct sink *sink, const char *word, const void *object,
		       const struct scxi_record_field *field)
{
	put_text(sink, word);
	for (; field->name; field++) {
		uint64_t value = scxi_record_get(object, field);

		if (!value)
			continue;
		put_text(sink, " ");
		put_text(sink, field->name);
		put_number(sink, "=", value);
	}
	put_text(sink, "\n");
}

/* A set as ranges of domains; bits beyond the last domain mean nothing and are left out. */
static void put_set(struct sink *sink, const uint64_t *set, size_t domain_count)
{
	const char *before = " ";

	put_text(sink, "set");
	for (size_t d = 0; d < domain_count; d++) {
		size_t first = d;

		if (!(set[d / 64] >> d % 64 & 1))
			continue;
		while (d + 1 < domain_count && set[(d + 1) / 64] >> (d + 1) % 64 & 1)
			d++;
		put_number(sink, before, first);
		if (d > first)
			put_number(sink, "-", d);
		before = ",";
	}
	put_text(sink, "\n");
}

static void put_snapshot(struct sink *sink, const struct scx_plan_input *in,
			 const struct scx_plan_opts *opts)
{
	size_t words = (in->domain_count + 63) / 64, nodes = in->distances ? in->node_count : 0;

	put_number(sink, SCXI_RECORD_MAGIC " ", SCXI_RECORD_VERSION);
	put_text(sink, "\n");
	put_object(sink, "opts", opts, scxi_record_opts);
	put_number(sink, "now ", in->now_ns);
	put_text(sink, "\n");
	for (size_t i = 0; i < nodes; i++) {
		put_text(sink, "distances");
		for (size_t j = 0; j < nodes; j++)
			put_number(sink, " ", in->distances[i * nodes + j]);
		put_text(sink, "\n");
	}
	for (size_t i = 0; i < in->domain_count; i++)
		put_object(sink, "domain", (const char *)in->domains + i * in->domain_size,
			   scxi_record_domain);
	for (size_t i = 0; i < in->allowed_count; i++)
		put_set(sink, in->allowed + i * words, in->domain_count);
	for (size_t i = 0; i < in->task_count; i++)
		put_object(sink, "task", (const char *)in->tasks + i * in->task_size,
			   scxi_record_task);
	put_number(sink, "end ", in->domain_count);
	put_number(sink, " ", in->allowed_count);
	put_number(sink, " ", in->task_count);
	put_text(sink, "\n");
}

int scx_plan_save(int fd, const struct scx_plan_input *in, const struct scx_plan_opts *opts)
{
	struct sink sink = { .fd = fd };
	struct scx_planner checker = { 0 };
	struct scx_plan_opts known;
	int err = scxi_input_check(&checker, in);

	if (!err)
		err = scxi_plan_opts_read(&known, sizeof(known), opts);
	if (err)
		return err;
	put_snapshot(&sink, &checker.in, &known);
	flush(&sink);
	return sink.err;
}
