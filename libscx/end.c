/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The end of a run: the report is copied out of the scheduler's memory once, and stays when that is
 * gone.
 */
#include <scx/scx.h>

#include <stdlib.h>
#include <string.h>

#include "handle.h"

#define ACT_RESTART (1ULL << 48) /* SCX_ECODE_ACT_RESTART, kernel/sched/ext/internal.h */

static char *copy(char **at, const char *text, size_t len)
{
	char *start = *at;

	memcpy(start, text, len);
	start[len] = '\0';
	*at += len + 1;
	return start;
}

int scxi_report_take(struct scx *scx)
{
	struct scx_end *end = &scx->report.end;
	struct scxi_end got;
	size_t reason_len, message_len;
	char *at;

	if (!scx->backend->ops->end(scx->session, &got))
		return 0;
	scxi_report_clear(scx);
	*end = (struct scx_end){
		.kind = (unsigned)got.kind,
		.error = got.kind >= SCX_END_ERROR,
		/* A scheduler's own code may be negative, with all bits of the kernel's set. */
		.restart = got.kind != SCX_END_UNKNOWN && got.code >= 0 &&
			   ((uint64_t)got.code & ACT_RESTART),
		.cpu = got.cpu,
		.code = got.code,
		.reason = "",
		.message = "",
		.dump = "",
	};
	scx->ended = true;
	reason_len = strlen(got.reason);
	message_len = strlen(got.message);
	end->dump_bytes = strlen(got.dump);
	scx->report.text = malloc(reason_len + message_len + end->dump_bytes + 3);
	if (!scx->report.text) {
		/* The numbers say what matters most. */
		end->dump_bytes = 0;
		return 1;
	}
	at = scx->report.text;
	end->reason = copy(&at, got.reason, reason_len);
	end->message = copy(&at, got.message, message_len);
	end->dump = copy(&at, got.dump, end->dump_bytes);
	return 1;
}

void scxi_report_unknown(struct scx *scx)
{
	scxi_report_clear(scx);
	scx->report.end = (struct scx_end){
		.kind = SCX_END_UNKNOWN,
		.cpu = -1,
		.reason = "it keeps no record of why it ended; see the kernel's log",
		.message = "",
		.dump = "",
	};
	scx->ended = true;
}

void scxi_report_clear(struct scx *scx)
{
	free(scx->report.text);
	memset(&scx->report, 0, sizeof(scx->report));
	scx->ended = false;
}

const struct scx_end *scx_end(const struct scx *scx)
{
	return scx->ended ? &scx->report.end : NULL;
}
