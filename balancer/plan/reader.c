/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Reading recorded snapshots, from a file or from memory, of whatever a stranger wrote into them.
 *
 * Line by line, with nothing believed: numbers that do not fit, words out of order, and counts at the end that differ
 * from what was there are errors that name the line. Memory grows with what has been read, up to
 * a limit.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "plan.h"
#include "record.h"

#define BYTES_DEFAULT (1ull << 30)

/* An array that grows; @bytes are in use. */
struct list {
	struct scxi_room room;
	size_t bytes;
};

struct scx_plan_reader {
	struct scx_plan_reader_opts opts;
	int err; /* an error stays */
	uint64_t line;
	char errmsg[192];

	/* What was read of the file and not used yet. */
	char *buf;
	size_t begin, end;
	bool at_end;

	/* The snapshot that is being read. */
	struct scx_plan_opts plan_opts;
	uint64_t now_ns;
	size_t domain_count, set_count, task_count, row_count, node_count;
	struct list domains, sets, tasks, distances;
};

static int fail(struct scx_plan_reader *r, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int fail(struct scx_plan_reader *r, int err, const char *fmt, ...)
{
	int length = snprintf(r->errmsg, sizeof(r->errmsg), "line %" PRIu64 ": ", r->line);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(r->errmsg + length, sizeof(r->errmsg) - (size_t)length, fmt, args);
	va_end(args);
	r->err = err;
	return err;
}

/* Adds @bytes zeroes to a list. Returns where they are, or NULL after fail(). */
static void *list_add(struct scx_plan_reader *r, struct list *list, size_t bytes)
{
	size_t all = r->domains.bytes + r->sets.bytes + r->tasks.bytes + r->distances.bytes;
	void *at;

	if (bytes > r->opts.bytes_max || all > r->opts.bytes_max - bytes) {
		(void)fail(r, -EFBIG, "more than %" PRIu64 " bytes: raise bytes_max",
			   r->opts.bytes_max);
		return NULL;
	}
	if (scxi_room_need(&list->room, list->bytes + bytes, 1)) {
		(void)fail(r, -ENOMEM, "no memory");
		return NULL;
	}
	at = (char *)list->room.at + list->bytes;
	memset(at, 0, bytes);
	list->bytes += bytes;
	return at;
}

/* Fills the buffer up from the file. Returns 0 or a negative errno. */
static int fill(struct scx_plan_reader *r)
{
	ssize_t got;

	memmove(r->buf, r->buf + r->begin, r->end - r->begin);
	r->end -= r->begin;
	r->begin = 0;
	do {
		got = read(r->opts.fd, r->buf + r->end, SCXI_RECORD_LINE_MAX - r->end);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail(r, -errno, "cannot be read: %s", strerror(errno));
	r->end += (size_t)got;
	r->at_end = !got;
	return 0;
}

/* Gets the next line without its end. Returns 1, 0 at the end of the file, or a negative errno. */
static int next_line(struct scx_plan_reader *r, const char **ret_line, size_t *ret_length)
{
	const char *text, *newline = NULL;
	size_t left;

	r->line++;
	for (;;) {
		text = r->opts.text ? r->opts.text + r->begin : r->buf + r->begin;
		left = r->end - r->begin;
		if (left)
			newline = memchr(text, '\n', left);
		if (newline || r->at_end)
			break;
		if (left == SCXI_RECORD_LINE_MAX)
			return fail(r, -EBADMSG, "longer than %u bytes", SCXI_RECORD_LINE_MAX);
		if (fill(r))
			return r->err;
	}
	if (!left)
		return 0;
	if (!newline)
		return fail(r, -EBADMSG, "ends in the middle");
	*ret_line = text;
	*ret_length = (size_t)(newline - text);
	r->begin += *ret_length + 1;
	return 1;
}

/* A piece of a line that is still to be read. */
struct words {
	const char *at;
	const char *end;
};

/* Takes a decimal number. Returns false if there is none, or one that 64 bits cannot hold. */
static bool take_number(struct words *w, uint64_t *ret_value)
{
	uint64_t value = 0;
	const char *at = w->at;

	for (; at < w->end && *at >= '0' && *at <= '9'; at++) {
		unsigned digit = (unsigned)(*at - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (at == w->at)
		return false;
	w->at = at;
	*ret_value = value;
	return true;
}

static bool take(struct words *w, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(w->end - w->at) < length || memcmp(w->at, word, length) != 0)
		return false;
	w->at += length;
	return true;
}

/* A word, and after it a blank or the end. */
static bool take_word(struct words *w, const char *word)
{
	struct words copy = *w;

	if (!take(&copy, word) || (copy.at < copy.end && *copy.at != ' '))
		return false;
	*w = copy;
	return true;
}

static int read_fields(struct scx_plan_reader *r, struct words *w,
		       const struct scxi_record_field *fields, void *object)
{
	while (take(w, " ")) {
		const struct scxi_record_field *field = fields;
		struct words copy = *w;
		uint64_t value;

		while (field->name && (!take(&copy, field->name) || !take(&copy, "="))) {
			copy = *w;
			field++;
		}
		if (!field->name)
			return fail(r, -EBADMSG, "a name that is not known");
		*w = copy;
		if (!take_number(w, &value) || scxi_record_set(object, field, value))
			return fail(r, -EBADMSG, "%s is not a number that fits", field->name);
	}
	return w->at == w->end ? 0 : fail(r, -EBADMSG, "something else than name=value");
}

static int read_distances(struct scx_plan_reader *r, struct words *w)
{
	size_t count = 0;

	while (take(w, " ")) {
		uint64_t value;
		uint32_t *at;

		if (!take_number(w, &value) || value > UINT32_MAX)
			return fail(r, -EBADMSG, "a distance is not a number that fits");
		at = list_add(r, &r->distances, sizeof(*at));
		if (!at)
			return r->err;
		*at = (uint32_t)value;
		count++;
	}
	if (w->at != w->end || !count || count > SCX_PLAN_NODES_MAX)
		return fail(r, -EBADMSG, "not a row of up to %u distances", SCX_PLAN_NODES_MAX);
	if (r->row_count && count != r->node_count)
		return fail(r, -EBADMSG, "%zu distances, but %zu in the first row", count,
			    r->node_count);
	r->node_count = count;
	r->row_count++;
	return 0;
}

static int read_set(struct scx_plan_reader *r, struct words *w)
{
	uint64_t *set = list_add(r, &r->sets, (r->domain_count + 63) / 64 * sizeof(*set));
	const char *before = " ";
	uint64_t least = 0;

	if (!set)
		return r->err;
	r->set_count++;
	for (; w->at < w->end; before = ",") {
		uint64_t first, last;

		if (!take(w, before) || !take_number(w, &first))
			return fail(r, -EBADMSG, "not a list of domains");
		last = first;
		if (take(w, "-") && !take_number(w, &last))
			return fail(r, -EBADMSG, "not a list of domains");
		if (last < first || last >= r->domain_count)
			return fail(r, -EBADMSG, "a domain that there is not");
		/* Also so that a long line of wide ranges costs no more than it is long. */
		if (first < least)
			return fail(r, -EBADMSG, "domains not in ascending order");
		for (; first <= last; first++)
			set[first / 64] |= 1ull << (first % 64);
		least = last + 1;
	}
	return 0;
}

static int read_end(struct scx_plan_reader *r, struct words *w)
{
	uint64_t domains, sets, tasks;

	if (!take(w, " ") || !take_number(w, &domains) || !take(w, " ") || !take_number(w, &sets) ||
	    !take(w, " ") || !take_number(w, &tasks) || w->at != w->end)
		return fail(r, -EBADMSG, "end needs the counts of domains, sets and tasks");
	if (domains != r->domain_count || sets != r->set_count || tasks != r->task_count)
		return fail(r, -EBADMSG, "the counts are not those of what came before");
	if (!r->domain_count || r->row_count != r->node_count)
		return fail(r, -EBADMSG, "no domains, or not as many rows of distances as columns");
	return 1;
}

/* One line of a snapshot. Returns 0, 1 if it was the last, or a negative errno. */
static int read_line(struct scx_plan_reader *r, struct words w)
{
	void *object;

	if (take_word(&w, "task")) {
		object = list_add(r, &r->tasks, sizeof(struct scx_plan_task));
		r->task_count++;
		return object ? read_fields(r, &w, scxi_record_task, object) : r->err;
	}
	if (take_word(&w, "domain")) {
		if (r->set_count || r->domain_count == SCX_PLAN_DOMAINS_MAX)
			return fail(r, -EBADMSG, "a domain after the sets, or more than %u",
				    SCX_PLAN_DOMAINS_MAX);
		object = list_add(r, &r->domains, sizeof(struct scx_plan_domain));
		r->domain_count++;
		return object ? read_fields(r, &w, scxi_record_domain, object) : r->err;
	}
	if (take_word(&w, "set"))
		return read_set(r, &w);
	if (take_word(&w, "distances"))
		return read_distances(r, &w);
	if (take_word(&w, "opts"))
		return read_fields(r, &w, scxi_record_opts, &r->plan_opts);
	if (take(&w, "now ") && take_number(&w, &r->now_ns) && w.at == w.end)
		return 0;
	if (take_word(&w, "end"))
		return read_end(r, &w);
	if (w.at == w.end || *w.at == '#')
		return 0;
	return fail(r, -EBADMSG, "not a line of a snapshot");
}

/* The first line of a snapshot. Returns 1, 0 at the end of the file, or a negative errno. */
static int read_head(struct scx_plan_reader *r)
{
	const char *line;
	size_t length;
	uint64_t version;
	struct words w;
	int got;

	do {
		got = next_line(r, &line, &length);
		if (got <= 0)
			return got;
	} while (!length || *line == '#');
	w = (struct words){ line, line + length };
	if (!take(&w, SCXI_RECORD_MAGIC " ") || !take_number(&w, &version) || w.at != w.end)
		return fail(r, -EBADMSG, "not the beginning of a snapshot");
	if (version != SCXI_RECORD_VERSION)
		return fail(r, -ENOTSUP, "version %" PRIu64 " of the format: this is %d", version,
			    SCXI_RECORD_VERSION);
	return 1;
}

static void forget(struct scx_plan_reader *r)
{
	r->plan_opts = (struct scx_plan_opts){ .size = sizeof(r->plan_opts) };
	r->now_ns = 0;
	r->domain_count = r->set_count = r->task_count = r->row_count = r->node_count = 0;
	r->domains.bytes = r->sets.bytes = r->tasks.bytes = r->distances.bytes = 0;
}

static int read_snapshot(struct scx_plan_reader *r)
{
	const char *line;
	size_t length;
	int done = 0, got;

	forget(r);
	got = read_head(r);
	while (got > 0 && !done) {
		got = next_line(r, &line, &length);
		if (!got)
			return fail(r, -EBADMSG, "the file ends before the snapshot does");
		if (got > 0)
			done = read_line(r, (struct words){ line, line + length });
		if (done < 0)
			return done;
	}
	return got;
}

struct scx_plan_reader *scx_plan_reader_new(const struct scx_plan_reader_opts *opts)
{
	struct scx_plan_reader *r;
	struct scx_plan_reader_opts known;
	int err = opts ? scxi_plan_opts_read(&known, sizeof(known), opts) : -EINVAL;

	if (err) {
		if (opts && opts->size >= offsetof(struct scx_plan_reader_opts, text) &&
		    opts->errbuf)
			(void)snprintf(opts->errbuf, opts->errbuf_size,
				       "size %zu of the options: this version knows %zu",
				       opts->size, sizeof(known));
		errno = -err;
		return NULL;
	}
	r = calloc(1, sizeof(*r));
	if (r && !known.text)
		r->buf = malloc(SCXI_RECORD_LINE_MAX);
	if (!r || (!known.text && !r->buf)) {
		if (known.errbuf)
			(void)snprintf(known.errbuf, known.errbuf_size, "no memory");
		free(r);
		errno = ENOMEM;
		return NULL;
	}
	r->opts = known;
	if (!r->opts.bytes_max)
		r->opts.bytes_max = BYTES_DEFAULT;
	r->at_end = known.text;
	r->end = known.text ? known.text_size : 0;
	return r;
}

int scx_plan_reader_next(struct scx_plan_reader *reader, struct scx_plan_input *ret_in,
			 struct scx_plan_opts *ret_opts)
{
	struct scx_plan_input in = { 0 };
	int got;

	if (reader->err)
		return reader->err;
	if (!ret_in || ret_in->size < sizeof(*ret_in) ||
	    (ret_opts && ret_opts->size < sizeof(*ret_opts)))
		return -EINVAL;
	got = read_snapshot(reader);
	if (got <= 0)
		return got;
	in.size = ret_in->size;
	in.domains = reader->domains.room.at;
	in.domain_count = reader->domain_count;
	in.domain_size = sizeof(struct scx_plan_domain);
	in.tasks = reader->task_count ? reader->tasks.room.at : NULL;
	in.task_count = reader->task_count;
	in.task_size = sizeof(struct scx_plan_task);
	in.allowed = reader->set_count ? reader->sets.room.at : NULL;
	in.allowed_count = reader->set_count;
	in.distances = reader->node_count ? reader->distances.room.at : NULL;
	in.node_count = reader->node_count;
	in.now_ns = reader->now_ns;
	memcpy(ret_in, &in, sizeof(in));
	if (ret_opts) {
		reader->plan_opts.size = ret_opts->size;
		memcpy(ret_opts, &reader->plan_opts, sizeof(reader->plan_opts));
	}
	return 1;
}

const char *scx_plan_reader_errmsg(const struct scx_plan_reader *reader)
{
	return reader->errmsg;
}

void scx_plan_reader_free(struct scx_plan_reader *reader)
{
	if (!reader)
		return;
	scxi_room_free(&reader->domains.room);
	scxi_room_free(&reader->sets.room);
	scxi_room_free(&reader->tasks.room);
	scxi_room_free(&reader->distances.room);
	free(reader->buf);
	free(reader);
}
