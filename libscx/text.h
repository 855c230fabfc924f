/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Text of unknown length into the caller's buffer: written twice by the same function, first to
 * measure, then to fill, so that a buffer that is too small stays untouched.
 */
#ifndef SCXI_TEXT_H
#define SCXI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct scxi_text {
	char *buf; /* NULL: measure only */
	size_t size;
	size_t len; /* without the final 0; grows also while measuring */
};

typedef void (*scxi_text_fn)(struct scxi_text *text, const void *arg);

void scxi_text_add(struct scxi_text *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds, in the kernel's list format, those of CPUs 0 .. @cpu_end - 1 that @test is true for. */
typedef bool (*scxi_cpu_fn)(unsigned cpu, const void *arg);
void scxi_text_add_cpus(struct scxi_text *text, unsigned cpu_end, scxi_cpu_fn test,
			const void *arg);

/* Lets @fn write into @buf. Returns 0 or -ENOSPC with @buf untouched. */
int scxi_text_write(char *buf, size_t size, scxi_text_fn fn, const void *arg);

#endif /* SCXI_TEXT_H */
