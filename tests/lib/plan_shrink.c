/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Making a counterexample small: whatever can go goes, as long as the property stays false.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan_case.h"

static bool still_false(const struct plan_case *c, plan_property *property)
{
	char why[256];

	return !property(c, why, sizeof(why));
}

/* Keeps @smaller if the property is false of it too. Returns whether it was kept. */
static bool keep(struct plan_case **c, struct plan_case *smaller, plan_property *property)
{
	if (!still_false(smaller, property)) {
		plan_case_free(smaller);
		return false;
	}
	plan_case_free(*c);
	*c = smaller;
	return true;
}

static bool drop_tasks(struct plan_case **c, plan_property *property)
{
	bool dropped = false;

	for (size_t chunk = (*c)->in.task_count; chunk; chunk /= 2) {
		for (size_t at = 0; at < (*c)->in.task_count;) {
			struct plan_case *smaller = plan_case_copy(*c);
			size_t count = smaller->in.task_count, end = at + chunk;

			if (end > count)
				end = count;
			memmove(smaller->tasks + at, smaller->tasks + end,
				(count - end) * sizeof(*smaller->tasks));
			smaller->in.task_count -= end - at;
			if (keep(c, smaller, property))
				dropped = true;
			else
				at += chunk;
		}
	}
	return dropped;
}

/* Takes a bit out of a set, and moves those above it down. */
static void drop_bit(uint64_t *set, size_t count, size_t bit)
{
	for (size_t i = bit; i < count; i++) {
		bool next = i + 1 < count && set[(i + 1) / 64] >> ((i + 1) % 64) & 1;

		set[i / 64] &= ~(1ull << (i % 64));
		set[i / 64] |= (uint64_t)next << (i % 64);
	}
}

/* The case without a domain and its tasks. */
static struct plan_case *without_domain(const struct plan_case *c, size_t domain)
{
	const struct scx_plan_input *in = &c->in;
	struct plan_case *s = plan_case_copy(c), *t;
	size_t words = (in->domain_count + 63) / 64, less = (in->domain_count + 62) / 64, kept = 0;

	for (size_t i = 0; i < in->task_count; i++) {
		struct scx_plan_task task = s->tasks[i];

		if (task.domain == domain)
			continue;
		task.domain -= task.domain > domain && task.domain < in->domain_count;
		s->tasks[kept++] = task;
	}
	t = plan_case_new(in->domain_count - 1, kept, in->allowed_count, in->node_count);
	t->seed = c->seed;
	t->opts = c->opts;
	t->in.now_ns = in->now_ns;
	memcpy(t->tasks, s->tasks, kept * sizeof(*t->tasks));
	memcpy(t->distances, s->distances, in->node_count * in->node_count * sizeof(*t->distances));
	memcpy(t->domains, s->domains, domain * sizeof(*t->domains));
	memcpy(t->domains + domain, s->domains + domain + 1,
	       (in->domain_count - domain - 1) * sizeof(*t->domains));
	for (size_t i = 0; i < in->allowed_count; i++) {
		drop_bit(s->allowed + i * words, in->domain_count, domain);
		memcpy(t->allowed + i * less, s->allowed + i * words, less * sizeof(*t->allowed));
	}
	plan_case_free(s);
	return t;
}

static bool drop_domains(struct plan_case **c, plan_property *property)
{
	bool dropped = false;

	for (size_t i = (*c)->in.domain_count; i-- > 0;)
		if ((*c)->in.domain_count > 1 && keep(c, without_domain(*c, i), property))
			dropped = true;
	return dropped;
}

/* One member made plain: of a task, of a domain, of the options. */
struct plain {
	size_t offset;
	size_t bytes;
	uint64_t value;
};
#define PLAIN(type, member, to)                                                                    \
	{ offsetof(struct type, member), sizeof(((struct type *)0)->member), to }
static const struct plain plain_task[] = {
	PLAIN(scx_plan_task, moved_ns, 0),     PLAIN(scx_plan_task, allowed, 0),
	PLAIN(scx_plan_task, group, 0),	       PLAIN(scx_plan_task, flags, 0),
	PLAIN(scx_plan_task, footprint_us, 0), PLAIN(scx_plan_task, node, 0),
	PLAIN(scx_plan_task, weight, 100),     PLAIN(scx_plan_task, duty, SCX_PLAN_ONE),
};
static const struct plain plain_domain[] = {
	PLAIN(scx_plan_domain, flags, 0),
	PLAIN(scx_plan_domain, node, 0),
	PLAIN(scx_plan_domain, cpus, 0),
	PLAIN(scx_plan_domain, capacity, 1024),
};
static const struct plain plain_opts[] = {
	PLAIN(scx_plan_opts, flags, 0),	     PLAIN(scx_plan_opts, moves_max, 0),
	PLAIN(scx_plan_opts, work_max, 0),   PLAIN(scx_plan_opts, band_ppt, 0),
	PLAIN(scx_plan_opts, spare_ppt, 0),  PLAIN(scx_plan_opts, near_ppt, 0),
	PLAIN(scx_plan_opts, node_ppt, 0),   PLAIN(scx_plan_opts, home_ppt, 0),
	PLAIN(scx_plan_opts, recent_ppt, 0), PLAIN(scx_plan_opts, footprint_ppt, 0),
	PLAIN(scx_plan_opts, group_ppt, 0),  PLAIN(scx_plan_opts, cooldown_ms, 0),
	PLAIN(scx_plan_opts, recent_ms, 0),
};

/* Little-endian or not: values are at most 32 bits, and their members 16, 32 or 64. */
static bool make_plain(void *object, const struct plain *plain)
{
	char *at = (char *)object + plain->offset, before[8];
	uint32_t middle = (uint32_t)plain->value;
	uint16_t small = (uint16_t)plain->value;

	memcpy(before, at, plain->bytes);
	if (plain->bytes == sizeof(plain->value))
		memcpy(at, &plain->value, sizeof(plain->value));
	else if (plain->bytes == sizeof(middle))
		memcpy(at, &middle, sizeof(middle));
	else
		memcpy(at, &small, sizeof(small));
	return memcmp(before, at, plain->bytes) != 0;
}

static bool simplify(struct plan_case **c, plan_property *property)
{
	bool simpler = false;

	for (size_t f = 0; f < sizeof(plain_task) / sizeof(plain_task[0]); f++)
		for (size_t i = 0; i < (*c)->in.task_count; i++) {
			struct plan_case *s = plan_case_copy(*c);

			if (make_plain(&s->tasks[i], &plain_task[f]))
				simpler |= keep(c, s, property);
			else
				plan_case_free(s);
		}
	for (size_t f = 0; f < sizeof(plain_domain) / sizeof(plain_domain[0]); f++)
		for (size_t i = 0; i < (*c)->in.domain_count; i++) {
			struct plan_case *s = plan_case_copy(*c);

			if (make_plain(&s->domains[i], &plain_domain[f]))
				simpler |= keep(c, s, property);
			else
				plan_case_free(s);
		}
	for (size_t f = 0; f < sizeof(plain_opts) / sizeof(plain_opts[0]); f++) {
		struct plan_case *s = plan_case_copy(*c);

		if (make_plain(&s->opts, &plain_opts[f]))
			simpler |= keep(c, s, property);
		else
			plan_case_free(s);
	}
	return simpler;
}

struct plan_case *plan_case_shrink(struct plan_case *c, plan_property *property)
{
	bool smaller;

	do {
		smaller = drop_tasks(&c, property);
		smaller |= drop_domains(&c, property);
		smaller |= simplify(&c, property);
	} while (smaller);
	return c;
}
