/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Recorded snapshots: what is written, what is read, and what is said of files that are neither. SCX_FORMAT_MANUAL is
 * the manual of the format: its example is read too.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <scx/balance.h>

#include "../lib/fail_alloc.h"

#define HEAD "scx-snapshot 1\n"

static struct scx_plan_input in;
static struct scx_plan_opts opts;

static struct scx_plan_reader *open_text(const char *text)
{
	struct scx_plan_reader *reader = scx_plan_reader_new(
		&SCX_OPTS(scx_plan_reader_opts, .text = text, .text_size = strlen(text)));

	cr_assert(reader);
	in = (struct scx_plan_input){ .size = sizeof(in) };
	opts = (struct scx_plan_opts){ .size = sizeof(opts) };
	return reader;
}

/* A file in memory that holds @text, to be read from its beginning. */
static int open_file(const char *text)
{
	int fd = memfd_create("record", MFD_CLOEXEC);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* What scx_plan_save() writes. */
static const char *saved(const struct scx_plan_input *input, const struct scx_plan_opts *options)
{
	static char text[4096];
	int fd = memfd_create("record", MFD_CLOEXEC);
	ssize_t length;

	cr_assert_geq(fd, 0);
	cr_assert_eq(scx_plan_save(fd, input, options), 0);
	length = pread(fd, text, sizeof(text) - 1, 0);
	cr_assert_geq(length, 0);
	text[length] = '\0';
	close(fd);
	return text;
}

Test(plan_record, writes_text_that_a_person_can_read)
{
	const struct scx_plan_domain domains[] = {
		{ .id = 7, .capacity = 4096, .cpus = 4 },
		{ .capacity = 512, .flags = SCX_PLAN_DOMAIN_CLOSED, .node = 1 },
		{ .capacity = 512 },
	};
	const struct scx_plan_task tasks[] = {
		{ .id = 9, .weight = 100, .duty = 1, .allowed = 1 }
	};
	/* Bits of domains that there are not mean nothing. */
	const uint64_t allowed[] = { 0xf6 }, none[] = { 0 };
	const uint32_t distances[] = { 10, 21, 20, 10 };
	struct scx_plan_input input = {
		.size = sizeof(input),
		.domains = domains,
		.domain_count = 3,
		.tasks = tasks,
		.task_count = 1,
		.allowed = allowed,
		.allowed_count = 1,
		.distances = distances,
		.node_count = 2,
		.now_ns = 5,
	};
	struct scx_plan_opts options = { .size = sizeof(options), .near_ppt = SCX_PLAN_NONE };

	cr_expect_str_eq(saved(&input, &options), HEAD "opts near_ppt=4294967295\nnow 5\n"
						       "distances 10 21\ndistances 20 10\n"
						       "domain id=7 capacity=4096 cpus=4\n"
						       "domain flags=4 capacity=512 node=1\n"
						       "domain capacity=512\nset 1-2\n"
						       "task id=9 weight=100 duty=1 allowed=1\n"
						       "end 3 1 1\n");
	input = (struct scx_plan_input){ .size = sizeof(input),
					 .domains = domains,
					 .domain_count = 1,
					 .allowed = none,
					 .allowed_count = 1 };
	cr_expect_str_eq(saved(&input, NULL),
			 HEAD "opts\nnow 0\ndomain id=7 capacity=4096 cpus=4\nset\nend 1 1 0\n");
}

Test(plan_record, reads_one_snapshot_after_the_other)
{
	const char *text =
		"\n# the first\n" HEAD "domain capacity=1024\nend 1 0 0\n# the second\n\n" HEAD
		"task weight=3\nopts band_ppt=7\ndomain\ndomain id=2\nend 2 0 1\n\n";
	struct scx_plan_reader *reader = open_text(text);

	cr_assert_eq(scx_plan_reader_next(reader, &in, &opts), 1);
	cr_expect_eq(in.domain_count, 1);
	cr_expect_eq(in.domains[0].capacity, 1024);
	cr_expect_eq(in.task_count, 0);
	cr_assert_eq(scx_plan_reader_next(reader, &in, &opts), 1);
	cr_expect_eq(in.domain_count, 2);
	cr_expect_eq(in.domains[0].capacity, 0);
	cr_expect_eq(in.domains[1].id, 2);
	cr_expect_eq(in.task_count, 1);
	cr_expect_eq(in.tasks[0].weight, 3);
	cr_expect_eq(opts.band_ppt, 7);
	cr_expect_eq(scx_plan_reader_next(reader, &in, &opts), 0);
	cr_expect_str_eq(scx_plan_reader_errmsg(reader), "");
	scx_plan_reader_free(reader);
}

/* The example of the manual is what the planner says it is. */
Test(plan_record, reads_the_example_of_the_manual)
{
	static char manual[16384];
	FILE *file = fopen(SCX_FORMAT_MANUAL, "re");
	struct scx_planner *planner;
	struct scx_plan_reader *reader;
	struct scx_plan plan = { .size = sizeof(plan) };
	char *begin, *end;

	cr_assert(file);
	cr_assert_gt(fread(manual, 1, sizeof(manual) - 1, file), 0);
	fclose(file);
	begin = strstr(manual, "```\n");
	cr_assert(begin);
	end = strstr(begin + 4, "```\n");
	cr_assert(end);
	*end = '\0';
	reader = open_text(begin + 4);
	cr_assert_eq(scx_plan_reader_next(reader, &in, &opts), 1, "%s",
		     scx_plan_reader_errmsg(reader));
	cr_expect_eq(in.domain_count, 2);
	cr_expect_eq(in.task_count, 9);
	cr_expect_eq(in.allowed[0], 2);
	cr_expect_eq(in.allowed[1], 3);
	cr_expect_eq(in.distances[1], 21);
	cr_expect_eq(opts.moves_max, 8);
	planner = scx_planner_new(&opts);
	cr_assert(planner);
	cr_assert_eq(scx_balance(planner, &in, &plan), 0);
	cr_expect_gt(plan.move_count, 0);
	cr_expect_eq(plan.skipped, 0);
	scx_planner_free(planner);
	scx_plan_reader_free(reader);
}

struct damage {
	char text[160];
	char sentence[96];
	int err;
};

ParameterizedTestParameters(plan_record, names_the_line)
{
	static struct damage damages[] = {
		{ "hello\n", "line 1: not the beginning of a snapshot", -EBADMSG },
		{ "\n#\nscx-snapshot\n", "line 3: not the beginning of a snapshot", -EBADMSG },
		{ "scx-snapshot 2\n", "line 1: version 2 of the format: this is 1", -ENOTSUP },
		{ HEAD, "line 2: the file ends before the snapshot does", -EBADMSG },
		{ HEAD "domain", "line 2: ends in the middle", -EBADMSG },
		{ HEAD "domains\n", "line 2: not a line of a snapshot", -EBADMSG },
		{ HEAD "\n\ndomain size=3\n", "line 4: a name that is not known", -EBADMSG },
		{ HEAD "domain capacity=\n", "line 2: capacity is not a number that fits",
		  -EBADMSG },
		{ HEAD "domain capacity=-1\n", "line 2: capacity is not a number that fits",
		  -EBADMSG },
		{ HEAD "domain capacity=4294967296\n", "line 2: capacity is not a number that fits",
		  -EBADMSG },
		{ HEAD "domain id=18446744073709551616\n", "line 2: id is not a number that fits",
		  -EBADMSG },
		{ HEAD "task node=65536\n", "line 2: node is not a number that fits", -EBADMSG },
		{ HEAD "domain cpus=1 \n", "line 2: a name that is not known", -EBADMSG },
		{ HEAD "domain cpus=1,\n", "line 2: something else than name=value", -EBADMSG },
		{ HEAD "now\n", "line 2: not a line of a snapshot", -EBADMSG },
		{ HEAD "now 1 2\n", "line 2: not a line of a snapshot", -EBADMSG },
		{ HEAD "distances\n", "line 2: not a row of up to 1024 distances", -EBADMSG },
		{ HEAD "distances 10 x\n", "line 2: a distance is not a number that fits",
		  -EBADMSG },
		{ HEAD "distances 10 20\ndistances 10\n",
		  "line 3: 1 distances, but 2 in the first row", -EBADMSG },
		{ HEAD "domain\nset 0-1\n", "line 3: a domain that there is not", -EBADMSG },
		{ HEAD "domain\nset 0-\n", "line 3: not a list of domains", -EBADMSG },
		{ HEAD "domain\nset 0,0\n", "line 3: domains not in ascending order", -EBADMSG },
		{ HEAD "domain\nset\ndomain\n",
		  "line 4: a domain after the sets, or more than 65536", -EBADMSG },
		{ HEAD "domain\nend 1 0\n",
		  "line 3: end needs the counts of domains, sets and tasks", -EBADMSG },
		{ HEAD "domain\nend 1 0 1\n",
		  "line 3: the counts are not those of what came before", -EBADMSG },
		{ HEAD "end 0 0 0\n",
		  "line 2: no domains, or not as many rows of distances as columns", -EBADMSG },
		{ HEAD "distances 10 20\ndomain\nend 1 0 0\n",
		  "line 4: no domains, or not as many rows of distances as columns", -EBADMSG },
	};

	return cr_make_param_array(struct damage, damages, sizeof(damages) / sizeof(damages[0]));
}

ParameterizedTest(struct damage *damage, plan_record, names_the_line)
{
	struct scx_plan_reader *reader = open_text(damage->text);
	int fd = open_file(damage->text);

	for (int i = 0; i < 2; i++) {
		cr_expect_eq(scx_plan_reader_next(reader, &in, &opts), damage->err);
		cr_expect_str_eq(scx_plan_reader_errmsg(reader), damage->sentence);
		/* An error stays. */
		cr_expect_eq(scx_plan_reader_next(reader, &in, &opts), damage->err);
		scx_plan_reader_free(reader);
		reader = scx_plan_reader_new(&SCX_OPTS(scx_plan_reader_opts, .fd = fd));
		cr_assert(reader);
	}
	scx_plan_reader_free(reader);
	close(fd);
}

Test(plan_record, refuses_a_line_without_end)
{
	int fd = open_file(HEAD);
	struct scx_plan_reader *reader =
		scx_plan_reader_new(&SCX_OPTS(scx_plan_reader_opts, .fd = fd));

	cr_assert(reader);
	/* A hole of zeroes: it takes no memory, and must not make us take some. */
	cr_assert_eq(ftruncate(fd, 1 << 30), 0);
	in.size = sizeof(in);
	cr_expect_eq(scx_plan_reader_next(reader, &in, NULL), -EBADMSG);
	cr_expect_str_eq(scx_plan_reader_errmsg(reader), "line 2: longer than 524288 bytes");
	scx_plan_reader_free(reader);
	close(fd);
}

Test(plan_record, keeps_to_the_memory_it_may_take)
{
	const char *text = HEAD "domain\ndomain\ndomain\nend 3 0 0\n";
	struct scx_plan_reader_opts ro = { .size = sizeof(ro),
					   .text = text,
					   .text_size = strlen(text) };
	struct scx_plan_reader *reader;

	in = (struct scx_plan_input){ .size = sizeof(in) };
	ro.bytes_max = 3 * sizeof(struct scx_plan_domain);
	reader = scx_plan_reader_new(&ro);
	cr_expect_eq(scx_plan_reader_next(reader, &in, NULL), 1);
	scx_plan_reader_free(reader);
	ro.bytes_max--;
	reader = scx_plan_reader_new(&ro);
	cr_expect_eq(scx_plan_reader_next(reader, &in, NULL), -EFBIG);
	cr_expect_str_eq(scx_plan_reader_errmsg(reader),
			 "line 4: more than 143 bytes: raise bytes_max");
	scx_plan_reader_free(reader);
}

Test(plan_record, reads_from_a_pipe_in_pieces)
{
	const char *text = HEAD "domain capacity=1024\nend 1 0 0\n";
	struct scx_plan_reader *reader;
	int ends[2];

	/* In packets, so that each read gets one byte. */
	cr_assert_eq(pipe2(ends, O_CLOEXEC | O_DIRECT), 0);
	/* A packet takes a page, however small it is. */
	cr_assert_geq(fcntl(ends[1], F_SETPIPE_SZ, (int)(strlen(text) * 4096)), 0);
	for (const char *at = text; *at; at++)
		cr_assert_eq(write(ends[1], at, 1), 1);
	close(ends[1]);
	reader = scx_plan_reader_new(&SCX_OPTS(scx_plan_reader_opts, .fd = ends[0]));
	in = (struct scx_plan_input){ .size = sizeof(in) };
	cr_expect_eq(scx_plan_reader_next(reader, &in, NULL), 1);
	cr_expect_eq(in.domains[0].capacity, 1024);
	cr_expect_eq(scx_plan_reader_next(reader, &in, NULL), 0);
	scx_plan_reader_free(reader);
	close(ends[0]);
}

Test(plan_record, passes_on_what_the_system_says)
{
	const struct scx_plan_domain domain = { .capacity = 1 };
	struct scx_plan_input input = { .size = sizeof(input),
					.domains = &domain,
					.domain_count = 1 };
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct scx_plan_reader *reader;

	cr_assert_geq(fd, 0);
	cr_expect_eq(scx_plan_save(fd, &input, NULL), -ENOSPC);
	close(fd);
	cr_expect_eq(scx_plan_save(-1, &input, NULL), -EBADF);
	input.domain_count = 0;
	cr_expect_eq(scx_plan_save(-1, &input, NULL), -EINVAL);
	reader = scx_plan_reader_new(&SCX_OPTS(scx_plan_reader_opts, .fd = -1));
	in = (struct scx_plan_input){ .size = sizeof(in) };
	cr_expect_eq(scx_plan_reader_next(reader, &in, NULL), -EBADF);
	cr_expect_str_eq(scx_plan_reader_errmsg(reader),
			 "line 1: cannot be read: Bad file descriptor");
	scx_plan_reader_free(reader);
}

Test(plan_record, refuses_options_it_cannot_understand)
{
	struct {
		struct scx_plan_reader_opts known;
		uint64_t later;
	} wide = { .known = { .size = sizeof(wide) }, .later = 1 };
	char sentence[96] = "";

	errno = 0;
	cr_expect_null(scx_plan_reader_new(NULL));
	cr_expect_eq(errno, EINVAL);
	wide.known.errbuf = sentence;
	wide.known.errbuf_size = sizeof(sentence);
	cr_expect_null(scx_plan_reader_new(&wide.known));
	cr_expect_eq(errno, E2BIG);
	cr_expect_neq(sentence[0], '\0');
	scx_plan_reader_free(NULL);
}

Test(plan_record, survives_every_failing_allocation)
{
	const char *text = HEAD "distances 10\ndomain\nset 0\ntask\nend 1 1 1\n";
	int fd = open_file(text);
	bool happened = true;

	for (unsigned nth = 1; happened; nth++) {
		struct scx_plan_reader *reader;
		int got = -ENOMEM;
		long live = fail_alloc_live();

		cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
		in = (struct scx_plan_input){ .size = sizeof(in) };
		fail_alloc_at(nth);
		reader = scx_plan_reader_new(&SCX_OPTS(scx_plan_reader_opts, .fd = fd));
		if (reader)
			got = scx_plan_reader_next(reader, &in, NULL);
		happened = fail_alloc_happened();
		fail_alloc_at(0);
		cr_expect_eq(got, happened ? -ENOMEM : 1, "allocation %u: %d", nth, got);
		scx_plan_reader_free(reader);
		cr_expect_eq(fail_alloc_live(), live, "allocation %u: memory lost", nth);
		/* Reader, buffer, and four arrays at least. */
		cr_expect(happened || nth > 6);
	}
	close(fd);
}
