/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * libbpf without its prints. Around each call of libbpf that may print:
 *
 *	struct scxi_quiet quiet;
 *
 *	scxi_quiet_enter(&quiet, log, sizeof(log));
 *	err = bpf_object__load(object);
 *	scxi_quiet_leave(&quiet);
 *
 * Afterwards @log has the end of what libbpf wanted to warn of.
 */
#ifndef SCXI_QUIET_H
#define SCXI_QUIET_H

#include <stddef.h>

struct scxi_quiet {
	char *log;
	size_t size;
	size_t len;
	struct scxi_quiet *outer;
};

/* @log may be NULL. Calls may nest. */
void scxi_quiet_enter(struct scxi_quiet *quiet, char *log, size_t size);
void scxi_quiet_leave(struct scxi_quiet *quiet);

#endif /* SCXI_QUIET_H */
