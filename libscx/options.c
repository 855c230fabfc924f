/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Options structs that grow, by the rule of clone3(2): what a newer caller set and we do not know is
 * refused, what an older caller does not know is at its default. Knows libc only.
 */
#include "options.h"

#include <errno.h>
#include <string.h>

int scxi_options_read(void *ret, size_t known, const void *opts)
{
	const unsigned char *bytes = opts;
	size_t size = 0;

	if (opts) {
		memcpy(&size, opts, sizeof(size));
		if (size < sizeof(size))
			return -EINVAL;
	}
	for (size_t i = known; i < size; i++)
		if (bytes[i])
			return -E2BIG;
	memset(ret, 0, known);
	if (opts)
		memcpy(ret, opts, size < known ? size : known);
	return 0;
}
