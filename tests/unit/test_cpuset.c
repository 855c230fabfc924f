/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
#include <scx/cpuset.h>

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WIDE 512 /* bytes: 4096 CPUs */

/* A set of any width, with guard bytes behind it that must stay as they are. */
struct room {
	cpu_set_t sets[8];
};

static void fill(struct room *room)
{
	memset(room, 0xa5, sizeof(*room));
}

static bool untouched(const struct room *room, size_t from)
{
	const unsigned char *bytes = (const unsigned char *)room;

	for (size_t i = from; i < sizeof(*room); i++)
		if (bytes[i] != 0xa5)
			return false;
	return true;
}

struct text_case {
	char text[64];
	char expected[64]; /* as a list; unused on error */
	int result;
	size_t setsize;
};

static struct criterion_test_params cases(struct text_case *table, size_t count)
{
	return cr_make_param_array(struct text_case, table, count);
}

static void check_case(const struct text_case *c,
		       int (*parse)(const char *text, size_t setsize, cpu_set_t *set))
{
	struct room room;
	char list[256];

	fill(&room);
	cr_assert_eq(parse(c->text, c->setsize, room.sets), c->result, "\"%s\"", c->text);
	if (c->result) {
		cr_assert(untouched(&room, 0), "\"%s\" left something", c->text);
		return;
	}
	cr_assert(untouched(&room, c->setsize), "\"%s\" went beyond the set", c->text);
	cr_assert_eq(scx_cpuset_format(c->setsize, room.sets, list, sizeof(list)), 0);
	cr_assert_str_eq(list, c->expected, "\"%s\" became \"%s\"", c->text, list);
}

ParameterizedTestParameters(cpuset, reads_lists)
{
	static struct text_case table[] = {
		{ "", "", 0, 8 },
		{ "\n", "", 0, 8 },
		{ "0", "0", 0, 8 },
		{ "63", "63", 0, 8 },
		{ "0-63", "0-63", 0, 8 },
		{ "0-7,16-23\n", "0-7,16-23", 0, 8 },
		{ " 3 , 1-2\t,1", "1-3", 0, 8 },
		{ "5,4,3", "3-5", 0, 8 },
		{ "007", "7", 0, 8 },
		{ "0-31:2/8", "0-1,8-9,16-17,24-25", 0, 8 },
		{ "1-6:1/2", "1,3,5", 0, 8 },
		{ "0-4:5/5", "0-4", 0, 8 },
		{ "4095", "4095", 0, WIDE },
		{ "0-4095", "0-4095", 0, WIDE },
		{ "63-64,4000-4095", "63-64,4000-4095", 0, WIDE },
	};

	return cases(table, sizeof(table) / sizeof(*table));
}

ParameterizedTest(struct text_case *c, cpuset, reads_lists)
{
	check_case(c, scx_cpuset_parse);
}

ParameterizedTestParameters(cpuset, refuses_what_is_no_list)
{
	static struct text_case table[] = {
		{ "a", "", -EINVAL, 8 },
		{ "-1", "", -EINVAL, 8 },
		{ "+1", "", -EINVAL, 8 },
		{ "1-", "", -EINVAL, 8 },
		{ "1,", "", -EINVAL, 8 },
		{ ",1", "", -EINVAL, 8 },
		{ "1,,2", "", -EINVAL, 8 },
		{ "1 2", "", -EINVAL, 8 },
		{ "3-1", "", -EINVAL, 8 },
		{ "1-2-3", "", -EINVAL, 8 },
		{ "0x3", "", -EINVAL, 8 },
		{ "0-3:", "", -EINVAL, 8 },
		{ "0-3:1", "", -EINVAL, 8 },
		{ "0-3:0/2", "", -EINVAL, 8 },
		{ "0-3:3/2", "", -EINVAL, 8 },
		{ "0-3:1/0", "", -EINVAL, 8 },
		{ "0:1/2", "", -EINVAL, 8 },
		{ "64", "", -ERANGE, 8 },
		{ "0-64", "", -ERANGE, 8 },
		{ "4096", "", -ERANGE, WIDE },
		{ "2147483647", "", -ERANGE, WIDE },
		{ "4294967296", "", -ERANGE, WIDE },
		{ "18446744073709551616", "", -ERANGE, WIDE },
		{ "0-99999999999999999999", "", -ERANGE, WIDE },
		/* What is no list at all is said before what does not fit. */
		{ "99,x", "", -EINVAL, 8 },
		{ "0", "", -EINVAL, 0 },
		{ "0", "", -EINVAL, 7 },
	};

	return cases(table, sizeof(table) / sizeof(*table));
}

