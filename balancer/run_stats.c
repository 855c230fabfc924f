/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * Counters as lines: the scheduler's own, and behind "kernel:" the kernel's (6.15 and later). What did
 * not change is left out.
 */
#include "run.h"

#include <inttypes.h>
#include <string.h>

#include "report.h"

static void put_counter(FILE *out, const char *name, const char *sign, uint64_t value)
{
	(void)fputs("  ", out);
	report_text(out, name, strlen(name));
	(void)fprintf(out, " %s%" PRIu64, sign, value);
}

/* Prints what is above @before, and enters the present in it. Returns how many were printed. */
static unsigned put_values(FILE *out, struct scx *scx, uint64_t *before, const char *sign)
{
	uint64_t now[SCX_STATS_MAX];
	int nr = scx_stat_read(scx, now, SCX_STATS_MAX);
	unsigned printed = 0;

	for (int i = 0; i < nr; i++) {
		if (now[i] > before[i]) {
			put_counter(out, scx_stat_name(scx, (unsigned)i), sign, now[i] - before[i]);
			printed++;
		}
		before[i] = now[i];
	}
	return printed;
}

static unsigned put_events(FILE *out, struct scx *scx, int64_t *before, const char *sign)
{
	struct scx_event now[RUN_EVENTS_MAX];
	int nr = scx_event_read(scx, now, RUN_EVENTS_MAX);
	unsigned printed = 0;

	for (int i = 0; i < nr && i < RUN_EVENTS_MAX; i++) {
		if (now[i].value > before[i]) {
			if (!printed++)
				(void)fputs("  kernel:", out);
			put_counter(out, now[i].name, sign, (uint64_t)(now[i].value - before[i]));
		}
		before[i] = now[i].value;
	}
	return printed;
}

static void put_line(struct run_stats *s, struct scx *scx, const char *what, const char *sign)
{
	uint64_t run_ns = scx_now_ns(scx) - s->begin_ns;
	unsigned printed;

	(void)fprintf(s->out, "[%8.1f s]%s", (double)run_ns / 1e9, what);
	printed = put_values(s->out, scx, s->values, sign);
	printed += put_events(s->out, scx, s->events, sign);
	(void)fputs(printed ? "\n" : "  nothing was counted\n", s->out);
	(void)fflush(s->out); /* a pipe shall have it now */
}

static void forget(struct run_stats *s)
{
	memset(s->values, 0, sizeof(s->values));
	memset(s->events, 0, sizeof(s->events));
}

void run_stats_begin(struct run_stats *s, FILE *out, struct scx *scx)
{
	*s = (struct run_stats){ .out = out, .begin_ns = scx_now_ns(scx) };
}

void run_stats_print(struct run_stats *s, struct scx *scx)
{
	if (s->restarts != scx_restarts(scx))
		forget(s);
	s->restarts = scx_restarts(scx);
	put_line(s, scx, "", "+");
}

void run_stats_total(struct run_stats *s, struct scx *scx)
{
	forget(s);
	put_line(s, scx, s->restarts ? "  since the last attach:" : "  in all:", "");
}
