/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Tunables: values between text, number and the bytes that the scheduler reads.
 *
 * The backend says what there is (scxi_tunable); the core keeps its own copy of the declarations and
 * the chosen values, so that they outlive a run and every restart begins with them.
 */
#include <scx/tunable.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"
#include "tunable_tags.h"

#define TUNABLES_MAX 4096
#define STRING_MAX 65536

static bool is_number(const struct scx_tunable *t)
{
	return t->type == SCX_TUNABLE_UNSIGNED || t->type == SCX_TUNABLE_SIGNED;
}

/* The value as the kernel's byte order has it: same as ours, but of any width. */
static uint64_t read_value(const struct scx_tunable *t, const void *bytes)
{
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	bool negative = t->type == SCX_TUNABLE_SIGNED;

	switch (t->size) {
	case 1:
		memcpy(&u8, bytes, 1);
		return negative ? (uint64_t)(int8_t)u8 : u8;
	case 2:
		memcpy(&u16, bytes, 2);
		return negative ? (uint64_t)(int16_t)u16 : u16;
	case 4:
		memcpy(&u32, bytes, 4);
		return negative ? (uint64_t)(int32_t)u32 : u32;
	default:
		memcpy(&u64, bytes, 8);
		return u64;
	}
}

static void write_value(const struct scx_tunable *t, void *bytes, uint64_t value)
{
	uint8_t u8 = (uint8_t)value;
	uint16_t u16 = (uint16_t)value;
	uint32_t u32 = (uint32_t)value;

	switch (t->size) {
	case 1:
		memcpy(bytes, &u8, 1);
		break;
	case 2:
		memcpy(bytes, &u16, 2);
		break;
	case 4:
		memcpy(bytes, &u32, 4);
		break;
	default:
		memcpy(bytes, &value, 8);
	}
}

static bool in_range(const struct scx_tunable *t, uint64_t value)
{
	if (t->type == SCX_TUNABLE_SIGNED)
		return (int64_t)value >= (int64_t)t->min && (int64_t)value <= (int64_t)t->max;
	return value >= t->min && value <= t->max;
}

const struct scx_tunable *scx_tunable_next(const struct scx *scx, const struct scx_tunable *prev)
{
	size_t next = 0;

	if (prev)
		next = (size_t)((const struct scxi_chosen *)(const void *)prev - scx->tunables) + 1;
	return next < scx->nr_tunables ? &scx->tunables[next].info : NULL;
}

static struct scxi_chosen *find(const struct scx *scx, const char *name)
{
	for (size_t i = 0; i < scx->nr_tunables; i++)
		if (strcmp(scx->tunables[i].info.name, name) == 0)
			return &scx->tunables[i];
	return NULL;
}

const struct scx_tunable *scx_tunable_find(const struct scx *scx, const char *name)
{
	const struct scxi_chosen *c = find(scx, name);

	return c ? &c->info : NULL;
}

static int no_such(struct scx *scx, const char *name)
{
	char names[1024] = "";
	size_t len = 0;

	for (size_t i = 0; i < scx->nr_tunables && len < sizeof(names); i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "",
					scx->tunables[i].info.name);
	return scxi_fail(scx, -ENOENT, "%s has no tunable \"%.64s\"; it has %s", scx->features.name,
			 name, scx->nr_tunables ? names : "none");
}

static int find_to_set(struct scx *scx, const char *name, struct scxi_chosen **ret)
{
	*ret = find(scx, name);
	if (!*ret)
		return no_such(scx, name);
	if (scx->state == SCX_STATE_LOADED || scx->state == SCX_STATE_ATTACHED)
		return scxi_fail(
			scx, -EBUSY,
			"%s: the scheduler is loaded already; set tunables before, or detach first",
			name);
	return 0;
}