ParameterizedTest(struct text_case *c, cpuset, refuses_what_is_no_list)
{
	check_case(c, scx_cpuset_parse);
}

ParameterizedTestParameters(cpuset, reads_masks)
{
	static struct text_case table[] = {
		{ "0", "", 0, 8 },
		{ "0x0", "", 0, 8 },
		{ "0xff", "0-7", 0, 8 },
		{ "FF00", "8-15", 0, 8 },
		{ "0Xa\n", "1,3", 0, 8 },
		{ "ffffffff,00000001", "0,32-63", 0, 8 },
		{ "1,00000000", "32", 0, 8 },
		{ "0x8000000000000000", "63", 0, 8 },
		{ "0x00000000000000000000000000000001", "0", 0, 8 },
		{ "0x10000000000000000", "64", 0, 16 },
		{ "", "", -EINVAL, 8 },
		{ "0x", "", -EINVAL, 8 },
		{ "0xg", "", -EINVAL, 8 },
		{ "1,2", "", -EINVAL, 8 },
		{ "1,000000000", "", -EINVAL, 8 },
		{ "100000000,00000000", "", -EINVAL, 16 },
		{ ",00000001", "", -EINVAL, 8 },
		{ "00000001,", "", -EINVAL, 8 },
		{ "-1", "", -EINVAL, 8 },
		{ "0x10000000000000000", "", -ERANGE, 8 },
		{ "0x1", "", -EINVAL, 12 },
	};

	return cases(table, sizeof(table) / sizeof(*table));
}

ParameterizedTest(struct text_case *c, cpuset, reads_masks)
{
	check_case(c, scx_cpuset_parse_mask);
}

Test(cpuset, writes_masks_that_can_be_read_again)
{
	static const char *const lists[] = { "", "0", "3", "63", "64", "0,64", "1-127", "4095" };
	static const char *const masks[] = {
		"0x0",
		"0x1",
		"0x8",
		"0x8000000000000000",
		"0x10000000000000000",
		"0x10000000000000001",
		"0xfffffffffffffffffffffffffffffffe",
		NULL, /* 1024 digits */
	};
	struct room room, again;
	char text[2 * WIDE + 3];

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		cr_assert_eq(scx_cpuset_parse(lists[i], WIDE, room.sets), 0);
		cr_assert_eq(scx_cpuset_format_mask(WIDE, room.sets, text, sizeof(text)), 0);
		if (masks[i])
			cr_assert_str_eq(text, masks[i]);
		cr_assert_eq(scx_cpuset_parse_mask(text, WIDE, again.sets), 0);
		cr_assert_eq(memcmp(room.sets, again.sets, WIDE), 0, "%s", lists[i]);
	}
}

Test(cpuset, leaves_a_buffer_that_is_too_small)
{
	cpu_set_t set;
	char buf[8] = "before";

	cr_assert_eq(scx_cpuset_parse("0-3,10", sizeof(set), &set), 0);
	for (size_t size = 0; size < sizeof("0-3,10"); size++) {
		cr_assert_eq(scx_cpuset_format(sizeof(set), &set, buf, size), -ENOSPC);
		cr_assert_str_eq(buf, "before");
	}
	cr_assert_eq(scx_cpuset_format_mask(sizeof(set), &set, buf, 5), -ENOSPC);
	cr_assert_str_eq(buf, "before");
	cr_assert_eq(scx_cpuset_format(sizeof(set), &set, buf, sizeof("0-3,10")), 0);
	cr_assert_str_eq(buf, "0-3,10");
}

Test(cpuset, fits_the_sizes_that_the_header_promises)
{
	struct room room;
	char list[32 * WIDE + 1], mask[2 * WIDE + 3];

	/* Pairs with gaps of one CPU make the longest list. */
	cr_assert_eq(scx_cpuset_parse("0-4095:2/3", WIDE, room.sets), 0);
	cr_assert_eq(scx_cpuset_format(WIDE, room.sets, list, sizeof(list)), 0);
	cr_assert_eq(scx_cpuset_parse("0-4095", WIDE, room.sets), 0);
	cr_assert_eq(scx_cpuset_format_mask(WIDE, room.sets, mask, sizeof(mask)), 0);
	cr_assert_eq(strlen(mask), 2 * WIDE + 2);
}

