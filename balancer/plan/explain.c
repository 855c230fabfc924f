/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * A move in one line that a person understands.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plan.h"

#define LINE_MAX_BYTES 256

/* "38 % above", "12 % below", "at" the mean. */
static void say_pressure(char *buf, size_t size, uint32_t ppt)
{
	if (ppt == UINT32_MAX)
		(void)snprintf(buf, size, "no CPU left");
	else if (ppt >= 1005)
		(void)snprintf(buf, size, "%u %% above", (ppt - 1000 + 5) / 10);
	else if (ppt < 995)
		(void)snprintf(buf, size, "%u %% below", (1000 - ppt + 5) / 10);
	else
		(void)snprintf(buf, size, "as the mean");
}

static const char *reason_text(const struct scx_plan_move *move)
{
	switch (move->reason) {
	case SCX_PLAN_OVERLOAD:
		return "overload";
	case SCX_PLAN_UNDERLOAD:
		return "underload";
	case SCX_PLAN_SWAP:
		return "swap";
	case SCX_PLAN_EVACUATE:
		return "evacuate";
	case SCX_PLAN_REARRANGE:
		return "rearrange";
	default:
		return "unknown reason";
	}
}

static const char *home_text(uint32_t home)
{
	if (home == 1)
		return ", going home";
	return home == 2 ? ", leaving home" : "";
}

int scx_plan_explain(const struct scx_plan_move *move, char *buf, size_t size)
{
	char line[LINE_MAX_BYTES], from[32], to[32], way[32] = "same node", partner[48] = "";
	int length;

	if (!move)
		return -EINVAL;
	say_pressure(from, sizeof(from), move->from_ppt);
	say_pressure(to, sizeof(to), move->to_ppt);
	if (move->distance != 10)
		(void)snprintf(way, sizeof(way), "distance %u", move->distance);
	if (move->partner != UINT32_MAX)
		(void)snprintf(partner, sizeof(partner), " with task #%u", move->partner);
	length =
		snprintf(line, sizeof(line),
			 "task %" PRIu64 ": domain %u (%s) -> %u (%s), %s%s, load %u.%03u CPU, "
			 "bridges %u.%u %% for %u.%u %%, %s%s",
			 move->id, move->from, from, move->to, to, reason_text(move), partner,
			 move->load / SCX_PLAN_ONE, move->load % SCX_PLAN_ONE * 1000 / SCX_PLAN_ONE,
			 move->gain_ppt / 10, move->gain_ppt % 10, move->cost_ppt / 10,
			 move->cost_ppt % 10, way, home_text(move->home));
	if (!buf || (size_t)length >= size)
		return -ENOSPC;
	memcpy(buf, line, (size_t)length + 1);
	return length;
}
