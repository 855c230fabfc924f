/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Errors as sentences: see error.h. Knows libc only.
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

int scxi_fail_buf(char *errbuf, size_t errbuf_size, int err, const char *fmt, ...)
{
	va_list args;

	if (!errbuf || !errbuf_size)
		return err;
	va_start(args, fmt);
	/* A sentence that does not fit is cut off: the number is what counts. */
	(void)vsnprintf(errbuf, errbuf_size, fmt, args);
	va_end(args);
	return err;
}
