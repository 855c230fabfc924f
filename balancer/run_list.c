/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * What --list prints: everything that is known of a scheduler without the kernel.
 */
#include "run.h"

#include <inttypes.h>
#include <string.h>

#include <scx/tunable.h>

#include "report.h"

/* What a string's value is cut to. */
#define VALUE_BYTES 256

static void put_tunable_names(FILE *out, const struct scx *scx)
{
	const struct scx_tunable *t = NULL;

	(void)fprintf(out, "tunables:");
	while ((t = scx_tunable_next(scx, t)))
		(void)fprintf(out, " %s", t->name);
	(void)fputc('\n', out);
}

void run_list_bundled(FILE *out)
{
	const char *name;

	for (unsigned i = 0; (name = scx_bundled(i)); i++) {
		struct scx *scx = scx_open(name, NULL);

		(void)fprintf(out, "%-12s", name);
		if (scx)
			put_tunable_names(out, scx);
		else
			(void)fprintf(out, "cannot be opened\n");
		scx_close(scx);
	}
}

static void put_type(FILE *out, const struct scx_tunable *t)
{
	static const char *const names[] = {
		[SCX_TUNABLE_UNSIGNED] = "unsigned",
		[SCX_TUNABLE_SIGNED] = "signed",
		[SCX_TUNABLE_BOOL] = "bool",
		[SCX_TUNABLE_STRING] = "string",
	};
	unsigned bits = t->size * 8;

	(void)fputs(t->type < sizeof(names) / sizeof(names[0]) && names[t->type] ? names[t->type]
										 : "unknown type",
		    out);
	if (t->type == SCX_TUNABLE_STRING)
		(void)fprintf(out, " of up to %u bytes", t->size - 1);
	else if (t->type != SCX_TUNABLE_BOOL)
		(void)fprintf(out, " %u bits", bits);
}

/* Does the range say more than the type? */
static bool has_range(const struct scx_tunable *t)
{
	unsigned bits = t->size * 8;
	int64_t most = (int64_t)(UINT64_MAX >> (65 - bits));

	if (t->type == SCX_TUNABLE_SIGNED)
		return (int64_t)t->min > -most - 1 || (int64_t)t->max < most;
	return t->type == SCX_TUNABLE_UNSIGNED &&
	       (t->min > 0 || t->max < UINT64_MAX >> (64 - bits));
}

/* What may be given, in the words in which it is given. */
static void put_choice(FILE *out, const struct scx_tunable *t)
{
	put_type(out, t);
	if (t->values[0]) {
		(void)fputs(", ", out);
		report_text(out, t->values, strlen(t->values));
	} else if (has_range(t) && t->type == SCX_TUNABLE_SIGNED) {
		(void)fprintf(out, ", %" PRId64 "..%" PRId64, (int64_t)t->min, (int64_t)t->max);
	} else if (has_range(t)) {
		(void)fprintf(out, ", %" PRIu64 "..%" PRIu64, t->min, t->max);
	}
	if (t->unit[0]) {
		(void)fputs(has_range(t) ? " " : ", ", out);
		report_text(out, t->unit, strlen(t->unit));
	}
}

static const char *value_of(struct scx *scx, const struct scx_tunable *t, char *buf, size_t size)
{
	if (scx_tunable_get(scx, t->name, buf, size))
		(void)snprintf(buf, size, "(%u bytes)", t->size); /* a long string */
	return buf;
}

static void put_tunable(FILE *out, struct scx *scx, struct scx *defaults,
			const struct scx_tunable *t)
{
	char value[VALUE_BYTES], by_default[VALUE_BYTES];

	(void)value_of(scx, t, value, sizeof(value));
	(void)value_of(defaults, t, by_default, sizeof(by_default));
	(void)fputs("  ", out);
	report_text(out, t->name, strlen(t->name));
	(void)fputc('=', out);
	report_text(out, value, strlen(value));
	if (strcmp(value, by_default) != 0) {
		(void)fputs("  (default ", out);
		report_text(out, by_default, strlen(by_default));
		(void)fputc(')', out);
	}
	(void)fputs("  (", out);
	put_choice(out, t);
	(void)fputs(")\n", out);
	if (t->help[0]) {
		(void)fputs("      ", out);
		report_text(out, t->help, strlen(t->help));
		(void)fputc('\n', out);
	}
}

void run_list_tunables(FILE *out, struct scx *scx, struct scx *defaults)
{
	const struct scx_tunable *t = NULL;
	const char *stat;

	report_text(out, scx_name(scx), strlen(scx_name(scx)));
	if (!scx_tunable_next(scx, NULL))
		(void)fputs(": no tunables\n", out);
	else
		(void)fputs(": tunables, to be chosen with --set NAME=VALUE\n", out);
	while ((t = scx_tunable_next(scx, t)))
		put_tunable(out, scx, defaults, t);
	if (!scx_stat_name(scx, 0))
		return;
	(void)fputs("counters, to be shown with --stats SECONDS:\n ", out);
	for (unsigned i = 0; (stat = scx_stat_name(scx, i)); i++) {
		(void)fputc(' ', out);
		report_text(out, stat, strlen(stat));
	}
	(void)fputc('\n', out);
}
