/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * libbpf without its prints.
 *
 * libbpf has one print hook for the whole process, and without one it writes to stderr. A library
 * that promises to print nothing, inside a program that may use libbpf itself and have a hook of its
 * own, needs the only state of this library, and keeps it small:
 *
 *  - while at least one thread is in here, the hook is ours; the program's is put back behind it;
 *  - a thread that is not in here prints through the program's hook all the same, so a thread needs
 *    to know whether it is: one thread-local pointer;
 *  - if the program sets a hook meanwhile, that one stays.
 */
#include "quiet.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned inside;		       /* threads; under the lock */
static libbpf_print_fn_t programs_own; /* written under the lock, read by the hook at any time */
static _Thread_local struct scxi_quiet *current;

/* Keeps the end: the verifier's last lines say what is wrong. */
static void keep(struct scxi_quiet *quiet, const char *text, size_t len)
{
	size_t room = quiet->size - 1;

	if (len >= room) {
		memcpy(quiet->log, text + len - room, room);
		quiet->len = room;
	} else {
		size_t drop = quiet->len + len > room ? quiet->len + len - room : 0;

		memmove(quiet->log, quiet->log + drop, quiet->len - drop);
		quiet->len -= drop;
		memcpy(quiet->log + quiet->len, text, len);
		quiet->len += len;
	}
	quiet->log[quiet->len] = '\0';
}

__attribute__((format(printf, 2, 0))) static int hook(enum libbpf_print_level level,
						      const char *format, va_list args)
{
	libbpf_print_fn_t own = __atomic_load_n(&programs_own, __ATOMIC_RELAXED);
	struct scxi_quiet *quiet = current;
	char *text;
	int len;

	if (!quiet)
		return own ? own(level, format, args) : 0;
	if (level != LIBBPF_WARN || !quiet->size)
		return 0;
	len = vasprintf(&text, format, args);
	if (len < 0)
		return 0; /* no memory: the number of the error has to do */
	keep(quiet, text, (size_t)len);
	free(text);
	return 0;
}

void scxi_quiet_enter(struct scxi_quiet *quiet, char *log, size_t size)
{
	*quiet = (struct scxi_quiet){ .log = log, .size = log ? size : 0, .outer = current };
	if (quiet->size)
		log[0] = '\0';
	(void)pthread_mutex_lock(&lock); /* a default mutex that no thread holds twice */
	if (!inside++) {
		libbpf_print_fn_t old = libbpf_set_print(hook);

		if (old != hook)
			__atomic_store_n(&programs_own, old, __ATOMIC_RELAXED);
	}
	current = quiet;
	(void)pthread_mutex_unlock(&lock);
}

void scxi_quiet_leave(struct scxi_quiet *quiet)
{
	(void)pthread_mutex_lock(&lock);
	current = quiet->outer;
	if (!--inside) {
		libbpf_print_fn_t now = libbpf_set_print(programs_own);

		if (now != hook)
			(void)libbpf_set_print(now);
	}
	(void)pthread_mutex_unlock(&lock);
}
