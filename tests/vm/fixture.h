/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * What the C tests on real kernels share: a way to fail, to wait, to look at the kernel, and to hold
 * a scheduler. Nothing here waits for a length of time: what is expected comes, or the runner's time
 * limit does.
 */
#ifndef TESTS_VM_FIXTURE_H
#define TESTS_VM_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <scx/scx.h>

/* Says why the test fails, and ends it. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says what comes next: when time runs out, that is what did not end. */
void step(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define expect(condition, ...)                                                                     \
	do {                                                                                       \
		if (!(condition))                                                                  \
			die(__VA_ARGS__);                                                          \
	} while (0)

/* The call of libscx must succeed; its own sentence says why it did not. */
#define must(scx, call)                                                                            \
	do {                                                                                       \
		if ((call) < 0)                                                                    \
			die("%s: %s", #call, scx_errmsg(scx));                                     \
	} while (0)

/*
 * Puts the caller above every task that the scheduler under test governs, so that what it sees is not
 * delayed by it. Its children are normal tasks.
 */
void stand_above(void);

/* Lets others run, and looks again a little later. */
void breathe(void);

/* Waits for a condition. */
#define await(condition)                                                                           \
	do {                                                                                       \
		while (!(condition))                                                               \
			breathe();                                                                 \
	} while (0)

/* The first line of a small file, "" if it cannot be read; text that is written to one. */
void read_line(const char *path, char *text, size_t size);
void write_line(const char *path, const char *text);

bool kernel_says(const char *state);
unsigned enable_seq(void);

struct scx *open_scheduler(const char *name, const struct scx_open_opts *opts);
void attach(struct scx *scx);

/* atropos whose domain d has the d-th of @lists ("0-3;4-7"), with tunables "name=value name=value". */
struct scx *attach_atropos(const char *lists, const char *tunables);

/* Replaces all domains by @lists. */
void set_domains(struct scx *scx, const char *lists);

/* It is still the one that was attached, and was so all the time. */
void expect_attached(struct scx *scx);

/* The same; then detaches and closes it. */
void finish(struct scx *scx);

#endif
