/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Options: read from a struct of any version, checked, defaults filled in, and turned into the
 * planner's units. One table says each option's default and limit.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "plan.h"

/* A pressure is not asked to be bridged above 1000 times the mean: keeps sums of costs in 32 bits. */
#define PPT_MAX 1000000u

static const struct {
	const char *name;
	size_t offset;
	uint32_t fallback;
	uint32_t max;
} fields[] = {
	/*
	 * 50: today's practice between domains. 500: a domain that is half empty makes nobody wait
	 * long. 5 and 50: what is not worth a cold L3, or remote memory. The others are
	 * guesses that the benchmarks do not contradict.
	 */
	{ "band_ppt", offsetof(struct scx_plan_opts, band_ppt), 50, PPT_MAX },
	{ "spare_ppt", offsetof(struct scx_plan_opts, spare_ppt), 500, PPT_MAX },
	{ "near_ppt", offsetof(struct scx_plan_opts, near_ppt), 5, PPT_MAX },
	{ "node_ppt", offsetof(struct scx_plan_opts, node_ppt), 50, PPT_MAX },
	{ "home_ppt", offsetof(struct scx_plan_opts, home_ppt), 150, PPT_MAX },
	{ "recent_ppt", offsetof(struct scx_plan_opts, recent_ppt), 100, PPT_MAX },
	{ "footprint_ppt", offsetof(struct scx_plan_opts, footprint_ppt), 10, PPT_MAX },
	{ "group_ppt", offsetof(struct scx_plan_opts, group_ppt), 0, PPT_MAX },
	{ "cooldown_ms", offsetof(struct scx_plan_opts, cooldown_ms), 1000, UINT32_MAX - 1 },
	{ "recent_ms", offsetof(struct scx_plan_opts, recent_ms), 10000, UINT32_MAX - 1 },
};
#define WORK_DEFAULT (64u << 20)

int scxi_plan_opts_read(void *ret, size_t known, const void *opts)
{
	const unsigned char *bytes = opts;
	size_t size;

	memset(ret, 0, known);
	if (!opts)
		return 0;
	memcpy(&size, opts, sizeof(size));
	if (size < sizeof(size))
		return -EINVAL;
	memcpy(ret, opts, size < known ? size : known);
	for (size_t i = known; i < size; i++)
		if (bytes[i])
			return -E2BIG;
	return 0;
}

/* Takes the value of the field of that index, with its default filled in. */
static uint32_t option(const struct scx_plan_opts *opts, size_t index)
{
	uint32_t value;

	memcpy(&value, (const char *)opts + fields[index].offset, sizeof(value));
	if (!value)
		return fields[index].fallback;
	return value == SCX_PLAN_NONE ? 0 : value;
}

static uint32_t pressure(const struct scx_plan_opts *opts, size_t index)
{
	return (uint32_t)((uint64_t)option(opts, index) * SCXI_PRESSURE_ONE / 1000);
}

static int check(const struct scx_plan_opts *opts)
{
	if (opts->flags & ~(uint32_t)SCX_PLAN_NO_SWAPS) {
		(void)snprintf(opts->errbuf, opts->errbuf_size,
			       "flags 0x%x: this version knows only 0x%x", opts->flags,
			       SCX_PLAN_NO_SWAPS);
		return -EINVAL;
	}
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (option(opts, i) <= fields[i].max)
			continue;
		(void)snprintf(opts->errbuf, opts->errbuf_size, "%s %u: at most %u", fields[i].name,
			       option(opts, i), fields[i].max);
		return -EINVAL;
	}
	return 0;
}

int scxi_policy_read(struct scxi_policy *ret_policy, const struct scx_plan_opts *opts)
{
	struct scx_plan_opts o;
	struct scxi_policy policy = { 0 };
	int err = scxi_plan_opts_read(&o, sizeof(o), opts);

	if (!o.errbuf)
		o.errbuf_size = 0;
	if (err) {
		(void)snprintf(o.errbuf, o.errbuf_size,
			       err == -E2BIG ? "options of a later version are set"
					     : "size %zu is too small for the options",
			       o.size);
		return err;
	}
	err = check(&o);
	if (err)
		return err;
	policy.band = pressure(&o, 0);
	policy.settle = policy.band / 4;
	policy.spare_ppt = option(&o, 1);
	policy.near = pressure(&o, 2);
	policy.node = pressure(&o, 3);
	policy.home = pressure(&o, 4);
	policy.recent = pressure(&o, 5);
	policy.footprint = pressure(&o, 6);
	policy.group = pressure(&o, 7);
	policy.cooldown_ns = (uint64_t)option(&o, 8) * 1000000;
	policy.recent_ns = (uint64_t)option(&o, 9) * 1000000;
	policy.moves_max = o.moves_max ? o.moves_max : UINT64_MAX;
	policy.work_max = o.work_max ? o.work_max : WORK_DEFAULT;
	policy.swaps = !(o.flags & SCX_PLAN_NO_SWAPS);
	*ret_policy = policy;
	return 0;
}
