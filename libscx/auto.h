/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Temporaries that free themselves when their scope ends (the cleanup attribute). They must be
 * initialised where they are declared.
 */
#ifndef SCXI_AUTO_H
#define SCXI_AUTO_H

#include <stdlib.h>
#include <unistd.h>

static inline void scxi_auto_free_p(void *p)
{
	free(*(void **)p);
}

static inline void scxi_auto_close_p(const int *fd)
{
	/* Only descriptors that were read from: nothing to report. */
	if (*fd >= 0)
		(void)close(*fd);
}

#define scxi_auto_free __attribute__((cleanup(scxi_auto_free_p)))
#define scxi_auto_close __attribute__((cleanup(scxi_auto_close_p)))

#endif /* SCXI_AUTO_H */
