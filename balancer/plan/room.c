/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Memory that a planner keeps from plan to plan, and the sentence that says what went wrong.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "plan.h"

/*
 * Makes room for @count things of @size bytes; what was in it is kept. Grows by half, so that inputs
 * that grow slowly do not allocate each time. There is always room for something: callers compute
 * with the address also where they need none.
 */
int scxi_room_need(struct scxi_room *room, size_t count, size_t size)
{
	size_t bytes, more;
	void *at;

	if (size && count > SIZE_MAX / 2 / size)
		return -ENOMEM;
	bytes = count ? count * size : 1;
	if (bytes <= room->bytes)
		return 0;
	more = room->bytes + room->bytes / 2;
	if (bytes < more)
		bytes = more;
	at = realloc(room->at, bytes);
	if (!at)
		return -ENOMEM;
	room->at = at;
	room->bytes = bytes;
	return 0;
}

void scxi_room_free(struct scxi_room *room)
{
	free(room->at);
	room->at = NULL;
	room->bytes = 0;
}

int scxi_plan_fail(struct scx_planner *p, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	/* Cut off when it is too long: still a sentence that helps. */
	(void)vsnprintf(p->errmsg, sizeof(p->errmsg), fmt, args);
	va_end(args);
	return err;
}
