/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The schedulers that are inside the library: BPF objects, linked into its read-only data.
 */
#ifndef SCXI_BUNDLE_H
#define SCXI_BUNDLE_H

#include <stddef.h>

struct scxi_bundle {
	const char *name;
	const unsigned char *object;
	size_t bytes;
};

/* NULL behind the last one; NULL if there is none of this name. */
const struct scxi_bundle *scxi_bundle_at(unsigned index);
const struct scxi_bundle *scxi_bundle_find(const char *name);

#endif /* SCXI_BUNDLE_H */
