// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* The natively compiled schedulers inside the library. */
#include <string.h>

#include "model.h"

#define SCXM_BUNDLED(name) extern const char scxm_bundle_##name[], scxm_bundle_##name##_end[];
#include "scxm_bundle.h"
#undef SCXM_BUNDLED

const void *scxm_bundled(const char *name, size_t *ret_bytes)
{
#define SCXM_BUNDLED(scheduler)                                                                    \
	if (!strcmp(name, #scheduler)) {                                                           \
		*ret_bytes = (size_t)(scxm_bundle_##scheduler##_end - scxm_bundle_##scheduler);    \
		return scxm_bundle_##scheduler;                                                    \
	}
#include "scxm_bundle.h"
#undef SCXM_BUNDLED
	return NULL;
}
