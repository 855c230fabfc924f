/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Recorded snapshots: what is written is what is read; and whatever happens to a file on its way, reading
 * it gives a snapshot or says which line is wrong.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "plan_hold.h"

#define FALSE(...) (snprintf(why, size, __VA_ARGS__), false)
#define TEXT_MAX (256u << 10)

/* One file in memory for all cases, and what was read back of it. */
static int file = -1;
static char *text;

static void set_up(void)
{
	file = memfd_create("record", MFD_CLOEXEC);
	text = malloc(TEXT_MAX);
	cr_assert(file >= 0 && text);
}

static void tear_down(void)
{
	close(file);
	free(text);
}

TestSuite(plan_record, .init = set_up, .fini = tear_down);

/* Saves into text[]. Returns its length. */
static size_t save(const struct scx_plan_input *in, const struct scx_plan_opts *opts)
{
	ssize_t length;

	cr_assert_eq(ftruncate(file, 0), 0);
	cr_assert_eq(lseek(file, 0, SEEK_SET), 0);
	cr_assert_eq(scx_plan_save(file, in, opts), 0);
	length = pread(file, text, TEXT_MAX, 0);
	cr_assert(length > 0 && length < (ssize_t)TEXT_MAX);
	return (size_t)length;
}

static struct scx_plan_reader *reader_of(const char *at, size_t length)
{
	struct scx_plan_reader *reader = scx_plan_reader_new(
		&SCX_OPTS(scx_plan_reader_opts, .text = at, .text_size = length));

	cr_assert(reader);
	return reader;
}

static bool same_sets(const struct plan_case *c, const struct scx_plan_input *in)
{
	size_t domains = c->in.domain_count, words = (domains + 63) / 64;

	for (size_t s = 0; s < c->in.allowed_count; s++)
		for (size_t d = 0; d < domains; d++)
			if ((c->allowed[s * words + d / 64] ^ in->allowed[s * words + d / 64]) >>
				    (d % 64) &
			    1)
				return false;
	return true;
}

static bool what_was_read(const struct plan_case *c, const struct scx_plan_input *in,
			  const struct scx_plan_opts *opts, char *why, size_t size)
{
	const struct scx_plan_input *w = &c->in;

	if (w->domain_count != in->domain_count || w->task_count != in->task_count ||
	    w->allowed_count != in->allowed_count || w->node_count != in->node_count ||
	    w->now_ns != in->now_ns)
		return FALSE("other counts, or another time");
	if (memcmp(w->domains, in->domains, w->domain_count * sizeof(*w->domains)) != 0)
		return FALSE("other domains");
	if (w->task_count && memcmp(w->tasks, in->tasks, w->task_count * sizeof(*w->tasks)) != 0)
		return FALSE("other tasks");
	if (w->node_count && memcmp(w->distances, in->distances,
				    w->node_count * w->node_count * sizeof(*w->distances)) != 0)
		return FALSE("other distances");
	if (memcmp(&c->opts, opts, sizeof(*opts)) != 0)
		return FALSE("other options");
	return same_sets(c, in) || FALSE("other sets");
}

static bool comes_back(const struct plan_case *c, char *why, size_t size)
{
	struct scx_plan_input in = { .size = sizeof(in) };
	struct scx_plan_opts opts = { .size = sizeof(opts) };
	size_t length = save(&c->in, &c->opts);
	struct scx_plan_reader *reader = reader_of(text, length);
	int got = scx_plan_reader_next(reader, &in, &opts);
	bool good;

	if (got != 1)
		good = FALSE("%d: %s", got, scx_plan_reader_errmsg(reader));
	else
		good = what_was_read(c, &in, &opts, why, size);
	if (good && scx_plan_reader_next(reader, &in, &opts) != 0)
		good = FALSE("a second snapshot");
	scx_plan_reader_free(reader);
	return good;
}

Test(plan_record, what_is_written_is_read)
{
	plan_hold("comes_back", comes_back, &plan_mix_small);
}

/* Words that change more than single bytes do. */
static const char *const words[] = {
	"18446744073709551615",
	"18446744073709551616",
	"4294967295",
	"4294967296",
	"65536",
	"0",
	"1",
	"-",
	",",
	" ",
	"=",
	"\n",
	"#",
	"\0",
	"scx-snapshot 1\n",
	"end 1 0 0\n",
	"set 0-63\n",
	"domain capacity=4294967295\n",
	"task ",
	"opts work_max=1\n",
	"now 1\n",
	"distances 10\n",
	" duty=65536",
	" allowed=1",
	" flags=2",
};
#define WORDS (sizeof(words) / sizeof(words[0]))

