// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* The kernel functions by slot, and what the kernel that the model poses as has of them. */
#include <string.h>

#include "kf.h"
#include "object.h"

struct entry {
	const char *name;
	void (*fn)(void);
	uint16_t since;
	uint16_t until; /* of 6.x: the first minor version that has it no more */
};

#define SCXM_FN(name, impl, major, minor, until)                                                   \
	{ #name, (void (*)(void))impl, SCXM_KERNEL(major, minor), SCXM_KERNEL(6, until) },
static const struct entry entries[] = {
#include "surface.h"
};
#undef SCXM_FN
#define NR_ENTRIES (sizeof(entries) / sizeof(entries[0]))

const void *scxm_table(unsigned index)
{
	const void *fn = NULL;

	if (index < NR_ENTRIES)
		memcpy(&fn, &entries[index].fn, sizeof(fn));
	return fn;
}

bool scxm_table_has(const struct scxm *m, const char *name)
{
	for (size_t i = 0; i < NR_ENTRIES; i++) {
		const struct entry *e = &entries[i];

		if (strcmp(e->name, name) != 0)
			continue;
		return m->kernel >= e->since && ((e->until & 255) == 99 || m->kernel < e->until);
	}
	return false;
}
