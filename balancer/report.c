/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * The exit report. The kernel's words are shown as they are, with its numbers; ours say who or what
 * ended the scheduler, and what to do next.
 */
#include "report.h"

#include <inttypes.h>
#include <string.h>

struct kind {
	unsigned kind; /* enum scx_end_kind */
	const char *what;
	const char *hint; /* "" if there is nothing to do */
};

static const struct kind kinds[] = {
	{ SCX_END_UNKNOWN, "ended, and it keeps no record of why",
	  "the kernel's log says more: dmesg | grep sched_ext" },
	{ SCX_END_DETACHED, "detached by someone else", "" },
	{ SCX_END_BPF, "ended by itself", "the code is the scheduler's own" },
	{ SCX_END_KERNEL, "ended by the kernel", "" },
	{ SCX_END_SYSRQ, "ended by a person: SysRq-S", "" },
	{ SCX_END_PARENT, "ended together with its parent scheduler", "" },
	{ SCX_END_PARENT_KILL, "ended by its parent scheduler", "" },
	{ SCX_END_ERROR, "ended for an error: it did what a scheduler may not do",
	  "the message names the call; the dump shows what waited where" },
	{ SCX_END_ERROR_BPF, "ended for an error that it found itself", "" },
	{ SCX_END_ERROR_STALL, "ended by the watchdog: a task waited too long",
	  "the dump lists the tasks that wait; look for a queue that no CPU takes from" },
};

static const struct kind *find_kind(unsigned kind)
{
	static const struct kind newer_error = { 0, "ended for an error", "" };
	static const struct kind newer = { 0, "ended", "" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].kind == kind)
			return &kinds[i];
	return kind >= SCX_END_ERROR ? &newer_error : &newer;
}

static bool is_as_asked(const struct scx_end *end, bool asked)
{
	return asked && (!end || !end->error);
}

int report_exit_status(const struct scx_end *end, bool asked)
{
	if (is_as_asked(end, asked))
		return REPORT_DETACHED;
	if (!end || !end->error)
		return REPORT_ENDED;
	return end->kind == SCX_END_ERROR_STALL ? REPORT_STALL : REPORT_ERROR;
}

int report_attach_status(const struct scx *scx)
{
	const struct scx_end *end = scx_end(scx);

	return end ? report_exit_status(end, false) : REPORT_NOT_ATTACHED;
}

void report_text(FILE *out, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		unsigned char c = (unsigned char)text[i];
		bool harmless = (c >= ' ' && c != 0x7f) || c == '\n' || c == '\t';

		(void)fputc(harmless ? c : '?', out);
	}
}

static void report_line(FILE *out, const char *key, const char *text)
{
	(void)fprintf(out, "  %-10s", key);
	report_text(out, text, strlen(text));
	(void)fputc('\n', out);
}

static void report_dump(FILE *out, const struct scx_end *end)
{
	(void)fprintf(out, "--- dump of the kernel ---\n");
	report_text(out, end->dump, end->dump_bytes);
	(void)fprintf(out, "%s--- end of the dump ---\n",
		      end->dump[end->dump_bytes - 1] == '\n' ? "" : "\n");
}

static void report_details(FILE *out, const struct scx *scx, const struct scx_end *end)
{
	const struct kind *kind = find_kind(end->kind);

	(void)fprintf(out, "  %-10s", "reason");
	report_text(out, end->reason, strlen(end->reason));
	(void)fprintf(out, "%s(kind %u)\n", end->reason[0] ? " " : "", end->kind);
	if (end->message[0])
		report_line(out, "message", end->message);
	if (end->code)
		(void)fprintf(out, "  %-10s0x%" PRIx64 "\n", "code", (uint64_t)end->code);
	if (end->cpu >= 0)
		(void)fprintf(out, "  %-10s%d\n", "CPU", end->cpu);
	if (end->dump_bytes)
		(void)fprintf(out, "  %-10sabove, %zu bytes\n", "dump", end->dump_bytes);
	if (scx_restarts(scx))
		(void)fprintf(out, "  %-10s%u\n", "restarts", scx_restarts(scx));
	if (end->restart)
		report_line(out, "restart", "asked for by the kernel");
	if (kind->hint[0])
		report_line(out, "remedy", kind->hint);
}

void report_end(FILE *out, const struct scx *scx, bool asked)
{
	const struct scx_end *end = scx_end(scx);

	if (!end && !asked)
		return;
	if (end && end->dump_bytes)
		report_dump(out, end);
	report_text(out, scx_name(scx), strlen(scx_name(scx)));
	if (is_as_asked(end, asked)) {
		(void)fprintf(out, ": detached, as asked");
		if (scx_restarts(scx))
			(void)fprintf(out, " (restarts: %u)", scx_restarts(scx));
		(void)fputc('\n', out);
	} else if (end) {
		(void)fprintf(out, ": %s\n", find_kind(end->kind)->what);
		report_details(out, scx, end);
	}
}
