/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * The exit report: what the programs say when a scheduler has ended, and the status that they exit
 * with. Knows the installed headers only.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <scx/scx.h>

/*
 * Exit statuses of the programs. They lie where few commands have theirs, and below 124, since what
 * scx-run passes on is a command's own.
 */
enum report_status {
	REPORT_DETACHED = 0,	   /* detached as asked, and nothing was wrong */
	REPORT_FAILED = 110,	   /* the program could not go on: memory, descriptors, ... */
	REPORT_USAGE = 111,	   /* wrong arguments; nothing was done */
	REPORT_NOT_ATTACHED = 112, /* the scheduler could not be opened, loaded or attached */
	REPORT_ENDED = 113,	   /* someone else ended it: a person, the kernel, itself */
	REPORT_ERROR = 114,	   /* the kernel ended it for an error of its own */
	REPORT_STALL = 115,	   /* the watchdog ended it: a task waited too long */
};

/**
 * report_exit_status - the status to exit with
 * @end:   of scx_end(); NULL: there is no report, or it is still attached
 * @asked: the program was asked to detach, and did so
 *
 * An error counts also when it happens while we detach.
 *
 * Returns enum report_status.
 */
int report_exit_status(const struct scx_end *end, bool asked);

/**
 * report_attach_status - the status to exit with after scx_load() or scx_attach() failed
 * @scx: the scheduler
 *
 * Returns REPORT_ERROR, REPORT_STALL or REPORT_ENDED if the kernel ended it while it was enabled,
 * REPORT_NOT_ATTACHED otherwise.
 */
int report_attach_status(const struct scx *scx);

/**
 * report_end - print how a run ended
 * @out:   where to
 * @scx:   ended or detached
 * @asked: as in report_exit_status()
 *
 * The dump comes first, so that the summary is what one sees last. Nothing is printed if the
 * scheduler was never attached. What would change a terminal (names of tasks and messages are
 * other people's) comes out as '?'.
 */
void report_end(FILE *out, const struct scx *scx, bool asked);

/**
 * report_text - print a stranger's text
 * @out:   where to
 * @text:  bytes that may hold anything
 * @bytes: how many
 *
 * As it is, but for control characters that are neither a line's end nor a tab.
 */
void report_text(FILE *out, const char *text, size_t bytes);

#endif /* REPORT_H */