static int parse_bool(const char *text, uint64_t *ret)
{
	static const char *const words[2][4] = { { "0", "no", "false", "off" },
						 { "1", "yes", "true", "on" } };

	for (unsigned value = 0; value < 2; value++)
		for (unsigned i = 0; i < 4; i++)
			if (strcmp(text, words[value][i]) == 0) {
				*ret = value;
				return 0;
			}
	return -EINVAL;
}

static bool has_name(const struct scxi_chosen *c, uint64_t value)
{
	for (const struct scxi_tunable_value *v = c->values; v && v->name; v++)
		if ((uint64_t)v->value == value)
			return true;
	return false;
}

static int set_number(struct scx *scx, struct scxi_chosen *c, uint64_t value)
{
	const struct scx_tunable *t = &c->info;

	if (c->named_only && !has_name(c, value))
		return scxi_fail(scx, -ERANGE, "%s: %" PRId64 " is none of %s", t->name,
				 (int64_t)value, t->values);
	if (!in_range(t, value)) {
		if (t->type == SCX_TUNABLE_SIGNED)
			return scxi_fail(
				scx, -ERANGE, "%s: %" PRId64 "%s is not in %" PRId64 "..%" PRId64,
				t->name, (int64_t)value, t->unit, (int64_t)t->min, (int64_t)t->max);
		return scxi_fail(scx, -ERANGE, "%s: %" PRIu64 "%s is not in %" PRIu64 "..%" PRIu64,
				 t->name, value, t->unit, t->min, t->max);
	}
	write_value(t, c->value, value);
	c->changed = true;
	return 0;
}

static int set_string(struct scx *scx, struct scxi_chosen *c, const char *value)
{
	size_t len = strlen(value);

	if (len >= c->info.size)
		return scxi_fail(scx, -ERANGE, "%s: %zu bytes are more than its %u", c->info.name,
				 len, c->info.size - 1);
	memset(c->value, 0, c->info.size);
	memcpy(c->value, value, len);
	c->changed = true;
	return 0;
}

int scx_tunable_set(struct scx *scx, const char *name, const char *value)
{
	struct scxi_chosen *c;
	uint64_t number;
	int err = find_to_set(scx, name, &c);

	if (err)
		return err;
	if (c->info.type == SCX_TUNABLE_STRING)
		return set_string(scx, c, value);
	for (const struct scxi_tunable_value *v = c->values; v && v->name; v++)
		if (strcmp(v->name, value) == 0)
			return set_number(scx, c, (uint64_t)v->value);
	if (c->info.type == SCX_TUNABLE_BOOL)
		err = parse_bool(value, &number);
	else
		err = scxi_number_parse(value, c->info.type == SCX_TUNABLE_SIGNED, &number);
	if (err == -ERANGE)
		return scxi_fail(scx, -ERANGE, "%s: %.64s is more than 64 bits hold", name, value);
	if (err && c->info.values[0])
		return scxi_fail(scx, -EINVAL, "%s: \"%.64s\" is neither a number nor one of %s",
				 name, value, c->info.values);
	if (err)
		return scxi_fail(scx, -EINVAL, "%s: \"%.64s\" is not a %s", name, value,
				 c->info.type == SCX_TUNABLE_BOOL ? "bool, like 0 or 1" : "number");
	return set_number(scx, c, number);
}

int scx_tunable_set_u64(struct scx *scx, const char *name, uint64_t value)
{
	struct scxi_chosen *c;
	int err = find_to_set(scx, name, &c);

	if (err)
		return err;
	if (c->info.type == SCX_TUNABLE_STRING)
		return scxi_fail(scx, -EINVAL, "%s is a string, not a number", name);
	return set_number(scx, c, value);
}

int scx_tunable_get_u64(struct scx *scx, const char *name, uint64_t *ret_value)
{
	const struct scxi_chosen *c = find(scx, name);

	if (!c)
		return no_such(scx, name);
	if (c->info.type == SCX_TUNABLE_STRING)
		return scxi_fail(scx, -EINVAL, "%s is a string, not a number", name);
	*ret_value = read_value(&c->info, c->value);
	return 0;
}