Test(cpuset, adds_and_removes_single_cpus)
{
	struct room room;

	fill(&room);
	cr_assert_eq(scx_cpuset_clear(WIDE, room.sets), 0);
	cr_assert_eq(scx_cpuset_count(WIDE, room.sets), 0);
	cr_assert_eq(scx_cpuset_add(WIDE, room.sets, 0), 0);
	cr_assert_eq(scx_cpuset_add(WIDE, room.sets, 4095), 0);
	cr_assert_eq(scx_cpuset_add(WIDE, room.sets, 4095), 0);
	cr_assert_eq(scx_cpuset_add(WIDE, room.sets, 4096), -ERANGE);
	cr_assert_eq(scx_cpuset_add(WIDE, room.sets, UINT_MAX), -ERANGE);
	cr_assert_eq(scx_cpuset_count(WIDE, room.sets), 2);
	cr_assert_eq(scx_cpuset_has(WIDE, room.sets, 4095), 1);
	cr_assert_eq(scx_cpuset_has(WIDE, room.sets, 4094), 0);
	cr_assert_eq(scx_cpuset_has(WIDE, room.sets, UINT_MAX), 0);
	cr_assert_eq(scx_cpuset_remove(WIDE, room.sets, 4095), 0);
	cr_assert_eq(scx_cpuset_remove(WIDE, room.sets, 1), 0);
	cr_assert_eq(scx_cpuset_remove(WIDE, room.sets, 4096), -ERANGE);
	cr_assert_eq(scx_cpuset_count(WIDE, room.sets), 1);
	cr_assert(untouched(&room, WIDE));
}

Test(cpuset, walks_in_ascending_order)
{
	struct room room;
	int expected[] = { 0, 1, 63, 64, 128, 4095 };
	size_t found = 0;

	cr_assert_eq(scx_cpuset_parse("4095,128,0-1,63-64", WIDE, room.sets), 0);
	for (int cpu = -1; (cpu = scx_cpuset_next(WIDE, room.sets, cpu)) >= 0; found++)
		cr_assert_eq(cpu, expected[found]);
	cr_assert_eq(found, 6);
	cr_assert_eq(scx_cpuset_next(WIDE, room.sets, 4095), -ENOENT);
	cr_assert_eq(scx_cpuset_next(WIDE, room.sets, INT_MAX), -ENOENT);
	cr_assert_eq(scx_cpuset_next(WIDE, room.sets, INT_MIN), 0);
}

Test(cpuset, refuses_sizes_that_are_no_whole_words)
{
	cpu_set_t set;
	char buf[8];

	for (size_t size = 0; size < 8; size++) {
		cr_assert_eq(scx_cpuset_clear(size, &set), -EINVAL);
		cr_assert_eq(scx_cpuset_add(size, &set, 0), -EINVAL);
		cr_assert_eq(scx_cpuset_remove(size, &set, 0), -EINVAL);
		cr_assert_eq(scx_cpuset_has(size, &set, 0), -EINVAL);
		cr_assert_eq(scx_cpuset_count(size, &set), -EINVAL);
		cr_assert_eq(scx_cpuset_next(size, &set, -1), -EINVAL);
		cr_assert_eq(scx_cpuset_format(size, &set, buf, sizeof(buf)), -EINVAL);
		cr_assert_eq(scx_cpuset_format_mask(size, &set, buf, sizeof(buf)), -EINVAL);
	}
}

Test(cpuset, agrees_with_the_macros_of_libc)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(5, &set);
	CPU_SET(1023, &set);
	cr_assert_eq(scx_cpuset_count(sizeof(set), &set), 2);
	cr_assert_eq(scx_cpuset_has(sizeof(set), &set, 1023), 1);
	cr_assert_eq(scx_cpuset_parse("7", sizeof(set), &set), 0);
	cr_assert(CPU_ISSET(7, &set) && CPU_COUNT(&set) == 1);
}
