/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
#include <scx/scx.h>

#include <bpf/libbpf.h>
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <scx/domain.h>
#include <scx/tunable.h>

#include "../lib/fail_alloc.h"
#include "../lib/fake_backend.h"

/* Open descriptors of this process, and how many of them an exec would inherit. */
static unsigned count_fds(unsigned *ret_inherited)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	unsigned nr = 0;

	cr_assert_not_null(dir);
	*ret_inherited = 0;
	while ((entry = readdir(dir))) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || fd == dirfd(dir))
			continue;
		nr++;
		*ret_inherited += !(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	}
	closedir(dir);
	return nr;
}

static struct scx *open_with_words(const char *scheduler, const struct scx_open_opts *base,
				   char *words, size_t size)
{
	struct scx_open_opts opts = *base;

	opts.size = sizeof(opts);
	opts.errbuf = words;
	opts.errbuf_size = size;
	words[0] = '\0';
	errno = 0;
	return scx_open(scheduler, &opts);
}

static void expect_refusal(const char *scheduler, const struct scx_open_opts *opts, int error,
			   const char *word)
{
	char words[1024];

	cr_assert_null(open_with_words(scheduler, opts, words, sizeof(words)));
	cr_assert_eq(errno, error, "errno %d, not %d: %s", errno, error, words);
	cr_assert_not_null(strstr(words, word), "\"%s\" is not in \"%s\"", word, words);
}

Test(open, refuses_what_is_wrong_in_words)
{
	static const char bytes[] = "no object";

	expect_refusal(NULL, &(struct scx_open_opts){ 0 }, EINVAL, "one scheduler");
	expect_refusal("simple", &(struct scx_open_opts){ .object = bytes, .object_bytes = 9 },
		       EINVAL, "one scheduler");
	expect_refusal("nosuch", &(struct scx_open_opts){ 0 }, ENOENT, "simple");
	expect_refusal("/nonexistent/x.o", &(struct scx_open_opts){ 0 }, ENOENT, "/nonexistent");
	expect_refusal("simple", &(struct scx_open_opts){ .partial = 2 }, EINVAL, "partial");
	expect_refusal("simple", &(struct scx_open_opts){ .restart = 3 }, EINVAL, "restart");
	expect_refusal("simple", &(struct scx_open_opts){ .timeout_ms = 30001 }, EINVAL, "30000");
	expect_refusal(NULL, &(struct scx_open_opts){ .object = bytes }, EINVAL, "no bytes");
	expect_refusal(NULL, &(struct scx_open_opts){ .object = bytes, .object_bytes = 9 }, EINVAL,
		       "BPF object");
	expect_refusal("/dev/null", &(struct scx_open_opts){ 0 }, EINVAL, "/dev/null");
}

Test(open, refuses_an_option_that_it_does_not_know)
{
	char words[128] = "";
	struct {
		struct scx_open_opts known;
		uint64_t unknown;
	} opts = { .known = { .size = sizeof(opts), .errbuf = words, .errbuf_size = 128 } };
	struct scx *s = scx_open("simple", &opts.known);

	cr_assert_not_null(s, "zero is the default: %s", words);
	scx_close(s);
	opts.unknown = 1;
	cr_assert_null(scx_open("simple", &opts.known));
	cr_assert_eq(errno, E2BIG);
	cr_assert_neq(words[0], '\0');
	opts.known.size = 4;
	cr_assert_null(scx_open("simple", &opts.known));
	cr_assert_eq(errno, EINVAL);
}

Test(open, refuses_with_a_short_or_no_buffer_for_words)
{
	char words[4];

	cr_assert_null(scx_open("nosuch", NULL));
	cr_assert_eq(errno, ENOENT);
	cr_assert_null(open_with_words("nosuch", &(struct scx_open_opts){ 0 }, words, 4));
	cr_assert_eq(strnlen(words, sizeof(words)), 3);
}

