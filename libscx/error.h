/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Errors as sentences. Where something is found wrong, one call writes the sentence and returns the
 * number, so that a function can return them together: thing, what is wrong, remedy.
 */
#ifndef SCXI_ERROR_H
#define SCXI_ERROR_H

#include <stddef.h>

/* Writes the sentence into @errbuf, cut off if it is too long, and returns @err. @errbuf may be NULL. */
int scxi_fail_buf(char *errbuf, size_t errbuf_size, int err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif /* SCXI_ERROR_H */
