/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Text of unknown length into the caller's buffer: see text.h. Knows libc only.
 */
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void scxi_text_add(struct scxi_text *text, const char *fmt, ...)
{
	size_t room = text->buf && text->len < text->size ? text->size - text->len : 0;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(room ? text->buf + text->len : NULL, room, fmt, args);
	va_end(args);
	/* With our own formats it cannot be negative. */
	if (len > 0)
		text->len += (size_t)len;
}

void scxi_text_add_cpus(struct scxi_text *text, unsigned cpu_end, scxi_cpu_fn test, const void *arg)
{
	const char *comma = "";

	for (unsigned cpu = 0; cpu < cpu_end; cpu++) {
		unsigned last = cpu;

		if (!test(cpu, arg))
			continue;
		while (last + 1 < cpu_end && test(last + 1, arg))
			last++;
		scxi_text_add(text, "%s%u", comma, cpu);
		if (last > cpu)
			scxi_text_add(text, "-%u", last);
		comma = ",";
		cpu = last;
	}
}

int scxi_text_write(char *buf, size_t size, scxi_text_fn fn, const void *arg)
{
	struct scxi_text measured = { .buf = NULL };
	struct scxi_text text = { .buf = buf, .size = size };

	fn(&measured, arg);
	if (measured.len >= size)
		return -ENOSPC;
	buf[0] = '\0';
	fn(&text, arg);
	return 0;
}