Test(open, knows_every_bundled_scheduler)
{
	const char *name;
	unsigned nr = 0;

	while ((name = scx_bundled(nr))) {
		struct scx *s = scx_open(name, NULL);

		cr_assert_not_null(s, "%s", name);
		cr_assert_str_eq(scx_name(s), name);
		cr_assert_eq(scx_state(s), SCX_STATE_OPENED);
		scx_close(s);
		nr++;
	}
	cr_assert_geq(nr, 2);
}

Test(open, needs_no_inherited_descriptor)
{
	unsigned inherited, more, before = count_fds(&inherited);
	struct scx *s = scx_open("atropos", NULL);

	cr_assert_not_null(s);
	cr_assert_gt(count_fds(&more), before);
	cr_assert_eq(more, inherited, "an exec would inherit %u", more - inherited);
	scx_close(s);
	cr_assert_eq(count_fds(&more), before);
}

Test(open, says_when_descriptors_run_out)
{
	struct rlimit old, none;
	char words[256];
	unsigned inherited, before = count_fds(&inherited);
	int probe = open("/dev/null", O_RDONLY | O_CLOEXEC), room = 0;
	struct scx *s = NULL;

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	close(probe);
	/* One more at a time, until it is enough. */
	for (none = old; !s && room < 64; room++) {
		none.rlim_cur = (rlim_t)(probe + room);
		cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
		s = open_with_words("simple", &(struct scx_open_opts){ 0 }, words, sizeof(words));
		cr_assert(s || errno == EMFILE, "errno %d: %s", errno, words);
		cr_assert(s || words[0]);
	}
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	cr_assert_not_null(s);
	cr_assert_gt(room, 1);
	scx_close(s);
	cr_assert_eq(count_fds(&inherited), before);
}

static long resident_pages(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long size = 0, resident = 0;

	cr_assert_not_null(file);
	cr_assert_eq(fscanf(file, "%ld %ld", &size, &resident), 2);
	fclose(file);
	return resident;
}

static void open_and_close(const char *name)
{
	struct scx *s = scx_open(name, NULL);

	cr_assert_not_null(s);
	cr_assert_eq(scx_tunable_set(s, "slice_us", "5000"), 0);
	scx_close(s);
}

Test(open, a_thousand_times_leaves_descriptors_and_memory_as_before, .timeout = 300)
{
	unsigned before, inherited;
	long live, pages;

	for (int i = 0; i < 20; i++)
		open_and_close("atropos");
	before = count_fds(&inherited);
	live = fail_alloc_live();
	pages = resident_pages();
	for (int i = 0; i < 1000; i++)
		open_and_close(i & 1 ? "atropos" : "simple");
	cr_assert_eq(count_fds(&inherited), before);
	cr_assert_eq(fail_alloc_live(), live);
	/* One leaked object would be a thousand times some pages; sanitizers keep what was freed. */
#ifndef __SANITIZE_ADDRESS__
#if !defined(__has_feature)
	cr_assert_lt(resident_pages(), pages + 500, "%ld pages", resident_pages() - pages);
#endif
#endif
	(void)pages;
}

Test(open, attach_and_close_a_thousand_times_leave_nothing)
{
	long live = fail_alloc_live();
	unsigned inherited, before = count_fds(&inherited);

	for (int i = 0; i < 1000; i++) {
		struct fake fake;
		struct scx *s;

		fake_init(&fake);
		s = scx_open("any", &SCX_OPTS(scx_open_opts, .backend = &fake.backend));
		cr_assert_eq(scx_domain_set_list(s, 0, "0-3"), 0);
		cr_assert_eq(scx_attach(s), 0);
		scx_close(s);
		cr_assert_eq(fake.sessions, 0);
	}
	cr_assert_eq(fail_alloc_live(), live);
	cr_assert_eq(count_fds(&inherited), before);
}

static unsigned prints;

static int own_hook(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	prints++;
	return 0;
}

