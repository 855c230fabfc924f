/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Tags of tunables: see tunable_tags.h. Knows libc only; all text is a stranger's.
 */
#include "tunable_tags.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"

#define VALUES_MAX 256

int scxi_number_parse(const char *text, bool negative, uint64_t *ret)
{
	const char *digits = text;
	uint64_t value;
	char *end;
	bool minus = *digits == '-';

	if (minus || *digits == '+')
		digits++;
	/* strtoull() itself would take blanks, and a sign for an unsigned number. */
	if (!isdigit((unsigned char)*digits) || (minus && !negative))
		return -EINVAL;
	errno = 0;
	value = strtoull(digits, &end, digits[0] == '0' && (digits[1] | 0x20) == 'x' ? 16 : 10);
	if (*end)
		return -EINVAL;
	if (errno == ERANGE)
		return -ERANGE;
	if (negative && value > (uint64_t)INT64_MAX + minus)
		return -ERANGE;
	*ret = minus ? 0 - value : value;
	return 0;
}

/* The text behind "@name:", or NULL. */
static const char *tag_text(const struct scxi_tunable *t, const char *name)
{
	size_t len = strlen(name);

	for (unsigned i = 0; i < t->nr_tags; i++)
		if (strncmp(t->tags[i], name, len) == 0 && t->tags[i][len] == ':')
			return t->tags[i] + len + 1;
	return NULL;
}

static char *append(char **at, const char *text)
{
	char *start = *at;
	size_t bytes = strlen(text) + 1;

	memcpy(start, text, bytes);
	*at += bytes;
	return start;
}

static void read_range(struct scx_tunable *info, const char *range)
{
	bool negative = info->type == SCX_TUNABLE_SIGNED;
	uint64_t min, max;
	char text[64];
	char *dots;

	if (!range || info->type == SCX_TUNABLE_STRING || strlen(range) >= sizeof(text))
		return;
	memcpy(text, range, strlen(range) + 1);
	dots = strstr(text, "..");
	if (!dots)
		return;
	*dots = '\0';
	if (scxi_number_parse(text, negative, &min) || scxi_number_parse(dots + 2, negative, &max))
		return;
	/* It can only narrow what the type allows. */
	if (negative ? (int64_t)min >= (int64_t)info->min : min >= info->min)
		info->min = min;
	if (negative ? (int64_t)max <= (int64_t)info->max : max <= info->max)
		info->max = max;
}

/* Splits "fifo=0,vtime=1", in place, into @values; returns how many. */
static unsigned split_values(char *text, bool negative, struct scxi_tunable_value *values)
{
	unsigned nr = 0;
	char *rest = text, *item;

	while (nr < VALUES_MAX && (item = strsep(&rest, ","))) {
		char *equals = strchr(item, '=');
		uint64_t value;

		if (!equals || equals == item || scxi_number_parse(equals + 1, negative, &value))
			continue;
		*equals = '\0';
		values[nr++] = (struct scxi_tunable_value){ item, (int64_t)value };
	}
	return nr;
}

/* "fifo=0,vtime=1" of an enum type's values; @size 0 measures. Returns its length. */
static size_t join_values(char *buf, size_t size, const struct scxi_tunable *t)
{
	size_t len = 0;

	for (unsigned i = 0; i < t->nr_values && i < VALUES_MAX; i++) {
		size_t room = len < size ? size - len : 0;

		len += (size_t)snprintf(room ? buf + len : NULL, room, "%s%s=%" PRId64,
					i ? "," : "", t->values[i].name, t->values[i].value);
	}
	return len;
}

int scxi_tags_read(struct scxi_chosen *c, const struct scxi_tunable *t)
{
	const char *help = tag_text(t, "help"), *unit = tag_text(t, "unit");
	const char *values = tag_text(t, "values");
	size_t values_len = values ? strlen(values) : join_values(NULL, 0, t);
	struct scx_tunable *info = &c->info;
	char *at, *copy;
	unsigned nr;

	help = help ? help : "";
	unit = unit ? unit : "";
	c->text = malloc(strlen(t->name) + strlen(help) + strlen(unit) + 2 * values_len + 5);
	c->values = calloc(VALUES_MAX + 1, sizeof(*c->values));
	if (!c->text || !c->values)
		return -ENOMEM;
	at = c->text;
	info->name = append(&at, t->name);
	info->help = append(&at, help);
	info->unit = append(&at, unit);
	info->values = at;
	if (values)
		memcpy(at, values, values_len + 1);
	else
		(void)join_values(at, values_len + 1, t);
	at[values_len] = '\0';
	copy = at + values_len + 1;
	memcpy(copy, at, values_len + 1);
	nr = split_values(copy, info->type == SCX_TUNABLE_SIGNED, c->values);
	if (nr) {
		/* Room for what there is, not for what there might be. */
		struct scxi_tunable_value *less = reallocarray(c->values, nr + 1, sizeof(*less));

		c->values = less ? less : c->values;
		c->named_only = values;
	} else {
		free(c->values);
		c->values = NULL;
	}
	read_range(info, tag_text(t, "range"));
	return 0;
}
