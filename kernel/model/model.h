/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* A model as libscx and its users see it: a machine behind libscx's door to a kernel. */
#ifndef SCXM_MODEL_H
#define SCXM_MODEL_H

#include "backend.h"
#include "scxm.h"

struct scxm_session;

struct scx_model {
	struct scx_backend backend;
	struct scxm *m;
	char *synthetic;
	struct scxm_session *session; /* at most one */
	uint64_t alarm_ns;	      /* 0: none */
};

extern const struct scxi_backend_ops scxm_backend_ops;

/* The schedulers that the library carries: the shared object, or NULL. */
const void *scxm_bundled(const char *name, size_t *ret_bytes);

#endif
