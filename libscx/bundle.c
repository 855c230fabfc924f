/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The bundled schedulers; the build writes their list and the bytes of each (embed.py).
 */
#include "bundle.h"

#include <string.h>

/* SCXI_BUNDLED(name) for each; NAME.bundle.h has its bytes. */
#include "bundle_arrays.h"

#define SCXI_BUNDLED(name) { #name, name##_object, sizeof(name##_object) },
static const struct scxi_bundle bundles[] = {
#include "bundle_list.h"
};
#undef SCXI_BUNDLED

const struct scxi_bundle *scxi_bundle_at(unsigned index)
{
	return index < sizeof(bundles) / sizeof(bundles[0]) ? &bundles[index] : NULL;
}

const struct scxi_bundle *scxi_bundle_find(const char *name)
{
	const struct scxi_bundle *bundle;

	for (unsigned i = 0; (bundle = scxi_bundle_at(i)); i++)
		if (strcmp(bundle->name, name) == 0)
			return bundle;
	return NULL;
}
