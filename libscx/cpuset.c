/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * CPU sets of any width, as text and back.
 *
 * A set is read as an array of unsigned long, which is what glibc, musl and the kernel take it for.
 * glibc's struct has room for 1024 CPUs only, so its array is never indexed as such. Parsing goes
 * over the text twice, first to check and then to fill: a set that the text cannot fill stays
 * untouched, and nothing is allocated. Knows libc only.
 */
#include <scx/cpuset.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cpuset.h"
#include "text.h"

#define WORD_BITS (8 * sizeof(unsigned long))

/* A piece of text that is being read. */
struct input {
	const char *at;
	const char *end;
};

bool scxi_cpuset_size_ok(size_t setsize)
{
	return setsize && setsize % sizeof(unsigned long) == 0;
}

/* The first CPU that the set cannot hold; CPU numbers are ints in the kernel. */
static unsigned set_end(size_t setsize)
{
	return setsize > INT_MAX / 8 ? INT_MAX : (unsigned)(setsize * 8);
}

static unsigned long *set_words(cpu_set_t *set)
{
	return (unsigned long *)set;
}

static const unsigned long *set_words_const(const cpu_set_t *set)
{
	return (const unsigned long *)set;
}

static void set_bit(cpu_set_t *set, unsigned cpu)
{
	set_words(set)[cpu / WORD_BITS] |= 1UL << cpu % WORD_BITS;
}

static bool get_bit(const cpu_set_t *set, unsigned cpu)
{
	return set_words_const(set)[cpu / WORD_BITS] >> cpu % WORD_BITS & 1;
}

static void skip_blanks(struct input *in)
{
	while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n'))
		in->at++;
}

static bool take(struct input *in, char c)
{
	if (in->at == in->end || *in->at != c)
		return false;
	in->at++;
	return true;
}

/* Reads a number; one that is too large for an int becomes INT_MAX, which no set can hold. */
static int take_number(struct input *in, unsigned *ret)
{
	unsigned value = 0;
	const char *start = in->at;

	for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
		unsigned digit = (unsigned)(*in->at - '0');

		value = value > (INT_MAX - digit) / 10 ? INT_MAX : value * 10 + digit;
	}
	if (in->at == start)
		return -EINVAL;
	*ret = value;
	return 0;
}

/* Reads "N", "N-M" or "N-M:USED/GROUP" and adds it to @set, or only checks it if @set is NULL. */
static int take_item(struct input *in, unsigned end, cpu_set_t *set)
{
	unsigned first, last, used = 1, group = 1;

	if (take_number(in, &first))
		return -EINVAL;
	last = first;
	if (take(in, '-')) {
		if (take_number(in, &last) || last < first)
			return -EINVAL;
		if (take(in, ':') && (take_number(in, &used) || !take(in, '/') ||
				      take_number(in, &group) || !used || used > group))
			return -EINVAL;
	}
	/* The check run must see the whole text: bad syntax is reported before a bad number. */
	if (!set)
		return last >= end ? -ERANGE : 0;
	for (unsigned cpu = first; cpu <= last; cpu++)
		if ((cpu - first) % group < used)
			set_bit(set, cpu);
	return 0;
}

static int take_list(struct input in, unsigned end, cpu_set_t *set)
{
	int result = 0;

	skip_blanks(&in);
	if (in.at == in.end)
		return 0;
	do {
		int err;

		skip_blanks(&in);
		err = take_item(&in, end, set);
		if (err == -EINVAL)
			return err;
		if (err)
			result = err;
		skip_blanks(&in);
	} while (take(&in, ','));
	return in.at == in.end ? result : -EINVAL;
}

