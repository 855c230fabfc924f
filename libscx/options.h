/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Options structs that grow: the caller says how large the struct is that it knows.
 */
#ifndef SCXI_OPTIONS_H
#define SCXI_OPTIONS_H

#include <stddef.h>

/*
 * Copies the caller's options into @ret, a struct of @known bytes that begins with its size. NULL or
 * a shorter struct leaves the rest zero, which is the default. Returns 0, -E2BIG if @opts has
 * non-zero bytes that we do not know, or -EINVAL if it is too short to hold its size.
 */
int scxi_options_read(void *ret, size_t known, const void *opts);

#endif /* SCXI_OPTIONS_H */