/* Damages text[] once. Returns its new length. */
static size_t damage(size_t length, struct plan_random *r)
{
	size_t at = plan_random_in(r, 0, (uint32_t)length - 1), count;
	const char *word;

	switch (plan_random_in(r, 0, 5)) {
	case 0:
		text[at] ^= (char)(1u << plan_random_in(r, 0, 7));
		return length;
	case 1:
		text[at] = (char)plan_random_in(r, 0, 255);
		return length;
	case 2: /* A piece is lost. */
		count = plan_random_in(r, 1, 64);
		count = count < length - at ? count : length - at;
		memmove(text + at, text + at + count, length - at - count);
		length -= count;
		return length ? length : 1;
	case 3: /* A piece occurs twice. */
		count = plan_random_in(r, 1, 512);
		count = count < length - at ? count : length - at;
		if (length + count > TEXT_MAX)
			return length;
		memmove(text + at + count, text + at, length - at);
		return length + count;
	case 4: /* The end is lost. */
		return at ? at : 1;
	default:
		word = words[plan_random_in(r, 0, WORDS - 1)];
		count = *word ? strlen(word) : 1;
		if (length + count > TEXT_MAX)
			return length;
		memmove(text + at + count, text + at, length - at);
		memcpy(text + at, word, count);
		return length + count;
	}
}

static uint64_t lines(const char *at, size_t length)
{
	uint64_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += at[i] == '\n';
	return count;
}

/* An error says which line is wrong, and there is that line (or the one behind the last). */
static bool says_where(const struct scx_plan_reader *reader, int err, size_t length, char *why,
		       size_t size)
{
	const char *sentence = scx_plan_reader_errmsg(reader);
	uint64_t line;
	int end = 0;

	if (err != -EBADMSG && err != -ENOTSUP && err != -EFBIG)
		return FALSE("error %d", err);
	if (sscanf(sentence, "line %" SCNu64 ": %n", &line, &end) != 1 || !end || !sentence[end])
		return FALSE("names no line: %s", sentence);
	if (!line || line > lines(text, length) + 1)
		return FALSE("there is no such line: %s", sentence);
	return true;
}

/* What could be read can be planned, or is refused in words; and comes back when written again. */
static bool makes_sense_or_not(const struct scx_plan_input *in, struct scx_plan_opts *opts,
			       char *why, size_t size)
{
	struct scx_planner *planner = scx_planner_new(opts);
	struct scx_plan plan = { .size = sizeof(plan) };
	bool good = true;
	int err;

	if (!planner)
		return errno == EINVAL || FALSE("no planner: errno %d", errno);
	err = scx_balance(planner, in, &plan);
	if (err != 0 && err != -EINVAL && err != -E2BIG)
		good = FALSE("error %d", err);
	else if (err && !*scx_planner_errmsg(planner))
		good = FALSE("an error without words");
	for (size_t i = 0; good && !err && i < plan.move_count; i++) {
		const struct scx_plan_move *m = scx_plan_at(&plan, i);

		if (m->task >= in->task_count || m->to >= in->domain_count ||
		    in->tasks[m->task].domain != m->from || !in->domains[m->to].capacity)
			good = FALSE("move %zu makes no sense", i);
	}
	scx_planner_free(planner);
	return good;
}

static bool damage_is_harmless(const struct plan_case *c, char *why, size_t size)
{
	struct plan_random r = { c->seed ^ 0x5eed };
	size_t length = save(&c->in, &c->opts);
	struct scx_plan_input in = { .size = sizeof(in) };
	struct scx_plan_opts opts = { .size = sizeof(opts) };
	struct scx_plan_reader *reader;
	bool good = true;
	int got;

	for (uint32_t times = plan_random_in(&r, 1, 4); times; times--)
		length = damage(length, &r);
	reader = reader_of(text, length);
	while (good && (got = scx_plan_reader_next(reader, &in, &opts)) != 0) {
		if (got == 1) {
			good = makes_sense_or_not(&in, &opts, why, size);
			continue;
		}
		good = says_where(reader, got, length, why, size);
		break;
	}
	scx_plan_reader_free(reader);
	return good;
}

Test(plan_record, a_damaged_file_does_no_harm)
{
	struct plan_mix mix = plan_mix_small;

	/* Small, so that each byte counts. */
	mix.domains_max = 6;
	mix.tasks_max = 12;
	plan_hold("damage_is_harmless", damage_is_harmless, &mix);
}
