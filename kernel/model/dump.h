/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* The debug dump that goes with the end of a scheduler by an error. */
#ifndef SCXM_DUMP_H
#define SCXM_DUMP_H

#include "scxm.h"

void scxm_dump(struct scxm *m);
/* What scx_bpf_dump_bstr() adds, at the end of the line that is begun. */
void scxm_dump_text(struct scxm *m, const char *text);

#endif