Test(quiet, the_program_s_own_hook_stays_and_hears_nothing_of_us)
{
	static const char garbage[64] = "\x7f"
					"ELF is what it begins with";
	(void)libbpf_set_print(own_hook);
	expect_refusal(NULL, &(struct scx_open_opts){ .object = garbage, .object_bytes = 64 },
		       EINVAL, "BPF object");
	cr_assert_eq(prints, 0);
	/* It hears what the program itself does wrong. */
	cr_assert_null(bpf_object__open_mem(garbage, sizeof(garbage), NULL));
	cr_assert_gt(prints, 0);
	cr_assert_eq(libbpf_set_print(NULL), own_hook);
}

Test(quiet, nothing_is_printed)
{
	static const char garbage[64] = "\x7f"
					"ELF is what it begins with";
	char text[256];
	int pipes[2], saved = dup(2);
	struct scx *s;

	cr_assert_eq(pipe2(pipes, O_NONBLOCK | O_CLOEXEC), 0);
	cr_assert_eq(dup2(pipes[1], 2), 2);
	(void)scx_open(NULL, &SCX_OPTS(scx_open_opts, .object = garbage, .object_bytes = 64));
	(void)scx_open("/nonexistent/x.o", NULL);
	s = scx_open("simple", NULL);
	(void)scx_attach(s); /* whether it can or not */
	scx_close(s);
	cr_assert_eq(dup2(saved, 2), 2);
	cr_assert_lt(read(pipes[0], text, sizeof(text)), 0);
	cr_assert_eq(errno, EAGAIN);
}

Test(fork, a_child_closes_its_copy_and_the_parent_s_scheduler_goes_on)
{
	struct fake fake;
	struct scx *s;
	pid_t child;
	int status;

	fake_init(&fake);
	s = scx_open("any", &SCX_OPTS(scx_open_opts, .backend = &fake.backend));
	cr_assert_eq(scx_attach(s), 0);
	child = fork();
	if (!child) {
		bool kept = scx_detach(s) == -ECHILD && strstr(scx_errmsg(s), "parent") &&
			    !fake.detaches;

		scx_close(s);
		_exit(kept && fake.inherited_closes == 1 ? 0 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
	cr_assert_eq(scx_detach(s), 0);
	scx_close(s);
	cr_assert_eq(fake.inherited_closes, 0);
}

Test(fork, a_child_may_open_handles_of_its_own)
{
	struct scx *s = scx_open("simple", NULL);
	pid_t child = fork();
	int status;

	if (!child) {
		struct scx *own = scx_open("atropos", NULL);

		scx_close(s);
		_exit(own && scx_alarm_set(own, 1) == 0 ? 0 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
	cr_assert_eq(scx_alarm_set(s, 1), 0);
	scx_close(s);
}

/* Handles of their own, and the one thing that they share: libbpf's print hook. */
static void *one_thread(void *arg)
{
	const char **ret_wrong = arg;
	struct fake fake;

	for (int i = 0; i < 30; i++) {
		struct scx *s;

		fake_init(&fake);
		s = scx_open("any", &SCX_OPTS(scx_open_opts, .backend = &fake.backend,
					      .restart = SCX_RESTART_ERRORS));
		if (scx_attach(s))
			*ret_wrong = "attach";
		fake_end(&fake, SCX_END_ERROR, 0, "");
		if (scx_process(s) || scx_process(s) || scx_restarts(s) != 1)
			*ret_wrong = "restart";
		scx_close(s);
		s = scx_open(i & 1 ? "atropos" : "simple", NULL);
		if (!s || scx_tunable_set(s, "slice_us", "5000"))
			*ret_wrong = "open";
		scx_close(s);
		if (scx_open("/dev/null", NULL))
			*ret_wrong = "no refusal";
	}
	return NULL;
}

Test(threads, each_may_have_its_own_handle)
{
	const char *wrong[4] = { NULL };
	pthread_t threads[4];

	(void)libbpf_set_print(own_hook);
	for (int i = 0; i < 4; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, one_thread, &wrong[i]), 0);
	for (int i = 0; i < 4; i++) {
		cr_assert_eq(pthread_join(threads[i], NULL), 0);
		cr_assert_null(wrong[i], "%s", wrong[i]);
	}
	cr_assert_eq(libbpf_set_print(NULL), own_hook);
	cr_assert_eq(prints, 0);
}
