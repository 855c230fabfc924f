// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* The records of a run, in one array that grows. */
#include "trace.h"

#include <errno.h>
#include <stdlib.h>

int scxm_trace_keep(struct scxm *m)
{
	if (!m->trace)
		m->trace = calloc(1, sizeof(*m->trace));
	return m->trace ? 0 : -ENOMEM;
}

void scxm_trace_free(struct scxm *m)
{
	if (m->trace)
		free(m->trace->records);
	free(m->trace);
	m->trace = NULL;
}

void scxm_trace_keep_record(struct scxm *m, const struct scxm_record *record)
{
	struct scxm_trace *t = m->trace;

	if (t->nr == t->room) {
		size_t room = t->room ? t->room * 2 : 4096;
		struct scxm_record *records = reallocarray(t->records, room, sizeof(*records));

		if (!records) {
			t->lost = true;
			return;
		}
		t->records = records;
		t->room = room;
	}
	t->records[t->nr++] = *record;
}
