/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Counters: the scheduler's, out of its memory by the names in its BTF; and the kernel's, as text.
 */
#include <scx/stats.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"
#include "memory.h"

#define EVENTS_BYTES 4096

_Static_assert(SCX_STATS_MAX == sizeof(((struct scx_cpu_slot *)NULL)->stats) / sizeof(uint64_t),
	       "public and shared limits");

/* "ATROPOS_STOLEN" of atropos becomes "stolen". */
static void put_name(char *buf, size_t size, const char *scheduler, const char *enumerator)
{
	size_t len = strlen(scheduler);

	if (strncasecmp(enumerator, scheduler, len) == 0 && enumerator[len] == '_')
		enumerator += len + 1;
	(void)snprintf(buf, size, "%s", enumerator); /* longer ones are cut */
	for (; *buf; buf++)
		*buf = (char)tolower((unsigned char)*buf);
}

int scxi_stats_read_names(struct scx *scx)
{
	const struct scxi_backend_ops *ops = scx->backend->ops;
	const char *name;

	if (!scx->features.memory)
		return 0;
	for (unsigned i = 0; i < SCX_STATS_MAX && (name = ops->stat_name(scx->session, i)); i++) {
		struct scxi_stat_name *grown = reallocarray(scx->stat_names, i + 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		scx->stat_names = grown;
		put_name(grown[i].text, sizeof(grown[i].text), scx->features.name, name);
		scx->nr_stats = i + 1;
	}
	return 0;
}

const char *scx_stat_name(const struct scx *scx, unsigned index)
{
	return index < scx->nr_stats ? scx->stat_names[index].text : NULL;
}

/* The slots of @nr CPUs from @first on. */
static int cpu_slots(struct scx *scx, unsigned first, const struct scx_cpu_slot **ret, unsigned *nr)
{
	const struct scxi_memory *m = &scx->memory;

	if (!scx->nr_stats)
		return scxi_fail(scx, -ENOTSUP, "%s has no statistics", scx->features.name);
	if (!scxi_is_mine(scx))
		return scxi_check_owner(scx);
	if (!scxi_loaded(scx) || !m->memory)
		return scxi_fail(scx, -ENOTCONN, "%s is not loaded", scx->features.name);
	if (first >= m->memory->nr_cpus)
		return scxi_fail(scx, -ENODEV, "CPU %u: %s knows CPUs 0 .. %u", first,
				 scx->features.name, m->memory->nr_cpus - 1);
	*nr = m->memory->nr_cpus;
	*ret = scxi_ref(m, m->memory->cpus, *nr * sizeof(**ret));
	return *ret ? 0
		    : scxi_fail(scx, -EPROTO, "%s shares memory that makes no sense",
				scx->features.name);
}

static int read_stats(const struct scx *scx, const struct scx_cpu_slot *slots, unsigned first,
		      unsigned end, uint64_t *ret, size_t nr)
{
	if (nr > scx->nr_stats)
		nr = scx->nr_stats;
	for (size_t i = 0; i < nr; i++) {
		ret[i] = 0;
		for (unsigned cpu = first; cpu < end; cpu++)
			ret[i] += SCXI_READ(slots[cpu].stats[i]);
	}
	return (int)nr;
}

int scx_stat_read(struct scx *scx, uint64_t *ret_values, size_t nr)
{
	const struct scx_cpu_slot *slots;
	unsigned nr_cpus;
	int err = cpu_slots(scx, 0, &slots, &nr_cpus);

	return err ? err : read_stats(scx, slots, 0, nr_cpus, ret_values, nr);
}

int scx_stat_read_cpu(struct scx *scx, unsigned cpu, uint64_t *ret_values, size_t nr)
{
	const struct scx_cpu_slot *slots;
	unsigned nr_cpus;
	int err = cpu_slots(scx, cpu, &slots, &nr_cpus);

	return err ? err : read_stats(scx, slots, cpu, cpu + 1, ret_values, nr);
}

int scx_event_read(struct scx *scx, struct scx_event *ret_events, size_t nr)
{
	char text[EVENTS_BYTES], *rest = text, *line;
	int n, found = 0;

	if (scx->state != SCX_STATE_ATTACHED)
		return scxi_fail(scx, -ENOTCONN, "%s is not attached", scx->features.name);
	n = scx->backend->ops->events(scx->backend, text, sizeof(text));
	if (n == -ENOTSUP)
		return scxi_fail(scx, n, "this kernel has no event counters (6.15 and later do)");
	if (n < 0)
		return scxi_fail(scx, n, "the event counters cannot be read: %s", strerror(-n));
	while ((line = strsep(&rest, "\n"))) {
		char *space = strchr(line, ' ');
		struct scx_event *e;

		if (!space)
			continue;
		*space = '\0';
		if ((size_t)found < nr) {
			e = &ret_events[found];
			memset(e, 0, sizeof(*e));
			(void)snprintf(e->name, sizeof(e->name), "%s",
				       line); /* longer ones are cut */
			e->value = strtoll(space + 1, NULL, 10);
		}
		found++;
	}
	return found;
}
