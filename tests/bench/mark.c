// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
#include "mark.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static void *map_marks(void)
{
	const unsigned char ret = 0xc3; /* x86: return from a call */
	void *base = (void *)(uintptr_t)MARK_BASE;
	unsigned char *page = mmap(base, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (page != base) {
		perror("mmap of the marks");
		exit(1);
	}
	for (size_t i = 0; i < 2 * (size_t)PHASES_MAX; i++)
		page[i * MARK_STEP] = ret;
	return page;
}

static void mark(int number)
{
	static void *marks;

	if (!marks)
		marks = map_marks();
	((void (*)(void))(uintptr_t)(MARK_BASE + (unsigned)number * MARK_STEP))();
}

void phase_begins(int phase)
{
	mark(2 * phase);
}

void phase_ends(int phase)
{
	mark(2 * phase + 1);
}