static const char *value_text(const struct scxi_chosen *c, char *number, size_t size)
{
	uint64_t value = read_value(&c->info, c->value);

	for (const struct scxi_tunable_value *v = c->values; v && v->name; v++)
		if ((uint64_t)v->value == value)
			return v->name;
	if (c->info.type == SCX_TUNABLE_SIGNED)
		(void)snprintf(number, size, "%" PRId64, (int64_t)value);
	else
		(void)snprintf(number, size, "%" PRIu64, value);
	return number;
}

int scx_tunable_get(struct scx *scx, const char *name, char *buf, size_t size)
{
	const struct scxi_chosen *c = find(scx, name);
	char number[24];
	const char *text;
	size_t len;

	if (!c)
		return no_such(scx, name);
	text = c->info.type == SCX_TUNABLE_STRING ? c->value
						  : value_text(c, number, sizeof(number));
	len = c->info.type == SCX_TUNABLE_STRING ? strnlen(text, c->info.size) : strlen(text);
	if (len >= size)
		return scxi_fail(scx, -ENOSPC, "%s: its value needs %zu bytes", name, len + 1);
	memcpy(buf, text, len);
	buf[len] = '\0';
	return 0;
}

static void set_limits(struct scx_tunable *t)
{
	unsigned bits = t->size * 8;

	if (t->type == SCX_TUNABLE_BOOL) {
		t->max = 1;
	} else if (t->type == SCX_TUNABLE_UNSIGNED) {
		t->max = UINT64_MAX >> (64 - bits);
	} else if (t->type == SCX_TUNABLE_SIGNED) {
		t->max = UINT64_MAX >> (65 - bits);
		t->min = ~t->max;
	}
}

/* Copies a declaration. Half of it is undone by scxi_tunables_free(). */
static int take_tunable(struct scxi_chosen *c, const struct scxi_tunable *t)
{
	int err;

	c->info.type = (unsigned)t->kind;
	c->info.size = t->size;
	set_limits(&c->info);
	c->value = malloc(t->size);
	if (!c->value)
		return -ENOMEM;
	memcpy(c->value, t->initial, t->size);
	err = scxi_tags_read(c, t);
	if (err)
		return err;
	/* A range that shuts out the default is not believed. */
	if (is_number(&c->info) && !in_range(&c->info, read_value(&c->info, c->value)))
		set_limits(&c->info);
	return 0;
}

static int add_tunable(void *arg, const struct scxi_tunable *t)
{
	struct scx *scx = arg;
	struct scxi_chosen *grown;

	if (scx->nr_tunables >= TUNABLES_MAX || t->size > STRING_MAX || !t->size)
		return 0;
	grown = reallocarray(scx->tunables, scx->nr_tunables + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	scx->tunables = grown;
	memset(&grown[scx->nr_tunables], 0, sizeof(*grown));
	scx->nr_tunables++;
	return take_tunable(&grown[scx->nr_tunables - 1], t);
}

int scxi_tunables_read(struct scx *scx)
{
	return scx->backend->ops->tunables(scx->session, add_tunable, scx);
}

int scxi_tunables_write(struct scx *scx)
{
	const struct scxi_backend_ops *ops = scx->backend->ops;

	for (size_t i = 0; i < scx->nr_tunables; i++) {
		const struct scxi_chosen *c = &scx->tunables[i];
		int err;

		if (!c->changed)
			continue;
		err = ops->tunable_write(scx->session, c->info.name, c->value, c->info.size);
		if (err)
			return scxi_fail(scx, err, "tunable %s: the scheduler's object has changed",
					 c->info.name);
	}
	return 0;
}

void scxi_tunables_free(struct scx *scx)
{
	for (size_t i = 0; i < scx->nr_tunables; i++) {
		free(scx->tunables[i].value);
		free(scx->tunables[i].values);
		free(scx->tunables[i].text);
	}
	free(scx->tunables);
	scx->tunables = NULL;
	scx->nr_tunables = 0;
}