int scxi_cpuset_parse_list(const char *text, size_t len, size_t setsize, cpu_set_t *ret_set)
{
	struct input in = { .at = text, .end = text + len };
	int err;

	if (!scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	err = take_list(in, set_end(setsize), NULL);
	if (err)
		return err;
	memset(ret_set, 0, setsize);
	return take_list(in, set_end(setsize), ret_set);
}

int scx_cpuset_parse(const char *list, size_t setsize, cpu_set_t *ret_set)
{
	return scxi_cpuset_parse_list(list, strlen(list), setsize, ret_set);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Checks the form: digits, and 8 of them after each comma. */
static bool mask_is_good(struct input in)
{
	unsigned digits = 0;
	bool grouped = false;

	for (; in.at < in.end; in.at++) {
		if (*in.at == ',') {
			if (!digits || (grouped && digits != 8) || digits > 8)
				return false;
			grouped = true;
			digits = 0;
		} else if (hex_value(*in.at) >= 0) {
			digits++;
		} else {
			return false;
		}
	}
	return digits && (!grouped || digits == 8);
}

/* Walks from the last digit, which is CPUs 0 to 3; adds to @set, or only checks if it is NULL. */
static int take_mask(struct input in, unsigned end, cpu_set_t *set)
{
	unsigned cpu = 0;

	for (const char *at = in.end; at > in.at;) {
		int value = hex_value(*--at);

		if (value < 0)
			continue; /* a comma */
		for (unsigned bit = 0; bit < 4; bit++) {
			if (!(value >> bit & 1))
				continue;
			if (cpu > end || end - cpu <= bit)
				return -ERANGE;
			if (set)
				set_bit(set, cpu + bit);
		}
		/* Leading zeros may be many; cpu stays above @end then. */
		if (cpu <= end)
			cpu += 4;
	}
	return 0;
}

int scxi_cpuset_parse_mask(const char *text, size_t len, size_t setsize, cpu_set_t *ret_set)
{
	struct input in = { .at = text, .end = text + len };
	int err;

	if (!scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	skip_blanks(&in);
	while (in.end > in.at && (in.end[-1] == ' ' || in.end[-1] == '\t' || in.end[-1] == '\n'))
		in.end--;
	if (in.end - in.at > 2 && in.at[0] == '0' && (in.at[1] == 'x' || in.at[1] == 'X'))
		in.at += 2;
	if (!mask_is_good(in))
		return -EINVAL;
	err = take_mask(in, set_end(setsize), NULL);
	if (err)
		return err;
	memset(ret_set, 0, setsize);
	return take_mask(in, set_end(setsize), ret_set);
}

int scx_cpuset_parse_mask(const char *mask, size_t setsize, cpu_set_t *ret_set)
{
	return scxi_cpuset_parse_mask(mask, strlen(mask), setsize, ret_set);
}

struct set_ref {
	size_t setsize;
	const cpu_set_t *set;
};

static bool is_in_set(unsigned cpu, const void *arg)
{
	const struct set_ref *ref = arg;

	return get_bit(ref->set, cpu);
}

static void write_list(struct scxi_text *text, const void *arg)
{
	const struct set_ref *ref = arg;

	scxi_text_add_cpus(text, set_end(ref->setsize), is_in_set, ref);
}

int scx_cpuset_format(size_t setsize, const cpu_set_t *set, char *buf, size_t size)
{
	struct set_ref ref = { .setsize = setsize, .set = set };

	if (!scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	return scxi_text_write(buf, size, write_list, &ref);
}

static void write_mask(struct scxi_text *text, const void *arg)
{
	const struct set_ref *ref = arg;
	const unsigned long *words = set_words_const(ref->set);
	size_t i = ref->setsize / sizeof(*words) - 1;

	while (i && !words[i])
		i--;
	scxi_text_add(text, "0x%lx", words[i]);
	while (i--)
		scxi_text_add(text, "%0*lx", (int)(2 * sizeof(*words)), words[i]);
}

int scx_cpuset_format_mask(size_t setsize, const cpu_set_t *set, char *buf, size_t size)
{
	struct set_ref ref = { .setsize = setsize, .set = set };

	if (!scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	return scxi_text_write(buf, size, write_mask, &ref);
}

int scx_cpuset_clear(size_t setsize, cpu_set_t *ret_set)
{
	if (!scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	memset(ret_set, 0, setsize);
	return 0;
}

int scx_cpuset_add(size_t setsize, cpu_set_t *set, unsigned cpu)
{
	if (!scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	if (cpu >= set_end(setsize))
		return -ERANGE;
	set_bit(set, cpu);
	return 0;
}

int scx_cpuset_remove(size_t setsize, cpu_set_t *set, unsigned cpu)
{
	if (!scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	if (cpu >= set_end(setsize))
		return -ERANGE;
	set_words(set)[cpu / WORD_BITS] &= ~(1UL << cpu % WORD_BITS);
	return 0;
}

int scx_cpuset_has(size_t setsize, const cpu_set_t *set, unsigned cpu)
{
	if (!scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	return cpu < set_end(setsize) && get_bit(set, cpu);
}

int scx_cpuset_count(size_t setsize, const cpu_set_t *set)
{
	int count = 0;

	if (!scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	for (size_t i = 0; i < setsize / sizeof(unsigned long); i++)
		count += __builtin_popcountl(set_words_const(set)[i]);
	return count;
}

int scx_cpuset_next(size_t setsize, const cpu_set_t *set, int cpu)
{
	unsigned next = cpu < 0 ? 0 : (unsigned)cpu + 1;

	if (!scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	while (next < set_end(setsize)) {
		unsigned long word = set_words_const(set)[next / WORD_BITS] >> next % WORD_BITS;

		if (word)
			return (int)next + __builtin_ctzl(word);
		next = (unsigned)((next / WORD_BITS + 1) * WORD_BITS);
	}
	return -ENOENT;
}

size_t scxi_cpuset_size(unsigned cpu_end)
{
	size_t words = (cpu_end + WORD_BITS - 1) / WORD_BITS;

	return (words ? words : 1) * sizeof(unsigned long);
}

cpu_set_t *scxi_cpuset_new(size_t setsize)
{
	return calloc(1, setsize);
}
